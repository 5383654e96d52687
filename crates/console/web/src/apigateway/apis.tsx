import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { rest, type Operation } from '../aws/operation';
import { Change } from '../components/change';
import { Code, Diff, pretty } from '../components/code';
import { deleting } from '../components/confirm';
import { ChoiceField, ChoicesField, TextField } from '../components/fields';
import { PolicyEditor, usePolicyCheck } from '../components/policy-editor';
import type { Resource } from '../components/resource';
import { SimpleTable } from '../components/simple-table';
import { OnOff, Ref, Refs, Time } from '../components/status';
import { useKind } from '../data/lab';
import type { RestApi } from '../data/types';
import { CreateApi } from './create-api';
import { Deployments } from './deployments';
import { Methods } from './methods';
import { Stages, useStages } from './stages';

type Patch = { op: 'add' | 'replace' | 'remove'; path: string; value?: string };
const update = (api: RestApi, patches: Patch[]) => rest('apigateway', api, 'PATCH', `/restapis/${api.RestApiId}`, { patchOperations: patches },
  ['apigateway', 'update-rest-api', '--rest-api-id', api.RestApiId, '--patch-operations', JSON.stringify(patches)]);

function EditPolicy({ item, close }: { item: RestApi; close: () => void }) {
  const before = item.Policy ? pretty(item.Policy) : '';
  const [text, setText] = useState(before || DEFAULT);
  const checked = usePolicyCheck('resource', text);
  const operations = checked?.ok && text !== before ? [update(item, [{ op: 'replace', path: '/policy', value: text }])] : [];
  return (
    <Change title={`Resource policy of ${item.Name}`} submit="Save changes" done="The resource policy is changed. It binds calls after the next deployment." operations={operations} close={close}>
      <PolicyEditor label="Resource policy" text={text} set={setText} checked={checked} />
    </Change>
  );
}

const DEFAULT = `{
  "Version": "2012-10-17",
  "Statement": [
    { "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*" }
  ]
}`;

const TYPES = ['PRIVATE', 'REGIONAL', 'EDGE'];

function EditConfiguration({ item, close }: { item: RestApi; close: () => void }) {
  const all = useKind('vpc_endpoints').items.filter((one) => one.Region === item.Region && one.ServiceName.endsWith('.execute-api'));
  const [type, setType] = useState<string>(item.EndpointType);
  const [ids, setIds] = useState(item.VpcEndpointIds);
  const [enabled, setEnabled] = useState(!item.DisableExecuteApiEndpoint);
  const path = '/endpointConfiguration/vpcEndpointIds';
  const patches: Patch[] = [
    ...(type !== item.EndpointType ? [{ op: 'replace', path: `/endpointConfiguration/types/${item.EndpointType}`, value: type } satisfies Patch] : []),
    ...ids.filter((id) => !item.VpcEndpointIds.includes(id)).map((value): Patch => ({ op: 'add', path, value })),
    ...item.VpcEndpointIds.filter((id) => !ids.includes(id)).map((value): Patch => ({ op: 'remove', path, value })),
    ...(enabled === item.DisableExecuteApiEndpoint ? [{ op: 'replace', path: '/disableExecuteApiEndpoint', value: String(!enabled) } satisfies Patch] : []),
  ];
  return (
    <Change title={`Endpoint configuration of ${item.Name}`} submit="Save changes" done="The endpoint configuration is changed." operations={patches.length > 0 ? [update(item, patches)] : []} close={close}>
      <ChoiceField label="Endpoint type" description="Only a private API answers in the lab." value={type} set={(next) => { setType(next); if (next !== 'PRIVATE') setIds([]); }} choices={TYPES.map((value) => ({ value }))} />
      {type === 'PRIVATE' && <ChoicesField label="VPC endpoints" description="Each gets a public name of its own for this API." values={ids} set={setIds} choices={all.map((one) => ({ value: one.VpcEndpointId, description: one.VpcId }))} />}
      <Checkbox checked={enabled} onChange={({ detail }) => setEnabled(detail.checked)} description="Without it, the API answers to no name of execute-api.">Default endpoint</Checkbox>
    </Change>
  );
}

