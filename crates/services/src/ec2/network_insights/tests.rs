use super::analyse::analyse;
use super::*;
use crate::ec2::lab::Lab;
use vpclab_cloud::Timestamp;
use vpclab_cloud::network_insights::Findings;

/// A network of one subnet.
struct Network {
    lab: Lab,
    vpc: String,
    subnet: String,
}

impl Network {
    async fn new(lab: Lab, cidr: &str, subnet: &str) -> Self {
        let vpc = lab.vpc(cidr).await;
        lab.ask("CreateTags", &[("ResourceId.1", vpc.as_str()), ("Tag.1.Key", "Name"), ("Tag.1.Value", &format!("name-of-{vpc}"))]).await;
        let subnet = lab.ask("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", subnet)]).await.one("subnetId");
        Self { lab, vpc, subnet }
    }

    /// A new interface: its id and its address.
    async fn interface(&self) -> (String, String) {
        let made = self.lab.ask("CreateNetworkInterface", &[("SubnetId", &self.subnet)]).await;
        (made.one("networkInterfaceId"), made.one("privateIpAddress"))
    }

    async fn table(&self) -> String {
        let form = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", self.vpc.as_str())];
        self.lab.ask("DescribeRouteTables", &form).await.one("routeTableId")
    }

    /// A peering with another network, and the route there.
    async fn peer(&self, other: &Self, account: &str, block: &str) -> String {
        let form = [("VpcId", self.vpc.as_str()), ("PeerVpcId", &other.vpc), ("PeerOwnerId", account)];
        let peering = self.lab.ask("CreateVpcPeeringConnection", &form).await.one("vpcPeeringConnectionId");
        other.lab.ask("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &peering)]).await;
        let table = self.table().await;
        let form = [("RouteTableId", table.as_str()), ("DestinationCidrBlock", block), ("VpcPeeringConnectionId", &peering)];
        self.lab.ask("CreateRoute", &form).await;
        peering
    }
}

/// The codes of what a path's analysis says, and all of it as text.
fn look(lab: &Lab, source: &str, destination: &str, address: &str, port: Option<u16>) -> (Vec<String>, String) {
    let path = NetworkInsightsPath {
        id: "nip-0123456789abcdef0".parse().unwrap(),
        scope: Scope { account: "111111111111".parse().unwrap(), region: "ap-northeast-2".parse().unwrap() },
        asked: PathAsked {
            source: source.into(),
            destination: Some(destination.into()),
            source_ip: None,
            destination_ip: Some(address.parse().unwrap()),
            protocol: 6,
            destination_port: port,
        },
        created: Timestamp(0),
        client_token: None,
        tags: Default::default(),
    };
    let found: Findings = analyse(&lab.cloud(), &path, crate::engine::clock()).unwrap();
    assert!(!found.found && found.forward.is_empty() && found.back.is_empty());
    let codes = found.explanations.iter().map(|explanation| explanation.code.clone()).collect();
    (codes, format!("{found:?}"))
}

#[tokio::test]
async fn a_path_leads_to_its_destination_and_shows_no_other_accounts_network() {
    let lab = Lab::new().await;
    let own = Network::new(lab.of("111111111111", "ap-northeast-2"), "10.0.0.0/16", "10.0.1.0/24").await;
    let spare = Network::new(lab.of("111111111111", "ap-northeast-2"), "10.2.0.0/16", "10.2.1.0/24").await;
    let other = Network::new(lab.of("222222222222", "ap-northeast-2"), "10.1.0.0/16", "10.1.1.0/24").await;
    own.peer(&other, "222222222222", "10.1.0.0/16").await;
    let wrong = own.peer(&spare, "111111111111", "10.2.0.0/16").await;
    let ((source, _), (second, address), (foreign, far)) = (own.interface().await, own.interface().await, other.interface().await);
    let asked = |destination: &str, address: &str| {
        let form = [
            ("Source", source.as_str()),
            ("Destination", destination),
            ("DestinationIp", address),
            ("Protocol", "tcp"),
            ("ClientToken", address),
        ];
        form.map(|(name, value)| (name, value.to_owned()))
    };
    for (wrong, passes) in [(far.as_str(), false), ("10.0.1.200", false), (address.as_str(), true)] {
        let form = asked(&second, wrong);
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        if passes {
            lab.ask("CreateNetworkInsightsPath", &form).await;
        } else {
            let text = format!("Value ({wrong}) for parameter destinationIp is invalid. It is not an address of {second}.");
            assert_eq!(lab.refused("CreateNetworkInsightsPath", &form).await, ("InvalidParameterValue".into(), text));
        }
    }
    // Such a path that was made before, and one that goes by another peering connection than it names.
    let table = other.table().await;
    for (destination, port) in [(&second, Some(443)), (&second, None), (&wrong, Some(443)), (&wrong, None)] {
        let (codes, all) = look(&lab, &source, destination, &far, port);
        // Nothing runs at the source.
        assert_eq!(codes, ["BAD_STATE", "NO_POSSIBLE_DESTINATION"], "{all}");
        for id in [&other.vpc, &other.subnet, &foreign, &table] {
            assert!(!all.contains(id.as_str()), "{id} in {all}");
        }
        assert!(!all.contains("222222222222"), "{all}");
    }
}

#[tokio::test]
async fn ports_are_those_of_the_rules_on_the_way() {
    let lab = Lab::new().await;
    let own = Network::new(lab.of("111111111111", "ap-northeast-2"), "10.0.0.0/16", "10.0.1.0/24").await;
    let (interface, _) = own.interface().await;
    let group = lab.ask("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &interface)]).await.one("groupId");
    let elsewhere = lab.vpc("10.3.0.0/16").await;
    let form = [("GroupName", "far"), ("GroupDescription", "far"), ("VpcId", elsewhere.as_str())];
    let far = lab.ask("CreateSecurityGroup", &form).await.one("groupId");
    for (group, from, to) in [(&group, "8000", "8010"), (&far, "9000", "9010")] {
        let form = [
            ("GroupId", group.as_str()),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", from),
            ("IpPermissions.1.ToPort", to),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ];
        lab.ask("AuthorizeSecurityGroupIngress", &form).await;
    }
    let cloud = lab.cloud();
    let at = std::sync::Arc::clone(cloud.network_interfaces.get(interface.as_str()).unwrap());
    let fact = vpclab_explain::packet::Fact::Groups {
        interface: at,
        direction: vpclab_cloud::Direction::Ingress,
        remote: [10, 0, 1, 9].into(),
        rule: None,
    };
    let hop =
        vpclab_explain::packet::Hop { kind: vpclab_explain::StepKind::IngressGroups, ruling: vpclab_explain::packet::Ruling::Pass, fact };
    let header = vpclab_packet::Header { protocol: 6, number: 443 };
    let trace = vpclab_explain::packet::Trace { hops: vec![hop], destination: None, header };
    assert_eq!(way::candidates(&cloud, 6, &trace), [1, 1024, 8000, 8011]);
    assert_eq!(way::candidates(&cloud, 17, &trace), [1, 1024]);
}
