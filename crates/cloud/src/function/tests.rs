//! Functions in a cloud.
use super::*;
use crate::{fixture::Lab, function::VpcChoice};

fn code(byte: u8) -> FunctionCode {
    FunctionCode { sha256: Sha256::from_bytes([byte; 32]), size: 10 }
}

fn create(lab: &mut Lab, name: &str, change: FunctionChange) -> Result<(), Refusal> {
    let change = FunctionChange {
        runtime: change.runtime.or(Some("python3.12".into())),
        role: change.role.or(Some("arn:aws:iam::111111111111:role/r".into())),
        handler: Some("app.handler".into()),
        ..change
    };
    let input = CreateFunction { name: name.into(), change, code: code(1), architecture: None, tags: Tags::new() };
    lab.run(|cloud, cx| cloud.create_function(cx, input))
}

fn interfaces(lab: &Lab) -> usize {
    lab.cloud.network_interfaces.values().filter(|found| found.kind == crate::InterfaceKind::Lambda).count()
}

#[test]
fn interfaces_are_shared_and_go_with_the_last_function() {
    let mut lab = Lab::new();
    let vpc = lab.vpc("10.0.0.0/16");
    let (a, b) = (lab.subnet(&vpc, "10.0.1.0/24", 'a'), lab.subnet(&vpc, "10.0.2.0/24", 'b'));
    let group = lab.group(&vpc, "g");
    let choice = |subnets: &[&crate::SubnetId]| {
        let subnets = subnets.iter().map(|id| (*id).clone()).collect();
        FunctionChange { vpc: Some(VpcChoice { subnets, security_groups: vec![group.clone()] }), ..FunctionChange::default() }
    };
    create(&mut lab, "one", choice(&[&a, &b])).unwrap();
    create(&mut lab, "two", choice(&[&a])).unwrap();
    assert_eq!(interfaces(&lab), 2);
    let shown = lab.cloud.network_interfaces.values().find(|found| found.subnet == a).unwrap();
    assert!(shown.description.starts_with("AWS Lambda VPC ENI-one-") && shown.is_requester_managed());
    assert!(matches!(lab.run(|cloud, cx| cloud.delete_subnet(cx, &a)), Err(Refusal::DependencyViolation { .. })));
    assert_eq!(lab.run(|cloud, cx| cloud.delete_security_group(cx, &group)), Err(Refusal::GroupInUse(group.clone())));
    // A published version keeps its interfaces.
    lab.run(|cloud, cx| cloud.publish_version(cx, "one", None, None)).unwrap();
    lab.run(|cloud, cx| {
        cloud.update_function(cx, "one", None, FunctionChange { vpc: Some(VpcChoice::default()), ..FunctionChange::default() })
    })
    .unwrap();
    assert_eq!(interfaces(&lab), 2);
    lab.run(|cloud, cx| cloud.delete_version(cx, "one", "1")).unwrap();
    assert_eq!(interfaces(&lab), 1);
    lab.run(|cloud, cx| cloud.delete_function(cx, "two")).unwrap();
    assert_eq!(interfaces(&lab), 0);
    lab.run(|cloud, cx| cloud.delete_subnet(cx, &a)).unwrap();
}

#[test]
fn a_vpc_of_others_is_not_there() {
    let mut lab = Lab::new();
    let vpc = lab.go("2/ap-northeast-2").vpc("10.0.0.0/16");
    let subnet = lab.subnet(&vpc, "10.0.1.0/24", 'a');
    let group = lab.group(&vpc, "g");
    lab.go("1/ap-northeast-2");
    let vpc = Some(VpcChoice { subnets: vec![subnet.clone()], security_groups: vec![group] });
    let refused = create(&mut lab, "f", FunctionChange { vpc, ..FunctionChange::default() }).unwrap_err();
    assert!(refused.to_string().contains("InvalidSubnetID.NotFound"), "{refused}");
    let vpc = Some(VpcChoice { subnets: vec![subnet], security_groups: Vec::new() });
    let refused = create(&mut lab, "f", FunctionChange { vpc, ..FunctionChange::default() }).unwrap_err();
    assert_eq!(refused.to_string(), "SubnetIds and SecurityIds must coexist or be both empty list.");
}

