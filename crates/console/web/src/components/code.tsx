import type { ReactNode } from 'react';

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null|-?\d+(?:\.\d+)?)\b/g;

/** JSON with its keys, texts and words in colours. */
export function highlighted(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    parts.push(text.slice(end, match.index));
    const kind = match[3] !== undefined ? 'word' : match[2] !== undefined ? 'key' : 'text';
    parts.push(<span key={match.index} className={kind}>{match[1] ?? match[3]}</span>, match[2] ?? '');
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** A document as people read it; as it is when it is no JSON. */
export function pretty(text: string): string {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

export const Code = ({ text, label }: { text: string; label: string }) =>
  <pre className="code code-box" tabIndex={0} role="region" aria-label={label}>{highlighted(text)}</pre>;

export interface DiffLine { sign: ' ' | '+' | '-'; text: string }

/** The lines that two documents differ in, by their longest common part. Long documents are compared from both ends only. */
export function diff(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const [left, right] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const same = (text: string): DiffLine => ({ sign: ' ', text });
  return [...a.slice(0, head).map(same), ...middle(left, right), ...a.slice(a.length - tail).map(same)];
}

const MOST = 1_000_000;

function middle(a: string[], b: string[]): DiffLine[] {
  if (a.length * b.length > MOST) return [...a.map((text): DiffLine => ({ sign: '-', text })), ...b.map((text): DiffLine => ({ sign: '+', text }))];
  // common[i][j] is the length of the longest common part of a[i..] and b[j..].
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) for (let j = b.length - 1; j >= 0; j--) {
    common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  }
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { lines.push({ sign: ' ', text: a[i]! }); i += 1; j += 1; }
    else if (i < a.length && (j === b.length || common[i + 1]![j]! >= common[i]![j + 1]!)) { lines.push({ sign: '-', text: a[i]! }); i += 1; }
    else { lines.push({ sign: '+', text: b[j]! }); j += 1; }
  }
  return lines;
}

export function Diff({ before, after, label }: { before: string; after: string; label: string }) {
  return (
    <pre className="code code-box" tabIndex={0} role="region" aria-label={label}>
      {diff(before, after).map(({ sign, text }, at) => <span key={at} className={sign === '+' ? 'added' : sign === '-' ? 'removed' : undefined}>{sign} {text}{'\n'}</span>)}
    </pre>
  );
}
