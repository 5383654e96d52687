import { Code } from '../components/code';
import { Confirm } from '../components/confirm';
import type { Resource } from '../components/resource';
import { SimpleTable } from '../components/simple-table';
import { Ref, Refs, Time } from '../components/status';
import type { LambdaFunction } from '../data/types';
import { LogsTab } from './logs';
import { lambda } from './operation';
import { TestTab } from './test';

function Variables({ item }: { item: LambdaFunction }) {
  return (
    <SimpleTable title="Environment variables" items={Object.entries(item.Environment)} empty="None" track={([key]) => key} columns={[
      { header: 'Key', cell: ([key]) => key, width: 150 }, { header: 'Value', cell: ([, value]) => value, width: 250 },
    ]} />
  );
}

function Network({ item }: { item: LambdaFunction }) {
  const vpc = item.VpcConfig;
  const rows = vpc === null ? [] : vpc.SubnetIds.map((subnet, at) => ({ subnet, eni: vpc.NetworkInterfaceIds[at] ?? null }));
  return (
    <SimpleTable title="Subnets and network interfaces" items={rows} track={(row) => row.subnet}
      empty="The function is in no VPC, so it has no network at all" columns={[
        { header: 'Subnet', cell: (row) => <Ref id={row.subnet} />, width: 200 },
        { header: 'Network interface', cell: (row) => <Ref id={row.eni} />, width: 200 },
        { header: 'Security groups', cell: () => <Refs ids={vpc?.SecurityGroupIds ?? []} />, width: 200 },
      ]} />
  );
}

const Permissions = ({ item }: { item: LambdaFunction }) =>
  item.Policy.length === 0
    ? <SimpleTable title="Resource-based policy" items={[]} columns={[{ header: 'Statement', cell: () => null }]} empty="Nobody but the account may call it" />
    : <Code text={JSON.stringify(item.Policy, null, 2)} label="Resource-based policy" />;

function Delete({ item, close }: { item: LambdaFunction; close: () => void }) {
  const operations = [lambda(item, 'DELETE', item.FunctionName, undefined, ['delete-function', '--function-name', item.FunctionName])];
  return <Confirm title={`Delete ${item.FunctionName}`} submit="Delete" about="The function with its versions and aliases is deleted."
    done={`${item.FunctionName} is deleted.`} operations={operations} close={close} />;
}

export const functions: Resource<'functions'> = {
  kind: 'functions', path: ['lambda', 'functions'], title: 'Functions', one: 'function',
  about: 'A function runs as a process of this machine: aws lambda create-function, or sam deploy',
  id: (one) => one.FunctionArn,
  label: (one) => one.FunctionName,
  columns: [
    { id: 'runtime', header: 'Runtime', cell: (one) => one.Runtime, sort: (one) => one.Runtime },
    { id: 'vpc', header: 'VPC', cell: (one) => <Ref id={one.VpcConfig?.VpcId} />, width: 190 },
    { id: 'modified', header: 'Modified', cell: (one) => <Time at={one.LastModified} />, sort: (one) => one.LastModified, width: 160 },
  ],
  overview: (one) => [
    ['Function name', one.FunctionName], ['Description', one.Description || null], ['Runtime', one.Runtime], ['Handler', one.Handler],
    ['Timeout', `${one.Timeout} s`], ['Memory', `${one.MemorySize} MB`], ['Code', `${one.CodeSize} bytes`], ['Role', one.Role],
    ['VPC', <Ref id={one.VpcConfig?.VpcId} />], ['Log group', one.LogGroup], ['Modified', <Time at={one.LastModified} />],
    ['Layers', one.Layers.length === 0 ? null : one.Layers.join(', ')],
  ],
  tabs: [
    { id: 'logs', label: 'Logs', content: LogsTab }, { id: 'test', label: 'Test', content: TestTab },
    { id: 'network', label: 'Network', content: Network }, { id: 'variables', label: 'Environment', content: Variables },
    { id: 'permissions', label: 'Permissions', content: Permissions },
  ],
  actions: [{ id: 'delete', text: 'Delete', dialog: Delete }],
};
