//! Resource ids: each kind is a type of its own, parsed at the door.
use serde::{Deserialize, Serialize};
use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

/// An id whose text does not have the form of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid id: `{text}` (expecting `{prefix}…`)")]
pub struct MalformedId {
    /// The prefix that ids of this kind have, such as `vpc-`.
    pub prefix: &'static str,
    /// What was given.
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);
        impl $name {
            /// The prefix of ids of this kind.
            pub const PREFIX: &'static str = $prefix;
            /// The id as text, prefix included.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
            /// A new id from the context's id source: prefix and 17 hex digits.
            pub fn fresh(ids: &mut crate::IdSource) -> Self { Self(format!("{}{}", $prefix, ids.hex(17)).into()) }
        }
        impl FromStr for $name {
            type Err = MalformedId;
            fn from_str(text: &str) -> Result<Self, MalformedId> {
                let ok = text.strip_prefix($prefix).is_some_and(|rest| {
                    (rest.len() == 17 || rest.len() == 8) && rest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
                });
                if ok { Ok(Self(text.into())) } else { Err(MalformedId { prefix: $prefix, text: text.to_owned() }) }
            }
        }
        id_common!($name);
    )*};
}
macro_rules! short_ids {
    ($($(#[$doc:meta])* $name:ident = $len:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);
        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
            /// A new id from the context's id source: lower-case letters and digits.
            pub fn fresh(ids: &mut crate::IdSource) -> Self { Self(ids.alphanumeric($len).into()) }
            /// What stands before every id, to begin a range of keys with; it is no id itself.
            #[allow(dead_code, reason = "not every kind is the second half of a key")]
            pub(crate) fn before_all() -> Self { Self("".into()) }
        }
        impl FromStr for $name {
            type Err = MalformedId;
            fn from_str(text: &str) -> Result<Self, MalformedId> {
                let ok = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
                if ok { Ok(Self(text.into())) } else { Err(MalformedId { prefix: "", text: text.to_owned() }) }
            }
        }
        id_common!($name);
    )*};
}
macro_rules! id_common {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = MalformedId;
            fn try_from(text: String) -> Result<Self, MalformedId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

ids! {
    /// `vpc-…`
    VpcId = "vpc-";
    /// `vpc-cidr-assoc-…`
    VpcCidrAssociationId = "vpc-cidr-assoc-";
    /// `subnet-…`
    SubnetId = "subnet-";
    /// `sg-…`
    SecurityGroupId = "sg-";
    /// `sgr-…`
    SecurityGroupRuleId = "sgr-";
    /// `rtb-…`
    RouteTableId = "rtb-";
    /// `rtbassoc-…`
    RouteTableAssociationId = "rtbassoc-";
    /// `acl-…`
    NetworkAclId = "acl-";
    /// `aclassoc-…`
    NetworkAclAssociationId = "aclassoc-";
    /// `pcx-…`
    VpcPeeringConnectionId = "pcx-";
    /// `vpce-…`
    VpcEndpointId = "vpce-";
    /// `eni-…`
    NetworkInterfaceId = "eni-";
    /// `eni-attach-…`
    AttachmentId = "eni-attach-";
    /// `i-…`
    InstanceId = "i-";
    /// `r-…`
    ReservationId = "r-";
    /// `ami-…`
    ImageId = "ami-";
    /// `igw-…`
    InternetGatewayId = "igw-";
    /// `nat-…`
    NatGatewayId = "nat-";
    /// `eipalloc-…`
    AllocationId = "eipalloc-";
    /// `eipassoc-…`
    AddressAssociationId = "eipassoc-";
    /// `key-…`
    KeyPairId = "key-";
    /// `lt-…`
    LaunchTemplateId = "lt-";
    /// `dopt-…`
    DhcpOptionsId = "dopt-";
    /// `fl-…`
    FlowLogId = "fl-";
    /// `nip-…`
    NetworkInsightsPathId = "nip-";
    /// `nia-…`
    NetworkInsightsAnalysisId = "nia-";
}
short_ids! {
    /// A REST API id: ten lower-case letters and digits.
    RestApiId = 10;
    /// The id of a resource of a REST API.
    ResourceId = 6;
    /// The id of a deployment of a REST API.
    DeploymentId = 6;
    /// The id of a model of a REST API.
    ModelId = 6;
    /// The id of a request validator of a REST API.
    RequestValidatorId = 6;
    /// The id of an authorizer of a REST API.
    AuthorizerId = 6;
}
