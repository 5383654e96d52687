// The pages, as the navigation shows them. Each service is a bundle of its own, loaded when one of its pages is opened.
export interface Section { text: string; service: string; pages: Array<{ text: string; page: string }> }

export const SECTIONS: Section[] = [
  { text: 'API Gateway', service: 'apigateway', pages: [{ text: 'APIs', page: 'apis' }] },
  { text: 'VPC', service: 'vpc', pages: [
    { text: 'VPCs', page: 'vpcs' }, { text: 'Subnets', page: 'subnets' }, { text: 'Route tables', page: 'route-tables' },
    { text: 'Security groups', page: 'security-groups' }, { text: 'Network ACLs', page: 'network-acls' },
    { text: 'Peering connections', page: 'peering-connections' }, { text: 'Endpoints', page: 'endpoints' },
    { text: 'Network interfaces', page: 'network-interfaces' }, { text: 'Instances', page: 'instances' },
    { text: 'Hosted zones', page: 'hosted-zones' },
  ] },
  { text: 'CloudFormation', service: 'cloudformation', pages: [{ text: 'Stacks', page: 'stacks' }] },
  { text: 'Lambda', service: 'lambda', pages: [{ text: 'Functions', page: 'functions' }] },
];
