//! `AWS::IAM::…`
use super::Failure;
use crate::cloudformation::properties::Properties;
use std::collections::{BTreeMap, BTreeSet};
use vpclab_cloud::iam::{Holder, PolicyDocument, Tagged};
use vpclab_cloud::{Cloud, Context, Refusal, Tags};

pub mod instance_profile;
pub mod managed_policy;
pub mod policy;
pub mod role;

/// IAM's refusal.
fn by_iam(refusal: Refusal) -> Failure {
    Failure::of("Iam", crate::iam::word(&refusal))
}

/// The policy document of a property that has to be there.
fn policy(properties: &Properties<'_>) -> Result<PolicyDocument, Failure> {
    let missing = || Failure::invalid("Property PolicyDocument cannot be empty.");
    crate::iam::identity_policy(&properties.document("PolicyDocument")?.ok_or_else(missing)?).map_err(by_iam)
}

/// The roles and users that properties name.
fn holders(properties: &Properties<'_>) -> Result<Vec<Holder>, Failure> {
    let roles = properties.texts("Roles")?.into_iter().map(Holder::Role);
    Ok(roles.chain(properties.texts("Users")?.into_iter().map(Holder::User)).collect())
}

/// Attaches what is new of a set of managed policies, and detaches what is no longer in it.
fn attach(cloud: &mut Cloud, c: &mut Context, holder: &Holder, old: &BTreeSet<String>, new: &BTreeSet<String>) -> Result<(), Failure> {
    for gone in old.difference(new) {
        detach(cloud, c, holder, gone)?;
    }
    new.difference(old).try_for_each(|arn| cloud.attach_policy(c, holder, arn).map_err(by_iam))
}

/// Detaches a policy; one that someone detached by hand is fine.
fn detach(cloud: &mut Cloud, c: &mut Context, holder: &Holder, arn: &str) -> Result<(), Failure> {
    match cloud.detach_policy(c, holder, arn).map_err(by_iam) {
        Err(why) if why.code != "NotFound" => Err(why),
        _ => Ok(()),
    }
}

/// Removes an inline policy; one that is gone already is fine.
fn remove_inline(cloud: &mut Cloud, c: &mut Context, holder: &Holder, name: &str) -> Result<(), Failure> {
    match cloud.delete_inline_policy(c, holder, name).map_err(by_iam) {
        Err(why) if why.code != "NotFound" => Err(why),
        _ => Ok(()),
    }
}

/// Writes inline policies, and removes those of `old` that are not among them.
fn inline(
    cloud: &mut Cloud,
    c: &mut Context,
    holder: &Holder,
    old: &BTreeSet<String>,
    new: BTreeMap<String, PolicyDocument>,
) -> Result<(), Failure> {
    for gone in old.iter().filter(|name| !new.contains_key(*name)) {
        remove_inline(cloud, c, holder, gone)?;
    }
    new.into_iter().try_for_each(|(name, document)| cloud.put_inline_policy(c, holder, &name, document).map_err(by_iam))
}

/// Gives something of IAM the tags that are wanted.
fn tag(cloud: &mut Cloud, c: &Context, of: &Tagged, wanted: Tags) -> Result<(), Failure> {
    cloud.edit_iam_tags(&c.scope.account, of, |tags| *tags = wanted).map_err(by_iam)
}
