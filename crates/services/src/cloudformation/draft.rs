//! What a request asks of a stack, judged before anything is made.
mod served;

use super::errors::{invalid, template as wrong};
use super::plan::{Plan, pseudo};
use super::{dynamic, transform};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vpclab_cloud::stack::StackSpec;
use vpclab_cloud::{Cloud, Scope, StackId, StackTemplate, Tags};
use vpclab_template::{Given, Resource, Template, parse};
use vpclab_wire::WireError;

/// A request for a stack or an update of one.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The template's text.
    pub template: String,
    /// The parameters.
    pub parameters: BTreeMap<String, Given>,
    /// What the caller acknowledges.
    pub capabilities: Vec<String>,
    /// The stack's tags.
    pub tags: Tags,
    /// The role given.
    pub role_arn: Option<String>,
    /// Whether macros need to be acknowledged: not where a change set shows what they do.
    pub needs_auto_expand: bool,
}

/// A request that can be granted, as far as can be told before.
pub struct Draft {
    /// The template's texts.
    pub template: Arc<StackTemplate>,
    /// The plan.
    pub plan: Plan,
    /// What is asked; the template's number is to be set.
    pub spec: StackSpec,
}

/// Judges a request.
///
/// # Errors
/// What is wrong with it, as CloudFormation says it.
pub fn draft(cloud: &Cloud, scope: &Scope, (id, name): (&StackId, &str), asked: &Asked) -> Result<Draft, WireError> {
    let node = parse(&asked.template).map_err(|why| wrong(&why))?;
    let first = Template::read(&node).map_err(|why| wrong(&why))?;
    let (template, processed) = if first.transforms.is_empty() {
        (first, None)
    } else {
        if asked.needs_auto_expand && transform::needs_auto_expand(&first) {
            require(&asked.capabilities, &["CAPABILITY_AUTO_EXPAND"])?;
        }
        let node = transform::run(&node, &first, scope, &asked.parameters).map_err(|why| wrong(&why))?;
        (Template::read(&node).map_err(|why| wrong(&why))?, Some(node.to_json().to_string()))
    };
    require(&asked.capabilities, &capabilities(&template.resources))?;
    served::check(&template)?;
    let mut looked_up = BTreeMap::new();
    for name in template.ssm_parameters(&asked.parameters).map_err(|why| wrong(&why))? {
        let value = dynamic::ssm(cloud, scope, &name, None).map_err(invalid)?;
        looked_up.insert(name, value);
    }
    let bound = template.bind(&asked.parameters, &pseudo(scope, id, name), &looked_up).map_err(|why| wrong(&why))?;
    served::check_properties(&bound)?;
    let imports = bound.imports().map_err(|why| wrong(&why))?.into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    let plan = Plan::new(bound);
    let spec = StackSpec {
        template: 0,
        description: template.description.clone(),
        parameters: plan.parameters(),
        capabilities: asked.capabilities.clone(),
        tags: asked.tags.clone(),
        role_arn: asked.role_arn.clone(),
        imports,
    };
    Ok(Draft { template: Arc::new(StackTemplate { original: asked.template.clone(), processed }), plan, spec })
}

/// The capabilities that resources need.
/// Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-template.html#capabilities>
pub fn capabilities(resources: &[Resource]) -> Vec<&'static str> {
    let names = |resource: &Resource| {
        let named = ["RoleName", "UserName", "GroupName", "ManagedPolicyName", "InstanceProfileName"];
        named.iter().any(|name| resource.properties.get(name).is_some())
    };
    let kinds = ["AccessKey", "Group", "InstanceProfile", "ManagedPolicy", "Policy", "Role", "User", "UserToGroupAddition"];
    let of_iam = |resource: &&Resource| resource.kind.strip_prefix("AWS::IAM::").is_some_and(|kind| kinds.contains(&kind));
    let mut iam = resources.iter().filter(of_iam).peekable();
    if iam.peek().is_none() {
        Vec::new()
    } else if iam.any(names) {
        vec!["CAPABILITY_NAMED_IAM"]
    } else {
        vec!["CAPABILITY_IAM"]
    }
}

fn require(given: &[String], needed: &[&str]) -> Result<(), WireError> {
    let covers = |needed: &str| given.iter().any(|one| one == needed || (needed == "CAPABILITY_IAM" && one == "CAPABILITY_NAMED_IAM"));
    let missing: Vec<_> = needed.iter().copied().filter(|one| !covers(one)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("Requires capabilities : [{}]", missing.join(", "));
    Err(WireError::new(400, "InsufficientCapabilitiesException", message))
}
