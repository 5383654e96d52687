import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TreeView from '@cloudscape-design/components/tree-view';
import { useState } from 'react';
import { Code } from '../components/code';
import { useKind } from '../data/lab';
import type { ApiResource, Method, RestApi } from '../data/types';
import { href } from '../router';

interface Node { id: string; text: string; children: Node[]; method?: Method }

/** The resources below one, and their methods before them. */
function below(all: ApiResource[], parent: string | null): Node[] {
  return all.filter((one) => one.ParentId === parent).map((one) => ({
    id: one.ResourceId, text: parent === null ? '/' : `/${one.PathPart}`,
    children: [...Object.entries(one.Methods).map(([name, method]) => ({ id: `${one.ResourceId} ${name}`, text: name, method, children: [] })), ...below(all, one.ResourceId)],
  }));
}

/** The tree of an API's resources, and the method that is chosen. */
export function Methods({ api }: { api: RestApi }) {
  const resources = useKind('resources', api.RestApiId).items;
  const [clicked, setChosen] = useState('');
  const [closed, setClosed] = useState<string[]>([]);
  // The first one, until somebody chooses.
  const first = resources.flatMap((one) => Object.keys(one.Methods).map((name) => `${one.ResourceId} ${name}`))[0];
  const [resource, name] = (clicked || first || '').split(' ');
  const found = resources.find((one) => one.ResourceId === resource);
  const method = name ? found?.Methods[name] : undefined;
  const expanded = resources.map((one) => one.ResourceId).filter((id) => !closed.includes(id));
  return (
    <div className="tree-and-method">
      <div>
        <Header variant="h2" counter={`(${resources.length})`}>Resources</Header>
        <TreeView<Node> items={below(resources, null)} getItemId={(node) => node.id} getItemChildren={(node) => node.children} expandedItems={expanded} ariaLabel="Resources and methods"
          onItemToggle={({ detail }) => setClosed(detail.expanded ? closed.filter((id) => id !== detail.id) : [...closed, detail.id])}
          renderItem={(node) => ({ content: node.method ? <Link href="#" onFollow={(event) => { event.preventDefault(); setChosen(node.id); }} ariaLabel={node.text}><Badge color={node.text === 'GET' ? 'blue' : 'grey'}>{node.text}</Badge></Link> : <b>{node.text}</b> })} />
      </div>
      {found && method && name ? <MethodView resource={found} name={name} method={method} /> : <Box color="text-body-secondary">The API has no method.</Box>}
    </div>
  );
}

function MethodView({ resource, name, method }: { resource: ApiResource; name: string; method: Method }) {
  const integration = method.Integration;
  const [arn, lambda] = integration?.Uri?.match(/functions\/(arn:aws:lambda:[^:]+:\d+:function:([^:/]+))/)?.slice(1) ?? [];
  return (
    <SpaceBetween size="m">
      <Header variant="h2">{name} {resource.Path}</Header>
      <KeyValuePairs columns={2} items={[
        { label: 'Authorization', value: method.AuthorizationType }, { label: 'API key', value: method.ApiKeyRequired ? 'Required' : 'Not required' },
        { label: 'Integration', value: integration?.Type ?? 'None' }, { label: 'Timeout', value: integration ? `${integration.TimeoutInMillis} ms` : '–' },
        { label: 'Function', value: arn ? <Link href={href('lambda', 'functions', arn)}>{lambda}</Link> : '–' },
      ]} />
      <Code text={JSON.stringify({ RequestParameters: method.RequestParameters, Responses: method.Responses, Integration: integration }, null, 2)} label={`Definition of ${name} ${resource.Path}`} />
    </SpaceBetween>
  );
}
