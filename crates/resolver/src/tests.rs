//! Real sockets on the loopback interface.
use super::*;
use hickory_proto::{
    op::{Edns, Message, MessageType, OpCode, Query, ResponseCode},
    rr::{Name, RData, RecordType},
};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    sync::Arc,
    time::Duration,
};
use vpclab_cloud::*;

mod forward;
mod hosted_zone;

const VPC: &str = "vpc-00000001";
pub(crate) const NAME: &str = "A1b2c3d4e5.execute-api.ap-northeast-2.amazonaws.com.";

/// A VPC with an endpoint that has private DNS on and so many interfaces.
pub(crate) fn lab(interfaces: u8) -> Cloud {
    let scope = Scope { account: AccountId::unnamed(), region: "ap-northeast-2".parse().unwrap() };
    let vpc: VpcId = VPC.parse().unwrap();
    let mut cloud = Cloud::default();
    let record = Vpc {
        id: vpc.clone(),
        scope: scope.clone(),
        cidrs: vec![],
        enable_dns_support: true,
        enable_dns_hostnames: true,
        main_route_table: "rtb-00000001".parse().unwrap(),
        default_security_group: "sg-00000001".parse().unwrap(),
        default_network_acl: "acl-00000001".parse().unwrap(),
        dhcp_options: None,
        tags: Tags::new(),
    };
    cloud.vpcs.insert(vpc.clone(), Arc::new(record));
    let endpoint: VpcEndpointId = "vpce-00000001".parse().unwrap();
    let mut of_endpoint = std::collections::BTreeMap::new();
    for n in 0..interfaces {
        let interface = NetworkInterface {
            id: format!("eni-{n:08x}").parse().unwrap(),
            scope: scope.clone(),
            vpc: vpc.clone(),
            subnet: format!("subnet-{n:08x}").parse().unwrap(),
            availability_zone: "ap-northeast-2a".into(),
            private_ip: Ipv4Addr::new(10, 0, n, 50),
            mac: [2, 0, 0, 0, 0, n],
            security_groups: Default::default(),
            kind: InterfaceKind::VpcEndpoint(endpoint.clone()),
            attachment: None,
            source_dest_check: true,
            client_token: None,
            description: String::new(),
            tags: Tags::new(),
        };
        of_endpoint.insert(interface.subnet.clone(), interface.id.clone());
        cloud.network_interfaces.insert(interface.id.clone(), Arc::new(interface));
    }
    let record = VpcEndpoint {
        id: endpoint.clone(),
        scope,
        vpc,
        service_name: "com.amazonaws.ap-northeast-2.execute-api".into(),
        interfaces: of_endpoint,
        security_groups: Default::default(),
        policy: None,
        private_dns_enabled: true,
        dns_suffix: "abcd1234".into(),
        state: EndpointState::Available,
        created: Timestamp(0),
        client_token: None,
        tags: Tags::new(),
    };
    cloud.vpc_endpoints.insert(endpoint, Arc::new(record));
    cloud
}

pub(crate) fn vpc() -> VpcId {
    VPC.parse().unwrap()
}

pub(crate) fn question(name: &str, record_type: RecordType) -> Message {
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_ascii(name).unwrap(), record_type));
    message
}

pub(crate) fn with_edns(mut message: Message, payload: u16) -> Message {
    let mut edns = Edns::new();
    edns.set_max_payload(payload);
    message.set_edns(edns);
    message
}

pub(crate) fn addresses(message: &Message) -> Vec<Ipv4Addr> {
    message
        .answers
        .iter()
        .map(|record| match &record.data {
            RData::A(address) => address.0,
            other => panic!("no address: {other:?}"),
        })
        .collect()
}

/// A resolver with a UDP and a TCP socket on one loopback port.
struct Served {
    resolver: Resolver,
    at: SocketAddr,
    udp: Serving,
    tcp: Serving,
}

fn serve(cloud: &Cloud, forwarder: Option<Forwarder>) -> Served {
    let resolver = Resolver::new(cloud, forwarder);
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()) {
            break (udp, tcp);
        }
    };
    Served {
        at: udp.local_addr().unwrap(),
        udp: resolver.serve_udp(udp, vpc()).unwrap(),
        tcp: resolver.serve_tcp(tcp, vpc()).unwrap(),
        resolver,
    }
}

