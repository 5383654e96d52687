//! What is read of validators, models, gateway responses, versions, aliases, custom names and resolver rules.
use super::*;
use vpclab_cloud::gateway_response::GatewayResponseType;

fn affected(noted: &[NotUnderstood]) -> Vec<&NotUnderstood> {
    noted.iter().filter(|noted| !noted.affects.is_empty()).collect()
}

/// The API of the tests, whose method GET has a validator.
fn validated() -> Vec<Document> {
    let mut documents = api("{}");
    let methods = &mut documents[1].value["items"][1]["resourceMethods"];
    methods["GET"]["requestValidatorId"] = json!("val1");
    methods["GET"]["requestParameters"] = json!({"method.request.querystring.kind": true});
    methods["GET"]["requestModels"] = json!({"application/json": "Pet"});
    documents
}

#[test]
fn validators_models_and_gateway_responses_are_read_and_served() {
    let mut documents = validated();
    let (_, noted) = read(&documents);
    let [missing] = affected(&noted).try_into().unwrap();
    assert!(missing.what.ends_with("no answer holds the request validator val1 of the method"), "{missing}");
    documents.push(document(
        "get-request-validators.abc123",
        json!({"items": [{"id": "val1", "name": "all", "validateRequestBody": true, "validateRequestParameters": true}]}),
    ));
    documents.push(document(
        "get-models.abc123",
        json!({"items": [{"id": "mod1", "name": "Pet", "contentType": "application/json", "schema": "{\"type\":\"object\"}"}]}),
    ));
    documents.push(document(
        "get-gateway-responses.abc123",
        json!({"items": [{"responseType": "ACCESS_DENIED", "statusCode": "404", "responseParameters": {}, "responseTemplates": {}, "defaultResponse": false},
            {"responseType": "DEFAULT_4XX", "defaultResponse": true}]}),
    ));
    let (cloud, noted) = read(&documents);
    assert_eq!(affected(&noted), Vec::<&NotUnderstood>::new());
    let snapshot = &cloud.deployments.values().next().unwrap().snapshot;
    let settings = &snapshot.settings;
    let pets = snapshot.resources.iter().find(|resource| resource.path == "/pets").unwrap();
    let validator = pets.methods["GET"].request_validator.as_ref().and_then(|id| settings.validation.validators.get(id)).unwrap();
    assert!(validator.body && validator.parameters && validator.name.as_deref() == Some("all"));
    assert_eq!(settings.validation.models["Pet"].schema, r#"{"type":"object"}"#);
    assert_eq!(settings.gateway_responses.len(), 1, "one that nobody set is none");
    assert_eq!(settings.gateway_responses[&GatewayResponseType::AccessDenied].status, Some(404));
    // What was deployed wins over what the API has now.
    let method =
        json!({"responses": {}, "x-amazon-apigateway-integration": {"type": "mock"}, "x-amazon-apigateway-request-validator": "all"});
    documents.push(document(
        "get-export.abc123.dev",
        json!({"openapi": "3.0.1", "info": {"title": "pets", "version": "1"},
            "servers": [{"url": "https://abc123.execute-api.us-west-2.amazonaws.com/{basePath}", "variables": {"basePath": {"default": "/dev"}}}],
            "paths": {"/pets": {"get": method}},
            "components": {"schemas": {"Pet": {"type": "array"}}},
            "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": false, "validateRequestParameters": true}},
            "x-amazon-apigateway-gateway-responses": {"UNAUTHORIZED": {"statusCode": 418}}}),
    ));
    let (cloud, _) = read(&documents);
    let snapshot = &cloud.deployments.values().next().unwrap().snapshot;
    let settings = &snapshot.settings;
    assert_eq!(settings.gateway_responses.keys().collect::<Vec<_>>(), [&GatewayResponseType::Unauthorized]);
    let pets = snapshot.resources.iter().find(|resource| resource.path == "/pets").unwrap();
    let id = pets.methods["GET"].request_validator.clone().unwrap();
    assert_eq!(id.as_str(), "val1", "it keeps its id");
    assert!(!settings.validation.validators[&id].body && settings.validation.models["Pet"].schema.contains("array"));
}

