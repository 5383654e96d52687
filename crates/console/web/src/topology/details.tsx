import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useKind } from '../data/lab';
import { href } from '../router';
import { pages } from '../vpc/pages';

/** What a box of the picture stands for, and the way to its page. */
export function Details({ kind, id }: { kind: string; id: string }) {
  if (kind === 'api') return <Link href={href('apigateway', 'apis', id)}>Open the API</Link>;
  if (kind === 'function') return <FunctionLink name={id} />;
  return <Overview id={id} />;
}

const PREFIXES: Record<string, string> = { 'vpc-': 'vpcs', 'subnet-': 'subnets', 'i-': 'instances', 'vpce-': 'vpc_endpoints', 'eni-': 'network_interfaces', 'pcx-': 'peerings' };

function Overview({ id }: { id: string }) {
  const prefix = Object.keys(PREFIXES).find((one) => id.startsWith(one));
  const resource = pages.find((page) => page.kind === PREFIXES[prefix ?? '']);
  return resource ? <Known resource={resource} id={id} /> : <>{id}</>;
}

function Known({ resource, id }: { resource: (typeof pages)[number]; id: string }) {
  const item = useKind(resource.kind).items.find((one) => resource.id(one) === id);
  if (!item) return <>It is gone.</>;
  return (
    <SpaceBetween size="m">
      <KeyValuePairs columns={2} items={resource.overview(item).map(([label, value]) => ({ label, value: value ?? '–' }))} />
      <Link href={href(...resource.path, id)}>Open its page</Link>
    </SpaceBetween>
  );
}

function FunctionLink({ name }: { name: string }) {
  const found = useKind('functions').items.filter((one) => one.FunctionName === name);
  return <>{found.map((one) => <Link key={one.FunctionArn} href={href('lambda', 'functions', one.FunctionArn)}>Open the function in {one.Region}</Link>)}</>;
}
