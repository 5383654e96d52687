use crate::ec2::lab::Lab;

const SERVICE: (&str, &str) = ("ServiceName", "com.amazonaws.ap-northeast-2.execute-api");
const INTERFACE: (&str, &str) = ("VpcEndpointType", "Interface");

/// A VPC with both DNS attributes and a subnet in each of two zones.
async fn network(lab: &Lab) -> (String, [String; 2]) {
    let vpc = lab.vpc("10.0.0.0/16").await;
    lab.ask("ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableDnsHostnames.Value", "true")]).await;
    let subnet = async |cidr: &str, zone: &str| {
        let form = [("VpcId", vpc.as_str()), ("CidrBlock", cidr), ("AvailabilityZone", zone)];
        lab.ask("CreateSubnet", &form).await.one("subnetId")
    };
    let subnets = [subnet("10.0.1.0/24", "ap-northeast-2a").await, subnet("10.0.2.0/24", "ap-northeast-2c").await];
    (vpc, subnets)
}

#[tokio::test]
async fn names_come_regional_zonal_private_wildcard() {
    let lab = Lab::new().await;
    let (vpc, [a, c]) = network(&lab).await;
    let form = [("VpcId", vpc.as_str()), SERVICE, INTERFACE, ("SubnetId.1", &c), ("SubnetId.2", &a), ("PrivateDnsEnabled", "true")];
    let made = lab.ask("CreateVpcEndpoint", &form).await;
    let id = made.one("vpcEndpointId");
    assert_eq!(made.one("state"), "pending");
    assert_eq!(made.one("policyDocument").replace("&quot;", "\""), vpclab_cloud::vpc_endpoint::DEFAULT_POLICY);
    let seen = lab.ask("DescribeVpcEndpoints", &[("Filter.1.Name", "vpc-endpoint-state"), ("Filter.1.Value.1", "available")]).await;
    let suffix = lab.cloud().vpc_endpoints.values().next().unwrap().dns_suffix.clone();
    let public = |zone: &str| format!("{id}-{suffix}{zone}.execute-api.ap-northeast-2.vpce.amazonaws.com");
    let expected = [
        public(""),
        public("-ap-northeast-2a"),
        public("-ap-northeast-2c"),
        "execute-api.ap-northeast-2.amazonaws.com".into(),
        "*.execute-api.ap-northeast-2.amazonaws.com".into(),
    ];
    assert_eq!(seen.all("dnsName"), expected);
    let zones = seen.all("hostedZoneId");
    assert!(zones[0] == zones[2] && zones[3] == zones[4] && zones[0] != zones[3]);
    lab.ask("ModifyVpcEndpoint", &[("VpcEndpointId", &id), ("PrivateDnsEnabled", "false"), ("RemoveSubnetId.1", &c)]).await;
    assert_eq!(lab.ask("DescribeVpcEndpoints", &[]).await.all("dnsName"), expected[..2]);
    let unknown = "vpce-0123456789abcdef0";
    let deleted = lab.ask("DeleteVpcEndpoints", &[("VpcEndpointId.1", &id), ("VpcEndpointId.2", unknown)]).await;
    assert_eq!(deleted.all("resourceId"), [unknown]);
    assert_eq!(deleted.one("code"), "InvalidVpcEndpoint.NotFound");
    assert!(lab.cloud().network_interfaces.is_empty());
    let gone = lab.refused("DescribeVpcEndpoints", &[("VpcEndpointId.1", &id)]).await;
    assert_eq!(gone, ("InvalidVpcEndpointId.NotFound".into(), format!("The Vpc Endpoint Id '{id}' does not exist")));
}

