//! Lambda functions: their settings, versions, aliases, permissions and network interfaces.
//! Source: <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html>
mod alias;
mod check;
mod concurrency;
mod event;
mod interfaces;
mod layer;
mod logging;
mod name;
mod permission;
mod tags;
#[cfg(test)]
mod tests;
mod version;

pub use alias::{Alias, AliasChange};
pub use concurrency::{ACCOUNT_CONCURRENCY, EventInvokeConfig};
pub use event::AcceptedEvent;
pub use interfaces::{FunctionVpc, MAX_SUBNETS, VpcChoice};
pub use layer::{LayerVersion, PublishLayer};
pub use logging::{ApplicationLogLevel, JsonLog, LogFormat, LoggingChange, SystemLogLevel};
pub use name::{FunctionName, LayerName};
pub use permission::{FunctionPolicy, Permission};
pub use version::{PublishedVersion, Resolved};

use crate::{Cloud, Context, IdSource, Refusal, Scope, Sha256, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// The name of the version that can be changed.
pub const LATEST: &str = "$LATEST";

/// A function. Keyed by account, region and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Its account and region.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// `$LATEST`
    pub latest: FunctionSettings,
    /// Who may invoke it: by version or alias, the function itself under the empty name.
    pub policies: BTreeMap<String, FunctionPolicy>,
    /// How events are tried again: by version or alias, the function itself under `$LATEST`.
    pub event_invoke: BTreeMap<String, EventInvokeConfig>,
    /// `ReservedConcurrentExecutions`
    pub reserved_concurrency: Option<u32>,
    /// The number of the next version.
    pub next_version: u64,
    /// Its tags.
    pub tags: Tags,
}

/// What a version of a function is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionSettings {
    /// Its description.
    pub description: String,
    /// `python3.12`
    pub runtime: String,
    /// The ARN of its role.
    pub role: String,
    /// `app.handler`
    pub handler: String,
    /// Its code.
    pub code: FunctionCode,
    /// Seconds.
    pub timeout: u32,
    /// MB of memory.
    pub memory: u32,
    /// MB of `/tmp`.
    pub storage: u32,
    /// Its environment variables.
    pub variables: BTreeMap<String, String>,
    /// Its VPC.
    pub vpc: Option<FunctionVpc>,
    /// Its layers, in order.
    pub layers: Vec<FunctionLayer>,
    /// `x86_64` or `arm64`
    pub architecture: String,
    /// `PassThrough` or `Active`; traces are not recorded.
    pub tracing: String,
    /// The log group, when it is another than `/aws/lambda/NAME`.
    pub log_group: Option<String>,
    /// The levels of a log in the format JSON; none for the format Text.
    #[serde(default)]
    pub json_log: Option<JsonLog>,
    /// When it was last changed.
    pub modified: Timestamp,
    /// Another one after each change.
    pub revision: String,
}

/// The code of a version: a zip file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionCode {
    /// Its name in the store of bytes.
    pub sha256: Sha256,
    /// Its bytes.
    pub size: u64,
}

/// A layer as a function holds it: it stays when the layer's version is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionLayer {
    /// The ARN of the layer's version.
    pub arn: String,
    /// Its content.
    pub code: FunctionCode,
}

/// What `CreateFunction` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateFunction {
    /// Its name.
    pub name: String,
    /// What it is made of; what is not said here has AWS's default.
    pub change: FunctionChange,
    /// Its code.
    pub code: FunctionCode,
    /// `x86_64` or `arm64`
    pub architecture: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// What `UpdateFunctionConfiguration` changes; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionChange {
    /// Its description.
    pub description: Option<String>,
    /// `python3.12`
    pub runtime: Option<String>,
    /// The ARN of its role.
    pub role: Option<String>,
    /// `app.handler`
    pub handler: Option<String>,
    /// Seconds.
    pub timeout: Option<u32>,
    /// MB of memory.
    pub memory: Option<u32>,
    /// MB of `/tmp`.
    pub storage: Option<u32>,
    /// All of its environment variables.
    pub variables: Option<BTreeMap<String, String>>,
    /// Its subnets and groups; none of either takes it out of its VPC.
    pub vpc: Option<VpcChoice>,
    /// The ARNs of its layers' versions.
    pub layers: Option<Vec<String>>,
    /// `PassThrough` or `Active`
    pub tracing: Option<String>,
    /// Where and in which form it logs.
    pub logging: LoggingChange,
}

