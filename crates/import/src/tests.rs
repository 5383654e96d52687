mod named;

use super::*;
use serde_json::{Value, json};
use vpclab_cloud::{Cloud, Direction, Timestamp};

const HERE: &str = "111122223333/us-west-2";

fn document(name: &str, value: Value) -> Document {
    Document { origin: format!("{HERE}/{name}.json"), value }
}

/// A VPC with one subnet, whose main table, ACL and default group are told.
fn network() -> Vec<Document> {
    vec![
        document(
            "vpcs",
            json!({"Vpcs": [{"VpcId": "vpc-0000000a", "OwnerId": "111122223333", "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "default",
                "CidrBlockAssociationSet": [
                    {"AssociationId": "vpc-cidr-assoc-0000000b", "CidrBlock": "10.9.0.0/16", "CidrBlockState": {"State": "associated"}},
                    {"AssociationId": "vpc-cidr-assoc-0000000a", "CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}],
                "Tags": [{"Key": "Name", "Value": "main"}]}]}),
        ),
        document("support", json!({"VpcId": "vpc-0000000a", "EnableDnsSupport": {"Value": true}})),
        document("hostnames", json!({"VpcId": "vpc-0000000a", "EnableDnsHostnames": {"Value": true}})),
        document(
            "subnets",
            json!({"Subnets": [{"SubnetId": "subnet-0000000a", "VpcId": "vpc-0000000a", "CidrBlock": "10.0.1.0/24", "OwnerId": "111122223333",
                "AvailabilityZone": "us-west-2a"}]}),
        ),
        tables(json!([{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}])),
        document(
            "acls",
            json!({"NetworkAcls": [{"NetworkAclId": "acl-0000000a", "VpcId": "vpc-0000000a", "IsDefault": true,
                "Associations": [{"NetworkAclAssociationId": "aclassoc-0000000a", "NetworkAclId": "acl-0000000a", "SubnetId": "subnet-0000000a"}],
                "Entries": [
                    {"RuleNumber": 100, "Protocol": "6", "RuleAction": "deny", "Egress": true, "CidrBlock": "10.0.0.0/8", "PortRange": {"From": 443, "To": 443}},
                    {"RuleNumber": 101, "Protocol": "-1", "RuleAction": "allow", "Egress": false, "Ipv6CidrBlock": "::/0"},
                    {"RuleNumber": 32767, "Protocol": "-1", "RuleAction": "deny", "Egress": true, "CidrBlock": "0.0.0.0/0"}]}]}),
        ),
    ]
}

fn tables(routes: Value) -> Document {
    document(
        "tables",
        json!({"RouteTables": [{"RouteTableId": "rtb-0000000a", "VpcId": "vpc-0000000a", "OwnerId": "111122223333", "Routes": routes,
            "Associations": [{"Main": true, "RouteTableAssociationId": "rtbassoc-0000000a"}]}]}),
    )
}

fn read(documents: &[Document]) -> (Cloud, Vec<NotUnderstood>) {
    let snapshot = import(documents, Timestamp(0)).unwrap();
    (snapshot.cloud(), snapshot.not_understood)
}

fn noted(resource: &str, what: &str, affects: Affected) -> NotUnderstood {
    NotUnderstood { resource: resource.into(), what: what.into(), affects: vec![affects] }
}

#[test]
fn a_network_is_read_with_what_hangs_on_it() {
    let (cloud, noted) = read(&network());
    assert_eq!(noted, []);
    let vpc = cloud.vpcs.values().next().unwrap();
    assert_eq!(vpc.primary_cidr().to_string(), "10.0.0.0/16", "the primary block comes first");
    assert_eq!((vpc.cidrs.len(), vpc.private_dns_possible(), vpc.tags["Name"].as_str()), (2, true, "main"));
    assert_eq!(vpc.main_route_table.as_str(), "rtb-0000000a");
    let subnet = cloud.subnets.values().next().unwrap();
    assert_eq!((subnet.network_acl.as_str(), subnet.scope.account.as_str()), ("acl-0000000a", "111122223333"));
    let acl = cloud.network_acls.values().next().unwrap();
    assert_eq!(acl.entries.len(), 1, "neither the closing entry nor that of IPv6");
    assert!(!acl.entries[0].allow && acl.entries[0].egress && acl.entries[0].ports.unwrap().from == 443);
}

#[test]
fn what_a_snapshot_says_is_read_back() {
    let snapshot = import(&network(), Timestamp(1_795_985_506_250)).unwrap();
    let text = snapshot.text();
    assert!(text.contains("\"takenAt\": \"2026-11-29T20:51:46.25Z\""), "{text}");
    assert_eq!(Snapshot::read(text.as_bytes()).unwrap(), snapshot);
    let other = text.replace(FORMAT, "vpclab.snapshot/2");
    assert!(matches!(Snapshot::read(other.as_bytes()), Err(SnapshotError::Format(format)) if format == "vpclab.snapshot/2"));
    assert!(matches!(Snapshot::read(b"{"), Err(SnapshotError::Malformed(_))));
}

#[test]
fn targets_that_a_lab_has_not_are_listed_with_the_route() {
    let mut documents = network();
    documents.push(tables(json!([
        {"DestinationCidrBlock": "10.7.0.0/16", "TransitGatewayId": "tgw-1"},
        {"DestinationPrefixListId": "pl-1", "VpcPeeringConnectionId": "pcx-0000000a"},
        {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-0000000b"},
        {"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1"},
    ])));
    let (cloud, found) = read(&documents);
    let table: vpclab_cloud::RouteTableId = "rtb-0000000a".parse().unwrap();
    assert!(cloud.route_tables[&table].routes.is_empty());
    let route = |destination: Option<&str>| Affected::Route { table: table.clone(), destination: destination.map(|d| d.parse().unwrap()) };
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.contains(&noted(
        "rtb-0000000a",
        "vpclab does not know where the route to 10.7.0.0/16 by tgw-1 leads",
        route(Some("10.7.0.0/16"))
    )));
    assert!(found.contains(&noted("rtb-0000000a", "vpclab knows no prefix lists: the route to pl-1 is left out", route(None))));
    assert!(found.iter().any(|noted| noted.what.contains("pl-s3") && noted.affects.is_empty()), "no API is behind a gateway endpoint");
}

#[test]
fn rules_are_known_by_their_ids_where_they_are_told() {
    let group = |permissions: Value| {
        document(
            "groups",
            json!({"SecurityGroups": [{"GroupId": "sg-0000000a", "GroupName": "web", "Description": "d", "OwnerId": "111122223333",
            "VpcId": "vpc-0000000a", "IpPermissions": permissions, "IpPermissionsEgress": []}]}),
        )
    };
    let pair = json!([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "UserIdGroupPairs": [{"GroupId": "sg-0000000a", "UserId": "111122223333"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}]}]);
    let mut documents = network();
    documents.push(group(pair));
    let (cloud, found) = read(&documents);
    let rules = &cloud.security_groups.values().next().unwrap().rules;
    assert_eq!(rules.len(), 1);
    let affected = Affected::Rules { group: "sg-0000000a".parse().unwrap(), direction: Direction::Ingress };
    assert_eq!(found, [noted("sg-0000000a", "vpclab knows no prefix lists: the rule for pl-1 is left out", affected)]);
    documents.push(document(
        "rules",
        json!({"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-0000000a", "GroupId": "sg-0000000a", "IsEgress": true,
        "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv4": "0.0.0.0/0"}]}),
    ));
    let (cloud, _) = read(&documents);
    let rules = &cloud.security_groups.values().next().unwrap().rules;
    assert_eq!(rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["sgr-0000000a"]);
}

