//! Published versions, and which settings a name means.
use super::{FunctionSettings, LATEST, check, not_found, revision};
use crate::{Cloud, Context, Function, Refusal, Scope};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A version that cannot be changed. Keyed by account, region, function and number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedVersion {
    /// The account and region.
    pub scope: Scope,
    /// The function.
    pub function: String,
    /// Its number, from 1 on.
    pub number: u64,
    /// What it is made of.
    pub settings: FunctionSettings,
}

/// What a name and a qualifier mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The function.
    pub function: Arc<Function>,
    /// `$LATEST` or a number.
    pub version: String,
    /// What that version is made of.
    pub settings: FunctionSettings,
}

impl Cloud {
    /// The published versions of a function, in order.
    pub fn versions_of(&self, scope: &Scope, function: &str) -> impl Iterator<Item = &Arc<PublishedVersion>> {
        let first = (scope.clone(), function.to_owned(), 0);
        let (scope, function) = (scope.clone(), function.to_owned());
        let own = move |key: &(Scope, String, u64)| key.0 == scope && key.1 == function;
        self.function_versions.range(first..).take_while(move |(key, _)| own(key)).map(|(_, version)| version)
    }

    /// What a qualifier means: nothing and `$LATEST` the newest settings, a number a version, a name an alias.
    ///
    /// `turn` chooses between the two versions of an alias with weights: a number from 0 to 1, in thousandths.
    ///
    /// # Errors
    /// No such function, version or alias.
    pub fn resolve_function(&self, scope: &Scope, name: &str, qualifier: Option<&str>, turn: u32) -> Result<Resolved, Refusal> {
        let missing = || not_found(scope, name, qualifier);
        let function = self.function(scope, name).map_err(|_| missing())?;
        let number = match qualifier {
            None | Some(LATEST) => None,
            Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.parse().map_err(|_| missing())?),
            Some(alias) => {
                let key = (scope.clone(), name.to_owned(), alias.to_owned());
                self.function_aliases.get(&key).ok_or_else(missing)?.version_for(turn)
            }
        };
        let (version, settings) = match number {
            None => (LATEST.to_owned(), function.latest.clone()),
            Some(number) => {
                let key = (scope.clone(), name.to_owned(), number);
                (number.to_string(), self.function_versions.get(&key).ok_or_else(missing)?.settings.clone())
            }
        };
        Ok(Resolved { function: Arc::clone(function), version, settings })
    }

    /// `PublishVersion`. When nothing changed since the newest version, that one is it.
    ///
    /// # Errors
    /// No such function, or another revision.
    pub fn publish_version(
        &mut self,
        cx: &mut Context,
        name: &str,
        expected_revision: Option<&str>,
        description: Option<String>,
    ) -> Result<u64, Refusal> {
        let mut function = self.function_at(&cx.scope, name, expected_revision)?;
        let settings =
            FunctionSettings { description: description.unwrap_or(function.latest.description.clone()), ..function.latest.clone() };
        let newest = self.versions_of(&cx.scope, name).last();
        if let Some(newest) = newest
            && newest.number + 1 == function.next_version
            && same(&newest.settings, &settings)
        {
            return Ok(newest.number);
        }
        let number = function.next_version;
        function.next_version += 1;
        let settings = FunctionSettings { revision: revision(&mut cx.ids), ..settings };
        let version = PublishedVersion { scope: cx.scope.clone(), function: name.to_owned(), number, settings };
        self.function_versions.insert((cx.scope.clone(), name.to_owned(), number), Arc::new(version));
        self.save_function(function);
        Ok(number)
    }

    /// `DeleteFunction` of one version.
    ///
    /// # Errors
    /// No such version, or one that an alias names.
    pub fn delete_version(&mut self, cx: &mut Context, name: &str, qualifier: &str) -> Result<(), Refusal> {
        if qualifier == LATEST {
            return Err(check::invalid("$LATEST version cannot be deleted without deleting the function."));
        }
        let number: u64 = qualifier.parse().map_err(|_| check::invalid("Deletion of aliases is not currently supported."))?;
        self.function(&cx.scope, name)?;
        let aliases: Vec<String> = self.aliases_of(&cx.scope, name).filter(|a| a.names(number)).map(|a| a.arn()).collect();
        if !aliases.is_empty() {
            return Err(Refusal::FunctionConflict(format!(
                "Version was not able to be deleted because the following aliases reference it: [{}]",
                aliases.join(", ")
            )));
        }
        // A version that is not there is as good as deleted.
        self.function_versions.remove(&(cx.scope.clone(), name.to_owned(), number));
        if let Some(function) = self.functions.get_mut(&(cx.scope.clone(), name.to_owned())).map(Arc::make_mut) {
            function.policies.remove(qualifier);
            function.event_invoke.remove(qualifier);
        }
        self.sweep_function_interfaces(&cx.scope);
        Ok(())
    }
}

/// Whether two versions would do the same.
fn same(one: &FunctionSettings, other: &FunctionSettings) -> bool {
    let plain =
        |settings: &FunctionSettings| FunctionSettings { revision: String::new(), modified: crate::Timestamp(0), ..settings.clone() };
    plain(one) == plain(other)
}
