//! `AWS::CloudFormation::WaitCondition`: waits for signals at the URL of a handle.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-waitcondition.html>
use crate::cloudformation::resource::{Existing, Failure, Made, ResourceType, Stability, Wanted};
use crate::cloudformation::signal;
use serde_json::{Map, Value, json};
use vpclab_cloud::{Cloud, Context, Timestamp};

/// When the waiting began, in milliseconds since the epoch.
const BEGAN: &str = "Began";
/// The longest wait, in seconds.
const TIMEOUT_MAX: i64 = 43_200;

/// The type.
pub struct WaitCondition;

impl ResourceType for WaitCondition {
    fn served(&self) -> &'static [&'static str] {
        &["Count", "Handle", "Timeout"]
    }

    fn create(&self, _cloud: &mut Cloud, c: &mut Context, want: &Wanted<'_>) -> Result<Made, Failure> {
        // With a `CreationPolicy` alone it waits for signals by `SignalResource`.
        if !want.awaits_signals || want.properties.has("Handle") {
            want.properties.required("Handle")?;
            want.properties.required("Timeout")?;
        }
        let timeout: Option<i64> = want.properties.number("Timeout")?;
        if timeout.is_some_and(|timeout| !(1..=TIMEOUT_MAX).contains(&timeout)) {
            return Err(Failure::invalid(format!("Value of property Timeout must be between 1 and {TIMEOUT_MAX}")));
        }
        if want.properties.number::<i64>("Count")?.is_some_and(|count| count < 1) {
            return Err(Failure::invalid("Value of property Count must be at least 1"));
        }
        let attributes = Map::from_iter([(BEGAN.to_owned(), c.now.0.into())]);
        Ok(Made { attributes, ..Made::new(format!("{}/{}", want.stack.id, want.logical)) })
    }

    fn update(&self, _: &mut Cloud, _: &mut Context, _: &Existing<'_>, _: &Wanted<'_>) -> Result<Made, Failure> {
        Err(Failure::plain("Update to resource type AWS::CloudFormation::WaitCondition is not supported."))
    }

    fn delete(&self, _cloud: &mut Cloud, _c: &mut Context, _is: &Existing<'_>) -> Result<(), Failure> {
        Ok(())
    }

    fn stable(&self, cloud: &Cloud, now: Timestamp, is: &Existing<'_>) -> Stability {
        if !is.properties.has("Handle") {
            return Stability::Ready;
        }
        let signals = signal::of(cloud, &is.properties.text("Handle").ok().flatten().unwrap_or_default());
        let text = |signal: &Value, name: &str| signal.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some((id, signal)) = signals.iter().find(|(_, signal)| text(signal, "Status") == "FAILURE") {
            let why = text(signal, "Reason");
            return Stability::Failed(format!("WaitCondition received failed message: '{why}' for uniqueId: {id}"));
        }
        let number = |name: &str| is.properties.number::<i64>(name).ok().flatten();
        let (wanted, got) = (number("Count").unwrap_or(1), i64::try_from(signals.len()).unwrap_or(i64::MAX));
        if got >= wanted {
            return Stability::Ready;
        }
        let began = is.attributes.get(BEGAN).and_then(Value::as_i64).unwrap_or_default();
        let limit = number("Timeout").unwrap_or_default().saturating_mul(1000);
        if now.0.saturating_sub(began) > limit {
            return Stability::Failed(format!("WaitCondition timed out. Received {got} conditions when expecting {wanted}"));
        }
        Stability::Waiting
    }

    fn limits_itself(&self) -> bool {
        true
    }

    /// `Data`: the data of the signals by their unique id, as JSON.
    fn attributes(&self, cloud: &Cloud, is: &Existing<'_>) -> Map<String, Value> {
        let signals = signal::of(cloud, &is.properties.text("Handle").ok().flatten().unwrap_or_default());
        let data: Map<String, Value> =
            signals.into_iter().map(|(id, signal)| (id, signal.get("Data").cloned().unwrap_or_default())).collect();
        Map::from_iter([("Data".to_owned(), json!(Value::Object(data).to_string()))])
    }
}
