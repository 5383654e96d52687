//! Bytes to question, answer to bytes.
use hickory_proto::{
    op::{Edns, Message, Metadata, OpCode, Query, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, AAAA, CNAME, MX, NS, NULL, PTR, SOA, SRV, TXT},
    },
};
use vpclab_cloud::VpcId;
use vpclab_names::{Answer, Class, DomainName, Outcome, Question, Rcode, RecordData, Soa, View};

/// The largest answer over UDP, whatever a client offers to take.
const MAX_PAYLOAD: u16 = 4096;
/// What a client without EDNS takes.
const PLAIN_PAYLOAD: u16 = 512;

/// How a question came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Udp,
    Tcp,
}

/// What to do with a message.
#[derive(Debug)]
pub(crate) enum Reply {
    /// Nothing: the sender gets no answer.
    Drop,
    /// Answer with these bytes.
    Send(Vec<u8>),
    /// Ask another resolver.
    Forward(Box<Request>),
}

/// A question that was read, with what is needed to answer it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    metadata: Metadata,
    pub(crate) query: Query,
    /// The CNAME records that led from the query to a name of others: that one is forwarded.
    chain: Vec<Record>,
    edns: Option<Edns>,
    limit: usize,
}

/// The sections of an answer.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    pub(crate) answers: Vec<Record>,
    pub(crate) authorities: Vec<Record>,
}

/// Answers a message of a client in a VPC. `turn` says which address comes first; `forwards` whether names outside are asked elsewhere.
pub(crate) fn respond(view: &View, vpc: &VpcId, bytes: &[u8], transport: Transport, turn: usize, forwards: bool) -> Reply {
    // Before anything is read: a resolver that is off does not even say what it cannot read.
    if view.silence(vpc).is_some() {
        return Reply::Drop;
    }
    let request = match read(bytes, transport) {
        Ok(request) => request,
        Err(reply) => return reply.map_or(Reply::Drop, Reply::Send),
    };
    let question = Question {
        name: DomainName::from_labels(request.query.name().iter()),
        record_type: vpclab_names::RecordType(request.query.query_type().into()),
        class: Class(request.query.query_class().into()),
    };
    let answer = match view.answer(vpc, &question) {
        Outcome::Silent(_) => return Reply::Drop,
        _ if request.has_unknown_version() => {
            return Reply::Send(request.fail(ResponseCode::BADVERS));
        }
        _ if request.query.query_type() == RecordType::OPT => {
            return Reply::Send(request.fail(ResponseCode::FormErr));
        }
        Outcome::Outside(_) if forwards && !request.metadata.recursion_desired => {
            return Reply::Send(request.fail(ResponseCode::Refused));
        }
        Outcome::Outside(answer) if forwards => {
            let Some(chain) = request.chain(&answer) else {
                return Reply::Send(request.fail(ResponseCode::ServFail));
            };
            return Reply::Forward(Box::new(Request { chain, ..request }));
        }
        Outcome::Outside(answer) | Outcome::Answered(answer) => answer,
    };
    Reply::Send(request.answer(&answer, turn))
}

/// Reads a question; otherwise what is answered to a message that is none, if anything.
fn read(bytes: &[u8], transport: Transport) -> Result<Request, Option<Vec<u8>>> {
    let &[id_high, id_low, flags, _, qd1, qd0, an1, an0, ns1, ns0, ar1, ar0, ..] = bytes else {
        return Err(None);
    };
    if flags & 0x80 != 0 {
        // A response. Answering it could make two servers talk for ever.
        return Err(None);
    }
    let fail = |code: u8| {
        let mut reply = vec![id_high, id_low, 0x80 | flags & 0x79, 0x80 | code];
        reply.resize(12, 0);
        Err(Some(reply))
    };
    if OpCode::from_u8((flags >> 3) & 0x0f) != OpCode::Query {
        return fail(4);
    }
    // Before decoding, which makes room for as many records as the header promises.
    let counts = [[qd1, qd0], [an1, an0], [ns1, ns0], [ar1, ar0]].map(u16::from_be_bytes);
    if !matches!(counts, [1, 0, 0, 0..=4]) {
        return fail(1);
    }
    let Ok(mut message) = Message::from_vec(bytes) else {
        return fail(1);
    };
    let Some(query) = message.queries.pop() else {
        return fail(1);
    };
    let payload = message.edns.as_ref().map_or(PLAIN_PAYLOAD, |edns| edns.max_payload()).clamp(PLAIN_PAYLOAD, MAX_PAYLOAD);
    Ok(Request {
        metadata: message.metadata,
        query,
        chain: Vec::new(),
        edns: message.edns,
        limit: match transport {
            Transport::Udp => payload.into(),
            Transport::Tcp => u16::MAX.into(),
        },
    })
}

impl Request {
    fn has_unknown_version(&self) -> bool {
        self.edns.as_ref().is_some_and(|edns| edns.version() > 0)
    }

    /// Whether the client takes signatures.
    pub(crate) fn dnssec_ok(&self) -> bool {
        self.edns.as_ref().is_some_and(|edns| edns.flags().dnssec_ok)
    }

    /// An answer without records.
    pub(crate) fn fail(&self, code: ResponseCode) -> Vec<u8> {
        self.encode(code, Sections::default())
    }

    fn answer(&self, answer: &Answer, turn: usize) -> Vec<u8> {
        let code = match answer.rcode {
            Rcode::NoError => ResponseCode::NoError,
            Rcode::NxDomain => ResponseCode::NXDomain,
            Rcode::Refused => ResponseCode::Refused,
            Rcode::ServFail => ResponseCode::ServFail,
        };
        match self.sections(answer, turn) {
            Some(sections) => self.encode(code, sections),
            None => self.fail(ResponseCode::ServFail),
        }
    }

