import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { ec2, type Operation } from '../aws/operation';
import { Change } from '../components/change';
import { Confirm, deleting } from '../components/confirm';
import { TextField } from '../components/fields';
import type { Resource } from '../components/resource';
import { accountError, regionError } from '../components/scope-fields';
import { SimpleTable } from '../components/simple-table';
import { OnOff, Ref, State, Time } from '../components/status';
import { useKind } from '../data/lab';
import type { Peering, PeeringSide } from '../data/types';
import { VpcField } from './choices';

function Create({ close }: { close: () => void }) {
  const vpcs = useKind('vpcs').items;
  const [own, setOwn] = useState('');
  const [peer, setPeer] = useState('');
  const [region, setRegion] = useState('');
  const [account, setAccount] = useState('');
  const vpc = vpcs.find((one) => one.VpcId === own);
  const options = [['PeerRegion', '--peer-region', region], ['PeerOwnerId', '--peer-owner-id', account]].filter(([, , value]) => value !== '');
  const peerError = peer === '' || /^vpc-([0-9a-f]{8}|[0-9a-f]{17})$/.test(peer) ? undefined : 'An id such as vpc-0123456789abcdef0';
  const errors = [peerError, regionError(region), accountError(account)];
  const operations: Operation[] = vpc && peer !== '' && errors.every((one) => one === undefined) ? [ec2(vpc, 'CreateVpcPeeringConnection',
    { VpcId: own, PeerVpcId: peer, ...Object.fromEntries(options.map(([name, , value]) => [name, value])) },
    ['create-vpc-peering-connection', '--vpc-id', own, '--peer-vpc-id', peer, ...options.flatMap(([, option, value]) => [option!, value!])])] : [];
  return (
    <Change title="Create a peering connection" submit="Create peering connection" done="The peering connection is requested; the other side has to accept it." operations={operations} close={close}>
      <VpcField label="VPC (requester)" value={own} set={setOwn} />
      <TextField label="VPC (accepter)" value={peer} set={setPeer} placeholder="vpc-0123456789abcdef0" description="The id of the VPC that is asked." error={peerError} />
      <TextField label="Region of the accepter" value={region} set={setRegion} placeholder={vpc?.Region ?? 'us-west-2'} description="Empty for the same region." error={regionError(region)} />
      <TextField label="Account of the accepter" value={account} set={setAccount} placeholder={vpc?.OwnerId ?? '111122223333'} description="Empty for the same account." error={accountError(account)} />
    </Change>
  );
}

/** An operation that takes nothing but the connection's id, in the scope of a side. */
const simple = (side: PeeringSide, item: Peering, action: string, command: string) =>
  ec2(side, action, { VpcPeeringConnectionId: item.VpcPeeringConnectionId }, [command, '--vpc-peering-connection-id', item.VpcPeeringConnectionId]);

function DnsOptions({ item, close }: { item: Peering; close: () => void }) {
  const [requester, setRequester] = useState(item.RequesterVpcInfo.AllowDnsResolutionFromRemoteVpc);
  const [accepter, setAccepter] = useState(item.AccepterVpcInfo.AllowDnsResolutionFromRemoteVpc);
  const set = (side: PeeringSide, name: 'Requester' | 'Accepter', on: boolean) => ec2(side, 'ModifyVpcPeeringConnectionOptions',
    { VpcPeeringConnectionId: item.VpcPeeringConnectionId, [`${name}PeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc`]: String(on) },
    ['modify-vpc-peering-connection-options', '--vpc-peering-connection-id', item.VpcPeeringConnectionId,
      `--${name.toLowerCase()}-peering-connection-options`, JSON.stringify({ AllowDnsResolutionFromRemoteVpc: on })]);
  const operations: Operation[] = [];
  if (requester !== item.RequesterVpcInfo.AllowDnsResolutionFromRemoteVpc) operations.push(set(item.RequesterVpcInfo, 'Requester', requester));
  if (accepter !== item.AccepterVpcInfo.AllowDnsResolutionFromRemoteVpc) operations.push(set(item.AccepterVpcInfo, 'Accepter', accepter));
  return (
    <Change title={`DNS options of ${item.VpcPeeringConnectionId}`} submit="Save changes" done="The DNS options are changed." operations={operations} close={close}>
      <FormField label="Public host names of instances resolve to private addresses" description="An API's private names stay with the endpoint's own VPC whatever is set here.">
        <SpaceBetween size="xs">
          <Checkbox checked={requester} onChange={({ detail }) => setRequester(detail.checked)}>Requester lets the accepter&apos;s VPC resolve its names</Checkbox>
          <Checkbox checked={accepter} onChange={({ detail }) => setAccepter(detail.checked)}>Accepter lets the requester&apos;s VPC resolve its names</Checkbox>
        </SpaceBetween>
      </FormField>
    </Change>
  );
}

