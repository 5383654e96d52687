import { query, type Operation } from '../aws/operation';
import type { Scope } from '../data/types';

/** An operation of CloudFormation's query protocol. */
export const cloudformation = (scope: Scope, action: string, params: Record<string, string>, command: string[]): Operation =>
  query('cloudformation', '2010-05-15', scope, action, params, ['cloudformation', ...command]);
