// Which region and account the lists show. Everything, until somebody chooses.
import { useSyncExternalStore } from 'react';
import type { Scope } from './types';

export interface Filter { region: string; account: string }
const listeners = new Set<() => void>();
let filter: Filter = { region: '', account: '' };

export const setFilter = (next: Partial<Filter>) => { filter = { ...filter, ...next }; listeners.forEach((told) => told()); };
export const useFilter = () =>
  useSyncExternalStore((told) => { listeners.add(told); return () => { listeners.delete(told); }; }, () => filter);

export const passes = (filter: Filter, item: Scope) =>
  (filter.region === '' || filter.region === item.Region) && (filter.account === '' || filter.account === item.OwnerId);
