//! `probe`: one real call from inside, told stage by stage; the command, and the daemon's side of it.
use crate::{cli::ProbeArgs, client, files, lab::Lab, plane::Plane, report::Failure};
use anstream::{print, println};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{io::Read, net::Ipv4Addr, process::ExitCode, time::Duration};
use vpclab_cloud::{Cloud, InstanceId, dhcp_options::NameSettings};
use vpclab_probe::{Call, NoSource, Patience, Probe, Prober, Source, SourceKind};

/// Calls that the daemon makes at a time; more wait.
pub const AT_ONCE: usize = 64;
/// Exit code when the call was made and did not end with an answer below 400.
const BLOCKED: u8 = 2;
/// The longest that one stage may be waited for, in seconds.
const MAX_TIMEOUT: f64 = 60.0;
/// What is read of an instance's `resolv.conf`.
const RESOLV_CONF: u64 = 64 * 1024;

/// What `POST /_vpclab/probe` takes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Asked {
    /// An instance's id or Name tag, a network interface's id, a function's name or ARN.
    pub from: String,
    /// The URL.
    pub url: String,
    /// The method; `GET`, or `POST` with a body.
    #[serde(default)]
    pub method: Option<String>,
    /// Names and values.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body in base64.
    #[serde(default)]
    pub body: Option<String>,
    /// Seconds for each name server, each address and the TLS handshake.
    #[serde(default)]
    pub timeout: Option<f64>,
}

/// Makes the call and prints what happened: exit code 0 for an answer below 400, 2 for anything else that came of it.
pub fn run(lab: &Lab, args: ProbeArgs) -> Result<ExitCode, Failure> {
    let as_json = args.json;
    let value = client::post(&lab.running()?, "/_vpclab/probe", &asked(args)?, Duration::from_secs(600))?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(value.get("probe").unwrap_or(&value)).map_err(Failure::new)?);
    } else {
        print!("{}", value.get("text").and_then(Value::as_str).unwrap_or_default());
    }
    Ok(if value.get("success") == Some(&Value::Bool(true)) { ExitCode::SUCCESS } else { ExitCode::from(BLOCKED) })
}

/// What the command line asks for, as the daemon takes it.
fn asked(args: ProbeArgs) -> Result<Value, Failure> {
    let headers = args.header.iter().map(|text| Call::header(text)).collect::<Result<Vec<_>, _>>().map_err(Failure::new)?;
    let body = match args.data {
        Some(text) => Some(STANDARD.encode(data(&text)?)),
        None => None,
    };
    let asked = Asked { from: args.from, url: args.url, method: args.request, headers, body, timeout: Some(args.timeout) };
    serde_json::to_value(&asked).map_err(Failure::new)
}

/// The largest body: more than API Gateway takes, so that its answer can be seen.
const DATA_MAX: u64 = 32 * 1024 * 1024;

/// The body as `curl -d` takes it: text, or `@FILE`.
fn data(text: &str) -> Result<Vec<u8>, Failure> {
    match text.strip_prefix('@') {
        Some(path) => {
            files::bytes(std::path::Path::new(path), DATA_MAX).map_err(|why| Failure::new(format!("cannot read `{path}`: {why}")))
        }
        None => Ok(text.as_bytes().to_vec()),
    }
}

/// Why the daemon does not make a call: what it says, and what a person can do about it.
#[derive(Debug)]
pub struct NotMade {
    /// Whose fault it is: 400, 404, 409 or 500.
    pub status: u16,
    /// Why.
    pub message: String,
    /// Advice.
    pub hint: Option<String>,
    /// Whether the source is known not to run, so that there is nobody to send packets: a stopped instance, a function without a VPC.
    pub nobody_there: bool,
}

impl NotMade {
    fn new(status: u16, message: impl std::fmt::Display) -> Self {
        Self { status, message: message.to_string(), hint: None, nobody_there: false }
    }
}

