import Alert from '@cloudscape-design/components/alert';
import Link from '@cloudscape-design/components/link';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { Code } from '../components/code';
import { Confirm } from '../components/confirm';
import type { Resource } from '../components/resource';
import { SimpleTable } from '../components/simple-table';
import { OnOff, Ref, State, Time } from '../components/status';
import { useKind } from '../data/lab';
import type { Stack } from '../data/types';
import { href } from '../router';
import { CreateStack } from './create-stack';
import { cloudformation } from './operation';

/** The resource of a stack as its own page, where there is one. */
function Physical({ type, id }: { type: string; id: string | null }) {
  if (!id) return <>–</>;
  if (type === 'AWS::CloudFormation::Stack') return <Link href={href('cloudformation', 'stacks', id)}>{id}</Link>;
  return <Ref id={id} />;
}

function Events({ item }: { item: Stack }) {
  const list = useKind('stack_events', item.StackId);
  return (
    <SimpleTable title="Events" items={list.items} empty={list.error ?? 'No events'} track={(event) => event.EventId} columns={[
      { header: 'Logical ID', cell: (event) => event.LogicalResourceId, width: 150 },
      { header: 'Time', cell: (event) => <Time at={event.Timestamp} />, width: 160 },
      { header: 'Status', cell: (event) => <State value={event.ResourceStatus} />, width: 230 },
      { header: 'Reason', cell: (event) => event.ResourceStatusReason ?? '–', width: 200 },
      { header: 'Type', cell: (event) => event.ResourceType, width: 200 },
    ]} />
  );
}

function Resources({ item }: { item: Stack }) {
  const list = useKind('stack_resources', item.StackId);
  const present = list.items.filter((one) => one.ResourceStatus !== 'DELETE_COMPLETE');
  return (
    <SimpleTable title="Resources" items={present} empty={list.error ?? 'No resources'} track={(one) => one.LogicalResourceId} columns={[
      { header: 'Logical ID', cell: (one) => one.LogicalResourceId, width: 150 },
      { header: 'Physical ID', cell: (one) => <Physical type={one.ResourceType} id={one.PhysicalResourceId} />, width: 200 },
      { header: 'Type', cell: (one) => one.ResourceType, width: 200 },
      { header: 'Status', cell: (one) => <State value={one.ResourceStatus} />, width: 230 },
      { header: 'Reason', cell: (one) => one.ResourceStatusReason ?? '–', width: 160 },
    ]} />
  );
}

function Outputs({ item }: { item: Stack }) {
  return (
    <SimpleTable title="Outputs" items={item.Outputs} empty="The template has no outputs" track={(one) => one.Key} columns={[
      { header: 'Key', cell: (one) => one.Key, width: 130 },
      { header: 'Value', cell: (one) => <Ref id={one.Value} />, width: 250 },
      { header: 'Description', cell: (one) => one.Description ?? '–', width: 150 },
      { header: 'Export name', cell: (one) => one.ExportName ?? '–', width: 130 },
    ]} />
  );
}

function Parameters({ item }: { item: Stack }) {
  return (
    <SimpleTable title="Parameters" items={item.Parameters} empty="The template has no parameters" track={(one) => one.Key} columns={[
      { header: 'Key', cell: (one) => one.Key, width: 150 },
      { header: 'Value', cell: (one) => <Ref id={one.Value} />, width: 250 },
      { header: 'Resolved value', cell: (one) => one.ResolvedValue ?? '–', width: 150 },
    ]} />
  );
}

