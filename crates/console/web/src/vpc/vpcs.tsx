import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { ec2, type Operation } from '../aws/operation';
import { Change } from '../components/change';
import type { Resource } from '../components/resource';
import { OnOff, Ref } from '../components/status';
import type { Vpc } from '../data/types';

function DnsDialog({ item, close }: { item: Vpc; close: () => void }) {
  const [support, setSupport] = useState(item.EnableDnsSupport);
  const [hostnames, setHostnames] = useState(item.EnableDnsHostnames);
  const set = (attribute: 'EnableDnsSupport' | 'EnableDnsHostnames', option: string, on: boolean) =>
    ec2(item, 'ModifyVpcAttribute', { VpcId: item.VpcId, [`${attribute}.Value`]: String(on) },
      ['modify-vpc-attribute', '--vpc-id', item.VpcId, option, JSON.stringify({ Value: on })]);
  const operations: Operation[] = [];
  if (support !== item.EnableDnsSupport) operations.push(set('EnableDnsSupport', '--enable-dns-support', support));
  if (hostnames !== item.EnableDnsHostnames) operations.push(set('EnableDnsHostnames', '--enable-dns-hostnames', hostnames));
  return (
    <Change title={`DNS settings of ${item.VpcId}`} submit="Save changes" done={`The DNS settings of ${item.VpcId} are changed.`} operations={operations} close={close}>
      <FormField label="DNS settings" description="An endpoint's private names need both.">
        <SpaceBetween size="xs">
          <Checkbox checked={support} onChange={({ detail }) => setSupport(detail.checked)} description="The VPC's resolver answers.">Enable DNS resolution</Checkbox>
          <Checkbox checked={hostnames} onChange={({ detail }) => setHostnames(detail.checked)} description="Instances have names of their own.">Enable DNS hostnames</Checkbox>
        </SpaceBetween>
      </FormField>
    </Change>
  );
}

export const vpcs: Resource<'vpcs'> = {
  kind: 'vpcs', path: ['vpc', 'vpcs'], title: 'VPCs', one: 'VPC',
  about: 'A VPC is a network of its own: aws ec2 create-vpc --cidr-block 10.0.0.0/16',
  id: (vpc) => vpc.VpcId,
  columns: [
    { id: 'cidr', header: 'IPv4 CIDR', cell: (vpc) => vpc.CidrBlocks.join(', '), sort: (vpc) => vpc.CidrBlocks[0] ?? '' },
    { id: 'support', header: 'DNS resolution', cell: (vpc) => <OnOff on={vpc.EnableDnsSupport} /> },
    { id: 'hostnames', header: 'DNS hostnames', cell: (vpc) => <OnOff on={vpc.EnableDnsHostnames} /> },
  ],
  overview: (vpc) => [
    ['VPC ID', vpc.VpcId], ['IPv4 CIDR', vpc.CidrBlocks.join(', ')],
    ['DNS resolution', <OnOff on={vpc.EnableDnsSupport} />], ['DNS hostnames', <OnOff on={vpc.EnableDnsHostnames} />],
    ['Resolver', vpc.ResolverAddress], ['Main route table', <Ref id={vpc.MainRouteTableId} />],
    ['Default security group', <Ref id={vpc.DefaultSecurityGroupId} />], ['Default network ACL', <Ref id={vpc.DefaultNetworkAclId} />],
    ['DHCP options', vpc.DhcpOptionsId],
  ],
  actions: [{ id: 'dns', text: 'Edit DNS settings', dialog: DnsDialog }],
};
