//! The daemon's side of `trace`: taps in the routers that the packets cross, put together, as lines of JSON while the client listens.
use super::{AT_ONCE, Asked, MOST_SECONDS, SHORTEST, leg::Follower, show::describe};
use crate::plane::Plane;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Frame, Incoming};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddrV4},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use vpclab_cloud::{Cloud, DomainName, NetworkInterface, VpcId};
use vpclab_explain::Url;
use vpclab_fabric::{
    Fabric, Plan,
    observe::{Listening, Select, TraceEvent, TraceTap, Traced},
    plan::{interface_device, plan},
};
use vpclab_names::{Outcome, Question, RecordData, RecordType, View};
use vpclab_probe::Source;
use vpclab_services::{
    engine::{Engine, clock},
    http::AnswerBody,
};

/// Lines that wait for the client; while there is no room, the kernel's events wait, and are lost when there are too many.
const WAITING: usize = 256;
const MAX_BODY: usize = 64 << 10;
const BUFFER: usize = 256 << 10;

/// Why a trace does not begin.
type Refused = (StatusCode, String, Option<&'static str>);

/// Answers `POST /_vpclab/trace`; `room` has a place for each trace at once.
pub async fn answer(engine: &Engine, plane: &Plane, room: &Arc<Semaphore>, request: Request<Incoming>) -> Response<AnswerBody> {
    match begin(engine, plane, room, request.into_body()).await {
        Ok(lines) => {
            let mut answer = Response::new(lines.boxed_unsync());
            answer.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/x-ndjson"));
            answer
        }
        Err((status, message, hint)) => {
            let body = json!({"message": message, "hint": hint}).to_string();
            let mut answer = Response::new(Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed_unsync());
            *answer.status_mut() = status;
            answer
        }
    }
}

async fn begin(engine: &Engine, plane: &Plane, room: &Arc<Semaphore>, body: Incoming) -> Result<Lines, Refused> {
    let bad = |message: String| (StatusCode::BAD_REQUEST, message, None);
    let body = Limited::new(body, MAX_BODY).collect().await.map_err(|why| bad(format!("the request cannot be read: {why}")))?;
    let asked: Asked = serde_json::from_slice(&body.to_bytes()).map_err(|why| bad(format!("the request cannot be read: {why}")))?;
    let seconds = asked.seconds.unwrap_or(MOST_SECONDS);
    if !(SHORTEST..=MOST_SECONDS).contains(&seconds) {
        return Err(bad(format!("a trace lasts {SHORTEST} to {MOST_SECONDS} seconds")));
    }
    let cloud = engine.snapshot();
    let source = Source::find(&cloud, &asked.from)
        .map_err(|why| (StatusCode::NOT_FOUND, why.to_string(), Some("`vpclab topology` lists what there is")))?;
    let interface = cloud.network_interfaces.get(&source.interface).ok_or_else(|| bad("the interface is gone".to_owned()))?;
    let targets = match &asked.to {
        Some(text) => targets(&cloud, interface, text)?,
        None => vec![Target::default()],
    };
    let place = Arc::clone(room).try_acquire_owned().map_err(|_| {
        (StatusCode::TOO_MANY_REQUESTS, format!("{AT_ONCE} traces are running, and no more run at once"), Some("end one of them"))
    })?;
    let plan = plan(&cloud);
    let fabric = plane.fabric();
    let failed = |why: vpclab_fabric::FabricError| (StatusCode::INTERNAL_SERVER_ERROR, why.to_string(), None);
    let mut taps = Vec::new();
    for (vpc, selects) in selects(&plan, interface, &targets) {
        let tap = fabric.trace(vpc.clone(), selects).await.map_err(failed)?;
        let names = fabric.rule_names(vpc.clone()).await.map_err(failed)?;
        taps.push((vpc, tap, Follower::new(names)));
    }
    let (lines, waiting) = mpsc::channel(WAITING);
    let shown: Vec<String> = targets.iter().filter_map(Target::shown).collect();
    let whom = if shown.is_empty() { String::new() } else { format!(" to and from {}", shown.join(", ")) };
    let first = json!({"message": format!("tracing packets of {}{whom}", interface.id), "interface": interface.id.as_str()});
    let _room = lines.try_send(line(&first));
    tokio::spawn(async move {
        let _place = place;
        follow(fabric, taps, plan, lines, Duration::from_secs_f64(seconds)).await;
    });
    Ok(Lines(waiting))
}

/// Other ends that are traced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Target {
    address: Option<Ipv4Addr>,
    port: Option<u16>,
}

impl Target {
    fn shown(&self) -> Option<String> {
        let address = self.address?;
        Some(self.port.map_or_else(|| address.to_string(), |port| format!("{address}:{port}")))
    }
}

