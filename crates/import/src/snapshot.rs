//! The snapshot file, `vpclab.snapshot/1`: JSON.
//!
//! ```json
//! {"format": "vpclab.snapshot/1", "takenAt": "2026-11-29T20:30:00Z", "scopes": [{"account": "111122223333", "region": "us-west-2"}],
//!  "records": [{"Vpc": ["vpc-…", {"id": "vpc-…"}]}], "notUnderstood": [{"resource": "rtb-…", "what": "…", "affects": []}]}
//! ```
//!
//! Records are the store's own. A file of another format is refused by its name.
use crate::NotUnderstood;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use vpclab_cloud::{Cloud, Record, Scope, Timestamp};

/// The format that is written and read.
pub const FORMAT: &str = "vpclab.snapshot/1";

/// A state of accounts and regions at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// [`FORMAT`].
    pub format: String,
    /// When it was taken, RFC 3339.
    pub taken_at: String,
    /// The accounts and regions that it holds.
    pub scopes: BTreeSet<Scope>,
    /// The records.
    pub records: Vec<Record>,
    /// What was not understood.
    #[serde(default)]
    pub not_understood: Vec<NotUnderstood>,
}

/// Why a file is no snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Not JSON, or not of this shape.
    #[error("it is no snapshot: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Of another format.
    #[error("its format is `{0}`; this vpclab reads `{FORMAT}`")]
    Format(String),
}

impl Snapshot {
    /// What a lab holds of `cloud`, as far as it says who can call what, without secrets: no environment variables of functions, no
    /// user data of instances, no access keys of users, and none of the records of parameters, stacks, buckets and keys.
    #[must_use]
    pub fn of(cloud: &Cloud, taken: Timestamp, not_understood: Vec<NotUnderstood>) -> Self {
        let records: Vec<Record> = Cloud::default().diff(cloud).written.into_iter().filter_map(without_secrets).collect();
        Self { format: FORMAT.to_owned(), taken_at: rfc3339(taken), scopes: scopes(cloud), records, not_understood }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is no snapshot of [`FORMAT`].
    pub fn read(text: &[u8]) -> Result<Self, SnapshotError> {
        #[derive(Deserialize)]
        struct Head {
            #[serde(default)]
            format: String,
        }
        let head: Head = serde_json::from_slice(text)?;
        if head.format != FORMAT {
            return Err(SnapshotError::Format(head.format));
        }
        Ok(serde_json::from_slice(text)?)
    }

    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The state that it holds.
    #[must_use]
    pub fn cloud(&self) -> Cloud {
        let mut cloud = Cloud::default();
        for record in &self.records {
            cloud.put(record.clone());
        }
        cloud
    }
}

fn scopes(cloud: &Cloud) -> BTreeSet<Scope> {
    let vpcs = cloud.vpcs.values().map(|vpc| vpc.scope.clone());
    vpcs.chain(cloud.rest_apis.values().map(|api| api.scope.clone())).collect()
}

fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(|_| String::new(), |at| at.to_string())
}

/// A record as a snapshot may hold it; `None` for kinds that say nothing about calls, or hold secrets.
fn without_secrets(record: Record) -> Option<Record> {
    use std::sync::Arc;
    match record {
        Record::Instance(id, mut instance) => {
            Arc::make_mut(&mut instance).user_data = None;
            Some(Record::Instance(id, instance))
        }
        Record::Function(key, mut function) => {
            Arc::make_mut(&mut function).latest.variables.clear();
            Some(Record::Function(key, function))
        }
        Record::FunctionVersion(key, mut version) => {
            Arc::make_mut(&mut version).settings.variables.clear();
            Some(Record::FunctionVersion(key, version))
        }
        Record::User(key, mut user) => {
            Arc::make_mut(&mut user).access_keys.clear();
            Some(Record::User(key, user))
        }
        kept @ (Record::Vpc(..)
        | Record::Subnet(..)
        | Record::NetworkAcl(..)
        | Record::SecurityGroup(..)
        | Record::RouteTable(..)
        | Record::Peering(..)
        | Record::VpcEndpoint(..)
        | Record::NetworkInterface(..)
        | Record::DhcpOptions(..)
        | Record::InternetGateway(..)
        | Record::NatGateway(..)
        | Record::PublicAddress(..)
        | Record::FunctionAlias(..)
        | Record::RestApi(..)
        | Record::Resource(..)
        | Record::Deployment(..)
        | Record::Stage(..)
        | Record::Role(..)
        | Record::ManagedPolicy(..)
        | Record::InstanceProfile(..)
        | Record::HostedZone(..)
        | Record::RecordSet(..)) => Some(kept),
        _ => None,
    }
}