const pending = (item: Peering) => item.Status === 'pending-acceptance';
const other = (item: Peering) => `${item.AccepterVpcInfo.VpcId} in ${item.AccepterVpcInfo.Region}`;

export const peeringConnections: Resource<'peerings'> = {
  kind: 'peerings', path: ['vpc', 'peering-connections'], title: 'Peering connections', one: 'peering connection',
  about: 'A peering connection joins two VPCs, also of two regions.',
  id: (item) => item.VpcPeeringConnectionId,
  create: { text: 'Create peering connection', dialog: Create },
  columns: [
    { id: 'status', header: 'Status', cell: (item) => <State value={item.Status} />, sort: (item) => item.Status },
    { id: 'requester', header: 'Requester VPC', cell: (item) => <Ref id={item.RequesterVpcInfo.VpcId} />, width: 210 },
    { id: 'accepter', header: 'Accepter VPC', cell: (item) => <><Ref id={item.AccepterVpcInfo.VpcId} /> in {item.AccepterVpcInfo.Region}</>, width: 210 },
  ],
  overview: (item) => [
    ['Peering connection ID', item.VpcPeeringConnectionId], ['Status', <State value={item.Status} />],
    ['Requester VPC', <Ref id={item.RequesterVpcInfo.VpcId} />], ['Accepter VPC', <Ref id={item.AccepterVpcInfo.VpcId} />],
    ['Requester region', item.RequesterVpcInfo.Region], ['Accepter region', item.AccepterVpcInfo.Region],
    ['Requester CIDR blocks', item.RequesterVpcInfo.CidrBlocks.join(', ')], ['Accepter CIDR blocks', item.AccepterVpcInfo.CidrBlocks.join(', ') || '–'],
    ['Expires', pending(item) ? <Time at={item.ExpirationTime} /> : '–'],
  ],
  tabs: [{
    id: 'dns', label: 'DNS', content: ({ item }) => <SimpleTable title="DNS options" empty="" items={[['Requester', item.RequesterVpcInfo], ['Accepter', item.AccepterVpcInfo]] as Array<[string, PeeringSide]>} columns={[
      { header: 'Side', cell: ([name]) => name }, { header: 'VPC', cell: ([, side]) => <Ref id={side.VpcId} /> },
      { header: 'Remote VPC resolves its names', cell: ([, side]) => <OnOff on={side.AllowDnsResolutionFromRemoteVpc} /> },
    ]} />,
  }],
  actions: [
    { id: 'accept', text: 'Accept request', enabled: pending, dialog: ({ item, close }) => (
      <Confirm title={`Accept ${item.VpcPeeringConnectionId}`} submit="Accept request" about={`As ${other(item)}. Packets pass once both route tables have routes.`}
        done="The peering connection is accepted." operations={[simple(item.AccepterVpcInfo, item, 'AcceptVpcPeeringConnection', 'accept-vpc-peering-connection')]} close={close} />) },
    { id: 'reject', text: 'Reject request', enabled: pending, dialog: ({ item, close }) => (
      <Confirm title={`Reject ${item.VpcPeeringConnectionId}`} submit="Reject request" about={`As ${other(item)}.`} done="The request is rejected."
        operations={[simple(item.AccepterVpcInfo, item, 'RejectVpcPeeringConnection', 'reject-vpc-peering-connection')]} close={close} />) },
    { id: 'dns', text: 'Edit DNS options', enabled: (item) => item.Status === 'active', dialog: DnsOptions },
    deleting('Delete peering connection', (item) => item.VpcPeeringConnectionId, 'Its routes stay in the tables as black holes.',
      (item) => simple(item.RequesterVpcInfo, item, 'DeleteVpcPeeringConnection', 'delete-vpc-peering-connection'), (item) => /active|pending/.test(item.Status)),
  ],
};
