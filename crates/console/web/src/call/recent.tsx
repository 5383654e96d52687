import Box from '@cloudscape-design/components/box';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { Ref } from '../components/status';
import { useCalls, type Recent } from '../data/calls';

const decided = ({ Fate, AllowedBy }: Recent) => {
  if (!AllowedBy) return Fate;
  const by = [['endpoint policy', AllowedBy.Endpoint], ['resource policy', AllowedBy.Resource]].filter(([, at]) => at !== null).map(([name, at]) => `statement ${at} of the ${name}`);
  return by.length > 0 ? `allowed by ${by.join(' and ')}` : Fate;
};

/** The calls through every endpoint, as they come. */
export function RecentCalls() {
  const calls = useCalls();
  return (
    <Table<Recent> items={calls} trackBy="RequestId" wrapLines ariaLabels={{ tableLabel: 'Recent calls' }}
      header={<Header variant="h2" counter={`(${calls.length})`} description="Through every endpoint, as they come; the newest first.">Recent calls</Header>}
      empty={<Box textAlign="center" color="inherit">No call has reached an endpoint yet</Box>}
      columnDefinitions={[
        { id: 'at', header: 'Time', cell: (one) => new Date(one.At).toLocaleTimeString(), minWidth: 110 },
        { id: 'status', header: 'Status', cell: (one) => <StatusIndicator type={one.Status < 400 ? 'success' : 'error'}>{one.Status}</StatusIndicator>, minWidth: 90 },
        { id: 'latency', header: 'Latency', cell: (one) => `${(one.LatencyMicros / 1000).toFixed(1)} ms`, minWidth: 90 },
        { id: 'source', header: 'Source', cell: (one) => one.Source, minWidth: 100 },
        { id: 'request', header: 'Request', cell: (one) => `${one.Method} ${one.Host}${one.Path}`, isRowHeader: true, minWidth: 200 },
        { id: 'endpoint', header: 'Endpoint', cell: (one) => <Ref id={one.VpcEndpointId} />, minWidth: 160 },
        { id: 'decided', header: 'Decided by', cell: decided, minWidth: 170 },
      ]} />
  );
}
