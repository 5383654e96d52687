use crate::ec2::lab::Lab;

#[tokio::test]
async fn a_gateway_is_attached_shown_detached_and_deleted() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let tags = [("TagSpecification.1.ResourceType", "internet-gateway"), ("TagSpecification.1.Tag.1.Key", "Name")];
    let id =
        lab.ask("CreateInternetGateway", &[tags[0], tags[1], ("TagSpecification.1.Tag.1.Value", "out")]).await.one("internetGatewayId");
    let form = [("InternetGatewayId", id.as_str()), ("VpcId", vpc.as_str())];
    let text = format!("resource {id} is not attached to network {vpc}");
    assert_eq!(lab.refused("DetachInternetGateway", &form).await, ("Gateway.NotAttached".into(), text));
    lab.ask("AttachInternetGateway", &form).await;
    let text = format!("resource {id} is already attached to network {vpc}");
    assert_eq!(lab.refused("AttachInternetGateway", &form).await, ("Resource.AlreadyAssociated".into(), text));
    let seen = lab.ask("DescribeInternetGateways", &[("Filter.1.Name", "attachment.vpc-id"), ("Filter.1.Value.1", &vpc)]).await;
    assert_eq!((seen.one("internetGatewayId"), seen.one("state"), seen.one("value")), (id.clone(), "available".into(), "out".into()));
    let text = format!("The internetGateway '{id}' has dependencies and cannot be deleted.");
    assert_eq!(lab.refused("DeleteInternetGateway", &[("InternetGatewayId", &id)]).await, ("DependencyViolation".into(), text));
    assert_eq!(lab.refused("DeleteVpc", &[("VpcId", &vpc)]).await.0, "DependencyViolation");
    let tag = [("ResourceId.1", id.as_str()), ("Tag.1.Key", "Name"), ("Tag.1.Value", "other")];
    lab.ask("CreateTags", &tag).await;
    let tags = lab.ask("DescribeTags", &[("Filter.1.Name", "resource-type"), ("Filter.1.Value.1", "internet-gateway")]).await;
    assert_eq!(tags.one("value"), "other");
    lab.ask("DetachInternetGateway", &form).await;
    lab.ask("DeleteInternetGateway", &[("InternetGatewayId", &id)]).await;
    let text = format!("The internetGateway ID '{id}' does not exist");
    assert_eq!(
        lab.refused("DeleteInternetGateway", &[("InternetGatewayId", &id)]).await,
        ("InvalidInternetGatewayID.NotFound".into(), text)
    );
}
