use crate::ec2::lab::Lab;

#[tokio::test]
async fn routes_are_made_shown_and_refused() {
    let lab = Lab::new().await;
    let (vpc, peer) = (lab.vpc("10.0.0.0/16").await, lab.vpc("10.1.0.0/16").await);
    let pcx = lab.ask("CreateVpcPeeringConnection", &[("VpcId", &vpc), ("PeerVpcId", &peer)]).await.one("vpcPeeringConnectionId");
    let made = lab.ask("CreateRouteTable", &[("VpcId", &vpc), ("ClientToken", "once")]).await;
    let table = made.one("routeTableId");
    let again = lab.ask("CreateRouteTable", &[("VpcId", &vpc), ("ClientToken", "once")]).await;
    assert_eq!(again.one("routeTableId"), table);
    assert_eq!(lab.refused("CreateRouteTable", &[("VpcId", &peer), ("ClientToken", "once")]).await.0, "IdempotentParameterMismatch");
    let route = |cidr: &'static str| {
        [("RouteTableId", table.clone()), ("DestinationCidrBlock", cidr.into()), ("VpcPeeringConnectionId", pcx.clone())]
    };
    async fn create(lab: &Lab, form: &[(&str, String)]) -> (u16, String) {
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        lab.send("CreateRoute", &form).await
    }
    assert_eq!(create(&lab, &route("10.1.9.9/16")).await.0, 200);
    let (_, taken) = create(&lab, &route("10.1.0.0/16")).await;
    assert!(
        taken.contains("<Code>RouteAlreadyExists</Code><Message>The route identified by 10.1.0.0/16 already exists.</Message>"),
        "{taken}"
    );
    let seen = lab.ask("DescribeRouteTables", &[("RouteTableId.1", &table)]).await;
    assert_eq!(seen.all("destinationCidrBlock"), ["10.0.0.0/16", "10.1.0.0/16"]);
    assert_eq!(
        (seen.all("state"), seen.all("origin")),
        (vec!["active".into(), "blackhole".into()], vec!["CreateRouteTable".into(), "CreateRoute".into()])
    );
    lab.ask("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &pcx)]).await;
    let filter = [("Filter.1.Name", "route.vpc-peering-connection-id"), ("Filter.1.Value.1", pcx.as_str())];
    assert_eq!(lab.ask("DescribeRouteTables", &filter).await.all("state"), ["active", "active"]);
    let local = [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "10.0.0.0/16")];
    let text = format!("cannot remove local route 10.0.0.0/16 in route table {table}");
    assert_eq!(lab.refused("DeleteRoute", &local).await, ("InvalidParameterValue".into(), text));
    let unknown = [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "10.7.0.0/16")];
    let text = format!("no route with destination-cidr-block 10.7.0.0/16 in route table {table}");
    assert_eq!(lab.refused("DeleteRoute", &unknown).await, ("InvalidRoute.NotFound".into(), text));
}

#[tokio::test]
async fn a_target_that_is_not_built_is_named() {
    let lab = Lab::new().await;
    let table = lab.ask("CreateRouteTable", &[("VpcId", &lab.vpc("10.0.0.0/16").await)]).await.one("routeTableId");
    let base = [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "0.0.0.0/0")];
    for (name, value) in [("GatewayId", "vgw-0123456789abcdef0"), ("EgressOnlyInternetGatewayId", "eigw-0123456789abcdef0")] {
        let (code, text) = lab.refused("CreateRoute", &[base[0], base[1], (name, value)]).await;
        assert_eq!(code, "UnsupportedOperation");
        assert!(text.to_lowercase().contains(&name.to_lowercase()), "{text}");
    }
    assert_eq!(lab.refused("CreateRoute", &base).await.0, "MissingParameter");
    let two = [base[0], base[1], ("GatewayId", "local"), ("VpcPeeringConnectionId", "pcx-0123456789abcdef0")];
    assert_eq!(lab.refused("CreateRoute", &two).await.0, "InvalidParameterCombination");
    let unknown = [base[0], base[1], ("VpcPeeringConnectionId", "pcx-0123456789abcdef0")];
    assert_eq!(lab.refused("CreateRoute", &unknown).await.0, "InvalidVpcPeeringConnectionID.NotFound");
}