fn api(policy: &str) -> Vec<Document> {
    let integration =
        json!({"type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"}, "integrationResponses": {"200": {}}});
    let method = json!({"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": false, "methodIntegration": integration});
    vec![
        document(
            "apis",
            json!({"items": [{"id": "abc123", "name": "petshop", "createdDate": "2026-11-29T20:00:00+00:00", "policy": policy,
            "endpointConfiguration": {"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-0000000a"]}}]}),
        ),
        document(
            "get-resources.abc123",
            json!({"items": [{"id": "root0", "path": "/"},
            {"id": "pets0", "parentId": "root0", "pathPart": "pets", "path": "/pets", "resourceMethods": {"GET": method, "PUT": method}}]}),
        ),
        document(
            "get-deployments.abc123",
            json!({"items": [{"id": "dep1", "createdDate": "2026-11-29T20:01:00+00:00"},
            {"id": "old1", "createdDate": "2026-11-28T20:01:00+00:00"}]}),
        ),
        document("get-stages.abc123", json!({"item": [{"stageName": "dev", "deploymentId": "dep1"}]})),
    ]
}

fn served(documents: &[Document]) -> (Option<String>, Vec<String>, Vec<String>) {
    let (cloud, noted) = read(documents);
    assert_eq!(cloud.deployments.len(), 1, "only what a stage serves");
    let snapshot = &cloud.deployments.values().next().unwrap().snapshot;
    let methods = snapshot.resources.iter().flat_map(|r| r.methods.keys().map(move |name| format!("{name} {}", r.path)));
    (snapshot.settings.policy.clone(), methods.collect(), noted.into_iter().map(|noted| noted.to_string()).collect())
}

