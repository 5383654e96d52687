//! What the gateway reads while it serves: everything compiled, nothing parsed per request, swapped in whole.

use crate::gateway_response::GatewayResponsesView;
use crate::lambda::LambdaProxyView;
use crate::mock::MockView;
use crate::substitute::Text;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use vpclab_api::route::RouteTree;
use vpclab_cloud::stage::{ALL_METHODS, MethodSettings, StageSettings};
use vpclab_policy::{Policy, Request, Verdict};

mod compile;

/// One immutable state of all endpoints and APIs.
#[derive(Debug, Default)]
pub struct View {
    /// Endpoints by id.
    pub endpoints: HashMap<String, EndpointView>,
    /// APIs by region, then id. An API of any account can be called through any endpoint of its region; policies decide.
    pub regions: HashMap<String, HashMap<String, ApiView>>,
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

/// A policy as the gateway asks it.
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
pub struct ApiView {
    /// Its id.
    pub id: String,
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Only private APIs answer through an endpoint.
    pub private: bool,
    /// Its stages by name.
    pub stages: HashMap<String, StageView>,
}

/// A stage with the deployment it serves.
#[derive(Debug)]
pub struct StageView {
    /// Its name.
    pub name: String,
    /// Its variables; edits act at once.
    pub variables: BTreeMap<String, String>,
    /// `disableExecuteApiEndpoint`
    pub default_endpoint_disabled: bool,
    /// Settings of methods: logs and limits.
    pub settings: StageSettings,
    /// The log group of access logs and the format of a line.
    pub access_log: Option<(String, Text)>,
    /// The deployment.
    pub deployment: Arc<DeploymentView>,
}

/// An immutable deployment.
#[derive(Debug)]
pub struct DeploymentView {
    /// Its id.
    pub id: String,
    /// The resource policy as it was when deployed.
    pub policy: PolicyGate,
    /// The API's binary media types.
    pub binary_media_types: Vec<String>,
    /// What is answered where no integration does.
    pub gateway_responses: GatewayResponsesView,
    /// The resources, for the routing judge.
    pub routes: RouteTree<MethodView>,
}

/// A method.
#[derive(Debug)]
pub struct MethodView {
    /// Who may call.
    pub authorization: Authorization,
    /// Whether an API key is asked for.
    pub api_key_required: bool,
    /// Parameters that must be there.
    pub required: Vec<RequiredParameter>,
    /// What answers.
    pub integration: IntegrationView,
}

/// A method's authorization type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// `NONE`: the resource policy alone decides.
    Open,
    /// `AWS_IAM`
    Iam,
    /// An authorizer, which is not built.
    NotBuilt(String),
}

/// A parameter that a method requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredParameter {
    /// Where it must be.
    pub place: ParameterPlace,
    /// Its name.
    pub name: String,
}

/// Where a request parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterPlace {
    /// In the path.
    Path,
    /// In the query string.
    QueryString,
    /// In a header.
    Header,
}

/// An integration.
#[derive(Debug)]
pub enum IntegrationView {
    /// `MOCK`
    Mock(MockView),
    /// `AWS_PROXY` with a Lambda function.
    LambdaProxy(LambdaProxyView),
    /// A type that is not built, or none at all.
    NotBuilt(String),
}

/// What a policy gate said.
#[derive(Debug, Clone, Copy)]
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
}

impl StageView {
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

impl View {
    /// The API of a region.
    pub fn api(&self, region: &str, id: &str) -> Option<&ApiView> {
        self.regions.get(region)?.get(id)
    }
}

impl EndpointView {
    /// The policy of an endpoint from its stored text; none is full access.
    pub fn gate(text: Option<&str>) -> PolicyGate {
        text.map_or(PolicyGate::Open, judged)
    }
}

impl DeploymentView {
    /// The policy of a private API from its stored text; none lets nobody pass.
    pub fn gate(text: Option<&str>) -> PolicyGate {
        text.map_or(PolicyGate::Closed, judged)
    }
}

fn judged(text: &str) -> PolicyGate {
    match Policy::parse(text) {
        Ok(policy) => PolicyGate::Judged(Arc::new(policy)),
        Err(error) => PolicyGate::Broken(error.to_string()),
    }
}
