//! One snapshot, compiled for judging.
use crate::{Blocker, Call, Explanation, Source, Unknowns, Verdict, client, packet, request, resolve, tls, walk::Walk};
use imbl::{OrdMap, ordmap::DiffItem};
use std::sync::Arc;
use vpclab_api::identity::{Identities, Signer};
use vpclab_api::judge::SignatureRefusal;
use vpclab_cloud::{Cloud, NetworkInterface, NetworkInterfaceId, RouteTable, RouteTableId, Subnet, SubnetId, VpcId};
use vpclab_names::View;

/// The judge of one snapshot. Cloning is cheap; the one of the next snapshot is made from this one, looking only at what differs.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    cloud: Cloud,
    names: View,
    /// The tables that subnets are associated with.
    tables: OrdMap<SubnetId, RouteTableId>,
    request: request::View,
    unknowns: Arc<Unknowns>,
    forwards: bool,
    verifier: Option<Arc<dyn Verifier>>,
}

/// Verifies the signatures that calls carry in their headers or their query. Who has a lab's secrets is one; here no secret is known.
pub trait Verifier: std::fmt::Debug + Send + Sync {
    /// Who signed a call, with the headers that it is sent with, to an API of a region; `None` when it carries no signature.
    ///
    /// # Errors
    /// A signature that is refused.
    fn verify(
        &self,
        call: &Call,
        headers: &[(String, String)],
        region: &str,
        identities: &Identities,
    ) -> Result<Option<Signer>, SignatureRefusal>;
}

/// Explains one call of a snapshot. Who asks several times keeps a [`Judge`].
#[must_use]
pub fn explain(cloud: &Cloud, call: &Call) -> Explanation {
    Judge::new(cloud, None).explain(call)
}

impl Judge {
    /// Compiles a snapshot; what `previous` holds of it already is taken over.
    #[must_use]
    pub fn new(cloud: &Cloud, previous: Option<&Self>) -> Self {
        let before = previous.cloned().unwrap_or_default();
        Self {
            names: before.names.next(cloud),
            tables: next_tables(&before.tables, &before.cloud, cloud),
            request: before.request.next(&before.cloud, cloud),
            unknowns: before.unknowns,
            forwards: before.forwards,
            verifier: before.verifier,
            cloud: cloud.clone(),
        }
    }

    /// With what an import did not understand.
    #[must_use]
    pub fn with_unknowns(mut self, unknowns: Unknowns) -> Self {
        self.unknowns = Arc::new(unknowns);
        self
    }

    /// For a lab whose resolvers ask others for names that it does not know: what those answer is not known.
    #[must_use]
    pub fn forwarding_names(mut self, forwards: bool) -> Self {
        self.forwards = forwards;
        self
    }

    /// With somebody who can verify signatures; without, whose signature a call carries is not known.
    #[must_use]
    pub fn verifying(mut self, verifier: Arc<dyn Verifier>) -> Self {
        self.verifier = Some(verifier);
        self
    }

    pub(crate) fn verifier(&self) -> Option<&dyn Verifier> {
        self.verifier.as_deref()
    }

    /// Follows a call to its end, or to what keeps it from it. A function runs behind any of its interfaces: where some of them are
    /// blocked and others are not, the verdict is undetermined, and what blocks is a warning.
    #[must_use]
    pub fn explain(&self, call: &Call) -> Explanation {
        let explanation = self.follow(call);
        let [first, others @ ..] = client::interfaces(&self.cloud, &call.from) else { return explanation };
        let by = |other: &NetworkInterfaceId| self.follow(&Call { from: Source::Interface(other.clone()), ..call.clone() });
        behind_any(explanation, first, others.iter().map(|other| (other, by(other))).collect())
    }

    fn follow(&self, call: &Call) -> Explanation {
        let mut walk = Walk::new(self, call);
        if let Some(client) = client::find(&mut walk) {
            let target = resolve::address(&mut walk, &client);
            let arrived = packet::follow(&mut walk, &client, target.as_ref());
            let talking = tls::shake_hands(&mut walk, arrived.as_ref());
            request::judge(&mut walk, &client, talking.as_ref());
        }
        walk.end()
    }

    /// The snapshot.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    /// What the resolvers answer.
    #[must_use]
    pub fn names(&self) -> &View {
        &self.names
    }

