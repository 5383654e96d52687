// The last calls through the lab's endpoints. They are kept from the first moment, whatever page is open.
import { useSyncExternalStore } from 'react';
import { hear } from './lab';

export interface Recent {
  Sequence: number; At: number; LatencyMicros: number; RequestId: string; VpcEndpointId: string; Source: string; Host: string; Method: string; Path: string;
  ApiId: string; Status: number; Fate: string; AllowedBy: { Endpoint: number | null; Resource: number | null } | null;
}

const KEPT = 200;
let calls: Recent[] = [];
const listeners = new Set<() => void>();

/** Hears of calls from now on. */
export const keepCalls = () => hear('calls', (more: Recent[]) => {
  const known = new Set(calls.map((one) => one.RequestId));
  calls = [...more.filter((one) => !known.has(one.RequestId)).reverse(), ...calls].slice(0, KEPT);
  listeners.forEach((told) => told());
});

/** The last calls, the newest first. */
export const useCalls = () =>
  useSyncExternalStore((told) => { listeners.add(told); return () => { listeners.delete(told); }; }, () => calls);