/// A URL, an address, or an address with a port.
fn targets(cloud: &Cloud, interface: &NetworkInterface, text: &str) -> Result<Vec<Target>, Refused> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Ok(vec![Target { address: Some(address), port: None }]);
    }
    if let Ok(at) = text.parse::<SocketAddrV4>() {
        return Ok(vec![Target { address: Some(*at.ip()), port: Some(at.port()) }]);
    }
    let url: Url =
        text.parse().map_err(|_| (StatusCode::BAD_REQUEST, format!("`{text}` is no URL, no IPv4 address and no ADDRESS:PORT"), None))?;
    let target = |address| Target { address: Some(address), port: Some(url.port) };
    if let Some(address) = url.address() {
        return Ok(vec![target(address)]);
    }
    let question = Question::new(DomainName::from_text(&url.host), RecordType::A);
    let found = match View::compile(cloud).answer(&interface.vpc, &question) {
        Outcome::Answered(answer) => answer.records,
        _ => Vec::new(),
    };
    let addresses: Vec<Target> =
        found.iter().filter_map(|record| if let RecordData::A(address) = record { Some(target(*address)) } else { None }).collect();
    if addresses.is_empty() {
        let message = format!("`{}` has no address in {}: no packet will be sent to it", url.host, interface.vpc);
        return Err((StatusCode::CONFLICT, message, Some("`vpclab explain` says why")));
    }
    Ok(addresses)
}

/// What is traced where: in the interface's VPC all that comes from it and goes to it, in the peered VPCs what bears its address.
fn selects(plan: &Plan, interface: &NetworkInterface, targets: &[Target]) -> BTreeMap<VpcId, Vec<Select>> {
    let own = interface.private_ip;
    let peers = plan.peerings.values().filter_map(|peering| peering.other(&interface.vpc)).map(|side| &side.vpc);
    let mut wanted: BTreeMap<VpcId, Vec<Select>> = BTreeMap::new();
    for vpc in peers.chain([&interface.vpc]) {
        let device = (vpc == &interface.vpc).then(|| interface_device(&interface.id));
        let list = wanted.entry(vpc.clone()).or_default();
        for Target { address, port } in targets {
            // In its own VPC also what bears a source address that is not its own.
            let source = if device.is_some() { None } else { Some(own) };
            list.push(Select { device: device.clone(), source, destination: *address, destination_port: *port, source_port: None });
            list.push(Select { device: None, source: *address, destination: Some(own), source_port: *port, destination_port: None });
        }
    }
    wanted
}

type Heard = (usize, Vec<TraceEvent>, bool);

/// Puts the taps' steps together until the client goes away or the time is over.
async fn follow(fabric: Arc<Fabric>, taps: Vec<(VpcId, TraceTap, Follower)>, plan: Plan, lines: mpsc::Sender<Bytes>, time: Duration) {
    let (told, mut heard) = mpsc::channel::<Heard>(WAITING);
    let mut listening = JoinSet::new();
    let mut followers = Vec::new();
    for (number, (vpc, tap, follower)) in taps.into_iter().enumerate() {
        listening.spawn(listen(number, tap, told.clone()));
        followers.push((vpc, follower));
    }
    drop(told);
    let over = tokio::time::sleep(time);
    tokio::pin!(over);
    loop {
        let (number, events, lost) = tokio::select! {
            () = &mut over => break,
            () = lines.closed() => break,
            told = heard.recv() => match told {
                Some(told) => told,
                None => break,
            },
        };
        let Some((vpc, follower)) = followers.get_mut(number) else { continue };
        if events.iter().any(|event| follower.is_foreign(event))
            && let Ok(names) = fabric.rule_names(vpc.clone()).await
        {
            follower.names = names;
        }
        let mut out: Vec<Value> = Vec::new();
        if lost {
            out.push(json!({"message": format!("{vpc}: packets came faster than they could be followed; some are missing")}));
        }
        let now = clock().0;
        out.extend(events.into_iter().filter_map(|event| follower.step(event)).map(|leg| describe(&leg, vpc, &plan, now)));
        for value in out {
            if lines.send(line(&value)).await.is_err() {
                return;
            }
        }
    }
}

async fn listen(number: usize, tap: TraceTap, told: mpsc::Sender<Heard>) {
    let tap = match Listening::new(tap) {
        Ok(tap) => tap,
        Err(why) => return tracing::error!(%why, "a trace hears nothing"),
    };
    let mut buffer = vec![0; BUFFER];
    loop {
        let mut events = Vec::new();
        let lost = match tap.hear(&mut buffer, |event| events.push(event)).await {
            Ok(Traced::Steps) => false,
            Ok(Traced::Lost) => true,
            Err(why) => return tracing::error!(%why, "a trace hears nothing any more"),
        };
        if told.send((number, events, lost)).await.is_err() {
            return;
        }
    }
}

fn line(value: &Value) -> Bytes {
    Bytes::from(format!("{value}\n"))
}

/// The body of the answer: lines as they come.
struct Lines(mpsc::Receiver<Bytes>);

impl Body for Lines {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.0.poll_recv(cx).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}
