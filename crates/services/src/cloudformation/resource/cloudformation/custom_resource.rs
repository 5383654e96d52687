//! `AWS::CloudFormation::CustomResource` and `Custom::…`: made by a function of the account, which answers by `PUT` to a URL. On AWS
//! that is an object of S3; here a function finds the bucket of that name at its own loopback address.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>
use crate::cloudformation::properties::{Properties, text_of};
use crate::cloudformation::resource::{Action, Ask, Existing, Failure, Made, Prepared, Preparing, ResourceType, Wanted};
use crate::lambda;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use std::time::Duration;
use vpclab_cloud::{Cloud, Context};
use vpclab_wire::lambda as wire;

/// The type's name; `Custom::…` is another one for it.
pub const NAME: &str = "AWS::CloudFormation::CustomResource";
/// How long an answer may take, when the template does not say: an hour.
const PATIENCE: u64 = 3600;
/// How deep the properties of a resource may be.
const DEPTH: usize = 100;

/// The type. Its physical id and its attributes are what the function says.
pub struct CustomResource;

impl ResourceType for CustomResource {
    fn served(&self) -> &'static [&'static str] {
        &["*"]
    }

    fn prepares(&self, _action: Action, _properties: &Properties<'_>) -> bool {
        true
    }

    fn prepare<'a>(&'a self, ask: Ask<'a>) -> Preparing<'a> {
        Box::pin(answer(ask))
    }

    fn create(&self, _cloud: &mut Cloud, _c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        made(&want.prepared.value)
    }

    fn update(&self, _cloud: &mut Cloud, _c: &mut Context, _is: &Existing<'_>, want: &Wanted<'_>) -> Result<Made, Failure> {
        made(&want.prepared.value)
    }

    fn delete(&self, _cloud: &mut Cloud, _c: &mut Context, _is: &Existing<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

/// Asks the function, and waits for its answer.
async fn answer(ask: Ask<'_>) -> Result<Prepared, Failure> {
    let token = ask.properties.required("ServiceToken")?;
    if !token.contains(":lambda:") {
        return Err(Failure::invalid(format!("vpclab serves custom resources of Lambda functions only; ServiceToken is {token}")));
    }
    let runner = ask.cx.engine.runner().ok_or_else(|| Failure::new("InternalFailure", "this lab runs no functions"))?;
    let patience = ask.properties.number("ServiceTimeout")?.unwrap_or(PATIENCE);
    let id = ask.cx.request_id.as_str();
    let mut reply = runner.replies().expect(id);
    let payload = request(&ask, &token, &reply.url(ask.cx.scope.region.as_str())).to_string();
    let call = wire::InvocationRequest {
        function_name: token,
        invocation_type: Some("Event".to_owned()),
        payload: Some(vpclab_wire::Blob(payload.into())),
        ..Default::default()
    };
    lambda::invoke::ask(ask.cx, call).await.map_err(|error| Failure::of("Lambda", error))?;
    let Ok(Some(body)) = tokio::time::timeout(Duration::from_secs(patience), reply.wait()).await else {
        let text = "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId";
        return Err(Failure::plain(format!("{text} [{id}].")));
    };
    read(&body, &ask, id)
}

/// What the function is told. All values are texts, lists and objects.
fn request(ask: &Ask<'_>, token: &str, url: &str) -> Value {
    let kind = match ask.action {
        Action::Create => "Create",
        Action::Update => "Update",
        Action::Delete => "Delete",
    };
    let mut request = json!({
        "RequestType": kind,
        "ServiceToken": token,
        "ResponseURL": url,
        "StackId": ask.stack.id.as_str(),
        "RequestId": ask.cx.request_id,
        "LogicalResourceId": ask.logical,
        "ResourceType": ask.kind,
        "ResourceProperties": texts(&Value::Object(ask.properties.all().clone()), 0),
    });
    if let Some(members) = request.as_object_mut() {
        members.extend(ask.physical.map(|physical| ("PhysicalResourceId".to_owned(), json!(physical))));
        let old = ask.old.map(|old| ("OldResourceProperties".to_owned(), texts(&Value::Object(old.all().clone()), 0)));
        members.extend(old);
    }
    request
}

fn texts(value: &Value, depth: usize) -> Value {
    match value {
        _ if depth > DEPTH => Value::Null,
        Value::Array(list) => list.iter().map(|one| texts(one, depth + 1)).collect(),
        Value::Object(values) => Value::Object(values.iter().map(|(key, one)| (key.clone(), texts(one, depth + 1))).collect()),
        scalar => text_of(scalar).map_or(Value::Null, Value::String),
    }
}

fn read(body: &Bytes, ask: &Ask<'_>, id: &str) -> Result<Prepared, Failure> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Failure::plain("Invalid Response object: it is no JSON"))?;
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    match text("Status") {
        "SUCCESS" => {}
        "FAILED" => {
            let said = text("Reason");
            let told = "Received response status [FAILED] from custom resource. Message returned";
            return Err(Failure::plain(format!("{told}: {said} (RequestId: {id})")));
        }
        _ => return Err(Failure::plain("Invalid Response object: Value of property Status must be SUCCESS or FAILED")),
    }
    if ask.action != Action::Delete && text("PhysicalResourceId").is_empty() {
        return Err(Failure::plain("Invalid PhysicalResourceId"));
    }
    Ok(Prepared { value, kept: None })
}

fn made(answer: &Value) -> Result<Made, Failure> {
    let attributes = match answer.get("Data") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(data)) => data.clone(),
        Some(_) => return Err(Failure::plain("Invalid Response object: Value of property Data must be an object")),
    };
    let physical = answer.get("PhysicalResourceId").and_then(Value::as_str).unwrap_or_default();
    Ok(Made { attributes, ..Made::new(physical) })
}
