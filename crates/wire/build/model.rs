//! The interface description in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;

use serde_json::{Map, Value};

pub type Failure = Box<dyn Error>;

/// Where an operation is: method, path with query, and the query parameters (`name`) and headers (`name:`) that
/// tell it from others at the same place.
pub struct Route {
    pub method: String,
    pub uri: String,
    pub needs: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    Ec2,
    Query,
    Json,
    RestJson,
    RestXml,
}

impl Wire {
    /// Paths and methods choose the operation.
    pub fn is_rest(self) -> bool {
        matches!(self, Self::RestJson | Self::RestXml)
    }
}

pub struct Model {
    pub service: String,
    pub wire: Wire,
    pub namespace: String,
    pub api_version: String,
    /// The version of JSON 1.x, and the prefix of `X-Amz-Target`.
    pub json_version: String,
    pub target: String,
    /// The code of a request that is not valid.
    pub invalid: String,
    /// JSON times are written in whole seconds.
    pub whole_seconds: bool,
    pub operations: Vec<Operation>,
    /// Operations that AWS has and vpclab does not serve, with their routes if they have one.
    pub unserved: Vec<(String, Option<Route>)>,
    pub shapes: BTreeMap<String, Shape>,
    /// What scalars, lists and maps of requests have to be, by shape; checked when the service is said to do so.
    pub limits: BTreeMap<String, Limit>,
    /// The code of a request that violates one.
    pub violated: Option<String>,
    /// Structures reachable from an operation's input and output.
    pub inputs: BTreeSet<String>,
    pub outputs: BTreeSet<String>,
}

pub struct Operation {
    pub name: String,
    pub method: String,
    pub uri: String,
    pub status: u16,
    pub needs: Vec<String>,
    pub input: String,
    pub input_root: Option<String>,
    pub output: Option<String>,
    pub root: Option<String>,
    pub result_wrapper: Option<String>,
    pub dry_run: bool,
}

#[derive(Default)]
pub struct Limit {
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub values: Vec<String>,
    pub pattern: Option<String>,
    pub secret: bool,
}

pub enum Shape {
    Scalar(&'static str),
    List { item: String, item_name: Option<String>, flattened: bool },
    Map { key: String, key_name: String, value: String, value_name: String, flattened: bool },
    Structure(Structure),
}

#[derive(Default)]
pub struct Structure {
    pub members: Vec<Member>,
    pub payload: Option<String>,
    pub required: Vec<String>,
    pub only: Vec<(String, Vec<String>)>,
    pub refused: Vec<String>,
    pub only_headers: Vec<(String, Vec<String>)>,
    pub refused_headers: Vec<String>,
    pub always: Vec<String>,
    pub sparse: Vec<String>,
    /// Lists of which none is told from an empty one: `Option<Vec<…>>`.
    pub told: Vec<String>,
    /// Prefix and URI of a namespace that the structure's element declares.
    pub declares: Option<(String, String)>,
}

pub struct Member {
    pub name: String,
    pub shape: String,
    pub is_in: bool,
    pub is_out: bool,
    pub location: Option<String>,
    location_name: Option<String>,
    query_name: Option<String>,
    pub flattened: bool,
    pub attribute: bool,
}

impl Member {
    /// The name in an answer, and in a request of a JSON protocol.
    pub fn out_name(&self) -> &str {
        self.location_name.as_deref().unwrap_or(&self.name)
    }

