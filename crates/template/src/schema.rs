//! What AWS says about the types of resources: properties, attributes, what a change of a property means.
//!
//! The data is written by `tools/trim_schemas.py` from the schemas that cfn-lint carries, which are those of AWS's registry.
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

mod change;
mod check;
#[cfg(test)]
mod tests;

pub use change::{Change, Changed, Recreation};
pub use check::Problem;

const FILES: &[&str] = &[
    include_str!("../schemas/apigateway.json"),
    include_str!("../schemas/cloudformation.json"),
    include_str!("../schemas/ec2.json"),
    include_str!("../schemas/ecr.json"),
    include_str!("../schemas/iam.json"),
    include_str!("../schemas/kms.json"),
    include_str!("../schemas/lambda.json"),
    include_str!("../schemas/logs.json"),
    include_str!("../schemas/route53.json"),
    include_str!("../schemas/s3.json"),
    include_str!("../schemas/ssm.json"),
];
const TYPES: &str = include_str!("../schemas/types.txt");
const CUSTOM: &str = "AWS::CloudFormation::CustomResource";
/// Types of which every property is an attribute, too (cfn-lint's knowledge of what AWS answers).
const ALL_PROPERTIES: &[&str] =
    &["AWS::EC2::Instance", "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::VPC", "AWS::SSM::Parameter"];

/// A kind of value.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    String,
    Integer,
    Number,
    Boolean,
    Array,
    Object,
}

/// What a value must look like. No kinds: anything.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shape {
    #[serde(rename = "type")]
    kinds: Vec<Kind>,
    properties: BTreeMap<String, Shape>,
    required: Vec<String>,
    items: Option<Box<Shape>>,
    #[serde(rename = "enum")]
    allowed: Vec<String>,
    /// What the values of keys of one's own choice look like.
    values: Option<Box<Shape>>,
    /// Whether keys may be there that the schema does not name.
    open: bool,
    #[serde(rename = "ref")]
    definition: Option<String>,
}

/// What AWS says about a type of resource. Paths have slashes, and `*` for an item of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    #[serde(flatten)]
    shape: Shape,
    #[serde(default)]
    definitions: BTreeMap<String, Shape>,
    #[serde(default)]
    read_only: Vec<String>,
    #[serde(default)]
    create_only: Vec<String>,
    #[serde(default)]
    conditional_create_only: Vec<String>,
    #[serde(default)]
    identifier: Vec<String>,
    #[serde(default)]
    tags: Option<String>,
    #[serde(skip)]
    kind: String,
}

/// How a type of resource writes its tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `[{Key, Value}]`.
    List,
    /// `{key: value}`.
    Map,
}

fn schemas() -> &'static BTreeMap<String, Schema> {
    static SCHEMAS: OnceLock<BTreeMap<String, Schema>> = OnceLock::new();
    SCHEMAS.get_or_init(|| {
        let mut schemas = BTreeMap::new();
        for file in FILES {
            // A test reads all files; what could not be read would be types without a schema.
            schemas.extend(serde_json::from_str::<BTreeMap<String, Schema>>(file).unwrap_or_default());
        }
        for (kind, schema) in &mut schemas {
            schema.kind.clone_from(kind);
        }
        schemas
    })
}

/// The schema of a type; nothing if vpclab has none. Types of one's own (`Custom::…`) are custom resources.
#[must_use]
pub fn of(kind: &str) -> Option<&'static Schema> {
    schemas().get(if kind.starts_with("Custom::") { CUSTOM } else { kind })
}

/// Whether AWS has a type at all: if not, it is an `Unrecognized resource type`.
#[must_use]
pub fn exists(kind: &str) -> bool {
    static KNOWN: OnceLock<BTreeSet<&str>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| TYPES.lines().collect());
    known.contains(kind) || kind == "AWS::CDK::Metadata" || kind.starts_with("Custom::")
}

impl Schema {
    /// The type, `AWS::EC2::VPC`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Whether the service gives the property its value, and a template must not.
    #[must_use]
    pub fn is_read_only(&self, property: &str) -> bool {
        self.read_only.iter().any(|path| path == property)
    }

    /// Whether `Fn::GetAtt` may ask for an attribute (`Arn`, `Endpoint.Address`).
    #[must_use]
    pub fn is_attribute(&self, attribute: &str) -> bool {
        let path = attribute.replace('.', "/");
        self.kind == CUSTOM
            || self.is_read_only(&path)
            || (self.kind == "AWS::CloudFormation::Stack" && path.starts_with("Outputs/"))
            || (ALL_PROPERTIES.contains(&self.kind.as_str()) && self.shape.properties.contains_key(attribute))
    }

    /// The attributes that have a name.
    pub fn attributes(&self) -> impl Iterator<Item = String> {
        let all = ALL_PROPERTIES.contains(&self.kind.as_str());
        let properties = self.shape.properties.keys().filter(move |name| all && !self.is_read_only(name));
        self.read_only.iter().chain(properties).map(|path| path.replace('/', "."))
    }

    /// The names of the properties that a template may set.
    pub fn properties(&self) -> impl Iterator<Item = &str> {
        self.shape.properties.keys().map(String::as_str).filter(|name| !self.is_read_only(name))
    }

    /// What tells one resource from another; one of these is what `Ref` gives.
    #[must_use]
    pub fn identifier(&self) -> &[String] {
        &self.identifier
    }

    /// How the type writes its tags, and in which property; nothing if it has none.
    #[must_use]
    pub fn tags(&self) -> Option<(&str, Tags)> {
        let property = self.tags.as_deref()?;
        let shape = self.shape.properties.get(property)?;
        Some((property, if shape.kinds.contains(&Kind::Array) { Tags::List } else { Tags::Map }))
    }

    /// The shape itself, or the one that it refers to.
    fn follow<'a>(&'a self, shape: &'a Shape) -> &'a Shape {
        shape.definition.as_ref().and_then(|name| self.definitions.get(name)).unwrap_or(shape)
    }
}