/// Runs a client's blocking code beside the resolver.
async fn client<T: Send + 'static>(ask: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(ask).await.unwrap()
}

fn udp_client(at: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(1500))).unwrap();
    socket.connect(at).unwrap();
    socket
}

fn ask_udp(at: SocketAddr, message: &Message) -> Option<Message> {
    let socket = udp_client(at);
    socket.send(&message.to_vec().unwrap()).unwrap();
    let mut buffer = [0; 65535];
    let len = socket.recv(&mut buffer).ok()?;
    Some(Message::from_vec(&buffer[..len]).unwrap())
}

fn send_tcp(stream: &mut TcpStream, message: &Message) {
    let bytes = message.to_vec().unwrap();
    let mut framed = (bytes.len() as u16).to_be_bytes().to_vec();
    framed.extend(bytes);
    stream.write_all(&framed).unwrap();
}

fn receive_tcp(stream: &mut TcpStream) -> Message {
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut len = [0; 2];
    stream.read_exact(&mut len).unwrap();
    let mut bytes = vec![0; usize::from(u16::from_be_bytes(len))];
    stream.read_exact(&mut bytes).unwrap();
    Message::from_vec(&bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn udp_answers_and_follows_the_lab() {
    let mut cloud = lab(2);
    let served = serve(&cloud, None);
    let at = served.at;
    let ask = move || ask_udp(at, &question(NAME, RecordType::A));
    let answer = client(ask).await.unwrap();
    assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
    assert_eq!(answer.answers.len(), 2);

    // The endpoint is gone: so is the name.
    let endpoints = std::mem::take(&mut cloud.vpc_endpoints);
    served.resolver.apply(&cloud);
    let answer = client(ask).await.unwrap();
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
    cloud.vpc_endpoints = endpoints;
    served.resolver.apply(&cloud);
    assert_eq!(client(ask).await.unwrap().answers.len(), 2);

    // Support is off: silence, and no refusal.
    let mut vpc = (*cloud.vpcs[&vpc()]).clone();
    vpc.enable_dns_support = false;
    cloud.vpcs.insert(vpc.id.clone(), Arc::new(vpc));
    served.resolver.apply(&cloud);
    assert_eq!(client(ask).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_answer_goes_over_tcp() {
    let served = serve(&lab(60), None);
    let at = served.at;
    client(move || {
        let asked = question(NAME, RecordType::A);
        let short = ask_udp(at, &asked).unwrap();
        assert!(short.metadata.truncation);
        assert_eq!(short.answers, []);
        let whole = ask_udp(at, &with_edns(asked.clone(), 4096)).unwrap();
        assert_eq!(whole.answers.len(), 60);

        let mut stream = TcpStream::connect(at).unwrap();
        // Three questions before the first answer.
        let asked: Vec<Message> = (0..3).map(|_| question(NAME, RecordType::A)).collect();
        asked.iter().for_each(|asked| send_tcp(&mut stream, asked));
        for asked in &asked {
            let answer = receive_tcp(&mut stream);
            assert_eq!(answer.metadata.id, asked.metadata.id);
            assert!(!answer.metadata.truncation);
            assert_eq!(answer.answers.len(), 60);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_of_a_vpc_are_bounded() {
    let served = serve(&lab(1), None);
    let at = served.at;
    client(move || {
        let mut open: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(at).unwrap()).collect();
        for stream in &mut open {
            send_tcp(stream, &question(NAME, RecordType::A));
            assert_eq!(receive_tcp(stream).answers.len(), 1);
        }
        let mut beyond = TcpStream::connect(at).unwrap();
        beyond.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let read = beyond.read(&mut [0; 2]);
        assert!(!matches!(read, Ok(1..)), "closed without an answer: {read:?}");
        drop(open);
        // The places of those that left are free again, as soon as the resolver sees that they left.
        let deadline = std::time::Instant::now() + Duration::from_secs(5);
        let answered = std::iter::from_fn(|| (std::time::Instant::now() < deadline).then_some(())).any(|()| {
            let mut again = TcpStream::connect(at).unwrap();
            again.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
            let bytes = question(NAME, RecordType::A).to_vec().unwrap();
            let mut framed = (bytes.len() as u16).to_be_bytes().to_vec();
            framed.extend(bytes);
            again.write_all(&framed).is_ok() && matches!(again.read(&mut [0; 2]), Ok(1..))
        });
        assert!(answered);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_capped() {
    let served = serve(&lab(1), None);
    let at = served.at;
    client(move || {
        let socket = udp_client(at);
        let bytes = question(NAME, RecordType::A).to_vec().unwrap();
        let mut buffer = [0; 512];
        let start = std::time::Instant::now();
        for _ in 0..1024 {
            socket.send(&bytes).unwrap();
            let _ = socket.recv(&mut buffer);
        }
        for _ in 0..4096 {
            let _ = socket.send(&bytes);
        }
        let allowed = 1024 + (start.elapsed().as_millis() as usize + 200) * 1024 / 1000;
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        let mut answers = 1024;
        while socket.recv(&mut buffer).is_ok() {
            answers += 1;
        }
        assert!(answers <= allowed, "{answers} answers, {allowed} allowed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_socket_is_closed() {
    let served = serve(&lab(1), None);
    served.udp.stop().await;
    served.tcp.stop().await;
    UdpSocket::bind(served.at).unwrap();
    assert!(TcpStream::connect(served.at).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn junk_does_not_stop_the_service() {
    let served = serve(&lab(1), None);
    let at = served.at;
    client(move || {
        let socket = udp_client(at);
        for len in [0usize, 1, 11, 12, 13, 40, 600, 60_000] {
            socket.send(&vec![0x5a; len]).unwrap();
        }
        let mut stream = TcpStream::connect(at).unwrap();
        stream.write_all(&[0, 0, 0, 5, 1, 2, 3, 4, 5]).unwrap();
        assert_eq!(ask_udp(at, &question(NAME, RecordType::A)).unwrap().answers.len(), 1);
        send_tcp(&mut stream, &question(NAME, RecordType::A));
        assert_eq!(receive_tcp(&mut stream).answers.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dig_agrees() {
    let served = serve(&lab(60), None);
    let at = served.at;
    let dig = move |arguments: &[&str]| {
        let output = std::process::Command::new("dig")
            .args(["@127.0.0.1", "-p", &at.port().to_string(), "+tries=1", "+time=3"])
            .args(arguments)
            .output();
        match output {
            Ok(output) => Some(String::from_utf8(output.stdout).unwrap()),
            Err(_) => None,
        }
    };
    client(move || {
        let Some(long) = dig(&[NAME, "A"]) else {
            println!("skipped: there is no dig here");
            return;
        };
        assert!(long.contains("status: NOERROR"), "{long}");
        assert!(long.contains("flags: qr rd ra;"), "{long}");
        assert!(long.contains("ANSWER: 60"), "{long}");
        let by_tcp = dig(&["+noedns", NAME, "A"]).unwrap();
        assert!(by_tcp.contains(";; Truncated, retrying in TCP mode."), "{by_tcp}");
        assert!(by_tcp.contains("ANSWER: 60"), "{by_tcp}");
        let no_data = dig(&[NAME, "AAAA"]).unwrap();
        assert!(no_data.contains("status: NOERROR"), "{no_data}");
        assert!(no_data.contains("ANSWER: 0, AUTHORITY: 1"), "{no_data}");
        let none = dig(&["nobody.example.", "A"]).unwrap();
        assert!(none.contains("status: NXDOMAIN"), "{none}");
        let version = dig(&["+edns=1", "+noednsneg", NAME, "A"]).unwrap();
        assert!(version.contains("status: BADVERS"), "{version}");
        let class = dig(&["version.bind", "CH", "TXT"]).unwrap();
        assert!(class.contains("status: REFUSED"), "{class}");
        let reverse = dig(&["+short", "-x", "10.0.7.50"]).unwrap();
        assert_eq!(reverse, "ip-10-0-7-50.ap-northeast-2.compute.internal.\n");
        let notify = dig(&["+opcode=notify", NAME]).unwrap();
        assert!(notify.contains("status: NOTIMP"), "{notify}");
    })
    .await;
}
