//! What the gates read: everything compiled, nothing parsed per request.
use crate::identity::Identities;
use crate::route::RouteTree;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::sync::Arc;
use vpclab_cloud::Stage;
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::integration::Integration;
use vpclab_cloud::method::Method;
use vpclab_cloud::stage::{ALL_METHODS, MethodSettings, StageSettings};
use vpclab_policy::{Policy, Request, Verdict};

/// What is kept beside the gates, and how it is made.
pub trait Kept {
    /// Of a stage.
    type Stage: Debug;
    /// Of a deployment.
    type Deployment: Debug;
    /// Of a method.
    type Method: Debug;
    /// Of a stage.
    fn stage(stage: &Stage) -> Self::Stage;
    /// Of a deployment.
    fn deployment(snapshot: &ApiSnapshot) -> Self::Deployment;
    /// Of a method, with the deployment of an API that froze it.
    fn method(method: &Method, api: &str, snapshot: &ApiSnapshot) -> Self::Method;
    /// Something that is stored cannot be served, and why; for the log.
    fn warn(_of: &str, _why: &str) {}
}

/// Keeps a method's integration and nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl Kept for Plain {
    type Stage = ();
    type Deployment = ();
    type Method = Option<Integration>;
    fn stage(_: &Stage) {}
    fn deployment(_: &ApiSnapshot) {}
    fn method(method: &Method, _: &str, _: &ApiSnapshot) -> Option<Integration> {
        method.integration.clone()
    }
}

/// One immutable state of all endpoints and APIs.
#[derive(Debug)]
pub struct View<K: Kept> {
    /// Endpoints by id.
    pub endpoints: HashMap<String, EndpointView>,
    /// APIs by region, then id. An API of any account can be called through any endpoint of its region; policies decide.
    pub regions: HashMap<String, HashMap<String, ApiView<K>>>,
    /// Who may sign.
    pub identities: Arc<Identities>,
}

impl<K: Kept> Default for View<K> {
    fn default() -> Self {
        Self { endpoints: HashMap::new(), regions: HashMap::new(), identities: Arc::default() }
    }
}

/// An interface endpoint.
#[derive(Debug)]
pub struct EndpointView {
    /// `vpce-…`
    pub id: String,
    /// The VPC that holds it.
    pub vpc: String,
    /// Its policy; edits act at once.
    pub policy: PolicyGate,
}

/// A policy as it is asked.
#[derive(Debug, Clone)]
pub enum PolicyGate {
    /// No policy on an endpoint: full access.
    Open,
    /// Ask the policy.
    Judged(Arc<Policy>),
    /// No policy on a private API: nobody may pass.
    Closed,
    /// A stored policy that cannot be read: nobody may pass, and the log says why.
    Broken(String),
}

/// A REST API.
#[derive(Debug)]
pub struct ApiView<K: Kept> {
    /// Its id.
    pub id: String,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Only private APIs answer through an endpoint.
    pub private: bool,
    /// Its stages by name.
    pub stages: HashMap<String, StageView<K>>,
}

/// A stage with the deployment it serves.
#[derive(Debug)]
pub struct StageView<K: Kept> {
    /// Its name.
    pub name: String,
    /// Its variables; edits act at once.
    pub variables: BTreeMap<String, String>,
    /// `disableExecuteApiEndpoint`
    pub default_endpoint_disabled: bool,
    /// Settings of methods: logs and limits.
    pub settings: StageSettings,
    /// The deployment.
    pub deployment: Arc<DeploymentView<K>>,
    /// What is kept beside.
    pub kept: K::Stage,
}

/// An immutable deployment.
#[derive(Debug)]
pub struct DeploymentView<K: Kept> {
    /// Its id.
    pub id: String,
    /// The resource policy as it was when deployed.
    pub policy: PolicyGate,
    /// The API's binary media types.
    pub binary_media_types: Vec<String>,
    /// The resources, for the routing judge.
    pub routes: RouteTree<MethodView<K>>,
    /// What is kept beside.
    pub kept: K::Deployment,
}

/// A method.
#[derive(Debug)]
pub struct MethodView<K: Kept> {
    /// Who may call.
    pub authorization: Authorization,
    /// Whether an API key is asked for.
    pub api_key_required: bool,
    /// What is kept beside.
    pub kept: K::Method,
}

/// A method's authorization type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// `NONE`: the resource policy alone decides.
    Open,
    /// `AWS_IAM`
    Iam,
    /// `CUSTOM`: a Lambda authorizer, of this id.
    Custom(String),
    /// An authorizer of another kind, which is not built.
    NotBuilt(String),
}

/// What a policy gate said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateVerdict {
    /// Passed; the index of the statement that allowed, if a policy was asked.
    Pass(Option<usize>),
    /// Refused by the policy.
    Refused(Verdict),
    /// Refused because there is no policy.
    Missing,
    /// Refused because the policy cannot be read.
    Broken,
}

impl PolicyGate {
    /// Whether the request passes.
    pub fn ask(&self, request: &Request<'_>) -> GateVerdict {
        match self {
            PolicyGate::Open => GateVerdict::Pass(None),
            PolicyGate::Closed => GateVerdict::Missing,
            PolicyGate::Broken(_) => GateVerdict::Broken,
            PolicyGate::Judged(policy) => {
                let verdict = policy.decide(request);
                if verdict.effect.allows() { GateVerdict::Pass(verdict.deciding) } else { GateVerdict::Refused(verdict) }
            }
        }
    }

    /// The policy of an endpoint from its stored text; none is full access.
    #[must_use]
    pub fn of_endpoint(text: Option<&str>) -> Self {
        text.map_or(PolicyGate::Open, judged)
    }

    /// The policy of a private API from its stored text; none lets nobody pass.
    #[must_use]
    pub fn of_api(text: Option<&str>) -> Self {
        text.map_or(PolicyGate::Closed, judged)
    }
}

impl<K: Kept> StageView<K> {
    /// The settings of a method: its own, those of `ANY` where that is declared, else those of all.
    pub fn method_settings(&self, resource_path: &str, method: &str) -> Option<&MethodSettings> {
        let methods = &self.settings.methods;
        if methods.is_empty() {
            return None;
        }
        let own = |method: &str| methods.get(&format!("{resource_path}/{method}"));
        own(method).or_else(|| own("ANY")).or_else(|| methods.get(ALL_METHODS))
    }
}

impl<K: Kept> View<K> {
    /// The API of a region.
    pub fn api(&self, region: &str, id: &str) -> Option<&ApiView<K>> {
        self.regions.get(region)?.get(id)
    }
}

fn judged(text: &str) -> PolicyGate {
    match Policy::parse(text) {
        Ok(policy) => PolicyGate::Judged(Arc::new(policy)),
        Err(error) => PolicyGate::Broken(error.to_string()),
    }
}
