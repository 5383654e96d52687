import Checkbox from '@cloudscape-design/components/checkbox';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import FormField from '@cloudscape-design/components/form-field';
import { useState } from 'react';
import { items, useAnswer } from '../aws/answer';
import { ec2, named, numbered, type Operation } from '../aws/operation';
import { Change } from '../components/change';
import { Code, pretty } from '../components/code';
import { Confirm, deleting } from '../components/confirm';
import { ChoiceField, ChoicesField, TextField } from '../components/fields';
import { PolicyEditor, usePolicyCheck } from '../components/policy-editor';
import type { Resource } from '../components/resource';
import { SimpleTable } from '../components/simple-table';
import { OnOff, Ref, Refs, State, Time } from '../components/status';
import { useKind } from '../data/lab';
import type { VpcEndpoint } from '../data/types';
import { GroupsField, useSubnetChoices, VpcField } from './choices';
import { RulesTable } from './security-groups';

/** `com.amazonaws.us-west-2.ecr.api` is `ecr.api`. */
export const serviceOf = (name: string) => name.split('.').slice(3).join('.');

/** The policy that an endpoint has where none is given. */
const FULL = pretty('{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}');

function Create({ close }: { close: () => void }) {
  const vpcs = useKind('vpcs').items;
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [short, setShort] = useState('execute-api');
  const [subnets, setSubnets] = useState<string[]>([]);
  const [groups, setGroups] = useState<string[]>([]);
  const [privateDns, setPrivateDns] = useState(true);
  const [access, setAccess] = useState('full');
  const [policy, setPolicy] = useState(FULL);
  const checked = usePolicyCheck('endpoint', policy);
  const vpc = vpcs.find((one) => one.VpcId === id);
  const choices = useSubnetChoices(id);
  const all = useKind('subnets').items;
  const zones = subnets.map((subnet) => all.find((one) => one.SubnetId === subnet)?.AvailabilityZone);
  const subnetsError = new Set(zones).size < zones.length ? 'At most one subnet in each Availability Zone' : undefined;
  const dnsError = privateDns && vpc && !(vpc.EnableDnsSupport && vpc.EnableDnsHostnames) ? 'The VPC has to have DNS resolution and DNS hostnames enabled.' : undefined;
  // What the region has; the rest of a name is the same for all of them.
  const services = useAnswer(vpc && ec2(vpc, 'DescribeVpcEndpointServices', {}, ['describe-vpc-endpoint-services']));
  const service = `com.amazonaws.${vpc?.Region ?? 'REGION'}.${short}`;
  const custom = access === 'custom';
  const tags = named('vpc-endpoint', name);
  const whole = subnets.length > 0 && !subnetsError && (!custom || checked?.ok);
  const operations: Operation[] = vpc && whole ? [ec2(vpc, 'CreateVpcEndpoint', {
    VpcId: id, VpcEndpointType: 'Interface', ServiceName: service, PrivateDnsEnabled: String(privateDns), ...numbered('SubnetId', subnets), ...numbered('SecurityGroupId', groups),
    ...(custom && { PolicyDocument: policy }), ...tags.params,
  }, ['create-vpc-endpoint', '--vpc-id', id, '--vpc-endpoint-type', 'Interface', '--service-name', service, '--subnet-ids', ...subnets,
    ...(groups.length > 0 ? ['--security-group-ids', ...groups] : []), privateDns ? '--private-dns-enabled' : '--no-private-dns-enabled',
    ...(custom ? ['--policy-document', policy] : []), ...tags.option])] : [];
  return (
    <Change title="Create an endpoint" submit="Create endpoint" done="The endpoint is there." operations={operations} close={close}>
      <VpcField value={id} set={(next) => { setId(next); setSubnets([]); setGroups([]); }} />
      <ChoiceField label="Service" description={service} value={short} set={setShort} error={services.error} empty="Choose a VPC first"
        choices={[...new Set(['execute-api', ...items(services.text, 'serviceDetailSet').map((one) => serviceOf(one['serviceName'] ?? ''))])].map((value) => ({ value }))} />
      <TextField label="Name" value={name} set={setName} />
      <ChoicesField label="Subnets" description="One in each Availability Zone." values={subnets} set={setSubnets} choices={choices} error={subnetsError} />
      <GroupsField vpc={id} values={groups} set={setGroups} description="The VPC's default one when none is chosen." />
      <FormField label="Private DNS" description="The service's names lead to the endpoint, in this VPC: those of private APIs, for execute-api." errorText={dnsError}>
        <Checkbox checked={privateDns} onChange={({ detail }) => setPrivateDns(detail.checked)}>Enable private DNS names</Checkbox>
      </FormField>
      <ChoiceField label="Policy" value={access} set={setAccess} choices={[{ value: 'full', label: 'Full access' }, { value: 'custom', label: 'Custom' }]} />
      {custom && <PolicyEditor label="Endpoint policy" text={policy} set={setPolicy} checked={checked} />}
    </Change>
  );
}

