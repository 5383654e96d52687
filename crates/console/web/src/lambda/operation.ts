import { rest, type Operation } from '../aws/operation';
import type { Scope } from '../data/types';

/** An operation of Lambda's. */
export const lambda = (scope: Scope, method: string, path: string, body: unknown, command: string[]): Operation =>
  rest('lambda', scope, method, `/2015-03-31/functions/${path}`, body, ['lambda', ...command]);
