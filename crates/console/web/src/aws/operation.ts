// A change as data: the request to the AWS API at this page's own origin, and the `aws` command that does the same.
import type { Scope } from '../data/types';

export interface Operation {
  scope: Scope; service: string; method: string; path: string; headers: Record<string, string>; body: string;
  /** The words behind `aws`. */
  command: string[];
  /** What comes of its answer: the operations that need the id it gives. */
  next?: Next;
}

/** An id in an answer: its element or member, the variable that a script calls it, where the CLI finds it, and what is done with it. */
export interface Next { member: string; variable: string; query: string; then: (id: string) => Operation[] }

export class AwsError extends Error {
  constructor(readonly code: string, message: string) { super(message); }
}

/** An operation of EC2's or CloudFormation's query protocol. */
export function query(service: string, version: string, scope: Scope, action: string, params: Record<string, string>, command: string[]): Operation {
  const body = new URLSearchParams({ Action: action, Version: version, ...params }).toString();
  return { scope, service, method: 'POST', path: '/', headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }, body, command };
}

/** A list as the query protocols number it: `SubnetId.1`, `SubnetId.2`. */
export const numbered = (name: string, values: string[]) => Object.fromEntries(values.map((value, at) => [`${name}.${at + 1}`, value]));

/** The parameters and the option that give a new resource of EC2 its name. */
export const named = (type: string, name: string): { params: Record<string, string>; option: string[] } => name === '' ? { params: {}, option: [] } : {
  params: { 'TagSpecification.1.ResourceType': type, 'TagSpecification.1.Tag.1.Key': 'Name', 'TagSpecification.1.Tag.1.Value': name },
  option: ['--tag-specifications', JSON.stringify([{ ResourceType: type, Tags: [{ Key: 'Name', Value: name }] }])],
};

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
  const refused = unsuccessful(text);
  if (refused) throw refused;
  return text;
}

/** Runs operations in order, each with those that follow from its answer. `done` hears of each that was done. */
export async function run(operations: Operation[], done: (operation: Operation) => void): Promise<void> {
  for (const operation of operations) {
    const answer = await call(operation);
    done(operation);
    if (operation.next) await run(operation.next.then(member(answer, operation.next.member)), done);
  }
}

function member(answer: string, name: string): string {
  const found = answer.startsWith('<') ? new DOMParser().parseFromString(answer, 'text/xml').getElementsByTagName(name)[0]?.textContent
    : (JSON.parse(answer) as Record<string, string>)[name];
  if (!found) throw new AwsError('', `the answer has no ${name}`);
  return found;
}

/** What an answer of EC2 refused of a list of resources, though its status says that all is well: `DeleteVpcEndpoints`. */
function unsuccessful(text: string): AwsError | undefined {
  if (!text.startsWith('<')) return undefined;
  const item = new DOMParser().parseFromString(text, 'text/xml').querySelector('unsuccessful > item');
  const one = (name: string) => item?.getElementsByTagName(name)[0]?.textContent ?? '';
  return item ? new AwsError(one('code'), `${one('resourceId')}: ${one('message')}`) : undefined;
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

/** Stands before the name of a shell's variable in a command. Any other text behind it is quoted as text. */
const VARIABLE = '\u{f0000}';
const IS_VARIABLE = /^\u{f0000}[a-z]+$/u;
const OPTION = /^--[a-z][a-z0-9-]*$/;

/** `aws ec2 …` as a shell takes it, with the region. */
export function commandLine({ command, scope }: Operation): string {
  const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;
  const quoted = (word: string) => (IS_VARIABLE.test(word) ? `"$${word.slice(VARIABLE.length)}"` : plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
  const words: string[] = [];
  for (const word of ['aws', ...command, '--region', scope.Region]) {
    const before = words[words.length - 1] ?? '';
    // A value that begins as an option does is taken for one unless it stands in the option's own word.
    if (word.startsWith('-') && !OPTION.test(word) && OPTION.test(before)) words[words.length - 1] = `${before}=${word}`;
    else words.push(word);
  }
  return words.map(quoted).join(' ');
}

/** The lines of a script that does the same; an id that only an answer gives is a variable. */
export const script = (operations: Operation[]): string[] => operations.flatMap((operation) => {
  const { next } = operation;
  if (!next) return [commandLine(operation)];
  const following = script(next.then(VARIABLE + next.variable));
  return following.length === 0 ? [commandLine(operation)] : [`${next.variable}=$(${commandLine(operation)} --query ${next.query} --output text)`, ...following];
});
