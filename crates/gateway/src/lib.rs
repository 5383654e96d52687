//! The execute-api side of interface endpoints: TLS and HTTP/1.1 on port 443 of each endpoint's interface, the policies
//! in their order, and the integration that answers.
//!
//! Invariants:
//! - a request is answered by an API only after endpoint policy and resource policy allowed it; whatever cannot be judged
//!   or is not built is refused, by name;
//! - the state it serves is one immutable [`View`], swapped in whole: a request sees one state from start to end;
//! - a signature that is not right is refused, whatever the method asks for; secrets are made when they are needed and kept nowhere;
//! - no lock that another request could hold for long, no parsing of policies or templates, stands on a request's way;
//! - it opens no socket: listeners are made where the endpoint's interface is and given to [`Gateway::serve`].
//!
//! What this crate does not know: namespaces, interfaces, DNS, the control plane's protocols.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod authorizer;
mod ca;
mod call;
mod fate;
mod gateway;
pub mod gateway_response;
mod invoke;
pub mod lambda;
mod log;
pub mod mock;
mod request_id;
mod server;
pub mod signature;
mod sink;
pub mod substitute;
mod throttle;
mod told;
pub mod view;

pub use ca::{CaError, LabCa, Leaf};
pub use fate::{ErrorAnswer, Fate, PolicyRefusal, Refusal, RefusalReason};
pub use gateway::{Gateway, GatewayError, Serving};
pub use log::{RequestEntry, RequestLog};
pub use request_id::RequestId;
pub use sink::{LogLines, LogSink};
pub use view::View;
