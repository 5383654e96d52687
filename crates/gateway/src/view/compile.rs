//! Snapshot of the cloud -> [`View`].

use super::{ApiView, Authorization, DeploymentView, EndpointView, IntegrationView, MethodView, PolicyGate, StageView, View};
use crate::gateway_response::GatewayResponsesView;
use crate::lambda::LambdaProxyView;
use crate::mock::{HeaderSource, MockResponse, MockView, Passthrough, RequestTemplate, ResponseTemplate};
use crate::substitute::Text;
use http::{HeaderName, StatusCode};
use regex_lite::Regex;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use vpclab_api::route::RouteTree;
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::integration::{self, Integration, IntegrationResponse, IntegrationType};
use vpclab_cloud::method::Method;
use vpclab_cloud::rest_api::EndpointType;
use vpclab_cloud::{Cloud, Deployment, RestApiId};

impl View {
    /// Compiles a state. Deployments are immutable: one that `previous` holds already is taken over as it is.
    pub fn compile(cloud: &Cloud, previous: Option<&View>) -> View {
        let mut view = View::default();
        for endpoint in cloud.vpc_endpoints.values() {
            let compiled = EndpointView {
                id: endpoint.id.to_string(),
                vpc: endpoint.vpc.to_string(),
                policy: EndpointView::gate(endpoint.policy.as_deref()),
            };
            warn_if_broken(&compiled.policy, &compiled.id);
            view.endpoints.insert(compiled.id.clone(), compiled);
        }
        for api in cloud.rest_apis.values() {
            let region = api.scope.region.to_string();
            let before = previous.and_then(|p| p.api(&region, api.id.as_str()));
            let compiled = ApiView {
                id: api.id.to_string(),
                account: api.scope.account.to_string(),
                region: region.clone(),
                private: api.settings.endpoint_type == EndpointType::Private,
                stages: stages(cloud, &api.id, before),
            };
            view.regions.entry(region).or_default().insert(compiled.id.clone(), compiled);
        }
        view
    }
}

fn stages(cloud: &Cloud, api: &RestApiId, before: Option<&ApiView>) -> HashMap<String, StageView> {
    let mut known: HashMap<String, Arc<DeploymentView>> = before
        .into_iter()
        .flat_map(|api| api.stages.values())
        .map(|stage| (stage.deployment.id.clone(), Arc::clone(&stage.deployment)))
        .collect();
    let mut compiled = HashMap::new();
    let of_api = cloud.stages.range((api.clone(), String::new())..).take_while(|((id, _), _)| id == api);
    for ((_, name), stage) in of_api {
        let Some(deployment) = cloud.deployments.get(&(api.clone(), stage.deployment.clone())) else {
            tracing::warn!(%api, stage = name, deployment = %stage.deployment, "a stage without its deployment is not served");
            continue;
        };
        let view = known.entry(deployment.id.to_string()).or_insert_with(|| Arc::new(deployment_view(deployment))).clone();
        let stage_view = StageView {
            name: name.clone(),
            variables: stage.variables.clone(),
            default_endpoint_disabled: stage.disable_execute_api_endpoint,
            settings: stage.settings.clone(),
            access_log: stage.settings.access_log.group().zip(stage.settings.access_log.format.as_deref()).map(|(group, format)| {
                // The end of a line is the sink's.
                (group.to_owned(), Text::compile(format.trim_end_matches('\n')))
            }),
            deployment: view,
        };
        compiled.insert(name.clone(), stage_view);
    }
    compiled
}

fn deployment_view(deployment: &Deployment) -> DeploymentView {
    let snapshot: &ApiSnapshot = &deployment.snapshot;
    let policy = DeploymentView::gate(snapshot.settings.policy.as_deref());
    warn_if_broken(&policy, deployment.api.as_str());
    let routes = RouteTree::compile(snapshot, |_, _, method| method_view(method));
    let binary_media_types = snapshot.settings.binary_media_types.clone();
    let gateway_responses = GatewayResponsesView::compile(&snapshot.settings.gateway_responses);
    DeploymentView { id: deployment.id.to_string(), policy, binary_media_types, gateway_responses, routes }
}

