//! The story: Seoul, then Oregon.
use super::{Step, shell::Shell};
use serde_json::Value;

const SEOUL: &str = "ap-northeast-2";
const OREGON: &str = "us-west-2";

/// The steps, in order. Each checks what it shows.
pub const STEPS: &[Step] = &[
    Step { title: "Seoul: sam build", act: seoul_build },
    Step {
        title: "Seoul: sam deploy makes the VPC, the endpoint, the PRIVATE API with its policy, the function and an instance",
        act: seoul_deploy,
    },
    Step { title: "Seoul: the endpoint with private DNS, as it is", act: seoul_endpoint },
    Step { title: "Seoul: the endpoint configuration and the policy, as they are kept", act: seoul_look },
    Step { title: "Seoul: nslookup in the instance gives the endpoint's private address", act: seoul_nslookup },
    Step { title: "Seoul: curl times out, for the endpoint's security group lets nothing in", act: seoul_timeout },
    Step { title: "Seoul: vpclab explain names the setting that blocks it, and the command that mends it", act: seoul_explain },
    Step { title: "Seoul: inbound 443 is opened by that command, and curl answers", act: seoul_answer },
    Step { title: "Oregon: sam deploy makes a VPC with another CIDR, and an instance", act: oregon_deploy },
    Step { title: "Peering: requested from Seoul with the accepter's VPC id, accepted in Oregon", act: peering },
    Step { title: "Peering: DNS resolution on both sides", act: peering_dns },
    Step { title: "Seoul: the route to Oregon's CIDR, and 443 open to it", act: seoul_route },
    Step { title: "Oregon: sam deploy adds the route to Seoul and a function in the VPC that calls the API", act: oregon_route },
    Step { title: "Oregon: the private name does not resolve", act: oregon_nxdomain },
    Step { title: "Oregon: the name with the endpoint's id resolves, and curl answers", act: oregon_answer },
    Step { title: "Oregon: the function calls the API over the peering", act: oregon_function },
    Step { title: "What the functions wrote is in CloudWatch Logs", act: logs },
    Step { title: "sam delete takes all of it away", act: delete },
];

fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

const SEOUL_FILES: &[(&str, &str)] = &[
    ("template.yaml", include_str!("../../../../examples/seoul/template.yaml")),
    ("src/app.py", include_str!("../../../../examples/seoul/src/app.py")),
];
const OREGON_FILES: &[(&str, &str)] = &[
    ("template.yaml", include_str!("../../../../examples/oregon/template.yaml")),
    ("src/app.py", include_str!("../../../../examples/oregon/src/app.py")),
];

fn build(shell: &Shell, example: &str, files: &[(&str, &str)]) -> Result<(), String> {
    for (name, text) in files {
        shell.file(example, name, text)?;
    }
    let runtime = format!("Runtime={}", shell.runtime());
    shell.sam(example, &["build", "--parameter-overrides", &runtime]).map(drop)
}

