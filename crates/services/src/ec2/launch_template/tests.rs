use crate::ec2::lab::Lab;

#[tokio::test]
async fn an_instance_is_launched_from_a_version() {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.1.0/24")]).await.one("subnetId");
    let image = crate::ec2::image::id_of(&"ap-northeast-2".parse().unwrap()).to_string();
    let form = [
        ("LaunchTemplateName", "web"),
        ("LaunchTemplateData.ImageId", image.as_str()),
        ("LaunchTemplateData.InstanceType", "t3.micro"),
        ("LaunchTemplateData.NetworkInterface.1.DeviceIndex", "0"),
        ("LaunchTemplateData.NetworkInterface.1.SubnetId", subnet.as_str()),
        ("LaunchTemplateData.NetworkInterface.1.AssociatePublicIpAddress", "true"),
        ("LaunchTemplateData.TagSpecification.1.ResourceType", "instance"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Key", "Name"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Value", "web"),
        ("LaunchTemplateData.TagSpecification.2.ResourceType", "volume"),
        ("LaunchTemplateData.TagSpecification.2.Tag.1.Key", "Name"),
        ("LaunchTemplateData.TagSpecification.2.Tag.1.Value", "disk"),
    ];
    let id = lab.ask("CreateLaunchTemplate", &form).await.one("launchTemplateId");
    assert_eq!(lab.refused("CreateLaunchTemplate", &form).await.0, "InvalidLaunchTemplateName.AlreadyExistsException");
    let next = [
        ("LaunchTemplateId", id.as_str()),
        ("SourceVersion", "1"),
        ("LaunchTemplateData.InstanceType", "t3.small"),
        ("VersionDescription", "larger"),
    ];
    let made = lab.ask("CreateLaunchTemplateVersion", &next).await;
    assert_eq!((made.one("versionNumber"), made.one("imageId"), made.one("defaultVersion")), ("2".into(), image.clone(), "false".into()));
    let launch = |version: &'static str| {
        let name = [("LaunchTemplate.LaunchTemplateName", "web"), ("LaunchTemplate.Version", version)];
        [("MinCount", "1"), ("MaxCount", "1"), name[0], name[1]]
    };
    let first = lab.ask("RunInstances", &launch("$Default")).await;
    assert_eq!(
        (first.one("instanceType"), first.one("subnetId"), first.one("ipAddress")),
        ("t3.micro".into(), subnet.clone(), "203.0.113.1".into())
    );
    assert_eq!(first.all("value"), ["web".to_owned(), id.clone(), "1".into()]);
    let larger = lab.ask("RunInstances", &[&launch("$Latest")[..], &[("InstanceType", "t3.large")]].concat()).await;
    assert_eq!((larger.one("instanceType"), larger.all("value")[2].clone()), ("t3.large".into(), "2".into()));
    let unknown = lab.refused("RunInstances", &launch("7")).await;
    assert_eq!(unknown.0, "InvalidLaunchTemplateId.VersionNotFound");
    let versions = [("LaunchTemplateId", id.as_str()), ("LaunchTemplateVersion.1", "1"), ("LaunchTemplateVersion.2", "2")];
    assert_eq!(lab.ask("DescribeLaunchTemplateVersions", &versions).await.all("versionNumber"), ["2", "1"]);
    assert_eq!(
        lab.ask("ModifyLaunchTemplate", &[("LaunchTemplateId", &id), ("SetDefaultVersion", "2")]).await.one("defaultVersionNumber"),
        "2"
    );
    let gone = lab.ask("DeleteLaunchTemplateVersions", &versions).await;
    assert_eq!((gone.all("versionNumber"), gone.one("code")), (vec!["1".into(), "2".into()], "unexpectedError".into()));
    let seen = lab.ask("DescribeLaunchTemplates", &[("LaunchTemplateName.1", "web")]).await;
    assert_eq!((seen.one("latestVersionNumber"), seen.one("launchTemplateId")), ("2".into(), id.clone()));
    lab.ask("DeleteLaunchTemplate", &[("LaunchTemplateName", "web")]).await;
    assert_eq!(lab.refused("DeleteLaunchTemplate", &[("LaunchTemplateId", &id)]).await.0, "InvalidLaunchTemplateId.NotFound");
    let unbuilt = lab.refused("CreateLaunchTemplate", &[form[0], ("LaunchTemplateData.EbsOptimized", "true")]).await;
    assert!(unbuilt.1.contains("EbsOptimized"), "{unbuilt:?}");
}
