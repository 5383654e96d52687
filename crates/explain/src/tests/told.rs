//! The prose and the JSON of one explanation, whole.
use super::{FROM_OREGON, WORLD, network::Network};
use crate::render::{self, Style};
use serde_json::{Value, json};

fn explained() -> (Network, crate::Explanation) {
    let network = Network::of(&format!("{WORLD}unroute oregon 10.0.0.0/16"));
    let explanation = network.explain(FROM_OREGON.0, FROM_OREGON.1);
    (network, explanation)
}

#[test]
fn the_prose() {
    let (network, explanation) = explained();
    let table = network.main_table("oregon");
    let text = network.named_in(&render::text(&explanation, Style::default()).replace(&table, "<table>"));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "GET https://<pets>-<vpce>.execute-api.ap-northeast-2.amazonaws.com/dev/pets");
    assert_eq!(lines[2], "  ok name-resolution        10.0.2.4 by the public alias of <pets> at <vpce>");
    assert_eq!(lines[5], "  XX route                  <table> of <far> has no route to 10.0.2.4");
    assert_eq!(lines[6], "  ok peering                <pcx> from <oregon> to <seoul> is active");
    let after = lines.iter().skip_while(|line| line.starts_with("  ") || line.starts_with("GET")).copied().collect::<Vec<_>>();
    assert_eq!(
        after,
        [
            "blocked: the client's connection times out",
            "blocker 1: NO_ROUTE_TO_DESTINATION at route: <table> of <far> has no route to 10.0.2.4",
            "  see docs/causes/NO_ROUTE_TO_DESTINATION.md",
            "fix 1: route the other side's subnet, 10.0.2.0/24, by <pcx> in <table> (account 111122223333)",
            "  aws ec2 create-route --route-table-id <table> --destination-cidr-block 10.0.2.0/24 --vpc-peering-connection-id <pcx> --region us-west-2",
            "  template: AWS::EC2::Route <table> 10.0.2.0/24: {\"RouteTableId\":\"<table>\",\"DestinationCidrBlock\":\"10.0.2.0/24\",\
             \"VpcPeeringConnectionId\":\"<pcx>\"}",
        ]
    );
}

#[test]
fn the_json() {
    let (network, explanation) = explained();
    let table = network.main_table("oregon");
    let text = network.named_in(&render::json(&explanation).to_string().replace(&table, "<table>"));
    let value: Value = serde_json::from_str(&text).unwrap();
    let members: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(members, ["schema", "call", "verdict", "outcome", "steps", "blockers", "fixes", "warnings", "missing"]);
    assert_eq!(
        (&value["schema"], &value["verdict"], &value["outcome"]),
        (&json!("vpclab.explain/1"), &json!("blocked"), &json!({"kind": "timeout"}))
    );
    assert_eq!(value["call"]["from"], json!({"kind": "instance", "id": "<there>"}));
    let step = json!({
        "step": "route", "verdict": "block", "summary": "<table> of <far> has no route to 10.0.2.4",
        "evidence": [{"kind": "subnet", "id": "<far>", "detail": ""}, {"kind": "route-table", "id": "<table>", "detail": "no route matches"}],
        "cites": "https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html",
    });
    assert_eq!(value["steps"][4], step);
    let fix = json!({
        "summary": "route the other side's subnet, 10.0.2.0/24, by <pcx> in <table>",
        "account": "111122223333",
        "commands": ["aws ec2 create-route --route-table-id <table> --destination-cidr-block 10.0.2.0/24 --vpc-peering-connection-id <pcx> --region us-west-2"],
        "template": [{"type": "AWS::EC2::Route", "id": "<table> 10.0.2.0/24", "property": "",
                      "value": {"RouteTableId": "<table>", "DestinationCidrBlock": "10.0.2.0/24", "VpcPeeringConnectionId": "<pcx>"}}],
        "instead": null,
    });
    let blocker = json!({
        "cause": "NO_ROUTE_TO_DESTINATION", "title": "no route leads to the destination", "step": "route",
        "detail": step["summary"], "evidence": step["evidence"], "page": "docs/causes/NO_ROUTE_TO_DESTINATION.md", "fixes": [fix],
    });
    assert_eq!(value["blockers"], json!([blocker]));
    assert_eq!(value["fixes"], json!([fix]));
}