#[test]
fn what_was_deployed_is_told_by_the_best_there_is() {
    let live = r#"{"Version":"2012-10-17","Statement":[]}"#;
    // The policy as `GetRestApis` answers it: escaped once more.
    let mut documents = api(&live.replace('"', "\\\""));
    let (policy, methods, noted) = served(&documents);
    assert_eq!((policy.as_deref(), methods.len(), noted.len()), (Some(live), 2, 2), "{noted:?}");
    documents.push(document(
        "get-deployment.abc123",
        json!({"id": "dep1", "apiSummary": {"/pets": {"GET": {"authorizationType": "AWS_IAM", "apiKeyRequired": false}},
        "/gone": {"GET": {"authorizationType": "NONE"}}}}),
    ));
    let (_, methods, noted) = served(&documents);
    assert_eq!(methods, ["GET /pets"], "PUT was put after the deployment");
    assert!(noted.iter().any(|text| text.contains("GET /gone is deployed and no more in the API")), "{noted:?}");
    let method = json!({"responses": {}, "x-amazon-apigateway-integration": {"type": "mock"}});
    let export = |policy: Value| {
        document(
            "get-export.abc123.dev",
            json!({"openapi": "3.0.1", "info": {"title": "pets", "version": "1"},
            "servers": [{"url": "https://abc123.execute-api.us-west-2.amazonaws.com/{basePath}", "variables": {"basePath": {"default": "/dev"}}}],
            "paths": {"/gone/{id}": {"delete": method}}, "x-amazon-apigateway-policy": policy}),
        )
    };
    let mut same = documents.clone();
    same.push(export(json!({"Statement": [], "Version": "2012-10-17"})));
    assert_eq!(served(&same), (Some(live.to_owned()), vec!["DELETE /gone/{id}".to_owned()], vec![]));
    let other = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]});
    documents.push(export(other.clone()));
    assert_eq!(served(&documents).0, Some(other.to_string()), "an edited policy is not the deployed one");
    let short = json!({"Statement": [{"Resource": ["execute-api:/dev/*"]}]});
    *documents.last_mut().unwrap() = export(short);
    let arn = "arn:aws:execute-api:us-west-2:111122223333:abc123/dev/*";
    assert_eq!(served(&documents).0, Some(json!({"Statement": [{"Resource": [arn]}]}).to_string()));
    let bare = documents.last_mut().unwrap();
    bare.value["paths"]["/gone/{id}"]["delete"] = json!({});
    let (policy, _, noted) = served(&documents);
    assert_eq!(policy.as_deref(), Some(live));
    assert!(noted.iter().any(|text| text.contains("extensions=apigateway")), "{noted:?}");
}

#[test]
fn answers_of_no_known_place_are_refused() {
    let lost = |value: Value| import(&[Document { origin: "x.json".into(), value }], Timestamp(0)).unwrap_err();
    assert_eq!(lost(json!({"Vpcs": []})), NoPlace::Region("x.json".into()));
    assert_eq!(lost(json!({"Subnets": [{"AvailabilityZone": "us-west-2b"}]})), NoPlace::Account("x.json".into()));
    let (_, noted) = read(&[document("other", json!({"Clusters": []}))]);
    assert_eq!(noted[0].to_string(), format!("{HERE}/other.json: the file holds no answer that the import reads"));
}

