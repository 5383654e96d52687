// What an operation that only reads answers, for the choices of a form.
import { useEffect, useState } from 'react';
import { call, type Operation } from './operation';

/** The answer's text, asked for anew when the operation is another one. */
export function useAnswer(operation: Operation | undefined): { text?: string; error?: string } {
  const [answer, setAnswer] = useState<{ text?: string; error?: string }>({});
  const key = operation && JSON.stringify([operation.scope, operation.service, operation.path, operation.body]);
  useEffect(() => {
    setAnswer({});
    if (!operation) return;
    let gone = false;
    call(operation).then((text) => { if (!gone) setAnswer({ text }); }, (why: unknown) => { if (!gone) setAnswer({ error: why instanceof Error ? why.message : String(why) }); });
    return () => { gone = true; };
  }, [key]);
  return answer;
}

/** The items of a set in an XML answer, each with the text of its elements by name. */
export function items(text: string | undefined, set: string): Array<Record<string, string>> {
  const found = text === undefined ? undefined : new DOMParser().parseFromString(text, 'text/xml').getElementsByTagName(set)[0];
  return [...(found?.children ?? [])].map((item) => Object.fromEntries([...item.children].map((one) => [one.tagName, one.textContent ?? ''])));
}
