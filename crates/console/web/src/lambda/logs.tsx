import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useState } from 'react';
import { AwsError, call, json } from '../aws/operation';
import { AwsCommand } from '../components/aws-command';
import { hear } from '../data/lab';
import type { LambdaFunction } from '../data/types';

interface LogEvent { eventId: string; timestamp: number; message: string }
/** The newest events that are kept on the page, and the age of the oldest that is asked for. */
const MOST = 500;
const HOUR = 3_600_000;

const operation = (item: LambdaFunction, from: number, token?: string) =>
  json('logs', item, 'Logs_20140328.FilterLogEvents', { logGroupName: item.LogGroup, startTime: from, nextToken: token },
    ['logs', 'tail', item.LogGroup, '--since', '1h', '--follow']);

/** The events since a time, all pages of them as far as the page keeps them. */
async function read(item: LambdaFunction, from: number): Promise<LogEvent[]> {
  let events: LogEvent[] = [];
  let token: string | undefined;
  do {
    const page = JSON.parse(await call(operation(item, from, token))) as { events: LogEvent[]; nextToken?: string };
    events = [...events, ...page.events].slice(-MOST);
    token = page.nextToken;
  } while (token !== undefined);
  return events;
}

/** The last hour's log events of a function; further ones come as they are written. */
export function LogsTab({ item }: { item: LambdaFunction }) {
  const [events, setEvents] = useState<LogEvent[]>();
  const [refused, setRefused] = useState<string>();
  const { FunctionArn } = item;
  useEffect(() => {
    let open = true;
    let reading = false;
    let again = false;
    const refresh = async () => {
      if (reading) { again = true; return; }
      reading = true;
      do {
        again = false;
        try {
          const found = await read(item, Date.now() - HOUR);
          if (open) { setEvents(found); setRefused(undefined); }
        } catch (why) {
          // A function that never ran has no log group.
          const missing = why instanceof AwsError && why.code === 'ResourceNotFoundException';
          if (open) { setEvents([]); setRefused(missing ? undefined : String(why)); }
        }
      } while (again && open);
      reading = false;
    };
    void refresh();
    const stop = hear('logs', () => void refresh());
    return () => { open = false; stop(); };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [FunctionArn, item.LogGroup]);
  return (
    <SpaceBetween size="s">
      {refused && <Box color="text-status-error">{refused}</Box>}
      {events?.length === 0 && <Box color="text-status-inactive">No log events in the last hour. Invoke the function under “Test”.</Box>}
      {events !== undefined && events.length > 0 && (
        <pre className="code code-box" tabIndex={0} role="region" aria-label="Log events">
          {events.map((event) => `${new Date(event.timestamp).toISOString()}  ${event.message.trimEnd()}\n`).join('')}
        </pre>
      )}
      <AwsCommand operations={[operation(item, 0)]} />
    </SpaceBetween>
  );
}
