use super::*;
use crate::fixture::Lab;

fn data(image: Option<&str>, kind: Option<&str>) -> LaunchTemplateData {
    LaunchTemplateData { image_id: image.map(Into::into), instance_type: kind.map(Into::into), ..Default::default() }
}

fn make(lab: &mut Lab, name: &str) -> Result<LaunchTemplateId, Refusal> {
    let input = CreateLaunchTemplate {
        name: name.into(),
        description: None,
        data: data(Some("ami-1"), Some("t3.micro")),
        client_token: None,
        tags: Tags::new(),
    };
    lab.run(|cloud, cx| cloud.create_launch_template(cx, input))
}

#[test]
fn versions_are_numbered_inherit_and_go() {
    let mut lab = Lab::new();
    let id = make(&mut lab, "web").unwrap();
    assert_eq!(make(&mut lab, "web"), Err(Refusal::LaunchTemplateNameTaken));
    for wrong in ["we", "we b", &"w".repeat(129)] {
        assert!(matches!(make(&mut lab, wrong), Err(Refusal::LaunchTemplateNameMalformed(_))), "{wrong}");
    }
    let name = TemplateName::Name("web".into());
    let new = |source, kind| NewVersion { source, description: None, data: data(None, Some(kind)), client_token: None };
    let add = |lab: &mut Lab, new| lab.run(|cloud, cx| cloud.create_launch_template_version(cx, &name, new));
    assert_eq!(add(&mut lab, new(Some(VersionName::Default), "t3.small")), Ok(2));
    assert_eq!(add(&mut lab, new(None, "t3.large")), Ok(3));
    let missing = Refusal::LaunchTemplateVersionNotFound { template: id.clone(), number: 9 };
    assert_eq!(add(&mut lab, new(Some(VersionName::Number(9)), "t3.large")), Err(missing));
    let get = |lab: &Lab, version| {
        let template = lab.cloud.launch_template(&lab.cx.scope, &TemplateName::Id(id.clone())).unwrap();
        lab.cloud.launch_template_version(template, version).map(|version| version.data.clone())
    };
    assert_eq!(get(&lab, VersionName::Number(2)), Ok(data(Some("ami-1"), Some("t3.small"))));
    assert_eq!(get(&lab, VersionName::Latest), Ok(data(None, Some("t3.large"))));
    lab.run(|cloud, cx| cloud.modify_launch_template(cx, &name, VersionName::Number(2))).unwrap();
    assert_eq!(get(&lab, VersionName::Default), Ok(data(Some("ami-1"), Some("t3.small"))));
    let done = lab.run(|cloud, cx| cloud.delete_launch_template_versions(cx, &name, &[1, 2, 3, 7])).unwrap();
    let outcome: Vec<_> = done.into_iter().map(|(_, done)| done).collect();
    assert_eq!(outcome, [VersionDeletion::Deleted, VersionDeletion::Default, VersionDeletion::Deleted, VersionDeletion::Missing]);
    assert_eq!(get(&lab, VersionName::Latest), Ok(data(Some("ami-1"), Some("t3.small"))));
    assert_eq!(add(&mut lab, new(None, "t3.nano")), Ok(4), "numbers are not used again");
    lab.run(|cloud, cx| cloud.delete_launch_template(cx, &name)).unwrap();
    assert!(lab.cloud.launch_template_versions.is_empty());
    assert_eq!(lab.run(|cloud, cx| cloud.delete_launch_template(cx, &name)), Err(Refusal::LaunchTemplateNotFound(name)));
}
