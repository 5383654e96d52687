//! `Auth.UsagePlan`: a usage plan and its key, of one API or shared.
use super::Api;
use crate::{
    context::{Context, SharedUsagePlan},
    fault::{Fault, Out},
    intrinsic,
    made::{API_KEY, Made, USAGE_PLAN, USAGE_PLAN_KEY},
    print,
    text::Text,
    value::{Dict, Val},
};

const PROPERTIES: [&str; 6] = ["CreateUsagePlan", "Description", "Quota", "Tags", "Throttle", "UsagePlanName"];
const MODES: [&str; 3] = ["SHARED", "PER_API", "NONE"];
/// The condition of what is shared.
const CONDITION: &str = "SharedUsagePlanCondition";

impl Api {
    pub(super) fn usage_plan(&self, stage: &Made, context: &mut Context) -> Out<Vec<Made>> {
        let Some(own) = self.source.truthy("Auth").and_then(|auth| auth.get("UsagePlan")) else { return Ok(Vec::new()) };
        let own = own.dict().ok_or_else(|| self.source.fault("'UsagePlan' must be a dictionary"))?;
        if own.keys().any(|key| !PROPERTIES.contains(&key.as_str())) {
            return Err(self.source.fault("Invalid property for 'UsagePlan'"));
        }
        let Some(mode) = own.get("CreateUsagePlan") else {
            return Err(self.source.fault("'CreateUsagePlan' is a required field for UsagePlan."));
        };
        let Some(mode) = mode.text().map(Text::as_str).filter(|mode| MODES.contains(mode)) else {
            return Err(self.source.fault(format!("'CreateUsagePlan' accepts one of {}.", print::names(&MODES))));
        };
        if mode == "NONE" {
            return Ok(Vec::new());
        }
        let id = &self.source.id;
        let api_stage = Dict::of("ApiId", intrinsic::reference(id)).with("Stage", stage.reference());
        let stage_key = Dict::of("RestApiId", intrinsic::reference(id)).with("StageName", stage.reference());
        let mut made = if mode == "SHARED" {
            let shared = &mut context.usage_plan;
            add_once(&mut shared.depends_on, id.into());
            add_once(&mut shared.stages, api_stage.into());
            add_once(&mut shared.stage_keys, stage_key.into());
            shared.join(&self.source.passed(), context.conditions.as_mut())?;
            shared.construct()?
        } else {
            let parts = Parts {
                ids: [id.plus("UsagePlan"), id.plus("ApiKey"), id.plus("UsagePlanKey")],
                depends_on: vec![id.into()],
                stages: vec![api_stage.into()],
                stage_keys: vec![stage_key.into()],
                attributes: self.source.passed(),
            };
            parts.construct()?
        };
        if let Some(plan) = made.first_mut() {
            for name in ["UsagePlanName", "Description", "Quota", "Tags", "Throttle"] {
                plan.put(name, own.truthy(name))?;
            }
        }
        Ok(made)
    }
}

fn add_once(all: &mut Vec<Val>, val: Val) {
    if !all.contains(&val) {
        all.push(val);
    }
}

struct Parts {
    ids: [Text; 3],
    depends_on: Vec<Val>,
    stages: Vec<Val>,
    stage_keys: Vec<Val>,
    attributes: Dict,
}

impl Parts {
    fn construct(self) -> Out<Vec<Made>> {
        let [plan_id, key_id, link_id] = self.ids;
        let mut plan = Made::new(plan_id, &USAGE_PLAN, self.attributes.clone())?;
        plan.depends_on = Some(self.depends_on.into());
        plan.set("ApiStages", self.stages)?;
        let mut key = Made::new(key_id, &API_KEY, self.attributes.clone())?;
        key.depends_on = Some(vec![Val::from(&plan.id)].into());
        key.set("Enabled", true)?;
        key.set("StageKeys", self.stage_keys)?;
        let mut link = Made::new(link_id, &USAGE_PLAN_KEY, self.attributes)?;
        link.depends_on = Some(vec![Val::from(&key.id)].into());
        link.set("KeyId", key.reference())?;
        link.set("KeyType", "API_KEY")?;
        link.set("UsagePlanId", plan.reference())?;
        Ok(vec![plan, key, link])
    }
}

impl SharedUsagePlan {
    /// Adds the attributes of one API: it stays if one API does, and exists if one API does.
    fn join(&mut self, attributes: &Dict, conditions: Option<&mut Dict>) -> Out<()> {
        let own = |name: &str| attributes.truthy(name);
        if let Some(policy) = own("DeletionPolicy").filter(|policy| self.deletion.is_none() || policy.is("Retain")) {
            self.deletion = Some(policy.clone());
        }
        let delete = self.replacement.as_ref().is_some_and(|policy| policy.is("Delete"));
        let stronger = |policy: &&Val| self.replacement.is_none() || policy.is("Retain") || (policy.is("Snapshot") && delete);
        if let Some(policy) = own("UpdateReplacePolicy").filter(stronger).cloned() {
            self.replacement = Some(policy);
        }
        if self.unconditional {
            return Ok(());
        }
        match own("Condition").and_then(Val::text) {
            Some(name) if !self.conditions.contains(name) => {
                let message = "Can't have condition without having 'Conditions' section in the template";
                let all = conditions.ok_or_else(|| Fault::Template(message.to_owned()))?;
                self.conditions.push(name.clone());
                self.conditions.sort();
                let condition = if let [one] = self.conditions.as_slice() { one.into() } else { intrinsic::any_of(&self.conditions) };
                all.insert(CONDITION, condition);
            }
            Some(_) => {}
            None => {
                self.unconditional = true;
                if let Some(all) = conditions {
                    all.remove(CONDITION);
                }
            }
        }
        Ok(())
    }

    fn construct(&self) -> Out<Vec<Made>> {
        let mut attributes = Dict::new();
        if let Some(policy) = &self.deletion {
            attributes.insert("DeletionPolicy", policy);
        }
        if let Some(policy) = &self.replacement {
            attributes.insert("UpdateReplacePolicy", policy);
        }
        if !self.conditions.is_empty() && !self.unconditional {
            attributes.insert("Condition", CONDITION);
        }
        let parts = Parts {
            ids: ["ServerlessUsagePlan", "ServerlessApiKey", "ServerlessUsagePlanKey"].map(Text::own),
            depends_on: self.depends_on.clone(),
            stages: self.stages.clone(),
            stage_keys: self.stage_keys.clone(),
            attributes,
        };
        parts.construct()
    }
}
