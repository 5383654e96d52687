import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { ec2, type Operation } from '../aws/operation';
import { Change } from '../components/change';
import { Confirm, deleting } from '../components/confirm';
import { ChoiceField, isPorts, TextField } from '../components/fields';
import type { Resource } from '../components/resource';
import { RowButton, SimpleTable } from '../components/simple-table';
import { Ref } from '../components/status';
import { cidrError, isCidr } from '../data/cidr';
import { useKind } from '../data/lab';
import type { GroupRule, Scope, SecurityGroup } from '../data/types';
import { VpcField } from './choices';

const PROTOCOLS = [
  { value: 'tcp', label: 'TCP' }, { value: 'udp', label: 'UDP' }, { value: 'icmp', label: 'ICMP (all)' }, { value: '-1', label: 'All traffic' },
];

export const ports = ({ IpProtocol, FromPort, ToPort }: Pick<GroupRule, 'IpProtocol' | 'FromPort' | 'ToPort'>) =>
  IpProtocol === '-1' || FromPort === null ? 'All' : FromPort === ToPort ? String(FromPort) : `${FromPort}-${ToPort}`;
const peer = ({ Peer }: GroupRule) => Peer.CidrIpv4 ?? Peer.CidrIpv6 ?? <Ref id={Peer.ReferencedGroupId} />;

/** The operation that lets something in or out. */
export function authorize(scope: Scope, groupId: string, egress: boolean, rule: { protocol: string; ports: string; cidr?: string; group?: string; description?: string }): Operation {
  const [from, to = from] = rule.protocol === 'icmp' ? ['-1', '-1'] : rule.ports.split('-');
  const ranged = rule.protocol !== '-1';
  const permission: Record<string, unknown> = { IpProtocol: rule.protocol, ...(ranged && { FromPort: Number(from), ToPort: Number(to) }) };
  const described = rule.description ? { Description: rule.description } : {};
  if (rule.cidr) permission.IpRanges = [{ CidrIp: rule.cidr, ...described }];
  if (rule.group) permission.UserIdGroupPairs = [{ GroupId: rule.group, ...described }];
  const prefix = 'IpPermissions.1.';
  const params: Record<string, string> = { GroupId: groupId, [prefix + 'IpProtocol']: rule.protocol };
  if (ranged) { params[prefix + 'FromPort'] = String(from); params[prefix + 'ToPort'] = String(to); }
  const side = rule.cidr ? 'IpRanges.1.' : 'Groups.1.';
  params[prefix + side + (rule.cidr ? 'CidrIp' : 'GroupId')] = rule.cidr ?? rule.group ?? '';
  if (rule.description) params[prefix + side + 'Description'] = rule.description;
  const direction = egress ? 'Egress' : 'Ingress';
  return ec2(scope, `AuthorizeSecurityGroup${direction}`, params,
    [`authorize-security-group-${direction.toLowerCase()}`, '--group-id', groupId, '--ip-permissions', JSON.stringify([permission])]);
}

function AddRule({ group, egress, close }: { group: SecurityGroup; egress: boolean; close: () => void }) {
  const [protocol, setProtocol] = useState('tcp');
  const [range, setRange] = useState('443');
  const [kind, setKind] = useState('group');
  const [cidr, setCidr] = useState('');
  const [other, setOther] = useState('');
  const [description, setDescription] = useState('');
  const groups = useKind('security_groups').items.filter((one) => one.VpcId === group.VpcId);
  const ranged = protocol === 'tcp' || protocol === 'udp';
  const whole = (!ranged || isPorts(range)) && (kind === 'cidr' ? isCidr(cidr) : other !== '');
  const operations = whole ? [authorize(group, group.GroupId, egress, { protocol, ports: range, description, ...(kind === 'cidr' ? { cidr } : { group: other }) })] : [];
  const side = egress ? 'Destination' : 'Source';
  return (
    <Change title={`Add an ${egress ? 'outbound' : 'inbound'} rule to ${group.GroupId}`} submit="Add rule" done="The rule is added." operations={operations} close={close}>
      <ChoiceField label="Protocol" value={protocol} set={setProtocol} choices={PROTOCOLS} />
      {ranged && <TextField label="Port range" value={range} set={setRange} placeholder="443" error={isPorts(range) ? undefined : 'A port, or two such as 8000-8080'} />}
      <ChoiceField label={`${side} type`} value={kind} set={setKind} choices={[{ value: 'group', label: 'Security group' }, { value: 'cidr', label: 'CIDR block' }]} />
      {kind === 'cidr' ? <TextField label={side} value={cidr} set={setCidr} placeholder="10.0.0.0/16" error={cidrError(cidr)} />
        : <ChoiceField label={side} value={other} set={setOther} choices={groups.map((one) => ({ value: one.GroupId, label: `${one.GroupId} (${one.GroupName})` }))} />}
      <TextField label="Description" value={description} set={setDescription} />
    </Change>
  );
}