impl Function {
    /// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`
    #[must_use]
    pub fn arn(&self) -> String {
        function_arn(&self.scope, &self.name)
    }
}

impl FunctionSettings {
    /// The log group that its functions write to.
    #[must_use]
    pub fn log_group(&self, name: &str) -> String {
        self.log_group.clone().unwrap_or_else(|| format!("/aws/lambda/{name}"))
    }
}

/// `arn:aws:lambda:REGION:ACCOUNT:function:NAME`
#[must_use]
pub fn function_arn(scope: &Scope, name: &str) -> String {
    format!("arn:aws:lambda:{}:{}:function:{name}", scope.region, scope.account)
}

/// A revision id: a UUID of version 4.
pub(crate) fn revision(ids: &mut IdSource) -> String {
    let hex = ids.hex(30);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(12, 15), part(15, 18), part(18, 30))
}

pub(crate) fn not_found(scope: &Scope, name: &str, qualifier: Option<&str>) -> Refusal {
    let qualifier = qualifier.map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
    Refusal::FunctionNotFound(format!("Function not found: {}{qualifier}", function_arn(scope, name)))
}

impl Cloud {
    /// The functions of an account and region, in order of name.
    pub fn functions_of(&self, scope: &Scope) -> impl Iterator<Item = &Arc<Function>> {
        let (first, scope) = ((scope.clone(), String::new()), scope.clone());
        self.functions.range(first..).take_while(move |((of, _), _)| *of == scope).map(|(_, function)| function)
    }