    /// The name in a request.
    pub fn in_name(&self, wire: Wire) -> String {
        match (wire, &self.query_name) {
            (Wire::Ec2, Some(name)) => name.clone(),
            (Wire::Ec2, None) => crate::names::type_(self.out_name()),
            _ => self.out_name().to_owned(),
        }
    }
}

impl Model {
    pub fn load(path: &str) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)?;
        let json: Value = serde_json::from_str(&text)?;
        let wire = match text_of(&json, "protocol")?.as_str() {
            "ec2" => Wire::Ec2,
            "query" => Wire::Query,
            "json" => Wire::Json,
            "rest-json" => Wire::RestJson,
            "rest-xml" => Wire::RestXml,
            other => return Err(format!("{path}: no generator for the protocol {other}").into()),
        };
        let (mut shapes, mut limits) = (BTreeMap::new(), BTreeMap::new());
        for (name, value) in object(&json, "shapes")? {
            if let Some(limit) = value.get("limit") {
                limits.insert(
                    name.clone(),
                    Limit {
                        min: limit.get("min").and_then(Value::as_i64),
                        max: limit.get("max").and_then(Value::as_i64),
                        values: strings(limit.get("enum")),
                        pattern: text_of(limit, "pattern").ok(),
                        secret: flag(limit, "sensitive"),
                    },
                );
            }
            shapes.insert(name.clone(), shape(value).map_err(|e| format!("{path}: {name}: {e}"))?);
        }
        let mut operations = Vec::new();
        for (name, value) in object(&json, "operations")? {
            operations.push(operation(name, value)?);
        }
        let mut model = Self {
            service: text_of(&json, "service")?,
            wire,
            namespace: text_of(&json, "xmlNamespace").unwrap_or_default(),
            api_version: text_of(&json, "apiVersion")?,
            json_version: text_of(&json, "jsonVersion").unwrap_or_default(),
            target: text_of(&json, "targetPrefix").unwrap_or_default(),
            invalid: text_of(&json, "invalid").unwrap_or_default(),
            whole_seconds: flag(&json, "wholeSeconds"),
            operations,
            unserved: unserved(&json)?,
            shapes,
            limits,
            violated: text_of(&json, "violated").ok(),
            inputs: BTreeSet::new(),
            outputs: BTreeSet::new(),
        };
        for operation in &model.operations {
            reach(&model.shapes, &operation.input, true, &mut model.inputs)?;
            if let Some(output) = &operation.output {
                reach(&model.shapes, output, false, &mut model.outputs)?;
            }
        }
        Ok(model)
    }

    pub fn has_limits(&self) -> bool {
        self.violated.is_some()
    }

    pub fn shape(&self, name: &str) -> Result<&Shape, Failure> {
        self.shapes.get(name).ok_or_else(|| format!("no shape {name}").into())
    }

    pub fn structures(&self) -> impl Iterator<Item = (&String, &Structure)> {
        self.shapes.iter().filter_map(|(name, shape)| match shape {
            Shape::Structure(structure) => Some((name, structure)),
            _ => None,
        })
    }

    /// The Rust type of a shape.
    pub fn rust_type(&self, name: &str) -> Result<String, Failure> {
        Ok(match self.shape(name)? {
            Shape::Scalar(rust) => (*rust).to_owned(),
            Shape::List { item, .. } => format!("Vec<{}>", self.rust_type(item)?),
            Shape::Map { value, .. } => {
                format!("std::collections::BTreeMap<String, {}>", self.rust_type(value)?)
            }
            Shape::Structure(_) => crate::names::type_(name),
        })
    }

    /// Whether a member is a plain value (a caller has to give it, and nobody answers with it).
    pub fn is_plain(&self, structure: &str, member: &Member) -> bool {
        let required = match self.shapes.get(structure) {
            Some(Shape::Structure(s)) => s.required.contains(&member.name),
            _ => false,
        };
        required && !self.outputs.contains(structure)
    }
}

fn reach(shapes: &BTreeMap<String, Shape>, name: &str, input: bool, seen: &mut BTreeSet<String>) -> Result<(), Failure> {
    match shapes.get(name).ok_or_else(|| format!("no shape {name}"))? {
        Shape::Scalar(_) => Ok(()),
        Shape::List { item, .. } => reach(shapes, item, input, seen),
        Shape::Map { value, .. } => reach(shapes, value, input, seen),
        Shape::Structure(structure) => {
            if seen.insert(name.to_owned()) {
                for member in &structure.members {
                    if (input && member.is_in) || (!input && member.is_out) {
                        reach(shapes, &member.shape, input, seen)?;
                    }
                }
            }
            Ok(())
        }
    }
}

fn operation(name: &str, value: &Value) -> Result<Operation, Failure> {
    Ok(Operation {
        name: name.to_owned(),
        method: text_of(value, "method")?,
        uri: text_of(value, "uri")?,
        status: u16::try_from(value.get("status").and_then(Value::as_u64).unwrap_or(200))?,
        needs: strings(value.get("needs")),
        input: text_of(value, "input").map_err(|_| format!("{name} has no input shape"))?,
        input_root: text_of(value, "inputRoot").ok(),
        output: text_of(value, "output").ok(),
        root: text_of(value, "root").ok(),
        result_wrapper: text_of(value, "resultWrapper").ok(),
        dry_run: flag(value, "dryRun"),
    })
}

