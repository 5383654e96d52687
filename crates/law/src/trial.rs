//! One topology on the ground: each call is judged and made, and both ends are held against each other.
use crate::{
    case::{CallSpec, Case, Step, WrongSignature},
    compare::End,
    ground::{Ground, GroundError},
    tables::Tables,
    world::World,
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::task::JoinSet;
use vpclab_api::identity::{Identities, Signer};
use vpclab_api::judge::SignatureRefusal;
use vpclab_cloud::Timestamp;
use vpclab_explain::{Judge, Verifier};
use vpclab_gateway::signature::{Listed, region_of};
use vpclab_probe::{Call, Patience, ProbeError};
use vpclab_wire::sigv4::AccessKeySecrets;

/// What became of one call.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The call.
    pub call: CallSpec,
    /// As it was judged.
    pub judged: End,
    /// As it happened.
    pub seen: End,
    /// What is wrong with how it ended, by the tables of the documentation.
    pub wrong: Option<String>,
    /// Whether the judge rightly knows no end: it hangs on what no state says ([`OPEN`]).
    pub open: bool,
    /// The explanation, for people.
    pub explanation: String,
    /// The probe, for people.
    pub probe: String,
}

impl Tried {
    /// Whether both say the same, or the judge rightly says nothing.
    pub fn agrees(&self) -> bool {
        self.wrong.is_none() && (self.seen.is_as_judged(&self.judged) || self.open)
    }
}

/// What became of the calls of one topology.
#[derive(Debug, Default)]
pub struct Trial {
    /// The calls that were judged and made, in their order.
    pub tried: Vec<Tried>,
    /// How many have nobody to make them in this topology, or are no calls.
    pub nobody: usize,
    /// Why the machine could not make the others.
    pub unmade: Vec<ProbeError>,
}

/// How long is waited for answers that may never come.
const SHORT: Patience = Patience { connect: Duration::from_millis(400), answer: Duration::from_secs(5) };
/// Before a disagreement counts.
const LONG: Patience = Patience { connect: Duration::from_secs(3), answer: Duration::from_secs(10) };

/// How patient a trial is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// Nothing is tried twice: for cutting a known disagreement down.
    Once,
    /// A disagreement is tried again with more patience.
    Twice,
}

/// Builds a topology, leads the ground to it and tries the calls, all at once. A judge or a prober that panics is an error.
pub async fn try_calls(ground: &mut Ground, seed: u64, steps: &[Step], calls: &[CallSpec], care: Care) -> Result<Trial, GroundError> {
    let world = World::build(seed, steps, now());
    ground.lead(&world.cloud).await?;
    let secrets = Arc::clone(&ground.secrets);
    let judge = Arc::new(Judge::new(&world.cloud, None).verifying(Arc::new(Secrets(Arc::clone(&secrets)))));
    let tables = Arc::new(Tables::new(&world.cloud));
    let mut trying = JoinSet::new();
    let mut trial = Trial::default();
    for (at, spec) in calls.iter().enumerate() {
        let Some(made) = Making::of(&world, spec, &secrets) else {
            trial.nobody += 1;
            continue;
        };
        let (judge, prober, tables, secrets) = (Arc::clone(&judge), ground.prober.clone(), Arc::clone(&tables), Arc::clone(&secrets));
        trying.spawn(async move { (at, made.made(&judge, &prober, &tables, &secrets, care).await) });
    }
    let mut found = Vec::new();
    while let Some(done) = trying.join_next().await {
        let (at, made) = done.map_err(std::io::Error::other)?;
        match made {
            Ok(tried) => found.push((at, tried)),
            Err(why) => trial.unmade.push(why),
        }
    }
    found.sort_by_key(|(at, _)| *at);
    trial.tried = found.into_iter().map(|(_, tried)| tried).collect();
    Ok(trial)
}

/// Tries the call of a case; `None` when it could not be made.
pub async fn try_case(ground: &mut Ground, case: &Case, care: Care) -> Result<Option<Tried>, GroundError> {
    let trial = try_calls(ground, case.seed, &case.steps, std::slice::from_ref(&case.call), care).await?;
    Ok(trial.tried.into_iter().next())
}

/// A call as both sides take it.
struct Making {
    spec: CallSpec,
    /// The same with its texts filled in.
    sent: CallSpec,
    judged: vpclab_explain::Call,
    made: Call,
    source: vpclab_probe::Source,
}

