import FormField from '@cloudscape-design/components/form-field';
import { useEffect, useRef, useState } from 'react';
import { highlighted } from './code';

export interface Checked { ok: boolean; message: string }
interface Seen extends Checked { of: string }

/** What the lab's own judge says of a policy, asked as it is typed. A text that it has not seen is not yet right. */
export function usePolicyCheck(kind: 'resource' | 'endpoint', text: string): Checked | undefined {
  const [checked, setChecked] = useState<Seen>();
  useEffect(() => {
    const abort = new AbortController();
    const timer = window.setTimeout(async () => {
      try {
        const answer = await fetch(`/_vpclab/console/policy?${kind}`, { method: 'POST', body: text, signal: abort.signal });
        setChecked({ ...((await answer.json()) as Checked), of: text });
      } catch { /* a later text is on its way */ }
    }, 150);
    return () => { abort.abort(); window.clearTimeout(timer); };
  }, [kind, text]);
  return checked && { ok: checked.ok && checked.of === text, message: checked.ok ? '' : checked.message };
}

/** A policy to be edited, in colours: the text lies over a copy of itself. */
export function PolicyEditor({ label, text, set, checked }: { label: string; text: string; set: (text: string) => void; checked?: Checked }) {
  const copy = useRef<HTMLPreElement>(null);
  return (
    <FormField label={label} stretch errorText={checked?.message || undefined} constraintText={checked?.ok ? 'The policy is valid.' : undefined}>
      <div className="editor code-box">
        <pre className="code" aria-hidden ref={copy}>{highlighted(text)}{'\n'}</pre>
        <textarea className="code" aria-label={label} spellCheck={false} value={text} onChange={(event) => set(event.target.value)} aria-invalid={Boolean(checked?.message)}
          onScroll={(event) => { if (copy.current) copy.current.scrollTop = event.currentTarget.scrollTop; }} />
      </div>
    </FormField>
  );
}
