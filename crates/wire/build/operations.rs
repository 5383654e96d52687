//! The `Operation` enum, what is known about each, the routes, and `Call` for each input.

use std::fmt::Write as _;

use crate::model::{Failure, Model, Operation, Shape, Wire};
use crate::names;

pub fn write(model: &Model, code: &mut String) -> Result<(), Failure> {
    let protocol = match model.wire {
        Wire::Ec2 => "crate::Protocol::Ec2".to_owned(),
        Wire::Query => format!("crate::Protocol::Query {{ namespace: {:?} }}", model.namespace),
        Wire::Json => format!("crate::Protocol::Json {{ version: {:?}, invalid: {:?} }}", model.json_version, model.invalid),
        Wire::RestJson => {
            let violated = model.violated.as_ref().unwrap_or(&model.invalid);
            format!("crate::Protocol::RestJson {{ invalid: {:?}, violated: {violated:?} }}", model.invalid)
        }
        Wire::RestXml if model.service == "s3" => "crate::Protocol::S3".to_owned(),
        Wire::RestXml => format!("crate::Protocol::RestXml {{ namespace: {:?}, invalid: {:?} }}", model.namespace, model.invalid),
    };
    if !matches!(model.wire, Wire::Ec2 | Wire::Query) && model.invalid.is_empty() {
        return Err(format!("{}: `invalid` is missing", model.service).into());
    }
    writeln!(code, "/// How the service's clients speak.")?;
    writeln!(code, "pub const PROTOCOL: crate::Protocol = {protocol};")?;
    writeln!(code, "/// The version of the interface.")?;
    writeln!(code, "pub const VERSION: &str = {:?};", model.api_version)?;
    write_enum(model, code)?;
    write_unserved(model, code)?;
    if model.wire.is_rest() {
        write_routes(model, code)?;
    }
    if model.wire == Wire::Json {
        writeln!(code, "/// What stands before the operation's name in `X-Amz-Target`.")?;
        writeln!(code, "pub const TARGET: &str = {:?};", model.target)?;
    }
    writeln!(code, "/// Each operation's input by the operation's name.\npub mod call {{")?;
    for operation in &model.operations {
        let input = names::type_(&operation.input);
        writeln!(code, "    pub type {} = super::{input};", operation.name)?;
    }
    writeln!(code, "}}\n")?;
    for operation in &model.operations {
        write_call(model, operation, code)?;
    }
    Ok(())
}

fn write_enum(model: &Model, code: &mut String) -> Result<(), Failure> {
    writeln!(code, "/// The operations whose inputs and results are typed here.")?;
    writeln!(code, "#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]")?;
    writeln!(code, "pub enum Operation {{")?;
    for operation in &model.operations {
        writeln!(code, "    {},", operation.name)?;
    }
    writeln!(code, "}}\nimpl Operation {{")?;
    writeln!(code, "    /// All of them.\n    pub const ALL: &'static [Self] = &[")?;
    for operation in &model.operations {
        writeln!(code, "        Self::{},", operation.name)?;
    }
    writeln!(code, "    ];\n    /// AWS's name.\n    #[must_use]")?;
    writeln!(code, "    pub const fn name(self) -> &'static str {{ match self {{")?;
    for operation in &model.operations {
        writeln!(code, "        Self::{0} => {0:?},", operation.name)?;
    }
    writeln!(code, "    }} }}\n    /// The operation of this name.\n    #[must_use]")?;
    writeln!(code, "    pub fn from_name(name: &str) -> Option<Self> {{ Some(match name {{")?;
    for operation in &model.operations {
        writeln!(code, "        {0:?} => Self::{0},", operation.name)?;
    }
    writeln!(code, "        _ => return None,\n    }}) }}")?;
    writeln!(code, "    /// What the operation takes.\n    #[must_use]")?;
    writeln!(code, "    pub const fn info(self) -> crate::OperationInfo {{ match self {{")?;
    for operation in &model.operations {
        let mut takes = Takes::default();
        takes.collect(model, &operation.input, "", 0)?;
        takes.served.sort();
        takes.refused.sort();
        writeln!(
            code,
            "        Self::{0} => crate::OperationInfo {{ name: {0:?}, served: &{1:?}, only: &[{2}], refused: &{3:?} }},",
            operation.name,
            takes.served,
            takes.only.join(", "),
            takes.refused
        )?;
    }
    writeln!(code, "    }} }}\n}}\n")?;
    Ok(())
}

#[derive(Default)]
struct Takes {
    served: Vec<String>,
    only: Vec<String>,
    refused: Vec<String>,
}

impl Takes {
    fn collect(&mut self, model: &Model, shape: &str, prefix: &str, depth: u8) -> Result<(), Failure> {
        match model.shape(shape)? {
            Shape::Scalar(_) => self.served.push(prefix.trim_end_matches('.').to_owned()),
            Shape::List { item, .. } => self.collect(model, item, prefix, depth)?,
            Shape::Map { value, .. } => self.collect(model, value, prefix, depth)?,
            Shape::Structure(_) if depth > 8 => {}
            Shape::Structure(structure) => {
                for member in structure.members.iter().filter(|member| member.is_in) {
                    let prefix = format!("{prefix}{}.", member.in_name(model.wire));
                    self.collect(model, &member.shape, &prefix, depth + 1)?;
                }
                for (name, values) in structure.only.iter().chain(&structure.only_headers) {
                    self.only.push(format!("({:?}, &{values:?})", format!("{prefix}{name}")));
                }
                self.refused.extend(structure.refused.iter().chain(&structure.refused_headers).map(|name| format!("{prefix}{name}")));
            }
        }
        Ok(())
    }
}

