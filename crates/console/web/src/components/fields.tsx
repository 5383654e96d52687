import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';

interface Labelled { label: string; description?: string; error?: string }
export interface Choice { value: string; label?: string; description?: string }

export const TextField = ({ value, set, placeholder, ...field }: Labelled & { value: string; set: (value: string) => void; placeholder?: string }) => (
  <FormField label={field.label} description={field.description} errorText={field.error}>
    <Input value={value} onChange={({ detail }) => set(detail.value)} placeholder={placeholder} spellcheck={false} autoComplete={false} />
  </FormField>
);

const option = ({ value, label, description }: Choice) => ({ value, label: label ?? value, description });

export const ChoiceField = ({ value, set, choices, empty = 'There is none', ...field }: Labelled & { value: string; set: (value: string) => void; choices: Choice[]; empty?: string }) => (
  <FormField label={field.label} description={field.description} errorText={field.error}>
    <Select selectedOption={choices.filter((choice) => choice.value === value).map(option)[0] ?? null} options={choices.map(option)} empty={empty}
      placeholder="Choose" filteringType={choices.length > 8 ? 'auto' : 'none'} onChange={({ detail }) => set(detail.selectedOption.value ?? '')} />
  </FormField>
);

export const ChoicesField = ({ values, set, choices, empty = 'There is none', ...field }: Labelled & { values: string[]; set: (values: string[]) => void; choices: Choice[]; empty?: string }) => (
  <FormField label={field.label} description={field.description} errorText={field.error}>
    <Multiselect selectedOptions={values.map((value) => option(choices.find((choice) => choice.value === value) ?? { value }))} options={choices.map(option)} empty={empty}
      placeholder="Choose" deselectAriaLabel={(one) => `Remove ${one.label ?? ''}`} onChange={({ detail }) => set(detail.selectedOptions.map((one) => one.value ?? ''))} />
  </FormField>
);

export const isPorts = (text: string) => {
  const [from, to = from] = (/^\d{1,5}(-\d{1,5})?$/.exec(text)?.[0] ?? '').split('-').map(Number);
  return text !== '' && from !== undefined && to !== undefined && from <= to && to <= 65535;
};
