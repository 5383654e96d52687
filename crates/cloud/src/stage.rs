//! Stages: names under which deployments are served.
use crate::deployment::unknown_deployment;
use crate::rest_api::{bad_request, check_tags, not_found};
use crate::{Cloud, Context, DeploymentId, Refusal, RestApi, RestApiId, Scope, Tags, Timestamp};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

mod settings;

pub use settings::{ALL_METHODS, AccessLog, ApiAccount, LoggingLevel, MethodSettingEdit, MethodSettings, StageSettings};

/// How many stages an API has.
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub const STAGES_MAX: usize = 10;
/// How many variables a stage has.
pub const VARIABLES_MAX: usize = 100;

/// A stage. Keyed by API and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Its API.
    pub api: RestApiId,
    /// Its name.
    pub name: String,
    /// The deployment it serves.
    pub deployment: DeploymentId,
    /// Its description.
    pub description: Option<String>,
    /// `disableExecuteApiEndpoint` as this stage has it: taken from the API at a deployment or at any update of the stage.
    pub disable_execute_api_endpoint: bool,
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// Logs, tracing and settings of methods.
    #[serde(default)]
    pub settings: StageSettings,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last updated.
    pub updated: Timestamp,
    /// Its tags.
    pub tags: Tags,
}

/// What a new stage is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateStage {
    /// Its name.
    pub name: String,
    /// The deployment it serves.
    pub deployment: DeploymentId,
    /// Its description.
    pub description: Option<String>,
    /// Stage variables.
    pub variables: BTreeMap<String, String>,
    /// Logs, tracing and settings of methods.
    pub settings: StageSettings,
    /// Its tags.
    pub tags: Tags,
}

/// One change of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageEdit {
    /// `replace /deploymentId`
    Deployment(DeploymentId),
    /// `replace` or `remove /description`
    Description(Option<String>),
    /// `replace` or `add /variables/{name}`
    Variable(String, String),
    /// `remove /variables/{name}`
    RemoveVariable(String),
    /// `replace /tracingEnabled`
    Tracing(bool),
    /// `remove /accessLogSettings`
    AccessLog(AccessLog),
    /// `replace` or `remove /accessLogSettings/destinationArn`
    AccessLogDestination(Option<String>),
    /// `replace` or `remove /accessLogSettings/format`
    AccessLogFormat(Option<String>),
    /// `replace /{resourcePath}/{httpMethod}/…`
    Method(String, MethodSettingEdit),
    /// `remove /{resourcePath}/{httpMethod}`
    RemoveMethod(String),
    /// All settings, as a template says them.
    Settings(StageSettings),
}

impl Stage {
    /// `arn:aws:apigateway:{region}::/restapis/{api}/stages/{name}`: the ARN that tags name.
    #[must_use]
    pub fn arn(&self, scope: &Scope) -> String {
        format!("arn:aws:apigateway:{}::/restapis/{}/stages/{}", scope.region, self.api, self.name)
    }
}

impl Cloud {
    /// The stages of an API, in order of name.
    pub fn stages_of(&self, api: &RestApiId) -> impl Iterator<Item = &Arc<Stage>> {
        let first = (api.clone(), String::new());
        let api = api.clone();
        self.stages.range(first..).take_while(move |((of, _), _)| *of == api).map(|(_, stage)| stage)
    }

    /// A stage of an API of the account and region.
    ///
    /// # Errors
    /// When there is none.
    pub fn stage(&self, scope: &Scope, api: &RestApiId, name: &str) -> Result<&Arc<Stage>, Refusal> {
        self.rest_api(scope, api)?;
        self.stages.get(&(api.clone(), name.to_owned())).ok_or_else(|| not_found("Invalid stage identifier specified"))
    }

    /// Makes a stage.
    ///
    /// # Errors
    /// When it is there already, its deployment is not, there are too many, or a value is not legal.
    pub fn create_stage(&mut self, cx: &mut Context, api: &RestApiId, input: CreateStage) -> Result<(), Refusal> {
        let rest_api = Arc::clone(self.rest_api(&cx.scope, api)?);
        if self.stage(&cx.scope, api, &input.name).is_ok() {
            return Err(Refusal::ApiConflict("Stage already exists".to_owned()));
        }
        if self.stages_of(api).count() >= STAGES_MAX {
            return Err(Refusal::ApiLimitExceeded(
                "Maximum number of stages for this API has been reached. Please contact AWS if you need additional stages.".to_owned(),
            ));
        }
        check_tags(&input.tags)?;
        let stage = Stage {
            api: api.clone(),
            name: input.name,
            deployment: input.deployment,
            description: input.description.filter(|text| !text.is_empty()),
            disable_execute_api_endpoint: rest_api.settings.disable_execute_api_endpoint,
            variables: input.variables,
            settings: input.settings,
            created: cx.now,
            updated: cx.now,
            tags: input.tags,
        };
        self.save_stage(cx, &rest_api, stage)
    }

