//! Lambda's answers: the configuration of functions and versions without their code, the policies on them, and aliases.
use crate::Affected;
use crate::ec2::security_group::seed;
use crate::item::{Item, Unreadable};
use crate::read::{Import, Source};
use base64::Engine as _;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vpclab_cloud::function::{Alias, FunctionCode, FunctionPolicy, FunctionSettings, FunctionVpc, LATEST, Permission, PublishedVersion};
use vpclab_cloud::{Function, IdSource, InterfaceKind, NetworkInterfaceId, Scope, SecurityGroupId, Sha256, SubnetId};

/// A `Functions` member. Environment variables are not read: they hold secrets and decide no call.
pub(crate) fn read(import: &mut Import, source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let name = item.owned("FunctionName").ok_or(Unreadable::Missing("FunctionName"))?;
    let scope = source.scope.clone();
    let latest = settings(item, &name)?;
    import.note(&name, "the function's code is not read: what it answers is not known", []);
    let function = Function {
        scope: scope.clone(),
        latest,
        policies: BTreeMap::new(),
        event_invoke: BTreeMap::new(),
        reserved_concurrency: None,
        next_version: 1,
        tags: BTreeMap::new(),
        name: name.clone(),
    };
    import.cloud.functions.insert((scope, name), Arc::new(function));
    Ok(())
}

/// A `Versions` member: `$LATEST` is the function itself.
pub(crate) fn read_version(import: &mut Import, _source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let arn = item.text("FunctionArn").ok_or(Unreadable::Missing("FunctionArn"))?;
    let malformed = || Unreadable::Malformed { member: "FunctionArn", value: arn.to_owned() };
    let (scope, name, qualifier) = function_of(arn).ok_or_else(malformed)?;
    import.versions_of.insert((scope.clone(), name.clone()));
    if qualifier == LATEST {
        return Ok(());
    }
    let number: u64 = qualifier.parse().map_err(|_| malformed())?;
    let version =
        PublishedVersion { scope: scope.clone(), function: name.clone(), number, settings: settings(item, &format!("{name}:{number}"))? };
    if let Some(function) = import.cloud.functions.get_mut(&(scope.clone(), name.clone())).map(Arc::make_mut) {
        function.next_version = function.next_version.max(number.saturating_add(1));
    }
    import.cloud.function_versions.insert((scope, name, number), Arc::new(version));
    Ok(())
}

/// The configuration of a function or a version.
fn settings(item: Item<'_>, name: &str) -> Result<FunctionSettings, Unreadable> {
    Ok(FunctionSettings {
        description: item.owned("Description").unwrap_or_default(),
        runtime: item.owned("Runtime").unwrap_or_default(),
        role: item.owned("Role").unwrap_or_default(),
        handler: item.owned("Handler").unwrap_or_default(),
        code: FunctionCode { sha256: sha256(item), size: item.number("CodeSize").unwrap_or_default() },
        timeout: item.number("Timeout").unwrap_or(3),
        memory: item.number("MemorySize").unwrap_or(128),
        storage: item.item("EphemeralStorage").and_then(|storage| storage.number("Size")).unwrap_or(512),
        variables: BTreeMap::new(),
        vpc: item.item("VpcConfig").filter(|vpc| vpc.text("VpcId").is_some()).map(vpc).transpose()?,
        layers: Vec::new(),
        architecture: item.texts("Architectures").next().unwrap_or("x86_64").to_owned(),
        tracing: item.item("TracingConfig").and_then(|tracing| tracing.owned("Mode")).unwrap_or_else(|| "PassThrough".to_owned()),
        log_group: None,
        json_log: None,
        modified: item.time("LastModified"),
        revision: revision(item.text("RevisionId"), name),
    })
}

fn sha256(item: Item<'_>) -> Sha256 {
    let bytes = item.text("CodeSha256").and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
    Sha256::from_bytes(bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()).unwrap_or_default())
}

fn revision(told: Option<&str>, name: &str) -> String {
    told.map_or_else(|| IdSource::new(seed(name)).hex(32), str::to_owned)
}

/// The VPC; the interfaces are found once they are read.
fn vpc(item: Item<'_>) -> Result<FunctionVpc, Unreadable> {
    Ok(FunctionVpc {
        vpc: item.read("VpcId")?,
        subnets: item.all("SubnetIds")?,
        security_groups: item.all("SecurityGroupIds")?,
        interfaces: Vec::new(),
    })
}

/// Finds the interfaces of functions: those of their subnets and groups, as Lambda shares them.
pub(crate) fn find_interfaces(import: &mut Import) {
    let by: BTreeMap<(SubnetId, BTreeSet<SecurityGroupId>), NetworkInterfaceId> = (import.cloud.network_interfaces.values())
        .filter(|interface| interface.kind == InterfaceKind::Lambda)
        .map(|interface| ((interface.subnet.clone(), interface.security_groups.clone()), interface.id.clone()))
        .collect();
    let functions: Vec<Arc<Function>> = import.cloud.functions.values().filter(|function| function.latest.vpc.is_some()).cloned().collect();
    for function in functions {
        let mut function = Function::clone(&function);
        let Some(vpc) = &mut function.latest.vpc else { continue };
        let groups: BTreeSet<SecurityGroupId> = vpc.security_groups.iter().cloned().collect();
        vpc.interfaces = vpc.subnets.iter().filter_map(|subnet| by.get(&(subnet.clone(), groups.clone())).cloned()).collect();
        if vpc.interfaces.is_empty() {
            let affected = Affected::Function { scope: function.scope.clone(), name: function.name.clone() };
            import.note(&function.name, "no answer holds the function's network interface", [affected]);
        }
        import.cloud.functions.insert((function.scope.clone(), function.name.clone()), Arc::new(function));
    }
}

