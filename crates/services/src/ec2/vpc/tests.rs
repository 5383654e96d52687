use crate::ec2::lab::Lab;

#[tokio::test]
async fn a_vpc_is_made_seen_and_deleted() {
    let lab = Lab::new().await;
    let tags = [
        ("CidrBlock", "10.0.0.0/16"),
        ("TagSpecification.1.ResourceType", "vpc"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "seoul"),
    ];
    let made = lab.ask("CreateVpc", &tags).await;
    // The first state is that of the association of its CIDR block.
    assert_eq!((made.all("state").join(" "), made.one("cidrBlock")), ("associated pending".into(), "10.0.0.0/16".into()));
    let id = made.one("vpcId");
    let seen = lab.ask("DescribeVpcs", &[("VpcId.1", &id)]).await;
    assert_eq!(
        (seen.all("state")[1].clone(), seen.one("value"), seen.one("isDefault")),
        ("available".into(), "seoul".into(), "false".into())
    );
    assert_eq!(lab.ask("DeleteVpc", &[("VpcId", &id)]).await.one("return"), "true");
    let gone = ("InvalidVpcID.NotFound".to_owned(), format!("The vpc ID '{id}' does not exist"));
    assert_eq!(lab.refused("DescribeVpcs", &[("VpcId.1", &id)]).await, gone);
    assert_eq!(lab.refused("DeleteVpc", &[("VpcId", &id)]).await, gone);
}

#[tokio::test]
async fn a_vpc_of_another_account_or_region_does_not_exist() {
    let lab = Lab::new().await;
    let id = lab.vpc("10.0.0.0/16").await;
    for other in [lab.of("222222222222", "ap-northeast-2"), lab.of("111111111111", "us-west-2")] {
        assert!(other.ask("DescribeVpcs", &[]).await.all("vpcId").is_empty());
        assert_eq!(other.refused("DeleteVpc", &[("VpcId", &id)]).await.0, "InvalidVpcID.NotFound");
    }
}

#[tokio::test]
async fn blocks_are_refused_by_name() {
    let lab = Lab::new().await;
    let refused = lab.refused("CreateVpc", &[("CidrBlock", "10.0.0.0/8")]).await;
    assert_eq!(refused, ("InvalidVpc.Range".into(), "The CIDR '10.0.0.0/8' is invalid.".into()));
    let refused = lab.refused("CreateVpc", &[("CidrBlock", "ten")]).await;
    let text = "Value (ten) for parameter cidrBlock is invalid. This is not a valid CIDR block.";
    assert_eq!(refused, ("InvalidParameterValue".into(), text.into()));
    assert_eq!(lab.refused("CreateVpc", &[]).await.0, "MissingParameter");
}

#[tokio::test]
async fn attributes_one_a_call_and_hostnames_with_support_only() {
    let lab = Lab::new().await;
    let id = lab.vpc("10.0.0.0/16").await;
    lab.ask("ModifyVpcAttribute", &[("VpcId", &id), ("EnableDnsHostnames.Value", "true")]).await;
    let read = |attribute: &'static str| [("VpcId", id.as_str()), ("Attribute", attribute)];
    let hostnames = lab.ask("DescribeVpcAttribute", &read("enableDnsHostnames")).await;
    assert_eq!(hostnames.one("enableDnsHostnames").replace('\n', ""), "<value>true</value>");
    let both = [("VpcId", id.as_str()), ("EnableDnsHostnames.Value", "true"), ("EnableDnsSupport.Value", "true")];
    let refused = lab.refused("ModifyVpcAttribute", &both).await;
    assert_eq!(refused.0, "InvalidParameterCombination");
    lab.ask("ModifyVpcAttribute", &[("VpcId", &id), ("EnableDnsSupport.Value", "false")]).await;
    let on = [("VpcId", id.as_str()), ("EnableDnsHostnames.Value", "true")];
    assert_eq!(lab.refused("ModifyVpcAttribute", &on).await.0, "InvalidParameterValue");
    assert_eq!(lab.refused("DescribeVpcAttribute", &read("colour")).await.0, "InvalidParameterValue");
}

#[tokio::test]
async fn filters_and_pages() {
    let lab = Lab::new().await;
    let mut made = Vec::new();
    for n in 0..7 {
        made.push(lab.vpc(&format!("10.{n}.0.0/16")).await);
    }
    made.sort();
    let found =
        lab.ask("DescribeVpcs", &[("Filter.1.Name", "cidr"), ("Filter.1.Value.1", "10.[^]*"), ("Filter.1.Value.2", "10.3.*")]).await;
    assert_eq!(found.all("vpcId").len(), 1);
    let first = lab.ask("DescribeVpcs", &[("MaxResults", "5")]).await;
    let second = lab.ask("DescribeVpcs", &[("MaxResults", "5"), ("NextToken", &first.one("nextToken"))]).await;
    assert!(!second.has("nextToken"));
    assert_eq!([first.all("vpcId"), second.all("vpcId")].concat(), made);
    let refused = lab.refused("DescribeVpcs", &[("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")]).await;
    assert_eq!(refused, ("InvalidParameterValue".into(), "The filter 'colour' is invalid".into()));
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let lab = Lab::new().await;
    let form = [("CidrBlock", "10.0.0.0/16"), ("DryRun", "true")];
    let (status, body) = lab.send("CreateVpc", &form).await;
    assert_eq!(status, 412, "{body}");
    assert!(lab.cloud().vpcs.is_empty());
}

#[tokio::test]
async fn secondary_blocks_are_associated_shown_and_disassociated() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.2.0.0/24").await;
    let made = lab.ask("AssociateVpcCidrBlock", &[("VpcId", &vpc), ("CidrBlock", "100.64.0.0/24")]).await;
    let association = made.one("associationId");
    assert_eq!((made.one("state"), made.one("vpcId")), ("associating".into(), vpc.clone()));
    let seen =
        lab.ask("DescribeVpcs", &[("Filter.1.Name", "cidr-block-association.cidr-block"), ("Filter.1.Value.1", "100.64.0.0/24")]).await;
    assert_eq!((seen.one("vpcId"), seen.all("state")[1..].to_vec()), (vpc.clone(), vec!["associated".to_owned(), "available".into()]));
    let refused = lab.refused("AssociateVpcCidrBlock", &[("VpcId", &vpc), ("CidrBlock", "192.168.0.0/24")]).await;
    assert!(refused.0 == "InvalidVpc.Range" && refused.1.starts_with("The CIDR '192.168.0.0/24' is restricted."), "{refused:?}");
    let ipv6 = lab.refused("AssociateVpcCidrBlock", &[("VpcId", &vpc), ("Ipv6CidrBlock", "2001:db8::/56")]).await;
    assert!(ipv6.1.contains("Ipv6CidrBlock"), "{ipv6:?}");
    let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "100.64.0.0/28")]).await.one("subnetId");
    let text = format!("The vpc {vpc} currently has a subnet within CIDR block 100.64.0.0/24");
    let form = [("AssociationId", association.as_str())];
    assert_eq!(lab.refused("DisassociateVpcCidrBlock", &form).await, ("InvalidCidrBlock.InUse".into(), text));
    lab.ask("DeleteSubnet", &[("SubnetId", &subnet)]).await;
    assert_eq!(lab.ask("DisassociateVpcCidrBlock", &form).await.one("state"), "disassociating");
    assert_eq!(lab.refused("DisassociateVpcCidrBlock", &form).await.0, "InvalidVpcCidrBlockAssociationID.NotFound");
}
