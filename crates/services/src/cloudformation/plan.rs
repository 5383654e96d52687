//! What a stack's template asks for, with the values of its parameters: the resources in order, and their properties as far as
//! they are known.
use super::dynamic;
use super::properties::Properties;
use super::resource::{self, Existing, Prepared};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use vpclab_cloud::stack::{StackOutput, StackParameter, StackSpec};
use vpclab_cloud::{Cloud, Scope, Stack, StackId, StackResource, zone};
use vpclab_template::schema::{self, Changed, Recreation};
use vpclab_template::{Attributes, Bound, DeletionPolicy, Given, Node, Pseudo, Resource, Template, TemplateError, UNKNOWN, parse};

/// A resource that a template asks for.
#[derive(Clone, Debug)]
pub struct Desired {
    /// Its logical id.
    pub logical: String,
    /// Its type.
    pub kind: String,
    /// What has to be there before.
    pub depends_on: BTreeSet<String>,
    /// `DeletionPolicy`
    pub deletion_policy: Option<String>,
    /// `UpdateReplacePolicy`
    pub update_replace_policy: Option<String>,
    /// `Metadata`
    pub metadata: Option<Value>,
}

impl Desired {
    fn of(bound: &Bound, resource: &Resource) -> Self {
        let policy = |policy: DeletionPolicy| match policy {
            DeletionPolicy::Delete => None,
            DeletionPolicy::Retain => Some("Retain".to_owned()),
            DeletionPolicy::RetainExceptOnCreate => Some("RetainExceptOnCreate".to_owned()),
            DeletionPolicy::Snapshot => Some("Snapshot".to_owned()),
        };
        Self {
            logical: resource.logical.clone(),
            kind: resource.kind.clone(),
            depends_on: bound.dependencies(&resource.logical).into_iter().map(str::to_owned).collect(),
            deletion_policy: policy(resource.deletion_policy),
            update_replace_policy: policy(resource.update_replace_policy),
            metadata: resource.metadata.as_ref().map(|node| node.to_json()),
        }
    }

    /// Notes in a record what the template says beside the properties.
    pub fn note(&self, record: &mut StackResource) {
        record.depends_on.clone_from(&self.depends_on);
        record.deletion_policy.clone_from(&self.deletion_policy);
        record.update_replace_policy.clone_from(&self.update_replace_policy);
        record.metadata.clone_from(&self.metadata);
    }
}

/// A stack's template with its parameters.
pub struct Plan {
    bound: Bound,
    resources: Vec<Desired>,
}

impl Plan {
    /// The plan of what is asked of a stack now.
    ///
    /// # Errors
    /// A template that cannot be read or bound: one that was accepted can be.
    pub fn of(cloud: &Cloud, stack: &Stack) -> Result<Self, String> {
        let template = cloud.stack_template(stack).ok_or("the stack's template is missing")?;
        let template = parse(template.effective()).and_then(|node| Template::read(&node)).map_err(|why| why.to_string())?;
        let (given, looked_up) = given(&stack.spec);
        let bound = template.bind(&given, &pseudo(&stack.scope, &stack.id, &stack.name), &looked_up).map_err(|why| why.to_string())?;
        Ok(Self::new(bound))
    }

    /// A plan of a bound template.
    #[must_use]
    pub fn new(bound: Bound) -> Self {
        let mut resources: Vec<Desired> = bound.resources().map(|resource| Desired::of(&bound, resource)).collect();
        // What a condition leaves out is not waited for.
        let names: BTreeSet<String> = resources.iter().map(|resource| resource.logical.clone()).collect();
        resources.iter_mut().for_each(|resource| resource.depends_on.retain(|needed| names.contains(needed)));
        Self { bound, resources }
    }

    /// The template.
    #[must_use]
    pub fn bound(&self) -> &Bound {
        &self.bound
    }

    /// The resources, each after those that it needs.
    #[must_use]
    pub fn resources(&self) -> &[Desired] {
        &self.resources
    }

    /// Their logical ids.
    #[must_use]
    pub fn names(&self) -> BTreeSet<String> {
        self.resources.iter().map(|resource| resource.logical.clone()).collect()
    }

