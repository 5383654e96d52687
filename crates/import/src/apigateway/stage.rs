//! Stages, and the deployments that they serve.
use super::resource::not_understood;
use super::rest_api::expanded;
use super::validation;
use crate::Affected;
use crate::ec2::security_group::seed;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use vpclab_api::openapi::{self, ImportOptions};
use vpclab_cloud::deployment::ApiSnapshot;
use vpclab_cloud::method::Method;
use vpclab_cloud::rest_api::{ApiSettings, Definition};
use vpclab_cloud::stage::StageSettings;
use vpclab_cloud::{Deployment, DeploymentId, IdSource, Resource, ResourceId, RestApi, RestApiId, Stage};

/// What the summary of a deployment says of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    authorization_type: String,
    api_key_required: bool,
}

/// A member of `GetStages`.
pub(crate) fn read(import: &mut Import, api: &RestApiId, item: Item<'_>) -> Result<(), Unreadable> {
    let name = item.owned("stageName").ok_or(Unreadable::Missing("stageName"))?;
    let of = format!("{api}/{name}");
    let affected = || [Affected::Api(api.clone())];
    if item.text("webAclArn").is_some() {
        import.note(&of, "vpclab knows no web ACLs, and the stage has one", affected());
    }
    if item.has("canarySettings") {
        import.note(&of, "vpclab knows no canary releases, and the stage has one", affected());
    }
    let disabled = import.cloud.rest_apis.get(api).is_some_and(|api| api.settings.disable_execute_api_endpoint);
    let stage = Stage {
        api: api.clone(),
        deployment: item.read("deploymentId")?,
        description: item.owned("description"),
        disable_execute_api_endpoint: disabled,
        variables: item.map("variables"),
        // Logs and throttling do not say who can call what.
        settings: StageSettings::default(),
        created: item.time("createdDate"),
        updated: item.time("lastUpdatedDate"),
        tags: item.map("tags"),
        name: name.clone(),
    };
    import.cloud.stages.insert((api.clone(), name), Arc::new(stage));
    Ok(())
}

/// A member of `GetDeployments`.
pub(crate) fn read_deployment(import: &mut Import, api: &RestApiId, item: Item<'_>) -> Result<(), Unreadable> {
    let id: DeploymentId = item.read("id")?;
    let Some(of) = import.cloud.rest_apis.get(api) else { return Ok(()) };
    let snapshot = ApiSnapshot { settings: of.settings.clone(), resources: Vec::new() };
    let deployment = Deployment {
        api: api.clone(),
        created: item.time("createdDate"),
        description: item.owned("description"),
        snapshot: Arc::new(snapshot),
        id: id.clone(),
    };
    import.cloud.deployments.insert((api.clone(), id), Arc::new(deployment));
    Ok(())
}

/// `GetDeployment` with `embed=apisummary`.
pub(crate) fn read_summary(import: &mut Import, api: &RestApiId, item: Item<'_>) {
    let Ok(id) = item.read::<DeploymentId>("id") else { return };
    if !item.has("apiSummary") {
        return;
    }
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let mut paths = BTreeMap::new();
    for (path, methods) in item.0.get("apiSummary").map(object).unwrap_or_default() {
        let summary = |value: &Value| Summary {
            authorization_type: Item(value).owned("authorizationType").unwrap_or_default(),
            api_key_required: Item(value).flag("apiKeyRequired"),
        };
        paths.insert(path, object(&methods).iter().map(|(name, value)| (name.clone(), summary(value))).collect());
    }
    import.deployed.summaries.insert((api.clone(), id), paths);
}

/// `GetExport`: the document says the stage, as the base path.
pub(crate) fn read_export(import: &mut Import, source: &Source<'_>, api: &RestApiId) {
    let root = &source.document.value;
    let swagger = root.get("basePath").and_then(Value::as_str);
    let open_api = || root.pointer("/servers/0/variables/basePath/default").and_then(Value::as_str);
    if !has_extensions(root) {
        let what = "the export holds no integration, so it is not used: `get-export` needs `--parameters extensions=apigateway`";
        import.note(&source.document.origin, what, []);
        return;
    }
    match swagger.or_else(open_api).map(|path| path.trim_matches('/')).filter(|stage| !stage.is_empty()) {
        Some(stage) => {
            import.deployed.exports.insert((api.clone(), stage.to_owned()), root.clone());
        }
        None => import.note(&source.document.origin, "the export does not say of which stage it is", []),
    }
}

/// Whether a document has API Gateway's extensions; without them it says nothing of policies and integrations.
fn has_extensions(root: &Value) -> bool {
    let paths = root.get("paths").and_then(Value::as_object).into_iter().flatten();
    let mut methods = paths.filter_map(|(_, path)| path.as_object()).flatten();
    methods.any(|(_, method)| method.get("x-amazon-apigateway-integration").is_some())
}

/// Fills the deployments that stages serve; those that none serves are left out.
pub(crate) fn deploy(import: &mut Import) {
    let stages: Vec<Arc<Stage>> = import.cloud.stages.values().cloned().collect();
    let mut served = BTreeMap::new();
    for stage in stages {
        let key = (stage.api.clone(), stage.deployment.clone());
        if served.contains_key(&key) {
            continue;
        }
        let (Some(deployment), Some(api)) = (import.cloud.deployments.get(&key).cloned(), import.cloud.rest_apis.get(&stage.api).cloned())
        else {
            let what = format!("the stage {} serves the deployment {}, which no answer holds", stage.name, stage.deployment);
            import.note(stage.api.as_str(), what, [Affected::Api(stage.api.clone())]);
            continue;
        };
        let snapshot = Arc::new(snapshot(import, &api, &stage));
        served.insert(key, Arc::new(Deployment { snapshot, ..Deployment::clone(&deployment) }));
    }
    import.cloud.deployments = served.into_iter().collect();
}