fn warn_if_broken(policy: &PolicyGate, of: &str) {
    if let PolicyGate::Broken(why) = policy {
        tracing::warn!(of, why, "a stored policy cannot be read: everything it guards is refused");
    }
}

fn method_view(method: &Method) -> MethodView {
    let authorization = match method.authorization_type.as_str() {
        "NONE" => Authorization::Open,
        "AWS_IAM" => Authorization::Iam,
        other => Authorization::NotBuilt(other.to_owned()),
    };
    let integration = match &method.integration {
        None => IntegrationView::NotBuilt("a method without integration".to_owned()),
        Some(integration) => integration_view(integration),
    };
    MethodView {
        authorization,
        api_key_required: method.api_key_required,
        // `required` in `requestParameters` is checked only where a request validator with `validateRequestParameters`
        // is attached to the method, and there are none in this model.
        required: Vec::new(),
        integration,
    }
}

fn integration_view(integration: &Integration) -> IntegrationView {
    let name = match integration.kind {
        IntegrationType::Mock => {
            return match mock_view(integration) {
                Ok(mock) => IntegrationView::Mock(mock),
                Err(what) => IntegrationView::NotBuilt(what),
            };
        }
        IntegrationType::Http => "HTTP",
        IntegrationType::HttpProxy => "HTTP_PROXY",
        IntegrationType::Aws => "AWS",
        IntegrationType::AwsProxy => {
            let uri = integration.uri.clone().unwrap_or_default();
            let timeout = Duration::from_millis(integration.timeout_millis.into());
            return IntegrationView::LambdaProxy(LambdaProxyView { uri, timeout });
        }
    };
    IntegrationView::NotBuilt(format!("integration type `{name}`"))
}

/// A mock whose responses cannot all be compiled is not served at all: leaving one out would let another answer.
fn mock_view(integration: &Integration) -> Result<MockView, String> {
    let responses = integration.responses.iter().map(|(status, response)| mock_response(status, response));
    Ok(MockView {
        passthrough: match integration.passthrough {
            integration::Passthrough::WhenNoMatch => Passthrough::WhenNoMatch,
            integration::Passthrough::WhenNoTemplates => Passthrough::WhenNoTemplates,
            integration::Passthrough::Never => Passthrough::Never,
        },
        request_templates: integration
            .request_templates
            .iter()
            .map(|(media, text)| (media.to_ascii_lowercase(), RequestTemplate::compile(text)))
            .collect(),
        responses: responses.collect::<Result<_, _>>()?,
    })
}

fn mock_response(status: &str, response: &IntegrationResponse) -> Result<MockResponse, String> {
    let code = status.parse::<u16>().ok().and_then(|s| StatusCode::from_u16(s).ok());
    let code = code.ok_or_else(|| format!("integration response status `{status}`"))?;
    let pattern = match response.selection_pattern.as_deref() {
        None | Some("") => None,
        // The whole text has to match.
        Some(pattern) => {
            let regex = Regex::new(&format!("^(?:{pattern})$"));
            Some(regex.map_err(|_| format!("selection pattern `{pattern}`"))?)
        }
    };
    let headers = response.response_parameters.iter().map(|(target, source)| {
        let name = target.strip_prefix("method.response.header.").map(str::as_bytes);
        let name = name.and_then(|n| HeaderName::from_bytes(n).ok());
        let name = name.ok_or_else(|| format!("response parameter `{target}`"))?;
        Ok((name, HeaderSource::compile(source)))
    });
    Ok(MockResponse {
        pattern,
        status: code,
        headers: headers.collect::<Result<_, String>>()?,
        templates: response
            .response_templates
            .iter()
            .map(|(media, text)| (media.to_ascii_lowercase(), ResponseTemplate::compile(text)))
            .collect(),
    })
}