/// Answers `POST /_vpclab/probe`: `{"probe": …, "text": …, "success": …}`.
///
/// # Errors
/// What cannot be read, a source that has no network, a machine that refuses sockets.
pub async fn answer(prober: &Prober, plane: &Plane, cloud: &Cloud, body: &[u8]) -> Result<Value, NotMade> {
    let asked: Asked = serde_json::from_slice(body).map_err(|why| NotMade::new(400, format!("the request cannot be read: {why}")))?;
    let probe = probe(prober, plane, cloud, asked).await?;
    let shown = serde_json::to_value(&probe).map_err(|why| NotMade::new(500, why))?;
    Ok(json!({"probe": shown, "text": probe.to_string(), "success": probe.outcome.is_success()}))
}

/// Makes the call that is asked for.
///
/// # Errors
/// As [`answer`].
pub async fn probe(prober: &Prober, plane: &Plane, cloud: &Cloud, asked: Asked) -> Result<Probe, NotMade> {
    let invalid = |why: &dyn std::fmt::Display| NotMade::new(400, why);
    let mut patience = Patience::default();
    if let Some(seconds) = asked.timeout {
        if !(0.01..=MAX_TIMEOUT).contains(&seconds) {
            return Err(invalid(&format!("a timeout is 0.01 to {MAX_TIMEOUT} seconds")));
        }
        patience.connect = Duration::from_secs_f64(seconds);
    }
    let body = asked.body.map(|text| STANDARD.decode(text)).transpose().map_err(|why| invalid(&format!("the body is no base64: {why}")))?;
    let call = Call::new(asked.method.as_deref(), &asked.url, &asked.headers, body).map_err(|why| invalid(&why))?;
    let mut source = Source::find(cloud, &asked.from).map_err(|why| NotMade {
        status: 404,
        message: why.to_string(),
        hint: Some(why.hint().to_owned()),
        nobody_there: matches!(why, NoSource::NotRunning(_) | NoSource::NoVpc(_)),
    })?;
    if let SourceKind::Instance(id) = &source.kind
        && let Some(names) = names_inside(plane, id).await
    {
        source.names = names;
    }
    prober.probe(&source, &call, patience).await.map_err(|why| NotMade {
        status: 409,
        message: why.to_string(),
        hint: Some("only what runs has a network: an instance that is started, an endpoint's or a function's interface".to_owned()),
        // It was found among what runs: that no packet could be sent is a failure.
        nobody_there: false,
    })
}

/// The name servers in an instance's own `resolv.conf`: it was told of them when it started, and may have changed the file since.
async fn names_inside(plane: &Plane, instance: &InstanceId) -> Option<NameSettings> {
    let (pid, _) = plane.process(instance)?;
    tokio::task::spawn_blocking(move || {
        let root = std::fs::File::open(format!("/proc/{pid}/root")).ok()?;
        // Links inside lead to the instance's files, never to the machine's.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = openat2(&root, "etc/resolv.conf", flags, Mode::empty(), ResolveFlags::IN_ROOT).ok()?;
        let mut text = String::new();
        std::fs::File::from(file).take(RESOLV_CONF).read_to_string(&mut text).ok()?;
        Some(name_settings(&text))
    })
    .await
    .ok()?
}

/// What a `resolv.conf` says; of several `search` lines the last one counts.
fn name_settings(text: &str) -> NameSettings {
    let mut names = NameSettings { servers: Vec::new(), search: Vec::new() };
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("nameserver") => names.servers.extend(words.next().and_then(|server| server.parse::<Ipv4Addr>().ok())),
            Some("search" | "domain") => names.search = words.map(str::to_owned).collect(),
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolv_conf_is_read_as_the_c_library_reads_it() {
        let names = name_settings("# nameserver 9.9.9.9\nsearch a\nsearch b c\nnameserver 10.0.0.2\nnameserver ::1\nnameserver 10.0.0.3\n");
        assert_eq!(names.servers, [Ipv4Addr::new(10, 0, 0, 2), Ipv4Addr::new(10, 0, 0, 3)]);
        assert_eq!(names.search, ["b", "c"]);
    }

    #[test]
    fn a_member_that_nobody_knows_is_refused() {
        assert!(serde_json::from_str::<Asked>(r#"{"from": "i", "url": "https://n/", "insecure": true}"#).is_err());
    }
}
