//! `AWS::Route53::RecordSet`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-recordset.html>
use super::{by_route53, change, zone};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use vpclab_cloud::hosted_zone::ChangeAction;
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the record's name.
pub struct RecordSet;

impl ResourceType for RecordSet {
    fn served(&self) -> &'static [&'static str] {
        &["AliasTarget", "Comment", "HostedZoneId", "HostedZoneName", "Name", "ResourceRecords", "TTL", "Type"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        put(cloud, c, ChangeAction::Create, &want.properties)?;
        Ok(Made::new(want.properties.required("Name")?))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        // A record of another type stands beside the old one, which has to go.
        let other = is.properties.text("Type")? != want.properties.text("Type")?;
        if other {
            put(cloud, c, ChangeAction::Delete, &is.properties)?;
        }
        put(cloud, c, ChangeAction::Upsert, &want.properties)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        put(cloud, c, ChangeAction::Delete, &is.properties)
    }
}

fn put(cloud: &mut Cloud, c: &mut Context, action: ChangeAction, properties: &Properties<'_>) -> Result<(), Failure> {
    let zone = zone(cloud, &c.scope, properties)?;
    cloud.change_record_sets(c, &zone, vec![change(action, properties)?]).map_err(by_route53)
}
