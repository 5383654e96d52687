use super::*;
use crate::tests::{NAME, addresses, lab, question, vpc, with_edns};
use hickory_proto::op::MessageType;
use proptest::prelude::*;
use std::net::Ipv4Addr;

fn view() -> View {
    View::compile(&lab(3))
}

fn send(message: &Message, transport: Transport, turn: usize) -> Message {
    match respond(&view(), &vpc(), &message.to_vec().unwrap(), transport, turn, false) {
        Reply::Send(bytes) => Message::from_vec(&bytes).unwrap(),
        other => panic!("no answer: {other:?}"),
    }
}

#[test]
fn the_answer_is_to_the_question_as_it_was_written() {
    let asked = question(NAME, RecordType::A);
    let answer = send(&asked, Transport::Udp, 0);
    assert_eq!(answer.metadata.id, asked.metadata.id);
    assert_eq!(answer.metadata.message_type, MessageType::Response);
    assert!(answer.metadata.recursion_available && answer.metadata.recursion_desired);
    assert!(!answer.metadata.authoritative && !answer.metadata.truncation);
    assert_eq!(answer.queries[0].name().to_ascii(), NAME);
    assert!(answer.answers.iter().all(|record| record.name.to_ascii() == NAME && record.ttl == 60));
    assert_eq!(answer.edns, None, "only who asks with EDNS is answered with it");
    let mut asked = question(NAME, RecordType::A);
    asked.metadata.recursion_desired = false;
    let answer = send(&asked, Transport::Udp, 0);
    assert!(!answer.metadata.recursion_desired);
}

#[test]
fn addresses_take_turns() {
    let first = |turn| addresses(&send(&question(NAME, RecordType::A), Transport::Udp, turn));
    let ip = |n| Ipv4Addr::new(10, 0, n, 50);
    assert_eq!(first(0), [ip(0), ip(1), ip(2)]);
    assert_eq!(first(1), [ip(1), ip(2), ip(0)]);
    assert_eq!(first(usize::MAX), [ip(0), ip(1), ip(2)]);
}

#[test]
fn negative_answers_have_the_zones_start() {
    let answer = send(&question(NAME, RecordType::AAAA), Transport::Udp, 0);
    assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
    assert_eq!(answer.answers, []);
    assert_eq!(answer.authorities[0].name.to_ascii(), "execute-api.ap-northeast-2.amazonaws.com.");
    assert_eq!(answer.authorities[0].record_type(), RecordType::SOA);
    let answer = send(&question("nobody.example.", RecordType::A), Transport::Udp, 0);
    assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
    assert!(answer.authorities[0].name.is_root());
}

#[test]
fn edns_is_answered_and_its_version_checked() {
    let answer = send(&with_edns(question(NAME, RecordType::A), 1232), Transport::Udp, 0);
    assert_eq!(answer.edns.as_ref().unwrap().max_payload(), 4096);
    let mut asked = with_edns(question(NAME, RecordType::A), 1232);
    asked.edns.as_mut().unwrap().set_version(1);
    let answer = send(&asked, Transport::Udp, 0);
    assert_eq!(u16::from(answer.metadata.response_code), 16);
    assert_eq!(answer.answers, []);
    assert_eq!(answer.edns.unwrap().version(), 0);
}

#[test]
fn answers_fit_what_the_client_takes() {
    let view = View::compile(&lab(250));
    let size = |message: &Message, transport| match respond(&view, &vpc(), &message.to_vec().unwrap(), transport, 0, false) {
        Reply::Send(bytes) => (bytes.len(), Message::from_vec(&bytes).unwrap().metadata.truncation),
        other => panic!("no answer: {other:?}"),
    };
    let asked = question(NAME, RecordType::A);
    for payload in [0, 512, 1232, 4000] {
        let (len, truncated) = size(&with_edns(asked.clone(), payload), Transport::Udp);
        assert!(truncated && len <= usize::from(payload.max(512)));
    }
    let (len, truncated) = size(&asked, Transport::Udp);
    assert!(truncated && len <= 512);
    let (len, truncated) = size(&asked, Transport::Tcp);
    assert!(!truncated && len > 4000);
}