    /// A resource's properties. What it refers to has to be there.
    ///
    /// # Errors
    /// The text of what cannot be resolved.
    pub fn properties(&self, logical: &str, cloud: &Cloud, stack: &Stack) -> Result<Map<String, Value>, String> {
        let resource = self.bound.resource(logical).ok_or("the resource is not in the template")?;
        let looks = Looks { cloud, stack, hidden: &BTreeSet::new(), before: false };
        let node = self.bound.resolve_node(&resource.properties, &looks).map_err(|why| why.message)?;
        let mut value = conformed(&resource.kind, &node);
        dynamic::resolve(cloud, &stack.scope, &mut value)?;
        Ok(object(value))
    }

    /// A resource's properties as far as they are known before the update: what comes from resources that are new or replaced is
    /// [`vpclab_template::UNKNOWN`].
    ///
    /// # Errors
    /// The text of what cannot be resolved.
    pub fn preview(
        &self,
        logical: &str,
        cloud: &Cloud,
        stack: &Stack,
        hidden: &BTreeSet<String>,
    ) -> Result<Map<String, Value>, TemplateError> {
        let Some(resource) = self.bound.resource(logical) else { return Ok(Map::new()) };
        let node = self.bound.preview(&resource.properties, &Looks { cloud, stack, hidden, before: true })?;
        let mut value = conformed(&resource.kind, &node);
        dynamic::resolve(cloud, &stack.scope, &mut value).map_err(TemplateError::nowhere)?;
        Ok(object(value))
    }

    /// A resource's `CreationPolicy`.
    ///
    /// # Errors
    /// The text of what cannot be resolved.
    pub fn creation_policy(&self, logical: &str, cloud: &Cloud, stack: &Stack) -> Result<Option<Value>, String> {
        let Some(policy) = self.bound.resource(logical).and_then(|resource| resource.creation_policy.as_ref()) else { return Ok(None) };
        let looks = Looks { cloud, stack, hidden: &BTreeSet::new(), before: false };
        self.bound.resolve_node(policy, &looks).map(|node| Some(node.to_json())).map_err(|why| why.message)
    }

    /// What is wrong with the properties of the resources, as their types' schemas say it.
    ///
    /// # Errors
    /// The first problem, and what cannot be resolved.
    pub fn check(&self, cloud: &Cloud, stack: &Stack) -> Result<(), TemplateError> {
        let hidden = self.names();
        for want in self.bound.resources() {
            let Some(schema) = schema::of(&want.kind) else { continue };
            let node = self.bound.preview(&want.properties, &Looks { cloud, stack, hidden: &hidden, before: true })?;
            if let Some(problem) = schema.check(&node).into_iter().next() {
                let why = TemplateError::from(problem);
                return Err(TemplateError { message: format!("{} (resource {} of type {})", why.message, want.logical, want.kind), ..why });
            }
        }
        Ok(())
    }

    /// The outputs.
    ///
    /// # Errors
    /// The text of what cannot be resolved.
    pub fn outputs(&self, cloud: &Cloud, stack: &Stack) -> Result<Vec<StackOutput>, String> {
        let looks = Looks { cloud, stack, hidden: &BTreeSet::new(), before: false };
        let outputs = self.bound.outputs(&looks).map_err(|why| why.message)?;
        let shown = |output: vpclab_template::OutputValue| StackOutput {
            key: output.name,
            value: output.value,
            description: output.description,
            export: output.export,
        };
        Ok(outputs.into_iter().map(shown).collect())
    }

    /// The parameters as a stack keeps them.
    #[must_use]
    pub fn parameters(&self) -> Vec<StackParameter> {
        let kept = |parameter: &vpclab_template::BoundParameter| StackParameter {
            key: parameter.name.clone(),
            value: parameter.value.clone(),
            resolved: parameter.resolved.clone(),
            no_echo: parameter.no_echo,
        };
        self.bound.parameters().iter().map(kept).collect()
    }
}

/// Numbers where the schema wants numbers, texts where it wants texts.
fn conformed(kind: &str, node: &Node) -> Value {
    schema::of(kind).map_or_else(|| node.to_json(), |schema| schema.conform(node).to_json())
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(mut values) => {
            values.retain(|_, value| !value.is_null());
            values
        }
        _ => Map::new(),
    }
}

