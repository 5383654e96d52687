//! APIs with their policies and stages.
use super::{Made, REGIONS, identities};
use crate::{case::Step, dice::Dice};
use serde_json::{Value, json};

const PATHS: [(&str, &str); 5] = [("/", "GET"), ("/pets", "GET"), ("/pets", "POST"), ("/pets/{id}", "GET"), ("/any/{proxy+}", "ANY")];

pub(super) fn apis(dice: &mut Dice, made: &mut Made) {
    for n in 0..dice.between(1, 3) {
        let is = format!("x{n}");
        let home = dice.pick(&made.endpoints).and_then(|(_, net)| made.nets.get(*net)).cloned();
        let Some(home) = home else { continue };
        let region = if dice.percent(92) { home.region } else { REGIONS.get(dice.below(REGIONS.len())).copied().unwrap_or_default() };
        let kind = if dice.percent(90) { "PRIVATE" } else { "REGIONAL" };
        let endpoints: Vec<String> = if kind == "PRIVATE" {
            made.endpoints.iter().filter(|_| dice.percent(60)).map(|(label, _)| label.clone()).collect()
        } else {
            Vec::new()
        };
        made.apis.push((is.clone(), region, home.account));
        made.steps.push(Step::Api { is: is.clone(), region: region.into(), account: home.account.into(), kind: kind.into(), endpoints });
        for (path, name) in PATHS {
            if dice.percent(85) {
                method(dice, made, &is, path, name);
            }
        }
        let policy = policy(dice, made, Some(&is));
        made.steps.push(Step::Policy { api: is.clone(), policy });
        if dice.percent(6) {
            made.steps.push(Step::Disable { api: is.clone() });
        }
        for stage in ["dev", "prod"] {
            if dice.percent(if stage == "dev" { 96 } else { 40 }) {
                made.steps.push(Step::Deploy { api: is.clone(), stage: stage.into() });
            }
        }
    }
}

fn method(dice: &mut Dice, made: &mut Made, api: &str, path: &str, name: &str) {
    let function = format!("f{api}");
    let answer = match dice.below(8) {
        0 => "404".to_owned(),
        1 => "500".to_owned(),
        2 => function.clone(),
        _ => "200".to_owned(),
    };
    let (by_function, strict) = (answer == function, dice.percent(20));
    let signed = dice.percent(30);
    made.steps.push(Step::Method { api: api.into(), path: path.into(), name: name.into(), answer, strict, signed });
    if by_function && dice.percent(75) {
        let region = made.apis.last().map_or("", |(_, region, _)| region);
        let account = made.apis.last().map_or("", |(.., account)| account);
        let arn = format!("arn:aws:execute-api:{region}:{account}:<api:{api}>");
        let source = match dice.below(4) {
            0 => format!("{arn}/*/{name}{path}"),
            1 => format!("{arn}/prod/*/*"),
            _ => format!("{arn}/*"),
        };
        made.steps.push(Step::Permission { function, source });
    }
}

/// What happens after the deployments: edits that wait for one, stages and APIs that go.
pub(super) fn late_edits(dice: &mut Dice, made: &mut Made) {
    let apis: Vec<String> = made.apis.iter().map(|(is, ..)| is.clone()).collect();
    for api in apis {
        if dice.percent(18) {
            let policy = policy(dice, made, Some(&api));
            made.steps.push(Step::Policy { api: api.clone(), policy });
        }
        if dice.percent(5) {
            made.steps.push(Step::Disable { api: api.clone() });
        }
        if dice.percent(6) {
            method(dice, made, &api, "/late", "GET");
        }
        if dice.percent(10) {
            made.steps.push(Step::Deploy { api: api.clone(), stage: "prod".into() });
        }
        if dice.percent(4) {
            made.steps.push(Step::Limit { api: api.clone(), stage: "dev".into(), burst: 0 });
        }
        if dice.percent(4) {
            made.steps.push(Step::EndStage { api: api.clone(), stage: "dev".into() });
        }
        if dice.percent(3) {
            made.steps.push(Step::EndApi { api });
        }
    }
}

