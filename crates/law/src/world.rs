//! A topology built from its steps: by the operations that the AWS APIs call too.
mod apis;
mod identities;
mod network;

use crate::case::{CallSpec, Step};
use std::collections::BTreeMap;
use vpclab_cloud::{
    AccountId, Cloud, Context, HostedZoneId, IdSource, InstanceId, NetworkAclId, Refusal, RestApiId, RouteTableId, Scope, SecurityGroupId,
    SubnetId, Timestamp, VpcEndpointId, VpcId, VpcPeeringConnectionId, iam::Holder,
};

/// What a label stands for.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    Vpc(VpcId),
    Subnet(SubnetId),
    Group(SecurityGroupId),
    Acl(NetworkAclId),
    Table(RouteTableId),
    Peering(VpcPeeringConnectionId),
    Instance(InstanceId),
    Function(Scope, String),
    Endpoint(VpcEndpointId),
    Zone(HostedZoneId),
    Api(RestApiId),
    Identity(AccountId, Holder),
}

/// A topology.
pub struct World {
    /// The state.
    pub cloud: Cloud,
    cx: Context,
    things: BTreeMap<String, Thing>,
}

/// Why a step was passed over.
#[derive(Debug, thiserror::Error)]
pub enum Passed {
    /// A label stands for nothing, or for something else.
    #[error("`{0}` is not there")]
    Label(String),
    /// The operation refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A value cannot be read.
    #[error("`{0}` cannot be read")]
    Value(String),
}

pub(crate) type Done = Result<(), Passed>;

macro_rules! finders {
    ($($name:ident: $kind:ident($of:ty);)*) => {$(
        pub(crate) fn $name(&self, label: &str) -> Result<$of, Passed> {
            match self.things.get(label) {
                Some(Thing::$kind(id)) => Ok(id.clone()),
                _ => Err(Passed::Label(label.to_owned())),
            }
        }
    )*};
}

impl World {
    /// Builds a topology; steps that are refused or name nothing are passed over, as a user's would fail.
    pub fn build(seed: u64, steps: &[Step], now: Timestamp) -> Self {
        let scope = Scope { account: vpclab_cloud::AccountId::unnamed(), region: region("us-east-1") };
        let mut world = Self { cloud: Cloud::default(), cx: Context { scope, now, ids: IdSource::new(seed) }, things: BTreeMap::new() };
        for step in steps {
            world.take(step);
        }
        world
    }

    fn take(&mut self, step: &Step) {
        // Operations work on a clone that a refusal throws away, as in the engine.
        let before = self.cloud.clone();
        if self.apply(step).is_err() {
            self.cloud = before;
        }
    }

    fn apply(&mut self, step: &Step) -> Done {
        match step {
            Step::Api { .. }
            | Step::Method { .. }
            | Step::Permission { .. }
            | Step::Policy { .. }
            | Step::Disable { .. }
            | Step::Deploy { .. }
            | Step::Limit { .. }
            | Step::EndStage { .. }
            | Step::EndApi { .. } => self.apply_api(step),
            Step::Identity { .. } | Step::Boundary { .. } => self.apply_identity(step),
            _ => self.apply_network(step),
        }
    }

    pub(crate) fn named(&mut self, label: &str, thing: Thing) {
        self.things.insert(label.to_owned(), thing);
    }

    /// Who asks from now on.
    pub(crate) fn go(&mut self, scope: &Scope) {
        self.cx.scope = scope.clone();
    }

    finders! {
        vpc: Vpc(VpcId);
        subnet: Subnet(SubnetId);
        group: Group(SecurityGroupId);
        acl: Acl(NetworkAclId);
        table: Table(RouteTableId);
        peering: Peering(VpcPeeringConnectionId);
        endpoint: Endpoint(VpcEndpointId);
        zone: Zone(HostedZoneId);
        api: Api(RestApiId);
    }

