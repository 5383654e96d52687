import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import type { Operation } from '../aws/operation';
import { Change } from '../components/change';
import { ChoiceField } from '../components/fields';
import { madeIn, ScopeFields, useScopeForm } from '../components/scope-fields';

/** A private API with one method that answers by itself, to begin with. */
const EXAMPLE = JSON.stringify({
  openapi: '3.0.1', info: { title: 'pets', version: '1.0' },
  paths: { '/pets': { get: {
    responses: { 200: { description: 'ok' } },
    'x-amazon-apigateway-integration': {
      type: 'mock', requestTemplates: { 'application/json': '{"statusCode": 200}' },
      responses: { default: { statusCode: '200', responseTemplates: { 'application/json': '["Bello", "Mimi"]' } } },
    },
  } } },
}, null, 2);

/** What is wrong with a text that begins as JSON; YAML is left to AWS. */
function documentError(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try { JSON.parse(text); return undefined; } catch (why) { return why instanceof Error ? why.message : String(why); }
}

/** Makes an API from an OpenAPI document that is pasted. */
export function CreateApi({ close }: { close: () => void }) {
  const form = useScopeForm();
  const [type, setType] = useState('PRIVATE');
  const [text, setText] = useState(EXAMPLE);
  const error = documentError(text);
  const parameter = `endpointConfigurationTypes=${type}`;
  const operations: Operation[] = form.whole && text.trim() !== '' && !error ? [{
    scope: form.scope, service: 'apigateway', method: 'POST', path: `/restapis?mode=import&${parameter}`, headers: { 'content-type': 'application/json' }, body: text,
    command: ['apigateway', 'import-rest-api', '--parameters', parameter, '--body', 'fileb://api.json'],
  }] : [];
  return (
    <Change title="Create an API" submit="Create API" done="The API is there. It answers once it is deployed." succeeded={() => madeIn(form.scope)} operations={operations} close={close}>
      <ChoiceField label="Endpoint type" description="Only a private API answers in the lab." value={type} set={setType} choices={['PRIVATE', 'REGIONAL', 'EDGE'].map((value) => ({ value }))} />
      <ScopeFields {...form} />
      <FormField label="OpenAPI document" description="JSON or YAML, with the extensions of API Gateway. Its title names the API." stretch errorText={error}>
        <Textarea value={text} onChange={({ detail }) => setText(detail.value)} rows={14} spellcheck={false} />
      </FormField>
    </Change>
  );
}
