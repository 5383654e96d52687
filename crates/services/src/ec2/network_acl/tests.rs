use crate::ec2::lab::Lab;

#[tokio::test]
async fn the_default_acl_allows_all_and_serves_every_subnet() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await.one("subnetId");
    let seen = lab.ask("DescribeNetworkAcls", &[("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", &subnet)]).await;
    assert_eq!((seen.one("default"), seen.one("vpcId"), seen.one("subnetId")), ("true".into(), vpc, subnet));
    assert_eq!(seen.all("ruleNumber"), ["100", "32767", "100", "32767"]);
    assert_eq!(seen.all("ruleAction"), ["allow", "deny", "allow", "deny"]);
    assert_eq!(seen.all("egress"), ["true", "true", "false", "false"]);
}

#[tokio::test]
async fn an_acl_is_made_filled_and_put_before_a_subnet() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let made = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await;
    let subnet = made.one("subnetId");
    let seen = lab.ask("DescribeNetworkAcls", &[]).await;
    let association = seen.one("networkAclAssociationId");
    let made = lab.ask("CreateNetworkAcl", &[("VpcId", &vpc), ("ClientToken", "once")]).await;
    let acl = made.one("networkAclId");
    assert_eq!((made.one("default"), made.all("ruleNumber")), ("false".into(), vec!["32767".into(), "32767".into()]));
    assert_eq!(lab.ask("CreateNetworkAcl", &[("VpcId", &vpc), ("ClientToken", "once")]).await.one("networkAclId"), acl);
    let base = [("NetworkAclId", acl.as_str()), ("RuleNumber", "100"), ("Egress", "false")];
    let rule = |more: &[(&'static str, &'static str)]| [&base[..], more].concat();
    let tcp = [("Protocol", "6"), ("RuleAction", "allow"), ("CidrBlock", "0.0.0.0/0")];
    assert_eq!(lab.refused("CreateNetworkAclEntry", &rule(&tcp)).await.0, "InvalidParameterValue");
    let ports = [&tcp[..], &[("PortRange.From", "443"), ("PortRange.To", "443")]].concat();
    lab.ask("CreateNetworkAclEntry", &rule(&ports)).await;
    let text = "The network acl entry identified by 100 already exists.";
    assert_eq!(lab.refused("CreateNetworkAclEntry", &rule(&ports)).await, ("NetworkAclEntryAlreadyExists".into(), text.into()));
    let icmp = [("Protocol", "1"), ("RuleAction", "deny"), ("CidrBlock", "0.0.0.0/0"), ("Icmp.Type", "8"), ("Icmp.Code", "-1")];
    lab.ask("ReplaceNetworkAclEntry", &rule(&icmp)).await;
    let seen = lab.ask("DescribeNetworkAcls", &[("NetworkAclId.1", &acl)]).await;
    assert_eq!(
        (seen.all("ruleNumber"), seen.one("type"), seen.has("portRange")),
        (vec!["32767".into(), "100".into(), "32767".into()], "8".into(), false)
    );
    let ipv6 = [&tcp[..2], &[("Ipv6CidrBlock", "::/0")]].concat();
    assert!(lab.refused("CreateNetworkAclEntry", &rule(&ipv6)).await.1.contains("Ipv6CidrBlock"));
    let form = [("AssociationId", association.as_str()), ("NetworkAclId", acl.as_str())];
    let new = lab.ask("ReplaceNetworkAclAssociation", &form).await.one("newAssociationId");
    assert_eq!(lab.refused("ReplaceNetworkAclAssociation", &form).await.0, "InvalidAssociationID.NotFound");
    let found = lab.ask("DescribeNetworkAcls", &[("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", &subnet)]).await;
    assert_eq!((found.one("networkAclId"), found.one("networkAclAssociationId")), (acl.clone(), new));
    assert_eq!(lab.refused("DeleteNetworkAcl", &[("NetworkAclId", &acl)]).await.0, "DependencyViolation");
    lab.ask("DeleteNetworkAclEntry", &base).await;
    assert_eq!(lab.refused("DeleteNetworkAclEntry", &base).await.0, "InvalidNetworkAclEntry.NotFound");
}