#[test]
fn what_is_named_and_not_told_is_listed() {
    let mut documents = network();
    documents.retain(|document| !document.origin.contains("hostnames") && !document.origin.contains("acls"));
    let (_, found) = read(&documents);
    let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        ["subnet-0000000a: no answer holds its network ACL", "vpc-0000000a: no answer holds its attribute enableDnsHostnames"]
    );
    assert!(found.iter().all(|noted| noted.affects == [Affected::Vpc("vpc-0000000a".parse().unwrap())]));
}

#[test]
fn what_cannot_be_read_is_listed_with_all_that_leans_on_it() {
    let mut documents = network();
    documents.push(document(
        "rules",
        json!({"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-0000000a", "GroupId": "sg-0000000a",
        "IpProtocol": "warp", "CidrIpv4": "0.0.0.0/0"}]}),
    ));
    documents.push(tables(json!([{"DestinationCidrBlock": "10.0.0.0/77", "GatewayId": "local"}])));
    let (_, found) = read(&documents);
    let of = |id: &str| found.iter().find(|noted| noted.resource == id).unwrap();
    let rule = of("sgr-0000000a");
    assert!(rule.what.ends_with("`IpProtocol` is `warp`, which vpclab cannot read"), "{rule}");
    assert_eq!(rule.affects, [Affected::Rules { group: "sg-0000000a".parse().unwrap(), direction: Direction::Ingress }]);
    assert_eq!(of("rtb-0000000a").affects, [Affected::Vpc("vpc-0000000a".parse().unwrap())]);
}