    pub(crate) fn function(&self, label: &str) -> Result<(Scope, String), Passed> {
        match self.things.get(label) {
            Some(Thing::Function(scope, name)) => Ok((scope.clone(), name.clone())),
            _ => Err(Passed::Label(label.to_owned())),
        }
    }

    /// The source of a call, as the explainer takes it.
    pub fn source(&self, label: &str) -> Option<vpclab_explain::Source> {
        match self.things.get(label)? {
            Thing::Instance(id) => Some(vpclab_explain::Source::Instance(id.clone())),
            Thing::Function(scope, name) => Some(vpclab_explain::Source::Function(scope.clone(), name.clone())),
            _ => None,
        }
    }

    /// The source of a call, as the prober takes it.
    pub fn origin(&self, label: &str) -> Option<vpclab_probe::Source> {
        let name = match self.things.get(label)? {
            Thing::Instance(id) => id.to_string(),
            Thing::Function(scope, name) => vpclab_cloud::function::function_arn(scope, name),
            _ => return None,
        };
        vpclab_probe::Source::find(&self.cloud, &name).ok()
    }

    /// A call with its texts filled in.
    pub fn call(&self, spec: &CallSpec) -> CallSpec {
        CallSpec {
            from: spec.from.clone(),
            method: spec.method.clone(),
            url: self.fill(&spec.url),
            headers: spec.headers.iter().map(|(name, value)| (name.clone(), self.fill(value))).collect(),
            ..spec.clone()
        }
    }

    /// Text with `<kind:label>` filled in: `<vpc:v1>`, `<vpce:e1>` and `<api:a1>` are ids, `<arn:u1>` is a user's or role's ARN, `<name:e1>` is an endpoint's regional name and
    /// `<zonal:e1>` its first zonal one, `<address:e1>` the address of its first interface, `<address:i1>` an instance's. What is not there
    /// stays as it is written, without the signs.
    pub fn fill(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            out.push_str(before);
            let Some((inside, behind)) = after.split_once('>') else {
                out.push('<');
                rest = after;
                continue;
            };
            out.push_str(&self.filled(inside).unwrap_or_else(|| inside.replace(':', "")));
            rest = behind;
        }
        out.push_str(rest);
        out
    }

    fn filled(&self, inside: &str) -> Option<String> {
        let (kind, label) = inside.split_once(':')?;
        Some(match (kind, self.things.get(label)?) {
            ("vpc", Thing::Vpc(id)) => id.to_string(),
            ("vpce", Thing::Endpoint(id)) => id.to_string(),
            ("api", Thing::Api(id)) => id.to_string(),
            ("arn", Thing::Identity(account, holder)) => self.identity_arn(account, holder)?,
            ("name", Thing::Endpoint(id)) => self.cloud.vpc_endpoints.get(id)?.regional_name(),
            ("zonal", Thing::Endpoint(id)) => {
                let endpoint = self.cloud.vpc_endpoints.get(id)?;
                let interface = self.cloud.network_interfaces.get(endpoint.interfaces.values().next()?)?;
                endpoint.zonal_name(&interface.availability_zone)
            }
            ("address", Thing::Endpoint(id)) => {
                let endpoint = self.cloud.vpc_endpoints.get(id)?;
                self.cloud.network_interfaces.get(endpoint.interfaces.values().next()?)?.private_ip.to_string()
            }
            ("address", Thing::Instance(id)) => {
                let instance = self.cloud.instances.get(id)?;
                self.cloud.network_interfaces.get(instance.interface.as_ref()?)?.private_ip.to_string()
            }
            _ => return None,
        })
    }
}

/// A region of a name that is known to be one.
pub(crate) fn region(name: &str) -> vpclab_cloud::Region {
    name.parse().unwrap_or_else(|_| unreachable!("`{name}` is a region"))
}

pub(crate) fn read<T: std::str::FromStr>(text: &str) -> Result<T, Passed> {
    text.parse().map_err(|_| Passed::Value(text.to_owned()))
}
