import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { ec2, named, type Operation } from '../aws/operation';
import { Change } from '../components/change';
import { deleting } from '../components/confirm';
import { TextField } from '../components/fields';
import type { Resource } from '../components/resource';
import { madeIn, ScopeFields, useScopeForm } from '../components/scope-fields';
import { OnOff, Ref } from '../components/status';
import { networkError } from '../data/cidr';
import type { Scope, Vpc } from '../data/types';

type Attribute = 'EnableDnsSupport' | 'EnableDnsHostnames';
const OPTIONS: Record<Attribute, string> = { EnableDnsSupport: '--enable-dns-support', EnableDnsHostnames: '--enable-dns-hostnames' };

/** What it takes to make a VPC's DNS attributes what they shall be. */
function setDns(scope: Scope, id: string, before: Record<Attribute, boolean>, after: Record<Attribute, boolean>): Operation[] {
  return (Object.keys(OPTIONS) as Attribute[]).filter((attribute) => before[attribute] !== after[attribute]).map((attribute) =>
    ec2(scope, 'ModifyVpcAttribute', { VpcId: id, [`${attribute}.Value`]: String(after[attribute]) },
      ['modify-vpc-attribute', '--vpc-id', id, OPTIONS[attribute], JSON.stringify({ Value: after[attribute] })]));
}

function DnsFields({ support, hostnames, setSupport, setHostnames }: { support: boolean; hostnames: boolean; setSupport: (on: boolean) => void; setHostnames: (on: boolean) => void }) {
  return (
    <FormField label="DNS settings" description="An endpoint's private names need both.">
      <SpaceBetween size="xs">
        <Checkbox checked={support} onChange={({ detail }) => setSupport(detail.checked)} description="The VPC's resolver answers.">Enable DNS resolution</Checkbox>
        <Checkbox checked={hostnames} onChange={({ detail }) => setHostnames(detail.checked)} description="Instances have names of their own.">Enable DNS hostnames</Checkbox>
      </SpaceBetween>
    </FormField>
  );
}

function Create({ close }: { close: () => void }) {
  const form = useScopeForm();
  const [name, setName] = useState('');
  const [cidr, setCidr] = useState('');
  const [support, setSupport] = useState(true);
  const [hostnames, setHostnames] = useState(false);
  const tags = named('vpc', name);
  const error = networkError(cidr);
  const operations: Operation[] = form.whole && cidr !== '' && error === undefined ? [{
    ...ec2(form.scope, 'CreateVpc', { CidrBlock: cidr, ...tags.params }, ['create-vpc', '--cidr-block', cidr, ...tags.option]),
    // As a VPC is made, it has a resolver and no host names.
    next: { member: 'vpcId', variable: 'vpc', query: 'Vpc.VpcId', then: (id) => setDns(form.scope, id, { EnableDnsSupport: true, EnableDnsHostnames: false }, { EnableDnsSupport: support, EnableDnsHostnames: hostnames }) },
  }] : [];
  return (
    <Change title="Create a VPC" submit="Create VPC" done={`The VPC of ${cidr} is there.`} succeeded={() => madeIn(form.scope)} operations={operations} close={close}>
      <TextField label="Name" value={name} set={setName} />
      <TextField label="IPv4 CIDR" value={cidr} set={setCidr} placeholder="10.0.0.0/16" error={error} />
      <ScopeFields {...form} />
      <DnsFields {...{ support, hostnames, setSupport, setHostnames }} />
    </Change>
  );
}

function DnsDialog({ item, close }: { item: Vpc; close: () => void }) {
  const [support, setSupport] = useState(item.EnableDnsSupport);
  const [hostnames, setHostnames] = useState(item.EnableDnsHostnames);
  const operations = setDns(item, item.VpcId, item, { EnableDnsSupport: support, EnableDnsHostnames: hostnames });
  return (
    <Change title={`DNS settings of ${item.VpcId}`} submit="Save changes" done={`The DNS settings of ${item.VpcId} are changed.`} operations={operations} close={close}>
      <DnsFields {...{ support, hostnames, setSupport, setHostnames }} />
    </Change>
  );
}

export const vpcs: Resource<'vpcs'> = {
  kind: 'vpcs', path: ['vpc', 'vpcs'], title: 'VPCs', one: 'VPC',
  about: 'A VPC is a network of its own, in one region.',
  id: (vpc) => vpc.VpcId,
  create: { text: 'Create VPC', dialog: Create },
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
  actions: [
    { id: 'dns', text: 'Edit DNS settings', dialog: DnsDialog },
    deleting('Delete VPC', (vpc) => vpc.VpcId, 'Its route tables, network ACL and default security group go with it. Subnets, endpoints and other groups have to be gone before.',
      (vpc) => ec2(vpc, 'DeleteVpc', { VpcId: vpc.VpcId }, ['delete-vpc', '--vpc-id', vpc.VpcId])),
  ],
};
