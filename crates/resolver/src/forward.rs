//! Asking the machine's own resolvers about names that the lab does not own.
use crate::wire::Request;
use hickory_proto::op::{Edns, Message, MessageType, ResponseCode};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    sync::Semaphore,
    time::timeout,
};

/// As many servers of a `resolv.conf` are used, as the C library does.
const SERVERS: usize = 3;
/// How long one server is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Questions of the whole lab that are out at a time.
const OUT: usize = 256;
/// A size that passes everywhere without fragments.
const PAYLOAD: u16 = 1232;

/// Other resolvers, in the order in which they are asked.
#[derive(Debug)]
pub struct Forwarder {
    servers: Vec<SocketAddr>,
    out: Semaphore,
}

/// There is nobody to forward to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no usable `nameserver` line to forward DNS questions to")]
pub struct NoNameserver;

impl Forwarder {
    /// Forwards to these servers.
    #[must_use]
    pub fn new(servers: Vec<SocketAddr>) -> Self {
        Self { servers, out: Semaphore::new(OUT) }
    }

    /// Forwards to the servers that the text of a `resolv.conf` names.
    ///
    /// # Errors
    /// When it names none.
    pub fn from_resolv_conf(text: &str) -> Result<Self, NoNameserver> {
        let servers: Vec<SocketAddr> = text
            .lines()
            .filter_map(|line| {
                let mut words = line.split_ascii_whitespace();
                let server = (words.next()? == "nameserver").then(|| words.next())??;
                Some(SocketAddr::new(server.parse::<IpAddr>().ok()?, 53))
            })
            .take(SERVERS)
            .collect();
        if servers.is_empty() {
            return Err(NoNameserver);
        }
        Ok(Self::new(servers))
    }

    /// The answer of the first server that gives one, in the client's form.
    pub(crate) async fn forward(&self, request: &Request) -> Vec<u8> {
        let Ok(_slot) = self.out.try_acquire() else {
            return request.fail(ResponseCode::ServFail);
        };
        for server in &self.servers {
            match timeout(PATIENCE, ask(*server, request)).await {
                Ok(Ok(answer)) => {
                    return request.relay(answer);
                }
                Ok(Err(error)) => tracing::debug!(%server, %error, "cannot forward a question"),
                Err(_) => tracing::debug!(%server, "no answer to a forwarded question"),
            }
        }
        request.fail(ResponseCode::ServFail)
    }
}

/// One question to one server, under a fresh id: by UDP, and by TCP where that is not enough.
async fn ask(server: SocketAddr, request: &Request) -> io::Result<Message> {
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(request.upstream());
    let mut edns = Edns::new();
    edns.set_max_payload(PAYLOAD).set_dnssec_ok(request.dnssec_ok());
    question.set_edns(edns);
    let bytes = question.to_vec().map_err(io::Error::other)?;

    let answer = over_udp(server, &question, &bytes).await?;
    if answer.metadata.truncation { over_tcp(server, &question, &bytes).await } else { Ok(answer) }
}

async fn over_udp(server: SocketAddr, question: &Message, bytes: &[u8]) -> io::Result<Message> {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // A socket of its own, so that the port is as hard to guess as the id.
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(bytes).await?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let len = socket.recv(&mut buffer).await?;
        if let Some(answer) = read(question, buffer.get(..len).unwrap_or_default()) {
            return Ok(answer);
        }
    }
}

async fn over_tcp(server: SocketAddr, question: &Message, bytes: &[u8]) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let len = u16::try_from(bytes.len()).map_err(io::Error::other)?;
    let mut framed = len.to_be_bytes().to_vec();
    framed.extend_from_slice(bytes);
    stream.write_all(&framed).await?;
    let mut buffer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut buffer).await?;
    read(question, &buffer).ok_or_else(|| io::Error::other("the answer is not to the question"))
}

/// An answer to this question; anything else is not for us.
fn read(question: &Message, bytes: &[u8]) -> Option<Message> {
    let answer = Message::from_vec(bytes).ok()?;
    let ours = answer.metadata.id == question.metadata.id
        && answer.metadata.message_type == MessageType::Response
        && answer.queries == question.queries;
    ours.then_some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_come_from_resolv_conf() {
        let text = "# nameserver 9.9.9.9\nsearch lan\nnameserver 127.0.0.53\nnameserver\nnameserver fe80::1%eth0\nnameserver  ::1 x\n nameserver 10.0.0.1\nnameserver 10.0.0.2\n";
        let forwarder = Forwarder::from_resolv_conf(text).unwrap();
        let servers: Vec<String> = forwarder.servers.iter().map(ToString::to_string).collect();
        assert_eq!(servers, ["127.0.0.53:53", "[::1]:53", "10.0.0.1:53"]);
        assert_eq!(Forwarder::from_resolv_conf("search lan\n").unwrap_err(), NoNameserver);
    }
}