#[test]
fn versions_and_aliases() {
    let mut lab = Lab::new();
    create(&mut lab, "f", FunctionChange::default()).unwrap();
    let publish = |lab: &mut Lab| lab.run(|cloud, cx| cloud.publish_version(cx, "f", None, None)).unwrap();
    assert_eq!((publish(&mut lab), publish(&mut lab)), (1, 1), "nothing changed");
    lab.run(|cloud, cx| cloud.update_function_code(cx, "f", None, code(2), None)).unwrap();
    assert_eq!(publish(&mut lab), 2);
    let change = |version: &str, weights: &[(&str, u32)]| AliasChange {
        version: Some(version.into()),
        description: None,
        weights: Some(weights.iter().map(|(version, weight)| ((*version).to_owned(), *weight)).collect()),
    };
    lab.run(|cloud, cx| cloud.create_alias(cx, "f", "live", change("1", &[("2", 250)]))).unwrap();
    let scope = lab.cx.scope.clone();
    let version =
        |lab: &Lab, qualifier: &str, turn| lab.cloud.resolve_function(&scope, "f", Some(qualifier), turn).map(|found| found.version);
    assert_eq!((version(&lab, "live", 249).unwrap(), version(&lab, "live", 250).unwrap()), ("2".into(), "1".into()));
    assert_eq!(version(&lab, "$LATEST", 0).unwrap(), "$LATEST");
    let missing = version(&lab, "3", 0).unwrap_err();
    assert_eq!(missing.to_string(), "Function not found: arn:aws:lambda:ap-northeast-2:111111111111:function:f:3");
    assert!(matches!(lab.run(|cloud, cx| cloud.delete_version(cx, "f", "2")), Err(Refusal::FunctionConflict(_))));
    assert!(lab.run(|cloud, cx| cloud.create_alias(cx, "f", "12", change("1", &[]))).is_err());
    lab.run(|cloud, cx| cloud.delete_alias(cx, "f", "live")).unwrap();
    lab.run(|cloud, cx| cloud.delete_version(cx, "f", "2")).unwrap();
    assert_eq!(publish(&mut lab), 3, "a number is not given twice");
    lab.run(|cloud, cx| cloud.delete_function(cx, "f")).unwrap();
    assert!(lab.cloud.function_versions.is_empty());
}

#[test]
fn names_are_read_in_every_form() {
    let parse = |text: &str| FunctionName::parse(text, None).unwrap();
    let plain = FunctionName { account: None, region: None, name: "f".into(), qualifier: None };
    assert_eq!(parse("f"), plain);
    let qualified = FunctionName { qualifier: Some("$LATEST".into()), ..plain.clone() };
    assert_eq!(parse("f:$LATEST"), qualified);
    let account = FunctionName { account: Some("123456789012".into()), ..plain.clone() };
    assert_eq!(parse("123456789012:function:f"), account);
    assert_eq!(parse("123456789012:f"), account);
    let arn = FunctionName { region: Some("us-west-2".into()), qualifier: Some("live".into()), ..account };
    assert_eq!(parse("arn:aws:lambda:us-west-2:123456789012:function:f:live"), arn);
    for bad in ["", "a b", "arn:aws:lambda:us-west-2:123456789012:function:f:live:x", "a.b", "arn:aws:s3:::x"] {
        assert!(FunctionName::parse(bad, None).is_err(), "{bad}");
    }
    assert!(FunctionName::parse("f:1", Some("2")).is_err());
}

#[test]
fn permissions_have_awss_form() {
    let mut lab = Lab::new();
    create(&mut lab, "f", FunctionChange::default()).unwrap();
    let permission = |sid: &str| Permission {
        sid: sid.into(),
        action: "lambda:InvokeFunction".into(),
        principal: "apigateway.amazonaws.com".into(),
        source_arn: Some("arn:aws:execute-api:ap-northeast-2:111111111111:a1b2c3/*/GET/x".into()),
        source_account: Some("111111111111".into()),
        organization: None,
    };
    lab.run(|cloud, cx| cloud.add_permission(cx, "f", None, None, permission("s"))).unwrap();
    let (document, _) = lab.cloud.function_policy(&lab.cx.scope, "f", None).unwrap();
    assert_eq!(
        document,
        r#"{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:ap-northeast-2:111111111111:function:f","Condition":{"StringEquals":{"AWS:SourceAccount":"111111111111"},"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:ap-northeast-2:111111111111:a1b2c3/*/GET/x"}}}]}"#
    );
    assert!(matches!(lab.run(|cloud, cx| cloud.add_permission(cx, "f", None, None, permission("s"))), Err(Refusal::FunctionConflict(_))));
    assert!(lab.run(|cloud, cx| cloud.add_permission(cx, "f", Some("1"), None, permission("t"))).is_err(), "no such version");
    let refused =
        lab.run(|cloud, cx| cloud.add_permission(cx, "f", None, None, Permission { principal: "nobody".into(), ..permission("t") }));
    assert_eq!(refused.unwrap_err().to_string(), "The provided principal was invalid. Please check the principal and try again.");
    lab.run(|cloud, cx| cloud.remove_permission(cx, "f", None, None, "s")).unwrap();
    assert!(matches!(lab.cloud.function_policy(&lab.cx.scope, "f", None), Err(Refusal::FunctionNotFound(_))));
}