function Deploy({ item, close }: { item: RestApi; close: () => void }) {
  const stages = useStages(item);
  const [stage, setStage] = useState('');
  const [other, setOther] = useState('');
  const [description, setDescription] = useState('');
  const name = stage === NEW || stages.length === 0 ? other : stage;
  const nameError = name === '' || /^[A-Za-z0-9_-]{1,128}$/.test(name) ? undefined : 'Letters, digits, _ and -, at most 128';
  const operations: Operation[] = name === '' || nameError ? [] : [rest('apigateway', item, 'POST', `/restapis/${item.RestApiId}/deployments`, { stageName: name, ...(description && { description }) },
    ['apigateway', 'create-deployment', '--rest-api-id', item.RestApiId, '--stage-name', name, ...(description ? ['--description', description] : [])])];
  return (
    <Change title={`Deploy ${item.Name}`} submit="Deploy" done={`The API is deployed to ${name}.`} operations={operations} close={close}>
      {stages.length > 0 && <ChoiceField label="Stage" value={stage} set={setStage} choices={[...stages.map((one) => ({ value: one.StageName })), { value: NEW, label: 'A new stage' }]} />}
      {(stage === NEW || stages.length === 0) && <TextField label="Stage name" value={other} set={setOther} placeholder="dev" error={nameError} />}
      <TextField label="Description" value={description} set={setDescription} />
    </Change>
  );
}
const NEW = '+';

/** What the policy says now, beside what the deployments hold. */
function PolicyTab({ item }: { item: RestApi }) {
  const [editing, setEditing] = useState(false);
  const stages = useStages(item);
  const stale = stages.filter((stage) => stage.PolicyChanged);
  return (
    <SpaceBetween size="m">
      <Header variant="h2" actions={<Button onClick={() => setEditing(true)}>Edit policy</Button>}>Resource policy</Header>
      {stale.map((stage) => (
        <Alert key={stage.StageName} type="warning" header={`Changed since the last deployment to ${stage.StageName}`}>
          Calls are judged by the policy that was deployed{stage.DeployedAt !== null && <> at <Time at={stage.DeployedAt} /></>}. Deploy the API for the change to bind.
          <Diff before={pretty(stage.DeployedPolicy ?? '')} after={pretty(item.Policy ?? '')} label={`Policy of ${stage.StageName} and policy now`} />
        </Alert>
      ))}
      {item.Policy ? <Code text={pretty(item.Policy)} label="Resource policy" /> : <Alert type={item.EndpointType === 'PRIVATE' ? 'warning' : 'info'}>There is no resource policy{item.EndpointType === 'PRIVATE' && ': a private API without one lets nobody call it'}.</Alert>}
      {editing && <EditPolicy item={item} close={() => setEditing(false)} />}
    </SpaceBetween>
  );
}

/** Every name that a stage answers to. */
function InvokeUrls({ item }: { item: RestApi }) {
  const endpoints = useKind('vpc_endpoints').items.filter((one) => item.VpcEndpointIds.includes(one.VpcEndpointId) || (one.Region === item.Region && one.ServiceName.endsWith('.execute-api')));
  const stages = useStages(item);
  const domain = `execute-api.${item.Region}.amazonaws.com`;
  const urls = stages.flatMap(({ StageName: stage }) => [
    { form: 'Private name', url: `https://${item.RestApiId}.${domain}/${stage}/`, more: 'in the endpoint’s VPC, with private DNS' },
    ...item.VpcEndpointIds.map((id) => ({ form: 'Name with the endpoint’s id', url: `https://${item.RestApiId}-${id}.${domain}/${stage}/`, more: 'anywhere a route leads to the endpoint' })),
    ...endpoints.map((one) => ({ form: 'Endpoint’s public name', url: `https://${one.RegionalName}/${stage}/`, more: `with the header Host: ${item.RestApiId}.${domain} or x-apigw-api-id: ${item.RestApiId}` })),
  ]);
  return <SimpleTable title="Invoke URLs" items={urls} empty="The API has no stage" columns={[
    { header: 'Form', cell: (one) => one.form, width: 130 },
    { header: 'URL', cell: (one) => <CopyToClipboard variant="inline" textToCopy={one.url} copyButtonAriaLabel={`Copy ${one.url}`} copySuccessText="Copied" copyErrorText="Could not be copied" />, width: 300 },
    { header: 'Where', cell: (one) => one.more, width: 200 },
  ]} />;
}