function Template({ item }: { item: Stack }) {
  const list = useKind('stack_templates', item.StackId);
  const [shown, setShown] = useState('Original');
  const template = list.items[0];
  if (!template) return <Alert type="info">{list.error ?? 'The template is being read.'}</Alert>;
  const processed = template.Processed;
  const text = shown === 'Processed' && processed !== null ? JSON.stringify(JSON.parse(processed), null, 2) : template.Original;
  return (
    <SpaceBetween size="s">
      {processed !== null && (
        <SegmentedControl label="Which template" selectedId={shown} onChange={({ detail }) => setShown(detail.selectedId)}
          options={[{ id: 'Original', text: 'As it was given' }, { id: 'Processed', text: 'After its transforms' }]} />
      )}
      <Code text={text} label={`${shown} template`} />
    </SpaceBetween>
  );
}

function Delete({ item, close }: { item: Stack; close: () => void }) {
  const operations = [cloudformation(item, 'DeleteStack', { StackName: item.StackId }, ['delete-stack', '--stack-name', item.StackName])];
  return <Confirm title={`Delete ${item.StackName}`} submit="Delete" about="Everything the stack made is deleted, but for what the template retains."
    done={`${item.StackName} is being deleted.`} operations={operations} close={close} />;
}

function Protect({ item, close }: { item: Stack; close: () => void }) {
  const on = !item.TerminationProtection;
  const operations = [cloudformation(item, 'UpdateTerminationProtection', { StackName: item.StackName, EnableTerminationProtection: String(on) },
    ['update-termination-protection', '--stack-name', item.StackName, on ? '--enable-termination-protection' : '--no-enable-termination-protection'])];
  return <Confirm title={`${on ? 'Protect' : 'Unprotect'} ${item.StackName}`} submit={on ? 'Protect' : 'Unprotect'}
    about={on ? 'The stack cannot be deleted until this is taken back.' : 'The stack can be deleted again.'}
    done={`${item.StackName} is ${on ? 'protected' : 'not protected any more'}.`} operations={operations} close={close} />;
}

const name = (id: string) => id.split('/').at(-2) ?? id;

export const stacks: Resource<'stacks'> = {
  kind: 'stacks', path: ['cloudformation', 'stacks'], title: 'Stacks', one: 'stack',
  about: 'A stack is made from a template: sam deploy, or aws cloudformation deploy --template-file template.yaml --stack-name NAME',
  id: (stack) => stack.StackId,
  label: (stack) => stack.StackName,
  columns: [
    { id: 'status', header: 'Status', cell: (stack) => <State value={stack.StackStatus} />, sort: (stack) => stack.StackStatus, width: 190 },
    { id: 'created', header: 'Created', cell: (stack) => <Time at={stack.CreationTime} />, sort: (stack) => stack.CreationTime, width: 160 },
    { id: 'description', header: 'Description', cell: (stack) => stack.Description ?? '–', width: 200 },
  ],
  overview: (stack) => [
    ['Stack name', stack.StackName], ['Status', <State value={stack.StackStatus} />], ['Status reason', stack.StackStatusReason],
    ['Description', stack.Description], ['Created', <Time at={stack.CreationTime} />],
    ['Updated', stack.LastUpdatedTime === null ? null : <Time at={stack.LastUpdatedTime} />],
    ['Nested in', stack.ParentId && <Link href={href('cloudformation', 'stacks', stack.ParentId)}>{name(stack.ParentId)}</Link>],
    ['Termination protection', <OnOff on={stack.TerminationProtection} />], ['Capabilities', stack.Capabilities.join(', ') || null],
  ],
  tabs: [
    { id: 'events', label: 'Events', content: Events }, { id: 'resources', label: 'Resources', content: Resources },
    { id: 'outputs', label: 'Outputs', content: Outputs }, { id: 'parameters', label: 'Parameters', content: Parameters },
    { id: 'template', label: 'Template', content: Template },
  ],
  actions: [
    { id: 'delete', text: 'Delete', enabled: (stack) => !stack.TerminationProtection && stack.ParentId === null, dialog: Delete },
    { id: 'protect', text: 'Change termination protection', enabled: (stack) => stack.ParentId === null, dialog: Protect },
  ],
  create: { text: 'Create stack', dialog: CreateStack },
};
