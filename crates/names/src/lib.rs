//! What the resolver of a VPC answers, and why.
//!
//! [`View::compile`] makes the indexes of one snapshot; [`View::answer`] looks one question up for one VPC. The same answer serves the
//! socket and the explanation: it carries its [`Source`] as data.
//!
//! Invariants:
//! * The longest zone that the VPC sees answers alone: a name that it lacks does not exist, whatever a shorter zone or the
//!   internet says. So an endpoint's private zone hides the public names under `execute-api.{r}.amazonaws.com`.
//! * An endpoint's private zone is seen from the endpoint's own VPC only; no peering and no peering option changes that. A customer's zone
//!   is seen from the VPCs that it is associated with, in whatever region, and from no other.
//! * An answer depends on the snapshot, the VPC and the question alone. Names compare without case.
//! * A name that the lab could own is never [`Outcome::Outside`], so it is never asked of another resolver.
//!
//! Choices where the reference leaves room, each in one place:
//! * The alias `{api}-{vpce}` is published while a stage of the API serves a deployment that lists the endpoint ([`view`]).
//! * No public address exists in a lab, so the names of REGIONAL and EDGE APIs and public instance names do not exist ([`Absence`]).
//! * A reverse name exists for the addresses of interfaces, not for unused addresses of the VPC.
//! * Negative answers live 60 seconds, like positive ones, so that a changed lab shows soon; those of customers' zones as long as they say.
//! * Delegations (NS records below a zone's own name) are data and not followed.
//!
//! Knows no sockets and no wire form; forwarding, rotation of addresses and truncation are the resolver's.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod answer;
mod hosted_zone;
mod hostname;
mod look_up;
mod public;
mod question;
pub mod view;
mod zone;

pub use answer::{Absence, Answer, Hop, NoAlias, NoPrivateDns, Outcome, PeerZone, Rcode, RecordData, Silence, Source};
pub use hosted_zone::{ZoneOver, ZoneStanding};
pub use question::{Class, Question, RecordType};
pub use view::View;
pub use vpclab_cloud::DomainName;
pub use zone::{Soa, TTL};

#[cfg(test)]
mod tests;
