//! The deployment, whose logical id changes with the definition, and the stage.
use super::Api;
use crate::{
    context::Context,
    digest,
    fault::Out,
    made::{self, DEPLOYMENT, Made, STAGE},
    print,
    text::Text,
    value::Val,
};

impl Api {
    pub(super) fn stage(&self, rest_api: &Made, context: &Context) -> Out<(Made, Made)> {
        let id = &self.source.id;
        let mut deployment = Made::new(id.plus("Deployment"), &DEPLOYMENT, self.source.passed())?;
        deployment.set("RestApiId", rest_api.reference())?;
        if self.source.truthy("OpenApiVersion").is_none() {
            deployment.set("StageName", "Stage")?;
        }
        let name = self.source.get("StageName").cloned().unwrap_or(Val::NULL);
        let plain = name.text().filter(|name| !name.is_empty() && name.chars().all(char::is_alphanumeric));
        let stage_id = match plain {
            Some(plain) => id.plus(plain).plus("Stage"),
            None => id.plus("Stage").plus(name.text().map_or_else(String::new, |_| digest::of(&name))),
        };
        let mut stage = Made::new(stage_id, &STAGE, self.source.passed())?;
        if let Some(definition) = rest_api.get("Body").or_else(|| rest_api.get("BodyS3Location")).filter(|definition| definition.truthy()) {
            let digest = digest::sha1(&self.deployed(definition, context));
            deployment.id = deployment.id.plus(digest.get(..10).unwrap_or(""));
            deployment.set("Description", format!("RestApi deployment id: {digest}"))?;
        }
        stage.set("RestApiId", rest_api.reference())?;
        stage.set("DeploymentId", deployment.reference())?;
        const SAME: [&str; 8] = [
            "StageName",
            "CacheClusterEnabled",
            "CacheClusterSize",
            "Variables",
            "MethodSettings",
            "AccessLogSetting",
            "CanarySetting",
            "TracingEnabled",
        ];
        for property in SAME {
            stage.put(property, self.source.get(property))?;
        }
        if let Some(tags) = self.source.get("Tags") {
            stage.set("Tags", made::tag_list(Some(tags))?)?;
        }
        Ok((deployment, stage))
    }

    /// What makes a deployment another: the definition as Python 2.7 prints it, the version, the domain and the functions' names.
    fn deployed(&self, definition: &Val, context: &Context) -> String {
        if self.source.truthy("AlwaysDeploy").is_some() {
            return context.now.to_string();
        }
        let mut parts = vec![print::str(definition)];
        parts.extend(self.source.truthy("OpenApiVersion").map(print::str));
        parts.extend(self.source.truthy("Domain").map(print::json));
        let names = |id: &Text| context.function_names.get(id).filter(|names| !names.is_empty()).cloned();
        parts.extend(names(&self.source.id));
        parts.join("||")
    }
}
