//! Asking for a name as the C library of an instance does: each server in order, the name itself and then with the search domains.
//! Source: resolv.conf(5)
use crate::stage::{NameAnswer, NameServer, Outcome};
use hickory_proto::{
    op::{Message, MessageType, Query, ResponseCode},
    rr::{Name as DnsName, RData, Record, RecordType},
};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};
use vpclab_cloud::{NetworkInterfaceId, dhcp_options::NameSettings};
use vpclab_fabric::{Fabric, FabricError, Place};

/// As many servers are asked as the C library asks.
const SERVERS: usize = 3;
/// As many search domains are tried.
const SEARCH: usize = 6;
const DNS: u16 = 53;
/// How often a question is sent while its answer is waited for.
const SENDS: u32 = 2;

/// What came of a name.
pub(crate) struct Resolved {
    pub(crate) asked: Vec<NameServer>,
    pub(crate) result: Result<Vec<Ipv4Addr>, Outcome>,
}

/// The names to ask for, in order (`ndots:1`).
fn candidates(host: &str, search: &[String]) -> Vec<String> {
    let plain = host.strip_suffix('.').unwrap_or(host).to_owned();
    if host.ends_with('.') {
        return vec![plain];
    }
    let longer = search.iter().take(SEARCH).map(|domain| format!("{plain}.{domain}"));
    match plain.contains('.') {
        true => std::iter::once(plain.clone()).chain(longer).collect(),
        false => longer.chain(std::iter::once(plain.clone())).collect(),
    }
}

/// Resolves a host name to its IPv4 addresses.
pub(crate) async fn resolve(
    fabric: &Fabric,
    from: &NetworkInterfaceId,
    names: &NameSettings,
    host: &str,
    patience: Duration,
) -> Result<Resolved, FabricError> {
    let mut asked = Vec::new();
    // The C library asks this machine itself when it was told of no server.
    let servers = if names.servers.is_empty() { vec![Ipv4Addr::LOCALHOST] } else { names.servers.clone() };
    for name in candidates(host, &names.search) {
        let Some(question) = question(&name) else {
            return Ok(Resolved { asked, result: Err(Outcome::NoSuchName) });
        };
        let mut refused = None;
        let mut settled = false;
        for server in servers.iter().take(SERVERS) {
            let started = Instant::now();
            let answer = ask(fabric, from, *server, &question, patience).await?;
            let millis = started.elapsed().as_secs_f64() * 1e3;
            let (shown, found) = read(&answer);
            asked.push(NameServer { server: (*server).into(), name: name.clone(), answer: shown, millis });
            match found {
                Found::Addresses(addresses) => return Ok(Resolved { asked, result: Ok(addresses) }),
                Found::None => settled = true,
                Found::Refused(rcode) => refused = Some(rcode),
                Found::Silence => {}
            }
            if settled {
                break;
            }
        }
        if !settled {
            // No server could tell: other spellings are not tried either.
            let result = Err(refused.map_or(Outcome::NoResolver, |rcode| Outcome::NameRefused { rcode }));
            return Ok(Resolved { asked, result });
        }
    }
    Ok(Resolved { asked, result: Err(Outcome::NoSuchName) })
}

fn question(name: &str) -> Option<Message> {
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    let mut name = DnsName::from_ascii(name).ok()?;
    name.set_fqdn(true);
    message.add_query(Query::query(name, RecordType::A));
    Some(message)
}

enum Heard {
    Message(Box<Message>),
    Silent,
    Refused,
    Failed(String),
}

async fn ask(
    fabric: &Fabric,
    from: &NetworkInterfaceId,
    server: Ipv4Addr,
    question: &Message,
    patience: Duration,
) -> Result<Heard, FabricError> {
    let socket = fabric.bind_udp(Place::Interface(from.clone()), SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))).await?;
    Ok(match tokio::time::timeout(patience, over_udp(socket, server, question, patience / SENDS)).await {
        Err(_) => Heard::Silent,
        Ok(Ok(answer)) => Heard::Message(Box::new(answer)),
        Ok(Err(why)) => match why.kind() {
            io::ErrorKind::ConnectionRefused => Heard::Refused,
            // No way there is no answer either, only sooner.
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Heard::Silent,
            _ => Heard::Failed(why.to_string()),
        },
    })
}

async fn over_udp(socket: std::net::UdpSocket, server: Ipv4Addr, question: &Message, again: Duration) -> io::Result<Message> {
    let bytes = question.to_vec().map_err(io::Error::other)?;
    let socket = tokio::net::UdpSocket::from_std(socket)?;
    socket.connect((server, DNS)).await?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        socket.send(&bytes).await?;
        // A packet can be lost; the caller ends the loop.
        let Ok(answer) = tokio::time::timeout(again, receive(&socket, question, &mut buffer)).await else { continue };
        return answer;
    }
}

async fn receive(socket: &tokio::net::UdpSocket, question: &Message, buffer: &mut [u8]) -> io::Result<Message> {
    loop {
        let len = socket.recv(buffer).await?;
        let answer = Message::from_vec(buffer.get(..len).unwrap_or_default()).ok();
        let ours = |answer: &Message| {
            answer.metadata.id == question.metadata.id
                && answer.metadata.message_type == MessageType::Response
                && answer.queries == question.queries
        };
        if let Some(answer) = answer.filter(ours) {
            return Ok(answer);
        }
    }
}

enum Found {
    Addresses(Vec<Ipv4Addr>),
    /// The name does not exist or has no address.
    None,
    /// The server cannot or will not tell.
    Refused(String),
    Silence,
}

fn read(heard: &Heard) -> (NameAnswer, Found) {
    let message = match heard {
        Heard::Silent => return (NameAnswer::Silent, Found::Silence),
        Heard::Refused => return (NameAnswer::Refused, Found::Silence),
        Heard::Failed(why) => return (NameAnswer::Failed { why: why.clone() }, Found::Silence),
        Heard::Message(message) => message,
    };
    let code = message.metadata.response_code;
    let rcode = rcode(code);
    let shown = NameAnswer::Answered { rcode: rcode.clone(), records: message.answers.iter().map(record).collect() };
    let addresses: Vec<Ipv4Addr> = message.answers.iter().filter_map(address).collect();
    let found = match code {
        ResponseCode::NoError if !addresses.is_empty() => Found::Addresses(addresses),
        ResponseCode::NoError | ResponseCode::NXDomain => Found::None,
        _ => Found::Refused(rcode),
    };
    (shown, found)
}

fn address(record: &Record) -> Option<Ipv4Addr> {
    match &record.data {
        RData::A(address) => Some(address.0),
        _ => None,
    }
}

fn record(record: &Record) -> String {
    format!("{} {} {} {}", record.name, record.ttl, record.record_type(), record.data)
}

/// The code as `dig` writes it.
fn rcode(code: ResponseCode) -> String {
    match code {
        ResponseCode::NoError => "NOERROR".to_owned(),
        ResponseCode::NXDomain => "NXDOMAIN".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        other => format!("RCODE{}", u16::from(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tried_as_the_c_library_tries_them() {
        let search = ["ap-northeast-2.compute.internal".to_owned()];
        assert_eq!(candidates("a.b", &search), ["a.b", "a.b.ap-northeast-2.compute.internal"]);
        assert_eq!(candidates("a", &search), ["a.ap-northeast-2.compute.internal", "a"]);
        assert_eq!(candidates("a.b.", &search), ["a.b"]);
    }
}
