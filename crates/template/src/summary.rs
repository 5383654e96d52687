//! What a template asks for, told before anything is made: `GetTemplateSummary`, `ValidateTemplate`, and the capabilities.
use crate::{Template, schema};
use std::collections::{BTreeMap, BTreeSet};

/// Types that give rights (using-iam-template.html#capabilities), and the property that names the resource.
const IAM: &[(&str, Option<&str>)] = &[
    ("AWS::IAM::AccessKey", None),
    ("AWS::IAM::Group", Some("GroupName")),
    ("AWS::IAM::InstanceProfile", Some("InstanceProfileName")),
    ("AWS::IAM::ManagedPolicy", Some("ManagedPolicyName")),
    ("AWS::IAM::Policy", None),
    ("AWS::IAM::Role", Some("RoleName")),
    ("AWS::IAM::User", Some("UserName")),
    ("AWS::IAM::UserToGroupAddition", None),
];

/// What a caller must acknowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capability {
    /// `CAPABILITY_IAM`: resources that give rights.
    Iam,
    /// `CAPABILITY_NAMED_IAM`: those with names of the template's choice.
    NamedIam,
    /// `CAPABILITY_AUTO_EXPAND`: macros.
    AutoExpand,
}

impl Capability {
    /// As it is written in a request.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Capability::Iam => "CAPABILITY_IAM",
            Capability::NamedIam => "CAPABILITY_NAMED_IAM",
            Capability::AutoExpand => "CAPABILITY_AUTO_EXPAND",
        }
    }

    /// Whether acknowledging this acknowledges the other.
    #[must_use]
    pub fn covers(self, other: Capability) -> bool {
        self == other || (self == Capability::NamedIam && other == Capability::Iam)
    }
}

/// Resources of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcesOfType {
    /// The type.
    pub kind: String,
    /// Their logical ids.
    pub logical: Vec<String>,
    /// The properties that identify one when it is imported; none if that is not known.
    pub identifiers: Vec<String>,
}

/// What a template asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// What a caller must acknowledge.
    pub capabilities: BTreeSet<Capability>,
    /// `The following resource(s) require capabilities: [AWS::IAM::Role]`.
    pub capabilities_reason: Option<String>,
    /// The types, once each, in the order of their first resources.
    pub resources: Vec<ResourcesOfType>,
    /// The macros.
    pub transforms: Vec<String>,
}

impl Template {
    /// What the template asks for.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let mut capabilities = BTreeSet::new();
        let mut reasons = BTreeSet::new();
        let mut resources: Vec<ResourcesOfType> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for resource in &self.resources {
            if let Some((kind, name)) = IAM.iter().find(|(kind, _)| *kind == resource.kind) {
                let named = name.is_some_and(|name| resource.properties.get(name).is_some());
                capabilities.insert(if named { Capability::NamedIam } else { Capability::Iam });
                reasons.insert(*kind);
            }
            let place = *places.entry(&resource.kind).or_insert(resources.len());
            if place == resources.len() {
                let identifiers = schema::of(&resource.kind).map(|schema| schema.identifier().to_vec()).unwrap_or_default();
                resources.push(ResourcesOfType { kind: resource.kind.clone(), logical: Vec::new(), identifiers });
            }
            resources.iter_mut().skip(place).take(1).for_each(|of_type| of_type.logical.push(resource.logical.clone()));
        }
        if capabilities.contains(&Capability::NamedIam) {
            capabilities.remove(&Capability::Iam);
        }
        let capabilities_reason = (!reasons.is_empty()).then(|| {
            let types = reasons.into_iter().collect::<Vec<_>>().join(", ");
            format!("The following resource(s) require capabilities: [{types}]")
        });
        if !self.transforms.is_empty() {
            capabilities.insert(Capability::AutoExpand);
        }
        let transforms = self.transforms.iter().map(|transform| transform.name.clone()).collect();
        Summary { capabilities, capabilities_reason, resources, transforms }
    }
}

#[cfg(test)]
mod tests {
    use super::{Capability, ResourcesOfType};
    use crate::{Template, parse};

    #[test]
    fn a_summary_names_types_and_capabilities() {
        let summary = |yaml: &str| Template::read(&parse(yaml).unwrap()).unwrap().summary();
        let of = |resources: &str| summary(&format!("Resources: {resources}"));
        let one = of("{A: {Type: 'AWS::EC2::VPC'}, B: {Type: 'AWS::IAM::Role'}, C: {Type: 'AWS::EC2::VPC'}}");
        assert_eq!(one.capabilities.iter().map(|capability| capability.name()).collect::<Vec<_>>(), ["CAPABILITY_IAM"]);
        assert_eq!(one.capabilities_reason.as_deref(), Some("The following resource(s) require capabilities: [AWS::IAM::Role]"));
        let vpc = ResourcesOfType {
            kind: "AWS::EC2::VPC".to_owned(),
            logical: vec!["A".to_owned(), "C".to_owned()],
            identifiers: vec!["VpcId".to_owned()],
        };
        assert_eq!(one.resources.first(), Some(&vpc));
        let named = of("{A: {Type: 'AWS::IAM::Role', Properties: {RoleName: x}}, B: {Type: 'AWS::IAM::Policy'}}");
        assert_eq!(named.capabilities, [Capability::NamedIam].into());
        assert_eq!(of("{A: {Type: 'AWS::EC2::VPC'}}").capabilities, [].into());
        let sam = summary("Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: 'AWS::Serverless::Function'}}");
        assert_eq!((sam.capabilities, sam.transforms), ([Capability::AutoExpand].into(), vec!["AWS::Serverless-2016-10-31".to_owned()]));
        assert!(Capability::NamedIam.covers(Capability::Iam) && !Capability::Iam.covers(Capability::NamedIam));
    }
}
