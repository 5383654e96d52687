import type { Resource } from '../components/resource';
import { vpcs } from './vpcs';

/** The pages of VPC and EC2, in the order of the navigation. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const pages: Resource<any, any>[] = [vpcs];
