use crate::ec2::lab::Lab;

#[tokio::test]
async fn a_set_is_made_given_to_a_vpc_and_deleted() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let form = [
        ("DhcpConfiguration.1.Key", "domain-name-servers"),
        ("DhcpConfiguration.1.Value.1", "10.0.1.53"),
        ("DhcpConfiguration.1.Value.2", "AmazonProvidedDNS"),
    ];
    let made = lab.ask("CreateDhcpOptions", &form).await;
    let id = made.one("dhcpOptionsId");
    assert_eq!((made.one("key"), made.all("value")), ("domain-name-servers".into(), vec!["10.0.1.53".into(), "AmazonProvidedDNS".into()]));
    lab.ask("AssociateDhcpOptions", &[("DhcpOptionsId", &id), ("VpcId", &vpc)]).await;
    let seen = lab.ask("DescribeVpcs", &[("Filter.1.Name", "dhcp-options-id"), ("Filter.1.Value.1", &id)]).await;
    assert_eq!((seen.one("vpcId"), seen.one("dhcpOptionsId")), (vpc.clone(), id.clone()));
    let text = format!("The dhcpOptions '{id}' has dependencies and cannot be deleted.");
    assert_eq!(lab.refused("DeleteDhcpOptions", &[("DhcpOptionsId", &id)]).await, ("DependencyViolation".into(), text));
    lab.ask("AssociateDhcpOptions", &[("DhcpOptionsId", "default"), ("VpcId", &vpc)]).await;
    assert_eq!(lab.ask("DescribeVpcs", &[]).await.one("dhcpOptionsId"), "default");
    lab.ask("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Name"), ("Tag.1.Value", "own")]).await;
    let found = lab.ask("DescribeDhcpOptions", &[("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", "own")]).await;
    assert_eq!(found.one("dhcpOptionsId"), id);
    lab.ask("DeleteDhcpOptions", &[("DhcpOptionsId", &id)]).await;
    assert_eq!(lab.refused("DescribeDhcpOptions", &[("DhcpOptionsId.1", &id)]).await.0, "InvalidDhcpOptionID.NotFound");
}
