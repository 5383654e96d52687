//! A small cloud for tests: VPCs and subnets by one call each, and whoever asks next.
use crate::subnet::{CreateSubnet, ZoneChoice};
use crate::vpc::{CreateVpc, VpcAttribute};
use crate::{Cloud, Context, IdSource, Refusal, Scope, SubnetId, Tags, Timestamp, VpcId};

pub(crate) struct Lab {
    pub(crate) cloud: Cloud,
    pub(crate) cx: Context,
}

/// An instance and its primary interface.
pub(crate) struct Launched {
    pub(crate) instance: crate::InstanceId,
    pub(crate) interface: crate::NetworkInterfaceId,
}

/// `1/ap-northeast-2`: account 111111111111 in Seoul.
pub(crate) fn scope(text: &str) -> Scope {
    let (digit, region) = text.split_once('/').unwrap();
    Scope { account: digit.repeat(12).parse().unwrap(), region: region.parse().unwrap() }
}

impl Lab {
    pub(crate) fn new() -> Self {
        let cx = Context { scope: scope("1/ap-northeast-2"), now: Timestamp(1_000), ids: IdSource::new(7) };
        Self { cloud: Cloud::default(), cx }
    }
    /// Who asks from now on.
    pub(crate) fn go(&mut self, to: &str) -> &mut Self {
        self.cx.scope = scope(to);
        self
    }
    pub(crate) fn hours_later(&mut self, hours: i64) {
        self.cx.now.0 += hours * 3_600_000;
    }
    pub(crate) fn vpc(&mut self, cidr: &str) -> VpcId {
        self.cloud.create_vpc(&mut self.cx, CreateVpc { cidr: cidr.parse().unwrap(), tags: Tags::new() }).unwrap()
    }
    /// A VPC in which private names work.
    pub(crate) fn vpc_with_names(&mut self, cidr: &str) -> VpcId {
        let vpc = self.vpc(cidr);
        self.attribute(&vpc, VpcAttribute::DnsHostnames(true));
        vpc
    }
    pub(crate) fn attribute(&mut self, vpc: &VpcId, attribute: VpcAttribute) {
        self.cloud.modify_vpc_attribute(&mut self.cx, vpc, attribute).unwrap();
    }
    /// A subnet in a zone of the region, by its letter.
    pub(crate) fn subnet(&mut self, vpc: &VpcId, cidr: &str, zone: char) -> SubnetId {
        let zone = Some(ZoneChoice::Name(format!("{}{zone}", self.cx.scope.region)));
        let input = CreateSubnet { vpc: vpc.clone(), cidr: cidr.parse().unwrap(), zone, tags: Tags::new() };
        self.cloud.create_subnet(&mut self.cx, input).unwrap()
    }
    pub(crate) fn group(&mut self, vpc: &VpcId, name: &str) -> crate::SecurityGroupId {
        let template = &self.cloud.vpcs[vpc].default_security_group;
        let mut group = crate::SecurityGroup::clone(&self.cloud.security_groups[template]);
        group.id = crate::SecurityGroupId::fresh(&mut self.cx.ids);
        name.clone_into(&mut group.name);
        let id = group.id.clone();
        self.cloud.security_groups.insert(id.clone(), std::sync::Arc::new(group));
        id
    }
    /// A running instance in a subnet.
    pub(crate) fn launched(&mut self, subnet: &SubnetId) -> Launched {
        let input = crate::instance::RunInstances {
            image: "ami-0123456789abcdef0".parse().unwrap(),
            instance_type: "t3.micro".into(),
            min_count: 1,
            max_count: 1,
            interface: crate::instance::LaunchInterface::New {
                subnet: subnet.clone(),
                security_groups: Vec::new(),
                private_ip: None,
                description: String::new(),
                delete_on_termination: true,
                public_address: None,
            },
            availability_zone: None,
            key_name: None,
            profile: None,
            user_data: None,
            client_token: None,
            tags: Tags::new(),
            interface_tags: Tags::new(),
        };
        let instance = self.run(|cloud, cx| cloud.run_instances(cx, input)).unwrap().remove(0);
        let interface = self.cloud.instances[&instance].interface.clone().unwrap();
        Launched { instance, interface }
    }
    /// Runs an operation as the engine does: on a clone, which a refusal throws away.
    pub(crate) fn run<T>(&mut self, operation: impl FnOnce(&mut Cloud, &mut Context) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut next = self.cloud.clone();
        let answer = operation(&mut next, &mut self.cx)?;
        self.cloud = next;
        Ok(answer)
    }
}