#[tokio::test]
async fn associations_and_what_depends_on_them() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await.one("subnetId");
    let table = lab.ask("CreateRouteTable", &[("VpcId", &vpc)]).await.one("routeTableId");
    let form = [("RouteTableId", table.as_str()), ("SubnetId", subnet.as_str())];
    let id = lab.ask("AssociateRouteTable", &form).await.one("associationId");
    let found = lab.ask("DescribeRouteTables", &[("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", &subnet)]).await;
    assert_eq!((found.one("routeTableAssociationId"), found.one("main")), (id.clone(), "false".into()));
    let text = format!("The routeTable '{table}' has dependencies and cannot be deleted.");
    assert_eq!(lab.refused("DeleteRouteTable", &[("RouteTableId", &table)]).await, ("DependencyViolation".into(), text));
    lab.ask("DisassociateRouteTable", &[("AssociationId", &id)]).await;
    lab.ask("DeleteRouteTable", &[("RouteTableId", &table)]).await;
    let main = lab.ask("DescribeRouteTables", &[("Filter.1.Name", "association.main"), ("Filter.1.Value.1", "true")]).await;
    let id = main.one("routeTableAssociationId");
    assert_eq!(lab.refused("DisassociateRouteTable", &[("AssociationId", &id)]).await.0, "InvalidParameterValue");
}

#[tokio::test]
async fn routes_to_gateways_and_instances_are_shown_with_their_states() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await.one("subnetId");
    let table = lab.ask("CreateRouteTable", &[("VpcId", &vpc)]).await.one("routeTableId");
    let gateway = lab.ask("CreateInternetGateway", &[]).await.one("internetGatewayId");
    let nat = lab.ask("CreateNatGateway", &[("SubnetId", &subnet), ("ConnectivityType", "private")]).await.one("natGatewayId");
    let instance = lab.launch(&subnet).await;
    let route = |cidr: &'static str, name: &'static str, id: &str| {
        [("RouteTableId".to_owned(), table.clone()), ("DestinationCidrBlock".into(), cidr.into()), (name.into(), id.to_owned())]
    };
    async fn make(lab: &Lab, form: [(String, String); 3]) -> (u16, String) {
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        lab.send("CreateRoute", &form).await
    }
    let (_, refused) = make(&lab, route("0.0.0.0/0", "GatewayId", &gateway)).await;
    assert!(refused.contains(&format!("route table {table} and network gateway {gateway} belong to different networks")), "{refused}");
    lab.ask("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]).await;
    assert_eq!(make(&lab, route("0.0.0.0/0", "GatewayId", &gateway)).await.0, 200);
    assert_eq!(make(&lab, route("10.7.0.0/16", "NatGatewayId", &nat)).await.0, 200);
    assert_eq!(make(&lab, route("10.8.0.0/16", "InstanceId", &instance)).await.0, 200);
    let seen = lab.ask("DescribeRouteTables", &[("RouteTableId.1", &table)]).await;
    assert_eq!(seen.all("gatewayId"), ["local".to_owned(), gateway.clone()]);
    assert_eq!((seen.all("natGatewayId"), seen.all("instanceId")), (vec![nat.clone()], vec![instance.clone()]));
    assert_eq!(seen.all("state"), ["active"; 4]);
    lab.ask("StopInstances", &[("InstanceId.1", &instance)]).await;
    lab.ask("DeleteNatGateway", &[("NatGatewayId", &nat)]).await;
    lab.ask("DetachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]).await;
    let filter = [("Filter.1.Name", "route.nat-gateway-id"), ("Filter.1.Value.1", nat.as_str())];
    assert_eq!(lab.ask("DescribeRouteTables", &filter).await.all("state"), ["active", "blackhole", "blackhole", "blackhole"]);
}
