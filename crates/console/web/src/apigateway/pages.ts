import type { Resource } from '../components/resource';
import { apis } from './apis';

/** The pages of API Gateway. */
export const pages: Resource<any, any>[] = [apis];
