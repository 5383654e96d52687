//! Sockets inside namespaces, driven from threads that go there.
use super::lab::{Lab, ip};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, ipproto, sockopt};
use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket},
    os::fd::{AsFd, OwnedFd},
    sync::atomic::{AtomicU16, Ordering},
    thread,
    time::Duration,
};

/// What passes takes microseconds; what does not come within this was dropped.
pub const PATIENCE: Duration = Duration::from_millis(400);

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Answered(String),
    TimedOut,
    Error(ErrorKind),
}

/// Runs work on a thread inside a namespace.
pub fn inside<T: Send + 'static>(netns: OwnedFd, work: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(move || {
        vpclab_fabric::namespace::enter(netns.as_fd()).unwrap();
        work()
    })
    .join()
    .unwrap()
}

pub fn echo(listener: TcpListener, name: &str) {
    let name = name.to_owned();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let name = name.clone();
            thread::spawn(move || {
                let Ok(SocketAddr::V4(peer)) = stream.peer_addr() else { return };
                let _ = writeln!(stream, "{name} sees {}", peer.ip());
                let mut buffer = vec![0u8; 64 << 10];
                while let Ok(count @ 1..) = stream.read(&mut buffer) {
                    if stream.write_all(&buffer[..count]).is_err() {
                        return;
                    }
                }
            });
        }
    });
}

/// An open connection to an echo server.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    pub fn ping(&mut self) -> bool {
        let mut byte = [0u8; 1];
        self.0.get_mut().write_all(b"x").is_ok() && self.0.read_exact(&mut byte).is_ok()
    }
    /// Sends that many bytes and reads them back.
    pub fn exchange(&mut self, bytes: usize) -> bool {
        let mut writer = self.0.get_ref().try_clone().unwrap();
        let sender = thread::spawn(move || writer.write_all(&vec![7u8; bytes]).is_ok());
        let mut back = vec![0u8; bytes];
        self.0.read_exact(&mut back).is_ok() && sender.join().unwrap()
    }
}

impl Lab {
    pub fn connect(&self, from: &str, to: &str, port: u16) -> Result<(String, Connection), Fate> {
        let address = SocketAddr::V4(SocketAddrV4::new(ip(to), port));
        inside(self.netns(from), move || {
            let fate = |error: std::io::Error| match error.kind() {
                ErrorKind::TimedOut | ErrorKind::WouldBlock => Fate::TimedOut,
                kind => Fate::Error(kind),
            };
            let stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(fate)?;
            stream.set_read_timeout(Some(PATIENCE)).map_err(fate)?;
            stream.set_write_timeout(Some(PATIENCE)).map_err(fate)?;
            stream.set_nodelay(true).map_err(fate)?;
            let mut reader = BufReader::new(stream);
            let mut line = String::new();
            reader.read_line(&mut line).map_err(fate)?;
            Ok((line.trim_end().to_owned(), Connection(reader)))
        })
    }

    pub fn call(&self, from: &str, to: &str, port: u16) -> Fate {
        match self.connect(from, to, port) {
            Ok((line, _)) => Fate::Answered(line),
            Err(fate) => fate,
        }
    }

    #[track_caller]
    pub fn passes(&self, from: &str, to: &str, port: u16) {
        let fate = self.call(from, to, port);
        assert!(matches!(fate, Fate::Answered(_)), "{from} -> {to}:{port} should pass: {fate:?}");
    }

    /// Dropped in silence: neither refused nor "unreachable".
    #[track_caller]
    pub fn vanishes(&self, from: &str, to: &str, port: u16) {
        assert_eq!(self.call(from, to, port), Fate::TimedOut, "{from} -> {to}:{port} should time out");
    }

    /// Asks by UDP; the answer, or nothing.
    pub fn ask(&self, from: &str, to: &str, port: u16) -> Option<String> {
        let to = SocketAddrV4::new(ip(to), port);
        inside(self.netns(from), move || {
            let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
            socket.set_read_timeout(Some(PATIENCE)).unwrap();
            socket.send_to(b"who", to).ok()?;
            let mut buffer = [0u8; 100];
            let (count, answerer) = socket.recv_from(&mut buffer).ok()?;
            assert_eq!(answerer, SocketAddr::V4(to));
            Some(String::from_utf8_lossy(&buffer[..count]).into_owned())
        })
    }

