//! Who can make a call, and what one source can call.
//!
//! Sources that nothing on the way tells apart stand the same: one of them is judged for all ([`class`]). So a thousand interfaces in a
//! few subnets cost as much as a few.
mod class;
mod text;

pub use text::{source_name, what_can_json, what_can_text, who_can_json, who_can_text};

use crate::{Blocker, Call, Explanation, Fix, Judge, Source, StepKind, StepVerdict, Url, Verdict};
pub(crate) use class::Classes;
use std::collections::BTreeMap;
use vpclab_cloud::rest_api::EndpointType;
use vpclab_cloud::{InstanceState, RestApi, SecurityGroupId, Stage, SubnetId, Timestamp, VpcEndpoint, VpcId};

/// The most ways to write a call that are tried for one stage.
const FORMS_MAX: usize = 16;
/// The most methods of one stage that are judged.
const METHODS_MAX: usize = 500;
/// The most methods that are judged for one source.
const ALL_METHODS_MAX: usize = 20_000;

/// A call, without who makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// What it is made to.
    pub url: Url,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// When it is made.
    pub now: Timestamp,
}

/// Sources that stand the same towards a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The sources.
    pub sources: Vec<Source>,
    /// Where they are.
    pub place: Place,
    /// Whether the call is answered.
    pub verdict: Verdict,
    /// What keeps the first of them from it.
    pub blockers: Vec<Blocker>,
    /// What mends that.
    pub fixes: Vec<Fix>,
    /// What would have to be known.
    pub missing: Vec<String>,
    /// Whether the way could be judged to its end.
    pub is_whole: bool,
}

/// Where a source is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Its security groups.
    pub groups: Vec<SecurityGroupId>,
}

impl Place {
    /// Where an interface is.
    fn of(interface: &vpclab_cloud::NetworkInterface) -> Self {
        Self { vpc: interface.vpc.clone(), subnet: interface.subnet.clone(), groups: interface.security_groups.iter().cloned().collect() }
    }
}

impl Standing {
    /// Whether one setting is all that keeps these sources from the call.
    #[must_use]
    pub fn is_one_setting_away(&self) -> bool {
        let mended = self.blockers.iter().all(|blocker| !blocker.fixes.is_empty());
        self.verdict == Verdict::Blocked && self.is_whole && mended && self.fixes.len() == 1
    }

    fn of(explanation: Explanation, sources: Vec<Source>, place: Place) -> Self {
        let open = |step: &crate::Step| {
            step.kind >= StepKind::Api
                && step.kind != StepKind::IntegrationPermission
                && matches!(step.verdict, StepVerdict::Skipped | StepVerdict::Undetermined)
        };
        let is_whole = explanation.steps.iter().any(|step| step.kind == StepKind::Integration) && !explanation.steps.iter().any(open);
        let Explanation { verdict, blockers, fixes, missing, .. } = explanation;
        Self { sources, place, verdict, blockers, fixes, missing, is_whole }
    }
}

/// A stage of an API as a source reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callable {
    /// The API.
    pub api: vpclab_cloud::RestApiId,
    /// Its name.
    pub name: String,
    /// The stage.
    pub stage: String,
    /// The way to write the call that leads farthest: URL without a path, and headers.
    pub base: String,
    /// The headers it needs.
    pub headers: Vec<(String, String)>,
    /// Its methods, and what becomes of a call of each.
    pub methods: Vec<CallableMethod>,
    /// Methods beyond those that were judged: there are too many of them, or a call of one cannot be written.
    pub left_out: usize,
}

/// A method of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallableMethod {
    /// `GET`; for `ANY`, `GET` was tried.
    pub method: String,
    /// Its resource's path as declared.
    pub path: String,
    /// What becomes of the call.
    pub standing: Standing,
}

impl Judge {
    /// Every source of the snapshot and whether it can make a call: instances that are not terminated, and functions in a VPC.
    /// In the order of verdict (who can, who could but for one setting, who cannot), VPC, subnet.
    #[must_use]
    pub fn who_can(&self, request: &Request) -> Vec<Standing> {
        let classes = Classes::of(self);
        let mut standings: Vec<Standing> = classes
            .groups(self, &self.sources())
            .into_iter()
            .filter_map(|(place, sources)| {
                let explanation = self.explain(&request.from(sources.first()?.clone()));
                Some(Standing::of(explanation, sources, place))
            })
            .collect();
        standings.sort_by(|a, b| (a.rank(), &a.place, &a.sources).cmp(&(b.rank(), &b.place, &b.sources)));
        standings
    }

    /// All that can make calls: instances that are not terminated, and functions that have an interface.
    #[must_use]
    pub fn sources(&self) -> Vec<Source> {
        let cloud = self.cloud();
        let instances =
            cloud.instances.values().filter(|instance| instance.state != InstanceState::Terminated && instance.interface.is_some());
        let functions =
            cloud.functions.values().filter(|function| function.latest.vpc.as_ref().is_some_and(|vpc| !vpc.interfaces.is_empty()));
        let functions = functions.map(|function| Source::Function(function.scope.clone(), function.name.clone()));
        instances.map(|instance| Source::Instance(instance.id.clone())).chain(functions).collect()
    }

    /// Every stage of every private API and whether a source can call its methods, by the way to write the call that leads farthest.
    #[must_use]
    pub fn what_can(&self, from: &Source, now: Timestamp) -> Vec<Callable> {
        let cloud = self.cloud();
        let private = cloud.rest_apis.values().filter(|api| api.settings.endpoint_type == EndpointType::Private);
        let mut left = ALL_METHODS_MAX;
        private
            .flat_map(|api| cloud.stages_of(&api.id).map(move |stage| (api, stage)))
            .filter_map(|(api, stage)| self.callable(from, api, stage, now, &mut left))
            .collect()
    }

