//! The words of vpclab: ids, ARNs, scopes, and the [`Cloud`] value that holds every resource of every account and region.
//!
//! Invariants:
//! * [`Cloud`] is one value of persistent maps; cloning it is cheap and a snapshot never changes.
//! * Operations are methods that take the value to its successor or answer a [`Refusal`]; on a refusal the caller throws its clone away.
//! * Time and ids come in through [`Context`]: this crate reads no clock, no randomness, no file, and knows no wire format
//!   (`serde` is used for the store's own records only).
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod blob;
mod client_token;
mod context;
mod domain_name;
#[cfg(test)]
mod fixture;
mod id;
mod refusal;
mod scope;
mod state;
mod visible;

pub mod access_key;
pub mod authorizer;
pub mod bucket;
pub mod change_set;
pub mod deployment;
pub mod dhcp_options;
pub mod flow_log;
pub mod function;
pub mod gateway_response;
pub mod hosted_zone;
pub mod iam;
pub mod instance;
pub mod integration;
pub mod internet_gateway;
pub mod key_pair;
pub mod launch_template;
pub mod log_group;
pub mod method;
pub mod model;
pub mod nat_gateway;
pub mod network_acl;
pub mod network_insights;
pub mod network_interface;
pub mod parameter;
pub mod peering;
pub mod public_address;
pub mod repository;
pub mod request_validator;
pub mod resource;
pub mod rest_api;
pub mod route_table;
pub mod security_group;
pub mod session;
pub mod stack;
pub mod stage;
pub mod subnet;
pub mod tag;
pub mod vpc;
pub mod vpc_endpoint;
pub mod zone;

pub use blob::{InvalidSha256, Sha256};
pub use client_token::ClientToken;
pub use context::{Context, IdSource, Timestamp};
pub use domain_name::{DomainName, NoDomainName};
pub use id::*;
pub use refusal::Refusal;
pub use scope::{AccountId, Region, Scope};
pub use state::{Change, Cloud, Record, RecordKey};
pub use tag::Tags;

pub use bucket::{Bucket, BucketName};
pub use change_set::ChangeSet;
pub use deployment::Deployment;
pub use dhcp_options::DhcpOptions;
pub use flow_log::{FlowAction, FlowLog};
pub use function::Function;
pub use hosted_zone::{HostedZone, HostedZoneId, RecordSet};
pub use iam::IamRefusal;
pub use instance::{Instance, InstanceState};
pub use internet_gateway::InternetGateway;
pub use key_pair::{KeyKind, KeyPair};
pub use launch_template::{LaunchTemplate, LaunchTemplateVersion};
pub use log_group::{LogGroup, LogsRefusal};
pub use nat_gateway::{NatGateway, NatGatewayState};
pub use network_acl::{NetworkAcl, NetworkAclEntry};
pub use network_insights::{NetworkInsightsAnalysis, NetworkInsightsPath};
pub use network_interface::{Attachment, InterfaceKind, NetworkInterface};
pub use parameter::{Parameter, ParameterRefusal};
pub use peering::{PeeringSide, PeeringStatus, VpcPeeringConnection};
pub use public_address::PublicAddress;
pub use repository::RepositoryRefusal;
pub use resource::Resource;
pub use rest_api::RestApi;
pub use rest_api::RestApiEdit;
pub use route_table::{Route, RouteTable, RouteTableAssociation, RouteTarget};
pub use security_group::{Direction, IpProtocol, PortRange, RulePeer, SecurityGroup, SecurityGroupRule};
pub use session::Session;
pub use stack::{ChangeSetId, Stack, StackEvent, StackId, StackResource, StackTemplate};
pub use stage::Stage;
pub use subnet::Subnet;
pub use vpc::{Vpc, VpcCidr};
pub use vpc_endpoint::{EndpointState, VpcEndpoint};