export function RulesTable({ group, egress }: { group: SecurityGroup; egress: boolean }) {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<GroupRule>();
  const direction = egress ? 'Egress' : 'Ingress';
  const columns = [
    { header: 'Rule ID', cell: (rule: GroupRule) => rule.SecurityGroupRuleId, width: 215 },
    { header: 'Protocol', cell: (rule: GroupRule) => (rule.IpProtocol === '-1' ? 'All' : rule.IpProtocol.toUpperCase()) },
    { header: 'Ports', cell: (rule: GroupRule) => ports(rule) },
    { header: egress ? 'Destination' : 'Source', cell: peer, width: 130 },
    { header: 'Description', cell: (rule: GroupRule) => rule.Description ?? '–' },
    { header: '', cell: (rule: GroupRule) => <RowButton text="Delete" label={`the rule ${rule.SecurityGroupRuleId}`} onClick={() => setRemoving(rule)} /> },
  ];
  return (
    <>
      <SimpleTable title={egress ? 'Outbound rules' : 'Inbound rules'} items={group.Rules.filter((rule) => rule.IsEgress === egress)} columns={columns}
        empty={egress ? 'Nothing may go out' : 'Nothing may come in'} actions={<Button onClick={() => setAdding(true)}>Add rule</Button>} />
      {adding && <AddRule group={group} egress={egress} close={() => setAdding(false)} />}
      {removing && (
        <Confirm title="Delete rule" submit="Delete" close={() => setRemoving(undefined)} done="The rule is deleted."
          about={`${group.GroupId} will no longer let ${removing.IpProtocol === '-1' ? 'this traffic' : `${removing.IpProtocol} ${ports(removing)}`} ${egress ? 'out' : 'in'}.`}
          operations={[ec2(group, `RevokeSecurityGroup${direction}`, { GroupId: group.GroupId, 'SecurityGroupRuleId.1': removing.SecurityGroupRuleId },
            [`revoke-security-group-${direction.toLowerCase()}`, '--group-id', group.GroupId, '--security-group-rule-ids', removing.SecurityGroupRuleId])]} />
      )}
    </>
  );
}

/** The characters that AWS takes in names and descriptions of groups. */
const WORDS = /^[a-zA-Z0-9 ._:/()#,@[\]+=&;{}!$*-]*$/;
const wordsError = (text: string) => (text.length > 255 ? 'At most 255 characters' : WORDS.test(text) ? undefined : 'Letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*');

function Create({ close }: { close: () => void }) {
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const vpc = useKind('vpcs').items.find((one) => one.VpcId === id);
  const nameError = wordsError(name) ?? (name.startsWith('sg-') ? 'A name does not begin with sg-' : undefined);
  const descriptionError = wordsError(description);
  const operations = vpc && name !== '' && description !== '' && !nameError && !descriptionError ? [ec2(vpc, 'CreateSecurityGroup', { VpcId: id, GroupName: name, GroupDescription: description },
    ['create-security-group', '--vpc-id', id, '--group-name', name, '--description', description])] : [];
  return (
    <Change title="Create a security group" submit="Create security group" done={`The security group ${name} is there. Nothing may come in yet.`} operations={operations} close={close}>
      <VpcField value={id} set={setId} />
      <TextField label="Name" value={name} set={setName} error={nameError} />
      <TextField label="Description" value={description} set={setDescription} error={descriptionError} />
    </Change>
  );
}

function Users({ item }: { item: SecurityGroup }) {
  const users = useKind('network_interfaces').items.filter((one) => one.GroupIds.includes(item.GroupId));
  return <SimpleTable title="Network interfaces" items={users} empty="No interface has this group" columns={[
    { header: 'Interface', cell: (one) => <Ref id={one.NetworkInterfaceId} /> }, { header: 'Address', cell: (one) => one.PrivateIpAddress },
    { header: 'Belongs to', cell: (one) => <Ref id={one.UsedBy} /> },
  ]} />;
}

export const securityGroups: Resource<'security_groups'> = {
  kind: 'security_groups', path: ['vpc', 'security-groups'], title: 'Security groups', one: 'security group',
  about: 'Every VPC has a default security group.',
  id: (group) => group.GroupId,
  name: (group) => group.GroupName,
  create: { text: 'Create security group', dialog: Create },
  columns: [
    { id: 'vpc', header: 'VPC', cell: (group) => <Ref id={group.VpcId} />, sort: (group) => group.VpcId, width: 210 },
    { id: 'in', header: 'Inbound', cell: (group) => group.Rules.filter((rule) => !rule.IsEgress).length, width: 80 },
    { id: 'out', header: 'Outbound', cell: (group) => group.Rules.filter((rule) => rule.IsEgress).length, width: 80 },
    { id: 'description', header: 'Description', cell: (group) => group.Description },
  ],
  overview: (group) => [
    ['Security group ID', group.GroupId], ['Name', group.GroupName], ['VPC', <Ref id={group.VpcId} />], ['Description', group.Description],
  ],
  tabs: [
    { id: 'inbound', label: 'Inbound rules', content: ({ item }) => <RulesTable group={item} egress={false} /> },
    { id: 'outbound', label: 'Outbound rules', content: ({ item }) => <RulesTable group={item} egress /> },
    { id: 'interfaces', label: 'Network interfaces', content: Users },
  ],
  actions: [deleting('Delete security group', (group) => group.GroupId, 'No interface may have it, and no rule of another group may name it.',
    (group) => ec2(group, 'DeleteSecurityGroup', { GroupId: group.GroupId }, ['delete-security-group', '--group-id', group.GroupId]), (group) => group.GroupName !== 'default')],
};