#[tokio::test]
async fn refusals_as_ec2_words_them() {
    let lab = Lab::new().await;
    let (vpc, [a, _]) = network(&lab).await;
    let vpc = ("VpcId", vpc.as_str());
    let policy = |text: &'static str| ("PolicyDocument", text);
    for (form, code, text) in [
        (vec![SERVICE], "InvalidParameter", "Endpoint type (Gateway) does not match available service types ([Interface])."),
        (
            vec![SERVICE, ("SubnetId.1", &a)],
            "InvalidParameter",
            "Subnet IDs are only supported for Interface and GatewayLoadBalancer type VPC Endpoints.",
        ),
        (vec![INTERFACE], "MissingParameter", "The request must contain the parameter ServiceName"),
        (vec![INTERFACE, ("ServiceName", "nope")], "InvalidServiceName", "The Vpc Endpoint Service 'nope' does not exist"),
        (
            vec![INTERFACE, SERVICE, ("SubnetId.1", "subnet-00000000000000000")],
            "InvalidSubnetID.NotFound",
            "The subnet ID 'subnet-00000000000000000' does not exist",
        ),
    ] {
        let form = [&[vpc][..], &form].concat();
        assert_eq!(lab.refused("CreateVpcEndpoint", &form).await, (code.into(), text.into()));
    }
    for text in ["{", "[]", r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#] {
        let refused = lab.refused("CreateVpcEndpoint", &[vpc, SERVICE, INTERFACE, policy(text)]).await;
        assert_eq!(refused.0, "InvalidPolicyDocument", "{text}");
    }
    let of = |service| ("ServiceName", service);
    let gateway = lab.refused("CreateVpcEndpoint", &[vpc, of("com.amazonaws.ap-northeast-2.s3"), ("VpcEndpointType", "Gateway")]).await;
    assert!(gateway.0 == "UnsupportedOperation" && gateway.1.contains("of the type Gateway"), "{gateway:?}");
    // What is not judged must let everything through.
    let some = policy(r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"ssm:GetParameter","Resource":"*"}]}"#);
    let unjudged = lab.refused("CreateVpcEndpoint", &[vpc, INTERFACE, of("com.amazonaws.ap-northeast-2.ssm"), some]).await;
    assert!(unjudged.0 == "UnsupportedOperation" && unjudged.1.contains("does not enforce a VPC endpoint policy"), "{unjudged:?}");
    let pinned = [vpc, SERVICE, INTERFACE, ("SubnetConfiguration.1.SubnetId", a.as_str()), ("SubnetConfiguration.1.Ipv4", "10.0.1.9")];
    assert_eq!(lab.refused("CreateVpcEndpoint", &pinned).await.0, "InvalidParameter", "a pinned subnet has to be among the subnets");
    assert!(lab.cloud().vpc_endpoints.is_empty() && lab.cloud().network_interfaces.is_empty());
}

#[tokio::test]
async fn the_service_is_described() {
    let lab = Lab::new().await;
    let seen = lab.ask("DescribeVpcEndpointServices", &[SERVICE_NAME]).await;
    assert_eq!(
        seen.one("baseEndpointDnsNameSet").trim_start_matches("<item>").trim_end_matches("</item>"),
        "execute-api.ap-northeast-2.vpce.amazonaws.com"
    );
    assert_eq!((seen.one("owner"), seen.one("acceptanceRequired")), ("amazon".into(), "false".into()));
    let none = lab.ask("DescribeVpcEndpointServices", &[("Filter.1.Name", "service-type"), ("Filter.1.Value.1", "Gateway")]).await;
    assert!(!none.has("serviceId"));
    let ssm = lab.ask("DescribeVpcEndpointServices", &[("ServiceName.1", "com.amazonaws.ap-northeast-2.ssm")]).await;
    assert_eq!(ssm.one("privateDnsName"), "ssm.ap-northeast-2.amazonaws.com");
}

#[test]
fn full_access_is_recognised() {
    let full = |text: &str| super::is_full_access(&serde_json::from_str(text).unwrap());
    assert!(full(super::DEFAULT_POLICY));
    assert!(full(r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["*"],"Resource":["*"]}}"#));
    for no in [
        r#"{"Statement":[]}"#,
        r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"ssm:*","Resource":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{}}]}"#,
    ] {
        assert!(!full(no), "{no}");
    }
}
const SERVICE_NAME: (&str, &str) = ("ServiceName.1", SERVICE.1);