/// The values of a stack's parameters, and what the Parameter Store had of them.
#[must_use]
pub fn given(spec: &StackSpec) -> (BTreeMap<String, Given>, BTreeMap<String, String>) {
    let values = spec.parameters.iter().map(|one| (one.key.clone(), Given::Value(one.value.clone()))).collect();
    let looked_up = spec.parameters.iter().filter_map(|one| Some((one.value.clone(), one.resolved.clone()?))).collect();
    (values, looked_up)
}

/// The pseudo parameters of a stack.
#[must_use]
pub fn pseudo(scope: &Scope, id: &StackId, name: &str) -> Pseudo {
    Pseudo {
        account_id: scope.account.to_string(),
        region: scope.region.to_string(),
        partition: "aws".to_owned(),
        url_suffix: "amazonaws.com".to_owned(),
        stack_name: name.to_owned(),
        stack_id: id.to_string(),
        notification_arns: Vec::new(),
    }
}

/// What a stack's resources and its account tell.
struct Looks<'a> {
    cloud: &'a Cloud,
    stack: &'a Stack,
    /// Resources that tell nothing: they will be others.
    hidden: &'a BTreeSet<String>,
    /// Whether exports that are missing are unknown only: a stack fails for them when it runs.
    before: bool,
}

impl Looks<'_> {
    fn with<T>(&self, logical: &str, read: impl FnOnce(&'static dyn resource::ResourceType, &Existing<'_>) -> Option<T>) -> Option<T> {
        if self.hidden.contains(logical) {
            return None;
        }
        let found = self.cloud.stack_resource(&self.stack.id, logical).filter(|found| !found.status.is_gone())?;
        let physical = found.physical.as_deref()?;
        let existing = Existing {
            scope: &self.stack.scope,
            stack: self.stack,
            logical,
            physical,
            properties: Properties::new(&found.properties),
            attributes: &found.attributes,
            prepared: Prepared::default(),
        };
        read(resource::of(&found.kind)?, &existing)
    }
}

impl Attributes for Looks<'_> {
    fn reference(&self, logical: &str) -> Option<Value> {
        self.with(logical, |kind, existing| Some(Value::String(kind.reference(self.cloud, existing))))
    }

    fn attribute(&self, logical: &str, path: &str) -> Option<Value> {
        self.with(logical, |kind, existing| {
            let attributes = kind.attributes(self.cloud, existing);
            attributes.get(path).cloned().or_else(|| {
                // `A.B` of an attribute that is an object.
                let (first, rest) = path.split_once('.')?;
                rest.split('.').try_fold(attributes.get(first)?, |value, part| value.get(part)).cloned()
            })
        })
    }

    fn import(&self, export: &str) -> Option<String> {
        let value = self.cloud.export(&self.stack.scope, export).map(str::to_owned);
        value.or_else(|| self.before.then(|| UNKNOWN.to_owned()))
    }

    fn zones(&self, region: &str) -> Vec<String> {
        let region = if region.is_empty() { Ok(self.stack.scope.region.clone()) } else { region.parse() };
        region.map(|region| zone::zones(&region).into_iter().map(|zone| zone.name).collect()).unwrap_or_default()
    }
}

/// What a change of properties asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// They are the same.
    Nothing,
    /// The resource can be updated.
    InPlace,
    /// Another has to be made, or not: the type knows.
    Conditional,
    /// Another has to be made.
    Replace,
}

/// What it takes to get from one set of properties to another.
#[must_use]
pub fn change(kind: &str, old: &Map<String, Value>, new: &Map<String, Value>) -> Change {
    if old == new {
        return Change::Nothing;
    }
    match changed(kind, old, new).iter().map(|changed| changed.recreation).max() {
        None => Change::Nothing,
        Some(Recreation::Never) => Change::InPlace,
        Some(Recreation::Conditionally) => Change::Conditional,
        Some(Recreation::Always) => Change::Replace,
    }
}

/// The properties that differ, by name.
#[must_use]
pub fn changed(kind: &str, old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<Changed> {
    let (old, new) = (Value::Object(old.clone()), Value::Object(new.clone()));
    schema::of(kind).map(|schema| schema.change(&old, &new).properties().to_vec()).unwrap_or_default()
}