    fn callable(&self, from: &Source, api: &RestApi, stage: &Stage, now: Timestamp, left: &mut usize) -> Option<Callable> {
        let deployment = self.cloud().deployments.get(&(api.id.clone(), stage.deployment.clone()))?;
        let methods: Vec<(&str, &str)> = deployment
            .snapshot
            .resources
            .iter()
            .flat_map(|resource| resource.methods.keys().map(|method| (method.as_str(), resource.path.as_str())))
            .collect();
        let mut forms = self.forms(from, api, stage);
        let judged = |form: &Form, (method, path): (&str, &str)| -> Option<Explanation> {
            let method = if method == "ANY" { "GET" } else { method };
            let url = format!("{}/{}{}", form.base, stage.name, concrete(path)).parse().ok()?;
            let request = Request { method: method.to_owned(), url, headers: form.headers.clone(), now };
            Some(self.explain(&request.from(from.clone())))
        };
        let first = *methods.first()?;
        // Reachable, else undetermined, else with the fewest blockers; of those the plainest.
        let worth = |form: &Form| {
            let explanation = judged(form, first)?;
            Some((explanation.verdict != Verdict::Reachable, explanation.blockers.len(), explanation.verdict == Verdict::Undetermined))
        };
        let (at, _) = forms.iter().enumerate().filter_map(|(at, form)| Some((at, worth(form)?))).min_by_key(|(at, worth)| (*worth, *at))?;
        let form = forms.swap_remove(at);
        let place = self.place(from)?;
        let most = METHODS_MAX.min(*left);
        *left -= methods.len().min(most);
        let kept = methods.iter().take(most).filter_map(|(method, path)| {
            let standing = Standing::of(judged(&form, (method, path))?, vec![from.clone()], place.clone());
            Some(CallableMethod { method: (*method).to_owned(), path: (*path).to_owned(), standing })
        });
        let methods_kept: Vec<CallableMethod> = kept.collect();
        let left_out = methods.len().saturating_sub(methods_kept.len());
        let Form { base, headers } = form;
        Some(Callable {
            api: api.id.clone(),
            name: api.name.clone(),
            stage: stage.name.clone(),
            base,
            headers,
            methods: methods_kept,
            left_out,
        })
    }

    /// The ways to write a call of an API, the plainest first.
    fn forms(&self, from: &Source, api: &RestApi, stage: &Stage) -> Vec<Form> {
        let (cloud, region) = (self.cloud(), &api.scope.region);
        let zone = format!("execute-api.{region}.amazonaws.com");
        let plain = |base: String| Form { base, headers: Vec::new() };
        let mut forms = vec![plain(format!("https://{}.{zone}", api.id))];
        let deployed = cloud.deployments.get(&(api.id.clone(), stage.deployment.clone()));
        let aliases = deployed.into_iter().flat_map(|deployed| &deployed.snapshot.settings.vpc_endpoint_ids);
        forms.extend(aliases.map(|endpoint| plain(format!("https://{}-{endpoint}.{zone}", api.id))));
        let own = self.place(from).map(|place| place.vpc);
        let service = format!("com.amazonaws.{region}.execute-api");
        let mut endpoints: Vec<&VpcEndpoint> =
            cloud.vpc_endpoints.values().map(AsRef::as_ref).filter(|endpoint| endpoint.service_name == service).collect();
        endpoints.sort_by_key(|endpoint| (Some(&endpoint.vpc) != own.as_ref(), endpoint.id.clone()));
        forms.extend(endpoints.into_iter().map(|endpoint| Form {
            base: format!("https://{}", endpoint.regional_name()),
            headers: vec![("x-apigw-api-id".to_owned(), api.id.to_string())],
        }));
        forms.truncate(FORMS_MAX);
        forms
    }

    /// Where a source is; `None` when it has no network.
    #[must_use]
    pub fn place(&self, source: &Source) -> Option<Place> {
        self.interface_of(source).map(|interface| Place::of(&interface))
    }
}

/// A way to write a call.
struct Form {
    base: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// Whether method and headers are such, and not too many.
    ///
    /// # Errors
    /// Names what is not.
    pub fn check(&self) -> Result<(), crate::CallError> {
        crate::call::check(&self.method, &self.url, &self.headers)
    }

    /// The call that a source makes.
    #[must_use]
    pub fn from(&self, from: Source) -> Call {
        Call {
            from,
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            connect_to: None,
            credentials: None,
            now: self.now,
        }
    }
}

impl Standing {
    /// Who can, who may, who could but for one setting, who cannot.
    fn rank(&self) -> u8 {
        match self.verdict {
            Verdict::Reachable => 0,
            Verdict::Undetermined => 1,
            Verdict::Blocked if self.is_one_setting_away() => 2,
            Verdict::Blocked => 3,
        }
    }
}

/// A declared path with a value for each parameter: its name.
fn concrete(path: &str) -> String {
    path.split('/').map(|part| part.trim_start_matches('{').trim_end_matches('}').trim_end_matches('+')).collect::<Vec<_>>().join("/")
}

/// How many sources there are of each rank: reachable, undetermined, one setting away, blocked.
#[must_use]
pub fn counts(standings: &[Standing]) -> [usize; 4] {
    let mut counts: BTreeMap<u8, usize> = BTreeMap::new();
    for standing in standings {
        *counts.entry(standing.rank()).or_default() += standing.sources.len();
    }
    [0, 1, 2, 3].map(|rank| counts.get(&rank).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests;