    /// The MTU of the path, as far as the sender knows it.
    pub fn path_mtu(&self, from: &str, to: &str) -> u32 {
        let to = SocketAddrV4::new(ip(to), 443);
        inside(self.netns(from), move || {
            let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
            socket.connect(to).unwrap();
            sockopt::ip_mtu(&socket).unwrap()
        })
    }

    /// Echo request of so many bytes, not to be fragmented: answered, lost, or too long (locally, from what ICMP taught).
    pub fn echo_request(&self, from: &str, to: &str, bytes: usize) -> Fate {
        let to = SocketAddrV4::new(ip(to), 0);
        inside(self.netns(from), move || ping(to, bytes))
    }
}

fn ping(to: SocketAddrV4, bytes: usize) -> Fate {
    let fd = rustix::net::socket_with(AddressFamily::INET, SocketType::RAW, SocketFlags::CLOEXEC, Some(ipproto::ICMP)).unwrap();
    sockopt::set_socket_timeout(&fd, sockopt::Timeout::Recv, Some(PATIENCE)).unwrap();
    sockopt::set_ip_mtu_discover(&fd, sockopt::Ipv4PathMtuDiscovery::DO).unwrap();
    rustix::net::connect(&fd, &to).unwrap();
    // Each call is a flow of its own: a running one would be tracked, and outlive its rule.
    static IDENTIFIER: AtomicU16 = AtomicU16::new(1);
    let [high, low] = IDENTIFIER.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let mut packet = vec![8, 0, 0, 0, high, low, 0, 1];
    packet.resize(8 + bytes, 0);
    let sum = checksum(&packet);
    packet[2..4].copy_from_slice(&sum.to_be_bytes());
    let mut buffer = vec![0u8; 20_000];
    if let Err(errno) = rustix::net::send(&fd, &packet, SendFlags::empty()) {
        return Fate::Error(std::io::Error::from(errno).kind());
    }
    loop {
        match rustix::net::recv(&fd, buffer.as_mut_slice(), RecvFlags::empty()) {
            Ok((_, count)) if buffer[..count].get(20) == Some(&0) => return Fate::Answered(format!("{count} bytes")),
            Ok(_) => {}
            Err(rustix::io::Errno::AGAIN) => return Fate::TimedOut,
            Err(errno) => return Fate::Error(std::io::Error::from(errno).kind()),
        }
    }
}

fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = bytes.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}

/// Sends a UDP datagram with a source address of one's choice.
pub fn forge(source: Ipv4Addr, destination: Ipv4Addr, port: u16) {
    let fd = rustix::net::socket_with(AddressFamily::INET, SocketType::RAW, SocketFlags::CLOEXEC, Some(ipproto::RAW)).unwrap();
    let payload = b"forged";
    let udp_length = u16::try_from(8 + payload.len()).unwrap();
    let mut packet = vec![0x45, 0];
    packet.extend((20 + udp_length).to_be_bytes());
    packet.extend([0, 1, 0, 0, 64, 17, 0, 0]);
    packet.extend(source.octets());
    packet.extend(destination.octets());
    let sum = checksum(&packet);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    packet.extend(40_000u16.to_be_bytes());
    packet.extend(port.to_be_bytes());
    packet.extend(udp_length.to_be_bytes());
    packet.extend([0, 0]);
    packet.extend(payload);
    rustix::net::sendto(&fd, &packet, SendFlags::empty(), &SocketAddrV4::new(destination, 0)).unwrap();
}

/// Answers every datagram with a name.
pub fn answer(socket: UdpSocket, name: &str) {
    let name = name.to_owned();
    thread::spawn(move || {
        let mut buffer = [0u8; 100];
        while let Ok((_, from)) = socket.recv_from(&mut buffer) {
            let _ = socket.send_to(name.as_bytes(), from);
        }
    });
}
