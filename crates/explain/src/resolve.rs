//! Name resolution: which address the call goes to.
use crate::{Step, StepKind, client::Client, walk::Walk};
use std::net::Ipv4Addr;

const CITES: &str = "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html";

/// Where the call goes.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The address to connect to.
    pub(crate) address: Ipv4Addr,
}

/// The address of the call's host. `None` when the name has none and nothing says where it would lead once mended.
pub(crate) fn address(walk: &mut Walk<'_>, _client: &Client) -> Option<Target> {
    if let Some(address) = walk.call.connect_to.or_else(|| walk.call.url.address()) {
        walk.pass(Step::new(StepKind::NameResolution, format!("{address}: no name is asked for"), CITES));
        return Some(Target { address });
    }
    walk.unknown(Step::new(StepKind::NameResolution, "the name is not judged", CITES), "the address of the name");
    None
}