#[test]
fn an_anonymised_snapshot_tells_no_names_and_the_same_relations() {
    let uri = "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:111122223333:function:secret-pets:live/invocations";
    let method = json!({"authorizationType": "NONE", "methodIntegration": {"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri,
        "integrationResponses": {"200": {"responseTemplates": {"application/json": "secret"}}}}});
    let mut documents = network();
    documents.extend(api(r#"{"Statement":[{"Principal":{"AWS":"arn:aws:iam::444455556666:role/secret"}}]}"#));
    documents.push(document("get-resources.abc123", json!({"items": [{"id": "root0", "path": "/", "resourceMethods": {"ANY": method}}]})));
    documents.push(document(
        "functions",
        json!({"Functions": [{"FunctionName": "secret-pets", "Description": "secret", "Handler": "secret.run",
        "Role": "arn:aws:iam::111122223333:role/secret/run", "Environment": {"Variables": {"KEY": "secret"}}}]}),
    ));
    documents.push(document(
        "groups",
        json!({"SecurityGroups": [{"GroupId": "sg-0000000a", "GroupName": "secret", "Description": "secret",
        "VpcId": "vpc-0000000a", "Tags": [{"Key": "secret", "Value": "secret"}]}]}),
    ));
    let plain = import(&documents, Timestamp(0)).unwrap();
    assert!(plain.text().contains("secret"));
    let masked = plain.clone().anonymised().unwrap();
    let text = masked.text();
    for word in ["secret", "111122223333", "444455556666", "petshop", "\"main\""] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    assert_eq!(masked.records.len(), plain.records.len());
    let cloud = masked.cloud();
    let function = cloud.functions.values().next().unwrap();
    let resource = cloud.resources.values().find(|resource| resource.path == "/").unwrap();
    let uri = resource.methods["ANY"].integration.as_ref().unwrap().uri.clone().unwrap();
    assert!(uri.contains(&format!("{}:live", function.arn())), "{uri} names {}", function.arn());
    assert!(text.contains(":role/role-"), "{text}");
    assert_eq!(masked.clone().anonymised().unwrap().records.len(), masked.records.len());
}

/// A method whose function is named by what stands in `function`, and the stage's variables.
fn proxied(function: &str, variables: Value) -> Vec<Document> {
    let uri = format!(
        "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/arn:aws:lambda:us-west-2:111122223333:function:{function}/invocations"
    );
    let method = json!({"httpMethod": "GET", "authorizationType": "NONE",
        "methodIntegration": {"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri, "requestParameters": {"integration.request.header.k": "'hush'"}}});
    let mock = json!({"httpMethod": "PUT", "authorizationType": "NONE", "methodIntegration": {"type": "MOCK",
        "requestTemplates": {"application/json": "{\"statusCode\": 204, \"hush\": 1}"},
        "integrationResponses": {"204": {"responseParameters": {"method.response.header.k": "'hush'"}}}}});
    let mut documents = api(r#"{"Statement":[{"Principal":{"AWS":["arn:aws:sts::111122223333:assumed-role/hush/hush-session",
        "arn:aws:iam::111122223333:role/hush-path/hush","arn:aws:iam::111122223333:group/hush"]}}]}"#);
    documents.push(document(
        "get-resources.abc123",
        json!({"items": [{"id": "root0", "path": "/", "resourceMethods": {"GET": method, "PUT": mock}}]}),
    ));
    documents.push(document("get-stages.abc123", json!({"item": [{"stageName": "dev", "deploymentId": "dep1", "variables": variables}]})));
    documents.push(document("functions", json!({"Functions": [{"FunctionName": "hush-pets"}]})));
    documents
}

fn called(cloud: &Cloud) -> Option<String> {
    let stage = cloud.stages.values().next().unwrap();
    let snapshot = &cloud.deployments.values().next().unwrap().snapshot;
    let uri = snapshot.resources[0].methods["GET"].integration.as_ref().unwrap().uri.clone().unwrap();
    vpclab_api::lambda_proxy::function_of(&uri, &stage.variables)
}

#[test]
fn functions_by_versions_and_aliases_that_are_not_told_are_not_understood() {
    let affected = || {
        let scope = vpclab_cloud::Scope { account: "111122223333".parse().unwrap(), region: "us-west-2".parse().unwrap() };
        vec![Affected::Function { scope, name: "hush-pets".into() }]
    };
    let of = |documents: &[Document]| read(documents).1.into_iter().filter(|noted| noted.affects == affected()).count();
    assert_eq!(of(&proxied("hush-pets", json!({}))), 0);
    assert_eq!(of(&proxied("hush-pets:3", json!({}))), 1);
    let mut documents = proxied("hush-pets:${stageVariables.alias}", json!({"alias": "live"}));
    assert_eq!(of(&documents), 1);
    // Who saves the alias, its version and its policy has all that there is to know.
    let arn = "arn:aws:lambda:us-west-2:111122223333:function:hush-pets:live";
    documents.push(document("list-aliases", json!({"Aliases": [{"AliasArn": arn, "Name": "live", "FunctionVersion": "1"}]})));
    assert_eq!(of(&documents), 1);
    let policy = json!({"Statement": [{"Sid": "s", "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": arn}]});
    documents.push(document("get-policy", json!({"Policy": policy.to_string(), "RevisionId": "r"})));
    assert_eq!(of(&documents), 1);
    let version = arn.replace(":live", ":1");
    documents.push(document("versions", json!({"Versions": [{"FunctionName": "hush-pets", "FunctionArn": version}]})));
    assert_eq!(of(&documents), 0);
}

#[test]
fn functions_that_stage_variables_name_stay_the_same_functions() {
    for (function, variables) in [
        ("hush-${stageVariables.what}", json!({"what": "pets", "unused": "hush"})),
        ("${stageVariables.function}", json!({"function": "hush-pets"})),
        ("hush-pets:${stageVariables.alias}", json!({"alias": "live"})),
    ] {
        let plain = import(&proxied(function, variables), Timestamp(0)).unwrap();
        let masked = plain.clone().anonymised().unwrap();
        let cloud = masked.cloud();
        let qualifier = called(&plain.cloud()).unwrap().replace("arn:aws:lambda:us-west-2:111122223333:function:hush-pets", "");
        let of = cloud.functions.values().next().unwrap();
        assert_eq!(called(&cloud), Some(format!("{}{qualifier}", of.arn())));
        let text = masked.text();
        for word in ["hush", "'hush'"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
        assert!(text.contains("{\\\"statusCode\\\": 204}"), "{text}");
        // A session says its role by the name that the role has.
        let policy = cloud.rest_apis.values().next().unwrap().settings.policy.clone().unwrap();
        assert!(policy.contains(":assumed-role/role-1/session-1"), "{policy}");
        assert!(policy.contains(":role/path-1/role-1") && policy.contains(":group/iam-group-1"), "{policy}");
    }
}

#[test]
fn schemas_and_gateway_responses_keep_what_checks_and_lose_what_tells() {
    use vpclab_cloud::{Record, gateway_response::GatewayResponseType, model::Model};
    let mut plain = import(&api("{}"), Timestamp(0)).unwrap();
    let schema =
        r#"{"title":"hush","type":"object","properties":{"title":{"type":"string","description":"hush","default":"hush","enum":["a"]}}}"#;
    for record in &mut plain.records {
        let Record::RestApi(_, api) = record else { continue };
        let settings = &mut std::sync::Arc::make_mut(api).settings;
        let id = "abc123".parse().unwrap();
        let model = Model { id, description: Some("hush".into()), content_type: "application/json".into(), schema: schema.into() };
        settings.validation.models.insert("Pet".into(), model);
        let response = settings.gateway_responses.entry(GatewayResponseType::AccessDenied).or_default();
        response.status = Some(404);
        response.parameters.insert("gatewayresponse.header.k".into(), "'hush'".into());
        response.templates.insert("application/json".into(), "hush".into());
    }
    let masked = plain.anonymised().unwrap();
    assert!(!masked.text().contains("hush"), "{}", masked.text());
    let cloud = masked.cloud();
    let settings = &cloud.rest_apis.values().next().unwrap().settings;
    let schema: Value = serde_json::from_str(&settings.validation.models["Pet"].schema).unwrap();
    assert_eq!(schema, json!({"type": "object", "properties": {"title": {"type": "string", "enum": ["a"]}}}));
    assert_eq!(settings.gateway_responses[&GatewayResponseType::AccessDenied].status, Some(404));
}

#[test]
fn the_policy_allows_what_the_script_asks_and_only_to_read() {
    let policy = calls::policy().to_string();
    for call in calls::CALLS {
        assert!(policy.contains(&format!("\"{}\"", call.action())), "{}", call.operation);
        let verb = ["Describe", "Get", "List"].iter().any(|verb| call.operation.starts_with(verb));
        assert!(verb, "{} may do more than read", call.operation);
        assert!(script().contains(&format!(" {} ", calls::kebab(call.operation))) || call.operation == "GetExport");
    }
}

#[test]
fn endpoints_of_other_services_are_taken_and_their_policies_are_said_to_be_idle() {
    let endpoint = |id: &str, service: &str, kind: &str, policy: &str| {
        json!({"VpcEndpointId": id, "VpcId": "vpc-0000000a", "ServiceName": format!("com.amazonaws.us-west-2.{service}"),
            "VpcEndpointType": kind, "State": "available", "PolicyDocument": policy, "OwnerId": "111122223333"})
    };
    let everything = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
    let nothing = r#"{"Statement":[]}"#;
    let mut documents = network();
    documents.push(document(
        "endpoints",
        json!({"VpcEndpoints": [
            endpoint("vpce-0000000a", "ssm", "Interface", everything),
            endpoint("vpce-0000000b", "logs", "Interface", nothing),
            endpoint("vpce-0000000c", "s3", "Gateway", everything)]}),
    ));
    let (cloud, found) = read(&documents);
    let ids: Vec<String> = cloud.vpc_endpoints.keys().map(ToString::to_string).collect();
    assert_eq!(ids, ["vpce-0000000a", "vpce-0000000b"]);
    let of = |id: &str| found.iter().filter(|one| one.resource == id).map(|one| one.what.clone()).collect::<Vec<_>>();
    assert!(of("vpce-0000000a").is_empty(), "{found:?}");
    assert!(of("vpce-0000000b")[0].contains("does not enforce the policy"), "{found:?}");
    assert!(of("vpce-0000000c")[0].contains("runs no `Gateway` endpoints"), "{found:?}");
}
