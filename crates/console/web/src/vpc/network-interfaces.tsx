import type { Resource } from '../components/resource';
import { OnOff, Ref, Refs, State } from '../components/status';

export const networkInterfaces: Resource<'network_interfaces'> = {
  kind: 'network_interfaces', path: ['vpc', 'network-interfaces'], title: 'Network interfaces', one: 'network interface',
  about: 'Instances, endpoints and functions in a VPC have network interfaces.',
  id: (one) => one.NetworkInterfaceId,
  columns: [
    { id: 'address', header: 'Private IPv4', cell: (one) => one.PrivateIpAddress, sort: (one) => one.PrivateIpAddress, width: 110 },
    { id: 'type', header: 'Type', cell: (one) => one.InterfaceType, sort: (one) => one.InterfaceType, width: 110 },
    { id: 'owner', header: 'Belongs to', cell: (one) => <Ref id={one.UsedBy} />, width: 210 },
    { id: 'subnet', header: 'Subnet', cell: (one) => <Ref id={one.SubnetId} />, width: 210 },
  ],
  overview: (one) => [
    ['Network interface ID', one.NetworkInterfaceId], ['Status', <State value={one.Status} />], ['Type', one.InterfaceType], ['Belongs to', <Ref id={one.UsedBy} />],
    ['Private IPv4', one.PrivateIpAddress], ['MAC address', one.MacAddress], ['VPC', <Ref id={one.VpcId} />], ['Subnet', <Ref id={one.SubnetId} />],
    ['Availability Zone', one.AvailabilityZone], ['Security groups', <Refs ids={one.GroupIds} />],
    ['Source/destination check', <OnOff on={one.SourceDestCheck} />], ['Description', one.Description || '–'],
  ],
};