    /// Whether names that the lab does not know are asked of others.
    pub(crate) fn forwards(&self) -> bool {
        self.forwards
    }

    /// What is not known.
    #[must_use]
    pub fn unknowns(&self) -> &Unknowns {
        &self.unknowns
    }

    /// The compiled APIs and endpoints.
    pub(crate) fn requests(&self) -> &request::View {
        &self.request
    }

    /// The table that a subnet's packets follow: the one it is associated with, else the VPC's main one.
    #[must_use]
    pub fn route_table_of(&self, subnet: &Subnet) -> Option<&Arc<RouteTable>> {
        let own = self.tables.get(&subnet.id);
        let id = own.or_else(|| self.cloud.vpcs.get(&subnet.vpc).map(|vpc| &vpc.main_route_table))?;
        self.cloud.route_tables.get(id)
    }

    /// The interface that has an address in a VPC.
    #[must_use]
    pub fn interface_at(&self, vpc: &VpcId, address: std::net::Ipv4Addr) -> Option<&Arc<NetworkInterface>> {
        self.cloud.network_interfaces.get(self.names.interface_at(vpc, address)?)
    }
}

/// What is not known of a call whose end hangs on the interface.
const WHICH_INTERFACE: &str = "behind which of its interfaces the function runs";

/// What is said of a function that runs behind any of several interfaces, of what is said of each. The steps are the first one's.
fn behind_any(mut said: Explanation, first: &NetworkInterfaceId, others: Vec<(&NetworkInterfaceId, Explanation)>) -> Explanation {
    let is_blocked = said.verdict == Verdict::Blocked;
    let is_split = others.iter().any(|(_, other)| (other.verdict == Verdict::Blocked) != is_blocked);
    let behind = |interface: &NetworkInterfaceId, blocker: Blocker| Blocker {
        detail: format!("where the function runs behind {interface}: {}", blocker.detail),
        ..blocker
    };
    if is_split {
        let blockers = std::mem::take(&mut said.blockers);
        said.warnings.extend(blockers.into_iter().map(|blocker| behind(first, blocker)));
        said.fixes.clear();
        said.verdict = Verdict::Undetermined;
    }
    let ends_differ = others.iter().any(|(_, other)| other.outcome != said.outcome);
    if is_split || (is_blocked && ends_differ) {
        said.missing.push(WHICH_INTERFACE.to_owned());
    }
    if is_split || ends_differ {
        said.outcome = None;
    }
    for (interface, other) in others {
        if other.verdict == Verdict::Undetermined {
            said.verdict = Verdict::Undetermined;
        }
        let new: Vec<String> = other.missing.into_iter().filter(|missing| !said.missing.contains(missing)).collect();
        said.missing.extend(new);
        for blocker in other.blockers {
            let is_told = said.blockers.iter().any(|told| (told.cause, told.step) == (blocker.cause, blocker.step));
            if !is_told {
                said.warnings.push(behind(interface, blocker));
            }
        }
    }
    said
}

/// The associations of the next snapshot, by the difference.
fn next_tables(tables: &OrdMap<SubnetId, RouteTableId>, was: &Cloud, cloud: &Cloud) -> OrdMap<SubnetId, RouteTableId> {
    if was.route_tables.ptr_eq(&cloud.route_tables) {
        return tables.clone();
    }
    let subnets = |table: &RouteTable| -> Vec<SubnetId> { table.associations.iter().filter_map(|one| one.subnet.clone()).collect() };
    let mut tables = tables.clone();
    let mut added = Vec::new();
    for item in was.route_tables.diff(&cloud.route_tables) {
        let (gone, new) = match item {
            DiffItem::Add(_, new) => (None, Some(new)),
            DiffItem::Update { old, new } => (Some(old.1), Some(new.1)),
            DiffItem::Remove(_, old) => (Some(old), None),
        };
        if let Some(old) = gone {
            for subnet in subnets(old) {
                tables.remove(&subnet);
            }
        }
        added.extend(new);
    }
    // After all removals: a subnet that moved to another table is that one's now.
    for table in added {
        tables.extend(subnets(table).into_iter().map(|subnet| (subnet, table.id.clone())));
    }
    tables
}
