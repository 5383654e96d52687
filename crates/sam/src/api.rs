//! `AWS::Serverless::Api`: a REST API, its deployment and stage, its domain and usage plan.
use crate::{
    context::Context,
    fault::Out,
    made::{self, Made, Shape, Transformed},
    source::{Form, Source, Want},
};

mod body;
mod domain;
mod record_set;
mod rest_api;
mod stage;
mod usage_plan;

pub(crate) static FORM: Form = Form {
    kind: "AWS::Serverless::Api",
    properties: &[
        ("__MANAGE_SWAGGER", false, Want::Bool),
        ("Name", false, Want::TextOrMap),
        ("StageName", true, Want::TextOrMap),
        ("Tags", false, Want::Map),
        ("PropagateTags", false, Want::Bool),
        ("DefinitionBody", false, Want::Map),
        ("DefinitionUri", false, Want::TextOrMap),
        ("MergeDefinitions", false, Want::PlainBool),
        ("CacheClusterEnabled", false, Want::Bool),
        ("CacheClusterSize", false, Want::Text),
        ("Variables", false, Want::Map),
        ("EndpointConfiguration", false, Want::TextOrMap),
        ("MethodSettings", false, Want::List),
        ("BinaryMediaTypes", false, Want::List),
        ("MinimumCompressionSize", false, Want::Int),
        ("Cors", false, Want::TextOrMap),
        ("Auth", false, Want::Map),
        ("GatewayResponses", false, Want::Map),
        ("AccessLogSetting", false, Want::Map),
        ("CanarySetting", false, Want::Map),
        ("TracingEnabled", false, Want::Bool),
        ("OpenApiVersion", false, Want::Text),
        ("Models", false, Want::Map),
        ("Domain", false, Want::Map),
        ("FailOnWarnings", false, Want::Bool),
        ("Description", false, Want::Text),
        ("Mode", false, Want::Text),
        ("DisableExecuteApiEndpoint", false, Want::Bool),
        ("ApiKeySourceType", false, Want::Text),
        ("AlwaysDeploy", false, Want::PlainBool),
        ("Policy", false, Want::TextOrMap),
        ("SecurityPolicy", false, Want::Text),
        ("EndpointAccessMode", false, Want::Text),
    ],
};

/// The words after an API's id that other resources may use, and the types for which they stand.
const WORDS: [(&str, &Shape); 7] = [
    ("Stage", &made::STAGE),
    ("Deployment", &made::DEPLOYMENT),
    ("DomainName", &made::DOMAIN_NAME),
    ("DomainNameV2", &made::DOMAIN_NAME_V2),
    ("UsagePlan", &made::USAGE_PLAN),
    ("UsagePlanKey", &made::USAGE_PLAN_KEY),
    ("ApiKey", &made::API_KEY),
];

pub(crate) fn transform(mut source: Source, context: &mut Context) -> Out<Transformed> {
    for name in ["BinaryMediaTypes", "Domain", "Auth"] {
        if let Some(val) = source.properties.get_mut(name) {
            let resolved = context.parameters.resolve(val)?;
            source.properties.insert(name, resolved);
        }
    }
    let mut api = Api { source, partition: context.partition };
    let mut made = api.construct(context)?;
    made::propagate_tags(&mut made, api.source.get("Tags"), api.source.get("PropagateTags"))?;
    Ok(Transformed::new(made, &WORDS))
}

/// An API under transformation. Its definition is the property `DefinitionBody` of the source.
struct Api {
    source: Source,
    partition: &'static str,
}

impl Api {
    fn construct(&mut self, context: &mut Context) -> Out<Vec<Made>> {
        let rest_api = self.rest_api()?;
        let domain = self.source.get("Domain");
        let private = domain.and_then(|domain| domain.get("EndpointConfiguration")).is_some_and(|kind| kind.is("PRIVATE"));
        let domain = if private { self.private_domain(&rest_api, context)? } else { self.domain(&rest_api, context)? };
        let (deployment, stage) = self.stage(&rest_api, context)?;
        let permissions = self.authorizer_permissions()?;
        let usage_plan = self.usage_plan(&stage, context)?;
        let mut made = vec![rest_api, deployment, stage];
        made.extend(permissions);
        made.extend(domain.name);
        made.extend(domain.mappings);
        made.extend(domain.record_sets);
        made.extend(usage_plan);
        made.extend(domain.association);
        Ok(made)
    }
}
