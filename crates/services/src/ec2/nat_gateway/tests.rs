use crate::ec2::lab::Lab;

#[tokio::test]
async fn a_gateway_fails_or_is_available_and_is_deleted() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await.one("subnetId");
    assert_eq!(lab.refused("CreateNatGateway", &[("SubnetId", &subnet)]).await.0, "MissingParameter");
    let address = lab.ask("AllocateAddress", &[]).await;
    let allocation = address.one("allocationId");
    let form = [("SubnetId", subnet.as_str()), ("AllocationId", allocation.as_str())];
    let made = lab.ask("CreateNatGateway", &form).await;
    assert_eq!(made.one("state"), "pending");
    let id = made.one("natGatewayId");
    let seen = lab.ask("DescribeNatGateways", &[("NatGatewayId.1", &id)]).await;
    let text = format!("Network {vpc} has no Internet gateway attached");
    assert_eq!(
        (seen.one("state"), seen.one("failureCode"), seen.one("failureMessage")),
        ("failed".into(), "Gateway.NotAttached".into(), text)
    );
    let gateway = lab.ask("CreateInternetGateway", &[]).await.one("internetGatewayId");
    lab.ask("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]).await;
    let id = lab.ask("CreateNatGateway", &form).await.one("natGatewayId");
    let seen = lab.ask("DescribeNatGateways", &[("Filter.1.Name", "state"), ("Filter.1.Value.1", "available")]).await;
    assert_eq!(
        (seen.one("natGatewayId"), seen.one("publicIp"), seen.one("privateIp")),
        (id.clone(), address.one("publicIp"), "10.0.1.4".into())
    );
    let interface = lab.ask("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &seen.one("networkInterfaceId"))]).await;
    assert_eq!((interface.one("interfaceType"), interface.one("requesterManaged")), ("nat_gateway".into(), "true".into()));
    lab.ask("DeleteNatGateway", &[("NatGatewayId", &id)]).await;
    assert_eq!(lab.ask("DescribeNatGateways", &[("NatGatewayId.1", &id)]).await.one("state"), "deleted");
    lab.ask("ReleaseAddress", &[("AllocationId", &allocation)]).await;
    let unknown = "nat-0123456789abcdef0";
    let refused = lab.refused("DeleteNatGateway", &[("NatGatewayId", unknown)]).await;
    assert_eq!(refused, ("NatGatewayNotFound".into(), format!("The Nat Gateway {unknown} was not found")));
    assert_eq!(lab.refused("DeleteNatGateway", &[("NatGatewayId", "x")]).await.0, "NatGatewayMalformed");
}
