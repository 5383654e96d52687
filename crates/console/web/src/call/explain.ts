// What `/_vpclab/explain` and `/_vpclab/probe` are asked and answer: docs/explain-schema.md and crates/probe/src/stage.rs.
export interface Evidence { kind: string; id: string | null; detail: string }
export type Verdict = 'pass' | 'block' | 'undetermined' | 'skipped';
export interface Step { step: string; verdict: Verdict; summary: string; evidence: Evidence[]; cites: unknown }
export interface Fix { summary: string; account: string; commands: string[]; template: unknown[]; instead: string | null }
export interface Blocker { cause: string; title: string; step: string; detail: string; evidence: Evidence[]; page: string | null; fixes: Fix[] }
export interface Explanation {
  verdict: 'reachable' | 'blocked' | 'undetermined'; outcome: { kind: string; status?: number; body?: string } | null;
  steps: Step[]; blockers: Blocker[]; fixes: Fix[]; warnings: Blocker[]; missing: string[];
}

export interface ProbeStage { millis: number }
export interface Probe {
  outcome: { kind: string; status?: number; rcode?: string; why?: string }; interface: string; address: string;
  dns?: ProbeStage & { name: string; addresses: string[]; asked: Array<ProbeStage & { server: string; name: string; answer: { kind: string; rcode?: string; records?: string[] } }> };
  tcp?: Array<ProbeStage & { address: string; result: string }>;
  tls?: ProbeStage & { serverName?: string; version?: string; certificateNames: string[]; verified: boolean; failure?: string };
  http?: ProbeStage & { response?: { status: number; headers: Array<[string, string]>; body: string; truncated: boolean }; failure?: string };
}

export interface Call { from: string; url: string; method: string; headers: Array<[string, string]>; body?: string }

async function ask(path: string, body: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const value = (await answer.json()) as Record<string, unknown>;
  if (!answer.ok) throw new Error([value['message'], value['hint']].filter(Boolean).join(' — '));
  return value;
}

export async function explain({ from, url, method, headers }: Call): Promise<Explanation> {
  return (await ask('/_vpclab/explain', { from, url, method, headers }))['explanation'] as Explanation;
}

export async function probe({ from, url, method, headers, body }: Call): Promise<Probe> {
  const encoded = body ? btoa(String.fromCharCode(...new TextEncoder().encode(body))) : undefined;
  return (await ask('/_vpclab/probe', { from, url, method, headers, ...(encoded && { body: encoded }) }))['probe'] as Probe;
}
