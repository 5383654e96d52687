//! How a `MOCK` integration comes to its status: a request template says a status code, the code chooses a response.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html>
use crate::template::{NotBuilt, Template};
use regex_lite::Regex;
use vpclab_cloud::integration::{Integration, Passthrough};

/// A request template of a mock; one without references is evaluated when it is compiled.
#[derive(Debug)]
pub enum RequestTemplate {
    /// Always this status code; `None` when the text holds none.
    Fixed(Option<u16>),
    /// Rendered for each request.
    Rendered(Template),
}

/// What is known of a mock's answer to a request without a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It answers with this status.
    Status(u16),
    /// It answers; with which status hangs on the request, or on a template that is not built.
    Open,
    /// Passing through is off and no template fits: 415.
    UnsupportedMediaType,
    /// It gives no answer, for this reason.
    Nothing(String),
}

impl RequestTemplate {
    /// Compiles the text of a request template.
    ///
    /// # Errors
    /// What in it is not built.
    pub fn compile(text: &str) -> Result<Self, NotBuilt> {
        let template = Template::compile(text)?;
        Ok(match template.fixed() {
            Some(text) => Self::Fixed(status_code(text)),
            None => Self::Rendered(template),
        })
    }
}

/// The media type without its parameters.
#[must_use]
pub fn media_type(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

/// Whether a body without a template goes on to the integration.
#[must_use]
pub fn passes(passthrough: Passthrough, has_templates: bool) -> bool {
    match passthrough {
        Passthrough::WhenNoMatch => true,
        Passthrough::WhenNoTemplates => !has_templates,
        Passthrough::Never => false,
    }
}

/// A selection pattern: the whole text has to match. `None` is that of the default response.
///
/// # Errors
/// A pattern that is no regular expression.
pub fn selection(pattern: Option<&str>) -> Result<Option<Regex>, String> {
    match pattern {
        None | Some("") => Ok(None),
        Some(pattern) => Regex::new(&format!("^(?:{pattern})$")).map(Some).map_err(|_| format!("selection pattern `{pattern}`")),
    }
}

/// The first response whose pattern matches the code, else the first default one.
pub fn choose<T>(responses: &[T], pattern: impl Fn(&T) -> Option<&Regex>, code: u16) -> Option<&T> {
    let text = code.to_string();
    let matching = responses.iter().find(|response| pattern(response).is_some_and(|pattern| pattern.is_match(&text)));
    matching.or_else(|| responses.iter().find(|response| pattern(response).is_none()))
}

/// The `statusCode` of a mock's request. The service reads it more loosely than JSON: keys may stand without quotes.
#[must_use]
pub fn status_code(text: &str) -> Option<u16> {
    let valid = |code: u64| u16::try_from(code).ok().filter(|c| (100..=999).contains(c));
    if let Ok(value) = serde_json::from_str::<serde_json::Value>(text) {
        return match value.get("statusCode")? {
            serde_json::Value::Number(n) => valid(n.as_u64()?),
            serde_json::Value::String(s) => valid(s.parse().ok()?),
            _ => None,
        };
    }
    let rest = text.trim().strip_prefix('{')?;
    let rest = rest.split_once("statusCode")?.1.trim_start_matches(['"', '\'']).trim_start();
    let rest = rest.strip_prefix(':')?.trim_start().trim_start_matches(['"', '\'']);
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    valid(rest.get(..digits)?.parse().ok()?)
}

/// What a mock answers to a request of a content type and without a body.
#[must_use]
pub fn answer(integration: &Integration, content_type: &str) -> Answer {
    let media = media_type(content_type);
    let Some((_, template)) = integration.request_templates.iter().find(|(name, _)| name.eq_ignore_ascii_case(media)) else {
        if !passes(integration.passthrough, !integration.request_templates.is_empty()) {
            return Answer::UnsupportedMediaType;
        }
        return Answer::Nothing(format!("no request template is for `{media}`, and without one nothing gives it a status code"));
    };
    if integration.responses.is_empty() {
        return Answer::Nothing("it has no integration response".to_owned());
    }
    let code = match RequestTemplate::compile(template) {
        Ok(RequestTemplate::Fixed(Some(code))) => code,
        Ok(RequestTemplate::Fixed(None)) => return Answer::Nothing(format!("its request template for `{media}` gives no `statusCode`")),
        Ok(RequestTemplate::Rendered(_)) | Err(_) => return Answer::Open,
    };
    let mut responses = Vec::with_capacity(integration.responses.len());
    for (status, response) in &integration.responses {
        match selection(response.selection_pattern.as_deref()) {
            Ok(pattern) => responses.push((pattern, status, response)),
            Err(_) => return Answer::Open,
        }
    }
    let Some((_, status, response)) = choose(&responses, |(pattern, ..)| pattern.as_ref(), code) else {
        return Answer::Nothing(format!("no integration response is for the status code {code}"));
    };
    // A template that is not built may set another status.
    let is_built = response.response_templates.values().all(|template| Template::compile(template).is_ok());
    match status.parse() {
        Ok(status) if is_built => Answer::Status(status),
        _ => Answer::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vpclab_cloud::integration::{IntegrationResponse, IntegrationType};

    fn mock(template: &str, responses: &[(&str, Option<&str>, &str)]) -> Integration {
        let mut integration = Integration::new(IntegrationType::Mock);
        integration.request_templates.insert("application/json".into(), template.into());
        for (status, pattern, body) in responses {
            let response = IntegrationResponse {
                selection_pattern: pattern.map(str::to_owned),
                response_templates: [("application/json".to_owned(), (*body).to_owned())].into(),
                ..IntegrationResponse::default()
            };
            integration.responses.insert((*status).to_owned(), response);
        }
        integration
    }

    #[test]
    fn a_status_is_known_where_nothing_of_the_request_makes_it() {
        let of = |template: &str, responses: &[_]| answer(&mock(template, responses), "application/json; charset=utf-8");
        let both = [("201", None, "{}"), ("418", Some("4\\d{2}"), "{}")];
        assert_eq!(of("{\"statusCode\": 200}", &both), Answer::Status(201));
        assert_eq!(of("## a teapot\n{statusCode: 404}", &both), Answer::Status(418));
        assert_eq!(of("{\"statusCode\": $input.params('code')}", &both), Answer::Open);
        assert_eq!(of("#set($a = 1){\"statusCode\": 200}", &both), Answer::Open);
        assert_eq!(of("{\"statusCode\": 200}", &[("200", None, "#set($context.responseOverride.status = 404)")]), Answer::Open);
        assert!(matches!(of("{}", &both), Answer::Nothing(why) if why.contains("gives no `statusCode`")));
        assert!(matches!(of("{\"statusCode\": 200}", &both[1..]), Answer::Nothing(why) if why.contains("status code 200")));
        assert!(matches!(of("{\"statusCode\": 200}", &[]), Answer::Nothing(why) if why.contains("no integration response")));
        let mut strict = mock("{\"statusCode\": 200}", &both);
        assert!(matches!(answer(&strict, "text/plain"), Answer::Nothing(why) if why.contains("`text/plain`")));
        strict.passthrough = Passthrough::Never;
        assert_eq!(answer(&strict, "text/plain"), Answer::UnsupportedMediaType);
    }
}