    /// A function.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn function(&self, scope: &Scope, name: &str) -> Result<&Arc<Function>, Refusal> {
        self.functions.get(&(scope.clone(), name.to_owned())).ok_or_else(|| not_found(scope, name, None))
    }

    /// `CreateFunction`.
    ///
    /// # Errors
    /// A name that is taken, or settings that are not legal.
    pub fn create_function(&mut self, cx: &mut Context, input: CreateFunction) -> Result<(), Refusal> {
        check::name(&input.name)?;
        if self.functions.contains_key(&(cx.scope.clone(), input.name.clone())) {
            return Err(Refusal::FunctionConflict(format!("Function already exist: {}", input.name)));
        }
        check::tags(&input.tags)?;
        let settings = FunctionSettings {
            description: String::new(),
            runtime: String::new(),
            role: String::new(),
            handler: String::new(),
            code: input.code,
            timeout: 3,
            memory: 128,
            storage: 512,
            variables: BTreeMap::new(),
            vpc: None,
            layers: Vec::new(),
            architecture: input.architecture.unwrap_or_else(|| "x86_64".to_owned()),
            tracing: "PassThrough".to_owned(),
            log_group: None,
            json_log: None,
            modified: cx.now,
            revision: String::new(),
        };
        let latest = self.changed(cx, &input.name, settings, input.change)?;
        let function = Function {
            scope: cx.scope.clone(),
            name: input.name,
            latest,
            policies: BTreeMap::new(),
            event_invoke: BTreeMap::new(),
            reserved_concurrency: None,
            next_version: 1,
            tags: input.tags,
        };
        self.save_function(function);
        Ok(())
    }

    /// `UpdateFunctionConfiguration`.
    ///
    /// # Errors
    /// No such function, another revision than the one named, or settings that are not legal.
    pub fn update_function(
        &mut self,
        cx: &mut Context,
        name: &str,
        expected_revision: Option<&str>,
        change: FunctionChange,
    ) -> Result<(), Refusal> {
        let mut function = self.function_at(&cx.scope, name, expected_revision)?;
        function.latest = self.changed(cx, name, function.latest, change)?;
        self.save_function(function);
        self.sweep_function_interfaces(&cx.scope);
        Ok(())
    }

    /// `UpdateFunctionCode`.
    ///
    /// # Errors
    /// No such function, or another revision than the one named.
    pub fn update_function_code(
        &mut self,
        cx: &mut Context,
        name: &str,
        expected_revision: Option<&str>,
        code: FunctionCode,
        architecture: Option<String>,
    ) -> Result<(), Refusal> {
        let mut function = self.function_at(&cx.scope, name, expected_revision)?;
        function.latest.code = code;
        function.latest.architecture = architecture.unwrap_or(function.latest.architecture);
        function.latest.modified = cx.now;
        function.latest.revision = revision(&mut cx.ids);
        self.save_function(function);
        Ok(())
    }

    /// `DeleteFunction`: with its versions, aliases and network interfaces.
    ///
    /// # Errors
    /// No such function.
    pub fn delete_function(&mut self, cx: &mut Context, name: &str) -> Result<(), Refusal> {
        self.function(&cx.scope, name)?;
        self.functions.remove(&(cx.scope.clone(), name.to_owned()));
        let versions: Vec<_> = self.versions_of(&cx.scope, name).map(|version| version.number).collect();
        for number in versions {
            self.function_versions.remove(&(cx.scope.clone(), name.to_owned(), number));
        }
        let aliases: Vec<_> = self.aliases_of(&cx.scope, name).map(|alias| alias.name.clone()).collect();
        for alias in aliases {
            self.function_aliases.remove(&(cx.scope.clone(), name.to_owned(), alias));
        }
        self.sweep_function_interfaces(&cx.scope);
        Ok(())
    }

    pub(crate) fn save_function(&mut self, function: Function) {
        self.functions.insert((function.scope.clone(), function.name.clone()), Arc::new(function));
    }

    /// A function to be changed, in the revision that the caller knows.
    pub(crate) fn function_at(&self, scope: &Scope, name: &str, expected_revision: Option<&str>) -> Result<Function, Refusal> {
        let function = Function::clone(self.function(scope, name)?);
        check::revision(expected_revision, &function.latest.revision)?;
        Ok(function)
    }

    /// The settings after a change, checked as a whole; interfaces are made.
    fn changed(
        &mut self,
        cx: &mut Context,
        name: &str,
        settings: FunctionSettings,
        change: FunctionChange,
    ) -> Result<FunctionSettings, Refusal> {
        let layers = match change.layers {
            Some(arns) => self.layers_by_arn(&cx.scope, &arns)?,
            None => settings.layers,
        };
        let mut next = FunctionSettings {
            description: change.description.unwrap_or(settings.description),
            runtime: change.runtime.unwrap_or(settings.runtime),
            role: change.role.unwrap_or(settings.role),
            handler: change.handler.unwrap_or(settings.handler),
            timeout: change.timeout.unwrap_or(settings.timeout),
            memory: change.memory.unwrap_or(settings.memory),
            storage: change.storage.unwrap_or(settings.storage),
            variables: change.variables.unwrap_or(settings.variables),
            tracing: change.tracing.unwrap_or(settings.tracing),
            json_log: change.logging.levels(settings.json_log)?,
            log_group: change.logging.group.or(settings.log_group),
            layers,
            modified: cx.now,
            revision: revision(&mut cx.ids),
            ..settings
        };
        check::settings(&next, &cx.scope)?;
        if let Some(choice) = change.vpc {
            next.vpc = self.function_vpc(cx, name, &choice)?;
        }
        Ok(next)
    }
}

impl Cloud {
    /// The bytes that functions, their versions and layers name.
    pub(crate) fn function_blobs(&self) -> impl Iterator<Item = Sha256> {
        let latest = self.functions.values().map(|function| &function.latest);
        let all = latest.chain(self.function_versions.values().map(|version| &version.settings));
        let codes = all.flat_map(|settings| settings.layers.iter().map(|layer| &layer.code).chain([&settings.code]));
        let layers = self.layer_versions.values().filter(|layer| !layer.deleted).map(|layer| &layer.code);
        codes.chain(layers).map(|code| code.sha256)
    }
}