export const apis: Resource<'rest_apis'> = {
  kind: 'rest_apis', path: ['apigateway', 'apis'], title: 'APIs', one: 'API',
  about: 'A private REST API answers only through an endpoint.',
  id: (api) => api.RestApiId,
  name: (api) => api.Name,
  create: { text: 'Create API', dialog: CreateApi },
  columns: [
    { id: 'type', header: 'Endpoint type', cell: (api) => <Badge color={api.EndpointType === 'PRIVATE' ? 'blue' : 'grey'}>{api.EndpointType}</Badge> },
    { id: 'endpoints', header: 'VPC endpoints', cell: (api) => <Refs ids={api.VpcEndpointIds} />, width: 225 },
    { id: 'policy', header: 'Policy', cell: (api) => (api.Policy ? 'Yes' : 'None'), width: 90 },
    { id: 'created', header: 'Created', cell: (api) => <Time at={api.CreatedDate} />, sort: (api) => api.CreatedDate },
  ],
  overview: (api) => [
    ['API ID', api.RestApiId], ['Name', api.Name], ['Endpoint type', api.EndpointType], ['VPC endpoints', <Refs ids={api.VpcEndpointIds} />],
    ['Default endpoint', <OnOff on={!api.DisableExecuteApiEndpoint} />], ['Created', <Time at={api.CreatedDate} />], ['Description', api.Description],
    ['Policy edited', api.PolicyEdited === null ? '–' : <Time at={api.PolicyEdited} />],
  ],
  tabs: [
    { id: 'resources', label: 'Resources', content: ({ item }) => <Methods api={item} /> },
    { id: 'policy', label: 'Policy', content: PolicyTab },
    { id: 'stages', label: 'Stages', content: ({ item }) => <Stages api={item} /> },
    { id: 'deployments', label: 'Deployments', content: ({ item }) => <Deployments api={item} /> },
    { id: 'urls', label: 'Invoke URLs', content: InvokeUrls },
    { id: 'configuration', label: 'Endpoint configuration', content: ({ item }) => (
      <SpaceBetween size="m">
        <Box>{item.EndpointType === 'PRIVATE' ? 'The API answers only through interface endpoints, whatever is listed here: the list gives names.' : 'The API is not private, so no endpoint of a lab reaches it.'}</Box>
        <SimpleTable title="VPC endpoints" items={item.VpcEndpointIds} empty="None" columns={[{ header: 'Endpoint', cell: (id) => <Ref id={id} /> }]} />
      </SpaceBetween>) },
  ],
  actions: [
    { id: 'deploy', text: 'Deploy API', dialog: Deploy },
    { id: 'policy', text: 'Edit resource policy', dialog: EditPolicy },
    { id: 'configuration', text: 'Edit endpoint configuration', dialog: EditConfiguration },
    deleting('Delete API', (api) => api.RestApiId, 'Its stages and deployments go with it.',
      (api) => rest('apigateway', api, 'DELETE', `/restapis/${api.RestApiId}`, undefined, ['apigateway', 'delete-rest-api', '--rest-api-id', api.RestApiId])),
  ],
};