#[test]
fn settings_are_checked() {
    let mut lab = Lab::new();
    let refused = |lab: &mut Lab, change| create(lab, "f", change).unwrap_err().to_string();
    let text = refused(&mut lab, FunctionChange { timeout: Some(901), ..FunctionChange::default() });
    assert_eq!(
        text,
        "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900"
    );
    let reserved = [("AWS_REGION".to_owned(), "x".to_owned())].into();
    assert!(refused(&mut lab, FunctionChange { variables: Some(reserved), ..FunctionChange::default() }).ends_with("AWS_REGION"));
    let other = Some("arn:aws:iam::222222222222:role/r".to_owned());
    assert_eq!(refused(&mut lab, FunctionChange { role: other, ..FunctionChange::default() }), "Cross-account pass role is not allowed.");
    assert!(refused(&mut lab, FunctionChange { role: Some("x".into()), ..FunctionChange::default() }).contains("at 'role'"));
    create(&mut lab, "f", FunctionChange::default()).unwrap();
    assert_eq!(create(&mut lab, "f", FunctionChange::default()).unwrap_err().to_string(), "Function already exist: f");
    let stale = lab.run(|cloud, cx| cloud.update_function(cx, "f", Some("x"), FunctionChange::default()));
    assert!(matches!(stale, Err(Refusal::FunctionPrecondition(_))));
    lab.run(|cloud, cx| cloud.reserve_concurrency(cx, "f", Some(900))).unwrap();
    assert!(lab.run(|cloud, cx| cloud.reserve_concurrency(cx, "f", Some(901))).is_err());
}

#[test]
fn levels_belong_to_the_format_json() {
    let mut lab = Lab::new();
    let logging = |format: Option<&str>, application: Option<&str>| FunctionChange {
        logging: LoggingChange::parse(format, application, None, None).unwrap(),
        ..FunctionChange::default()
    };
    let refused = create(&mut lab, "f", logging(None, Some("WARN"))).unwrap_err().to_string();
    assert_eq!(
        refused,
        "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request or change the LogFormat to \
         \"JSON\" and try again."
    );
    create(&mut lab, "f", logging(Some("JSON"), None)).unwrap();
    let mut levels = |change: FunctionChange| {
        lab.run(|cloud, cx| cloud.update_function(cx, "f", None, change)).unwrap();
        lab.cloud.function(&lab.cx.scope, "f").unwrap().latest.json_log
    };
    assert_eq!(levels(FunctionChange::default()), Some(JsonLog::default()), "what is not said stays");
    let warn = JsonLog { application: ApplicationLogLevel::Warn, system: SystemLogLevel::Info };
    assert_eq!(levels(logging(None, Some("WARN"))), Some(warn));
    assert_eq!(levels(logging(Some("JSON"), None)), Some(warn));
    assert_eq!(levels(logging(Some("Text"), None)), None);
    let wrong = LoggingChange::parse(Some("text"), None, None, None).unwrap_err().to_string();
    assert!(wrong.ends_with("at 'loggingConfig.logFormat' failed to satisfy constraint: Member must satisfy enum value set: [Text, JSON]"));
}

#[test]
fn a_layer_is_others_only_when_shared() {
    let mut lab = Lab::new();
    let layer = |name: &str| PublishLayer {
        name: name.into(),
        description: String::new(),
        code: code(9),
        runtimes: Vec::new(),
        architectures: Vec::new(),
        license: None,
    };
    assert_eq!(lab.run(|cloud, cx| cloud.publish_layer(cx, layer("l"))), Ok(1));
    assert_eq!(lab.run(|cloud, cx| cloud.publish_layer(cx, layer("l"))), Ok(2));
    let arn = "arn:aws:lambda:ap-northeast-2:111111111111:layer:l:2".to_owned();
    let layers = || FunctionChange {
        layers: Some(vec![arn.clone()]),
        role: Some("arn:aws:iam::222222222222:role/r".into()),
        ..FunctionChange::default()
    };
    lab.go("2/ap-northeast-2");
    assert!(matches!(create(&mut lab, "f", layers()), Err(Refusal::FunctionAccessDenied(_))));
    let permission = Permission {
        sid: "s".into(),
        action: "lambda:GetLayerVersion".into(),
        principal: "222222222222".into(),
        source_arn: None,
        source_account: None,
        organization: None,
    };
    lab.go("1/ap-northeast-2").run(|cloud, cx| cloud.add_layer_permission(cx, "l", 2, permission)).unwrap();
    lab.go("2/ap-northeast-2");
    create(&mut lab, "f", layers()).unwrap();
    lab.go("1/ap-northeast-2")
        .run(|cloud, cx| {
            cloud.delete_layer_version(cx, "l", 2);
            Ok(())
        })
        .unwrap();
    assert_eq!(lab.cloud.layer_versions_of(&lab.cx.scope).count(), 1);
    assert!(lab.cloud.function_blobs().any(|sha256| sha256 == code(9).sha256), "the function keeps it");
    assert_eq!(lab.run(|cloud, cx| cloud.publish_layer(cx, layer("l"))), Ok(3), "a number is not given twice");
}
