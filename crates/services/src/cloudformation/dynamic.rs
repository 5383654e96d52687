//! Dynamic references: `{{resolve:ssm:name:version}}` in properties.
//! Source: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
use serde_json::Value;
use vpclab_cloud::parameter::ParameterKind;
use vpclab_cloud::{Cloud, Scope};

/// How deep values are.
const DEPTH: usize = 100;

/// Puts what they stand for in the place of all dynamic references.
///
/// # Errors
/// A reference that leads nowhere, or to a service that is not served.
pub fn resolve(cloud: &Cloud, scope: &Scope, value: &mut Value) -> Result<(), String> {
    walk(cloud, scope, value, 0)
}

fn walk(cloud: &Cloud, scope: &Scope, value: &mut Value, depth: usize) -> Result<(), String> {
    if depth > DEPTH {
        return Err("Template error: values are nested too deeply".to_owned());
    }
    match value {
        Value::String(text) if text.contains("{{resolve:") => {
            *text = replaced(cloud, scope, text)?;
            Ok(())
        }
        Value::Array(list) => list.iter_mut().try_for_each(|one| walk(cloud, scope, one, depth + 1)),
        Value::Object(values) => values.values_mut().try_for_each(|one| walk(cloud, scope, one, depth + 1)),
        _ => Ok(()),
    }
}

fn replaced(cloud: &Cloud, scope: &Scope, text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{resolve:") {
        out.push_str(before);
        let Some((reference, after)) = after.split_once("}}") else {
            return Err(format!("Template error: the dynamic reference in '{text}' has no end"));
        };
        out.push_str(&look_up(cloud, scope, reference)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

fn look_up(cloud: &Cloud, scope: &Scope, reference: &str) -> Result<String, String> {
    match reference.split_once(':') {
        Some(("ssm", name)) => {
            let (name, version) = match name.rsplit_once(':') {
                Some((name, version)) if version.bytes().all(|b| b.is_ascii_digit()) => (name, Some(version)),
                _ => (name, None),
            };
            ssm(cloud, scope, name, version)
        }
        Some((service @ ("ssm-secure" | "secretsmanager"), _)) => {
            Err(format!("vpclab does not serve dynamic references to {service} yet: {{{{resolve:{reference}}}}}"))
        }
        _ => Err(format!("Template error: {{{{resolve:{reference}}}}} is not a dynamic reference")),
    }
}

/// The value of a parameter of the Parameter Store.
///
/// # Errors
/// When there is none of that name or version, or it is a secret.
pub fn ssm(cloud: &Cloud, scope: &Scope, name: &str, version: Option<&str>) -> Result<String, String> {
    let asked = version.map_or_else(|| name.to_owned(), |version| format!("{name}:{version}"));
    let missing = |_| format!("Unable to fetch parameters [{asked}] from parameter store for this account.");
    let found = crate::ssm::resolve(cloud, scope, &asked).map_err(missing)?;
    if found.kind == ParameterKind::SecureString {
        return Err(format!("Parameters [{name}] referenced by template have types not supported by CloudFormation."));
    }
    Ok(found.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_replaced_wherever_they_stand() {
        let scope = Scope { account: "111111111111".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() };
        let cloud = Cloud::default();
        let ami = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64";
        let mut value = json!({ "A": [format!("x-{{{{resolve:ssm:{ami}}}}}-y")], "B": "{{other}}" });
        resolve(&cloud, &scope, &mut value).unwrap();
        assert!(value["A"][0].as_str().unwrap().starts_with("x-ami-") && value["B"] == "{{other}}", "{value}");
        let refused = |text: &str| resolve(&cloud, &scope, &mut json!({ "A": text })).unwrap_err();
        assert_eq!(refused("{{resolve:ssm:none:1}}"), "Unable to fetch parameters [none:1] from parameter store for this account.");
        assert!(refused("{{resolve:secretsmanager:x}}").starts_with("vpclab does not serve dynamic references to secretsmanager"));
        assert!(refused("{{resolve:ssm:x").contains("has no end") && refused("{{resolve:x}}").contains("is not a dynamic reference"));
    }
}
