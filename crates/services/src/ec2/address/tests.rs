use crate::ec2::lab::Lab;

#[tokio::test]
async fn an_address_is_allocated_associated_shown_and_released() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    lab.ask("ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableDnsHostnames.Value", "true")]).await;
    let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await.one("subnetId");
    let instance = lab.launch(&subnet).await;
    let made = lab.ask("AllocateAddress", &[("Domain", "vpc")]).await;
    let (allocation, ip) = (made.one("allocationId"), made.one("publicIp"));
    let form = [("AllocationId", allocation.as_str()), ("InstanceId", instance.as_str())];
    let text = format!("Network {vpc} is not attached to any internet gateway");
    assert_eq!(lab.refused("AssociateAddress", &form).await, ("Gateway.NotAttached".into(), text));
    let gateway = lab.ask("CreateInternetGateway", &[]).await.one("internetGatewayId");
    lab.ask("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]).await;
    let association = lab.ask("AssociateAddress", &form).await.one("associationId");
    let seen = lab.ask("DescribeAddresses", &[("Filter.1.Name", "instance-id"), ("Filter.1.Value.1", &instance)]).await;
    assert_eq!(
        (seen.one("publicIp"), seen.one("associationId"), seen.one("privateIpAddress")),
        (ip.clone(), association.clone(), "10.0.1.4".into())
    );
    let shown = lab.ask("DescribeInstances", &[("Filter.1.Name", "ip-address"), ("Filter.1.Value.1", &ip)]).await;
    assert_eq!((shown.one("ipAddress"), shown.one("dnsName")), (ip.clone(), "ec2-203-0-113-1.ap-northeast-2.compute.amazonaws.com".into()));
    let interface = lab.ask("DescribeNetworkInterfaces", &[("Filter.1.Name", "association.public-ip"), ("Filter.1.Value.1", &ip)]).await;
    assert_eq!((interface.one("allocationId"), interface.one("ipOwnerId")), (allocation.clone(), "111111111111".into()));
    let text = format!("Address {ip} is in use.");
    assert_eq!(lab.refused("ReleaseAddress", &[("AllocationId", &allocation)]).await, ("InvalidIPAddress.InUse".into(), text));
    lab.ask("DisassociateAddress", &[("PublicIp", &ip)]).await;
    let text = format!("The association ID '{association}' does not exist");
    let gone = lab.refused("DisassociateAddress", &[("AssociationId", &association)]).await;
    assert_eq!(gone, ("InvalidAssociationID.NotFound".into(), text));
    assert_eq!(lab.refused("ReleaseAddress", &[("PublicIp", &ip)]).await.0, "InvalidParameterValue");
    lab.ask("ReleaseAddress", &[("AllocationId", &allocation)]).await;
    assert_eq!(
        lab.refused("DescribeAddresses", &[("PublicIp.1", &ip)]).await,
        ("InvalidAddress.NotFound".into(), format!("Address '{ip}' not found."))
    );
    assert!(!lab.ask("DescribeAddresses", &[]).await.has("publicIp"));
}

#[tokio::test]
async fn a_lent_address_is_shown_and_is_no_elastic_one() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await.one("subnetId");
    lab.ask("ModifySubnetAttribute", &[("SubnetId", &subnet), ("MapPublicIpOnLaunch.Value", "true")]).await;
    let instance = lab.launch(&subnet).await;
    let seen = lab.ask("DescribeInstances", &[("InstanceId.1", &instance)]).await;
    assert_eq!((seen.one("ipAddress"), seen.one("ipOwnerId"), seen.one("dnsName")), ("203.0.113.1".into(), "amazon".into(), String::new()));
    assert!(!lab.ask("DescribeAddresses", &[]).await.has("publicIp"));
    lab.ask("StopInstances", &[("InstanceId.1", &instance)]).await;
    assert!(!lab.ask("DescribeInstances", &[("InstanceId.1", &instance)]).await.has("ipAddress"));
}
