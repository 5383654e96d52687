//! The last requests through the lab's endpoints, as the page shows them.
use serde_json::{Value, json};
use vpclab_gateway::{Fate, RequestEntry};

/// The most requests of one event.
pub(crate) const MOST: usize = 100;

/// One request: who, what, how it ended, and which statements decided.
pub(crate) fn call(entry: &RequestEntry) -> Value {
    let allowed = match &entry.fate {
        Fate::Answered { endpoint_statement, resource_statement } => {
            json!({"Endpoint": endpoint_statement, "Resource": resource_statement})
        }
        _ => Value::Null,
    };
    json!({
        "Sequence": entry.sequence, "At": entry.at, "LatencyMicros": u64::try_from(entry.latency.as_micros()).unwrap_or(u64::MAX),
        "RequestId": entry.id.uuid(), "VpcEndpointId": &*entry.endpoint, "Source": entry.peer.ip().to_canonical().to_string(),
        "Host": entry.host, "Method": entry.method, "Path": entry.path, "ApiId": entry.api, "Status": entry.status,
        "Fate": entry.fate.to_string(), "AllowedBy": allowed,
    })
}
