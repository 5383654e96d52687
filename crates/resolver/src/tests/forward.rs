//! Names outside of the lab, with a server elsewhere.
use super::*;
use hickory_proto::rr::{Record, rdata::A};

/// A resolver elsewhere: it answers every name with 192.0.2.1, by TCP only when the name begins with `big`, and first sends an answer
/// that is not to the question.
pub(super) fn upstream() -> SocketAddr {
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = udp.local_addr().unwrap();
    let tcp = TcpListener::bind(at).unwrap();
    let answer = |bytes: &[u8]| {
        let asked = Message::from_vec(bytes).unwrap();
        let mut answer = Message::new(asked.metadata.id, MessageType::Response, OpCode::Query);
        let query = asked.queries[0].clone();
        answer.add_answer(Record::from_rdata(query.name().clone(), 5, RData::A(A::new(192, 0, 2, 1))));
        answer.add_query(query);
        answer
    };
    std::thread::spawn(move || {
        let mut buffer = [0; 65535];
        while let Ok((len, client)) = udp.recv_from(&mut buffer) {
            let mut answer = answer(&buffer[..len]);
            if answer.queries[0].name().to_ascii().starts_with("big") {
                answer.answers.clear();
                answer.metadata.truncation = true;
            }
            let mut forged = answer.clone();
            forged.metadata.id ^= 1;
            for answer in [forged, answer] {
                udp.send_to(&answer.to_vec().unwrap(), client).unwrap();
            }
        }
    });
    std::thread::spawn(move || {
        for stream in tcp.incoming() {
            let mut stream = stream.unwrap();
            let asked = receive_tcp(&mut stream);
            send_tcp(&mut stream, &answer(&asked.to_vec().unwrap()));
        }
    });
    at
}

#[tokio::test(flavor = "multi_thread")]
async fn only_names_outside_are_forwarded() {
    // The first server never answers.
    let deaf = UdpSocket::bind("127.0.0.1:0").unwrap();
    let forwarder = Forwarder::new(vec![upstream(), deaf.local_addr().unwrap()]);
    let served = serve(&lab(1), Some(forwarder));
    let at = served.at;
    client(move || {
        let elsewhere = [Ipv4Addr::new(192, 0, 2, 1)];
        for name in ["example.com.", "big.example.com.", "s3.amazonaws.com."] {
            let asked = question(name, RecordType::A);
            let answer = ask_udp(at, &asked).unwrap();
            assert_eq!(answer.metadata.id, asked.metadata.id);
            assert!(answer.metadata.recursion_available);
            assert_eq!(addresses(&answer), elsewhere, "{name}");
        }
        let mut stream = TcpStream::connect(at).unwrap();
        send_tcp(&mut stream, &question("example.com.", RecordType::A));
        assert_eq!(addresses(&receive_tcp(&mut stream)), elsewhere);

        for name in [
            "x.execute-api.us-west-2.amazonaws.com.",
            "x.execute-api.us-west-2.vpce.amazonaws.com.",
            "ip-10-0-0-1.us-west-2.compute.internal.",
            "corp.internal.",
            "1.0.0.10.in-addr.arpa.",
        ] {
            let answer = ask_udp(at, &question(name, RecordType::A)).unwrap();
            assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain, "{name}");
        }
        let mut asked = question("example.com.", RecordType::A);
        asked.metadata.recursion_desired = false;
        let answer = ask_udp(at, &asked).unwrap();
        assert_eq!(answer.metadata.response_code, ResponseCode::Refused);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_deaf_is_passed_over() {
    let deaf = UdpSocket::bind("127.0.0.1:0").unwrap();
    let forwarder = Forwarder::new(vec![deaf.local_addr().unwrap(), upstream()]);
    let served = serve(&lab(1), Some(forwarder));
    let at = served.at;
    client(move || {
        let mut stream = TcpStream::connect(at).unwrap();
        send_tcp(&mut stream, &question("example.com.", RecordType::A));
        assert_eq!(receive_tcp(&mut stream).answers.len(), 1);
    })
    .await;
    drop(deaf);
}
