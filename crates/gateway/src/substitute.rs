//! Texts in which `$context.x` and `$stageVariables.x` are replaced and nothing else is: the formats of access logs and the bodies
//! of gateway responses.
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>
use vpclab_api::template::{Reference, Values};

/// A text with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Reference(Reference),
}

impl Text {
    /// Compiles a text; every text is one.
    pub fn compile(source: &str) -> Self {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some((before, after)) = rest.split_once('$') {
            text.push_str(before);
            match variable(after) {
                Some((reference, after)) => {
                    if !text.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut text)));
                    }
                    parts.push(Part::Reference(reference));
                    rest = after;
                }
                None => {
                    text.push('$');
                    rest = after;
                }
            }
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Self { parts }
    }

    /// The text with the values; `absent` stands for those that are not there.
    pub fn render(&self, values: &dyn Values, absent: &str) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Reference(reference) => {
                    let before = out.len();
                    if !values.append(reference, &mut out) || out.len() == before {
                        out.push_str(absent);
                    }
                }
            }
        }
        out
    }
}

/// `context.a.b`, `{context.a}`, `stageVariables.x` behind a dollar sign.
fn variable(after: &str) -> Option<(Reference, &str)> {
    let (braced, body) = match after.strip_prefix('{') {
        Some(body) => (true, body),
        None => (false, after),
    };
    let (of_context, names) = match body.strip_prefix("context.") {
        Some(names) => (true, names),
        None => (false, body.strip_prefix("stageVariables.")?),
    };
    let end = names.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(names.len());
    let name = names.get(..end)?.trim_end_matches(['.', '-']);
    let rest = names.get(name.len()..)?;
    let rest = if braced { rest.strip_prefix('}')? } else { rest };
    let reference = if of_context { Reference::Context(name.to_owned()) } else { Reference::StageVariable(name.to_owned()) };
    (!name.is_empty()).then_some((reference, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fake;
    impl Values for Fake {
        fn append(&self, reference: &Reference, out: &mut String) -> bool {
            match reference {
                Reference::Context(path) if path != "none" => out.push_str(&format!("[{path}]")),
                Reference::StageVariable(name) => out.push_str(&format!("<{name}>")),
                _ => return false,
            }
            true
        }
    }

    #[test]
    fn variables_are_replaced_and_nothing_else() {
        let render = |text: &str| Text::compile(text).render(&Fake, "-");
        assert_eq!(render(r#"{"id":"$context.requestId","s":$context.status}"#), r#"{"id":"[requestId]","s":[status]}"#);
        assert_eq!(render("$context.identity.sourceIp - $context.none."), "[identity.sourceIp] - -.");
        assert_eq!(render("${context.a}b $stageVariables.x $5 $input.body #if"), "[a]b <x> $5 $input.body #if");
        assert_eq!(render("$context. $"), "$context. $");
    }
}
