//! Mapping templates, as far as they are built: text, comments and plain references.
//!
//! A template is compiled once. What the full template language would evaluate and this does not (directives, methods,
//! JSON paths) is refused by name at compile time; a request that needs such a template fails, it is never answered
//! with unevaluated text.

/// A compiled mapping template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Reference(Reference),
}

/// A value that a template or a parameter mapping asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `$input.params('x')`: path, query string, header, in this order.
    Param(String),
    /// `$input.body`
    Body,
    /// `$context.a.b`
    Context(String),
    /// `$stageVariables.x`
    StageVariable(String),
}

/// What a reference gives for the request at hand; `None` renders as nothing.
pub trait Values {
    /// Appends the value to `out`; says whether there is one.
    fn append(&self, reference: &Reference, out: &mut String) -> bool;
}

/// A part of the template language that is not built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mapping template: `{0}` is not built")]
pub struct NotBuilt(pub String);

impl Template {
    /// Compiles a template, or names what in it is not built.
    pub fn compile(source: &str) -> Result<Self, NotBuilt> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(c) = rest.chars().next() {
            let after = rest.get(c.len_utf8()..).unwrap_or_default();
            rest = match c {
                '#' => match comment(after) {
                    Some(after) => after,
                    None if is_directive(after) => return Err(not_built(rest)),
                    None => {
                        text.push('#');
                        after
                    }
                },
                '$' => match reference(after).map_err(|()| not_built(rest))? {
                    Some((reference, after)) => {
                        if !text.is_empty() {
                            parts.push(Part::Text(std::mem::take(&mut text)));
                        }
                        parts.push(Part::Reference(reference));
                        after
                    }
                    None => {
                        text.push('$');
                        after
                    }
                },
                other => {
                    text.push(other);
                    after
                }
            };
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self { parts })
    }

    /// The template's text, when it does not depend on the request.
    pub fn fixed(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text for one request.
    pub fn render(&self, values: &dyn Values) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Reference(reference) => {
                    values.append(reference, &mut out);
                }
            }
        }
        out
    }
}

fn not_built(rest: &str) -> NotBuilt {
    let line = rest.lines().next().unwrap_or_default();
    NotBuilt(line.chars().take(40).collect::<String>().trim_end().to_owned())
}

/// What follows a comment that starts at a `#` already taken.
fn comment(after: &str) -> Option<&str> {
    if let Some(line) = after.strip_prefix('#') {
        // The end of the line belongs to the comment.
        return Some(line.split_once('\n').map_or("", |(_, rest)| rest));
    }
    let block = after.strip_prefix('*')?;
    Some(block.split_once("*#").map_or("", |(_, rest)| rest))
}

fn is_directive(after: &str) -> bool {
    after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '{' | '[' | '@'))
}

/// Reads a reference behind a `$`. `Ok(None)` is a dollar sign that means itself; `Err` is one that is not built.
fn reference(after: &str) -> Result<Option<(Reference, &str)>, ()> {
    let quiet = after.strip_prefix('!').unwrap_or(after);
    let (braced, body) = match quiet.strip_prefix('{') {
        Some(body) => (true, body),
        None => (false, quiet),
    };
    let (root, mut rest) = identifier(body);
    let found = match root {
        "input" => {
            let (method, after) = rest.strip_prefix('.').map(identifier).ok_or(())?;
            match method {
                "body" => {
                    rest = after;
                    Reference::Body
                }
                "params" => {
                    let (name, after) = quoted_argument(after).ok_or(())?;
                    rest = after;
                    Reference::Param(name.to_owned())
                }
                _ => return Err(()),
            }
        }
        "context" | "stageVariables" => {
            let mut path = String::new();
            while let Some((name, after)) = rest.strip_prefix('.').map(identifier).filter(|(n, _)| !n.is_empty()) {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
                rest = after;
            }
            if path.is_empty() {
                return Err(());
            }
            if root == "context" { Reference::Context(path) } else { Reference::StageVariable(path) }
        }
        "util" => return Err(()),
        // Nothing can have been set, so any other name stands for its own text, as in the template language.
        _ => return Ok(None),
    };
    if rest.starts_with(['(', '[']) {
        return Err(());
    }
    // `.name` behind a value would be a method of it.
    if rest.strip_prefix('.').is_some_and(|r| r.starts_with(|c: char| c.is_ascii_alphabetic())) {
        return Err(());
    }
    if braced {
        rest = rest.strip_prefix('}').ok_or(())?;
    }
    Ok(Some((found, rest)))
}

fn identifier(text: &str) -> (&str, &str) {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(text.len());
    text.split_at_checked(if starts { end } else { 0 }).unwrap_or((text, ""))
}

/// `('x')` or `("x")`
fn quoted_argument(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('(')?.trim_start();
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (name, rest) = text.get(1..)?.split_once(quote)?;
    Some((name, rest.trim_start().strip_prefix(')')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fake;
    impl Values for Fake {
        fn append(&self, reference: &Reference, out: &mut String) -> bool {
            match reference {
                Reference::Param(name) => out.push_str(&format!("<{name}>")),
                Reference::Body => out.push_str("BODY"),
                Reference::Context(path) => out.push_str(&format!("[{path}]")),
                Reference::StageVariable(_) => return false,
            }
            true
        }
    }

    fn render(source: &str) -> String {
        Template::compile(source).unwrap().render(&Fake)
    }

    #[test]
    fn text_comments_and_references() {
        assert_eq!(render(r##"{"statusCode": 200}"##), r##"{"statusCode": 200}"##);
        assert_eq!(render("## why\n{\"a\": 1} #* b\n *#x"), "{\"a\": 1} x");
        assert_eq!(render("$input.params('id')/${context.requestId}-$context.identity.sourceIp."), "<id>/[requestId]-[identity.sourceIp].");
        assert_eq!(render("$!{stageVariables.x}|$stageVariables.y|"), "||");
        assert_eq!(render("$5, #1, $unknown ${other}"), "$5, #1, $unknown ${other}");
        assert_eq!(render("$input.params( \"X-A\" )$input.body"), "<X-A>BODY");
        assert_eq!(Template::compile("plain").unwrap().fixed(), Some("plain"));
        assert_eq!(Template::compile("$context.stage").unwrap().fixed(), None);
    }

    #[test]
    fn what_is_not_built_is_named() {
        for source in [
            "#set($a = 1)",
            "#if($input.params('x') == 1)a#end",
            "$input.json('$.a')",
            "$input.path('$').x",
            "$util.escapeJavaScript('x')",
            "$input.params().header",
            "$input.params('x').length()",
            "$context.a.b('c')",
            "${context.a",
            "$input",
        ] {
            let refused = Template::compile(source).unwrap_err();
            assert!(source.starts_with(&refused.0) && !refused.0.is_empty(), "{source}: {refused}");
        }
    }
}
