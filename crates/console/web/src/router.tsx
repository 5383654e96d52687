// The address is the part behind `#`: /vpc/subnets/subnet-1?tab=routes. It is the only place where a page keeps where it is.
import { useSyncExternalStore } from 'react';

export interface Address { path: string[]; query: URLSearchParams }

const subscribe = (told: () => void) => {
  window.addEventListener('hashchange', told);
  return () => window.removeEventListener('hashchange', told);
};

export function useAddress(): Address {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return { path: path.split('/').filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

/** The address of a page, for `href`. */
export const href = (...path: string[]) => '#/' + path.map((part) => encodeURIComponent(part)).join('/');
export const go = (address: string) => { window.location.hash = address.replace(/^#/, ''); };

/** Changes one part of the query and adds nothing to the history. */
export function setQuery(name: string, value: string | undefined) {
  const [path = '', query = ''] = window.location.hash.replace(/^#/, '').split('?');
  const next = new URLSearchParams(query);
  if (value === undefined) next.delete(name); else next.set(name, value);
  const text = next.toString();
  window.location.replace('#' + path + (text ? '?' + text : ''));
}
