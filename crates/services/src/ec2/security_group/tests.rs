use crate::ec2::lab::Lab;

struct Groups {
    lab: Lab,
    vpc: String,
    api: String,
    client: String,
}

async fn groups() -> Groups {
    let lab = Lab::new().await;
    let vpc = lab.vpc("10.0.0.0/16").await;
    let mut ids = Vec::new();
    for name in ["api", "client"] {
        let form = [("GroupName", name), ("GroupDescription", "for a test"), ("VpcId", &vpc)];
        ids.push(lab.ask("CreateSecurityGroup", &form).await.one("groupId"));
    }
    let client = ids.remove(1);
    Groups { lab, vpc, api: ids.remove(0), client }
}

/// TCP 443 in the list form, as the aws CLI and boto3 send it.
const HTTPS: [(&str, &str); 3] =
    [("IpPermissions.1.IpProtocol", "tcp"), ("IpPermissions.1.FromPort", "443"), ("IpPermissions.1.ToPort", "443")];

#[tokio::test]
async fn groups_are_made_described_and_deleted() {
    let Groups { lab, vpc, api, .. } = groups().await;
    let found = lab.ask("DescribeSecurityGroups", &[("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "api")]).await;
    assert_eq!(found.one("groupId"), api);
    assert_eq!(found.one("cidrIp"), "0.0.0.0/0", "everything out");
    assert_eq!(found.all("ipProtocol"), ["-1"]);
    let taken = [("GroupName", "api"), ("GroupDescription", "again"), ("VpcId", &vpc)];
    let text = format!("The security group 'api' already exists for VPC '{vpc}'");
    assert_eq!(lab.refused("CreateSecurityGroup", &taken).await, ("InvalidGroup.Duplicate".into(), text));
    let nowhere = [("GroupName", "x"), ("GroupDescription", "x")];
    assert_eq!(lab.refused("CreateSecurityGroup", &nowhere).await.0, "VPCIdNotSpecified");
    lab.ask("DeleteSecurityGroup", &[("GroupId", &api)]).await;
    let gone = ("InvalidGroup.NotFound".to_owned(), format!("The security group '{api}' does not exist"));
    assert_eq!(lab.refused("DescribeSecurityGroups", &[("GroupId.1", &api)]).await, gone);
    assert_eq!(lab.refused("DeleteSecurityGroup", &[("GroupId", "sg-what")]).await.0, "InvalidGroupId.Malformed");
    assert_eq!(lab.refused("DeleteSecurityGroup", &[("GroupName", "api")]).await.0, "InvalidParameterValue");
}

#[tokio::test]
async fn the_default_group_stays() {
    let Groups { lab, .. } = groups().await;
    let found = lab.ask("DescribeSecurityGroups", &[("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "default")]).await;
    // The first group id is the group's own, the second that of its rule.
    let id = found.all("groupId")[0].clone();
    assert_eq!(found.all("groupId"), [id.clone(), id.clone()]);
    let text = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
    assert_eq!(lab.refused("DeleteSecurityGroup", &[("GroupId", &id)]).await, ("CannotDelete".into(), text));
}

#[tokio::test]
async fn rules_by_addresses() {
    let Groups { lab, api, .. } = groups().await;
    let flat = [("GroupId", api.as_str()), ("IpProtocol", "tcp"), ("FromPort", "443"), ("ToPort", "443"), ("CidrIp", "10.0.0.9/16")];
    let made = lab.ask("AuthorizeSecurityGroupIngress", &flat).await;
    assert_eq!((made.one("return"), made.one("cidrIpv4"), made.one("isEgress")), ("true".into(), "10.0.0.0/16".into(), "false".into()));
    let rule = made.one("securityGroupRuleId");
    let text = "the specified rule \"peer: 10.0.0.0/16, TCP, from port: 443, to port: 443, ALLOW\" already exists";
    let again = lab.refused("AuthorizeSecurityGroupIngress", &flat).await;
    assert_eq!(again, ("InvalidPermission.Duplicate".into(), text.into()));
    let mut two = vec![("GroupId", api.as_str())];
    two.extend(HTTPS);
    two.extend([("IpPermissions.1.IpRanges.1.CidrIp", "10.1.0.0/16"), ("IpPermissions.1.IpRanges.1.Description", "the other")]);
    lab.ask("AuthorizeSecurityGroupIngress", &two).await;
    let seen = lab.ask("DescribeSecurityGroups", &[("GroupId.1", &api)]).await;
    assert_eq!(seen.all("fromPort"), ["443"], "one permission for both ranges");
    assert_eq!(seen.all("cidrIp"), ["0.0.0.0/0", "10.0.0.0/16", "10.1.0.0/16"]);
    let rules = lab.ask("DescribeSecurityGroupRules", &[("Filter.1.Name", "group-id"), ("Filter.1.Value.1", &api)]).await;
    assert_eq!(rules.all("securityGroupRuleId").len(), 3);
    let gone = lab.ask("RevokeSecurityGroupIngress", &[("GroupId", &api), ("SecurityGroupRuleId.1", &rule)]).await;
    assert_eq!(gone.one("return"), "true");
    let gone = lab.ask("RevokeSecurityGroupIngress", &two).await;
    assert_eq!(gone.one("cidrIpv4"), "10.1.0.0/16");
    let text = "The specified rule does not exist in this security group.";
    assert_eq!(lab.refused("RevokeSecurityGroupIngress", &flat).await, ("InvalidPermission.NotFound".into(), text.into()));
}

#[tokio::test]
async fn rules_by_groups() {
    let Groups { lab, api, client, .. } = groups().await;
    let mut form = vec![("GroupId", api.as_str())];
    form.extend(HTTPS);
    form.push(("IpPermissions.1.Groups.1.GroupId", &client));
    let made = lab.ask("AuthorizeSecurityGroupIngress", &form).await;
    assert!(made.one("referencedGroupInfo").contains(&client));
    let seen = lab.ask("DescribeSecurityGroups", &[("Filter.1.Name", "ip-permission.group-id"), ("Filter.1.Value.1", &client)]).await;
    assert_eq!((seen.all("groupId"), seen.one("userId")), (vec![api.clone(), client.clone()], "111111111111".into()));
    let in_use = ("DependencyViolation".to_owned(), format!("resource {client} has a dependent object"));
    assert_eq!(lab.refused("DeleteSecurityGroup", &[("GroupId", &client)]).await, in_use);
    lab.ask("RevokeSecurityGroupIngress", &form).await;
    lab.ask("DeleteSecurityGroup", &[("GroupId", &client)]).await;
}

#[tokio::test]
async fn a_group_of_another_network_is_refused() {
    let Groups { lab, api, .. } = groups().await;
    let other = lab.vpc("10.1.0.0/16").await;
    let form = [("GroupName", "far"), ("GroupDescription", "x"), ("VpcId", &other)];
    let far = lab.ask("CreateSecurityGroup", &form).await.one("groupId");
    let mut form = vec![("GroupId", api.as_str())];
    form.extend(HTTPS);
    form.push(("IpPermissions.1.Groups.1.GroupId", &far));
    let text = "You have specified two resources that belong to different networks.";
    assert_eq!(lab.refused("AuthorizeSecurityGroupIngress", &form).await, ("InvalidGroup.NotFound".into(), text.into()));
}

#[tokio::test]
async fn egress_is_revoked_and_authorised() {
    let Groups { lab, api, .. } = groups().await;
    let all = [("GroupId", api.as_str()), ("IpPermissions.1.IpProtocol", "-1"), ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0")];
    let gone = lab.ask("RevokeSecurityGroupEgress", &all).await;
    assert_eq!((gone.one("isEgress"), gone.one("fromPort")), ("true".into(), "-1".into()));
    assert!(lab.cloud().security_groups[api.as_str()].rules.is_empty());
    lab.ask("AuthorizeSecurityGroupEgress", &all).await;
    assert_eq!(lab.cloud().security_groups[api.as_str()].rules.len(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let Groups { lab, api, .. } = groups().await;
    let flat = |protocol, from, to, cidr| {
        [("GroupId", api.as_str()), ("IpProtocol", protocol), ("FromPort", from), ("ToPort", to), ("CidrIp", cidr)]
    };
    for (form, code, text) in [
        (flat("tcp", "443", "443", "10.0.0.0/33"), "InvalidParameterValue", "CIDR block 10.0.0.0/33 is malformed"),
        (flat("tcp", "0", "70000", "10.0.0.0/16"), "InvalidParameterValue", "TCP/UDP port (70000) out of range"),
        (flat("tpc", "1", "1", "10.0.0.0/16"), "InvalidParameterValue", "Invalid value 'tpc' for IP protocol. Unknown protocol."),
    ] {
        assert_eq!(lab.refused("AuthorizeSecurityGroupIngress", &form).await, (code.into(), text.into()));
    }
    let nothing = [("GroupId", api.as_str())];
    assert_eq!(lab.refused("AuthorizeSecurityGroupIngress", &nothing).await.0, "MissingParameter");
    let mut lists = vec![("GroupId", api.as_str()), ("IpPermissions.1.PrefixListIds.1.PrefixListId", "pl-1")];
    lists.extend(HTTPS);
    let refused = lab.refused("AuthorizeSecurityGroupIngress", &lists).await;
    assert!(refused.1.contains("PrefixListIds"), "named: {refused:?}");
}

#[tokio::test]
async fn a_rule_is_modified() {
    let Groups { lab, api, .. } = groups().await;
    let flat = [("GroupId", api.as_str()), ("IpProtocol", "tcp"), ("FromPort", "443"), ("ToPort", "443"), ("CidrIp", "10.0.0.0/16")];
    let rule = lab.ask("AuthorizeSecurityGroupIngress", &flat).await.one("securityGroupRuleId");
    let form = [
        ("GroupId", api.as_str()),
        ("SecurityGroupRule.1.SecurityGroupRuleId", &rule),
        ("SecurityGroupRule.1.SecurityGroupRule.IpProtocol", "tcp"),
        ("SecurityGroupRule.1.SecurityGroupRule.FromPort", "80"),
        ("SecurityGroupRule.1.SecurityGroupRule.ToPort", "80"),
        ("SecurityGroupRule.1.SecurityGroupRule.CidrIpv4", "10.2.0.0/16"),
    ];
    lab.ask("ModifySecurityGroupRules", &form).await;
    let seen = lab.ask("DescribeSecurityGroupRules", &[("SecurityGroupRuleId.1", &rule)]).await;
    assert_eq!((seen.one("fromPort"), seen.one("cidrIpv4")), ("80".into(), "10.2.0.0/16".into()));
}
