import type { Resource } from '../components/resource';
import { stacks } from './stacks';

/** The pages of CloudFormation, in the order of the navigation. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const pages: Resource<any, any>[] = [stacks];
