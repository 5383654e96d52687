// An `aws` command of a fix as an operation of the same API. Only the words that fixes use are known; any other command is left to people.
import type { Operation } from './operation';
import { ec2, rest } from './operation';

/** The words of a line as a shell splits them; nothing is expanded. */
export function words(line: string): string[] {
  const found: string[] = [];
  let [word, inside] = ['', false];
  for (let at = 0; at < line.length; at++) {
    const c = line[at]!;
    if (c === "'") { const end = line.indexOf("'", at + 1); if (end < 0) return []; word += line.slice(at + 1, end); at = end; inside = true; }
    else if (c === '"') { at += 1; while (at < line.length && line[at] !== '"') { if (line[at] === '\\') at += 1; word += line[at] ?? ''; at += 1; } inside = true; }
    else if (c === '\\') { at += 1; word += line[at] ?? ''; inside = true; }
    else if (/\s/.test(c)) { if (inside || word) found.push(word); [word, inside] = ['', false]; }
    else word += c;
  }
  if (inside || word) found.push(word);
  return found;
}

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type Options = Record<string, string[]>;

/** EC2's lists are numbered, and some have other names on the wire. */
const WIRE: Record<string, string> = { UserIdGroupPairs: 'Groups', InstanceIds: 'InstanceId', SubnetIds: 'SubnetId', SecurityGroupIds: 'SecurityGroupId', VpcEndpointIds: 'VpcEndpointId', AddSubnetIds: 'AddSubnetId', AddSecurityGroupIds: 'AddSecurityGroupId', RemoveSecurityGroupIds: 'RemoveSecurityGroupId', SecurityGroupRuleIds: 'SecurityGroupRuleId', VpcPeeringConnectionIds: 'VpcPeeringConnectionId' };

function flatten(name: string, value: Json, into: Record<string, string>) {
  if (Array.isArray(value)) value.forEach((one, at) => flatten(`${name}.${at + 1}`, one, into));
  else if (typeof value === 'object' && value !== null) for (const [key, one] of Object.entries(value)) flatten(`${name}.${WIRE[key] ?? key}`, one, into);
  else into[name] = String(value);
}

const pascal = (text: string) => text.split('-').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');

/** The CLI's short form: `Value=true`, `From=443,To=443`, `IpProtocol=tcp,IpRanges=[{CidrIp=10.0.0.0/8}]`. Nothing where it is no such form. */
function short(text: string): Json | undefined {
  let at = 0;
  const literal = (): string => { const from = at; while (at < text.length && !',]}'.includes(text[at]!)) at += 1; return text.slice(from, at); };
  const value = (depth: number): Json | undefined => {
    if (depth > 8) return undefined;
    if (text[at] === '[') {
      at += 1;
      const list: Json[] = [];
      while (at < text.length && text[at] !== ']') {
        const one = value(depth + 1);
        if (one === undefined) return undefined;
        list.push(one);
        if (text[at] === ',') at += 1;
      }
      return text[at++] === ']' ? list : undefined;
    }
    if (text[at] === '{') {
      at += 1;
      const map = pairs(depth + 1);
      return text[at++] === '}' ? map : undefined;
    }
    return literal();
  };
  const pairs = (depth: number): Json | undefined => {
    const map: { [name: string]: Json } = {};
    do {
      const name = /^[A-Za-z][A-Za-z0-9]*=/.exec(text.slice(at))?.[0];
      if (!name) return undefined;
      at += name.length;
      const one = value(depth);
      if (one === undefined) return undefined;
      map[name.slice(0, -1)] = one;
    } while (text[at] === ',' && (at += 1));
    return map;
  };
  const whole = pairs(0);
  return at === text.length ? whole : undefined;
}

