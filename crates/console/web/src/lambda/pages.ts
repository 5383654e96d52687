import type { Resource } from '../components/resource';
import { functions } from './functions';

/** The pages of Lambda, in the order of the navigation. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const pages: Resource<any, any>[] = [functions];
