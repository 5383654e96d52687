import Button from '@cloudscape-design/components/button';
import { useState, type ReactNode } from 'react';
import { ec2 } from '../aws/operation';
import { Change } from '../components/change';
import { Confirm } from '../components/confirm';
import { ChoiceField, TextField } from '../components/fields';
import type { Resource } from '../components/resource';
import { RowButton, SimpleTable } from '../components/simple-table';
import { OnOff, Ref, Refs, State } from '../components/status';
import { cidrError, isCidr } from '../data/cidr';
import { useKind } from '../data/lab';
import type { Route, RouteTable } from '../data/types';

/** The parameter and the option of a target, by the form of its id. */
function target(id: string): [string, string] {
  if (id.startsWith('pcx-')) return ['VpcPeeringConnectionId', '--vpc-peering-connection-id'];
  if (id.startsWith('eni-')) return ['NetworkInterfaceId', '--network-interface-id'];
  if (id.startsWith('nat-')) return ['NatGatewayId', '--nat-gateway-id'];
  return ['GatewayId', '--gateway-id'];
}

function AddRoute({ table, close }: { table: RouteTable; close: () => void }) {
  const [destination, setDestination] = useState('');
  const [to, setTo] = useState('');
  const peerings = useKind('peerings').items.filter((one) => [one.RequesterVpcInfo.VpcId, one.AccepterVpcInfo.VpcId].includes(table.VpcId) && /active|pending|provisioning/.test(one.Status));
  const interfaces = useKind('network_interfaces').items.filter((one) => one.VpcId === table.VpcId && one.InterfaceType === 'interface');
  const choices = [
    ...peerings.map((one) => {
      const other = one.RequesterVpcInfo.VpcId === table.VpcId ? one.AccepterVpcInfo : one.RequesterVpcInfo;
      return { value: one.VpcPeeringConnectionId, description: `peering with ${other.VpcId} (${other.CidrBlocks.join(', ')}), ${one.Status}` };
    }),
    ...interfaces.map((one) => ({ value: one.NetworkInterfaceId, description: `interface ${one.PrivateIpAddress}` })),
  ];
  const [parameter, option] = target(to);
  const operations = isCidr(destination) && to !== '' ? [ec2(table, 'CreateRoute', { RouteTableId: table.RouteTableId, DestinationCidrBlock: destination, [parameter]: to },
    ['create-route', '--route-table-id', table.RouteTableId, '--destination-cidr-block', destination, option, to])] : [];
  return (
    <Change title={`Add a route to ${table.RouteTableId}`} submit="Add route" done={`${destination} leads to ${to}.`} operations={operations} close={close}>
      <TextField label="Destination" value={destination} set={setDestination} placeholder="10.1.0.0/16" error={cidrError(destination)} />
      <ChoiceField label="Target" value={to} set={setTo} choices={choices} empty="No peering connection or interface of this VPC" />
    </Change>
  );
}

export function RoutesTable({ table, title }: { table: RouteTable; title?: ReactNode }) {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Route>();
  const columns = [
    { header: 'Destination', cell: (route: Route) => route.DestinationCidrBlock },
    { header: 'Target', cell: (route: Route) => <Ref id={route.Target} />, width: 110 },
    { header: 'Status', cell: (route: Route) => <State value={route.State} />, width: 110 },
    { header: '', cell: (route: Route) => <RowButton text="Delete" label={`the route ${route.DestinationCidrBlock}`} disabled={route.Target === 'local'} onClick={() => setRemoving(route)} /> },
  ];
  return (
    <>
      <SimpleTable title="Routes" items={table.Routes} columns={columns} empty="No routes" actions={<Button onClick={() => setAdding(true)}>Add route</Button>} />
      {title && <div className="footnote">{title}</div>}
      {adding && <AddRoute table={table} close={() => setAdding(false)} />}
      {removing && (
        <Confirm title="Delete route" submit="Delete" close={() => setRemoving(undefined)} done={`The route to ${removing.DestinationCidrBlock} is deleted.`}
          about={`Packets to ${removing.DestinationCidrBlock} will have no way from the subnets of ${table.RouteTableId}.`}
          operations={[ec2(table, 'DeleteRoute', { RouteTableId: table.RouteTableId, DestinationCidrBlock: removing.DestinationCidrBlock },
            ['delete-route', '--route-table-id', table.RouteTableId, '--destination-cidr-block', removing.DestinationCidrBlock])]} />
      )}
    </>
  );
}

export const routeTables: Resource<'route_tables'> = {
  kind: 'route_tables', path: ['vpc', 'route-tables'], title: 'Route tables', one: 'route table',
  about: 'Every VPC has a main route table.',
  id: (table) => table.RouteTableId,
  columns: [
    { id: 'vpc', header: 'VPC', cell: (table) => <Ref id={table.VpcId} />, sort: (table) => table.VpcId, width: 210 },
    { id: 'main', header: 'Main', cell: (table) => (table.Main ? 'Yes' : 'No'), width: 70 },
    { id: 'routes', header: 'Routes', cell: (table) => table.Routes.length, sort: (table) => table.Routes.length, width: 80 },
    { id: 'subnets', header: 'Explicit subnets', cell: (table) => table.SubnetIds.length, width: 90 },
  ],
  overview: (table) => [
    ['Route table ID', table.RouteTableId], ['VPC', <Ref id={table.VpcId} />], ['Main', <OnOff on={table.Main} words={['Yes', 'No']} />],
    ['Explicit subnet associations', <Refs ids={table.SubnetIds} />],
  ],
  tabs: [{ id: 'routes', label: 'Routes', content: ({ item }) => <RoutesTable table={item} /> }],
};
