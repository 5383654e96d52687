// The commands of a fix as operations: a script of `aws` commands, where one may give an id to those behind it.
import type { Operation } from './operation';
import { operationOf } from './parse';

/** `sg=$(aws ec2 create-security-group … --query GroupId --output text --region …)` */
const ASSIGNED = /^([a-z]+)=\$\((aws .*?) --query ([A-Za-z.]+) --output text( .*)?\)$/;
const ELSEWHERE = /\s+# in account (\d{12})$/;

/** The operations of a fix's commands, or nothing where the page cannot run all of them. */
export function operationsOf(commands: string[], account: string): Operation[] | undefined {
  const [first, ...others] = commands;
  if (first === undefined) return [];
  const owner = ELSEWHERE.exec(first)?.[1] ?? account;
  const line = first.replace(ELSEWHERE, '');
  const [, variable = '', command = line, query = '', more = ''] = ASSIGNED.exec(line) ?? [];
  const operation = operationOf(command + more, owner);
  if (variable === '') {
    const following = operationsOf(others, account);
    return operation && following && [operation, ...following];
  }
  const given = (id: string) => operationsOf(others.map((later) => later.replaceAll(`"$${variable}"`, id)), account);
  if (!operation || !given('id')) return undefined;
  const name = query.split('.').pop() ?? '';
  return [{ ...operation, next: { member: name.charAt(0).toLowerCase() + name.slice(1), variable, query, then: (id) => given(id) ?? [] } }];
}
