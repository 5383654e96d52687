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
