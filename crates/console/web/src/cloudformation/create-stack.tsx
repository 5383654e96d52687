import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import type { Operation } from '../aws/operation';
import { Change } from '../components/change';
import { TextField } from '../components/fields';
import { madeIn, ScopeFields, useScopeForm } from '../components/scope-fields';
import { cloudformation } from './operation';

/** The characters of a template in a request. */
const MOST = 51_200;
const CAPABILITIES = ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'];

/** `Environment=dev Size=3` as pairs. */
function pairs(text: string): Array<[string, string]> {
  return text.split(/\s+/).filter(Boolean).map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]);
}

/** Makes a stack from a template that is pasted. */
export function CreateStack({ close }: { close: () => void }) {
  const [name, setName] = useState('');
  const form = useScopeForm();
  const [template, setTemplate] = useState('');
  const [parameters, setParameters] = useState('');
  const [acknowledged, setAcknowledged] = useState(false);
  const complete = name !== '' && template.trim() !== '' && template.length <= MOST && form.whole;
  const given = pairs(parameters);
  const params: Record<string, string> = { StackName: name, TemplateBody: template };
  given.forEach(([key, value], at) => {
    params[`Parameters.member.${at + 1}.ParameterKey`] = key;
    params[`Parameters.member.${at + 1}.ParameterValue`] = value;
  });
  if (acknowledged) CAPABILITIES.forEach((one, at) => { params[`Capabilities.member.${at + 1}`] = one; });
  const command = ['create-stack', '--stack-name', name, '--template-body', 'file://template.yaml',
    ...(given.length > 0 ? ['--parameters', ...given.map(([key, value]) => `ParameterKey=${key},ParameterValue=${value}`)] : []),
    ...(acknowledged ? ['--capabilities', ...CAPABILITIES] : [])];
  const operations: Operation[] = complete ? [cloudformation(form.scope, 'CreateStack', params, command)] : [];
  return (
    <Change title="Create stack" submit="Create stack" done={`${name} is being created.`} succeeded={() => madeIn(form.scope)} operations={operations} close={close}>
      <TextField label="Stack name" value={name} set={setName} />
      <ScopeFields {...form} />
      <FormField label="Template" description="YAML or JSON" errorText={template.length > MOST ? `Longer than ${MOST} characters: deploy it from S3.` : undefined}>
        <Textarea value={template} onChange={({ detail }) => setTemplate(detail.value)} rows={12} spellcheck={false} ariaLabel="Template" />
      </FormField>
      <TextField label="Parameters" description="Name=value, separated by spaces" value={parameters} set={setParameters} />
      <Checkbox checked={acknowledged} onChange={({ detail }) => setAcknowledged(detail.checked)}
        description="CAPABILITY_NAMED_IAM and CAPABILITY_AUTO_EXPAND">The template may make IAM resources and use macros</Checkbox>
    </Change>
  );
}