/// A policy of an API, or of an endpoint when there is none named: half of them sound, all of them legal.
pub(super) fn policy(dice: &mut Dice, made: &Made, api: Option<&str>) -> Value {
    let mut statements = Vec::new();
    if dice.percent(85) {
        statements.push(json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": everything(api)}));
    }
    let more = if dice.percent(55) { 0 } else { dice.between(1, 2) };
    for _ in 0..more {
        statements.push(statement(dice, made, api));
    }
    if statements.is_empty() {
        statements.push(statement(dice, made, api));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn everything(api: Option<&str>) -> &'static str {
    if api.is_some() { "execute-api:/*" } else { "*" }
}

fn statement(dice: &mut Dice, made: &Made, api: Option<&str>) -> Value {
    let effect = if dice.percent(50) { "Deny" } else { "Allow" };
    let mut statement = json!({"Effect": effect, "Action": dice.word(&["execute-api:Invoke", "execute-api:*", "*", "execute-api:Inv*"])});
    let Some(object) = statement.as_object_mut() else { return statement };
    if dice.percent(15) {
        object.insert("Principal".into(), identities::principal(dice, made));
    } else {
        object.insert("Principal".into(), json!(if dice.percent(20) { json!({"AWS": "*"}) } else { json!("*") }));
    }
    let resource = resource(dice, made, api);
    object.insert(if dice.percent(8) { "NotResource" } else { "Resource" }.into(), resource);
    let mut conditions = serde_json::Map::new();
    for _ in 0..dice.below(3) {
        let (operator, key, value) = condition(dice, made);
        if let Some(under) = conditions.entry(operator).or_insert_with(|| json!({})).as_object_mut() {
            under.insert(key, value);
        }
    }
    if !conditions.is_empty() {
        object.insert("Condition".into(), Value::Object(conditions));
    }
    statement
}

fn resource(dice: &mut Dice, made: &Made, api: Option<&str>) -> Value {
    if api.is_some() {
        return match dice.below(7) {
            0 => json!("execute-api:/dev/*"),
            1 => json!("execute-api:/*/GET/pets"),
            2 => json!(["execute-api:/prod/*", "execute-api:/dev/GET/pets/*"]),
            3 => json!("execute-api:/d?v/*/pets"),
            4 => json!("execute-api:/*/POST/*"),
            _ => json!("execute-api:/*"),
        };
    }
    match (dice.below(4), dice.pick(&made.apis)) {
        (0, Some((is, ..))) => json!(format!("arn:aws:execute-api:*:*:<api:{is}>/*")),
        (1, _) => json!("arn:aws:execute-api:*:*:*/dev/*"),
        (2, _) => json!("arn:aws:execute-api:ap-northeast-2:*:*"),
        _ => json!("*"),
    }
}

fn condition(dice: &mut Dice, made: &Made) -> (String, String, Value) {
    let strings = [
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIfExists",
        "StringNotEqualsIfExists",
        "ForAnyValue:StringEquals",
        "ForAllValues:StringEquals",
        "StringEqualsIgnoreCase",
    ];
    let addresses = ["IpAddress", "NotIpAddress", "IpAddressIfExists", "NotIpAddressIfExists"];
    let endpoint = dice.pick(&made.endpoints).map_or_else(|| "vpce-0123456789abcdef0".to_owned(), |(is, _)| format!("<vpce:{is}>"));
    let net = dice.pick(&made.nets).cloned();
    let vpc = net.as_ref().map_or_else(String::new, |net| format!("<vpc:{}>", net.is));
    let block = net.as_ref().map_or_else(|| "10.0.0.0/8".to_owned(), |net| net.cidr.clone());
    if dice.percent(20) {
        let label = dice.pick(&made.identities).cloned().unwrap_or_default();
        return identities::condition(dice, &label);
    }
    match dice.below(12) {
        0..=3 => {
            let value = if dice.percent(25) { json!([endpoint, "vpce-0123456789abcdef0"]) } else { json!(endpoint) };
            (dice.word(&strings), "aws:SourceVpce".into(), value)
        }
        4 | 5 => (dice.word(&strings), dice.word(&["aws:SourceVpc", "aws:sourcevpc"]), json!(vpc)),
        6 | 7 => {
            let narrow = net.as_ref().and_then(|net| net.subnets.first()).map_or_else(|| block.clone(), |(_, subnet)| subnet.clone());
            let value = if dice.percent(50) { block } else { narrow };
            (dice.word(&addresses), "aws:VpcSourceIp".into(), json!(value))
        }
        // Keys that private calls do not have.
        8 => (dice.word(&addresses), "aws:SourceIp".into(), json!("10.0.0.0/8")),
        9 => (dice.word(&strings), dice.word(&["aws:PrincipalOrgID", "aws:PrincipalAccount"]), json!("o-1234567890")),
        10 => (
            "Null".into(),
            dice.word(&["aws:SourceVpce", "aws:SourceIp", "aws:VpcSourceIp", "aws:PrincipalArn"]),
            json!(dice.word(&["true", "false"])),
        ),
        _ => match dice.below(3) {
            0 => ("Bool".into(), "aws:SecureTransport".into(), json!(dice.word(&["true", "false"]))),
            1 => (dice.word(&["StringLike", "StringNotLike"]), "aws:UserAgent".into(), json!("curl/*")),
            _ => (dice.word(&["DateGreaterThan", "DateLessThan"]), "aws:CurrentTime".into(), json!("2024-01-01T00:00:00Z")),
        },
    }
}
