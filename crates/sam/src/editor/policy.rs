//! The resource policy of an API, from `Auth.ResourcePolicy`.
use super::{ANY_METHOD, Editor, POLICY, path_item, wildcards};
use crate::{
    fault::{Fault, Out},
    intrinsic, print,
    text::Text,
    value::{Dict, Val},
};

impl Editor {
    /// Adds the statements for one path.
    pub(crate) fn resource_policy(&mut self, policy: &Val, path: &Text, stage: &Val) -> Out<()> {
        let policy = policy.dict().ok_or_else(|| Fault::document("Resource Policy is not a valid dictionary."))?;
        let resources = self.method_resources(path, stage)?;
        for (name, effect) in [("AwsAccountWhitelist", "Allow"), ("AwsAccountBlacklist", "Deny")] {
            if let Some(accounts) = policy.truthy(name) {
                self.accounts(accounts, effect, &resources)?;
            }
        }
        for (name, operator) in [("IpRangeWhitelist", "NotIpAddress"), ("IpRangeBlacklist", "IpAddress")] {
            if let Some(ranges) = policy.truthy(name) {
                let ranges = if ranges.list().is_some() { ranges.clone() } else { vec![ranges.clone()].into() };
                self.allow_but(operator, Dict::of("aws:SourceIp", ranges), &resources);
            }
        }
        for (colour, operator) in [("Blacklist", "StringEquals"), ("Whitelist", "StringNotEquals")] {
            let condition = sources(policy, colour)?;
            if condition.values().any(Val::truthy) {
                self.allow_but(operator, condition, &resources);
            }
        }
        self.doc.insert(POLICY, self.policy.clone());
        Ok(())
    }

    /// Adds statements as they are.
    pub(crate) fn custom_statements(&mut self, statements: &Val) {
        self.policy.insert("Version", "2012-10-17");
        if self.policy.get("Statement").is_none() {
            self.policy.insert("Statement", statements);
        } else {
            let all = statements.list().map_or_else(|| vec![statements.clone()], <[Val]>::to_vec);
            self.add_statements(all, true);
        }
        self.doc.insert(POLICY, self.policy.clone());
    }

    /// The ARN of each method of a path.
    fn method_resources(&mut self, path: &Text, stage: &Val) -> Out<Vec<Val>> {
        let pattern = wildcards(path);
        let mut resources = Vec::new();
        for item in intrinsic::branches_mut(self.path(path)?)? {
            for key in path_item(item, path)?.keys() {
                let lower = key.to_lowercase();
                let method = if lower == ANY_METHOD || lower == "any" { Text::own("*") } else { key.like(key.to_uppercase()) };
                let resource = format!("execute-api:/${{__Stage__}}/{method}{pattern}");
                let given = method.given || pattern.given;
                let resource = if given { Text::given(resource) } else { Text::own(resource) };
                resources.push(intrinsic::sub_with(resource, Dict::of("__Stage__", stage)));
            }
        }
        Ok(resources)
    }

    fn accounts(&mut self, accounts: &Val, effect: &str, resources: &[Val]) -> Out<()> {
        let accounts = match (accounts.list(), accounts.dict()) {
            (Some(_), _) => accounts.clone(),
            (_, Some(_)) => vec![accounts.clone()].into(),
            _ => {
                let message = format!("Type of '{}' must be a list or dictionary", print::str(accounts));
                return Err(Fault::document(message));
            }
        };
        self.policy.insert("Version", "2012-10-17");
        let statement: Val = statement(effect, resources, Dict::old().with("AWS", accounts)).into();
        if self.policy.get("Statement").is_none() {
            self.policy.insert("Statement", statement);
        } else {
            self.add_statements(vec![statement], false);
        }
        Ok(())
    }

    /// Allows everybody, and denies under a condition.
    fn allow_but(&mut self, operator: &str, condition: Dict, resources: &[Val]) {
        self.policy.insert("Version", "2012-10-17");
        let allow = statement("Allow", resources, "*");
        let deny = statement("Deny", resources, "*").with("Condition", Dict::of(operator, condition));
        self.add_statements(vec![allow.into(), deny.into()], true);
    }

    fn add_statements(&mut self, statements: Vec<Val>, once: bool) {
        let mut all = match self.policy.get("Statement") {
            None => {
                self.policy.insert("Statement", statements);
                return;
            }
            Some(val) => val.list().map_or_else(|| vec![val.clone()], <[Val]>::to_vec),
        };
        for statement in statements {
            if !once || !all.contains(&statement) {
                all.push(statement);
            }
        }
        self.policy.insert("Statement", all);
    }
}

fn statement(effect: &str, resources: &[Val], principal: impl Into<Val>) -> Dict {
    Dict::old()
        .with("Effect", effect)
        .with("Action", "execute-api:Invoke")
        .with("Resource", resources.to_vec())
        .with("Principal", principal)
}

/// VPCs and endpoints of one colour: those written as ids, then those that functions give.
fn sources(policy: &Dict, colour: &str) -> Out<Dict> {
    let mut condition = Dict::old();
    let mut add = |key: &str, more: Vec<Val>| {
        if let Some(list) = condition.or_insert(key, || Vec::new().into()).and_then(Val::list_mut) {
            list.extend(more);
        }
    };
    if let Some(ids) = policy.get(&format!("SourceVpc{colour}")) {
        let ids = ids.visit().ok_or(Fault::Internal)?;
        if ids.iter().any(|id| id.text().is_none()) {
            return Err(Fault::document(format!(
                "SourceVpc{colour} must be a list of strings. Use IntrinsicVpc{colour} instead for values that use Intrinsic Functions"
            )));
        }
        for (key, prefix) in [("aws:SourceVpc", "vpc-"), ("aws:SourceVpce", "vpce-")] {
            let own: Vec<Val> = ids.iter().filter(|id| id.text().is_some_and(|id| id.starts_with(prefix))).cloned().collect();
            if !own.is_empty() {
                add(key, own);
            }
        }
    }
    for (key, name) in [("aws:SourceVpc", "IntrinsicVpc"), ("aws:SourceVpce", "IntrinsicVpce")] {
        if let Some(ids) = policy.get(&format!("{name}{colour}")) {
            add(key, ids.visit().ok_or(Fault::Internal)?);
        }
    }
    Ok(condition)
}
