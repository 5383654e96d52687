import { ec2 } from '../aws/operation';
import { Confirm } from '../components/confirm';
import type { Action, Resource } from '../components/resource';
import { Ref, Refs, State, Time } from '../components/status';
import { href } from '../router';
import { useKind } from '../data/lab';
import type { Instance } from '../data/types';
import { RulesTable } from './security-groups';

function change(id: string, text: string, action: string, about: string, enabled: (item: Instance) => boolean): Action<Instance> {
  const command = `${id}-instances`;
  return { id, text, enabled, dialog: ({ item, close }) => (
    <Confirm title={`${text}: ${item.InstanceId}`} submit={text} about={about} done={`${item.InstanceId}: done.`} close={close}
      operations={[ec2(item, action, { 'InstanceId.1': item.InstanceId }, [command, '--instance-ids', item.InstanceId])]} />) };
}

function Groups({ item }: { item: Instance }) {
  const groups = useKind('security_groups').items.filter((group) => item.GroupIds.includes(group.GroupId));
  return <>{groups.map((group) => <div key={group.GroupId} className="stacked"><h2><Ref id={group.GroupId} /> {group.GroupName}</h2><RulesTable group={group} egress={false} /><RulesTable group={group} egress /></div>)}</>;
}

export const instances: Resource<'instances'> = {
  kind: 'instances', path: ['vpc', 'instances'], title: 'Instances', one: 'instance',
  about: 'An instance is this machine’s programs behind a network interface of a subnet.',
  id: (item) => item.InstanceId,
  columns: [
    { id: 'state', header: 'State', cell: (item) => <State value={item.State} />, sort: (item) => item.State },
    { id: 'address', header: 'Private IPv4', cell: (item) => item.PrivateIpAddress ?? '–', sort: (item) => item.PrivateIpAddress ?? '' },
    { id: 'vpc', header: 'VPC', cell: (item) => <Ref id={item.VpcId} />, width: 215 },
    { id: 'zone', header: 'Availability Zone', cell: (item) => item.AvailabilityZone ?? '–' },
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