fn write_unserved(model: &Model, code: &mut String) -> Result<(), Failure> {
    let mut names: Vec<&str> = model.unserved.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    writeln!(code, "/// Operations of AWS that have no types here, sorted.")?;
    writeln!(code, "pub const UNSERVED: &[&str] = &{names:?};")?;
    Ok(())
}

fn write_routes(model: &Model, code: &mut String) -> Result<(), Failure> {
    let served = model.operations.iter().map(|o| (false, o.method.as_str(), o.uri.as_str(), o.needs.as_slice(), o.name.as_str()));
    let unserved = model.unserved.iter().filter_map(|(name, route)| {
        route.as_ref().map(|route| (true, route.method.as_str(), route.uri.as_str(), route.needs.as_slice(), name.as_str()))
    });
    let mut routes: Vec<_> = served.chain(unserved).collect();
    // What asks for more of the query string and the headers first, then literal segments before labels, from the left.
    routes.sort_by_key(|(unserved, _, uri, needs, name)| {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let labels: Vec<bool> = path.split('/').map(|segment| segment.starts_with('{')).collect();
        let asked = query.split('&').filter(|pair| !pair.is_empty()).count() + needs.len();
        (std::cmp::Reverse(asked), labels, *unserved, *name)
    });
    writeln!(code, "/// Where each operation of the service is, the more specific first.")?;
    writeln!(code, "pub const ROUTES: &[crate::rest::Route] = &[")?;
    for (_, method, uri, needs, name) in routes {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let fixed: Vec<(&str, &str)> =
            query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
        writeln!(
            code,
            "    crate::rest::Route {{ method: {method:?}, template: {path:?}, fixed: &{fixed:?}, needs: &{needs:?}, operation: {name:?} }},"
        )?;
    }
    writeln!(code, "];\n")?;
    Ok(())
}

fn write_call(model: &Model, operation: &Operation, code: &mut String) -> Result<(), Failure> {
    let name = &operation.name;
    let output = operation.output.as_deref().map_or("()".to_owned(), names::type_);
    let (input, read) = match model.wire {
        Wire::Ec2 | Wire::Query => (
            "crate::query::Params",
            format!(
                "let dry_run = input.dry_run(&at, {})?;\n        let request = crate::query::FromQuery::from_query(input.root(), &at)?;",
                operation.dry_run
            ),
        ),
        Wire::Json => (
            "crate::json::Request",
            "let dry_run = false;\n        let request = crate::json::FromJson::from_json(input.document(), &at)?;".to_owned(),
        ),
        Wire::RestJson | Wire::RestXml => {
            ("crate::rest::Request", "let dry_run = false;\n        let request = Self::from_rest(input, &at)?;".to_owned())
        }
    };
    let write = match model.wire {
        Wire::Ec2 => {
            format!("crate::response::ec2({:?}, {:?}, output, request_id)", format!("{name}Response"), with_slash(&model.namespace))
        }
        Wire::Query if operation.output.is_none() => {
            format!("crate::response::query_empty({:?}, {:?}, request_id)", format!("{name}Response"), model.namespace)
        }
        Wire::Query => format!(
            "crate::response::query({:?}, {:?}, {:?}, output, request_id)",
            format!("{name}Response"),
            model.namespace,
            operation.result_wrapper.as_deref().unwrap_or_default()
        ),
        Wire::Json => format!("crate::response::json_rpc({:?}, output, request_id)", model.json_version),
        Wire::RestJson | Wire::RestXml => format!("crate::response::rest(PROTOCOL, {}, output, request_id)", operation.status),
    };
    let check = if model.has_limits() {
        "    fn decode(input: &Self::Input) -> Result<crate::Decoded<Self>, crate::WireError> {
        let decoded = Self::read(input)?;
        crate::limits::Wrong::check(&decoded.request, &crate::At::top(PROTOCOL, Self::OPERATION))?;
        Ok(decoded)
    }
"
    } else {
        ""
    };
    let silent = model.wire == Wire::Query && operation.output.is_none();
    let parameter = format!("{}: &Self::Output, request_id: &str", if silent { "_output" } else { "output" });
    writeln!(
        code,
        "impl crate::Call for {} {{
    type Input = {input};
    type Output = {output};
    const OPERATION: &'static str = {name:?};
    fn read(input: &Self::Input) -> Result<crate::Decoded<Self>, crate::WireError> {{
        let at = crate::At::top(PROTOCOL, Self::OPERATION);
        {read}
        Ok(crate::Decoded {{ request, dry_run }})
    }}
{check}    fn encode({parameter}) -> http::Response<bytes::Bytes> {{
        {write}
    }}
}}\n",
        names::type_(&operation.input)
    )?;
    Ok(())
}

/// EC2's answers carry a trailing slash that the model leaves out.
fn with_slash(namespace: &str) -> String {
    format!("{}/", namespace.trim_end_matches('/'))
}
