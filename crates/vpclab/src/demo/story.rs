//! The story: Seoul, then Oregon.
use super::{Step, shell::Shell};
use serde_json::Value;

const SEOUL: &str = "ap-northeast-2";
const OREGON: &str = "us-west-2";

/// The steps, in order. Each checks what it shows.
pub const STEPS: &[Step] = &[
    Step { title: "Seoul: a VPC with DNS hostnames on, and a subnet", act: seoul_vpc },
    Step { title: "Seoul: security groups for the instance and for the endpoint, the latter without a rule for 443", act: seoul_groups },
    Step { title: "Seoul: an execute-api interface endpoint with private DNS", act: seoul_endpoint },
    Step { title: "Seoul: a PRIVATE API with a resource policy, deployed", act: seoul_api },
    Step { title: "Seoul: the endpoint configuration and the policy, as they are kept", act: seoul_look },
    Step { title: "Seoul: an instance", act: seoul_instance },
    Step { title: "Seoul: nslookup in the instance gives the endpoint's private address", act: seoul_nslookup },
    Step { title: "Seoul: curl times out, for the endpoint's security group lets nothing in", act: seoul_timeout },
    Step { title: "Seoul: inbound 443 is opened, and curl answers", act: seoul_answer },
    Step { title: "Oregon: a VPC with another CIDR, and an instance", act: oregon_vpc },
    Step { title: "Peering: requested from Seoul with the accepter's VPC id, accepted in Oregon", act: peering },
    Step { title: "Peering: DNS resolution on both sides", act: peering_dns },
    Step { title: "Routes to the other CIDR on both sides, and 443 open to Oregon's", act: routes },
    Step { title: "Oregon: the private name does not resolve", act: oregon_nxdomain },
    Step { title: "Oregon: the name with the endpoint's id resolves, and curl answers", act: oregon_answer },
];

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn seoul_vpc(shell: &mut Shell) -> Result<(), String> {
    let vpc = shell.aws_text(SEOUL, &["ec2", "create-vpc", "--cidr-block", "10.0.0.0/16", "--query", "Vpc.VpcId"])?;
    shell.aws(SEOUL, &["ec2", "modify-vpc-attribute", "--vpc-id", &vpc, "--enable-dns-hostnames"])?;
    let on = shell.aws(
        SEOUL,
        &["ec2", "describe-vpc-attribute", "--vpc-id", &vpc, "--attribute", "enableDnsHostnames", "--query", "EnableDnsHostnames.Value"],
    )?;
    let subnet = shell.aws_text(
        SEOUL,
        &[
            "ec2",
            "create-subnet",
            "--vpc-id",
            &vpc,
            "--cidr-block",
            "10.0.1.0/24",
            "--availability-zone",
            "ap-northeast-2a",
            "--query",
            "Subnet.SubnetId",
        ],
    )?;
    shell.learn("the VPC in Seoul", vpc);
    shell.learn("the subnet in Seoul", subnet);
    check(on == Value::Bool(true), || format!("DNS hostnames are {on}"))
}

fn seoul_groups(shell: &mut Shell) -> Result<(), String> {
    let vpc = shell.get("the VPC in Seoul")?;
    let client = shell.aws_text(
        SEOUL,
        &[
            "ec2",
            "create-security-group",
            "--group-name",
            "client",
            "--description",
            "the instance",
            "--vpc-id",
            &vpc,
            "--query",
            "GroupId",
        ],
    )?;
    let endpoint = shell.aws_text(
        SEOUL,
        &[
            "ec2",
            "create-security-group",
            "--group-name",
            "endpoint",
            "--description",
            "the endpoint",
            "--vpc-id",
            &vpc,
            "--query",
            "GroupId",
        ],
    )?;
    let rules =
        shell.aws(SEOUL, &["ec2", "describe-security-groups", "--group-ids", &endpoint, "--query", "SecurityGroups[0].IpPermissions"])?;
    shell.learn("the instance's group", client);
    shell.learn("the endpoint's group", endpoint);
    check(rules == Value::Array(Vec::new()), || format!("a new group has inbound rules: {rules}"))
}

