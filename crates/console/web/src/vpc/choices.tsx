// What the forms of VPC and EC2 choose from.
import { ChoiceField, ChoicesField, type Choice } from '../components/fields';
import { useKind } from '../data/lab';
import type { Item } from '../data/types';

const called = (item: Item, id: string) => (item.Tags['Name'] ? `${id} (${item.Tags['Name']})` : id);

export function VpcField({ label = 'VPC', value, set, description }: { label?: string; value: string; set: (id: string) => void; description?: string }) {
  const vpcs = useKind('vpcs').items;
  return <ChoiceField label={label} value={value} set={set} description={description} empty="Create a VPC first"
    choices={vpcs.map((one) => ({ value: one.VpcId, label: called(one, one.VpcId), description: `${one.CidrBlocks.join(', ')} in ${one.Region}` }))} />;
}

/** The subnets of a VPC, or all of them. */
export function useSubnetChoices(vpc?: string): Choice[] {
  return useKind('subnets').items.filter((one) => vpc === undefined || one.VpcId === vpc).map((one) => ({
    value: one.SubnetId, label: called(one, one.SubnetId), description: `${one.CidrBlock} in ${one.AvailabilityZone}${vpc === undefined ? `, ${one.VpcId}` : ''}`,
  }));
}

export function GroupsField({ vpc, values, set, description, error }: { vpc: string; values: string[]; set: (ids: string[]) => void; description?: string; error?: string }) {
  const groups = useKind('security_groups').items.filter((one) => one.VpcId === vpc);
  return <ChoicesField label="Security groups" values={values} set={set} description={description} error={error}
    choices={groups.map((one) => ({ value: one.GroupId, label: `${one.GroupId} (${one.GroupName})`, description: one.Description }))} />;
}
