// A change as data: the request to the AWS API at this page's own origin, and the `aws` command that does the same.
import type { Scope } from '../data/types';

export interface Operation {
  scope: Scope; service: string; method: string; path: string; headers: Record<string, string>; body: string;
  /** The words behind `aws`. */
  command: string[];
}

export class AwsError extends Error {
  constructor(readonly code: string, message: string) { super(message); }
}

/** An operation of EC2's or CloudFormation's query protocol. */
export function query(service: string, version: string, scope: Scope, action: string, params: Record<string, string>, command: string[]): Operation {
  const body = new URLSearchParams({ Action: action, Version: version, ...params }).toString();
  return { scope, service, method: 'POST', path: '/', headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }, body, command };
}

export const ec2 = (scope: Scope, action: string, params: Record<string, string>, command: string[]) =>
  query('ec2', '2016-11-15', scope, action, params, ['ec2', ...command]);

/** An operation of a REST-JSON service. */
export const rest = (service: string, scope: Scope, method: string, path: string, body: unknown, command: string[]): Operation => ({
  scope, service, method, path, headers: { 'content-type': 'application/json' }, body: body === undefined ? '' : JSON.stringify(body), command,
});

/** An operation of a JSON 1.1 service, such as `Logs_20140328.FilterLogEvents`. */
export const json = (service: string, scope: Scope, target: string, body: unknown, command: string[]): Operation => ({
  scope, service, method: 'POST', path: '/', headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }, body: JSON.stringify(body), command,
});

/** Any credentials work: the access key names the account, the scope names region and service. */
function authorization({ scope, service }: Operation) {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  return `AWS4-HMAC-SHA256 Credential=${scope.OwnerId}/${day}/${scope.Region}/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
}

/** Calls the API; the answer's text. */
export async function call(operation: Operation): Promise<string> {
  const { method, path, headers, body } = operation;
  const answer = await fetch(path, { method, headers: { ...headers, authorization: authorization(operation) }, body: body === '' ? undefined : body });
  const text = await answer.text();
  if (!answer.ok) throw refusal(answer, text);
  return text;
}

function refusal(answer: Response, text: string): AwsError {
  if (text.startsWith('<')) {
    const xml = new DOMParser().parseFromString(text, 'text/xml');
    const one = (name: string) => xml.getElementsByTagName(name)[0]?.textContent ?? '';
    return new AwsError(one('Code') || String(answer.status), one('Message') || text);
  }
  try {
    const body = JSON.parse(text) as Record<string, string>;
    const code = answer.headers.get('x-amzn-errortype') ?? body.__type ?? body.code ?? String(answer.status);
    return new AwsError(code.split('#').pop() ?? code, body.message ?? body.Message ?? text);
  } catch {
    return new AwsError(String(answer.status), text || answer.statusText);
  }
}

/** `aws ec2 …` as a shell takes it, with the region. */
export function commandLine({ command, scope }: Operation): string {
  const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;
  const quoted = (word: string) => (plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
  return ['aws', ...command, '--region', scope.Region].map(quoted).join(' ');
}
