use crate::ec2::lab::Lab;

#[tokio::test]
async fn a_request_is_seen_from_both_sides_and_accepted_on_one() {
    let seoul = Lab::new().await;
    let oregon = seoul.of("111111111111", "us-west-2");
    let (hub, spoke) = (seoul.vpc("10.0.0.0/16").await, oregon.vpc("10.1.0.0/16").await);
    let form = [("VpcId", spoke.as_str()), ("PeerVpcId", &hub), ("PeerRegion", "ap-northeast-2")];
    let made = oregon.ask("CreateVpcPeeringConnection", &form).await;
    let id = made.one("vpcPeeringConnectionId");
    assert_eq!((made.one("code"), made.one("message")), ("initiating-request".into(), "Initiating Request to 111111111111".into()));
    for side in [&seoul, &oregon] {
        let seen = side.ask("DescribeVpcPeeringConnections", &[("VpcPeeringConnectionId.1", &id)]).await;
        assert_eq!((seen.one("code"), seen.one("message")), ("pending-acceptance".into(), "Pending Acceptance by 111111111111".into()));
        assert_eq!(seen.all("region"), ["ap-northeast-2", "us-west-2"], "accepter, then requester");
        assert_eq!(seen.all("cidrBlock"), ["10.1.0.0/16"; 2], "the accepter's block is not shown yet");
        assert!(seen.has("expirationTime"));
    }
    let wrong = oregon.refused("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]).await;
    assert_eq!(wrong.0, "OperationNotPermitted");
    let options = [("VpcPeeringConnectionId", id.as_str()), ("AccepterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc", "true")];
    let text = format!("Peering {id} is not active. Peering options can be added only to active peerings.");
    assert_eq!(seoul.refused("ModifyVpcPeeringConnectionOptions", &options).await, ("OperationNotPermitted".into(), text));
    let accepted = seoul.ask("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]).await;
    assert_eq!(accepted.one("code"), "provisioning");
    let seen = oregon.ask("DescribeVpcPeeringConnections", &[("Filter.1.Name", "status-code"), ("Filter.1.Value.1", "active")]).await;
    assert_eq!((seen.one("message"), seen.has("expirationTime")), ("Active".into(), false));
    assert!(seen.all("cidrBlock").contains(&"10.0.0.0/16".to_owned()));
    let code = seoul.refused("ModifyVpcPeeringConnectionOptions", &options).await.0;
    assert_eq!(code, "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled");
    seoul.ask("ModifyVpcAttribute", &[("VpcId", &hub), ("EnableDnsHostnames.Value", "true")]).await;
    assert_eq!(seoul.ask("ModifyVpcPeeringConnectionOptions", &options).await.one("allowDnsResolutionFromRemoteVpc"), "true");
    assert_eq!(oregon.ask("DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]).await.one("return"), "true");
    let seen = seoul.ask("DescribeVpcPeeringConnections", &[]).await;
    assert_eq!((seen.one("code"), seen.one("message")), ("deleted".into(), "Deleted by 111111111111".into()));
}

#[tokio::test]
async fn overlapping_blocks_fail_without_an_error() {
    let lab = Lab::new().await;
    let (a, b) = (lab.vpc("10.0.0.0/16").await, lab.vpc("10.0.0.0/20").await);
    let made = lab.ask("CreateVpcPeeringConnection", &[("VpcId", &a), ("PeerVpcId", &b)]).await;
    assert_eq!(made.one("code"), "initiating-request");
    let id = made.one("vpcPeeringConnectionId");
    let seen = lab.ask("DescribeVpcPeeringConnections", &[]).await;
    let text = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range";
    assert_eq!((seen.one("code"), seen.one("message")), ("failed".into(), text.into()));
    let refused = lab.refused("DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]).await;
    let text = format!("Invalid state transition for {id}, attempted to transition from failed to deleting");
    assert_eq!(refused, ("InvalidStateTransition".into(), text));
}

#[tokio::test]
async fn a_stranger_sees_nothing() {
    let lab = Lab::new().await;
    let (a, b) = (lab.vpc("10.0.0.0/16").await, lab.vpc("10.1.0.0/16").await);
    let made = lab.ask("CreateVpcPeeringConnection", &[("VpcId", &a), ("PeerVpcId", &b)]).await;
    let id = made.one("vpcPeeringConnectionId");
    let stranger = lab.of("333333333333", "ap-northeast-2");
    assert!(stranger.ask("DescribeVpcPeeringConnections", &[]).await.all("vpcPeeringConnectionId").is_empty());
    let text = format!("The vpcPeeringConnection ID '{id}' does not exist");
    let expected = ("InvalidVpcPeeringConnectionID.NotFound".to_owned(), text);
    assert_eq!(stranger.refused("DescribeVpcPeeringConnections", &[("VpcPeeringConnectionId.1", &id)]).await, expected);
    assert_eq!(stranger.refused("RejectVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]).await, expected);
}
