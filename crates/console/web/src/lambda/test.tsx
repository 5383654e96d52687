import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { AwsError, call } from '../aws/operation';
import { AwsCommand } from '../components/aws-command';
import { Code, pretty } from '../components/code';
import type { LambdaFunction } from '../data/types';
import { lambda } from './operation';

function read(text: string): unknown {
  try { return JSON.parse(text); } catch { return undefined; }
}

/** Invokes a function and shows what it answered. */
export function TestTab({ item }: { item: LambdaFunction }) {
  const [payload, setPayload] = useState('{}');
  const [answer, setAnswer] = useState<string>();
  const [refused, setRefused] = useState<AwsError>();
  const [busy, setBusy] = useState(false);
  const event = read(payload);
  const operation = lambda(item, 'POST', `${item.FunctionName}/invocations`, event,
    ['invoke', '--function-name', item.FunctionName, '--cli-binary-format', 'raw-in-base64-out', '--payload', payload, '/dev/stdout']);
  const run = async () => {
    setBusy(true);
    setAnswer(undefined);
    setRefused(undefined);
    try { setAnswer(await call(operation)); } catch (why) { setRefused(why instanceof AwsError ? why : new AwsError('', String(why))); }
    setBusy(false);
  };
  return (
    <SpaceBetween size="m">
      <FormField label="Event" errorText={event === undefined ? 'This is no JSON' : undefined}>
        <Textarea value={payload} onChange={({ detail }) => setPayload(detail.value)} rows={6} spellcheck={false} />
      </FormField>
      <Button variant="primary" disabled={event === undefined} loading={busy} onClick={() => void run()}>Invoke</Button>
      {answer !== undefined && <Code text={pretty(answer)} label="What the function answered" />}
      {refused && <Alert type="error" header={refused.code}>{refused.message}</Alert>}
      {event !== undefined && <AwsCommand operations={[operation]} />}
    </SpaceBetween>
  );
}
