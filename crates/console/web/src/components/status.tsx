import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import { href } from '../router';

const GOOD = /^(available|active|running|in-use|.*_COMPLETE|associated|allow)$/;
const BAD = /(failed|FAILED|blackhole|rejected|expired|deny|ROLLBACK_COMPLETE)/;
const WAITING = /(pending|provisioning|IN_PROGRESS|initiating)/;

/** A state as AWS words it, with its sign. */
export function State({ value }: { value: string }) {
  const type: StatusIndicatorProps.Type = BAD.test(value) ? 'error' : WAITING.test(value) ? 'pending' : GOOD.test(value) ? 'success' : 'stopped';
  return <StatusIndicator type={type}>{value}</StatusIndicator>;
}

export const OnOff = ({ on, words = ['Enabled', 'Disabled'] }: { on: boolean; words?: [string, string] }) =>
  <StatusIndicator type={on ? 'success' : 'stopped'}>{on ? words[0] : words[1]}</StatusIndicator>;

const PAGES: Array<[RegExp, string, string]> = [
  [/^vpc-/, 'vpc', 'vpcs'], [/^subnet-/, 'vpc', 'subnets'], [/^rtb-/, 'vpc', 'route-tables'], [/^sg-/, 'vpc', 'security-groups'],
  [/^acl-/, 'vpc', 'network-acls'], [/^pcx-/, 'vpc', 'peering-connections'], [/^vpce-/, 'vpc', 'endpoints'],
  [/^eni-/, 'vpc', 'network-interfaces'], [/^i-/, 'vpc', 'instances'], [/^Z[0-9A-Z]{8,}$/, 'vpc', 'hosted-zones'],
];

/** An id that leads to its resource's page. */
export function Ref({ id }: { id: string | null | undefined }) {
  if (!id) return <>–</>;
  const page = PAGES.find(([form]) => form.test(id));
  return page ? <Link href={href(page[1], page[2], id)}>{id}</Link> : <>{id}</>;
}

export const Refs = ({ ids }: { ids: string[] }) =>
  ids.length === 0 ? <>–</> : <SpaceBetween size="xxs">{ids.map((id) => <Ref key={id} id={id} />)}</SpaceBetween>;

export const Time = ({ at }: { at: number }) => <time dateTime={new Date(at).toISOString()}>{new Date(at).toLocaleString()}</time>;