fn snapshot(import: &mut Import, api: &RestApi, stage: &Stage) -> ApiSnapshot {
    let export = import.deployed.exports.get(&(api.id.clone(), stage.name.clone())).cloned();
    let told = export.as_ref().and_then(|export| match openapi::import(export.to_string().as_bytes(), ImportOptions::default()) {
        Ok(mut imported) => Some((validation::of_export(api, &mut imported), imported.definition)),
        Err(why) => {
            import.note(api.id.as_str(), format!("the export of the stage {} is used for its policy only: {why}", stage.name), []);
            None
        }
    });
    let policy = policy(import, api, stage, export.as_ref());
    let (settings, resources) = match told {
        Some((settings, definition)) => (settings, of_definition(import, api, definition)),
        None => {
            let settings = api.settings.clone();
            if !(settings.gateway_responses.is_empty() && settings.validation.validators.is_empty()) {
                let what = "its request validators and gateway responses are taken for those that the stage";
                import.note(api.id.as_str(), format!("{what} {} serves: no export says which they are", stage.name), []);
            }
            (settings, of_summary(import, api, stage))
        }
    };
    ApiSnapshot { settings: ApiSettings { policy, ..settings }, resources }
}

/// The policy as deployed, if the export says it. One that says the same as the API's is kept in the API's words.
fn policy(import: &mut Import, api: &RestApi, stage: &Stage, export: Option<&Value>) -> Option<String> {
    let live = api.settings.policy.clone();
    let Some(export) = export else {
        if live.is_some() {
            let what = format!("the policy is taken for the one that the stage {} serves: no export says which it is", stage.name);
            import.note(api.id.as_str(), what, []);
        }
        return live;
    };
    let deployed = export.get("x-amazon-apigateway-policy");
    let same = |text: &str| serde_json::from_str::<Value>(text).ok().as_ref() == deployed;
    match live {
        Some(live) if same(&live) => Some(live),
        _ => deployed.map(|policy| expanded(&policy.to_string(), api)),
    }
}

fn of_definition(import: &mut Import, api: &RestApi, definition: Definition) -> Vec<Resource> {
    let known: BTreeMap<String, ResourceId> = import.cloud.resources_of(&api.id).map(|r| (r.path.clone(), r.id.clone())).collect();
    let mut ids = IdSource::new(seed(&format!("{} deployed", api.id)));
    let mut resources: BTreeMap<String, Resource> = BTreeMap::new();
    let mut wanted: BTreeMap<String, BTreeMap<String, Method>> = BTreeMap::from([("/".to_owned(), BTreeMap::new())]);
    for (path, methods) in definition {
        for (end, _) in path.match_indices('/').skip(1) {
            wanted.entry(path.get(..end).unwrap_or_default().to_owned()).or_default();
        }
        wanted.insert(path, methods);
    }
    // A path comes after those above it.
    for (path, methods) in wanted {
        let id = known.get(&path).cloned().unwrap_or_else(|| ResourceId::fresh(&mut ids));
        let (above, part) = path.rsplit_once('/').unwrap_or_default();
        let parent = match path.as_str() {
            "/" => None,
            _ => resources.get(if above.is_empty() { "/" } else { above }).map(|above| above.id.clone()),
        };
        let path_part = part.to_owned();
        for (name, method) in &methods {
            if let Some(what) = not_understood(method) {
                let affected = Affected::Method { api: api.id.clone(), path: path.clone(), method: name.clone() };
                import.note(api.id.as_str(), format!("{name} {path}: {what}"), [affected]);
            }
        }
        resources.insert(path.clone(), Resource { api: api.id.clone(), id, parent, path_part, path, methods });
    }
    resources.into_values().collect()
}

/// The resources as they stand, with the methods that were deployed.
fn of_summary(import: &mut Import, api: &RestApi, stage: &Stage) -> Vec<Resource> {
    let mut resources: Vec<Resource> = import.cloud.resources_of(&api.id).map(|resource| Resource::clone(resource)).collect();
    resources.sort_by(|a, b| a.path.cmp(&b.path));
    let Some(summary) = import.deployed.summaries.get(&(api.id.clone(), stage.deployment.clone())).cloned() else {
        let what = format!("its methods are taken for those that the stage {} serves: no answer says which they are", stage.name);
        import.note(api.id.as_str(), what, []);
        return resources;
    };
    for resource in &mut resources {
        let deployed = summary.get(&resource.path);
        resource.methods.retain(|name, _| deployed.is_some_and(|methods| methods.contains_key(name)));
        for (name, summary) in deployed.into_iter().flatten() {
            let known = resource.methods.entry(name.clone()).or_insert_with(Method::open);
            let is_known = known.integration.is_some();
            known.authorization_type.clone_from(&summary.authorization_type);
            known.api_key_required = summary.api_key_required;
            if !is_known {
                gone(import, api, &resource.path, name);
            }
        }
    }
    let missing = summary.iter().filter(|(path, _)| !resources.iter().any(|resource| &resource.path == *path));
    for (path, methods) in missing {
        for name in methods.keys() {
            gone(import, api, path, name);
        }
    }
    resources
}

fn gone(import: &mut Import, api: &RestApi, path: &str, name: &str) {
    let affected = Affected::Method { api: api.id.clone(), path: path.to_owned(), method: name.to_owned() };
    import.note(api.id.as_str(), format!("{name} {path} is deployed and no more in the API: what it does is not told"), [affected]);
}