#[test]
fn versions_and_aliases_are_read_with_their_policies() {
    let arn = "arn:aws:lambda:us-west-2:111122223333:function:hush-pets";
    let versions = json!({"Versions": [
        {"FunctionName": "hush-pets", "Version": "$LATEST", "FunctionArn": format!("{arn}:$LATEST")},
        {"FunctionName": "hush-pets", "Version": "3", "FunctionArn": format!("{arn}:3"), "Handler": "old.handler"}]});
    let aliases = json!({"Aliases": [{"AliasArn": format!("{arn}:live"), "Name": "live", "FunctionVersion": "3",
        "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.25}}}]});
    let mut documents = proxied("hush-pets:${stageVariables.alias}", json!({"alias": "live"}));
    documents.push(document("versions", versions));
    documents.push(document("aliases", aliases));
    let (cloud, noted) = read(&documents);
    assert_eq!(affected(&noted), Vec::<&NotUnderstood>::new(), "the policy was asked for: there is none");
    let version = cloud.function_versions.values().next().unwrap();
    assert_eq!((cloud.function_versions.len(), version.number, version.settings.handler.as_str()), (1, 3, "old.handler"));
    let alias = cloud.function_aliases.values().next().unwrap();
    assert_eq!((alias.version.as_str(), alias.weights["2"]), ("3", 250));
    let function = cloud.functions.values().next().unwrap();
    assert!(function.policies.is_empty() && function.next_version == 4);
    for qualifier in ["live", "3"] {
        let policy = json!({"Statement": [{"Sid": "s", "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction", "Resource": format!("{arn}:{qualifier}")}]});
        documents.push(document(qualifier, json!({"Policy": policy.to_string(), "RevisionId": "r"})));
    }
    let (cloud, _) = read(&documents);
    assert_eq!(cloud.functions.values().next().unwrap().policies.keys().collect::<Vec<_>>(), ["3", "live"]);
}

#[test]
fn functions_of_accounts_that_were_not_read_are_not_taken_for_missing() {
    let mut documents = proxied("pets", json!({}));
    documents.retain(|document| !document.origin.ends_with("functions.json"));
    let (_, noted) = read(&documents);
    let [missing] = affected(&noted).try_into().unwrap();
    assert_eq!(missing.what, "no answer holds the functions of 111122223333 in us-west-2, and a stage calls this one");
    documents.push(document("functions", json!({"Functions": []})));
    assert_eq!(affected(&read(&documents).1), Vec::<&NotUnderstood>::new(), "there is no such function");
}

#[test]
fn custom_names_and_forwarded_names_are_not_understood() {
    let mut documents = network();
    documents.push(document("get-domain-names", json!({"items": [{"domainName": "API.corp.test", "status": "AVAILABLE"}]})));
    documents.push(document(
        "rules",
        json!({"ResolverRules": [
            {"Id": "rslvr-rr-1", "DomainName": "corp.test.", "RuleType": "FORWARD"},
            {"Id": "rslvr-rr-2", "DomainName": "aws.corp.test.", "RuleType": "SYSTEM"},
            {"Id": "rslvr-rr-3", "DomainName": ".", "RuleType": "FORWARD"},
            {"Id": "rslvr-autodefined-rr-internet-resolver", "DomainName": ".", "RuleType": "RECURSIVE"}]}),
    ));
    let association = |id: &str, vpc: &str| json!({"Id": format!("rslvr-rrassoc-{id}"), "ResolverRuleId": id, "VPCId": vpc});
    documents.push(document(
        "associations",
        json!({"ResolverRuleAssociations": [association("rslvr-rr-1", "vpc-0000000a"), association("rslvr-rr-2", "vpc-0000000a"),
            association("rslvr-autodefined-rr-internet-resolver", "vpc-0000000a"), association("rslvr-rr-9", "vpc-0000000b")]}),
    ));
    let (_, found) = read(&documents);
    let vpc = |id: &str| id.parse().unwrap();
    let named = |name: &str| vpclab_cloud::DomainName::parse(name).unwrap();
    let (domain, except) = (Some(named("corp.test")), vec![named("aws.corp.test")]);
    let expected = [
        Affected::Host("api.corp.test".into()),
        Affected::Forwarded { vpc: vpc("vpc-0000000a"), domain, except },
        Affected::Forwarded { vpc: vpc("vpc-0000000b"), domain: None, except: vec![] },
    ];
    let affects: Vec<_> = found.iter().flat_map(|noted| noted.affects.clone()).collect();
    assert_eq!(affects, expected, "a rule without a VPC forwards nothing: {found:?}");
    let text = import(&documents, Timestamp(0)).unwrap().text();
    assert_eq!(Snapshot::read(text.as_bytes()).unwrap().not_understood, found);
}
