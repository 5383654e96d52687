import { useState } from 'react';
import { items, useAnswer } from '../aws/answer';
import { ec2, named, numbered } from '../aws/operation';
import { Change } from '../components/change';
import { Confirm } from '../components/confirm';
import { ChoiceField, TextField } from '../components/fields';
import type { Action, Resource } from '../components/resource';
import { Ref, Refs, State, Time } from '../components/status';
import { href } from '../router';
import { parseCidr, within } from '../data/cidr';
import { useKind } from '../data/lab';
import type { Instance } from '../data/types';
import { GroupsField, useSubnetChoices } from './choices';
import { RulesTable } from './security-groups';

function change(id: string, text: string, action: string, about: string, enabled: (item: Instance) => boolean): Action<Instance> {
  const command = `${id}-instances`;
  return { id, text, enabled, dialog: ({ item, close }) => (
    <Confirm title={`${text}: ${item.InstanceId}`} submit={text} about={about} done={`${item.InstanceId}: done.`} close={close}
      operations={[ec2(item, action, { 'InstanceId.1': item.InstanceId }, [command, '--instance-ids', item.InstanceId])]} />) };
}

function Launch({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const [id, setId] = useState('');
  const [image, setImage] = useState('');
  const [type, setType] = useState('t3.micro');
  const [groups, setGroups] = useState<string[]>([]);
  const [address, setAddress] = useState('');
  const choices = useSubnetChoices();
  const subnet = useKind('subnets').items.find((one) => one.SubnetId === id);
  const images = useAnswer(subnet && ec2(subnet, 'DescribeImages', {}, ['describe-images']));
  const found = items(images.text, 'imagesSet');
  const chosen = image || found[0]?.['imageId'] || '';
  const typeError = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/.test(type) ? undefined : 'A type such as t3.micro';
  const [block, wanted] = [parseCidr(subnet?.CidrBlock ?? ''), parseCidr(`${address}/32`)];
  const addressError = address === '' || (wanted && (!block || within(wanted, block))) ? undefined : `An address in ${subnet?.CidrBlock ?? 'the subnet'}`;
  const tags = named('instance', name);
  const operations = subnet && chosen && !typeError && !addressError ? [ec2(subnet, 'RunInstances', {
    ImageId: chosen, InstanceType: type, MinCount: '1', MaxCount: '1', SubnetId: id, ...numbered('SecurityGroupId', groups), ...(address && { PrivateIpAddress: address }), ...tags.params,
  }, ['run-instances', '--image-id', chosen, '--instance-type', type, '--subnet-id', id, ...(groups.length > 0 ? ['--security-group-ids', ...groups] : []),
    ...(address ? ['--private-ip-address', address] : []), ...tags.option])] : [];
  return (
    <Change title="Launch an instance" submit="Launch instance" done="The instance is launched." operations={operations} close={close}>
      <TextField label="Name" value={name} set={setName} />
      <ChoiceField label="Subnet" value={id} set={(next) => { setId(next); setImage(''); setGroups([]); }} choices={choices} empty="Create a subnet first" />
      <ChoiceField label="Image" value={chosen} set={setImage} error={images.error} empty="Choose a subnet first" choices={found.map((one) => ({ value: one['imageId'] ?? '', label: `${one['name']} (${one['imageId']})`, description: one['description'] }))} />
      <TextField label="Instance type" description="A name: it sets no limit." value={type} set={setType} error={typeError} />
      <GroupsField vpc={subnet?.VpcId ?? ''} values={groups} set={setGroups} description="The VPC's default one when none is chosen." />
      <TextField label="Private IPv4 address" description="AWS chooses when it is empty." value={address} set={setAddress} error={addressError} />
    </Change>
  );
}

function Groups({ item }: { item: Instance }) {
  const groups = useKind('security_groups').items.filter((group) => item.GroupIds.includes(group.GroupId));
  return <>{groups.map((group) => <div key={group.GroupId} className="stacked"><h2><Ref id={group.GroupId} /> {group.GroupName}</h2><RulesTable group={group} egress={false} /><RulesTable group={group} egress /></div>)}</>;
}

export const instances: Resource<'instances'> = {
  kind: 'instances', path: ['vpc', 'instances'], title: 'Instances', one: 'instance',
  about: 'An instance is this machine’s programs behind a network interface of a subnet.',
  id: (item) => item.InstanceId,
  create: { text: 'Launch instance', dialog: Launch },
  columns: [
    { id: 'state', header: 'State', cell: (item) => <State value={item.State} />, sort: (item) => item.State, width: 110 },
    { id: 'address', header: 'Private IPv4', cell: (item) => item.PrivateIpAddress ?? '–', sort: (item) => item.PrivateIpAddress ?? '', width: 110 },
    { id: 'vpc', header: 'VPC', cell: (item) => <Ref id={item.VpcId} />, width: 210 },
    { id: 'zone', header: 'Availability Zone', cell: (item) => item.AvailabilityZone ?? '–', width: 140 },
  ],
  overview: (item) => [
    ['Instance ID', item.InstanceId], ['State', <State value={item.State} />], ['Private IPv4', item.PrivateIpAddress], ['Instance type', item.InstanceType],
    ['VPC', <Ref id={item.VpcId} />], ['Subnet', <Ref id={item.SubnetId} />], ['Availability Zone', item.AvailabilityZone],
    ['Network interface', <Ref id={item.NetworkInterfaceId} />], ['Security groups', <Refs ids={item.GroupIds} />],
    ['Launched', <Time at={item.LaunchTime} />], ['State reason', item.StateReason], ['Key pair', item.KeyName],
  ],
  links: (item) => (item.State === 'running' ? [{ text: 'Open a terminal', href: href('terminal', item.InstanceId) }] : []),
  tabs: [{ id: 'groups', label: 'Security', content: Groups }],
  actions: [
    change('start', 'Start', 'StartInstances', 'Its processes are started; its files are as they were left.', (item) => item.State === 'stopped'),
    change('stop', 'Stop', 'StopInstances', 'Its processes end; its files are kept.', (item) => item.State === 'running'),
    change('reboot', 'Reboot', 'RebootInstances', 'Its processes end and are started again.', (item) => item.State === 'running'),
    change('terminate', 'Terminate', 'TerminateInstances', 'The instance and its files are gone for good.', (item) => item.State !== 'terminated'),
  ],
};
