//! The `MOCK` integration: a request template chooses a status code, the code chooses a response.
//! Source: "Set up mock integrations", "Integration passthrough behaviors" (API Gateway developer guide).

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use regex_lite::Regex;
use vpclab_api::mock::{RequestTemplate, choose, media_type, passes, status_code};
use vpclab_api::template::{NotBuilt, Reference, Template, Values};
use vpclab_cloud::integration::Passthrough;

/// A compiled `MOCK` integration.
#[derive(Debug)]
pub struct MockView {
    /// What happens to a body without a template.
    pub passthrough: Passthrough,
    /// Request templates by media type, in lower case.
    pub request_templates: Vec<(String, Result<RequestTemplate, NotBuilt>)>,
    /// Integration responses, in the order they are tried.
    pub responses: Vec<MockResponse>,
}

/// An integration response.
#[derive(Debug)]
pub struct MockResponse {
    /// Matches the status code as text; `None` is the default response.
    pub pattern: Option<Regex>,
    /// The status of the answer.
    pub status: StatusCode,
    /// Headers of the answer.
    pub headers: Vec<(HeaderName, HeaderSource)>,
    /// Response templates by media type, in lower case.
    pub templates: Vec<(String, Result<ResponseTemplate, NotBuilt>)>,
}

/// A compiled response template.
#[derive(Debug)]
pub enum ResponseTemplate {
    /// The same body each time.
    Fixed(Bytes),
    /// Rendered for each request.
    Rendered(Template),
}

/// Where the value of a response header comes from.
#[derive(Debug)]
pub enum HeaderSource {
    /// `'text'`
    Fixed(HeaderValue),
    /// `context.x`, `stageVariables.x`
    Reference(Reference),
    /// `integration.response.header.x`: a mock has none, so the header is left out.
    Absent,
    /// Anything else.
    NotBuilt(String),
}

/// What a mock answers.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers of the response parameters.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The media type of the body.
    pub content_type: Option<HeaderValue>,
    /// The body.
    pub body: Bytes,
}

/// Why a mock could not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MockFailure {
    /// No template fits the content type and passing through is not allowed: 415.
    #[error("no request template for `{content_type}` and passthrough is off")]
    UnsupportedMediaType {
        /// What the request sent.
        content_type: String,
    },
    /// The template language.
    #[error(transparent)]
    NotBuilt(#[from] NotBuilt),
    /// The request template gave no `statusCode`.
    #[error("the request template gives no `statusCode`")]
    NoStatusCode,
    /// No integration response fits.
    #[error("no integration response matches status code {0}")]
    NoResponse(u16),
    /// A response parameter is of a kind that is not built.
    #[error("response parameter `{0}` is not built")]
    Parameter(String),
}

impl ResponseTemplate {
    /// Compiles the text of a response template.
    pub fn compile(text: &str) -> Result<Self, NotBuilt> {
        let template = Template::compile(text)?;
        Ok(match template.fixed() {
            Some(text) => Self::Fixed(Bytes::copy_from_slice(text.as_bytes())),
            None => Self::Rendered(template),
        })
    }
}

impl HeaderSource {
    /// Compiles the right side of a response parameter.
    pub fn compile(text: &str) -> Self {
        let not_built = || HeaderSource::NotBuilt(text.to_owned());
        if let Some(inside) = text.strip_prefix('\'').and_then(|t| t.strip_suffix('\'')) {
            return HeaderValue::from_str(inside).map_or_else(|_| not_built(), HeaderSource::Fixed);
        }
        if text.starts_with("integration.response.header.") || text.starts_with("integration.response.multivalueheader.") {
            return HeaderSource::Absent;
        }
        if let Some(path) = text.strip_prefix("context.") {
            return HeaderSource::Reference(Reference::Context(path.to_owned()));
        }
        if let Some(name) = text.strip_prefix("stageVariables.") {
            return HeaderSource::Reference(Reference::StageVariable(name.to_owned()));
        }
        not_built()
    }
}

impl MockView {
    /// Answers a request. `content_type` and `accept` are the request's headers, parameters included.
    pub fn answer(
        &self,
        content_type: Option<&str>,
        accept: Option<&str>,
        body: &[u8],
        values: &dyn Values,
    ) -> Result<Answer, MockFailure> {
        let code = self.status_code(content_type, body, values)?.ok_or(MockFailure::NoStatusCode)?;
        let response = choose(&self.responses, |response| response.pattern.as_ref(), code).ok_or(MockFailure::NoResponse(code))?;
        response.answer(accept, values)
    }

    fn status_code(&self, content_type: Option<&str>, body: &[u8], values: &dyn Values) -> Result<Option<u16>, MockFailure> {
        let media = media_type(content_type.unwrap_or("application/json"));
        match self.request_templates.iter().find(|(name, _)| name.eq_ignore_ascii_case(media)) {
            Some((_, Ok(RequestTemplate::Fixed(code)))) => Ok(*code),
            Some((_, Ok(RequestTemplate::Rendered(template)))) => Ok(status_code(&template.render(values))),
            Some((_, Err(not_built))) => Err(not_built.clone().into()),
            None => {
                if !passes(self.passthrough, !self.request_templates.is_empty()) {
                    return Err(MockFailure::UnsupportedMediaType { content_type: media.to_owned() });
                }
                Ok(std::str::from_utf8(body).ok().and_then(status_code))
            }
        }
    }
}

impl MockResponse {
    fn answer(&self, accept: Option<&str>, values: &dyn Values) -> Result<Answer, MockFailure> {
        let mut headers = Vec::with_capacity(self.headers.len());
        let mut content_type = None;
        for (name, source) in &self.headers {
            let value = match source {
                HeaderSource::Fixed(value) => value.clone(),
                HeaderSource::Absent => continue,
                HeaderSource::NotBuilt(what) => return Err(MockFailure::Parameter(what.clone())),
                HeaderSource::Reference(reference) => {
                    let mut text = String::new();
                    if !values.append(reference, &mut text) {
                        continue;
                    }
                    match HeaderValue::from_str(&text) {
                        Ok(value) => value,
                        Err(_) => continue,
                    }
                }
            };
            if *name == http::header::CONTENT_TYPE {
                content_type = Some(value);
            } else {
                headers.push((name.clone(), value));
            }
        }
        // Only the first media type in `Accept` counts; else JSON, else what there is.
        let first = accept.and_then(|a| a.split(',').next()).map(media_type);
        let by_name = |wanted: &str| self.templates.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let chosen = first.and_then(by_name).or_else(|| by_name("application/json")).or_else(|| self.templates.first());
        let body = match chosen {
            None => Bytes::new(),
            Some((_, Ok(ResponseTemplate::Fixed(body)))) => body.clone(),
            Some((_, Ok(ResponseTemplate::Rendered(template)))) => Bytes::from(template.render(values)),
            Some((_, Err(not_built))) => return Err(not_built.clone().into()),
        };
        let content_type = match (content_type, chosen) {
            (Some(value), _) => Some(value),
            (None, Some((name, _))) if name != "application/json" => HeaderValue::from_str(name).ok(),
            (None, _) => Some(HeaderValue::from_static("application/json")),
        };
        Ok(Answer { status: self.status, headers, content_type, body })
    }
}

#[cfg(test)]
mod tests;
