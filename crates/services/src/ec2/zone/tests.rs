use crate::ec2::lab::Lab;

#[tokio::test]
async fn the_zones_of_the_region_asked() {
    let lab = Lab::new().await;
    let seen = lab.ask("DescribeAvailabilityZones", &[]).await;
    assert_eq!(seen.all("zoneName"), ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c", "ap-northeast-2d"]);
    let one = lab.ask("DescribeAvailabilityZones", &[("ZoneId.1", "apne2-az2")]).await;
    assert_eq!(one.all("zoneName"), ["ap-northeast-2b"]);
    let refused = lab.refused("DescribeAvailabilityZones", &[("ZoneName.1", "us-west-2a")]).await;
    assert_eq!(refused, ("InvalidParameterValue".into(), "Invalid availability zone: [us-west-2a]".into()));
}

#[tokio::test]
async fn regions() {
    let lab = Lab::new().await;
    assert!(lab.ask("DescribeRegions", &[]).await.all("regionName").contains(&"us-west-2".to_owned()));
    let one = lab.ask("DescribeRegions", &[("Filter.1.Name", "region-name"), ("Filter.1.Value.1", "ap-northeast-2")]).await;
    assert_eq!(one.all("regionEndpoint"), ["ec2.ap-northeast-2.amazonaws.com"]);
    assert_eq!(lab.refused("DescribeRegions", &[("RegionName.1", "mars-1")]).await.0, "InvalidParameterValue");
}

#[tokio::test]
async fn account_attributes_are_those_of_a_lab() {
    let lab = Lab::new().await;
    assert_eq!(lab.ask("DescribeAccountAttributes", &[("AttributeName.1", "default-vpc")]).await.all("attributeValue"), ["none"]);
    assert_eq!(lab.ask("DescribeAccountAttributes", &[]).await.all("attributeName").len(), 4);
    assert_eq!(lab.refused("DescribeAccountAttributes", &[("AttributeName.1", "x")]).await.0, "InvalidParameterValue");
}
