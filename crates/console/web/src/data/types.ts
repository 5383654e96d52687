// The lists of /_vpclab/console/state: one type a kind, with the member names of AWS's describe calls. crates/console/src/state/ makes them.

export interface Scope { OwnerId: string; Region: string }
export interface Item extends Scope { Tags: Record<string, string> }

export interface Vpc extends Item {
  VpcId: string; CidrBlocks: string[]; EnableDnsSupport: boolean; EnableDnsHostnames: boolean; ResolverAddress: string;
  MainRouteTableId: string; DefaultSecurityGroupId: string; DefaultNetworkAclId: string; DhcpOptionsId: string;
}
export interface Subnet extends Item {
  SubnetId: string; VpcId: string; CidrBlock: string; AvailabilityZone: string; AvailableIpAddressCount: number;
  MapPublicIpOnLaunch: boolean; NetworkAclId: string;
}
export interface Route { DestinationCidrBlock: string; Target: string; State: 'active' | 'blackhole' }
export interface RouteTable extends Item { RouteTableId: string; VpcId: string; Main: boolean; SubnetIds: string[]; Routes: Route[] }
export interface RulePeer { CidrIpv4?: string; CidrIpv6?: string; ReferencedGroupId?: string; ReferencedOwnerId?: string }
export interface GroupRule {
  SecurityGroupRuleId: string; IsEgress: boolean; IpProtocol: string; FromPort: number | null; ToPort: number | null;
  Description: string | null; Peer: RulePeer;
}
export interface SecurityGroup extends Item { GroupId: string; GroupName: string; Description: string; VpcId: string; Rules: GroupRule[] }
export interface AclEntry {
  RuleNumber: number; Egress: boolean; RuleAction: 'allow' | 'deny'; Protocol: string; CidrBlock: string;
  FromPort: number | null; ToPort: number | null;
}
export interface NetworkAcl extends Item { NetworkAclId: string; VpcId: string; IsDefault: boolean; SubnetIds: string[]; Entries: AclEntry[] }
export interface PeeringSide {
  OwnerId: string; Region: string; VpcId: string; CidrBlocks: string[]; AllowDnsResolutionFromRemoteVpc: boolean; Tags: Record<string, string>;
}
export interface Peering extends Item {
  VpcPeeringConnectionId: string; Status: string; RequesterVpcInfo: PeeringSide; AccepterVpcInfo: PeeringSide; ExpirationTime: number;
}
export interface EndpointSubnet { SubnetId: string; AvailabilityZone: string | null; NetworkInterfaceId: string; PrivateIpAddress: string | null }
export interface VpcEndpoint extends Item {
  VpcEndpointId: string; VpcId: string; ServiceName: string; State: string; PrivateDnsEnabled: boolean; PolicyDocument: string;
  GroupIds: string[]; Subnets: EndpointSubnet[]; RegionalName: string; ZonalNames: string[]; PrivateNames: string[]; CreationTimestamp: number;
}
export interface NetworkInterface extends Item {
  NetworkInterfaceId: string; VpcId: string; SubnetId: string; AvailabilityZone: string; PrivateIpAddress: string; MacAddress: string;
  GroupIds: string[]; InterfaceType: string; UsedBy: string | null; SourceDestCheck: boolean; Description: string; Status: string;
}
export interface Instance extends Item {
  InstanceId: string; State: string; StateReason: string | null; InstanceType: string; ImageId: string; VpcId: string; SubnetId: string;
  AvailabilityZone: string | null; NetworkInterfaceId: string | null; PrivateIpAddress: string | null; GroupIds: string[];
  KeyName: string | null; LaunchTime: number;
}

export interface Kinds {
  vpcs: Vpc; subnets: Subnet; route_tables: RouteTable; security_groups: SecurityGroup; network_acls: NetworkAcl; peerings: Peering;
  vpc_endpoints: VpcEndpoint; network_interfaces: NetworkInterface; instances: Instance;
}
export type KindName = keyof Kinds;
