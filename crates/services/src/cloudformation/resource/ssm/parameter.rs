//! `AWS::SSM::Parameter`.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ssm-parameter.html>
use crate::cloudformation::properties::Properties;
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Wanted};
use serde_json::{Map, Value, json};
use vpclab_cloud::parameter::{DataType, ParameterKind, PutParameter, Tier, TierChoice};
use vpclab_cloud::{Cloud, Context, Refusal, Tags};

/// The type. Its physical id is the parameter's name.
pub struct Parameter;

fn by_ssm(refusal: Refusal) -> Failure {
    Failure::of("Ssm", crate::ssm::word(&refusal))
}

fn put(c: &Context, name: &str, properties: &Properties<'_>, overwrite: bool, tags: Tags) -> Result<PutParameter, Failure> {
    // Secure strings cannot be made by templates on AWS either.
    properties.only("Type", &["String", "StringList"])?;
    let kind = if properties.required("Type")? == "StringList" { ParameterKind::StringList } else { ParameterKind::String };
    properties.only("DataType", &["text", "aws:ec2:image"])?;
    properties.only("Tier", &["Standard", "Advanced", "Intelligent-Tiering"])?;
    let tier = match properties.text("Tier")?.as_deref() {
        Some("Standard") => TierChoice::Only(Tier::Standard),
        Some("Advanced") => TierChoice::Only(Tier::Advanced),
        Some(_) => TierChoice::Intelligent,
        None => TierChoice::AsIs,
    };
    let data_type = properties.text("DataType")?.map(|text| if text == "text" { DataType::Text } else { DataType::Image });
    Ok(PutParameter {
        name: name.to_owned(),
        value: properties.required("Value")?,
        kind: Some(kind),
        description: Some(properties.text("Description")?.unwrap_or_default()),
        allowed_pattern: properties.text("AllowedPattern")?.filter(|pattern| !pattern.is_empty()),
        tier,
        data_type,
        key: None,
        overwrite,
        tags,
        user: format!("arn:aws:iam::{}:root", c.scope.account),
    })
}

impl ResourceType for Parameter {
    fn served(&self) -> &'static [&'static str] {
        &["AllowedPattern", "DataType", "Description", "Name", "Tags", "Tier", "Type", "Value"]
    }

    fn create(&self, cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        let name = match want.properties.text("Name")? {
            Some(name) => name,
            None => format!("CFN-{}-{}", want.logical, c.ids.alphanumeric(12)),
        };
        let input = put(c, &name, &want.properties, false, want.tags()?)?;
        cloud.put_parameter(c, input).map_err(by_ssm)?;
        Ok(Made::new(name))
    }

    fn update(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        let input = put(c, is.physical, &want.properties, true, Tags::new())?;
        cloud.put_parameter(c, input).map_err(by_ssm)?;
        let wanted = want.tags()?;
        cloud.edit_parameter_tags(c, is.physical, |tags| *tags = wanted).map_err(by_ssm)?;
        Ok(Made::new(is.physical))
    }

    fn delete(&self, cloud: &mut Cloud, c: &mut Context, is: &Existing<'_>) -> Result<(), Failure> {
        cloud.delete_parameter(c, is.physical).map_err(by_ssm)
    }

    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let Ok((parameter, _, version)) = cloud.parameter_version(is.scope, is.physical, None) else { return Map::new() };
        let known = [("Arn", parameter.arn()), ("Type", version.kind.as_str().to_owned()), ("Value", version.value.clone())];
        known.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
    }
}