/** One more change of an endpoint. */
const modify = (item: VpcEndpoint, params: Record<string, string>, command: string[]) =>
  ec2(item, 'ModifyVpcEndpoint', { VpcEndpointId: item.VpcEndpointId, ...params }, ['modify-vpc-endpoint', '--vpc-endpoint-id', item.VpcEndpointId, ...command]);

function EditGroups({ item, close }: { item: VpcEndpoint; close: () => void }) {
  const [groups, setGroups] = useState(item.GroupIds);
  const added = groups.filter((id) => !item.GroupIds.includes(id));
  const removed = item.GroupIds.filter((id) => !groups.includes(id));
  const operations = groups.length > 0 && added.length + removed.length > 0 ? [modify(item, { ...numbered('AddSecurityGroupId', added), ...numbered('RemoveSecurityGroupId', removed) },
    [...(added.length > 0 ? ['--add-security-group-ids', ...added] : []), ...(removed.length > 0 ? ['--remove-security-group-ids', ...removed] : [])])] : [];
  return (
    <Change title={`Security groups of ${item.VpcEndpointId}`} submit="Save changes" done="The security groups are changed." operations={operations} close={close}>
      <GroupsField vpc={item.VpcId} values={groups} set={setGroups} error={groups.length === 0 ? 'At least one' : undefined} />
    </Change>
  );
}

function EditPolicy({ item, close }: { item: VpcEndpoint; close: () => void }) {
  const [text, setText] = useState(pretty(item.PolicyDocument));
  const checked = usePolicyCheck('endpoint', text);
  const operations = checked?.ok && text !== pretty(item.PolicyDocument) ? [modify(item, { PolicyDocument: text }, ['--policy-document', text])] : [];
  return (
    <Change title={`Policy of ${item.VpcEndpointId}`} submit="Save changes" done="The endpoint policy is changed." operations={operations} close={close}>
      <PolicyEditor label="Endpoint policy" text={text} set={setText} checked={checked} />
    </Change>
  );
}

function SecurityGroupsTab({ item }: { item: VpcEndpoint }) {
  const groups = useKind('security_groups').items.filter((group) => item.GroupIds.includes(group.GroupId));
  return <>{groups.map((group) => <div key={group.GroupId} className="stacked"><h2><Ref id={group.GroupId} /> {group.GroupName}</h2><RulesTable group={group} egress={false} /></div>)}</>;
}

function DnsNames({ item }: { item: VpcEndpoint }) {
  const names = [
    ...item.PrivateNames.map((name) => ({ name, kind: 'Private: in this VPC only' })),
    { name: item.RegionalName, kind: 'Regional' }, ...item.ZonalNames.map((name) => ({ name, kind: 'Zonal' })),
  ];
  return <SimpleTable title="DNS names" items={names} empty="No names" columns={[
    { header: 'Name', cell: ({ name }) => <CopyToClipboard variant="inline" textToCopy={name} copyButtonAriaLabel={`Copy ${name}`} copySuccessText="Copied" copyErrorText="Could not be copied" />, width: 260 },
    { header: 'Where it resolves', cell: ({ kind }) => kind },
  ]} />;
}

