//! `AWS::Lambda::Alias`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-alias.html>
use super::{by_lambda, named};
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use vpclab_cloud::function::AliasChange;
use vpclab_cloud::{Cloud, Context};

/// The type. Its physical id is the alias's ARN.
pub struct Alias;

fn change(properties: &Properties<'_>) -> Result<AliasChange, Failure> {
    let routing = properties.object("RoutingConfig")?;
    let mut weights = BTreeMap::new();
    for one in routing.map_or(Ok(Vec::new()), |routing| routing.objects("AdditionalVersionWeights"))? {
        let wrong = || Failure::invalid("Value of property FunctionWeight must be a number from 0.0 to 1.0");
        let weight: f64 = one.required("FunctionWeight")?.parse().map_err(|_| wrong())?;
        if !(0.0..=1.0).contains(&weight) {
            return Err(wrong());
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1000")]
        weights.insert(one.required("FunctionVersion")?, (weight * 1000.0).round() as u32);
    }
    Ok(AliasChange {
        version: Some(properties.required("FunctionVersion")?),
        description: Some(properties.text("Description")?.unwrap_or_default()),
        weights: Some(weights),
    })
}

impl ResourceType for Alias {
    fn served(&self) -> &'static [&'static str] {
        &["Description", "FunctionName", "FunctionVersion", "Name", "RoutingConfig"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let (function, name) = (named(&want.properties.required("FunctionName")?)?.name, want.properties.required("Name")?);
        cloud.create_alias(c, &function, &name, change(&want.properties)?).map_err(by_lambda)?;
        Ok(Made::new(cloud.alias(&c.scope, &function, &name).map_err(by_lambda)?.arn()))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let alias = named(is.physical)?;
        let name = alias.qualifier.unwrap_or_default();
        cloud.update_alias(c, &alias.name, &name, None, change(&want.properties)?).map_err(by_lambda)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        let alias = named(is.physical)?;
        cloud.delete_alias(c, &alias.name, alias.qualifier.as_deref().unwrap_or_default()).map_err(by_lambda)
    }

    fn attributes(&self, _cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        Map::from_iter([("AliasArn".to_owned(), json!(is.physical))])
    }
}