fn unserved(json: &Value) -> Result<Vec<(String, Option<Route>)>, Failure> {
    let mut all = Vec::new();
    match json.get("unserved") {
        Some(Value::Array(names)) => {
            all.extend(names.iter().filter_map(Value::as_str).map(|name| (name.to_owned(), None)));
        }
        Some(Value::Object(routes)) => {
            for (name, route) in routes {
                let mut words = route.as_str().unwrap_or_default().split(' ').map(str::to_owned);
                let (method, uri) = words.next().zip(words.next()).ok_or_else(|| format!("{name} has no route"))?;
                all.push((name.clone(), Some(Route { method, uri, needs: words.collect() })));
            }
        }
        _ => return Err("`unserved` is missing".into()),
    }
    Ok(all)
}

fn shape(value: &Value) -> Result<Shape, Failure> {
    Ok(match text_of(value, "type")?.as_str() {
        "string" | "character" => Shape::Scalar("String"),
        "boolean" => Shape::Scalar("bool"),
        "integer" => Shape::Scalar("i32"),
        "long" => Shape::Scalar("i64"),
        "double" | "float" => Shape::Scalar("f64"),
        "timestamp" => Shape::Scalar("crate::Timestamp"),
        "blob" => Shape::Scalar("crate::Blob"),
        "list" => {
            let member = value.get("member").ok_or("a list without member")?;
            Shape::List {
                item: text_of(member, "shape")?,
                item_name: text_of(member, "locationName").ok(),
                flattened: flag(value, "flattened"),
            }
        }
        "map" => {
            let (key_shape, item) = value.get("key").zip(value.get("value")).ok_or("a map without key or value")?;
            Shape::Map {
                key: text_of(key_shape, "shape")?,
                key_name: text_of(key_shape, "locationName").unwrap_or_else(|_| "key".into()),
                value: text_of(item, "shape")?,
                value_name: text_of(item, "locationName").unwrap_or_else(|_| "value".into()),
                flattened: flag(value, "flattened"),
            }
        }
        "structure" => Shape::Structure(structure(value)?),
        other => return Err(format!("unknown type {other}").into()),
    })
}

fn structure(value: &Value) -> Result<Structure, Failure> {
    let mut members = Vec::new();
    for (name, member) in object(value, "members")? {
        let use_ = text_of(member, "use")?;
        members.push(Member {
            name: name.clone(),
            shape: text_of(member, "shape")?,
            is_in: use_.contains('i'),
            is_out: use_.contains('o'),
            location: text_of(member, "location").ok(),
            location_name: text_of(member, "locationName").ok(),
            query_name: text_of(member, "queryName").ok(),
            flattened: flag(member, "flattened"),
            attribute: flag(member, "xmlAttribute"),
        });
    }
    let pairs = |key: &str| match value.get(key) {
        Some(Value::Object(only)) => only.iter().map(|(name, values)| (name.clone(), strings(Some(values)))).collect(),
        _ => Vec::new(),
    };
    Ok(Structure {
        members,
        payload: text_of(value, "payload").ok(),
        required: strings(value.get("required")),
        only: pairs("only"),
        refused: strings(value.get("refused")),
        only_headers: pairs("onlyHeaders"),
        refused_headers: strings(value.get("refusedHeaders")),
        always: strings(value.get("always")),
        sparse: strings(value.get("sparse")),
        told: strings(value.get("told")),
        declares: value.get("xmlNamespace").and_then(|n| text_of(n, "prefix").ok().zip(text_of(n, "uri").ok())),
    })
}

fn text_of(value: &Value, key: &str) -> Result<String, Failure> {
    let text = value.get(key).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| format!("`{key}` is missing").into())
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn object<'a>(value: &'a Value, key: &str) -> Result<&'a Map<String, Value>, Failure> {
    value.get(key).and_then(Value::as_object).ok_or_else(|| format!("`{key}` is missing").into())
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}
