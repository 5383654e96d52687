//! What mends a blocker, as commands and as changes of a template.
use crate::Blocker;
use std::collections::BTreeSet;
use vpclab_cloud::AccountId;

/// One way to mend a blocker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, and to whom it opens, in one line.
    pub summary: String,
    /// The account whose resources it changes: its credentials run the commands.
    pub account: AccountId,
    /// Lines for a shell, to be run in order: `aws … --region R`. Empty where another call is what helps.
    pub commands: Vec<String>,
    /// The same in a template.
    pub template: Vec<TemplateChange>,
    /// The call that works instead, where no setting has to be changed: its URL, with headers as `curl` takes them.
    pub instead: Option<String>,
}

/// A property of a resource in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateChange {
    /// `AWS::EC2::SecurityGroup`
    pub resource_type: String,
    /// The resource's id; for a resource to be added, what it is for.
    pub id: String,
    /// `SecurityGroupIngress`; empty when the resource is to be added with `value` as its properties.
    pub property: String,
    /// The value, or what is to be appended to a list.
    pub value: serde_json::Value,
}

impl Fix {
    /// A fix by commands.
    #[must_use]
    pub fn new(account: &AccountId, summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), account: account.clone(), commands: Vec::new(), template: Vec::new(), instead: None }
    }
    /// With one more command.
    #[must_use]
    pub fn command(mut self, line: impl Into<String>) -> Self {
        self.commands.push(line.into());
        self
    }
    /// With one more change of the template.
    #[must_use]
    pub fn property(mut self, resource_type: &str, id: impl ToString, property: &str, value: serde_json::Value) -> Self {
        self.template.push(TemplateChange {
            resource_type: resource_type.to_owned(),
            id: id.to_string(),
            property: property.to_owned(),
            value,
        });
        self
    }
    /// A fix by another call.
    #[must_use]
    pub fn instead(mut self, call: impl Into<String>) -> Self {
        self.instead = Some(call.into());
        self
    }
    /// What makes two fixes the same.
    fn identity(&self) -> (&[String], Option<&str>) {
        (&self.commands, self.instead.as_deref())
    }
}

/// A word as a shell takes it: quoted where it has to be.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:=,@%+".contains(&b));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// The smallest set of fixes that mends all blockers: one that mends several is taken before one for each, and of those that mend as
/// many the narrowest. In the order of the blockers.
#[must_use]
pub fn minimal(blockers: &[Blocker]) -> Vec<Fix> {
    let mut open: BTreeSet<usize> = (0..blockers.len()).filter(|at| blockers.get(*at).is_some_and(|b| !b.fixes.is_empty())).collect();
    let mends = |fix: &Fix, open: &BTreeSet<usize>| -> BTreeSet<usize> {
        let same = |at: &&usize| blockers.get(**at).is_some_and(|b| b.fixes.iter().any(|other| other.identity() == fix.identity()));
        open.iter().filter(same).copied().collect()
    };
    let mut chosen: Vec<(usize, Fix)> = Vec::new();
    while let Some(first) = open.first().copied() {
        let Some(blocker) = blockers.get(first) else { break };
        let mut best: Option<(BTreeSet<usize>, &Fix)> = None;
        for fix in &blocker.fixes {
            let mended = mends(fix, &open);
            if best.as_ref().is_none_or(|(most, _)| mended.len() > most.len()) {
                best = Some((mended, fix));
            }
        }
        let Some((mended, fix)) = best else { break };
        open = &open - &mended;
        chosen.push((first, fix.clone()));
    }
    chosen.sort_by_key(|(at, _)| *at);
    chosen.into_iter().map(|(_, fix)| fix).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cause, StepKind};

    fn blocker(fixes: &[&str]) -> Blocker {
        let account = AccountId::unnamed();
        let fixes = fixes.iter().map(|line| Fix::new(&account, "mend").command(*line)).collect();
        Blocker { cause: Cause::BadState, step: StepKind::Peering, detail: String::new(), evidence: Vec::new(), fixes }
    }

    fn chosen(blockers: &[&[&str]]) -> Vec<String> {
        let blockers: Vec<Blocker> = blockers.iter().map(|fixes| blocker(fixes)).collect();
        minimal(&blockers).into_iter().flat_map(|fix| fix.commands).collect()
    }

    #[test]
    fn the_narrowest_unless_one_mends_several() {
        assert_eq!(chosen(&[&["a", "b"], &["c"]]), ["a", "c"]);
        assert_eq!(chosen(&[&["a", "b"], &["b", "c"]]), ["b"]);
        assert_eq!(chosen(&[&["a"], &["a"], &[]]), ["a"]);
        assert_eq!(chosen(&[]), Vec::<String>::new());
    }

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quoted("sg-0123"), "sg-0123");
        assert_eq!(quoted(r#"{"a": 1}"#), r#"'{"a": 1}'"#);
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
