//! The answers of AWS -> a [`Snapshot`].
use crate::document::{Kind, Placed, place};
use crate::item::{Item, Unreadable};
use crate::{Affected, Document, NoPlace, NotUnderstood, Snapshot, apigateway, ec2, integrity, lambda, resolver, route53};
use std::collections::{BTreeMap, BTreeSet};
use vpclab_cloud::{AccountId, Cloud, Direction, NetworkInterfaceId, RestApiId, Scope, SecurityGroupId, Timestamp, VpcEndpointId, VpcId};

/// What is read so far.
pub(crate) struct Import {
    pub(crate) cloud: Cloud,
    pub(crate) noted: Vec<NotUnderstood>,
    /// When, for what ends with time.
    pub(crate) now: Timestamp,
    /// Groups whose rules are known by their ids.
    pub(crate) ruled: BTreeSet<SecurityGroupId>,
    /// VPCs whose DNS attributes were told; `true` for support, `false` for hostnames.
    pub(crate) attributes: BTreeSet<(VpcId, bool)>,
    /// Which endpoint an interface belongs to.
    pub(crate) endpoint_interfaces: BTreeMap<NetworkInterfaceId, VpcEndpointId>,
    /// What a stage serves, by deployment; a stage's export says more.
    pub(crate) deployed: apigateway::Deployed,
    /// Rules of Route 53 Resolver.
    pub(crate) rules: resolver::Rules,
    /// Accounts and regions whose functions were told.
    pub(crate) functions_of: BTreeSet<Scope>,
    /// Functions whose versions were told.
    pub(crate) versions_of: BTreeSet<(Scope, String)>,
}

/// Where an answer is from.
pub(crate) struct Source<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) document: &'a Document,
}

/// Reads the answers.
///
/// # Errors
/// An answer of which it cannot be known to which account and region it belongs.
pub fn import(documents: &[Document], now: Timestamp) -> Result<Snapshot, NoPlace> {
    let mut unknown = Vec::new();
    let placed = place(documents, &mut unknown)?;
    let mut import = Import {
        cloud: Cloud::default(),
        noted: Vec::new(),
        now,
        ruled: BTreeSet::new(),
        attributes: BTreeSet::new(),
        endpoint_interfaces: BTreeMap::new(),
        deployed: apigateway::Deployed::default(),
        rules: resolver::Rules::default(),
        functions_of: BTreeSet::new(),
        versions_of: BTreeSet::new(),
    };
    for document in unknown {
        import.note(&document.origin, "the file holds no answer that the import reads", []);
    }
    for placed in &placed {
        import.read(placed);
    }
    apigateway::finish(&mut import);
    resolver::check(&mut import);
    integrity::check(&mut import);
    let mut noted = import.noted;
    noted.sort();
    noted.dedup();
    let mut snapshot = Snapshot::of(&import.cloud, now, noted);
    snapshot.scopes.extend(placed.iter().filter(|placed| !placed.kind.is_global()).map(|placed| placed.scope.clone()));
    Ok(snapshot)
}

impl Import {
    /// Notes what is not understood.
    pub(crate) fn note(&mut self, resource: &str, what: impl Into<String>, affects: impl IntoIterator<Item = Affected>) {
        self.noted.push(NotUnderstood { resource: resource.to_owned(), what: what.into(), affects: affects.into_iter().collect() });
    }

    /// Notes an item that cannot be read, with all that may lean on it.
    fn unreadable(&mut self, source: &Source<'_>, id: &str, affects: Vec<Affected>, done: Result<(), Unreadable>) {
        if let Err(why) = done {
            self.note(id, format!("it cannot be read (in `{}`): {why}", source.document.origin), affects);
        }
    }

    fn each(&mut self, source: &Source<'_>, list: &str, id: &str, read: fn(&mut Self, &Source<'_>, Item<'_>) -> Result<(), Unreadable>) {
        for item in Item(&source.document.value).list(list) {
            let done = read(self, source, item);
            self.unreadable(source, item.text(id).unwrap_or("?"), leaning(item), done);
        }
    }