export const endpoints: Resource<'vpc_endpoints'> = {
  kind: 'vpc_endpoints', path: ['vpc', 'endpoints'], title: 'Endpoints', one: 'endpoint',
  about: 'An interface endpoint carries calls of a VPC to private APIs, or to another service.',
  id: (item) => item.VpcEndpointId,
  create: { text: 'Create endpoint', dialog: Create },
  columns: [
    { id: 'vpc', header: 'VPC', cell: (item) => <Ref id={item.VpcId} />, sort: (item) => item.VpcId, width: 210 },
    { id: 'service', header: 'Service', cell: (item) => serviceOf(item.ServiceName) },
    { id: 'state', header: 'Status', cell: (item) => <State value={item.State} /> },
    { id: 'dns', header: 'Private DNS', cell: (item) => <OnOff on={item.PrivateDnsEnabled} /> },
  ],
  overview: (item) => [
    ['Endpoint ID', item.VpcEndpointId], ['Status', <State value={item.State} />], ['VPC', <Ref id={item.VpcId} />], ['Service', item.ServiceName],
    ['Type', 'Interface'], ['Private DNS names', <OnOff on={item.PrivateDnsEnabled} />], ['Security groups', <Refs ids={item.GroupIds} />], ['Created', <Time at={item.CreationTimestamp} />],
  ],
  tabs: [
    { id: 'subnets', label: 'Subnets', content: ({ item }) => <SimpleTable title="Subnets" items={item.Subnets} empty="No subnets" columns={[
      { header: 'Subnet', cell: (one) => <Ref id={one.SubnetId} /> }, { header: 'Availability Zone', cell: (one) => one.AvailabilityZone ?? '–' },
      { header: 'IPv4 address', cell: (one) => one.PrivateIpAddress ?? '–' }, { header: 'Network interface', cell: (one) => <Ref id={one.NetworkInterfaceId} /> },
    ]} /> },
    { id: 'groups', label: 'Security groups', content: SecurityGroupsTab },
    { id: 'policy', label: 'Policy', content: ({ item }) => <Code text={pretty(item.PolicyDocument)} label="Endpoint policy" /> },
    { id: 'names', label: 'DNS names', content: DnsNames },
  ],
  actions: [
    { id: 'policy', text: 'Edit policy', dialog: EditPolicy },
    { id: 'groups', text: 'Manage security groups', dialog: EditGroups },
    { id: 'dns', text: 'Switch private DNS names', dialog: ({ item, close }) => (
      <Confirm title={`Private DNS names of ${item.VpcEndpointId}`} submit={item.PrivateDnsEnabled ? 'Disable' : 'Enable'} close={close}
        about={item.PrivateDnsEnabled ? 'The private names will not resolve in the VPC any more.' : 'The service’s names will resolve to this endpoint in the VPC.'}
        done={`Private DNS names are ${item.PrivateDnsEnabled ? 'disabled' : 'enabled'}.`}
        operations={[modify(item, { PrivateDnsEnabled: String(!item.PrivateDnsEnabled) }, [item.PrivateDnsEnabled ? '--no-private-dns-enabled' : '--private-dns-enabled'])]} />) },
    deleting('Delete endpoint', (item) => item.VpcEndpointId, 'Its interfaces and its names go with it.',
      (item) => ec2(item, 'DeleteVpcEndpoints', { 'VpcEndpointId.1': item.VpcEndpointId }, ['delete-vpc-endpoints', '--vpc-endpoint-ids', item.VpcEndpointId])),
  ],
};
