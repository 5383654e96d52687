import { useState } from 'react';
import { items, useAnswer } from '../aws/answer';
import { ec2, named } from '../aws/operation';
import { Change } from '../components/change';
import { deleting } from '../components/confirm';
import { ChoiceField, TextField } from '../components/fields';
import type { Resource } from '../components/resource';
import { OnOff, Ref } from '../components/status';
import { networkError, overlap, parseCidr, within } from '../data/cidr';
import { useKind } from '../data/lab';
import type { Subnet, Vpc } from '../data/types';
import { VpcField } from './choices';
import { RoutesTable } from './route-tables';

function RoutesTab({ item }: { item: Subnet }) {
  const tables = useKind('route_tables').items.filter((table) => table.VpcId === item.VpcId);
  const table = tables.find((one) => one.SubnetIds.includes(item.SubnetId)) ?? tables.find((one) => one.Main);
  return table ? <RoutesTable table={table} title={<>Routes of <Ref id={table.RouteTableId} /></>} /> : null;
}

/** What AWS would say of a block, as far as it can be seen from here. */
function blockError(text: string, vpc: Vpc | undefined, others: Subnet[]): string | undefined {
  const block = parseCidr(text);
  if (networkError(text) !== undefined || !vpc || !block) return networkError(text);
  const inside = (outer: string) => { const whole = parseCidr(outer); return whole !== undefined && within(block, whole); };
  if (!vpc.CidrBlocks.some(inside)) return `Not in the VPC's ${vpc.CidrBlocks.join(', ')}`;
  const other = others.find((one) => { const taken = parseCidr(one.CidrBlock); return taken !== undefined && overlap(block, taken); });
  return other && `Overlaps ${other.CidrBlock} of ${other.SubnetId}`;
}

function Create({ close }: { close: () => void }) {
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [cidr, setCidr] = useState('');
  const [zone, setZone] = useState('');
  const vpc = useKind('vpcs').items.find((one) => one.VpcId === id);
  const others = useKind('subnets').items.filter((one) => one.VpcId === id);
  const zones = useAnswer(vpc && ec2(vpc, 'DescribeAvailabilityZones', {}, ['describe-availability-zones']));
  const error = blockError(cidr, vpc, others);
  const tags = named('subnet', name);
  const operations = vpc && cidr !== '' && error === undefined ? [ec2(vpc, 'CreateSubnet', { VpcId: id, CidrBlock: cidr, ...(zone && { AvailabilityZone: zone }), ...tags.params },
    ['create-subnet', '--vpc-id', id, '--cidr-block', cidr, ...(zone ? ['--availability-zone', zone] : []), ...tags.option])] : [];
  return (
    <Change title="Create a subnet" submit="Create subnet" done={`The subnet of ${cidr} is there.`} operations={operations} close={close}>
      <VpcField value={id} set={(next) => { setId(next); setZone(''); }} />
      <TextField label="Name" value={name} set={setName} />
      <TextField label="IPv4 CIDR" value={cidr} set={setCidr} placeholder={vpc?.CidrBlocks[0]?.replace(/\d+\/\d+$/, '0/24') ?? '10.0.1.0/24'} error={error} />
      <ChoiceField label="Availability Zone" description="AWS chooses when none is chosen." value={zone} set={setZone} error={zones.error} empty="Choose a VPC first"
        choices={items(zones.text, 'availabilityZoneInfo').map((one) => ({ value: one['zoneName'] ?? '', description: one['zoneId'] }))} />
    </Change>
  );
}

export const subnets: Resource<'subnets'> = {
  kind: 'subnets', path: ['vpc', 'subnets'], title: 'Subnets', one: 'subnet',
  about: 'A subnet is a part of a VPC in one availability zone.',
  id: (subnet) => subnet.SubnetId,
  create: { text: 'Create subnet', dialog: Create },
  columns: [
    { id: 'vpc', header: 'VPC', cell: (subnet) => <Ref id={subnet.VpcId} />, sort: (subnet) => subnet.VpcId, width: 210 },
    { id: 'cidr', header: 'IPv4 CIDR', cell: (subnet) => subnet.CidrBlock, sort: (subnet) => subnet.CidrBlock },
    { id: 'zone', header: 'Availability Zone', cell: (subnet) => subnet.AvailabilityZone, sort: (subnet) => subnet.AvailabilityZone, width: 150 },
    { id: 'free', header: 'Free addresses', cell: (subnet) => subnet.AvailableIpAddressCount, sort: (subnet) => subnet.AvailableIpAddressCount, width: 90 },
  ],
  overview: (subnet) => [
    ['Subnet ID', subnet.SubnetId], ['VPC', <Ref id={subnet.VpcId} />], ['IPv4 CIDR', subnet.CidrBlock], ['Availability Zone', subnet.AvailabilityZone],
    ['Available addresses', subnet.AvailableIpAddressCount], ['Network ACL', <Ref id={subnet.NetworkAclId} />],
    ['Auto-assign public address', <OnOff on={subnet.MapPublicIpOnLaunch} words={['Yes', 'No']} />],
  ],
  tabs: [{ id: 'routes', label: 'Route table', content: RoutesTab }],
  actions: [deleting('Delete subnet', (subnet) => subnet.SubnetId, 'Its interfaces have to be gone before: those of instances and of endpoints.',
    (subnet) => ec2(subnet, 'DeleteSubnet', { SubnetId: subnet.SubnetId }, ['delete-subnet', '--subnet-id', subnet.SubnetId]))],
};