fn raw(bytes: &[u8]) -> Option<Vec<u8>> {
    match respond(&view(), &vpc(), bytes, Transport::Udp, 0, false) {
        Reply::Send(bytes) => Some(bytes),
        Reply::Drop | Reply::Forward(_) => None,
    }
}

#[test]
fn what_is_no_question_gets_an_error_or_nothing() {
    let rcode = |bytes: &[u8]| raw(bytes).map(|reply| reply[3] & 0x0f);
    let good = question(NAME, RecordType::A).to_vec().unwrap();
    assert_eq!(rcode(&good), Some(0));
    assert_eq!(rcode(&good[..11]), None, "no whole header");
    assert_eq!(rcode(&good[..20]), Some(1), "cut in the name");
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    assert_eq!(rcode(&with(2, 0x81)), None, "a response");
    for opcode in [1u8, 2, 4, 5, 15] {
        assert_eq!(rcode(&with(2, opcode << 3)), Some(4), "opcode {opcode}");
    }
    assert_eq!(rcode(&with(5, 0)), Some(1), "no question");
    assert_eq!(rcode(&with(5, 2)), Some(1), "two questions");
    assert_eq!(rcode(&with(7, 1)), Some(1), "an answer in a question");
    assert_eq!(rcode(&with(10, 0xff)), Some(1), "65,280 records promised");
    let reply = raw(&with(2, 0x29)).unwrap();
    assert_eq!(reply[..2], good[..2], "the id comes back");
    assert_eq!(reply[2], 0xa9, "so do opcode and RD");
    assert_eq!(rcode(&question(NAME, RecordType::AXFR).to_vec().unwrap()), Some(5));
    assert_eq!(rcode(&question(NAME, RecordType::OPT).to_vec().unwrap()), Some(1));
}

#[test]
fn a_resolver_that_is_off_is_silent_whatever_is_asked() {
    let mut cloud = lab(1);
    let mut off = (*cloud.vpcs[&vpc()]).clone();
    off.enable_dns_support = false;
    cloud.vpcs.insert(vpc(), std::sync::Arc::new(off));
    let view = View::compile(&cloud);
    for asked in [question(NAME, RecordType::A), question(".", RecordType::OPT)] {
        let reply = respond(&view, &vpc(), &asked.to_vec().unwrap(), Transport::Udp, 0, true);
        assert!(matches!(reply, Reply::Drop), "{reply:?}");
    }
    let junk = respond(&view, &vpc(), &[0; 12], Transport::Udp, 0, true);
    assert!(matches!(junk, Reply::Drop), "{junk:?}");
}

#[test]
fn a_label_with_a_dot_in_it_is_one_label() {
    let mut bytes = question(NAME, RecordType::A).to_vec().unwrap();
    // `execute-api` and `ap-northeast-2` joined by a dot into one label.
    let at = bytes.iter().position(|b| *b == 11).unwrap();
    bytes[at] = 11 + 1 + 14;
    bytes[at + 12] = b'.';
    let reply = Message::from_vec(&raw(&bytes).unwrap()).unwrap();
    assert_eq!(reply.metadata.response_code, ResponseCode::NXDomain);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..600), tcp: bool, forwards: bool, turn: usize) {
        VIEW.with(|view| {
            let transport = if tcp { Transport::Tcp } else { Transport::Udp };
            let _ = respond(view, &vpc(), &bytes, transport, turn, forwards);
        });
    }

    /// A good question with some bytes changed reaches further into the decoder than noise does.
    #[test]
    fn damaged_questions_are_survived(changes in prop::collection::vec((0usize..100, any::<u8>()), 0..6), cut in 0usize..120, edns: bool) {
        let asked = question(NAME, RecordType::A);
        let asked = if edns { with_edns(asked, 1232) } else { asked };
        let mut bytes = asked.to_vec().unwrap();
        for (at, byte) in changes {
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        bytes.truncate(cut.max(12));
        VIEW.with(|view| {
            if let Reply::Send(reply) = respond(view, &vpc(), &bytes, Transport::Udp, 0, false) {
                assert_eq!(reply[..2], bytes[..2]);
                assert!(reply.len() <= 4096);
                assert!(Message::from_vec(&reply).is_ok());
            }
        });
    }
}

thread_local! {
    static VIEW: View = view();
}
