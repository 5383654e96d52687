import type { Resource } from '../components/resource';
import { endpoints } from './endpoints';
import { hostedZones } from './hosted-zones';
import { instances } from './instances';
import { networkAcls } from './network-acls';
import { networkInterfaces } from './network-interfaces';
import { peeringConnections } from './peering-connections';
import { routeTables } from './route-tables';
import { securityGroups } from './security-groups';
import { subnets } from './subnets';
import { vpcs } from './vpcs';

/** The pages of VPC and EC2, in the order of the navigation. */
export const pages: Resource<any, any>[] = [
  vpcs, subnets, routeTables, securityGroups, networkAcls, peeringConnections, endpoints, networkInterfaces, instances, hostedZones,
];
