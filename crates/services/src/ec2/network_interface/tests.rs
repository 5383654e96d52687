use crate::ec2::image;
use crate::ec2::lab::Lab;

async fn subnet(lab: &Lab) -> String {
    let vpc = lab.vpc("10.0.0.0/16").await;
    lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await.one("subnetId")
}

#[tokio::test]
async fn an_interface_lives() {
    let lab = Lab::new().await;
    let subnet = subnet(&lab).await;
    let made = lab.ask("CreateNetworkInterface", &[("SubnetId", &subnet), ("Description", "mine")]).await;
    let id = made.one("networkInterfaceId");
    assert_eq!((made.one("status"), made.one("privateIpAddress")), ("pending".into(), "10.0.1.4".into()));
    for (name, value) in
        [("subnet-id", subnet.as_str()), ("private-ip-address", "10.0.1.4"), ("status", "available"), ("description", "m*")]
    {
        let found = lab.ask("DescribeNetworkInterfaces", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]).await;
        assert_eq!(found.all("networkInterfaceId"), std::slice::from_ref(&id), "{name}");
    }
    let two = [("NetworkInterfaceId", id.as_str()), ("SourceDestCheck.Value", "false"), ("Description.Value", "x")];
    assert_eq!(lab.refused("ModifyNetworkInterfaceAttribute", &two).await.0, "InvalidParameterCombination");
    lab.ask("ModifyNetworkInterfaceAttribute", &two[..2]).await;
    assert_eq!(lab.ask("DescribeNetworkInterfaces", &[]).await.one("sourceDestCheck"), "false");
    lab.ask("DeleteNetworkInterface", &[("NetworkInterfaceId", &id)]).await;
    let text = format!("The networkInterface ID '{id}' does not exist");
    let gone = lab.refused("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &id)]).await;
    assert_eq!(gone, ("InvalidNetworkInterfaceID.NotFound".into(), text));
}

#[tokio::test]
async fn an_instance_passes_through_its_states() {
    let lab = Lab::new().await;
    let subnet = subnet(&lab).await;
    let image = image::id_of(&"ap-northeast-2".parse().unwrap());
    let form = [
        ("ImageId", image.as_str()),
        ("MinCount", "1"),
        ("MaxCount", "2"),
        ("SubnetId", &subnet),
        ("TagSpecification.1.ResourceType", "instance"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "client"),
    ];
    let tried = lab.send("RunInstances", &[&form[..], &[("DryRun", "true")]].concat()).await;
    assert!(tried.0 == 412 && tried.1.contains("DryRunOperation") && lab.cloud().instances.is_empty());
    let made = lab.ask("RunInstances", &form).await;
    let ids = made.all("instanceId");
    assert_eq!((ids.len(), made.all("reservationId").len(), made.all("ipAddress").len()), (2, 1, 0));
    assert!(made.all("name").contains(&"pending".to_owned()));
    let running = [
        ("Filter.1.Name", "instance-state-name"),
        ("Filter.1.Value.1", "running"),
        ("Filter.2.Name", "tag:Name"),
        ("Filter.2.Value.1", "cli?nt"),
    ];
    assert_eq!(lab.ask("DescribeInstances", &running).await.all("reservationId").len(), 1);
    let one = [("InstanceId.1", ids[0].as_str())];
    for (action, state, shown) in [
        ("StopInstances", "stopping", "stopped"),
        ("StartInstances", "pending", "running"),
        ("TerminateInstances", "shutting-down", "terminated"),
    ] {
        assert_eq!(lab.ask(action, &one).await.all("name")[0], state);
        assert!(lab.ask("DescribeInstances", &one).await.all("name").contains(&shown.to_owned()), "{action}");
    }
    assert_eq!(lab.ask("DescribeInstanceStatus", &[]).await.all("instanceId"), [ids[1].clone()], "running ones only");
    let text = format!("The instance '{}' is not in a state from which it can be started.", ids[0]);
    assert_eq!(lab.refused("StartInstances", &one).await, ("IncorrectInstanceState".into(), text));
    let paged = [("InstanceId.1", ids[1].as_str()), ("MaxResults", "5")];
    assert_eq!(lab.refused("DescribeInstances", &paged).await.0, "InvalidParameterCombination");
}

#[tokio::test]
async fn attributes_are_described_changed_and_reset() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await.one("subnetId");
    lab.launch(&subnet).await;
    let seen = lab.ask("DescribeNetworkInterfaces", &[]).await;
    let (id, attachment) = (seen.one("networkInterfaceId"), seen.one("attachmentId"));
    let own = ("NetworkInterfaceId", id.as_str());
    let describe = |attribute: &'static str| [own, ("Attribute", attribute)];
    lab.ask("ModifyNetworkInterfaceAttribute", &[own, ("SourceDestCheck.Value", "false")]).await;
    assert_eq!(lab.ask("DescribeNetworkInterfaceAttribute", &describe("sourceDestCheck")).await.one("value"), "false");
    lab.ask("ResetNetworkInterfaceAttribute", &[own, ("SourceDestCheck", "true")]).await;
    assert_eq!(lab.ask("DescribeNetworkInterfaceAttribute", &describe("sourceDestCheck")).await.one("value"), "true");
    let keep = |attachment| [own, ("Attachment.AttachmentId", attachment), ("Attachment.DeleteOnTermination", "false")];
    lab.ask("ModifyNetworkInterfaceAttribute", &keep(&attachment)).await;
    assert_eq!(lab.ask("DescribeNetworkInterfaceAttribute", &describe("attachment")).await.one("deleteOnTermination"), "false");
    let other = "eni-attach-0123456789abcdef0";
    let text = format!("The attachment ID '{other}' does not exist");
    assert_eq!(lab.refused("ModifyNetworkInterfaceAttribute", &keep(other)).await, ("InvalidAttachmentID.NotFound".into(), text));
    assert_eq!(lab.refused("DescribeNetworkInterfaceAttribute", &describe("colour")).await.0, "InvalidParameterValue");
}
