//! The stages in their order.
use crate::{
    Call, Patience, Scheme, Source, dns,
    exchange::exchange,
    stage::{Attempt, Connected, Exchange, HttpFailure, Name, Outcome, Probe, Tls, TlsFailure},
    tls::{InvalidAuthority, Trust},
};
use rustls::pki_types::ServerName;
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use vpclab_fabric::{Fabric, FabricError, Place};

/// Addresses of a name that are tried; more are the fault of a record.
const ADDRESSES: usize = 8;

/// Makes calls. Cloning is cheap; clones share the limit of calls at a time.
#[derive(Clone)]
pub struct Prober {
    fabric: Arc<Fabric>,
    trust: Trust,
    room: Arc<Semaphore>,
}

/// Why a call was not made.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The source has no namespace, or sockets cannot be made there.
    #[error("no call can be made from there: {0}")]
    Place(#[from] FabricError),
    /// A socket could not be used.
    #[error("a socket could not be used: {0}")]
    Socket(#[from] io::Error),
    /// The program is ending.
    #[error("the prober has ended")]
    Ended,
}

impl Prober {
    /// A prober that trusts one authority and makes at most so many calls at a time; more wait.
    ///
    /// # Errors
    /// A certificate that is none.
    pub fn new(fabric: Arc<Fabric>, authority_pem: &str, at_once: usize) -> Result<Self, InvalidAuthority> {
        Ok(Self { fabric, trust: Trust::of(authority_pem)?, room: Arc::new(Semaphore::new(at_once)) })
    }

    /// Makes a call and tells what happened.
    ///
    /// # Errors
    /// When the source has no namespace or the machine refuses a socket; whatever the network does is no error.
    pub async fn probe(&self, source: &Source, call: &Call, patience: Patience) -> Result<Probe, ProbeError> {
        let _room = self.room.acquire().await.map_err(|_| ProbeError::Ended)?;
        let mut probe = Probe {
            outcome: Outcome::NoSuchName,
            method: call.method.to_string(),
            url: call.url.clone(),
            interface: source.interface.to_string(),
            address: source.address,
            dns: None,
            tcp: Vec::new(),
            tls: None,
            http: None,
        };
        probe.outcome = match self.stages(source, call, patience, &mut probe).await? {
            Ok(reached) | Err(reached) => reached,
        };
        Ok(probe)
    }

    /// Inside: the outcome, with an answer or without.
    async fn stages(
        &self,
        source: &Source,
        call: &Call,
        patience: Patience,
        probe: &mut Probe,
    ) -> Result<Result<Outcome, Outcome>, ProbeError> {
        let addresses = match call.host.parse::<Ipv4Addr>() {
            Ok(address) => vec![address],
            Err(_) => match self.name(source, call, patience, probe).await? {
                Ok(addresses) => addresses,
                Err(outcome) => return Ok(Err(outcome)),
            },
        };
        let stream = match self.connect(source, &addresses, call.port, patience.connect, probe).await? {
            Ok(stream) => stream,
            Err(outcome) => return Ok(Err(outcome)),
        };
        let _sooner = stream.set_nodelay(true);
        Ok(match call.scheme {
            Scheme::Http => request(stream, call, patience.answer, probe).await,
            Scheme::Https => match self.secure(stream, call, patience.connect, probe).await {
                Ok(stream) => request(*stream, call, patience.answer, probe).await,
                Err(outcome) => Err(outcome),
            },
        })
    }

    async fn name(
        &self,
        source: &Source,
        call: &Call,
        patience: Patience,
        probe: &mut Probe,
    ) -> Result<Result<Vec<Ipv4Addr>, Outcome>, ProbeError> {
        let started = Instant::now();
        let resolved = dns::resolve(&self.fabric, &source.interface, &source.names, &call.host, patience.connect).await?;
        probe.dns = Some(Name {
            name: call.host.clone(),
            asked: resolved.asked,
            addresses: resolved.result.clone().unwrap_or_default(),
            millis: millis(started),
        });
        Ok(resolved.result)
    }

    /// The first address that connects; else how the last one failed, a refusal before a time-out.
    async fn connect(
        &self,
        source: &Source,
        addresses: &[Ipv4Addr],
        port: u16,
        patience: Duration,
        probe: &mut Probe,
    ) -> Result<Result<TcpStream, Outcome>, ProbeError> {
        for address in addresses.iter().take(ADDRESSES) {
            let to = SocketAddr::from((*address, port));
            let socket = self.fabric.tcp_socket(Place::Interface(source.interface.clone())).await?;
            let started = Instant::now();
            let connected = timeout(patience, TcpSocket::from_std_stream(socket.into()).connect(to)).await;
            let mut note = |result| probe.tcp.push(Attempt { address: to, result, millis: millis(started) });
            match connected {
                Ok(Ok(stream)) => {
                    note(Connected::Connected);
                    return Ok(Ok(stream));
                }
                Err(_) => note(Connected::TimedOut),
                Ok(Err(why)) => note(match why.kind() {
                    io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => Connected::Refused,
                    io::ErrorKind::TimedOut => Connected::TimedOut,
                    io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Connected::NoRoute,
                    _ => return Err(why.into()),
                }),
            }
        }
        let any = |wanted: Connected| probe.tcp.iter().any(|attempt| attempt.result == wanted);
        Ok(Err(if any(Connected::Refused) {
            Outcome::ConnectRefused
        } else if any(Connected::TimedOut) || !any(Connected::NoRoute) {
            Outcome::ConnectTimeout
        } else {
            Outcome::NoRoute
        }))
    }

    async fn secure(
        &self,
        stream: TcpStream,
        call: &Call,
        patience: Duration,
        probe: &mut Probe,
    ) -> Result<Box<tokio_rustls::client::TlsStream<TcpStream>>, Outcome> {
        let started = Instant::now();
        let host = call.host.strip_suffix('.').unwrap_or(&call.host);
        let server_name = host.parse::<Ipv4Addr>().is_err().then(|| host.to_owned());
        let mut seen = Tls { server_name, version: None, certificate_names: Vec::new(), verified: false, failure: None, millis: 0.0 };
        let outcome = match ServerName::try_from(host.to_owned()) {
            Err(why) => Err((TlsFailure::Broken, why.to_string())),
            Ok(name) => match timeout(patience, self.trust.handshake(stream, name)).await {
                Err(_) => Err((TlsFailure::Timeout, "no answer in time".to_owned())),
                Ok(handshake) => {
                    seen.certificate_names = handshake.names;
                    seen.verified = handshake.verified;
                    seen.version = handshake.version;
                    handshake.result
                }
            },
        };
        seen.millis = millis(started);
        seen.failure = outcome.as_ref().err().map(|(_, text)| text.clone());
        probe.tls = Some(seen);
        outcome.map_err(|(why, _)| Outcome::Tls { why })
    }
}

async fn request<S>(stream: S, call: &Call, patience: Duration, probe: &mut Probe) -> Result<Outcome, Outcome>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let started = Instant::now();
    let answer = match timeout(patience, exchange(stream, call)).await {
        Err(_) => Err((HttpFailure::Timeout, "no answer in time".to_owned())),
        Ok(answer) => answer,
    };
    let mut seen = Exchange { response: None, failure: None, millis: millis(started) };
    let outcome = match answer {
        Ok(response) => {
            let outcome = Outcome::Answered { status: response.status, error_type: response.error_type().map(str::to_owned) };
            seen.response = Some(response);
            Ok(outcome)
        }
        Err((why, text)) => {
            seen.failure = Some(text);
            Err(Outcome::Http { why })
        }
    };
    probe.http = Some(seen);
    outcome
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