/// `GetPolicy`: its statements name the function that it is on.
pub(crate) fn read_policy(import: &mut Import, source: &Source<'_>, item: Item<'_>) {
    let parsed = item.text("Policy").and_then(|text| serde_json::from_str::<Value>(text).ok());
    let Some(document) = parsed else {
        import.note(&source.document.origin, "the policy is no JSON", []);
        return;
    };
    let one = document.get("Statement").filter(|statement| statement.is_object());
    for statement in Item(&document).list("Statement").chain(one.map(Item)) {
        let Some((scope, name, qualifier)) = statement.text("Resource").and_then(function_of) else {
            import.note(&source.document.origin, "a statement of the policy names no function", []);
            continue;
        };
        let key = (scope.clone(), name.clone());
        let Some(permission) = permission(statement) else {
            let what = format!("vpclab cannot read the statement `{}` of its policy", statement.text("Sid").unwrap_or("?"));
            import.note(&name.clone(), what, [Affected::Function { scope, name }]);
            continue;
        };
        let Some(function) = import.cloud.functions.get_mut(&key).map(Arc::make_mut) else {
            import.note(&name, "no answer holds the function that the policy is on", []);
            continue;
        };
        let policy = function
            .policies
            .entry(qualifier)
            .or_insert_with(|| FunctionPolicy { revision: revision(item.text("RevisionId"), &name), statements: Vec::new() });
        policy.statements.push(permission);
    }
}

/// `arn:aws:lambda:us-west-2:111122223333:function:pets[:live]`
pub(crate) fn function_of(arn: &str) -> Option<(Scope, String, String)> {
    let mut parts = arn.splitn(8, ':').skip(3);
    let (region, account) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let name = parts.nth(1)?;
    Some((Scope { account, region }, name.to_owned(), parts.next().unwrap_or_default().to_owned()))
}

/// A statement as `AddPermission` makes them; `None` for what vpclab could not tell in full.
fn permission(statement: Item<'_>) -> Option<Permission> {
    if statement.text("Effect") != Some("Allow") {
        return None;
    }
    let principal = match statement.0.get("Principal")? {
        Value::String(all) => all.clone(),
        Value::Object(by) if by.len() == 1 => {
            let text = by.values().next()?.as_str()?;
            let root = text.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"));
            root.unwrap_or(text).to_owned()
        }
        _ => return None,
    };
    let mut permission = Permission {
        sid: statement.owned("Sid")?,
        action: statement.owned("Action")?,
        principal,
        source_arn: None,
        source_account: None,
        organization: None,
    };
    let conditions = statement.0.get("Condition").and_then(Value::as_object);
    for (operator, keys) in conditions.into_iter().flatten() {
        for (key, value) in keys.as_object()? {
            let value = Some(value.as_str()?.to_owned());
            match (operator.as_str(), key.to_ascii_lowercase().as_str()) {
                ("ArnLike" | "ArnEquals", "aws:sourcearn") => permission.source_arn = value,
                ("StringEquals", "aws:sourceaccount") => permission.source_account = value,
                ("StringEquals", "aws:principalorgid") => permission.organization = value,
                _ => return None,
            }
        }
    }
    Some(permission)
}

/// An `Aliases` member of `ListAliases`.
pub(crate) fn read_alias(import: &mut Import, _source: &Source<'_>, item: Item<'_>) -> Result<(), Unreadable> {
    let arn = item.text("AliasArn").ok_or(Unreadable::Missing("AliasArn"))?;
    let (scope, function, name) = function_of(arn).ok_or(Unreadable::Malformed { member: "AliasArn", value: arn.to_owned() })?;
    let alias = Alias {
        scope: scope.clone(),
        function: function.clone(),
        name: name.clone(),
        version: item.owned("FunctionVersion").unwrap_or_else(|| LATEST.to_owned()),
        description: item.owned("Description").unwrap_or_default(),
        weights: weights(item),
        revision: revision(item.text("RevisionId"), &name),
    };
    import.cloud.function_aliases.insert((scope, function, name), Arc::new(alias));
    Ok(())
}

/// `RoutingConfig`: other versions and how much of the events they get, 0 to 1.
fn weights(item: Item<'_>) -> BTreeMap<String, u32> {
    let weights = item.item("RoutingConfig").and_then(|routing| routing.0.get("AdditionalVersionWeights")?.as_object());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 1000")]
    let thousandths = |weight: &Value| (weight.as_f64().unwrap_or_default().clamp(0.0, 1.0) * 1000.0).round() as u32;
    weights.into_iter().flatten().map(|(version, weight)| (version.clone(), thousandths(weight))).collect()
}
