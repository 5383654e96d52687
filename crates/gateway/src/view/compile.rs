//! What the gateway keeps beside the gates, from what is stored.

use super::{AccessLogView, BodyView, IntegrationView, MethodView, Served};
use crate::authorizer::AuthorizerView;
use crate::gateway_response::GatewayResponsesView;
use crate::lambda::LambdaProxyView;
use crate::mock::{HeaderSource, MockResponse, MockView, ResponseTemplate};
use crate::substitute::Text;
use http::{HeaderName, StatusCode};
use std::time::Duration;
use vpclab_api::judge::{self, Kept};
use vpclab_api::mock::{RequestTemplate, selection};
use vpclab_cloud::Stage;
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::integration::{Integration, IntegrationResponse, IntegrationType};
use vpclab_cloud::method::Method;

impl Kept for Served {
    type Stage = AccessLogView;
    type Deployment = GatewayResponsesView;
    type Method = MethodView;

    fn stage(stage: &Stage) -> AccessLogView {
        let log = &stage.settings.access_log;
        let (group, format) = log.group().zip(log.format.as_deref())?;
        // The end of a line is the sink's.
        Some((group.to_owned(), Text::compile(format.trim_end_matches('\n'))))
    }

    fn deployment(snapshot: &ApiSnapshot) -> GatewayResponsesView {
        GatewayResponsesView::compile(&snapshot.settings.gateway_responses)
    }

    fn method(method: &Method, api: &str, snapshot: &ApiSnapshot) -> MethodView {
        let integration = match &method.integration {
            None => IntegrationView::NotBuilt("a method without integration".to_owned()),
            Some(integration) => integration_view(integration),
        };
        let validation = &snapshot.settings.validation;
        let validator = method.request_validator.as_ref().and_then(|id| validation.validators.get(id));
        let required = judge::required(method, snapshot);
        let body = match validator {
            Some(validator) if validator.body => BodyView::compile(method, api, validation),
            _ => BodyView::default(),
        };
        let authorizer = method.authorizer.as_ref().filter(|_| method.authorization_type == "CUSTOM").map(|id| {
            let found = validation.authorizers.get(id).ok_or_else(|| format!("authorizer `{id}`"))?;
            AuthorizerView::compile(id.as_str(), found)
        });
        MethodView { required, body, authorizer, integration }
    }

    fn warn(of: &str, why: &str) {
        tracing::warn!(of, why, "something stored cannot be served");
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
        passthrough: integration.passthrough,
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
    let pattern = selection(response.selection_pattern.as_deref())?;
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
