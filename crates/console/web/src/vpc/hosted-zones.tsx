import type { Resource } from '../components/resource';
import { SimpleTable } from '../components/simple-table';
import { Refs, Time } from '../components/status';
import { useKind } from '../data/lab';
import type { HostedZone } from '../data/types';

function Records({ item }: { item: HostedZone }) {
  const records = useKind('record_sets', item.HostedZoneId).items;
  return <SimpleTable title="Records" items={records} empty="No records" columns={[
    { header: 'Name', cell: (one) => one.Name, width: 160 }, { header: 'Type', cell: (one) => one.Type },
    { header: 'Value', cell: (one) => (one.Content.AliasTarget ? `alias of ${one.Content.AliasTarget}` : (one.Content.Values ?? []).join('\n')), width: 200 },
    { header: 'TTL', cell: (one) => one.Content.TTL ?? '–' },
  ]} />;
}

export const hostedZones: Resource<'hosted_zones'> = {
  kind: 'hosted_zones', path: ['vpc', 'hosted-zones'], title: 'Hosted zones', one: 'hosted zone',
  about: 'A private hosted zone answers names inside the VPCs that it is associated with.',
  id: (zone) => zone.HostedZoneId,
  name: (zone) => zone.Name,
  columns: [
    { id: 'type', header: 'Type', cell: (zone) => (zone.PrivateZone ? 'Private' : 'Public'), width: 80 },
    { id: 'vpcs', header: 'VPCs', cell: (zone) => <Refs ids={zone.Vpcs.map((vpc) => vpc.VpcId)} />, width: 210 },
    { id: 'comment', header: 'Comment', cell: (zone) => zone.Comment ?? '–' },
  ],
  overview: (zone) => [
    ['Hosted zone ID', zone.HostedZoneId], ['Name', zone.Name], ['Type', zone.PrivateZone ? 'Private' : 'Public'],
    ['VPCs', <Refs ids={zone.Vpcs.map((vpc) => vpc.VpcId)} />], ['Name servers', zone.NameServers.join(', ')], ['Created', <Time at={zone.CreationTime} />],
    ['Comment', zone.Comment],
  ],
  tabs: [{ id: 'records', label: 'Records', content: Records }],
};
