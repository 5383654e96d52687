import type { Resource } from '../components/resource';
import { OnOff, Ref } from '../components/status';
import { useKind } from '../data/lab';
import type { Subnet } from '../data/types';
import { RoutesTable } from './route-tables';

function RoutesTab({ item }: { item: Subnet }) {
  const tables = useKind('route_tables').items.filter((table) => table.VpcId === item.VpcId);
  const table = tables.find((one) => one.SubnetIds.includes(item.SubnetId)) ?? tables.find((one) => one.Main);
  return table ? <RoutesTable table={table} title={<>Routes of <Ref id={table.RouteTableId} /></>} /> : null;
}

export const subnets: Resource<'subnets'> = {
  kind: 'subnets', path: ['vpc', 'subnets'], title: 'Subnets', one: 'subnet',
  about: 'A subnet is a part of a VPC in one availability zone.',
  id: (subnet) => subnet.SubnetId,
  columns: [
    { id: 'vpc', header: 'VPC', cell: (subnet) => <Ref id={subnet.VpcId} />, sort: (subnet) => subnet.VpcId, width: 215 },
    { id: 'cidr', header: 'IPv4 CIDR', cell: (subnet) => subnet.CidrBlock, sort: (subnet) => subnet.CidrBlock },
    { id: 'zone', header: 'Availability Zone', cell: (subnet) => subnet.AvailabilityZone, sort: (subnet) => subnet.AvailabilityZone },
    { id: 'free', header: 'Free addresses', cell: (subnet) => subnet.AvailableIpAddressCount, sort: (subnet) => subnet.AvailableIpAddressCount, width: 90 },
  ],
  overview: (subnet) => [
    ['Subnet ID', subnet.SubnetId], ['VPC', <Ref id={subnet.VpcId} />], ['IPv4 CIDR', subnet.CidrBlock], ['Availability Zone', subnet.AvailabilityZone],
    ['Available addresses', subnet.AvailableIpAddressCount], ['Network ACL', <Ref id={subnet.NetworkAclId} />],
    ['Auto-assign public address', <OnOff on={subnet.MapPublicIpOnLaunch} words={['Yes', 'No']} />],
  ],
  tabs: [{ id: 'routes', label: 'Route table', content: RoutesTab }],
};
