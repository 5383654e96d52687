//! Hop by hop: a network in a few lines, one thing changed, and the causes that are named.
mod faults;
mod forwarded;
pub(crate) mod network;
mod told;

use network::Network;

/// Two regions: a client and an endpoint in Seoul, a client in Oregon that comes over a peering.
pub(crate) const WORLD: &str = "
vpc seoul ap-northeast-2 10.0.0.0/16
vpc oregon us-west-2 10.1.0.0/16
subnet clients of seoul 10.0.1.0/24
subnet endpoints of seoul 10.0.2.0/24
subnet far of oregon 10.1.1.0/24
group client of seoul
group endpoint of seoul
group remote of oregon
in endpoint tcp 443 @client
in endpoint tcp 443 10.1.0.0/16
instance here in clients with client
instance there in far with remote
endpoint vpce in endpoints with endpoint
peering pcx seoul oregon
accept pcx
route seoul 10.1.0.0/16 pcx
route oregon 10.0.0.0/16 pcx
api pets at vpce
";

/// The private name, from the client beside the endpoint.
pub(crate) const FROM_SEOUL: (&str, &str) = ("here", "https://{pets}.execute-api.ap-northeast-2.amazonaws.com/dev/pets");
/// The alias, from the client behind the peering.
pub(crate) const FROM_OREGON: (&str, &str) = ("there", "https://{pets}-{vpce}.execute-api.ap-northeast-2.amazonaws.com/dev/pets");

/// `step CAUSE` of every blocker, in order.
pub(crate) fn causes(text: &str, (from, url): (&str, &str)) -> Vec<String> {
    let explanation = Network::of(text).explain(from, url);
    explanation.blockers.iter().map(|blocker| format!("{} {}", blocker.step.word(), blocker.cause)).collect()
}
