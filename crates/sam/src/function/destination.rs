//! `EventInvokeConfig`: where the results of asynchronous calls go.
use crate::{
    context::Context,
    digest, expect,
    fault::{Fault, Out},
    intrinsic,
    made::{EVENT_INVOKE_CONFIG, Made, QUEUE, TOPIC},
    source::Source,
    text::Text,
    value::{Dict, Val},
};

const TYPES: [&str; 5] = ["SQS", "SNS", "EventBridge", "Lambda", "S3Bucket"];

/// The configuration, and the queues and topics that it needs; their policies go to `policies`.
pub(super) fn configure(
    source: &mut Source,
    function: &Made,
    alias: Option<&Made>,
    context: &mut Context,
    policies: &mut Vec<Val>,
) -> Out<Vec<Made>> {
    let resolved = source.properties.get_mut("EventInvokeConfig").map(|own| context.parameters.resolve(own)).transpose()?;
    let resolved = resolved.unwrap_or(Val::NULL);
    let id = function.id.plus("EventInvokeConfig");
    let mut config = Made::new(id.clone(), &EVENT_INVOKE_CONFIG, source.attributes.clone())?;
    config.depends_on = alias.map(|alias| vec![Val::from(&alias.id)].into());
    let mut made = Vec::new();
    let mut destinations = Dict::new();
    if let Some(own) = resolved.get("DestinationConfig").filter(|own| own.truthy()) {
        let own = expect::map(own, &source.id, "EventInvokeConfig.DestinationConfig")?;
        for name in ["OnSuccess", "OnFailure"] {
            let Some(destination) = own.get(name) else { continue };
            let destination = expect::map(destination, &source.id, &format!("EventInvokeConfig.DestinationConfig.{name}"))?;
            let target = inject(source, destination, &id.plus(name), &id, context, &mut made, policies)?;
            destinations.insert(name, Dict::of("Destination", target));
        }
    }
    config.set("FunctionName", function.reference())?;
    config.set("Qualifier", alias.and_then(|alias| alias.get("Name")).cloned().unwrap_or_else(|| "$LATEST".into()))?;
    config.set("DestinationConfig", destinations)?;
    for name in ["MaximumEventAgeInSeconds", "MaximumRetryAttempts"] {
        config.put(name, resolved.get(name))?;
    }
    made.push(config);
    Ok(made)
}

/// The target of a destination; a queue or topic is made where none is named.
fn inject(
    source: &Source,
    destination: &Dict,
    id: &Text,
    config: &Text,
    context: &mut Context,
    made: &mut Vec<Made>,
    policies: &mut Vec<Val>,
) -> Out<Val> {
    let kind = destination.get("Type").and_then(Val::text).map_or("", Text::as_str);
    if !TYPES.contains(&kind) {
        let kind = destination.get("Type").map_or_else(|| "None".to_owned(), crate::print::str);
        return Err(source.fault(format!("'Type: {kind}' must be one of {}", crate::print::names(&TYPES))));
    }
    let target = destination.get("Destination");
    let (condition, arn) = target.map_or(Ok((None, None)), |target| missing_under(target, config, context))?;
    if let Some(target) = target.filter(|_| condition.is_none()) {
        policies.push(send(kind, target, id));
        return Ok(target.clone());
    }
    let shape = match kind {
        "SQS" => (&QUEUE, "Queue"),
        "SNS" => (&TOPIC, "Topic"),
        _ => return Err(source.fault("Destination is required if Type is not ['SQS', 'SNS']")),
    };
    let mut own = Made::new(id.plus(shape.1), shape.0, source.passed())?;
    if let Some(both) = both(source, condition.as_ref(), context)? {
        own.attributes.insert("Condition", both);
    }
    let own_arn = if kind == "SQS" { intrinsic::get_att(&own.id, "Arn") } else { own.reference() };
    let target = match condition {
        Some(condition) => intrinsic::choose(condition, own_arn, arn.unwrap_or_else(intrinsic::no_value)),
        None => own_arn,
    };
    policies.push(send(kind, &target, id));
    made.push(own);
    Ok(target)
}

/// The condition under which a destination is `AWS::NoValue`, and what it is otherwise.
fn missing_under(target: &Val, config: &Text, context: &mut Context) -> Out<(Option<Text>, Option<Val>)> {
    let Some(argument) = intrinsic::if_argument(target) else { return Ok((None, None)) };
    let (condition, then, otherwise) = intrinsic::if_items(argument)
        .map_err(|message| Fault::resource(config, format!("Malformed 'Destination' property: {message}.")))?;
    let name = condition.text().cloned();
    match (intrinsic::is_no_value(then), intrinsic::is_no_value(otherwise)) {
        (true, false) => Ok((name, Some(otherwise.clone()))),
        (false, true) => {
            let name = name.ok_or(Fault::Internal)?;
            let opposite = generated_condition(&format!("NOT{name}"), config);
            context.conditions.as_mut().ok_or(Fault::Internal)?.insert(&opposite, intrinsic::not(&name));
            Ok((Some(opposite), Some(then.clone())))
        }
        _ => Ok((None, None)),
    }
}

/// The condition of the function and that of the destination.
fn both(source: &Source, condition: Option<&Text>, context: &mut Context) -> Out<Option<Text>> {
    let own = source.attributes.get("Condition").and_then(Val::text);
    let (Some(own), Some(condition)) = (own, condition) else { return Ok(own.or(condition).cloned()) };
    let name = generated_condition(&format!("{own}AND{condition}"), &source.id);
    // AWS's transform wraps each condition twice.
    let part = |name: &Text| Val::from(Dict::of("Condition", Dict::of("Condition", name)));
    let and = Dict::of("Fn::And", vec![part(own), part(condition)]);
    context.conditions.as_mut().ok_or(Fault::Internal)?.insert(&name, and);
    Ok(Some(name))
}

fn generated_condition(name: &str, hashed: &Text) -> Text {
    Text::own(format!("{name}{}", digest::of(&hashed.into())))
}

/// The policy that lets the function send.
fn send(kind: &str, arn: &Val, id: &Text) -> Val {
    let statement = |action: &str, resource: Val| Val::from(Dict::of("Action", action).with("Effect", "Allow").with("Resource", resource));
    let (name, statements) = match kind {
        "SQS" => ("SQSPolicy", vec![statement("sqs:SendMessage", arn.clone())]),
        "SNS" => ("SNSPolicy", vec![statement("sns:publish", arn.clone())]),
        "EventBridge" => ("EventBridgePolicy", vec![statement("events:PutEvents", arn.clone())]),
        "Lambda" => ("LambdaPolicy", vec![statement("lambda:InvokeFunction", arn.clone())]),
        _ => {
            let objects = Dict::of("Fn::Join", vec!["/".into(), vec![arn.clone(), "*".into()].into()]);
            ("S3Policy", vec![statement("s3:PutObject", objects.into()), statement("s3:ListBucket", arn.clone())])
        }
    };
    Dict::of("PolicyName", format!("{id}{name}")).with("PolicyDocument", Dict::of("Statement", statements)).into()
}
