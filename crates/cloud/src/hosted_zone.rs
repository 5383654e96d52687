//! Hosted zones of Route 53: an account's, seen by the resolvers of the VPCs that a private zone is associated with.
//!
//! A public zone holds its records and answers nobody: as on AWS, only a delegation would put it into the public DNS, and a lab has none.
//! Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-private.html>
use crate::{AccountId, Cloud, Context, DomainName, IdSource, Refusal, Region, Tags, Timestamp, VpcId};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr, sync::Arc};

mod association;
mod change;
mod change_id;
mod record;
mod record_set;
mod refusal;
#[cfg(test)]
mod tests;

pub use change::{ChangeAction, RecordChange};
pub use change_id::ChangeId;
pub use record::{NoRecordKind, RecordData, RecordKind, RecordValue, StartOfAuthority};
pub use record_set::{AliasTarget, Content, RecordSet};
pub use refusal::{ChangeProblem, ZoneRefusal};

/// The most hosted zones of an account.
/// Source: <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html>
pub const MAX_ZONES: usize = 500;
/// The most record sets of a zone.
pub const MAX_RECORD_SETS: usize = 10_000;
/// The most VPCs of a private zone.
pub const MAX_VPCS: usize = 300;
/// The most VPCs of other accounts that a zone authorizes.
pub const MAX_AUTHORIZATIONS: usize = 1000;
/// The most tags of a zone.
const MAX_TAGS: usize = 50;

/// The name servers of every private zone.
const PRIVATE_SERVERS: [&str; 4] = ["ns-1536.awsdns-00.co.uk", "ns-0.awsdns-00.com", "ns-1024.awsdns-00.org", "ns-512.awsdns-00.net"];

/// A hosted zone's id: `Z` and capital letters and digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostedZoneId(Arc<str>);

/// A hosted zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZone {
    /// Its id.
    pub id: HostedZoneId,
    /// Its account.
    pub account: AccountId,
    /// Its name.
    pub name: DomainName,
    /// What makes the request that made it unique in its account.
    pub caller_reference: String,
    /// The comment.
    pub comment: Option<String>,
    /// Whether it is private.
    pub private: bool,
    /// The VPCs whose resolvers answer from it. One that was deleted stays until it is disassociated.
    pub vpcs: BTreeSet<ZoneVpc>,
    /// VPCs of other accounts that their accounts may associate.
    pub authorizations: BTreeSet<ZoneVpc>,
    /// Its name servers.
    pub name_servers: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Tags,
}

/// A VPC as Route 53 names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ZoneVpc {
    /// The VPC.
    pub vpc: VpcId,
    /// Its region.
    pub region: Region,
}

/// The input of [`Cloud::create_hosted_zone`].
#[derive(Clone, Debug)]
pub struct CreateHostedZone {
    /// The name.
    pub name: DomainName,
    /// What makes the request unique.
    pub caller_reference: String,
    /// The comment.
    pub comment: Option<String>,
    /// The first VPC of a private zone; a zone without one is public.
    pub vpc: Option<ZoneVpc>,
    /// Its tags.
    pub tags: Tags,
}

impl Cloud {
    /// `CreateHostedZone`: a private zone with its first VPC, or a public one. It holds its NS and SOA records.
    /// Source: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html>
    ///
    /// # Errors
    /// A caller reference used before, a VPC that is not the caller's or that has a zone of the name, too many zones.
    pub fn create_hosted_zone(&mut self, cx: &mut Context, input: CreateHostedZone) -> Result<HostedZoneId, Refusal> {
        let own = || self.hosted_zones.values().filter(|zone| zone.account == cx.scope.account);
        if own().any(|zone| zone.caller_reference == input.caller_reference) {
            return Err(ZoneRefusal::AlreadyExists.into());
        }
        if own().count() >= MAX_ZONES {
            return Err(ZoneRefusal::TooManyZones.into());
        }
        if let Some(vpc) = &input.vpc {
            self.check_own_vpc(cx, vpc)?;
            self.check_domain_free(vpc, &input.name)?;
        }
        check_tags(&input.tags)?;
        let private = input.vpc.is_some();
        let zone = HostedZone {
            id: HostedZoneId::fresh(&mut cx.ids),
            account: cx.scope.account.clone(),
            name: input.name,
            caller_reference: input.caller_reference,
            comment: input.comment,
            private,
            vpcs: input.vpc.into_iter().collect(),
            authorizations: BTreeSet::new(),
            name_servers: if private { PRIVATE_SERVERS.map(str::to_owned).into() } else { public_servers(&mut cx.ids) },
            created: cx.now,
            tags: input.tags,
        };
        for set in record_set::defaults(&zone) {
            self.record_sets.insert(set.key(), Arc::new(set));
        }
        let id = zone.id.clone();
        self.hosted_zones.insert(id.clone(), Arc::new(zone));
        Ok(id)
    }