impl Making {
    /// `None` when there is nobody to make it, or it is no call.
    fn of(world: &World, spec: &CallSpec, secrets: &AccessKeySecrets) -> Option<Self> {
        let mut filled = world.call(spec);
        let mut made = Call::new(Some(&filled.method), &filled.url, &filled.headers, None).ok()?;
        if let Some(label) = &filled.signed_by {
            let signed = signed(world, label, filled.wrong, &filled, &made, secrets)?;
            filled.headers.extend(signed);
            made = Call::new(Some(&filled.method), &filled.url, &filled.headers, None).ok()?;
        }
        let judged = vpclab_explain::Call {
            from: world.source(&spec.from)?,
            method: filled.method.clone(),
            url: filled.url.parse().ok()?,
            headers: made.sent_headers(),
            connect_to: None,
            credentials: None,
            now: now(),
        };
        Some(Self { spec: spec.clone(), sent: filled, judged, made, source: world.origin(&spec.from)? })
    }

    /// An error when the machine could not make it.
    async fn made(
        self,
        judge: &Judge,
        prober: &vpclab_probe::Prober,
        tables: &Tables,
        secrets: &AccessKeySecrets,
        care: Care,
    ) -> Result<Tried, ProbeError> {
        let explanation = judge.explain(&self.judged);
        let judged = End::judged(explanation.outcome.as_ref());
        let open = judged == End::Unknown && is_open(&explanation.missing);
        let mut probe = prober.probe(&self.source, &self.made, SHORT).await?;
        if !End::seen(&probe).is_as_judged(&judged) && !open && care == Care::Twice {
            probe = prober.probe(&self.source, &self.made, LONG).await?;
        }
        let seen = End::seen(&probe);
        let sent = CallSpec { headers: self.made.sent_headers(), ..self.sent };
        let wrong = self.spec.signed_by.as_ref().and_then(|_| tables.wrong(&sent, &probe, secrets, self.judged.now));
        let (told, probe) = match seen.is_as_judged(&judged) && wrong.is_none() {
            true => (String::new(), String::new()),
            false => (vpclab_explain::render::text(&explanation, vpclab_explain::render::Style { all_steps: true }), probe.to_string()),
        };
        Ok(Tried { call: self.spec, judged, seen, wrong, open, explanation: told, probe })
    }
}

/// The headers that sign a call, for the region that it names; `None` when nobody is there to sign it.
fn signed(
    world: &World,
    label: &str,
    wrong: Option<WrongSignature>,
    call: &CallSpec,
    made: &Call,
    secrets: &AccessKeySecrets,
) -> Option<Vec<(String, String)>> {
    let mut keys = world.keys(label, now(), secrets)?;
    let headers = made.sent_headers();
    let host = headers.iter().find(|(name, _)| name == "host").map_or("", |(_, value)| value);
    let mut region = region_of(host).or_else(|| region_of(&made.host)).unwrap_or("us-west-2").to_owned();
    match wrong {
        None => {}
        Some(WrongSignature::Secret) => keys.secret_key.push('x'),
        Some(WrongSignature::Region) => region = World::other_region(&region).to_string(),
        Some(WrongSignature::Token) => keys.session_token = keys.session_token.is_none().then(|| "token".to_owned()),
    }
    Listed { method: &call.method, url: &call.url, headers: &headers }.sign(&keys, &region, now()).ok()
}

/// Verifies for the judge with the ground's secrets.
#[derive(Debug)]
struct Secrets(Arc<AccessKeySecrets>);

impl Verifier for Secrets {
    fn verify(
        &self,
        call: &vpclab_explain::Call,
        headers: &[(String, String)],
        region: &str,
        identities: &Identities,
    ) -> Result<Option<Signer>, SignatureRefusal> {
        Listed { method: &call.method, url: &call.url.text, headers }.verify(region, call.now, identities, &self.0)
    }
}

/// What no state says: whether an account is in an organization, what an instance listens on, which port the client takes, what a name server of the user's own answers.
const OPEN: [&str; 4] = ["what listens", "the client's port", "what the name servers", "the value of aws:PrincipalOrgID"];

/// Whether all that is missing is what no state says; a judge that does not know and does not say what it lacks is wrong.
fn is_open(missing: &[String]) -> bool {
    !missing.is_empty() && missing.iter().all(|what| OPEN.iter().any(|open| what.starts_with(open)))
}

#[expect(clippy::disallowed_methods, reason = "calls are made now")]
fn now() -> Timestamp {
    let millis = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_missing_is_not_open() {
        assert!(!is_open(&[]));
        assert!(is_open(&["what listens at 10.0.0.4:443".to_owned()]));
        assert!(!is_open(&["what listens at 10.0.0.4:443".to_owned(), "a web ACL".to_owned()]));
    }
}
