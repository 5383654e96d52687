//! `Domain.Route53`: the alias of a domain name.
use super::Api;
use crate::{
    context::Context,
    digest,
    expect::{self, Type},
    fault::Out,
    intrinsic,
    made::{Made, RECORD_SET_GROUP},
    text::Text,
    value::{Dict, Val},
};

impl Api {
    /// The group of the hosted zone, which several APIs share, or one of its own. `domain` is the generated name, or the name itself.
    pub(super) fn record_sets(&self, config: &Dict, domain: &Val, context: &mut Context) -> Out<Option<Made>> {
        let Some(route) = config.get("Route53") else { return Ok(None) };
        let route = expect::map(route, &self.source.id, "Domain.Route53")?;
        if route.get("HostedZoneId").is_none() && route.get("HostedZoneName").is_none() {
            let message = "HostedZoneId or HostedZoneName is required to enable Route53 support on Custom Domains.";
            return Err(self.source.fault(message));
        }
        let zone = route.truthy("HostedZoneId").or_else(|| route.get("HostedZoneName")).cloned().unwrap_or(Val::NULL);
        let records = self.records(config, route, domain);
        if let Some(separate) = route.truthy("SeparateRecordSetGroup") {
            Type::Boolean.of(separate, &self.source.id, "Domain.Route53.SeparateRecordSetGroup")?;
            let name = config.get("DomainName").cloned().unwrap_or(Val::NULL);
            let suffix = digest::of(&vec![zone, name].into());
            let mut group = Made::new(Text::own(format!("RecordSetGroup{suffix}")), &RECORD_SET_GROUP, self.source.passed())?;
            for property in ["HostedZoneId", "HostedZoneName"] {
                group.put(property, route.truthy(property))?;
            }
            group.set("RecordSets", records)?;
            return Ok(Some(group));
        }
        let id = Text::own(format!("RecordSetGroup{}", digest::of(&zone)));
        let group = match context.record_sets.entry(id.clone()) {
            indexmap::map::Entry::Occupied(known) => known.into_mut(),
            indexmap::map::Entry::Vacant(place) => {
                let mut group = Made::new(id, &RECORD_SET_GROUP, self.source.passed())?;
                for property in ["HostedZoneId", "HostedZoneName"] {
                    group.put(property, route.get(property))?;
                }
                group.set("RecordSets", Vec::new())?;
                place.insert(group)
            }
        };
        if let Some(all) = group.get_mut("RecordSets").and_then(Val::list_mut) {
            all.extend(records);
        }
        Ok(Some(group.clone()))
    }

    fn records(&self, config: &Dict, route: &Dict, domain: &Val) -> Vec<Val> {
        let mut target = Dict::new();
        if let Some(health) = route.get("EvaluateTargetHealth") {
            target.insert("EvaluateTargetHealth", health);
        }
        let given = |name: &str| route.raw(name).cloned().unwrap_or(Val::NULL);
        let kind = config.get("EndpointConfiguration").and_then(Val::text).map_or("", Text::as_str);
        let attribute = |name: &str| domain.text().map_or(Val::NULL, |id| intrinsic::get_att(id, name));
        let (zone, name) = match kind {
            "REGIONAL" => (attribute("RegionalHostedZoneId"), attribute("RegionalDomainName")),
            // The zone of every distribution.
            "EDGE" => ("Z2FDTNDATAQYW2".into(), given("DistributionDomainName")),
            _ => (given("VpcEndpointHostedZoneId"), given("VpcEndpointDomainName")),
        };
        target.insert("HostedZoneId", zone);
        target.insert("DNSName", name);
        let record = |kind: &str| {
            let mut record = Dict::of("Name", config.get("DomainName").cloned().unwrap_or(Val::NULL))
                .with("Type", kind)
                .with("AliasTarget", target.clone());
            for property in ["Region", "SetIdentifier"] {
                if let Some(val) = route.get(property) {
                    record.insert(property, val);
                }
            }
            record.into()
        };
        let mut records = vec![record("A")];
        if route.get("IpV6").is_some_and(Val::is_true) {
            records.push(record("AAAA"));
        }
        records
    }
}
