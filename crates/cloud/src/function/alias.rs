//! Aliases: names for versions.
use super::{LATEST, check, function_arn, revision};
use crate::{Cloud, Context, Refusal, Scope};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// An alias. Keyed by account, region, function and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// The account and region.
    pub scope: Scope,
    /// The function.
    pub function: String,
    /// Its name.
    pub name: String,
    /// The version it names: `$LATEST` or a number.
    pub version: String,
    /// Its description.
    pub description: String,
    /// Another version and how many thousandths of the events it gets.
    pub weights: BTreeMap<String, u32>,
    /// Another one after each change.
    pub revision: String,
}

/// What `UpdateAlias` changes; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AliasChange {
    /// The version.
    pub version: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The weights of another version.
    pub weights: Option<BTreeMap<String, u32>>,
}

impl Alias {
    /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME:ALIAS`
    #[must_use]
    pub fn arn(&self) -> String {
        format!("{}:{}", function_arn(&self.scope, &self.function), self.name)
    }

    /// The number of the version for one event; `None` is `$LATEST`.
    pub(super) fn version_for(&self, turn: u32) -> Option<u64> {
        let mut below = 0;
        for (version, weight) in &self.weights {
            below += weight;
            if turn < below {
                return version.parse().ok();
            }
        }
        self.version.parse().ok()
    }

    pub(super) fn names(&self, number: u64) -> bool {
        let text = number.to_string();
        self.version == text || self.weights.contains_key(&text)
    }
}

impl Cloud {
    /// The aliases of a function, in order of name.
    pub fn aliases_of(&self, scope: &Scope, function: &str) -> impl Iterator<Item = &Arc<Alias>> {
        let first = (scope.clone(), function.to_owned(), String::new());
        let (scope, function) = (scope.clone(), function.to_owned());
        let own = move |key: &(Scope, String, String)| key.0 == scope && key.1 == function;
        self.function_aliases.range(first..).take_while(move |(key, _)| own(key)).map(|(_, alias)| alias)
    }

    /// An alias.
    ///
    /// # Errors
    /// No such function or alias.
    pub fn alias(&self, scope: &Scope, function: &str, name: &str) -> Result<&Arc<Alias>, Refusal> {
        self.function(scope, function)?;
        let missing = || Refusal::FunctionNotFound(format!("Cannot find alias arn: {}:{name}", function_arn(scope, function)));
        self.function_aliases.get(&(scope.clone(), function.to_owned(), name.to_owned())).ok_or_else(missing)
    }

    /// `CreateAlias`.
    ///
    /// # Errors
    /// A name that is taken or not legal, a version that is not there.
    pub fn create_alias(&mut self, cx: &mut Context, function: &str, name: &str, change: AliasChange) -> Result<(), Refusal> {
        self.function(&cx.scope, function)?;
        if !check::is_word(name, 128) || name.bytes().all(|b| b.is_ascii_digit()) {
            return Err(check::constraint(name, "name", "satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"));
        }
        if let Ok(found) = self.alias(&cx.scope, function, name) {
            return Err(Refusal::FunctionConflict(format!("Alias already exists: {}", found.arn())));
        }
        let alias = Alias {
            scope: cx.scope.clone(),
            function: function.to_owned(),
            name: name.to_owned(),
            version: String::new(),
            description: String::new(),
            weights: BTreeMap::new(),
            revision: String::new(),
        };
        self.save_alias(cx, alias, change)
    }

    /// `UpdateAlias`.
    ///
    /// # Errors
    /// No such alias, another revision, a version that is not there.
    pub fn update_alias(
        &mut self,
        cx: &mut Context,
        function: &str,
        name: &str,
        expected_revision: Option<&str>,
        change: AliasChange,
    ) -> Result<(), Refusal> {
        let alias = Alias::clone(self.alias(&cx.scope, function, name)?);
        check::revision(expected_revision, &alias.revision)?;
        self.save_alias(cx, alias, change)
    }

    /// `DeleteAlias`; one that is not there is as good as deleted.
    ///
    /// # Errors
    /// No such function.
    pub fn delete_alias(&mut self, cx: &mut Context, function: &str, name: &str) -> Result<(), Refusal> {
        self.function(&cx.scope, function)?;
        self.function_aliases.remove(&(cx.scope.clone(), function.to_owned(), name.to_owned()));
        if let Some(function) = self.functions.get_mut(&(cx.scope.clone(), function.to_owned())).map(Arc::make_mut) {
            function.policies.remove(name);
            function.event_invoke.remove(name);
        }
        Ok(())
    }

    fn save_alias(&mut self, cx: &mut Context, alias: Alias, change: AliasChange) -> Result<(), Refusal> {
        let alias = Alias {
            version: change.version.unwrap_or(alias.version),
            description: change.description.unwrap_or(alias.description),
            weights: change.weights.unwrap_or(alias.weights),
            revision: revision(&mut cx.ids),
            ..alias
        };
        for version in alias.weights.keys().chain([&alias.version]) {
            let number = version == LATEST || version.bytes().all(|b| b.is_ascii_digit()) && !version.is_empty();
            if !number {
                return Err(check::constraint(version, "functionVersion", "satisfy regular expression pattern: (\\$LATEST|[0-9]+)"));
            }
            self.resolve_function(&cx.scope, &alias.function, Some(version), 0)?;
        }
        let weighed = !alias.weights.is_empty();
        if alias.weights.len() > 1 || alias.weights.values().any(|weight| *weight > 1000) {
            return Err(check::invalid("Number of items in AdditionalVersionWeights cannot be greater than 1, each from 0.0 to 1.0"));
        }
        if weighed && (alias.version == LATEST || alias.weights.contains_key(LATEST)) {
            return Err(check::invalid("$LATEST is not supported for an alias pointing to more than 1 version"));
        }
        if alias.weights.contains_key(&alias.version) {
            return Err(check::invalid("Invalid function version in function version weights; it is the version of the alias itself"));
        }
        let key = (cx.scope.clone(), alias.function.clone(), alias.name.clone());
        self.function_aliases.insert(key, Arc::new(alias));
        Ok(())
    }
}
