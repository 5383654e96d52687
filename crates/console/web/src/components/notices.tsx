import Flashbar from '@cloudscape-design/components/flashbar';
import { useEffect, useSyncExternalStore } from 'react';
import { useAddress } from '../router';

interface Notice { id: string; text: string; type: 'success' | 'error' }
const KEPT = 2;
let notices: Notice[] = [];
let count = 0;
const listeners = new Set<() => void>();
const set = (next: Notice[]) => { notices = next; listeners.forEach((told) => told()); };

/** Says above the page what was done. */
export const say = (text: string, type: Notice['type'] = 'success') => set([...notices, { id: String(count++), text, type }].slice(-KEPT));

export function Notices() {
  // They belong to the page where something was done.
  const { path } = useAddress();
  useEffect(() => () => set([]), [path.join('/')]);
  const shown = useSyncExternalStore((told) => { listeners.add(told); return () => { listeners.delete(told); }; }, () => notices);
  return (
    <Flashbar items={shown.map(({ id, text, type }) => ({
      id, type, content: text, dismissible: true, dismissLabel: 'Dismiss', onDismiss: () => set(notices.filter((notice) => notice.id !== id)),
    }))} />
  );
}
