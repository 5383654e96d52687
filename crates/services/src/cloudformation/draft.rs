//! What a request asks of a stack, judged before anything is made.
mod served;

use super::errors::template as wrong;
use super::plan::{Plan, pseudo};
use super::{dynamic, transform};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vpclab_cloud::stack::StackSpec;
use vpclab_cloud::{Cloud, Scope, StackId, StackTemplate, Tags, Timestamp};
use vpclab_template::{Capability, Given, Template, TemplateError, parse};
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
    /// What the template becomes, where its macros have run already.
    pub processed: Option<String>,
    /// The files that the template includes, by URL.
    pub files: BTreeMap<String, String>,
    /// When the request came.
    pub now: Timestamp,
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

/// Why a request cannot be granted.
#[derive(Clone, Debug, PartialEq)]
pub enum DraftError {
    /// It is refused at once.
    Refused(WireError),
    /// A macro of its template fails: a change set or a stack is made of it all the same, and fails.
    Macro(TemplateError),
}

impl From<WireError> for DraftError {
    fn from(error: WireError) -> Self {
        Self::Refused(error)
    }
}

impl From<DraftError> for WireError {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::Refused(error) => error,
            DraftError::Macro(why) => wrong(&why),
        }
    }
}

/// Judges a request.
///
/// # Errors
/// What is wrong with it, as CloudFormation says it.
pub fn draft(cloud: &Cloud, scope: &Scope, (id, name): (&StackId, &str), asked: &Asked) -> Result<Draft, DraftError> {
    let node = parse(&asked.template).map_err(|why| wrong(&why))?;
    let first = Template::read(&node).map_err(|why| wrong(&why))?;
    let (template, processed) = if first.transforms.is_empty() {
        (first, None)
    } else {
        if asked.needs_auto_expand && transform::needs_auto_expand(&first) {
            require(&asked.capabilities, &["CAPABILITY_AUTO_EXPAND"])?;
        }
        let node = match &asked.processed {
            Some(text) => parse(text),
            None => transform::run(cloud, &node, &first, (scope, &pseudo(scope, id, name)), asked),
        };
        let node = node.map_err(DraftError::Macro)?;
        (Template::read(&node).map_err(|why| wrong(&why))?, Some(node.to_json().to_string()))
    };
    let needed: Vec<&str> =
        template.summary().capabilities.into_iter().filter(|one| *one != Capability::AutoExpand).map(Capability::name).collect();
    require(&asked.capabilities, &needed)?;
    served::check(&template)?;
    let looked_up = looked_up(cloud, scope, &template, &asked.parameters).map_err(|why| wrong(&why))?;
    let bound = template.bind(&asked.parameters, &pseudo(scope, id, name), &looked_up).map_err(|why| wrong(&why))?;
    served::check_types(&bound)?;
    served::check_properties(&bound)?;
    let imports = bound.imports().map_err(|why| wrong(&why))?.into_iter().map(|(name, _)| name).collect::<BTreeSet<_>>();
    let plan = Plan::new(bound);
    if let Some(stack) = cloud.stacks.get(id) {
        plan.check(cloud, stack).map_err(|why| wrong(&why))?;
    }
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

/// What the Parameter Store has of the parameters that come from there.
///
/// # Errors
/// A parameter that it does not have.
pub fn looked_up(
    cloud: &Cloud,
    scope: &Scope,
    template: &Template,
    given: &BTreeMap<String, Given>,
) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut found = BTreeMap::new();
    for name in template.ssm_parameters(given)? {
        let value = dynamic::ssm(cloud, scope, &name, None).map_err(TemplateError::nowhere)?;
        found.insert(name, value);
    }
    Ok(found)
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