fn seoul_endpoint(shell: &mut Shell) -> Result<(), String> {
    let (vpc, subnet, group) = (shell.get("the VPC in Seoul")?, shell.get("the subnet in Seoul")?, shell.get("the endpoint's group")?);
    let endpoint = shell.aws_text(
        SEOUL,
        &[
            "ec2",
            "create-vpc-endpoint",
            "--vpc-id",
            &vpc,
            "--vpc-endpoint-type",
            "Interface",
            "--service-name",
            "com.amazonaws.ap-northeast-2.execute-api",
            "--subnet-ids",
            &subnet,
            "--security-group-ids",
            &group,
            "--private-dns-enabled",
            "--query",
            "VpcEndpoint.VpcEndpointId",
        ],
    )?;
    let seen = shell.aws(
        SEOUL,
        &[
            "ec2",
            "describe-vpc-endpoints",
            "--vpc-endpoint-ids",
            &endpoint,
            "--query",
            "VpcEndpoints[0].[State,PrivateDnsEnabled,DnsEntries[].DnsName,NetworkInterfaceIds[0]]",
        ],
    )?;
    let interface = seen.get(3).and_then(Value::as_str).ok_or("the endpoint has no network interface")?;
    let address = shell.aws_text(
        SEOUL,
        &["ec2", "describe-network-interfaces", "--network-interface-ids", interface, "--query", "NetworkInterfaces[0].PrivateIpAddress"],
    )?;
    shell.learn("the endpoint", endpoint);
    shell.learn("the endpoint's address", address);
    check(seen.get(0) == Some(&Value::from("available")) && seen.get(1) == Some(&Value::Bool(true)), || format!("the endpoint is {seen}"))
}

