//! How flow logs are made and deleted.
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>
use super::{FlowLog, FlowLogResource, LogFormat, MAX_PER_RESOURCE, TrafficType};
use crate::{ClientToken, Cloud, Context, FlowLogId, Refusal, Tags};
use std::sync::Arc;

/// What `CreateFlowLogs` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateFlowLogs {
    /// The resources; each gets a flow log of its own.
    pub resources: Vec<FlowLogResource>,
    /// Which flows.
    pub traffic: TrafficType,
    /// The log group.
    pub group: String,
    /// Whether the caller named the group by its ARN.
    pub by_arn: bool,
    /// The role that delivers.
    pub role: String,
    /// The form of the records.
    pub format: LogFormat,
    /// The longest time that one record stands for, in seconds.
    pub max_interval: u32,
    /// The idempotency token.
    pub client_token: Option<ClientToken>,
    /// The tags.
    pub tags: Tags,
}

/// What `CreateFlowLogs` made, and for which resources it could not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowLogsMade {
    /// The new flow logs, or those that an earlier call with the same token made.
    pub made: Vec<FlowLogId>,
    /// The others.
    pub refused: Vec<(FlowLogResource, Refusal)>,
}

impl Cloud {
    /// `CreateFlowLogs`. Where some resources cannot have one, the others get theirs.
    ///
    /// # Errors
    /// An unknown resource, a token used otherwise; and when no resource could get one, the reason of the first.
    pub fn create_flow_logs(&mut self, cx: &mut Context, input: CreateFlowLogs) -> Result<FlowLogsMade, Refusal> {
        self.forget_flow_logs();
        let with_token = self.flow_logs_of(&cx.scope).filter(|log| log.client_token.is_some());
        let made = with_token.map(|log| (log.client_token.as_ref(), log.client_token.clone()));
        if let Some(token) = ClientToken::find(input.client_token.as_ref(), made)? {
            let made = self.flow_logs_of(&cx.scope).filter(|log| log.client_token == token).map(|log| log.id.clone()).collect();
            return Ok(FlowLogsMade { made, refused: Vec::new() });
        }
        for resource in &input.resources {
            match resource {
                FlowLogResource::Vpc(id) => self.visible_vpc(&cx.scope, id).map(|_| ())?,
                FlowLogResource::Subnet(id) => self.visible_subnet(&cx.scope, id).map(|_| ())?,
                FlowLogResource::NetworkInterface(id) => self.visible_interface(&cx.scope, id).map(|_| ())?,
            }
        }
        let mut answer = FlowLogsMade::default();
        for resource in &input.resources {
            match self.create_flow_log(cx, &input, resource) {
                Ok(id) => answer.made.push(id),
                Err(refusal) => answer.refused.push((resource.clone(), refusal)),
            }
        }
        match answer.refused.first() {
            Some((_, refusal)) if answer.made.is_empty() => Err(refusal.clone()),
            _ => Ok(answer),
        }
    }

    /// `DeleteFlowLogs`.
    ///
    /// # Errors
    /// Unknown flow logs; then none is deleted.
    pub fn delete_flow_logs(&mut self, cx: &mut Context, ids: &[FlowLogId]) -> Result<(), Refusal> {
        let unknown = |id: &&FlowLogId| !self.flow_logs_of(&cx.scope).any(|log| &log.id == *id);
        let unknown: Vec<FlowLogId> = ids.iter().filter(unknown).cloned().collect();
        if !unknown.is_empty() {
            return Err(Refusal::FlowLogsNotFound(unknown));
        }
        for id in ids {
            self.flow_logs.remove(id);
        }
        Ok(())
    }

    fn create_flow_log(&mut self, cx: &mut Context, input: &CreateFlowLogs, resource: &FlowLogResource) -> Result<FlowLogId, Refusal> {
        let others: Vec<_> = self.flow_logs_of(&cx.scope).filter(|log| &log.resource == resource).collect();
        if others.iter().any(|log| log.traffic == input.traffic && log.group == input.group) {
            return Err(Refusal::FlowLogAlreadyExists);
        }
        if others.len() >= MAX_PER_RESOURCE {
            return Err(Refusal::FlowLogLimit(resource.id().to_owned()));
        }
        let id = FlowLogId::fresh(&mut cx.ids);
        let log = FlowLog {
            id: id.clone(),
            scope: cx.scope.clone(),
            resource: resource.clone(),
            traffic: input.traffic,
            group: input.group.clone(),
            by_arn: input.by_arn,
            role: input.role.clone(),
            format: input.format.clone(),
            max_interval: input.max_interval,
            created: cx.now,
            client_token: input.client_token.clone(),
            tags: input.tags.clone(),
        };
        self.flow_logs.insert(id.clone(), Arc::new(log));
        Ok(id)
    }

    /// Drops the records of flow logs whose resources are gone.
    fn forget_flow_logs(&mut self) {
        let gone: Vec<FlowLogId> =
            self.flow_logs.values().filter(|log| !self.has_flow_resource(&log.resource)).map(|log| log.id.clone()).collect();
        for id in gone {
            self.flow_logs.remove(&id);
        }
    }
}
