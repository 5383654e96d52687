//! `AWS::EC2::NetworkInsightsAnalysis`: analysed when it is made.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-networkinsightsanalysis.html>
use super::super::{attributes, id, physical};
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted, by_ec2};
use crate::ec2::network_insights::{analyse::analyse, show};
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context, NetworkInsightsAnalysisId};

/// The type.
pub struct Analysis;

impl ResourceType for Analysis {
    fn served(&self) -> &'static [&'static str] {
        &["NetworkInsightsPathId", "Tags"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let path = id(&want.properties, "NetworkInsightsPathId")?;
        cloud.start_network_insights_analysis(c, &path, None, want.tags()?, analyse).map(Made::new).map_err(by_ec2)
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        cloud.set_tags(c, is.physical, want.tags()?).map_err(by_ec2)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_network_insights_analysis(c, &physical(is.physical)?).map_err(by_ec2)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let found = physical::<NetworkInsightsAnalysisId>(is.physical).ok().and_then(|id| cloud.network_insights_analyses.get(&id));
        let Some(shown) = found.map(|analysis| show::analysis(analysis)) else { return Map::new() };
        attributes(json!({
            "NetworkInsightsAnalysisArn": shown.network_insights_analysis_arn,
            "NetworkInsightsAnalysisId": is.physical,
            "NetworkPathFound": shown.network_path_found,
            "StartDate": shown.start_date.map(|at| at.to_string()),
            "Status": shown.status,
            "StatusMessage": shown.status_message,
        }))
    }
}
