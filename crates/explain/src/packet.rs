//! The packets' whole way, there and back.
use crate::{Step, StepKind, client::Client, resolve::Target, walk::Walk};
use std::{net::Ipv4Addr, sync::Arc};
use vpclab_cloud::VpcEndpoint;

const CITES: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/how-it-works.html";

/// A connection that an endpoint's interface took.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    /// The endpoint.
    pub(crate) endpoint: Arc<VpcEndpoint>,
    /// The client's address as the endpoint sees it.
    pub(crate) peer: Ipv4Addr,
}

/// Follows the connection's packets. `None` when no endpoint is known that takes it.
pub(crate) fn follow(walk: &mut Walk<'_>, _client: &Client, target: Option<&Target>) -> Option<Arrived> {
    match target {
        None => walk.skip(StepKind::Route, "no address is known to go to", CITES),
        Some(target) => {
            walk.unknown(Step::new(StepKind::Route, format!("the way to {} is not judged", target.address), CITES), "the packets' way")
        }
    }
    None
}
