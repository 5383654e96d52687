// The lists a page shows, kept as fresh as the lab. A page names the kinds it needs; they are fetched once, and again only when the
// daemon says on its event stream that they changed. Nothing is polled.
import { useCallback, useSyncExternalStore } from 'react';
import type { KindName, Kinds } from './types';

export interface List<T> { items: T[]; state: 'loading' | 'ready' | 'failed'; error?: string; truncated: boolean }
export type Connection = 'connecting' | 'live' | 'lost';

interface Entry { list: List<unknown>; readers: number; stale: boolean; fetching: boolean }

const LOADING: List<never> = { items: [], state: 'loading', truncated: false };
const entries = new Map<string, Entry>();
const listeners = new Set<() => void>();
const told = () => listeners.forEach((listener) => listener());
let connection: Connection = 'connecting';
let planned = false;

/** `vpcs`, or `stack_events=ARN` for the list that belongs to one resource. */
const keyOf = (kind: string, of?: string) => (of === undefined ? kind : kind + '=' + encodeURIComponent(of));
const kindOf = (key: string) => key.split('=')[0] ?? key;

/** All items of a kind, live. */
export function useKind<K extends KindName>(kind: K, of?: string): List<Kinds[K]> {
  const key = keyOf(kind, of);
  const subscribe = useCallback((listener: () => void) => {
    const entry = entries.get(key) ?? { list: LOADING, readers: 0, stale: true, fetching: false };
    entries.set(key, entry);
    entry.readers += 1;
    listeners.add(listener);
    if (entry.stale) plan();
    return () => { entry.readers -= 1; listeners.delete(listener); };
  }, [key]);
  return useSyncExternalStore(subscribe, () => (entries.get(key)?.list ?? LOADING) as List<Kinds[K]>);
}

export const useConnection = () =>
  useSyncExternalStore((listener) => { listeners.add(listener); return () => listeners.delete(listener); }, () => connection);

/** Fetches what is stale and read, all in one request, once this turn is over. */
function plan() {
  if (planned) return;
  planned = true;
  queueMicrotask(() => { planned = false; void fetchStale(); });
}

async function fetchStale() {
  const wanted = [...entries].filter(([, entry]) => entry.stale && entry.readers > 0 && !entry.fetching);
  if (wanted.length === 0) return;
  for (const [, entry] of wanted) { entry.stale = false; entry.fetching = true; }
  // Of one kind only one list fits into a request.
  const requests: Array<typeof wanted> = [];
  for (const one of wanted) {
    const fits = requests.find((request) => !request.some(([key]) => kindOf(key) === kindOf(one[0])));
    if (fits) fits.push(one); else requests.push([one]);
  }
  await Promise.all(requests.map(fetchLists));
  plan();
}

async function fetchLists(wanted: Array<[string, Entry]>) {
  try {
    const answer = await fetch('/_vpclab/console/state?' + wanted.map(([key]) => key).join('&'));
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.message ?? `the daemon answered ${answer.status}`);
    for (const [key, entry] of wanted) {
      const items = body.kinds[kindOf(key)] ?? [];
      entry.list = { items, state: 'ready', truncated: body.truncated.includes(kindOf(key)) };
    }
  } catch (why) {
    const error = why instanceof Error ? why.message : String(why);
    for (const [, entry] of wanted) entry.list = { ...entry.list, state: entry.list.state === 'ready' ? 'ready' : 'failed', error };
  }
  for (const [, entry] of wanted) entry.fetching = false;
  told();
}

function spoil(changed: (kind: string) => boolean) {
  for (const [key, entry] of entries) if (changed(kindOf(key))) entry.stale = true;
  plan();
}

const hearers = new Map<string, Set<(data: unknown) => void>>();

/** Hears a named event of the stream, such as `calls`; answers how to stop. */
export function hear(name: string, hearer: (data: never) => void): () => void {
  const known = hearers.get(name) ?? new Set();
  hearers.set(name, known);
  known.add(hearer as (data: unknown) => void);
  return () => { known.delete(hearer as (data: unknown) => void); };
}

let source: EventSource | undefined;

/** Opens the event stream. A hidden page closes it, so that many tabs do not use up the browser's connections. */
export function listen() {
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource('/_vpclab/console/events');
    for (const name of ['hello', 'change', 'calls', 'logs']) {
      source.addEventListener(name, (event) => {
        const data = JSON.parse((event as MessageEvent<string>).data) as { kinds: string[] };
        if (name === 'hello') { connection = 'live'; spoil(() => true); told(); }
        if (name === 'change') spoil((kind) => data.kinds.includes(kind));
        hearers.get(name)?.forEach((hearer) => hearer(data));
      });
    }
    source.onerror = () => {
      connection = 'lost';
      told();
      // The browser comes again by itself, unless the daemon refused; then so do we.
      if (source?.readyState === EventSource.CLOSED) { source = undefined; window.setTimeout(open, 2000); }
    };
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { source?.close(); source = undefined; } else open();
  });
  open();
}
