//! The role that a function gets if it names none.
use crate::{
    context::Context,
    fault::Out,
    intrinsic,
    made::{Made, ROLE},
    managed_policy,
    policy::{self, PolicyKind},
    source::Source,
    text::Text,
    value::{Dict, Kind, Val},
};

/// The action by which a function sends to its dead letter queue.
pub(super) fn queue_action(kind: &Val) -> Option<&'static str> {
    match kind.text()?.as_str() {
        "SQS" => Some("sqs:SendMessage"),
        "SNS" => Some("sns:Publish"),
        _ => None,
    }
}

/// Who may take the role: Lambda.
fn trust() -> Dict {
    let statement = Dict::of("Action", vec!["sts:AssumeRole".into()])
        .with("Effect", "Allow")
        .with("Principal", Dict::of("Service", vec!["lambda.amazonaws.com".into()]));
    Dict::of("Version", "2012-10-17").with("Statement", vec![statement.into()])
}

pub(super) fn construct(source: &mut Source, event_policies: Vec<Val>, context: &Context) -> Out<Made> {
    let own = |path: &str| Val::from(managed_policy::by_path(path, context.partition));
    let mut managed = vec![own("service-role/AWSLambdaBasicExecutionRole")];
    if super::tracing(source, context)?.is_some() {
        managed.push(own(if context.partition == "aws" { "AWSXrayWriteOnlyAccess" } else { "AWSXRayDaemonWriteAccess" }));
    }
    if source.truthy("VpcConfig").is_some() {
        managed.push(own("service-role/AWSLambdaVPCAccessExecutionRole"));
    }
    let mut documents = Vec::new();
    if let Some(queue) = source.truthy("DeadLetterQueue") {
        let part = |name: &str| queue.get(name).cloned().unwrap_or(Val::NULL);
        let statement =
            Dict::of("Action", queue_action(&part("Type")).unwrap_or("")).with("Resource", part("TargetArn")).with("Effect", "Allow");
        let document = Dict::of("Version", "2012-10-17").with("Statement", vec![statement.into()]);
        documents.push(Dict::of("PolicyName", "DeadLetterQueuePolicy").with("PolicyDocument", document).into());
    }
    documents.extend(event_policies);
    let id = source.id.plus("Role");
    let mut role = Made::new(id.clone(), &ROLE, source.passed())?;
    for (index, (entry, kind)) in policy::entries(source.get("Policies"), false)?.into_iter().enumerate() {
        let named = |document: Val| Dict::of("PolicyName", format!("{id}Policy{index}")).with("PolicyDocument", document).into();
        match kind {
            PolicyKind::Document => documents.push(in_branches(entry, |_| true, named)),
            PolicyKind::Managed => {
                let arn = in_branches(entry, |val| val.text().is_some(), |val| managed_arn(val, context));
                if !managed.contains(&arn) {
                    managed.push(arn);
                }
            }
            PolicyKind::Template | PolicyKind::Unknown => {
                return Err(source.fault(format!("Policy at index {index} in the 'Policies' property is not valid")));
            }
        }
    }
    role.set("AssumeRolePolicyDocument", source.get("AssumeRolePolicyDocument").cloned().unwrap_or_else(|| trust().into()))?;
    role.set("ManagedPolicyArns", managed)?;
    if !documents.is_empty() {
        role.set("Policies", documents)?;
    }
    role.put("Path", source.get("RolePath"))?;
    role.put("PermissionsBoundary", source.get("PermissionsBoundary"))?;
    role.set("Tags", super::tags(source)?)?;
    Ok(role)
}

/// Changes a policy, or the branches of the `Fn::If` that it is, save `AWS::NoValue` and what `wanted` leaves.
fn in_branches(entry: Val, wanted: impl Fn(&Val) -> bool, change: impl Fn(Val) -> Val) -> Val {
    let Some(Ok((condition, then, otherwise))) = intrinsic::if_argument(&entry).map(intrinsic::if_items) else {
        return if wanted(&entry) { change(entry) } else { entry };
    };
    let branch = |val: &Val| if intrinsic::is_no_value(val) || !wanted(val) { val.clone() } else { change(val.clone()) };
    let mut chosen = intrinsic::choose(condition, branch(then), branch(otherwise));
    chosen.originate(entry.at);
    chosen
}

/// The ARN of a managed policy that is named.
fn managed_arn(val: Val, context: &Context) -> Val {
    let Some(name) = val.text() else { return val };
    let known = managed_policy::arn(name, context.partition);
    let known = known.or_else(|| context.managed_policies.get(name.as_str()).filter(|_| !name.starts_with("arn:")).cloned());
    known.map_or_else(|| val.clone(), |arn| Val { kind: Kind::Text(Text::own(arn)), at: val.at })
}

/// A role under a condition: fills the branch that is `AWS::NoValue`. Says whether the role is needed.
pub(super) fn choose(source: &Source, function: &mut Made, own: &mut Val, role: &mut Made, context: &mut Context) -> Out<bool> {
    context.parameters.replace(own)?;
    function.set("Role", own.clone())?;
    let Some(argument) = intrinsic::if_argument(own) else { return Ok(false) };
    let (condition, then, otherwise) =
        intrinsic::if_items(argument).map_err(|message| source.fault(format!("Malformed 'Role' property: {message}.")))?;
    let arn = intrinsic::get_att(&role.id, "Arn");
    match (intrinsic::is_no_value(then), intrinsic::is_no_value(otherwise)) {
        (true, true) => function.set("Role", arn)?,
        (true, false) => {
            function.set("Role", intrinsic::choose(condition, arn, otherwise.clone()))?;
            role.attributes.insert("Condition", condition);
        }
        (false, true) => {
            function.set("Role", intrinsic::choose(condition, then.clone(), arn))?;
            let name = condition.text().cloned().ok_or(crate::fault::Fault::Internal)?;
            let opposite = Text::own(format!("NOT{name}"));
            role.attributes.insert("Condition", &opposite);
            let conditions = context.conditions.as_mut().ok_or(crate::fault::Fault::Internal)?;
            conditions.insert(opposite, intrinsic::not(&name));
        }
        (false, false) => return Ok(false),
    }
    Ok(true)
}
