//! Snapshot of the cloud -> [`View`].
use super::view::{ApiView, Authorization, DeploymentView, EndpointView, Kept, MethodView, PolicyGate, StageView, View};
use crate::identity::Identities;
use crate::route::RouteTree;
use std::collections::HashMap;
use std::sync::Arc;
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::method::Method;
use vpclab_cloud::rest_api::EndpointType;
use vpclab_cloud::{Cloud, RestApiId};

impl<K: Kept> View<K> {
    /// Compiles a state. Deployments are immutable: one that `previous` holds already is taken over as it is.
    #[must_use]
    pub fn compile(cloud: &Cloud, previous: Option<&View<K>>) -> Self {
        let identities = Identities::compile(cloud, previous.map(|view| &view.identities));
        let mut view = View { identities, ..View::default() };
        for endpoint in cloud.vpc_endpoints.values().filter(|endpoint| endpoint.is_execute_api()) {
            let compiled = EndpointView {
                id: endpoint.id.to_string(),
                vpc: endpoint.vpc.to_string(),
                policy: PolicyGate::of_endpoint(endpoint.policy.as_deref()),
            };
            warn_if_broken::<K>(&compiled.policy, &compiled.id);
            view.endpoints.insert(compiled.id.clone(), compiled);
        }
        for api in cloud.rest_apis.values() {
            let region = api.scope.region.to_string();
            let before = previous.and_then(|p| p.api(&region, api.id.as_str()));
            let compiled = ApiView {
                id: api.id.to_string(),
                account: api.scope.account.to_string(),
                region: region.clone(),
                private: api.settings.endpoint_type == EndpointType::Private,
                stages: stages(cloud, &api.id, before),
            };
            view.regions.entry(region).or_default().insert(compiled.id.clone(), compiled);
        }
        view
    }
}

fn stages<K: Kept>(cloud: &Cloud, api: &RestApiId, before: Option<&ApiView<K>>) -> HashMap<String, StageView<K>> {
    let mut known: HashMap<String, Arc<DeploymentView<K>>> = before
        .into_iter()
        .flat_map(|api| api.stages.values())
        .map(|stage| (stage.deployment.id.clone(), Arc::clone(&stage.deployment)))
        .collect();
    let mut compiled = HashMap::new();
    for stage in cloud.stages_of(api) {
        let Some(deployment) = cloud.deployments.get(&(api.clone(), stage.deployment.clone())) else {
            K::warn(&format!("{api}/{}", stage.name), "a stage without its deployment is not served");
            continue;
        };
        let deployment = known
            .entry(deployment.id.to_string())
            .or_insert_with(|| Arc::new(DeploymentView::compile(deployment.id.as_str(), deployment.api.as_str(), &deployment.snapshot)));
        let view = StageView {
            name: stage.name.clone(),
            variables: stage.variables.clone(),
            default_endpoint_disabled: stage.disable_execute_api_endpoint,
            settings: stage.settings.clone(),
            deployment: Arc::clone(deployment),
            kept: K::stage(stage),
        };
        compiled.insert(stage.name.clone(), view);
    }
    compiled
}

impl<K: Kept> DeploymentView<K> {
    /// Compiles what a deployment of an API froze, or would freeze now.
    #[must_use]
    pub fn compile(id: &str, api: &str, snapshot: &ApiSnapshot) -> Self {
        let policy = PolicyGate::of_api(snapshot.settings.policy.as_deref());
        warn_if_broken::<K>(&policy, api);
        Self {
            id: id.to_owned(),
            policy,
            binary_media_types: snapshot.settings.binary_media_types.clone(),
            routes: RouteTree::compile(snapshot, |_, _, method| method_view(method, api, snapshot)),
            kept: K::deployment(snapshot),
        }
    }
}

fn warn_if_broken<K: Kept>(policy: &PolicyGate, of: &str) {
    if let PolicyGate::Broken(why) = policy {
        K::warn(of, &format!("a stored policy cannot be read, everything it guards is refused: {why}"));
    }
}

fn method_view<K: Kept>(method: &Method, api: &str, snapshot: &ApiSnapshot) -> MethodView<K> {
    let authorization = match method.authorization_type.as_str() {
        "NONE" => Authorization::Open,
        "AWS_IAM" => Authorization::Iam,
        "CUSTOM" if method.authorizer.is_some() => {
            Authorization::Custom(method.authorizer.as_ref().map(ToString::to_string).unwrap_or_default())
        }
        other => Authorization::NotBuilt(other.to_owned()),
    };
    MethodView { authorization, api_key_required: method.api_key_required, kept: K::method(method, api, snapshot) }
}