    /// The records of an answer. `None` for a name that does not fit the wire: the labels are our own, so that is a defect.
    fn sections(&self, answer: &Answer, turn: usize) -> Option<Sections> {
        let mut sections = Sections { answers: self.chain(answer)?, authorities: Vec::new() };
        let owner = match answer.chain.last() {
            Some(hop) => name(hop.target.as_str())?,
            None => self.query.name().clone(),
        };
        let mut records = Vec::new();
        for record in &answer.records {
            records.push(Record::from_rdata(owner.clone(), answer.ttl, data(record)?));
        }
        if let Some(first) = turn.checked_rem(records.len()) {
            records.rotate_left(first);
        }
        sections.answers.extend(records);
        if let Some(start) = &answer.authority {
            let data = RData::SOA(soa(start)?);
            sections.authorities.push(Record::from_rdata(name(&start.zone)?, start.ttl, data));
        }
        Some(sections)
    }

    /// The CNAME records of an answer; the first has the name as the client wrote it.
    fn chain(&self, answer: &Answer) -> Option<Vec<Record>> {
        let hops = answer.chain.iter().enumerate().map(|(n, hop)| {
            let owner = if n == 0 { self.query.name().clone() } else { name(hop.name.as_str())? };
            Some(Record::from_rdata(owner, hop.ttl, RData::CNAME(CNAME(name(hop.target.as_str())?))))
        });
        hops.collect()
    }

    /// What another resolver is asked.
    pub(crate) fn upstream(&self) -> Query {
        let mut query = self.query.clone();
        if let Some(RData::CNAME(last)) = self.chain.last().map(|record| &record.data) {
            query.set_name(last.0.clone());
        }
        query
    }

    /// Another resolver's answer, as one to the client's question.
    pub(crate) fn relay(&self, answer: Message) -> Vec<u8> {
        let answers = self.chain.iter().cloned().chain(answer.answers).collect();
        self.encode(answer.metadata.response_code, Sections { answers, authorities: answer.authorities })
    }

    /// The bytes of an answer, cut to its question where it is larger than the client takes.
    pub(crate) fn encode(&self, code: ResponseCode, sections: Sections) -> Vec<u8> {
        let mut message = Message::response(self.metadata.id, OpCode::Query);
        message.metadata = Metadata::response_from_request(&self.metadata);
        message.metadata.recursion_available = true;
        message.metadata.response_code = if self.edns.is_none() && u16::from(code) > 15 { ResponseCode::ServFail } else { code };
        message.add_query(self.query.clone());
        message.edns = self.edns.as_ref().map(|theirs| {
            let mut edns = Edns::new();
            edns.set_max_payload(MAX_PAYLOAD).set_dnssec_ok(theirs.flags().dnssec_ok);
            edns
        });
        message.answers = sections.answers;
        message.authorities = sections.authorities;
        match message.to_vec() {
            Ok(bytes) if bytes.len() <= self.limit => return bytes,
            Ok(_) => message.metadata.truncation = true,
            Err(_) => message.metadata.response_code = ResponseCode::ServFail,
        }
        message.answers.clear();
        message.authorities.clear();
        message.to_vec().unwrap_or_else(|_| {
            let [high, low] = self.metadata.id.to_be_bytes();
            vec![high, low, 0x80, 0x82, 0, 0, 0, 0, 0, 0, 0, 0]
        })
    }
}

fn data(record: &RecordData) -> Option<RData> {
    Some(match record {
        RecordData::A(address) => RData::A(A(*address)),
        RecordData::Aaaa(address) => RData::AAAA(AAAA(*address)),
        RecordData::Ptr(host) => RData::PTR(PTR(name(host)?)),
        RecordData::Ns(host) => RData::NS(NS(name(host)?)),
        RecordData::Soa(start) => RData::SOA(soa(start)?),
        RecordData::Cname(target) => RData::CNAME(CNAME(name(target.as_str())?)),
        RecordData::Txt(texts) => RData::TXT(strings(texts)),
        // The same form under a number of its own.
        RecordData::Spf(texts) => RData::Unknown { code: RecordType::from(99), rdata: NULL::with(counted(texts)) },
        RecordData::Mx { preference, exchange } => RData::MX(MX::new(*preference, name(exchange.as_str())?)),
        RecordData::Srv { priority, weight, port, target } => RData::SRV(SRV::new(*priority, *weight, *port, name(target.as_str())?)),
        RecordData::Caa { flags, tag, value } => {
            let tag_len = u8::try_from(tag.len()).ok()?;
            let bytes = [*flags, tag_len].into_iter().chain(tag.bytes()).chain(value.iter().copied()).collect();
            RData::Unknown { code: RecordType::CAA, rdata: NULL::with(bytes) }
        }
    })
}

fn strings(texts: &[Vec<u8>]) -> TXT {
    TXT::from_bytes(texts.iter().map(Vec::as_slice).collect())
}

/// Character strings as they are on the wire, each behind its length.
fn counted(texts: &[Vec<u8>]) -> Vec<u8> {
    texts.iter().flat_map(|text| u8::try_from(text.len()).into_iter().chain(text.iter().copied())).collect()
}

fn soa(start: &Soa) -> Option<SOA> {
    Some(SOA::new(name(&start.mname)?, name(&start.rname)?, start.serial, start.refresh, start.retry, start.expire, start.minimum))
}

fn name(text: &str) -> Option<Name> {
    Name::from_ascii(format!("{text}.")).ok()
}

#[cfg(test)]
mod tests;
