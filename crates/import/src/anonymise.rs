//! Snapshots that can be shown to others: accounts and names masked, the same everywhere, so that every verdict stays.
//!
//! Masked are account ids, the names of APIs, groups, functions, roles and users, tags, descriptions, comments, stage variables, the texts that
//! mocks and gateway responses answer, and those of schemas. Kept are the ids that AWS made, addresses and CIDR blocks, domain names, paths,
//! stages, aliases, models and policies: calls are made by them and judged by them. Records of IAM are left out. `docs/import.md` says it in full.
use crate::{Affected, Snapshot, SnapshotError};
use std::collections::BTreeMap;
use std::sync::Arc;
use vpclab_cloud::function::FunctionSettings;
use vpclab_cloud::{Record, Tags};

mod api;

use api::Targets;

/// Words by what they stand for: `group-1`, in order of appearance.
#[derive(Default)]
struct Masks(BTreeMap<(&'static str, String), String>);

impl Masks {
    fn of(&mut self, kind: &'static str, text: &str) -> String {
        let next = self.0.keys().filter(|(known, _)| *known == kind).count() + 1;
        let made = || if kind == "account" { format!("{:012}", 100_000_000_000_u64 + next as u64) } else { format!("{kind}-{next}") };
        self.0.entry((kind, text.to_owned())).or_insert_with(made).clone()
    }

    /// The mask of a word that has one.
    fn known(&self, kind: &'static str, text: &str) -> Option<String> {
        self.0.get(&(kind, text.to_owned())).cloned()
    }

    /// The mask of a text; nothing stays nothing.
    fn some(&mut self, kind: &'static str, text: &str) -> String {
        if text.is_empty() { String::new() } else { self.of(kind, text) }
    }

    fn tags(&mut self, tags: &Tags) -> Tags {
        let key = |masks: &mut Self, key: &str| if key == "Name" { key.to_owned() } else { masks.of("key", key) };
        tags.iter().map(|(name, value)| (key(self, name), self.of("value", value))).collect()
    }

    /// `[path/]NAME` of a principal. The name is masked apart: sessions of a role say it without the path.
    fn principal(&mut self, kind: &'static str, text: &str) -> String {
        let Some((path, name)) = text.rsplit_once('/') else { return self.some(kind, text) };
        let path: Vec<String> = path.split('/').map(|part| self.some("path", part)).collect();
        format!("{}/{}", path.join("/"), self.some(kind, name))
    }

    /// `ROLE/SESSION`
    fn session(&mut self, text: &str) -> String {
        match text.split_once('/') {
            Some((role, session)) => format!("{}/{}", self.some("role", role), self.some("session", session)),
            None => self.some("role", text),
        }
    }

    /// What was not understood, without names of functions and files.
    fn noted(&mut self, text: &str) -> String {
        let text = after(text, "(in `", |c| c != '`', |file| self.of("file", file.strip_suffix(".json").unwrap_or(file)));
        let belongs = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        words(&text, belongs, |word| self.known("function", word))
    }
}

impl Snapshot {
    /// The snapshot without what tells whose it is.
    ///
    /// # Errors
    /// When what was masked is no snapshot any more; there is none then, rather than one that lacks records.
    pub fn anonymised(mut self) -> Result<Self, SnapshotError> {
        let mut masks = Masks::default();
        for record in &self.records {
            if let Record::Function((_, name), _) = record {
                masks.of("function", name);
            }
        }
        let targets = Targets::of(&self.records);
        self.records = self.records.into_iter().filter_map(|record| masked(&mut masks, &targets, record)).collect();
        for noted in &mut self.not_understood {
            for affected in &mut noted.affects {
                if let Affected::Function { name, .. } = affected {
                    *name = masks.of("function", name);
                }
            }
            noted.resource = match noted.resource.strip_suffix(".json") {
                Some(file) => masks.of("file", file),
                None => masks.noted(&noted.resource),
            };
            noted.what = masks.noted(&noted.what);
        }
        let is_account = |word: &str| word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit());
        let text = words(&self.text(), |c| c.is_ascii_alphanumeric(), |word| is_account(word).then(|| masks.of("account", word)));
        let text = after(&text, ":function:", |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'), |name| masks.of("function", name));
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "+=,.@_/-".contains(c);
        let mut text = after(&text, ":assumed-role/", is_of_name, |name| masks.session(name));
        for (marker, kind) in PRINCIPALS {
            text = after(&text, marker, is_of_name, |name| masks.principal(kind, name));
        }
        Self::read(text.as_bytes())
    }
}

/// How ARNs of IAM and STS go on before a name, and what the name is of.
const PRINCIPALS: [(&str, &str); 7] = [
    (":role/", "role"),
    (":user/", "user"),
    (":group/", "iam-group"),
    (":federated-user/", "federated-user"),
    (":saml-provider/", "provider"),
    (":oidc-provider/", "provider"),
    (":instance-profile/", "profile"),
];

fn masked(masks: &mut Masks, targets: &Targets, record: Record) -> Option<Record> {
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
        other => application(masks, targets, other),
    }
}

/// APIs and functions.
fn application(masks: &mut Masks, targets: &Targets, record: Record) -> Option<Record> {
    match record {
        Record::RestApi(key, mut value) => {
            let rest_api = Arc::make_mut(&mut value);
            (rest_api.name, rest_api.description, rest_api.version) = (masks.of("api", &rest_api.name), None, None);
            rest_api.tags = masks.tags(&rest_api.tags);
            api::settings(masks, &mut rest_api.settings);
            Some(Record::RestApi(key, value))
        }
        Record::Resource(key, mut value) => {
            api::resource(masks, targets, Arc::make_mut(&mut value));
            Some(Record::Resource(key, value))
        }
        Record::Deployment(key, mut value) => {
            let deployment = Arc::make_mut(&mut value);
            deployment.description = None;
            let snapshot = Arc::make_mut(&mut deployment.snapshot);
            api::settings(masks, &mut snapshot.settings);
            snapshot.resources.iter_mut().for_each(|resource| api::resource(masks, targets, resource));
            Some(Record::Deployment(key, value))
        }
        Record::Stage(key, mut value) => {
            api::stage(masks, targets, Arc::make_mut(&mut value));
            Some(Record::Stage(key, value))
        }
        Record::Function((scope, name), mut value) => {
            let function = Arc::make_mut(&mut value);
            function.name = masks.of("function", &name);
            function.tags = masks.tags(&function.tags);
            function.event_invoke.clear();
            bare(&mut function.latest);
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
            bare(&mut version.settings);
            Some(Record::FunctionVersion((scope, version.function.clone(), number), value))
        }
        // IAM, and what no snapshot holds.
        _ => None,
    }
}

/// Takes away what of a function is its own affair.
fn bare(settings: &mut FunctionSettings) {
    (settings.description, settings.log_group, settings.handler) = (String::new(), None, "handler".to_owned());
    settings.variables.clear();
    settings.layers.clear();
}

/// Replaces whole words, made of the characters that belong to one, where there is a mask.
fn words(text: &str, belongs: impl Fn(char) -> bool, mut mask: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (word, more) = rest.split_at(end);
        match mask(word) {
            Some(mask) => out.push_str(&mask),
            None => out.push_str(word),
        }
        let next = more.find(&belongs).unwrap_or(more.len());
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
