//! Snapshots that can be shown to others: accounts and names masked, the same everywhere, so that every verdict stays.
//!
//! Masked are account ids, the names of APIs, groups, functions and roles, tags, descriptions, comments and the texts that mocks answer. Kept are the
//! ids that AWS made, addresses and CIDR blocks, domain names, paths, stages and policies: calls are made by them and judged by them.
//! Records of IAM are left out.
use crate::Snapshot;
use std::collections::BTreeMap;
use std::sync::Arc;
use vpclab_cloud::{Record, Resource, Tags};

/// Words by what they stand for: `group-1`, in order of appearance.
#[derive(Default)]
struct Masks(BTreeMap<(&'static str, String), String>);

impl Masks {
    fn of(&mut self, kind: &'static str, text: &str) -> String {
        let next = self.0.keys().filter(|(known, _)| *known == kind).count() + 1;
        let made = || if kind == "account" { format!("{:012}", 100_000_000_000_u64 + next as u64) } else { format!("{kind}-{next}") };
        self.0.entry((kind, text.to_owned())).or_insert_with(made).clone()
    }

    fn tags(&mut self, tags: &Tags) -> Tags {
        let key = |masks: &mut Self, key: &str| if key == "Name" { key.to_owned() } else { masks.of("key", key) };
        tags.iter().map(|(name, value)| (key(self, name), self.of("value", value))).collect()
    }
}

impl Snapshot {
    /// The snapshot without what tells whose it is.
    #[must_use]
    pub fn anonymised(mut self) -> Self {
        let mut masks = Masks::default();
        self.records = self.records.into_iter().filter_map(|record| masked(&mut masks, record)).collect();
        for noted in &mut self.not_understood {
            if let Some(mask) = masks.0.get(&("function", noted.resource.clone())) {
                noted.resource.clone_from(mask);
            }
            for affected in &mut noted.affects {
                if let crate::Affected::Function { name, .. } = affected {
                    *name = masks.of("function", name);
                }
            }
        }
        let text = self.text();
        let text = words(&text, |word| word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit()), |word| masks.of("account", word));
        let text = after(&text, ":function:", |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'), |name| masks.of("function", name));
        let is_of_role = |c: char| c.is_ascii_alphanumeric() || "+=,.@_/-".contains(c);
        let text = after(&text, ":role/", is_of_role, |name| masks.of("role", name));
        let text = after(&text, ":user/", is_of_role, |name| masks.of("user", name));
        // Only words were replaced by words: what was a snapshot still is one.
        Self::read(text.as_bytes()).unwrap_or(Self { records: Vec::new(), ..self })
    }
}

fn masked(masks: &mut Masks, record: Record) -> Option<Record> {
    macro_rules! tagged {
        ($kind:ident, $key:expr, $value:expr $(, $($field:ident = $to:expr),*)?) => {{
            let mut value = $value;
            let inner = Arc::make_mut(&mut value);
            inner.tags = masks.tags(&inner.tags);
            $($(inner.$field = $to;)*)?
            Some(Record::$kind($key, value))
        }};
    }
    match record {
        Record::Vpc(key, value) => tagged!(Vpc, key, value),
        Record::Subnet(key, value) => tagged!(Subnet, key, value),
        Record::NetworkAcl(key, value) => tagged!(NetworkAcl, key, value, client_token = None),
        Record::RouteTable(key, value) => tagged!(RouteTable, key, value, client_token = None),
        Record::VpcEndpoint(key, value) => tagged!(VpcEndpoint, key, value, client_token = None),
        Record::DhcpOptions(key, value) => tagged!(DhcpOptions, key, value),
        Record::InternetGateway(key, value) => tagged!(InternetGateway, key, value),
        Record::NatGateway(key, value) => tagged!(NatGateway, key, value, client_token = None),
        Record::PublicAddress(key, value) => tagged!(PublicAddress, key, value),
        Record::NetworkInterface(key, value) => {
            // The descriptions of Lambda's interfaces hold the function's name.
            tagged!(NetworkInterface, key, value, client_token = None, description = String::new())
        }
        Record::Instance(key, value) => {
            tagged!(Instance, key, value, client_token = None, key_name = None, profile = None, state_reason = None, user_data = None)
        }
        Record::HostedZone(key, value) => {
            let reference = key.to_string();
            tagged!(HostedZone, key, value, comment = None, caller_reference = reference)
        }
        Record::SecurityGroup(key, mut value) => {
            let group = Arc::make_mut(&mut value);
            if group.name != "default" {
                group.name = masks.of("group", &group.name);
            }
            group.description = String::new();
            for rule in &mut group.rules {
                rule.description = None;
                rule.tags = masks.tags(&rule.tags);
            }
            tagged!(SecurityGroup, key, value)
        }
        Record::Peering(key, mut value) => {
            let peering = Arc::make_mut(&mut value);
            for side in [&mut peering.requester, &mut peering.accepter] {
                side.tags = masks.tags(&side.tags);
            }
            Some(Record::Peering(key, value))
        }
        Record::RecordSet(..) => Some(record),
        other => application(masks, other),
    }
}

/// APIs and functions.
fn application(masks: &mut Masks, record: Record) -> Option<Record> {
    match record {
        Record::RestApi(key, mut value) => {
            let api = Arc::make_mut(&mut value);
            (api.name, api.description, api.version) = (masks.of("api", &api.name), None, None);
            api.tags = masks.tags(&api.tags);
            Some(Record::RestApi(key, value))
        }
        Record::Resource(key, mut value) => {
            silence(Arc::make_mut(&mut value));
            Some(Record::Resource(key, value))
        }
        Record::Deployment(key, mut value) => {
            let deployment = Arc::make_mut(&mut value);
            deployment.description = None;
            Arc::make_mut(&mut deployment.snapshot).resources.iter_mut().for_each(silence);
            Some(Record::Deployment(key, value))
        }
        Record::Stage(key, mut value) => {
            let stage = Arc::make_mut(&mut value);
            stage.description = None;
            stage.settings.access_log = Default::default();
            stage.tags = masks.tags(&stage.tags);
            Some(Record::Stage(key, value))
        }
        Record::Function((scope, name), mut value) => {
            let function = Arc::make_mut(&mut value);
            function.name = masks.of("function", &name);
            function.tags = masks.tags(&function.tags);
            let settings = &mut function.latest;
            (settings.description, settings.log_group, settings.handler) = (String::new(), None, "handler".to_owned());
            settings.variables.clear();
            settings.layers.clear();
            Some(Record::Function((scope, function.name.clone()), value))
        }
        Record::FunctionAlias((scope, function, name), mut value) => {
            let alias = Arc::make_mut(&mut value);
            (alias.function, alias.description) = (masks.of("function", &function), String::new());
            Some(Record::FunctionAlias((scope, alias.function.clone(), name), value))
        }
        Record::FunctionVersion((scope, function, number), mut value) => {
            let version = Arc::make_mut(&mut value);
            version.function = masks.of("function", &function);
            let settings = &mut version.settings;
            (settings.description, settings.log_group, settings.handler) = (String::new(), None, "handler".to_owned());
            settings.variables.clear();
            settings.layers.clear();
            Some(Record::FunctionVersion((scope, version.function.clone(), number), value))
        }
        // IAM, and what no snapshot holds.
        _ => None,
    }
}

/// Takes away what a method's mock answers.
fn silence(resource: &mut Resource) {
    for method in resource.methods.values_mut() {
        method.operation_name = None;
        let responses = method.integration.iter_mut().flat_map(|integration| integration.responses.values_mut());
        responses.flat_map(|response| response.response_templates.values_mut()).for_each(String::clear);
    }
}

/// Replaces whole words of letters and digits.
fn words(text: &str, wanted: impl Fn(&str) -> bool, mut mask: impl FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, more) = rest.split_at(end);
        if wanted(word) {
            out.push_str(&mask(word))
        } else {
            out.push_str(word)
        }
        let next = more.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(more.len());
        let (between, more) = more.split_at(next);
        out.push_str(between);
        rest = more;
    }
    out
}

/// Replaces what follows a marker, as long as its characters may belong to it.
fn after(text: &str, marker: &str, belongs: impl Fn(char) -> bool, mut mask: impl FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, found)) = rest.split_once(marker) {
        out.push_str(before);
        out.push_str(marker);
        let end = found.find(|c| !belongs(c)).unwrap_or(found.len());
        let (name, more) = found.split_at(end);
        if !name.is_empty() {
            out.push_str(&mask(name));
        }
        rest = more;
    }
    out + rest
}
