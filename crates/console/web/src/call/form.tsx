import Alert from '@cloudscape-design/components/alert';
import Autosuggest from '@cloudscape-design/components/autosuggest';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useEffect, useState } from 'react';
import { hear, useKind } from '../data/lab';
import { explain, probe, type Call, type Explanation, type Probe } from './explain';
import { PathView } from './path';
import { ProbeView } from './probe';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].map((value) => ({ value, label: value }));

/** Where a call can come from, and which URLs the lab's APIs have. */
function useChoices() {
  const instances = useKind('instances').items.filter((one) => one.State === 'running');
  const functions = useKind('functions').items.filter((one) => one.VpcConfig);
  const apis = useKind('rest_apis').items;
  const stages = useKind('stages').items;
  const sources = [
    ...instances.map((one) => ({ value: one.InstanceId, label: one.Tags['Name'] ? `${one.Tags['Name']} (${one.InstanceId})` : one.InstanceId, description: `instance, ${one.PrivateIpAddress ?? ''} in ${one.Region}` })),
    ...functions.map((one) => ({ value: one.FunctionArn, label: one.FunctionName, description: `function in ${one.Region}` })),
  ];
  const urls = stages.flatMap((stage) => {
    const api = apis.find((one) => one.RestApiId === stage.RestApiId);
    if (!api) return [];
    const name = (label: string) => `https://${label}.execute-api.${api.Region}.amazonaws.com/${stage.StageName}/`;
    return [
      { value: name(api.RestApiId), label: name(api.RestApiId), description: `${api.Name}: private name` },
      ...api.VpcEndpointIds.map((id) => ({ value: name(`${api.RestApiId}-${id}`), label: name(`${api.RestApiId}-${id}`), description: `${api.Name}: name with the endpoint's id` })),
    ];
  });
  return { sources, urls };
}

function headersOf(text: string): Array<[string, string]> {
  return text.split('\n').filter((line) => line.includes(':')).map((line) => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]);
}

/** Asks for a call; judges it, and makes it where `real` says so. Judged again, and shown anew, whenever the lab changes. */
export function CallForm({ title, real = false, explained }: { title: string; real?: boolean; explained?: (explanation?: Explanation) => void }) {
  const { sources, urls } = useChoices();
  const [from, setFrom] = useState('');
  const [url, setUrl] = useState('');
  const [method, setMethod] = useState('GET');
  const [headers, setHeaders] = useState('');
  const [body, setBody] = useState('');
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState('');
  const [explanation, setExplanation] = useState<Explanation>();
  const [result, setResult] = useState<Probe>();
  const [asked, setAsked] = useState<Call>();
  useEffect(() => explained?.(explanation), [explanation]);
  // Judging costs nothing: it is done again whenever the lab changes. The call itself is made when somebody says so.
  useEffect(() => {
    if (!asked) return;
    let [judging, again, gone] = [false, false, false];
    const judge = async () => {
      if (judging) { again = true; return; }
      judging = true;
      const judged = await explain(asked).catch(() => undefined);
      judging = false;
      if (gone) return;
      setExplanation(judged);
      if (again) { again = false; void judge(); }
    };
    const stop = hear('change', () => void judge());
    return () => { gone = true; stop(); };
  }, [asked]);

  const run = async () => {
    const call: Call = { from, url, method, headers: headersOf(headers), ...(body !== '' && method !== 'GET' && { body }) };
    setBusy(true);
    setFailed('');
    const problems: string[] = [];
    const noted = (why: unknown) => { problems.push(why instanceof Error ? why.message : String(why)); return undefined; };
    const [judged, made] = await Promise.all([explain(call).catch(noted), real ? probe(call).catch(noted) : undefined]);
    setAsked(call);
    setExplanation(judged);
    setResult(made);
    setFailed([...new Set(problems)].join('\n'));
    setBusy(false);
  };
  const whole = from !== '' && /^https?:\/\/./.test(url);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{title}</Header>}>
        <form onSubmit={(event) => { event.preventDefault(); if (whole && !busy) void run(); }}>
          <SpaceBetween size="m">
            <Grid gridDefinition={[{ colspan: { default: 12, s: 4 } }, { colspan: { default: 12, s: 2 } }, { colspan: { default: 12, s: 6 } }]}>
              <FormField label="From"><Select selectedOption={sources.find((one) => one.value === from) ?? null} options={sources} placeholder="An instance or a function" empty="There is no running instance" onChange={({ detail }) => setFrom(detail.selectedOption.value ?? '')} /></FormField>
              <FormField label="Method"><Select selectedOption={{ value: method, label: method }} options={METHODS} onChange={({ detail }) => setMethod(detail.selectedOption.value ?? 'GET')} /></FormField>
              <FormField label="URL"><Autosuggest value={url} options={urls} enteredTextLabel={(text) => `Use ${text}`} placeholder="https://…" empty="There is no stage" ariaLabel="URL" onChange={({ detail }) => setUrl(detail.value)} /></FormField>
            </Grid>
            {real && (
              <Grid gridDefinition={[{ colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 6 } }]}>
                <FormField label="Headers" description="One a line: x-apigw-api-id: …"><Textarea value={headers} rows={2} spellcheck={false} onChange={({ detail }) => setHeaders(detail.value)} /></FormField>
                <FormField label="Body" description="Not sent with GET."><Textarea value={body} rows={2} spellcheck={false} onChange={({ detail }) => setBody(detail.value)} /></FormField>
              </Grid>
            )}
            <Button variant="primary" loading={busy} disabled={!whole} onClick={() => void run()}>{real ? 'Call' : 'Show the path'}</Button>
          </SpaceBetween>
        </form>
      </Container>
      {failed && <Alert type="error">{failed}</Alert>}
      {result && <ProbeView probe={result} />}
      {explanation && <PathView explanation={explanation} applied={() => void run()} />}
    </SpaceBetween>
  );
}
