import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { ec2 } from '../aws/operation';
import { Change } from '../components/change';
import { Confirm } from '../components/confirm';
import { ChoiceField, isPorts, TextField } from '../components/fields';
import type { Resource } from '../components/resource';
import { RowButton, SimpleTable } from '../components/simple-table';
import { Ref, Refs, State } from '../components/status';
import { cidrError, isCidr } from '../data/cidr';
import type { AclEntry, NetworkAcl } from '../data/types';
import { ports } from './security-groups';

const side = (egress: boolean): [string, string] => [String(egress), egress ? '--egress' : '--ingress'];

function AddEntry({ acl, egress, close }: { acl: NetworkAcl; egress: boolean; close: () => void }) {
  const [number, setNumber] = useState('');
  const [action, setAction] = useState('allow');
  const [protocol, setProtocol] = useState('6');
  const [range, setRange] = useState('443');
  const [cidr, setCidr] = useState('0.0.0.0/0');
  const ranged = protocol !== '-1';
  const [from = '', to = from] = range.split('-');
  const whole = /^\d{1,5}$/.test(number) && isCidr(cidr) && (!ranged || isPorts(range));
  const [value, option] = side(egress);
  const operations = whole ? [ec2(acl, 'CreateNetworkAclEntry', {
    NetworkAclId: acl.NetworkAclId, RuleNumber: number, Protocol: protocol, RuleAction: action, Egress: value, CidrBlock: cidr,
    ...(ranged && { 'PortRange.From': from, 'PortRange.To': to }),
  }, ['create-network-acl-entry', '--network-acl-id', acl.NetworkAclId, option, '--rule-number', number, '--protocol', protocol,
    '--rule-action', action, '--cidr-block', cidr, ...(ranged ? ['--port-range', `From=${from},To=${to}`] : [])])] : [];
  return (
    <Change title={`Add an ${egress ? 'outbound' : 'inbound'} entry to ${acl.NetworkAclId}`} submit="Add entry" done={`Entry ${number} is added.`} operations={operations} close={close}>
      <TextField label="Rule number" value={number} set={setNumber} placeholder="90" description="The lowest number that matches decides." />
      <ChoiceField label="Action" value={action} set={setAction} choices={[{ value: 'allow' }, { value: 'deny' }]} />
      <ChoiceField label="Protocol" value={protocol} set={setProtocol} choices={[{ value: '6', label: 'TCP' }, { value: '17', label: 'UDP' }, { value: '-1', label: 'All traffic' }]} />
      {ranged && <TextField label="Port range" value={range} set={setRange} />}
      <TextField label={egress ? 'Destination' : 'Source'} value={cidr} set={setCidr} error={cidrError(cidr)} />
    </Change>
  );
}

function Entries({ acl, egress }: { acl: NetworkAcl; egress: boolean }) {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<AclEntry>();
  const last: AclEntry = { RuleNumber: 32767, Egress: egress, RuleAction: 'deny', Protocol: '-1', CidrBlock: '0.0.0.0/0', FromPort: null, ToPort: null };
  const [value, option] = side(egress);
  return (
    <>
      <SimpleTable title={egress ? 'Outbound entries' : 'Inbound entries'} items={[...acl.Entries.filter((entry) => entry.Egress === egress), last]} empty="No entries"
        actions={<Button onClick={() => setAdding(true)}>Add entry</Button>}
        columns={[
          { header: 'Rule number', cell: (entry) => (entry.RuleNumber === 32767 ? '*' : entry.RuleNumber) },
          { header: 'Protocol', cell: (entry) => (entry.Protocol === '-1' ? 'All' : entry.Protocol.toUpperCase()) },
          { header: 'Ports', cell: (entry) => ports({ IpProtocol: entry.Protocol, FromPort: entry.FromPort, ToPort: entry.ToPort }) },
          { header: egress ? 'Destination' : 'Source', cell: (entry) => entry.CidrBlock },
          { header: 'Action', cell: (entry) => <State value={entry.RuleAction} /> },
          { header: '', cell: (entry) => <RowButton text="Delete" label={`entry ${entry.RuleNumber}`} disabled={entry.RuleNumber === 32767} onClick={() => setRemoving(entry)} /> },
        ]} />
      {adding && <AddEntry acl={acl} egress={egress} close={() => setAdding(false)} />}
      {removing && (
        <Confirm title="Delete entry" submit="Delete" done={`Entry ${removing.RuleNumber} is deleted.`} close={() => setRemoving(undefined)}
          about={`What entry ${removing.RuleNumber} ${removing.RuleAction === 'allow' ? 'allows' : 'denies'} will be decided by the next one that matches.`}
          operations={[ec2(acl, 'DeleteNetworkAclEntry', { NetworkAclId: acl.NetworkAclId, RuleNumber: String(removing.RuleNumber), Egress: value },
            ['delete-network-acl-entry', '--network-acl-id', acl.NetworkAclId, option, '--rule-number', String(removing.RuleNumber)])]} />
      )}
    </>
  );
}

export const networkAcls: Resource<'network_acls'> = {
  kind: 'network_acls', path: ['vpc', 'network-acls'], title: 'Network ACLs', one: 'network ACL',
  about: 'Every VPC has a default network ACL.',
  id: (acl) => acl.NetworkAclId,
  columns: [
    { id: 'vpc', header: 'VPC', cell: (acl) => <Ref id={acl.VpcId} />, sort: (acl) => acl.VpcId, width: 210 },
    { id: 'default', header: 'Default', cell: (acl) => (acl.IsDefault ? 'Yes' : 'No'), width: 80 },
    { id: 'subnets', header: 'Subnets', cell: (acl) => acl.SubnetIds.length, width: 80 },
    { id: 'entries', header: 'Entries', cell: (acl) => acl.Entries.length, width: 80 },
  ],
  overview: (acl) => [
    ['Network ACL ID', acl.NetworkAclId], ['VPC', <Ref id={acl.VpcId} />], ['Default', acl.IsDefault ? 'Yes' : 'No'], ['Subnets', <Refs ids={acl.SubnetIds} />],
  ],
  tabs: [
    { id: 'inbound', label: 'Inbound rules', content: ({ item }) => <Entries acl={item} egress={false} /> },
    { id: 'outbound', label: 'Outbound rules', content: ({ item }) => <Entries acl={item} egress /> },
  ],
};