    /// Changes a stage; all of the edits or none.
    ///
    /// # Errors
    /// When it is not there or the outcome is not legal.
    pub fn update_stage(
        &mut self,
        cx: &mut Context,
        api: &RestApiId,
        name: &str,
        edits: impl IntoIterator<Item = StageEdit>,
    ) -> Result<(), Refusal> {
        let rest_api = Arc::clone(self.rest_api(&cx.scope, api)?);
        let mut stage = Stage::clone(self.stage(&cx.scope, api, name)?);
        for edit in edits {
            match edit {
                StageEdit::Deployment(id) => {
                    if self.deployment(&cx.scope, api, &id).is_err() {
                        return Err(bad_request("Deployment id does not exist"));
                    }
                    stage.deployment = id;
                }
                StageEdit::Description(text) => stage.description = text.filter(|t| !t.is_empty()),
                StageEdit::Variable(name, value) => {
                    stage.variables.insert(name, value);
                }
                StageEdit::RemoveVariable(name) => {
                    stage.variables.remove(&name);
                }
                StageEdit::Tracing(on) => stage.settings.tracing_enabled = on,
                StageEdit::AccessLog(log) => stage.settings.access_log = log,
                StageEdit::AccessLogDestination(arn) => stage.settings.access_log.destination = arn,
                StageEdit::AccessLogFormat(format) => stage.settings.access_log.format = format,
                StageEdit::Method(key, edit) => stage.settings.edit_method(&key, edit),
                StageEdit::RemoveMethod(key) => drop(stage.settings.methods.remove(&key)),
                StageEdit::Settings(settings) => stage.settings = settings,
            }
        }
        self.save_stage(cx, &rest_api, stage)
    }

    /// Deletes a stage; its deployment stays.
    ///
    /// # Errors
    /// When it is not there.
    pub fn delete_stage(&mut self, cx: &mut Context, api: &RestApiId, name: &str) -> Result<(), Refusal> {
        self.stage(&cx.scope, api, name)?;
        self.stages.remove(&(api.clone(), name.to_owned()));
        Ok(())
    }

    /// Writes a stage, which takes over `disableExecuteApiEndpoint` whenever it is written.
    pub(crate) fn save_stage(&mut self, cx: &Context, api: &RestApi, stage: Stage) -> Result<(), Refusal> {
        check_name(&stage.name)?;
        check_variables(&stage.variables)?;
        let key = (api.id.clone(), stage.name.clone());
        self.check_stage_settings(cx, self.stages.get(&key).map(AsRef::as_ref), &stage)?;
        if !self.deployments.contains_key(&(api.id.clone(), stage.deployment.clone())) {
            return Err(unknown_deployment());
        }
        let stage = Stage { disable_execute_api_endpoint: api.settings.disable_execute_api_endpoint, updated: cx.now, ..stage };
        self.stages.insert(key, Arc::new(stage));
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if (1..=128).contains(&name.len()) && name.bytes().all(legal) {
        Ok(())
    } else {
        Err(bad_request("Stage name only allows a-zA-Z0-9_-, and at most 128 of them"))
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html>
fn check_variables(variables: &BTreeMap<String, String>) -> Result<(), Refusal> {
    if variables.len() > VARIABLES_MAX {
        return Err(bad_request(format!("A stage can have at most {VARIABLES_MAX} variables")));
    }
    for (name, value) in variables {
        let named = (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !named {
            return Err(bad_request(format!(
                "Stage variable name '{name}' is invalid: it must match [A-Za-z0-9_]+ and have at most 64 characters"
            )));
        }
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&b);
        if value.len() > 512 || !value.bytes().all(legal) {
            return Err(bad_request(format!(
                "Value of stage variable '{name}' is invalid: it must match [A-Za-z0-9-._~:/?#&=,]+ and have at most 512 characters"
            )));
        }
    }
    Ok(())
}