/** JSON, the CLI's short form, or text. */
function valueOf(texts: string[], list: boolean): Json {
  const one = (text: string): Json => {
    if (/^[[{]/.test(text)) try { return JSON.parse(text) as Json; } catch { return text; }
    return short(text) ?? text;
  };
  const values = texts.map(one);
  return list && !(values.length === 1 && Array.isArray(values[0])) ? values : values[0] ?? true;
}

const EC2_VERBS = /^(authorize-security-group-(in|e)gress|revoke-security-group-(in|e)gress|accept-vpc-peering-connection|create-vpc-peering-connection|describe-vpc-peering-connections|create-security-group|create-route|replace-route|delete-route|modify-vpc-attribute|modify-vpc-endpoint|create-vpc-endpoint|create-network-acl-entry|replace-network-acl-entry|delete-network-acl-entry|start-instances|modify-network-interface-attribute|modify-subnet-attribute)$/;
const LISTS = /^(ip-permissions|instance-ids|subnet-ids|security-group-ids|security-group-rule-ids|add-subnet-ids|add-security-group-ids|remove-security-group-ids|vpc-peering-connection-ids)$/;
/** What the CLI asks while it waits. A lab's answers are there at once, so asking once is waiting. */
const WAITED: Record<string, string> = { 'vpc-peering-connection-exists': 'describe-vpc-peering-connections' };

/** The operation of a command, or nothing where the page cannot run it. */
export function operationOf(line: string, account: string): Operation | undefined {
  const [aws, service, first, ...others] = words(line);
  const waits = service === 'ec2' && first === 'wait';
  const [verb, rest_] = waits ? [WAITED[others[0] ?? ''], others.slice(1)] : [first, others];
  // What a shell would expand, or a person has to fill in, is no operation.
  if (aws !== 'aws' || !service || !verb || /[$`|;&]|<\w/.test(line.replace(/'[^']*'/g, ''))) return undefined;
  const options: Options = {};
  let last = '';
  for (const word of rest_) {
    if (/^--[a-z]/.test(word)) { last = word.slice(2); options[last] = []; } else if (last) options[last]!.push(word); else return undefined;
  }
  const region = options['region']?.[0];
  if (!region) return undefined;
  const scope = { OwnerId: account, Region: region };
  const command = words(line).slice(1).filter((word, at, all) => word !== '--region' && all[at - 1] !== '--region');
  delete options['region'];
  if (service === 'ec2' && EC2_VERBS.test(verb)) return ec2(scope, pascal(verb), ec2Params(verb, options), command.slice(1));
  const one = (name: string) => options[name]?.[0] ?? '';
  if (service === 'apigateway' && verb === 'create-deployment')
    return rest('apigateway', scope, 'POST', `/restapis/${one('rest-api-id')}/deployments`, { stageName: one('stage-name') || undefined }, command);
  if (service === 'apigateway' && verb === 'create-stage')
    return rest('apigateway', scope, 'POST', `/restapis/${one('rest-api-id')}/stages`, { stageName: one('stage-name'), deploymentId: one('deployment-id') }, command);
  if (service === 'apigateway' && verb === 'update-rest-api')
    return rest('apigateway', scope, 'PATCH', `/restapis/${one('rest-api-id')}`, { patchOperations: patches(options['patch-operations'] ?? []) }, command);
  if (service === 'apigateway' && verb === 'update-stage')
    return rest('apigateway', scope, 'PATCH', `/restapis/${one('rest-api-id')}/stages/${one('stage-name')}`, { patchOperations: patches(options['patch-operations'] ?? []) }, command);
  if (service === 'apigateway' && verb === 'update-method')
    return rest('apigateway', scope, 'PATCH', `/restapis/${one('rest-api-id')}/resources/${one('resource-id')}/methods/${one('http-method')}`, { patchOperations: patches(options['patch-operations'] ?? []) }, command);
  if (service === 'lambda' && verb === 'delete-function-concurrency')
    return rest('lambda', scope, 'DELETE', `/2017-10-31/functions/${encodeURIComponent(one('function-name'))}/concurrency`, undefined, command);
  if (service === 'lambda' && verb === 'add-permission') {
    const body: Record<string, string> = {};
    for (const [name, [value = '']] of Object.entries(options)) if (name !== 'function-name') body[pascal(name)] = value;
    return rest('lambda', scope, 'POST', `/2015-03-31/functions/${encodeURIComponent(one('function-name'))}/policy`, body, command);
  }
  return undefined;
}

function patches(texts: string[]): Json {
  const value = valueOf(texts, true);
  return Array.isArray(value) ? value : [value];
}

function ec2Params(verb: string, options: Options): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [name, texts] of Object.entries(options)) {
    if (verb.endsWith('network-acl-entry') && (name === 'ingress' || name === 'egress')) { params['Egress'] = String(name === 'egress'); continue; }
    if (texts.length === 0) { flag(verb, name, params); continue; }
    if (verb.includes('security-group') && ['protocol', 'port', 'cidr', 'source-group'].includes(name)) { shorthand(name, texts[0]!, params); continue; }
    if (verb.endsWith('network-acl-entry') && name === 'protocol') { params['Protocol'] = PROTOCOLS[texts[0]!] ?? texts[0]!; continue; }
    if (verb === 'create-security-group' && name === 'description') { params['GroupDescription'] = texts[0]!; continue; }
    const member = pascal(name);
    flatten(WIRE[member] ?? member, valueOf(texts, LISTS.test(name)), params);
  }
  return params;
}

const PROTOCOLS: Record<string, string> = { tcp: '6', udp: '17', icmp: '1', all: '-1' };

function flag(verb: string, name: string, params: Record<string, string>) {
  const [on, bare] = name.startsWith('no-') ? ['false', name.slice(3)] : ['true', name];
  params[verb === 'modify-network-interface-attribute' ? `${pascal(bare)}.Value` : pascal(bare)] = on;
}

/** `--protocol tcp --port 443 --source-group sg-…` stands for one permission. */
function shorthand(name: string, value: string, params: Record<string, string>) {
  if (name === 'protocol') params['IpPermissions.1.IpProtocol'] = value === 'all' ? '-1' : value;
  if (name === 'cidr') params['IpPermissions.1.IpRanges.1.CidrIp'] = value;
  if (name === 'source-group') params['IpPermissions.1.Groups.1.GroupId'] = value;
  if (name === 'port') {
    const [from = '', to = from] = value.split('-');
    params['IpPermissions.1.FromPort'] = from;
    params['IpPermissions.1.ToPort'] = to;
  }
}

