use crate::ec2::lab::Lab;

#[tokio::test]
async fn a_subnet_is_made_seen_and_deleted() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let form = [("VpcId", vpc.as_str()), ("CidrBlock", "10.0.1.7/24"), ("AvailabilityZone", "ap-northeast-2c")];
    let made = lab.ask("CreateSubnet", &form).await;
    let id = made.one("subnetId");
    assert_eq!((made.one("cidrBlock"), made.one("availableIpAddressCount")), ("10.0.1.0/24".into(), "251".into()));
    assert_eq!(made.one("availabilityZoneId"), "apne2-az3");
    assert_eq!(made.one("subnetArn"), format!("arn:aws:ec2:ap-northeast-2:111111111111:subnet/{id}"));
    for (name, value) in [("availability-zone", "ap-northeast-2c"), ("vpc-id", &vpc), ("cidr", "10.0.1.0/24"), ("state", "available")] {
        let found = lab.ask("DescribeSubnets", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]).await;
        assert_eq!(found.all("subnetId").join(" "), id, "{name}");
    }
    lab.ask("ModifySubnetAttribute", &[("SubnetId", &id), ("MapPublicIpOnLaunch.Value", "true")]).await;
    let seen = lab.ask("DescribeSubnets", &[("SubnetId.1", &id)]).await;
    assert_eq!(seen.one("mapPublicIpOnLaunch"), "true");
    let in_use = ("DependencyViolation".to_owned(), format!("The vpc '{vpc}' has dependencies and cannot be deleted."));
    assert_eq!(lab.refused("DeleteVpc", &[("VpcId", &vpc)]).await, in_use);
    lab.ask("DeleteSubnet", &[("SubnetId", &id)]).await;
    assert_eq!(
        lab.refused("DeleteSubnet", &[("SubnetId", &id)]).await,
        ("InvalidSubnetID.NotFound".into(), format!("The subnet ID '{id}' does not exist"))
    );
}

#[tokio::test]
async fn refusals_as_ec2_words_them() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let create = |cidr: &'static str| [("VpcId", vpc.clone()), ("CidrBlock", cidr.to_owned())];
    async fn refused(lab: &Lab, form: &[(&str, String)]) -> (String, String) {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        lab.refused("CreateSubnet", &form).await
    }
    lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await;
    let conflict = "The CIDR '10.0.1.128/25' conflicts with another subnet";
    assert_eq!(refused(&lab, &create("10.0.1.128/25")).await, ("InvalidSubnet.Conflict".into(), conflict.into()));
    assert_eq!(refused(&lab, &create("10.1.0.0/24")).await, ("InvalidSubnet.Range".into(), "The CIDR '10.1.0.0/24' is invalid.".into()));
    let zone = [("VpcId", vpc.as_str()), ("CidrBlock", "10.0.2.0/24"), ("AvailabilityZone", "us-west-2a")];
    let text = "Value (us-west-2a) for parameter availabilityZone is invalid. Subnets can currently only be created in the following \
                availability zones: ap-northeast-2a, ap-northeast-2b, ap-northeast-2c, ap-northeast-2d.";
    assert_eq!(lab.refused("CreateSubnet", &zone).await, ("InvalidParameterValue".into(), text.into()));
    let unknown = [("VpcId", "vpc-00000000000000000"), ("CidrBlock", "10.0.2.0/24")];
    assert_eq!(lab.refused("CreateSubnet", &unknown).await.0, "InvalidVpcID.NotFound");
}