fn seoul_api(shell: &mut Shell) -> Result<(), String> {
    let endpoint = shell.get("the endpoint")?;
    let body = shell.file(
        "pets.yaml",
        &format!(
            r#"openapi: "3.0.1"
info: {{title: pets, version: "1.0"}}
servers:
  - url: /
    x-amazon-apigateway-endpoint-configuration:
      vpcEndpointIds: [{endpoint}]
x-amazon-apigateway-policy:
  Version: "2012-10-17"
  Statement:
    - Effect: Allow
      Principal: "*"
      Action: execute-api:Invoke
      Resource: execute-api:/*
    - Effect: Deny
      Principal: "*"
      Action: execute-api:Invoke
      Resource: execute-api:/*
      Condition: {{StringNotEquals: {{aws:SourceVpce: {endpoint}}}}}
paths:
  /pets:
    get:
      responses: {{"200": {{description: the pets}}}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {{application/json: '{{"statusCode": 200}}'}}
        responses:
          default: {{statusCode: "200", responseTemplates: {{application/json: '["Bello", "Mimi"]'}}}}
"#
        ),
    )?;
    let api = shell.aws_text(
        SEOUL,
        &[
            "apigateway",
            "import-rest-api",
            "--parameters",
            "endpointConfigurationTypes=PRIVATE",
            "--body",
            &format!("fileb://{body}"),
            "--query",
            "id",
        ],
    )?;
    shell.learn("the API", api.clone());
    let deployed = shell.aws(SEOUL, &["apigateway", "create-deployment", "--rest-api-id", &api, "--stage-name", "dev"])?;
    check(deployed.get("id").is_some(), || format!("the deployment is {deployed}"))
}

fn seoul_look(shell: &mut Shell) -> Result<(), String> {
    let (api, endpoint) = (shell.get("the API")?, shell.get("the endpoint")?);
    let configuration = shell.aws(SEOUL, &["apigateway", "get-rest-api", "--rest-api-id", &api, "--query", "endpointConfiguration"])?;
    let policy = shell.aws_text(SEOUL, &["apigateway", "get-rest-api", "--rest-api-id", &api, "--query", "policy"])?;
    let private = configuration.pointer("/types/0") == Some(&Value::from("PRIVATE"));
    check(private && configuration.pointer("/vpcEndpointIds/0") == Some(&Value::from(endpoint.as_str())), || {
        format!("the endpoint configuration is {configuration}")
    })?;
    // AWS answers the policy backslash-escaped once more than JSON needs.
    let policy: Value =
        serde_json::from_str(&policy.replace("\\\"", "\"").replace("\\/", "/")).map_err(|why| format!("the policy is no JSON: {why}"))?;
    let resource = policy.pointer("/Statement/0/Resource").and_then(Value::as_str).unwrap_or_default().to_owned();
    check(resource == format!("arn:aws:execute-api:{SEOUL}:111122223333:{api}/*"), || format!("the policy's resource is {resource}"))
}

fn launch(shell: &Shell, region: &str, subnet: &str, group: Option<&str>) -> Result<(String, String), String> {
    let image = shell.aws_text(region, &["ec2", "describe-images", "--query", "Images[0].ImageId"])?;
    let mut arguments = vec!["ec2", "run-instances", "--image-id", image.as_str(), "--instance-type", "t3.micro", "--subnet-id", subnet];
    if let Some(group) = group {
        arguments.extend(["--security-group-ids", group]);
    }
    arguments.extend(["--query", "Instances[0].InstanceId"]);
    let instance = shell.aws_text(region, &arguments)?;
    let seen = shell.aws(
        region,
        &[
            "ec2",
            "describe-instances",
            "--instance-ids",
            &instance,
            "--query",
            "Reservations[0].Instances[0].[State.Name,PrivateIpAddress,PrivateDnsName]",
        ],
    )?;
    check(seen.get(0) == Some(&Value::from("running")), || format!("the instance is {seen}"))?;
    let address = seen.get(1).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok((instance, address))
}

fn seoul_instance(shell: &mut Shell) -> Result<(), String> {
    let (instance, address) = launch(shell, SEOUL, &shell.get("the subnet in Seoul")?, Some(&shell.get("the instance's group")?))?;
    let host = shell.inside(&instance, &["hostname"])?;
    let expected = format!("ip-{}", address.replace('.', "-"));
    shell.learn("the instance in Seoul", instance);
    check(host.out.trim() == expected, || format!("the host name is {}, not {expected}", host.out.trim()))
}

fn private_url(shell: &Shell) -> Result<(String, String), String> {
    let host = format!("{}.execute-api.{SEOUL}.amazonaws.com", shell.get("the API")?);
    let url = format!("https://{host}/dev/pets");
    Ok((host, url))
}

fn seoul_nslookup(shell: &mut Shell) -> Result<(), String> {
    let (host, _) = private_url(shell)?;
    let answer = shell.inside(&shell.get("the instance in Seoul")?, &["nslookup", &host])?;
    let address = shell.get("the endpoint's address")?;
    check(answer.code == 0 && answer.out.contains(&format!("Address: {address}")), || format!("nslookup does not give {address}"))
}

fn curl(url: &str) -> [&str; 8] {
    ["curl", "-sS", "--max-time", "3", "-w", "\\nHTTP %{http_code}\\n", "--", url]
}

fn seoul_timeout(shell: &mut Shell) -> Result<(), String> {
    let (_, url) = private_url(shell)?;
    let answer = shell.inside(&shell.get("the instance in Seoul")?, &curl(&url))?;
    check(answer.code == 28, || format!("curl ended with {}, not 28 (timed out)", answer.code))
}

fn seoul_answer(shell: &mut Shell) -> Result<(), String> {
    let (client, endpoint) = (shell.get("the instance's group")?, shell.get("the endpoint's group")?);
    shell.aws(
        SEOUL,
        &[
            "ec2",
            "authorize-security-group-ingress",
            "--group-id",
            &endpoint,
            "--protocol",
            "tcp",
            "--port",
            "443",
            "--source-group",
            &client,
            "--query",
            "Return",
        ],
    )?;
    let (_, url) = private_url(shell)?;
    let answer = shell.inside(&shell.get("the instance in Seoul")?, &curl(&url))?;
    answered(&answer)
}

fn answered(answer: &super::shell::Answer) -> Result<(), String> {
    check(answer.code == 0 && answer.out.contains("[\"Bello\", \"Mimi\"]") && answer.out.contains("HTTP 200"), || {
        "curl did not get the pets".to_owned()
    })
}

fn oregon_vpc(shell: &mut Shell) -> Result<(), String> {
    let vpc = shell.aws_text(OREGON, &["ec2", "create-vpc", "--cidr-block", "10.1.0.0/16", "--query", "Vpc.VpcId"])?;
    shell.aws(OREGON, &["ec2", "modify-vpc-attribute", "--vpc-id", &vpc, "--enable-dns-hostnames"])?;
    let subnet =
        shell.aws_text(OREGON, &["ec2", "create-subnet", "--vpc-id", &vpc, "--cidr-block", "10.1.1.0/24", "--query", "Subnet.SubnetId"])?;
    shell.learn("the VPC in Oregon", vpc);
    let (instance, _) = launch(shell, OREGON, &subnet, None)?;
    shell.learn("the instance in Oregon", instance);
    Ok(())
}

fn peering(shell: &mut Shell) -> Result<(), String> {
    let (seoul, oregon) = (shell.get("the VPC in Seoul")?, shell.get("the VPC in Oregon")?);
    let peering = shell.aws_text(
        SEOUL,
        &[
            "ec2",
            "create-vpc-peering-connection",
            "--vpc-id",
            &seoul,
            "--peer-vpc-id",
            &oregon,
            "--peer-region",
            OREGON,
            "--query",
            "VpcPeeringConnection.VpcPeeringConnectionId",
        ],
    )?;
    shell.learn("the peering", peering.clone());
    let status = [
        "ec2",
        "describe-vpc-peering-connections",
        "--vpc-peering-connection-ids",
        &peering,
        "--query",
        "VpcPeeringConnections[0].Status.Code",
    ];
    let pending = shell.aws_text(OREGON, &status)?;
    check(pending == "pending-acceptance", || format!("the peering is {pending} before it is accepted"))?;
    shell.aws(
        OREGON,
        &["ec2", "accept-vpc-peering-connection", "--vpc-peering-connection-id", &peering, "--query", "VpcPeeringConnection.Status"],
    )?;
    let active = shell.aws_text(SEOUL, &status)?;
    check(active == "active", || format!("the peering is {active} after it was accepted"))
}

fn peering_dns(shell: &mut Shell) -> Result<(), String> {
    let peering = shell.get("the peering")?;
    for (region, side) in [(SEOUL, "--requester-peering-connection-options"), (OREGON, "--accepter-peering-connection-options")] {
        shell.aws(
            region,
            &[
                "ec2",
                "modify-vpc-peering-connection-options",
                "--vpc-peering-connection-id",
                &peering,
                side,
                "AllowDnsResolutionFromRemoteVpc=true",
            ],
        )?;
    }
    let options = shell.aws(
        SEOUL,
        &["ec2", "describe-vpc-peering-connections", "--vpc-peering-connection-ids", &peering, "--query",
          "VpcPeeringConnections[0].[RequesterVpcInfo.PeeringOptions.AllowDnsResolutionFromRemoteVpc,AccepterVpcInfo.PeeringOptions.AllowDnsResolutionFromRemoteVpc]"],
    )?;
    check(options == serde_json::json!([true, true]), || format!("the options are {options}"))
}

fn routes(shell: &mut Shell) -> Result<(), String> {
    let peering = shell.get("the peering")?;
    for (region, vpc, other) in [(SEOUL, "the VPC in Seoul", "10.1.0.0/16"), (OREGON, "the VPC in Oregon", "10.0.0.0/16")] {
        let filter = format!("Name=vpc-id,Values={}", shell.get(vpc)?);
        let table =
            shell.aws_text(region, &["ec2", "describe-route-tables", "--filters", &filter, "--query", "RouteTables[0].RouteTableId"])?;
        shell.aws(
            region,
            &[
                "ec2",
                "create-route",
                "--route-table-id",
                &table,
                "--destination-cidr-block",
                other,
                "--vpc-peering-connection-id",
                &peering,
            ],
        )?;
    }
    let group = shell.get("the endpoint's group")?;
    shell.aws(
        SEOUL,
        &[
            "ec2",
            "authorize-security-group-ingress",
            "--group-id",
            &group,
            "--protocol",
            "tcp",
            "--port",
            "443",
            "--cidr",
            "10.1.0.0/16",
            "--query",
            "Return",
        ],
    )?;
    Ok(())
}

fn oregon_nxdomain(shell: &mut Shell) -> Result<(), String> {
    let (host, url) = private_url(shell)?;
    let instance = shell.get("the instance in Oregon")?;
    let answer = shell.inside(&instance, &["nslookup", &host])?;
    check(answer.out.contains("NXDOMAIN"), || "nslookup does not say NXDOMAIN".to_owned())?;
    let answer = shell.inside(&instance, &curl(&url))?;
    check(answer.code == 6, || format!("curl ended with {}, not 6 (could not resolve host)", answer.code))
}

fn oregon_answer(shell: &mut Shell) -> Result<(), String> {
    let host = format!("{}-{}.execute-api.{SEOUL}.amazonaws.com", shell.get("the API")?, shell.get("the endpoint")?);
    let instance = shell.get("the instance in Oregon")?;
    let answer = shell.inside(&instance, &["nslookup", &host])?;
    let address = shell.get("the endpoint's address")?;
    check(answer.code == 0 && answer.out.contains(&format!("Address: {address}")), || format!("nslookup does not give {address}"))?;
    answered(&shell.inside(&instance, &curl(&format!("https://{host}/dev/pets")))?)
}
