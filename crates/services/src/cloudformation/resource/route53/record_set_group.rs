//! `AWS::Route53::RecordSetGroup`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-recordsetgroup.html>
use super::{by_route53, change, zone};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use vpclab_cloud::hosted_zone::{ChangeAction, RecordChange};
use vpclab_cloud::{Cloud, Context};

/// The type: records that change together.
pub struct RecordSetGroup;

impl ResourceType for RecordSetGroup {
    fn served(&self) -> &'static [&'static str] {
        &[
            "Comment",
            "HostedZoneId",
            "HostedZoneName",
            "RecordSets",
            "RecordSets.AliasTarget",
            "RecordSets.Name",
            "RecordSets.ResourceRecords",
            "RecordSets.TTL",
            "RecordSets.Type",
        ]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let zone = zone(cloud, &c.scope, &want.properties)?;
        let changes = all(ChangeAction::Create, &want.properties)?;
        cloud.change_record_sets(c, &zone, changes).map_err(by_route53)?;
        Ok(Made::new(want.physical_name(c, 128)))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let zone = zone(cloud, &c.scope, &want.properties)?;
        let mut changes = all(ChangeAction::Delete, &is.properties)?;
        changes.extend(all(ChangeAction::Create, &want.properties)?);
        cloud.change_record_sets(c, &zone, changes).map_err(by_route53)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let zone = zone(cloud, &c.scope, &is.properties)?;
        cloud.change_record_sets(c, &zone, all(ChangeAction::Delete, &is.properties)?).map_err(by_route53)
    }
}

fn all(action: ChangeAction, properties: &Properties<'_>) -> Result<Vec<RecordChange>, Failure> {
    properties.objects("RecordSets")?.iter().map(|record| change(action, record)).collect()
}
