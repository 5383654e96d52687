//! REST APIs, their policies and deployments.
use super::{Done, Passed, Thing, World, read};
use crate::case::Step;
use std::{collections::BTreeMap, sync::Arc};
use vpclab_cloud::{
    ResourceId, RestApi, RestApiEdit, RestApiId, Scope, Tags,
    deployment::CreateDeployment,
    function::Permission,
    integration::{Integration, IntegrationResponse, IntegrationType, Passthrough},
    method::{Method, MethodKey, MethodResponse},
    rest_api::{CreateRestApi, EndpointType},
    stage::{MethodSettingEdit, StageEdit},
};

impl World {
    pub(super) fn apply_api(&mut self, step: &Step) -> Done {
        match step {
            Step::Api { is, region, account, kind, endpoints } => {
                self.go(&Scope { account: read(account)?, region: read(region)? });
                let input = CreateRestApi {
                    name: is.clone(),
                    description: None,
                    version: None,
                    endpoint_type: EndpointType::parse(kind).ok_or_else(|| Passed::Value(kind.clone()))?,
                    vpc_endpoint_ids: endpoints.iter().filter_map(|label| self.endpoint(label).ok()).collect(),
                    disable_execute_api_endpoint: false,
                    binary_media_types: Vec::new(),
                    tags: Tags::new(),
                };
                let id = self.cloud.create_rest_api(&mut self.cx, input)?;
                self.named(is, Thing::Api(id));
            }
            Step::Method { api, path, name, answer, strict, signed } => {
                let kind = if *signed { "AWS_IAM" } else { "NONE" };
                let method = Method { authorization_type: kind.to_owned(), ..Method::default() };
                self.method(api, path, name, answer, method, *strict)?;
            }
            Step::Permission { function, source } => {
                let (scope, name) = self.function(function)?;
                self.go(&scope);
                let permission = Permission {
                    sid: format!("law{}", self.cx.ids.hex(6)),
                    action: "lambda:InvokeFunction".into(),
                    principal: "apigateway.amazonaws.com".into(),
                    source_arn: Some(self.fill(source)),
                    source_account: None,
                    organization: None,
                };
                self.cloud.add_permission(&mut self.cx, &name, None, None, permission)?;
            }
            Step::Policy { api, policy } => {
                let api = self.api_here(api)?;
                let text = self.fill(&policy.to_string());
                vpclab_policy::validate_resource_policy(&text).map_err(|_| Passed::Value(text.clone()))?;
                let value = vpclab_policy::parse_json(&text).map_err(|_| Passed::Value(text.clone()))?;
                let text = vpclab_policy::expand_short_form(&value, &api.execute_arn()).to_string();
                self.cloud.update_rest_api(&mut self.cx, &api.id, [RestApiEdit::Policy(Some(text))])?;
            }
            Step::Disable { api } => {
                let api = self.api_here(api)?;
                self.cloud.update_rest_api(&mut self.cx, &api.id, [RestApiEdit::DisableExecuteApiEndpoint(true)])?;
            }
            Step::Deploy { api, stage } => {
                let api = self.api_here(api)?;
                let input = CreateDeployment { stage: Some(stage.clone()), ..CreateDeployment::default() };
                self.cloud.create_deployment(&mut self.cx, &api.id, input)?;
            }
            Step::Limit { api, stage, burst } => {
                let api = self.api_here(api)?;
                let limit = StageEdit::Method("*/*".to_owned(), MethodSettingEdit::BurstLimit(Some(*burst)));
                self.cloud.update_stage(&mut self.cx, &api.id, stage, [limit])?;
            }
            Step::EndStage { api, stage } => {
                let api = self.api_here(api)?;
                self.cloud.delete_stage(&mut self.cx, &api.id, stage)?;
            }
            Step::EndApi { api } => {
                let api = self.api_here(api)?;
                self.cloud.delete_rest_api(&mut self.cx, &api.id)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// An API, whose owner asks from now on.
    fn api_here(&mut self, label: &str) -> Result<Arc<RestApi>, Passed> {
        let id = self.api(label)?;
        let api = self.cloud.rest_apis.get(&id).cloned().ok_or_else(|| Passed::Label(label.to_owned()))?;
        self.go(&api.scope);
        Ok(api)
    }

    fn method(&mut self, api: &str, path: &str, name: &str, answer: &str, method: Method, strict: bool) -> Done {
        let api = self.api_here(api)?;
        let resource = self.resource_at(&api, path)?;
        let key = MethodKey { api: api.id.clone(), resource, name: name.to_owned() };
        self.cloud.put_method(&mut self.cx, &key, method)?;
        if answer.bytes().all(|b| b.is_ascii_digit()) {
            self.cloud.put_method_response(&mut self.cx, &key, answer.to_owned(), MethodResponse::default())?;
            let mut integration = Integration::new(IntegrationType::Mock);
            if strict {
                integration.passthrough = Passthrough::Never;
            }
            integration.request_templates.insert("application/json".into(), format!("{{\"statusCode\": {answer}}}"));
            integration.responses = BTreeMap::from([(
                answer.to_owned(),
                IntegrationResponse {
                    response_templates: BTreeMap::from([("application/json".into(), "{\"by\": \"mock\"}".into())]),
                    ..IntegrationResponse::default()
                },
            )]);
            self.cloud.put_integration(&mut self.cx, &key, integration)?;
            return Ok(());
        }
        if self.function(answer).is_err() {
            self.make_function(answer, None)?;
        }
        let (scope, function) = self.function(answer)?;
        let mut integration = Integration::new(IntegrationType::AwsProxy);
        integration.http_method = Some("POST".into());
        integration.uri = Some(format!(
            "arn:aws:apigateway:{}:lambda:path/2015-03-31/functions/{}/invocations",
            api.scope.region,
            vpclab_cloud::function::function_arn(&scope, &function)
        ));
        self.cloud.put_integration(&mut self.cx, &key, integration)?;
        Ok(())
    }

    /// The resource of a path; what is missing of it is made.
    fn resource_at(&mut self, api: &RestApi, path: &str) -> Result<ResourceId, Passed> {
        let mut at = api.root.clone();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let found = self.child(&api.id, &at, part);
            at = match found {
                Some(id) => id,
                None => self.cloud.create_resource(&mut self.cx, &api.id, &at, part.to_owned())?,
            };
        }
        Ok(at)
    }

    fn child(&self, api: &RestApiId, parent: &ResourceId, part: &str) -> Option<ResourceId> {
        let mut children = self.cloud.resources_of(api).filter(|resource| resource.parent.as_ref() == Some(parent));
        children.find(|resource| resource.path_part == part).map(|resource| resource.id.clone())
    }
}
