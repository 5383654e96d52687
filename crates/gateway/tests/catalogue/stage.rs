//! What a stage's settings and an API's gateway responses do to requests.
use crate::lab::{Answer, HOST, Lab, OPEN, mock, resource};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use vpclab_cloud::Deployment;
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::gateway_response::{GatewayResponse, GatewayResponseType};
use vpclab_cloud::stage::{ALL_METHODS, AccessLog, LoggingLevel, MethodSettingEdit};
use vpclab_gateway::{Fate, LogLines, LogSink, Refusal};

#[derive(Default)]
struct Kept(Mutex<Vec<LogLines>>);

impl LogSink for Kept {
    fn write(&self, lines: LogLines) {
        self.0.lock().unwrap().push(lines);
    }
}

async fn lab() -> Lab {
    let mut lab = Lab::new().await;
    lab.deploy("d2", Some(OPEN), vec![resource("pets", "/pets", vec![("GET", mock("[]"))])]);
    lab
}

/// Sets responses of the deployment that `lab` made.
fn respond(lab: &mut Lab, responses: BTreeMap<GatewayResponseType, GatewayResponse>) {
    let (key, before) = lab.cloud.deployments.iter().find(|((_, id), _)| id.as_str() == "d2").map(|(k, d)| (k.clone(), d.clone())).unwrap();
    let mut settings = before.snapshot.settings.clone();
    settings.gateway_responses = responses;
    let snapshot = Arc::new(ApiSnapshot { settings, resources: before.snapshot.resources.clone() });
    // Deployments are immutable to the gateway: another content is another id.
    let id: vpclab_cloud::DeploymentId = "d3".parse().unwrap();
    let deployment = Deployment { id: id.clone(), snapshot, ..Deployment::clone(&before) };
    lab.cloud.deployments.insert((key.0, id.clone()), Arc::new(deployment));
    lab.stage(|stage| stage.deployment = id);
    lab.publish();
}

async fn missing(lab: &Lab, accept: &str) -> Answer {
    lab.send(&format!("GET /prod/nothing?q=1 HTTP/1.1\r\nHost: {HOST}\r\nAccept: {accept}\r\n"), b"").await
}

#[tokio::test]
async fn gateway_responses_word_errors() {
    let mut lab = lab().await;
    let texts = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<BTreeMap<_, _>>();
    let class = GatewayResponse {
        status: Some(418),
        parameters: texts(&[
            ("gatewayresponse.header.Access-Control-Allow-Origin", "'*'"),
            ("gatewayresponse.header.X-Query", "method.request.querystring.q"),
            ("gatewayresponse.header.X-None", "method.request.header.none"),
            ("gatewayresponse.header.Content-Length", "'1'"),
        ]),
        templates: texts(&[
            ("application/json", r#"{"m":$context.error.messageString,"t":"$context.error.responseType"}"#),
            ("text/plain", "$context.error.message at $context.path"),
        ]),
    };
    respond(&mut lab, BTreeMap::from([(GatewayResponseType::Default4xx, class.clone())]));
    let answer = missing(&lab, "*/*").await;
    assert_eq!((answer.status, answer.headers["access-control-allow-origin"].as_str()), (418, "*"));
    assert_eq!(answer.body, r#"{"m":"Missing Authentication Token","t":"MISSING_AUTHENTICATION_TOKEN"}"#);
    assert_eq!(answer.headers["x-query"], "1");
    assert!(!answer.headers.contains_key("x-none"));
    let answer = missing(&lab, "text/plain").await;
    assert_eq!(answer.body, "Missing Authentication Token at /prod/nothing");
    assert_eq!(answer.headers["content-type"], "text/plain");
    // Where no stage is named no API speaks.
    assert_eq!(lab.get("/nowhere/pets").await.status, 403);
}

#[tokio::test]
async fn limits_and_logs() {
    let mut lab = lab().await;
    let kept = Arc::new(Kept::default());
    lab.gateway.set_log_sink(Arc::clone(&kept) as _);
    lab.stage(|stage| {
        stage.settings.edit_method(ALL_METHODS, MethodSettingEdit::Logging(LoggingLevel::Error));
        stage.settings.edit_method("/pets/GET", MethodSettingEdit::BurstLimit(Some(1)));
        stage.settings.edit_method("/pets/GET", MethodSettingEdit::RateLimit(Some(1)));
        stage.settings.access_log = AccessLog {
            destination: Some("arn:aws:logs:us-west-2:123456781234:log-group:access".into()),
            format: Some("$context.requestId $context.status $context.responseLength $context.identity.user".into()),
        };
    });
    lab.publish();
    let first = lab.get("/prod/pets").await;
    assert_eq!(first.status, 200);
    let second = lab.get("/prod/pets").await;
    assert_eq!((second.status, second.body.as_str()), (429, r#"{"message":"Too Many Requests"}"#));
    assert_eq!(lab.last().fate, Fate::Refused(Refusal::Throttled));
    let kept = kept.0.lock().unwrap();
    let of = |group: &str| kept.iter().filter(|lines| lines.group == group).map(|lines| lines.lines.clone()).collect::<Vec<_>>();
    let (one, two) = (&first.headers["x-amzn-requestid"], &second.headers["x-amzn-requestid"]);
    assert_eq!(of("access"), [vec![format!("{one} 200 2 -")], vec![format!("{two} 429 31 -")]]);
    // At `ERROR` the answered one says nothing.
    let execution = of("API-Gateway-Execution-Logs_abcde12345/prod");
    assert_eq!(execution.len(), 1);
    assert_eq!(execution[0][1..], [format!("({two}) Too Many Requests"), format!("({two}) Method completed with status: 429")]);
}
