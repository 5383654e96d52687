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
export interface HostedZone extends Item {
  HostedZoneId: string; Name: string; PrivateZone: boolean; Comment: string | null; Vpcs: Array<{ VpcId: string; Region: string }>;
  NameServers: string[]; CreationTime: number;
}
export interface RecordSet extends Item {
  Name: string; Type: string; Content: { TTL?: number; Values?: string[]; AliasTarget?: string; AliasZone?: string };
}
export interface RestApi extends Item {
  RestApiId: string; Name: string; Description: string | null; Version: string | null; CreatedDate: number; RootResourceId: string;
  PolicyEdited: number | null; Arn: string; EndpointType: 'EDGE' | 'REGIONAL' | 'PRIVATE'; VpcEndpointIds: string[]; Policy: string | null;
  DisableExecuteApiEndpoint: boolean; BinaryMediaTypes: string[];
}
export interface Integration {
  Type: string; Uri: string | null; HttpMethod: string | null; TimeoutInMillis: number; RequestTemplates: Record<string, string>; RequestParameters: Record<string, string>;
  Responses: Record<string, unknown>;
}
export interface Method {
  AuthorizationType: string; ApiKeyRequired: boolean; OperationName: string | null; RequestParameters: Record<string, boolean>; Responses: Record<string, unknown>;
  Integration: Integration | null;
}
export interface ApiResource extends Item { ResourceId: string; ParentId: string | null; PathPart: string; Path: string; Methods: Record<string, Method> }
export interface Stage extends Item {
  RestApiId: string; StageName: string; DeploymentId: string; Description: string | null; Variables: Record<string, string>; CreatedDate: number;
  LastUpdatedDate: number; DeployedAt: number | null; DeployedPolicy: string | null; PolicyChanged: boolean; ApiChanged: boolean;
}
/** The one without an id is the API as it is now. */
export interface Deployment extends Item { DeploymentId: string | null; CreatedDate?: number; Description?: string | null; Document: unknown }
export interface LambdaFunction extends Item {
  FunctionName: string; FunctionArn: string; Description: string; Runtime: string; Handler: string; Role: string; Timeout: number; MemorySize: number; CodeSize: number;
  CodeSha256: string; Environment: Record<string, string>; VpcConfig: { VpcId: string; SubnetIds: string[]; SecurityGroupIds: string[]; NetworkInterfaceIds: string[] } | null;
  Layers: string[]; LogGroup: string; LastModified: number; Policy: unknown[];
}
export interface Stack extends Item {
  StackId: string; StackName: string; StackStatus: string; StackStatusReason: string | null; Description: string | null; CreationTime: number; LastUpdatedTime: number | null;
  ParentId: string | null; Capabilities: string[]; TerminationProtection: boolean;
  Outputs: Array<{ Key: string; Value: string; Description: string | null; ExportName: string | null }>; Parameters: Array<{ Key: string; Value: string; ResolvedValue: string | null }>;
}
export interface StackEvent extends Item {
  EventId: string; Timestamp: number; LogicalResourceId: string; PhysicalResourceId: string; ResourceType: string; ResourceStatus: string; ResourceStatusReason: string | null;
}
export interface StackResource extends Item {
  LogicalResourceId: string; PhysicalResourceId: string | null; ResourceType: string; ResourceStatus: string; ResourceStatusReason: string | null; LastUpdatedTimestamp: number;
}
export interface StackTemplate extends Item { Original: string; Processed: string | null }

export interface Kinds {
  vpcs: Vpc; subnets: Subnet; route_tables: RouteTable; security_groups: SecurityGroup; network_acls: NetworkAcl; peerings: Peering;
  vpc_endpoints: VpcEndpoint; network_interfaces: NetworkInterface; instances: Instance;
  hosted_zones: HostedZone; record_sets: RecordSet;
  rest_apis: RestApi; resources: ApiResource; stages: Stage; deployments: Deployment; functions: LambdaFunction;
  stacks: Stack; stack_events: StackEvent; stack_resources: StackResource; stack_templates: StackTemplate;
}
export type KindName = keyof Kinds;
