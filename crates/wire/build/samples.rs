//! For tests only: decoding any operation by name, and an answer with every member set.

use std::fmt::Write as _;

use crate::model::{Failure, Model, Wire};
use crate::names;

pub fn write(model: &Model, code: &mut String) -> Result<(), Failure> {
    let input = match model.wire {
        Wire::Ec2 | Wire::Query => "crate::query::Params",
        Wire::Json => "crate::json::Request",
        Wire::RestJson | Wire::RestXml => "crate::rest::Request",
    };
    writeln!(
        code,
        "#[cfg(test)]\npub(crate) fn decode_any(operation: Operation, input: &{input}) -> Result<String, crate::WireError> {{\n    match operation {{"
    )?;
    for operation in &model.operations {
        // Without the limits, which the values of the test do not keep.
        writeln!(
            code,
            "        Operation::{} => <{} as crate::Call>::read(input).map(|decoded| format!(\"{{decoded:?}}\")),",
            operation.name,
            names::type_(&operation.input)
        )?;
    }
    writeln!(code, "    }}\n}}\n")?;
    writeln!(
        code,
        "#[cfg(test)]\npub(crate) fn sample_answer(operation: Operation) -> http::Response<bytes::Bytes> {{\n    match operation {{"
    )?;
    for operation in &model.operations {
        writeln!(
            code,
            "        Operation::{} => <{} as crate::Call>::encode(&crate::tests::Sample::sample(), \"request-1\"),",
            operation.name,
            names::type_(&operation.input)
        )?;
    }
    writeln!(code, "    }}\n}}\n")?;
    for (name, structure) in model.structures().filter(|(name, _)| model.outputs.contains(*name)) {
        writeln!(code, "#[cfg(test)]\nimpl crate::tests::Sample for {} {{", names::type_(name))?;
        writeln!(code, "    fn sample() -> Self {{\n        Self {{")?;
        for member in structure.members.iter().filter(|member| member.is_out) {
            let field = names::field(&member.name);
            let value = match member.location.as_deref() {
                Some("header" | "headers") => "crate::tests::Sample::in_header()",
                // 200, so that clients do not read an error.
                Some("statusCode") => "Some(200)",
                _ => "crate::tests::Sample::sample()",
            };
            writeln!(code, "            {field}: {value},")?;
        }
        let rest = structure.members.iter().any(|member| !member.is_out);
        let rest = if rest { "            ..Self::default()\n" } else { "" };
        writeln!(code, "{rest}        }}\n    }}\n}}\n")?;
    }
    Ok(())
}
