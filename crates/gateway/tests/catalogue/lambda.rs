//! The Lambda proxy integration with functions of which only the word is given.
use crate::lab::{HOST, Lab, OPEN, mock, resource};
use bytes::Bytes;
use serde_json::{Value, json};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use vpclab_cloud::integration::IntegrationType;
use vpclab_cloud::method::Method;
use vpclab_functions::{FunctionAnswer, FunctionCall, FunctionFault, Invoke};
use vpclab_gateway::Fate;

pub const FUNCTION: &str = "arn:aws:lambda:us-west-2:123456781234:function:pets";

/// Answers what it was told to, and keeps what it was asked.
#[derive(Default)]
pub struct Functions {
    pub asked: Mutex<Vec<FunctionCall>>,
    answer: Mutex<Option<Result<FunctionAnswer, FunctionFault>>>,
}

impl Invoke for Functions {
    fn invoke(&self, call: FunctionCall) -> Pin<Box<dyn Future<Output = Result<FunctionAnswer, FunctionFault>> + Send + '_>> {
        self.asked.lock().unwrap().push(call);
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move {
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        })
    }
}

impl Functions {
    pub fn says(&self, payload: Value) {
        self.fails(payload, None);
    }

    fn fails(&self, payload: Value, error: Option<&'static str>) {
        let payload = Bytes::from(payload.to_string());
        let answer = FunctionAnswer { request_id: "r".into(), payload, error, executed_version: "$LATEST".into() };
        *self.answer.lock().unwrap() = Some(Ok(answer));
    }
}

fn proxy(function: &str, timeout_millis: u32) -> Method {
    let mut method = mock("");
    let integration = method.integration.as_mut().unwrap();
    integration.kind = IntegrationType::AwsProxy;
    integration.uri = Some(format!("arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/{function}/invocations"));
    integration.timeout_millis = timeout_millis;
    method
}

async fn lab() -> (Lab, Arc<Functions>) {
    let mut lab = Lab::new().await;
    let functions = Arc::new(Functions::default());
    lab.gateway.set_functions(Arc::clone(&functions) as _);
    let aliased = format!("{FUNCTION}:${{stageVariables.alias}}");
    lab.deploy(
        "d2",
        Some(OPEN),
        vec![
            resource("pet", "/pets/{id}", vec![("ANY", proxy(FUNCTION, 29_000))]),
            resource("slow", "/slow", vec![("GET", proxy(FUNCTION, 50))]),
            resource("aliased", "/aliased", vec![("GET", proxy(&aliased, 29_000))]),
        ],
    );
    lab.publish();
    (lab, functions)
}

#[tokio::test]
async fn the_function_is_asked_and_its_answer_sent() {
    let (lab, functions) = lab().await;
    functions.says(json!({"statusCode": 201, "headers": {"X-Pet": "Bello", "Content-Type": "text/plain"}, "body": "made"}));
    let head = format!("POST /prod/pets/a%20b?x=1&x=2 HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 2\r\n");
    let answer = lab.send(&head, b"hi").await;
    assert_eq!((answer.status, answer.body.as_str()), (201, "made"));
    assert_eq!(answer.headers["x-pet"], "Bello");
    assert_eq!(answer.headers["content-type"], "text/plain");
    assert!(answer.headers["x-amzn-trace-id"].starts_with("Root=1-"));
    let asked = functions.asked.lock().unwrap().pop().unwrap();
    assert_eq!(asked.function, FUNCTION);
    assert_eq!(asked.caller.service, "apigateway.amazonaws.com");
    assert_eq!(asked.caller.source_account, "123456781234");
    assert_eq!(asked.caller.source_arn, "arn:aws:execute-api:us-west-2:123456781234:abcde12345/prod/POST/pets/{id}");
    assert_eq!(asked.patience, Duration::from_secs(29));
    let event: Value = serde_json::from_slice(&asked.payload).unwrap();
    assert_eq!(event["path"], "/pets/a b");
    assert_eq!(event["resource"], "/pets/{id}");
    assert_eq!(event["pathParameters"], json!({"id": "a b"}));
    assert_eq!(event["multiValueQueryStringParameters"], json!({"x": ["1", "2"]}));
    assert_eq!(event["body"], "hi");
    assert_eq!(event["requestContext"]["identity"]["vpceId"], "vpce-0123456789abcdef0");
    assert_eq!(event["requestContext"]["identity"]["sourceIp"], "127.0.0.1");
    assert_eq!(event["requestContext"]["requestId"], answer.headers["x-amzn-requestid"]);
}

#[tokio::test]
async fn an_alias_comes_from_a_stage_variable() {
    let (mut lab, functions) = lab().await;
    functions.says(json!({"statusCode": 200}));
    // Without the variable no function is named.
    assert_eq!(lab.get("/prod/aliased").await.status, 500);
    lab.stage(|stage| drop(stage.variables.insert("alias".into(), "live".into())));
    lab.publish();
    assert_eq!(lab.get("/prod/aliased").await.status, 200);
    assert_eq!(functions.asked.lock().unwrap().pop().unwrap().function, format!("{FUNCTION}:live"));
}

#[tokio::test]
async fn what_can_go_wrong() {
    let (lab, functions) = lab().await;
    let internal = r#"{"message": "Internal server error"}"#;
    functions.says(json!({"pets": []}));
    let answer = lab.get("/prod/pets/1").await;
    assert_eq!((answer.status, answer.body.as_str()), (502, internal));
    assert!(matches!(lab.last().fate, Fate::Malformed(_)));
    functions.says(json!({"statusCode": 200, "headers": {"bad name": "x"}}));
    assert_eq!(lab.get("/prod/pets/1").await.status, 502);
    functions.fails(json!({"errorMessage": "no"}), Some("Unhandled"));
    let answer = lab.get("/prod/pets/1").await;
    assert_eq!((answer.status, answer.body.as_str()), (502, internal));
    assert_eq!(answer.headers["x-amzn-errortype"], "InternalServerErrorException");
    for fault in [FunctionFault::NotPermitted(FUNCTION.into()), FunctionFault::NotFound(FUNCTION.into()), FunctionFault::Throttled] {
        *functions.answer.lock().unwrap() = Some(Err(fault));
        let answer = lab.get("/prod/pets/1").await;
        assert_eq!((answer.status, answer.body.as_str()), (500, internal));
    }
    *functions.answer.lock().unwrap() = None;
    let answer = lab.get("/prod/slow").await;
    assert_eq!((answer.status, answer.body.as_str()), (504, r#"{"message": "Endpoint request timed out"}"#));
}