    fn read(&mut self, placed: &Placed<'_>) {
        let source = &Source { scope: &placed.scope, document: placed.document };
        let whole = Item(&placed.document.value);
        match placed.kind {
            Kind::Caller => {}
            Kind::Vpcs => self.each(source, "Vpcs", "VpcId", ec2::vpc::read),
            Kind::VpcAttribute => {
                let done = ec2::vpc::read_attribute(self, whole);
                self.unreadable(source, whole.text("VpcId").unwrap_or("?"), leaning(whole), done);
            }
            Kind::DhcpOptions => self.each(source, "DhcpOptions", "DhcpOptionsId", ec2::gateway::read_dhcp_options),
            Kind::InternetGateways => self.each(source, "InternetGateways", "InternetGatewayId", ec2::gateway::read_internet_gateway),
            Kind::Subnets => self.each(source, "Subnets", "SubnetId", ec2::vpc::read_subnet),
            Kind::RouteTables => self.each(source, "RouteTables", "RouteTableId", ec2::route_table::read),
            Kind::NetworkAcls => self.each(source, "NetworkAcls", "NetworkAclId", ec2::network_acl::read),
            Kind::SecurityGroups => self.each(source, "SecurityGroups", "GroupId", ec2::security_group::read),
            Kind::SecurityGroupRules => self.each(source, "SecurityGroupRules", "SecurityGroupRuleId", ec2::security_group::read_rule),
            Kind::VpcEndpoints => self.each(source, "VpcEndpoints", "VpcEndpointId", ec2::vpc_endpoint::read),
            Kind::NatGateways => self.each(source, "NatGateways", "NatGatewayId", ec2::gateway::read_nat_gateway),
            Kind::Reservations => self.each(source, "Reservations", "ReservationId", ec2::instance::read_reservation),
            Kind::NetworkInterfaces => self.each(source, "NetworkInterfaces", "NetworkInterfaceId", ec2::network_interface::read),
            Kind::Addresses => self.each(source, "Addresses", "PublicIp", ec2::gateway::read_address),
            Kind::Peerings => self.each(source, "VpcPeeringConnections", "VpcPeeringConnectionId", ec2::peering::read),
            Kind::RestApis => self.each(source, "items", "id", apigateway::rest_api::read),
            Kind::Resources => self.parts(source, ("items", "", "path"), apigateway::resource::read),
            Kind::RequestValidators => self.parts(source, ("items", "request validator ", "id"), apigateway::validation::read_validator),
            Kind::Models => self.parts(source, ("items", "model ", "name"), apigateway::validation::read_model),
            Kind::GatewayResponses => {
                self.parts(source, ("items", "gateway response ", "responseType"), apigateway::validation::read_gateway_response);
            }
            Kind::DomainNames => self.each(source, "items", "domainName", apigateway::validation::read_domain_name),
            Kind::ResolverRules => self.each(source, "ResolverRules", "Id", resolver::read_rule),
            Kind::ResolverRuleAssociations => self.each(source, "ResolverRuleAssociations", "Id", resolver::read_association),
            Kind::Deployment => self.of_api(source, |import, api| apigateway::stage::read_summary(import, api, whole)),
            Kind::Export => self.of_api(source, |import, api| apigateway::stage::read_export(import, source, api)),
            Kind::Deployments => self.parts(source, ("items", "deployment ", "id"), apigateway::stage::read_deployment),
            Kind::Stages => self.parts(source, ("item", "stage ", "stageName"), apigateway::stage::read),
            Kind::Functions => {
                self.functions_of.insert(source.scope.clone());
                self.each(source, "Functions", "FunctionName", lambda::read);
            }
            Kind::Versions => self.each(source, "Versions", "FunctionArn", lambda::read_version),
            Kind::FunctionPolicy => lambda::read_policy(self, source, whole),
            Kind::Aliases => self.each(source, "Aliases", "AliasArn", lambda::read_alias),
            Kind::HostedZones => self.each(source, "HostedZones", "Id", route53::read),
            Kind::HostedZone => {
                let done = route53::read_vpcs(self, source, whole);
                self.unreadable(source, "hosted zone", leaning(whole), done);
            }
            Kind::RecordSets => route53::read_records(self, source, whole),
        }
    }

    /// The parts of an API: the list that has them, what they are, and the member that names one.
    fn parts(
        &mut self,
        source: &Source<'_>,
        (list, what, name): (&str, &str, &str),
        read: fn(&mut Self, &RestApiId, Item<'_>) -> Result<(), Unreadable>,
    ) {
        self.of_api(source, |import, api| {
            for item in Item(&source.document.value).list(list) {
                let done = read(import, api, item);
                let resource = format!("{api} {what}{}", item.text(name).unwrap_or("?"));
                import.unreadable(source, &resource, vec![Affected::Api(api.clone())], done);
            }
        });
    }

    /// The API that the path of an answer names: the answers about parts of an API do not say of which.
    fn of_api(&mut self, source: &Source<'_>, read: impl FnOnce(&mut Self, &RestApiId)) {
        let found = source.document.words().find_map(|word| {
            let id: RestApiId = word.parse().ok()?;
            self.cloud.rest_apis.contains_key(&id).then_some(id)
        });
        let is_empty = Item(&source.document.value).list("items").next().is_none();
        match found {
            Some(api) => read(self, &api),
            // An empty page is about nothing.
            None if Kind::of(&source.document.value) == Some(Kind::Deployments) && is_empty => {}
            None => self.note(
                &source.document.origin,
                "the answer does not say which API it is of: the file's path has to name the API's id",
                self.cloud.rest_apis.keys().cloned().map(Affected::Api).collect::<Vec<_>>(),
            ),
        }
    }
}

impl Source<'_> {
    /// The scope of an item: an owner that it names comes before that of the answer.
    pub(crate) fn scope_of(&self, item: Item<'_>) -> Result<Scope, Unreadable> {
        let account: Option<AccountId> = item.maybe("OwnerId")?;
        Ok(Scope { account: account.unwrap_or_else(|| self.scope.account.clone()), region: self.scope.region.clone() })
    }
}

/// What may lean on an item of EC2, Lambda or Route 53 that cannot be read: the networks that it names, and itself.
fn leaning(item: Item<'_>) -> Vec<Affected> {
    let mut affects = Vec::new();
    let within = item.list("Instances").chain(item.item("RequesterVpcInfo")).chain(item.item("AccepterVpcInfo"));
    for named in within.chain([item]) {
        affects.extend(named.maybe("VpcId").ok().flatten().map(Affected::Vpc));
    }
    if let Ok(Some(group)) = item.maybe("GroupId") {
        let direction = if item.flag("IsEgress") { Direction::Egress } else { Direction::Ingress };
        affects.push(Affected::Rules { group, direction });
    }
    for zone in [item.maybe("Id"), item.item("HostedZone").map_or(Ok(None), |zone| zone.maybe("Id"))] {
        affects.extend(zone.ok().flatten().map(|zone| Affected::Name { zone, name: None }));
    }
    affects.extend(item.maybe("id").ok().flatten().map(Affected::Api));
    affects
}