    /// `DeleteHostedZone`, once nothing is in it but its own NS and SOA records.
    ///
    /// # Errors
    /// An unknown zone, or one that holds other records.
    pub fn delete_hosted_zone(&mut self, cx: &mut Context, id: &HostedZoneId) -> Result<(), Refusal> {
        let zone = self.hosted_zone(&cx.scope.account, id)?;
        if self.record_sets_of(id).any(|set| !set.is_required(zone)) {
            return Err(ZoneRefusal::NotEmpty.into());
        }
        let keys: Vec<_> = self.record_sets_of(id).map(|set| set.key()).collect();
        for key in keys {
            self.record_sets.remove(&key);
        }
        self.hosted_zones.remove(id);
        Ok(())
    }

    /// `UpdateHostedZoneComment`.
    ///
    /// # Errors
    /// An unknown zone.
    pub fn update_hosted_zone_comment(&mut self, cx: &mut Context, id: &HostedZoneId, comment: Option<String>) -> Result<(), Refusal> {
        self.edit_zone(cx, id, |zone| {
            zone.comment = comment;
            Ok(())
        })
    }

    /// `ChangeTagsForResource`: adds tags, over those of the same keys, and takes those of `removed` away.
    ///
    /// # Errors
    /// An unknown zone, or tags that are not legal.
    pub fn tag_hosted_zone(&mut self, cx: &mut Context, id: &HostedZoneId, added: Tags, removed: &[String]) -> Result<(), Refusal> {
        self.edit_zone(cx, id, |zone| {
            zone.tags.retain(|key, _| !removed.contains(key));
            zone.tags.extend(added);
            check_tags(&zone.tags)
        })
    }

    /// An account's zone.
    ///
    /// # Errors
    /// There is none of that id.
    pub fn hosted_zone(&self, account: &AccountId, id: &HostedZoneId) -> Result<&Arc<HostedZone>, Refusal> {
        self.hosted_zones.get(id).filter(|zone| &zone.account == account).ok_or_else(|| ZoneRefusal::NotFound(id.to_string()).into())
    }

    fn edit_zone(
        &mut self,
        cx: &Context,
        id: &HostedZoneId,
        edit: impl FnOnce(&mut HostedZone) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut zone = HostedZone::clone(self.hosted_zone(&cx.scope.account, id)?);
        edit(&mut zone)?;
        self.hosted_zones.insert(id.clone(), Arc::new(zone));
        Ok(())
    }
}

impl HostedZoneId {
    /// A new id.
    pub fn fresh(ids: &mut IdSource) -> Self {
        Self(format!("Z0{}", ids.alphanumeric(19).to_ascii_uppercase()).into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostedZoneId {
    type Err = ZoneRefusal;
    /// Also as answers write it, `/hostedzone/Z…`.
    fn from_str(text: &str) -> Result<Self, ZoneRefusal> {
        let id = text.strip_prefix("/hostedzone/").unwrap_or(text);
        let legal = (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if legal { Ok(Self(id.into())) } else { Err(ZoneRefusal::NotFound(id.to_owned())) }
    }
}

impl TryFrom<String> for HostedZoneId {
    type Error = ZoneRefusal;
    fn try_from(text: String) -> Result<Self, ZoneRefusal> {
        text.parse()
    }
}

impl From<HostedZoneId> for String {
    fn from(id: HostedZoneId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for HostedZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for HostedZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name servers of a public zone: one of each of the four domains, as Route 53 deals them out.
fn public_servers(ids: &mut IdSource) -> Vec<String> {
    let mut server = |from: u64, domain: &str| {
        let number = ids.next_u64() >> 32;
        format!("ns-{}.awsdns-{:02}.{domain}", from + number % 512, (number >> 16) % 64)
    };
    vec![server(0, "com"), server(512, "net"), server(1024, "org"), server(1536, "co.uk")]
}

/// Source: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_Tag.html>
fn check_tags(tags: &Tags) -> Result<(), Refusal> {
    if tags.len() > MAX_TAGS {
        return Err(ZoneRefusal::InvalidInput(format!("A hosted zone can have at most {MAX_TAGS} tags")).into());
    }
    let legal = |key: &str, value: &str| (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
    match tags.iter().find(|(key, value)| !legal(key, value)) {
        Some((key, _)) => Err(ZoneRefusal::InvalidInput(format!("The tag '{key}' is too long or has an empty key")).into()),
        None => Ok(()),
    }
}
