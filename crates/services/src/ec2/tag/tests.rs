use crate::ec2::lab::Lab;

#[tokio::test]
async fn tags_are_made_listed_filtered_and_deleted() {
    let lab = Lab::new().await;
    let (one, two) = (lab.vpc("10.0.0.0/16").await, lab.vpc("10.1.0.0/16").await);
    let form = [("ResourceId.1", one.as_str()), ("ResourceId.2", &two), ("Tag.1.Key", "Name"), ("Tag.1.Value", "lab")];
    lab.ask("CreateTags", &form).await;
    let seen = lab.ask("DescribeTags", &[("Filter.1.Name", "resource-id"), ("Filter.1.Value.1", &one)]).await;
    assert_eq!((seen.one("key"), seen.one("value"), seen.one("resourceType")), ("Name".into(), "lab".into(), "vpc".into()));
    let found = lab.ask("DescribeVpcs", &[("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", "l*")]).await;
    assert_eq!(found.all("vpcId").len(), 2);
    lab.ask("DeleteTags", &[("ResourceId.1", &two), ("Tag.1.Key", "Name")]).await;
    let found = lab.ask("DescribeVpcs", &[("Filter.1.Name", "tag-key"), ("Filter.1.Value.1", "Name")]).await;
    assert_eq!(found.all("vpcId"), [one]);
}

#[tokio::test]
async fn what_cannot_be_tagged() {
    let lab = Lab::new().await;
    let tag = |id: &'static str, key: &'static str| [("ResourceId.1", id), ("Tag.1.Key", key), ("Tag.1.Value", "x")];
    let refused = lab.refused("CreateTags", &tag("thing-1", "Name")).await;
    assert_eq!(refused, ("InvalidID".into(), "The ID 'thing-1' is not valid".into()));
    assert_eq!(lab.refused("CreateTags", &tag("vpc-00000000000000000", "Name")).await.0, "InvalidVpcID.NotFound");
    assert_eq!(lab.refused("CreateTags", &tag("vpc-00000000000000000", "aws:x")).await.0, "InvalidParameterValue");
    let wrong = [
        ("CidrBlock", "10.0.0.0/16"),
        ("TagSpecification.1.ResourceType", "subnet"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "x"),
    ];
    assert_eq!(lab.refused("CreateVpc", &wrong).await.0, "InvalidParameterValue");
}