fn deploy(shell: &Shell, region: &str, example: &str, parameters: &[String]) -> Result<(), String> {
    let runtime = format!("Runtime={}", shell.runtime());
    let mut arguments = vec!["deploy", "--stack-name", example, "--region", region, "--resolve-s3", "--capabilities", "CAPABILITY_IAM"];
    arguments.extend(["--no-progressbar", "--parameter-overrides", &runtime]);
    arguments.extend(parameters.iter().map(String::as_str));
    shell.sam(example, &arguments)?;
    let status = ["cloudformation", "describe-stacks", "--stack-name", example, "--query", "Stacks[0].StackStatus"];
    let status = shell.aws_text(region, &status)?;
    check(matches!(status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE"), || format!("the stack is {status}"))
}

/// Learns outputs of a stack.
fn outputs(shell: &mut Shell, region: &str, stack: &str, wanted: &[(&str, &'static str)]) -> Result<(), String> {
    let seen = shell.aws(region, &["cloudformation", "describe-stacks", "--stack-name", stack, "--query", "Stacks[0].Outputs"])?;
    for (key, name) in wanted {
        let of = |output: &&Value| output.get("OutputKey").and_then(Value::as_str) == Some(*key);
        let output = seen.as_array().into_iter().flatten().find(of).and_then(|output| output.get("OutputValue")).and_then(Value::as_str);
        shell.learn(name, output.ok_or_else(|| format!("the stack has no output {key}"))?);
    }
    Ok(())
}

fn seoul_build(shell: &mut Shell) -> Result<(), String> {
    build(shell, "seoul", SEOUL_FILES)
}

fn seoul_deploy(shell: &mut Shell) -> Result<(), String> {
    deploy(shell, SEOUL, "seoul", &[])?;
    outputs(
        shell,
        SEOUL,
        "seoul",
        &[
            ("VpcId", "the VPC in Seoul"),
            ("RouteTableId", "the route table in Seoul"),
            ("EndpointId", "the endpoint"),
            ("EndpointGroupId", "the endpoint's group"),
            ("ClientGroupId", "the instance's group"),
            ("InstanceId", "the instance in Seoul"),
            ("ApiId", "the API"),
            ("Host", "the private name"),
            ("HostFromElsewhere", "the name with the endpoint's id"),
        ],
    )
}

fn seoul_endpoint(shell: &mut Shell) -> Result<(), String> {
    let endpoint = shell.get("the endpoint")?;
    let query = "VpcEndpoints[0].[State,PrivateDnsEnabled,DnsEntries[].DnsName,NetworkInterfaceIds[0]]";
    let seen = shell.aws(SEOUL, &["ec2", "describe-vpc-endpoints", "--vpc-endpoint-ids", &endpoint, "--query", query])?;
    let interface = seen.get(3).and_then(Value::as_str).ok_or("the endpoint has no network interface")?;
    let query = "NetworkInterfaces[0].PrivateIpAddress";
    let address = shell.aws_text(SEOUL, &["ec2", "describe-network-interfaces", "--network-interface-ids", interface, "--query", query])?;
    shell.learn("the endpoint's address", address);
    check(seen.get(0) == Some(&Value::from("available")) && seen.get(1) == Some(&Value::Bool(true)), || format!("the endpoint is {seen}"))
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

fn private_url(shell: &Shell) -> Result<(String, String), String> {
    let host = shell.get("the private name")?;
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

fn seoul_explain(shell: &mut Shell) -> Result<(), String> {
    let (_, url) = private_url(shell)?;
    let answer = shell.explain(&shell.get("the instance in Seoul")?, &url)?;
    check(answer.code == 2 && answer.out.contains("ENI_SG_RULES_MISMATCH"), || "explain does not name the security group".to_owned())?;
    let fix = answer.out.lines().map(str::trim).find(|line| line.starts_with("aws ec2 authorize-security-group-ingress"));
    shell.learn("the fix", fix.ok_or("explain gives no command that opens the security group")?);
    let client = shell.get("the instance's group")?;
    check(shell.get("the fix")?.contains(&client), || format!("the fix lets in more than members of {client}"))
}

fn seoul_answer(shell: &mut Shell) -> Result<(), String> {
    shell.paste(&shell.get("the fix")?)?;
    let (_, url) = private_url(shell)?;
    let answer = shell.inside(&shell.get("the instance in Seoul")?, &curl(&url))?;
    answered(shell, &answer)
}

/// The function's answer, which tells the endpoint that the request came through.
fn answered(shell: &Shell, answer: &super::shell::Answer) -> Result<(), String> {
    let body: Value = serde_json::from_str(answer.out.lines().next().unwrap_or_default()).unwrap_or_default();
    let pets = body.get("pets") == Some(&serde_json::json!(["Bello", "Mimi"]));
    let through = body.get("endpoint").and_then(Value::as_str) == Some(shell.get("the endpoint")?.as_str());
    check(answer.code == 0 && pets && through && answer.out.contains("HTTP 200"), || "curl did not get the pets".to_owned())
}

fn oregon_deploy(shell: &mut Shell) -> Result<(), String> {
    build(shell, "oregon", OREGON_FILES)?;
    deploy(shell, OREGON, "oregon", &[])?;
    outputs(shell, OREGON, "oregon", &[("VpcId", "the VPC in Oregon"), ("InstanceId", "the instance in Oregon")])
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

fn seoul_route(shell: &mut Shell) -> Result<(), String> {
    let (table, peering, group) = (shell.get("the route table in Seoul")?, shell.get("the peering")?, shell.get("the endpoint's group")?);
    let mut route = vec!["ec2", "create-route", "--route-table-id", &table, "--destination-cidr-block", "10.1.0.0/16"];
    route.extend(["--vpc-peering-connection-id", &peering]);
    shell.aws(SEOUL, &route)?;
    let mut open = vec!["ec2", "authorize-security-group-ingress", "--group-id", &group, "--protocol", "tcp", "--port", "443"];
    open.extend(["--cidr", "10.1.0.0/16", "--query", "Return"]);
    shell.aws(SEOUL, &open).map(drop)
}

fn oregon_route(shell: &mut Shell) -> Result<(), String> {
    let peering = format!("PeeringConnectionId={}", shell.get("the peering")?);
    let host = format!("ApiHost={}", shell.get("the name with the endpoint's id")?);
    deploy(shell, OREGON, "oregon", &[peering, host])
}

fn oregon_nxdomain(shell: &mut Shell) -> Result<(), String> {
    let (host, url) = private_url(shell)?;
    let instance = shell.get("the instance in Oregon")?;
    let answer = shell.inside(&instance, &["nslookup", &host])?;
    check(answer.out.contains("NXDOMAIN"), || "nslookup does not say NXDOMAIN".to_owned())?;
    let answer = shell.inside(&instance, &curl(&url))?;
    check(answer.code == 6, || format!("curl ended with {}, not 6 (could not resolve host)", answer.code))?;
    let answer = shell.explain(&instance, &url)?;
    check(answer.code == 2 && answer.out.contains("PRIVATE_NAME_OVER_PEERING"), || "explain does not say why".to_owned())
}

fn oregon_answer(shell: &mut Shell) -> Result<(), String> {
    let host = shell.get("the name with the endpoint's id")?;
    let instance = shell.get("the instance in Oregon")?;
    let answer = shell.inside(&instance, &["nslookup", &host])?;
    let address = shell.get("the endpoint's address")?;
    check(answer.code == 0 && answer.out.contains(&format!("Address: {address}")), || format!("nslookup does not give {address}"))?;
    let answer = shell.inside(&instance, &curl(&format!("https://{host}/dev/pets")))?;
    answered(shell, &answer)
}

fn oregon_function(shell: &mut Shell) -> Result<(), String> {
    let answer = shell.sam("oregon", &["remote", "invoke", "Caller", "--region", OREGON, "--stack-name", "oregon"])?;
    check(answer.out.contains("\"status\": 200") && answer.out.contains("Bello"), || "the function did not get the pets".to_owned())
}

fn logs(shell: &mut Shell) -> Result<(), String> {
    let answer = shell.sam("seoul", &["logs", "--stack-name", "seoul", "--region", SEOUL])?;
    check(answer.out.contains("REPORT RequestId:"), || "the function of Seoul left no REPORT line".to_owned())
}

fn delete(shell: &mut Shell) -> Result<(), String> {
    // The peering was made by hand, and so it goes.
    let peering = shell.get("the peering")?;
    shell.aws(SEOUL, &["ec2", "delete-vpc-peering-connection", "--vpc-peering-connection-id", &peering, "--query", "Return"])?;
    for (region, stack) in [(OREGON, "oregon"), (SEOUL, "seoul")] {
        shell.sam(stack, &["delete", "--stack-name", stack, "--region", region, "--no-prompts"])?;
        let vpcs = shell.aws(region, &["ec2", "describe-vpcs", "--query", "Vpcs[].VpcId"])?;
        check(vpcs == Value::Array(Vec::new()), || format!("{vpcs} is left in {region}"))?;
    }
    Ok(())
}
