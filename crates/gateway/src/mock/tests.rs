use super::*;

struct Nothing;
impl Values for Nothing {
    fn append(&self, reference: &Reference, out: &mut String) -> bool {
        match reference {
            Reference::Param(name) => {
                out.push_str(name);
                true
            }
            _ => false,
        }
    }
}

fn mock(passthrough: Passthrough, templates: &[(&str, &str)]) -> MockView {
    MockView {
        passthrough,
        request_templates: templates.iter().map(|(m, t)| ((*m).to_owned(), RequestTemplate::compile(t))).collect(),
        responses: vec![
            MockResponse {
                pattern: Some(Regex::new("^(?:4\\d{2})$").unwrap()),
                status: StatusCode::IM_A_TEAPOT,
                headers: vec![],
                templates: vec![],
            },
            MockResponse {
                pattern: None,
                status: StatusCode::CREATED,
                headers: vec![(HeaderName::from_static("x-a"), HeaderSource::compile("'b'"))],
                templates: vec![
                    ("application/json".into(), ResponseTemplate::compile("{\"id\":\"$input.params('id')\"}")),
                    ("text/plain".into(), ResponseTemplate::compile("hello")),
                ],
            },
        ],
    }
}

fn status(view: &MockView, content_type: Option<&str>, body: &str) -> Result<u16, MockFailure> {
    view.answer(content_type, None, body.as_bytes(), &Nothing).map(|a| a.status.as_u16())
}

#[test]
fn the_status_code_chooses_the_response() {
    let view = mock(Passthrough::WhenNoMatch, &[("application/json", "{\"statusCode\": 200}"), ("a/b", "{statusCode: 404,}")]);
    assert_eq!(status(&view, None, ""), Ok(201));
    assert_eq!(status(&view, Some("a/B; charset=x"), ""), Ok(418));
    let answer = view.answer(None, None, b"", &Nothing).unwrap();
    assert_eq!(answer.body, "{\"id\":\"id\"}");
    assert_eq!(answer.content_type.unwrap(), "application/json");
    assert_eq!(answer.headers, [(HeaderName::from_static("x-a"), HeaderValue::from_static("b"))]);
    let plain = view.answer(None, Some("text/plain, */*"), b"", &Nothing).unwrap();
    assert_eq!((plain.body.as_ref(), plain.content_type.unwrap()), (&b"hello"[..], HeaderValue::from_static("text/plain")));
}

#[test]
fn passthrough() {
    let templates = [("application/json", "{\"statusCode\": 200}")];
    let unsupported = |r: Result<u16, MockFailure>| matches!(r, Err(MockFailure::UnsupportedMediaType { .. }));
    assert_eq!(status(&mock(Passthrough::WhenNoMatch, &templates), Some("x/y"), "{\"statusCode\":404}"), Ok(418));
    assert_eq!(status(&mock(Passthrough::WhenNoMatch, &templates), Some("x/y"), "hi"), Err(MockFailure::NoStatusCode));
    assert!(unsupported(status(&mock(Passthrough::WhenNoTemplates, &templates), Some("x/y"), "")));
    assert_eq!(status(&mock(Passthrough::WhenNoTemplates, &[]), Some("x/y"), "{\"statusCode\":200}"), Ok(201));
    assert!(unsupported(status(&mock(Passthrough::Never, &templates), Some("x/y"), "")));
    assert!(unsupported(status(&mock(Passthrough::Never, &[]), None, "")));
}

#[test]
fn what_fails() {
    assert_eq!(status(&mock(Passthrough::Never, &[("application/json", "{}")]), None, ""), Err(MockFailure::NoStatusCode));
    let vtl = mock(Passthrough::Never, &[("application/json", "#set($x=1)")]);
    assert!(matches!(status(&vtl, None, ""), Err(MockFailure::NotBuilt(_))));
    let mut bare = mock(Passthrough::Never, &[("application/json", "{\"statusCode\":\"200\"}")]);
    bare.responses.pop();
    assert_eq!(status(&bare, None, ""), Err(MockFailure::NoResponse(200)));
}
