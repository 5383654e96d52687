//! What an API answers where no integration does, as its deployment has it.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>
use crate::fate::{ErrorAnswer, Fate};
use crate::substitute::Text;
use crate::told::Told;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use std::collections::BTreeMap;
use vpclab_api::template::{Reference, Values};
use vpclab_cloud::gateway_response::{GatewayResponse, GatewayResponseType};

/// The responses that were set.
#[derive(Debug, Default)]
pub struct GatewayResponsesView {
    set: BTreeMap<GatewayResponseType, ResponseView>,
}

#[derive(Debug)]
struct ResponseView {
    status: Option<StatusCode>,
    headers: Vec<(HeaderName, Source)>,
    templates: Vec<(String, Text)>,
}

#[derive(Debug)]
enum Source {
    Fixed(HeaderValue),
    Header(String),
    Query(String),
    Path(String),
    Reference(Reference),
    Body,
}

/// An error as the caller sees it in the end.
#[derive(Clone)]
pub(crate) struct Worded {
    pub(crate) status: StatusCode,
    pub(crate) content_type: HeaderValue,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl Worded {
    /// As the catalogue has it.
    pub(crate) fn plain(error: &ErrorAnswer) -> Self {
        let content_type = HeaderValue::from_static("application/json");
        Self { status: error.status, content_type, headers: Vec::new(), body: error.body.clone() }
    }
}

impl GatewayResponsesView {
    /// Compiles what was set.
    pub fn compile(responses: &BTreeMap<GatewayResponseType, GatewayResponse>) -> Self {
        Self { set: responses.iter().map(|(kind, response)| (*kind, ResponseView::compile(response))).collect() }
    }

    /// The response of a type, else that of its class of statuses.
    fn find(&self, kind: GatewayResponseType, status: StatusCode) -> Option<&ResponseView> {
        let class = if status.is_server_error() { GatewayResponseType::Default5xx } else { GatewayResponseType::Default4xx };
        self.set.get(&kind).or_else(|| self.set.get(&class))
    }

    /// Words an error as the API's responses say.
    pub(crate) fn word(&self, fate: &Fate, error: &ErrorAnswer, told: &Told<'_>) -> Worded {
        let mut worded = Worded::plain(error);
        let Some(response) = fate.gateway_response().and_then(|kind| self.find(kind, error.status)) else {
            return worded;
        };
        worded.status = response.status.unwrap_or(error.status);
        // Only the first media type in `Accept` counts; else JSON, else what there is.
        let accept = told.routed.call.header("accept").and_then(|a| a.split([',', ';']).next()).map(str::trim);
        let by_name = |wanted: &str| response.templates.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let chosen = accept.and_then(by_name).or_else(|| by_name("application/json")).or_else(|| response.templates.first());
        if let Some((kind, text)) = chosen {
            worded.body = Bytes::from(text.render(told, ""));
            if let Ok(value) = HeaderValue::from_str(kind) {
                worded.content_type = value;
            }
        }
        for (name, source) in &response.headers {
            let Some(value) = source.value(told) else { continue };
            if *name == header::CONTENT_TYPE {
                worded.content_type = value;
            } else {
                worded.headers.push((name.clone(), value));
            }
        }
        worded
    }
}

impl ResponseView {
    /// What can be no header of HTTP is left out, and so is what frames the answer: that is the server's.
    fn compile(response: &GatewayResponse) -> Self {
        let mapped = |(target, source): (&String, &String)| {
            let name = HeaderName::from_bytes(target.strip_prefix("gatewayresponse.header.")?.as_bytes()).ok()?;
            if [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION].contains(&name) {
                return None;
            }
            Some((name, Source::compile(source)?))
        };
        Self {
            status: response.status.and_then(|status| StatusCode::from_u16(status).ok()),
            headers: response.parameters.iter().filter_map(mapped).collect(),
            templates: response.templates.iter().map(|(kind, text)| (kind.clone(), Text::compile(text))).collect(),
        }
    }
}

impl Source {
    fn compile(text: &str) -> Option<Self> {
        if let Some(inside) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
            return HeaderValue::from_str(inside).ok().map(Self::Fixed);
        }
        if text == "method.request.body" {
            return Some(Self::Body);
        }
        if let Some((place, name)) = text.strip_prefix("method.request.").and_then(|rest| rest.split_once('.')) {
            return match place {
                "header" | "multivalueheader" => Some(Self::Header(name.to_owned())),
                "querystring" | "multivaluequerystring" => Some(Self::Query(name.to_owned())),
                "path" => Some(Self::Path(name.to_owned())),
                _ => None,
            };
        }
        let (root, name) = text.split_once('.')?;
        match root {
            "context" => Some(Self::Reference(Reference::Context(name.to_owned()))),
            "stageVariables" => Some(Self::Reference(Reference::StageVariable(name.to_owned()))),
            _ => None,
        }
    }

    fn value(&self, told: &Told<'_>) -> Option<HeaderValue> {
        let routed = &told.routed;
        match self {
            Self::Fixed(value) => Some(value.clone()),
            Self::Header(name) => routed.call.parts.headers.get(name).cloned(),
            Self::Query(name) => {
                routed.call.query().find(|(known, _)| known == name).and_then(|(_, value)| HeaderValue::from_str(&value).ok())
            }
            Self::Path(name) => {
                let found = routed.path_parameters.iter().find(|(known, _)| known == name);
                found.and_then(|(_, value)| HeaderValue::from_str(value).ok())
            }
            Self::Body => HeaderValue::from_bytes(routed.body).ok(),
            Self::Reference(reference) => {
                let mut text = String::new();
                told.append(reference, &mut text).then(|| HeaderValue::from_str(&text).ok()).flatten()
            }
        }
    }
}
