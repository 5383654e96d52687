//! The same for people: one line a stage, then the answer.
use crate::stage::{Attempt, Connected, Exchange, Name, NameAnswer, Outcome, Probe, Tls, TlsFailure};
use std::fmt;

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} from {} ({})", self.method, self.url, self.interface, self.address)?;
        if let Some(name) = &self.dns {
            dns(f, name)?;
        }
        for attempt in &self.tcp {
            tcp(f, attempt)?;
        }
        if let Some(seen) = &self.tls {
            tls(f, seen)?;
        }
        if let Some(exchange) = &self.http {
            http(f, exchange)?;
        }
        writeln!(f, "outcome: {}", self.outcome)
    }
}

fn dns(f: &mut fmt::Formatter<'_>, name: &Name) -> fmt::Result {
    for asked in &name.asked {
        write!(f, "  dns   {} asked for {}: ", asked.server, asked.name)?;
        match &asked.answer {
            NameAnswer::Answered { rcode, .. } => write!(f, "{rcode}")?,
            NameAnswer::Silent => f.write_str("no answer")?,
            NameAnswer::Refused => f.write_str("nothing listens there")?,
            NameAnswer::Failed { why } => write!(f, "failed: {why}")?,
        }
        writeln!(f, "  {:.1} ms", asked.millis)?;
        if let NameAnswer::Answered { records, .. } = &asked.answer {
            for record in records {
                writeln!(f, "          {record}")?;
            }
        }
    }
    Ok(())
}

fn tcp(f: &mut fmt::Formatter<'_>, attempt: &Attempt) -> fmt::Result {
    let result = match attempt.result {
        Connected::Connected => "connected",
        Connected::TimedOut => "timed out",
        Connected::Refused => "refused",
        Connected::NoRoute => "no route",
    };
    writeln!(f, "  tcp   {} {result}  {:.1} ms", attempt.address, attempt.millis)
}

fn tls(f: &mut fmt::Formatter<'_>, tls: &Tls) -> fmt::Result {
    f.write_str("  tls   ")?;
    if let Some(version) = &tls.version {
        write!(f, "{version}, ")?;
    }
    match &tls.server_name {
        Some(name) => write!(f, "server name {name}")?,
        None => f.write_str("no server name (an address)")?,
    }
    if !tls.certificate_names.is_empty() {
        let verified = if tls.verified { "verified by the lab's authority" } else { "not verified" };
        write!(f, ", certificate for {}, {verified}", tls.certificate_names.join(" "))?;
    }
    if let Some(why) = &tls.failure {
        write!(f, "; failed: {why}")?;
    }
    writeln!(f, "  {:.1} ms", tls.millis)
}

fn http(f: &mut fmt::Formatter<'_>, exchange: &Exchange) -> fmt::Result {
    let Some(response) = &exchange.response else {
        return writeln!(f, "  http  failed: {}  {:.1} ms", exchange.failure.as_deref().unwrap_or_default(), exchange.millis);
    };
    writeln!(f, "  http  {}  {:.1} ms", response.status, exchange.millis)?;
    for (name, value) in &response.headers {
        writeln!(f, "          {name}: {value}")?;
    }
    if !response.body.is_empty() {
        writeln!(f)?;
        for line in response.body.lines() {
            writeln!(f, "          {line}")?;
        }
        if response.truncated {
            writeln!(f, "          … (longer; cut here)")?;
        }
    }
    Ok(())
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { status, error_type: Some(kind) } => write!(f, "answered {status} ({kind})"),
            Self::Answered { status, error_type: None } => write!(f, "answered {status}"),
            Self::NoSuchName => f.write_str("no such name"),
            Self::NoResolver => f.write_str("no name server answers"),
            Self::NameRefused { rcode } => write!(f, "the name server answers {rcode}"),
            Self::ConnectTimeout => f.write_str("the connection times out"),
            Self::ConnectRefused => f.write_str("the connection is refused"),
            Self::NoRoute => f.write_str("no route to the address"),
            Self::Tls { why } => write!(f, "TLS fails: {why}"),
            Self::Http { why } => match why {
                crate::HttpFailure::Timeout => f.write_str("no answer in time"),
                crate::HttpFailure::Broken => f.write_str("the connection ends without an answer"),
            },
        }
    }
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongName => "the certificate is not for the name",
            Self::Untrusted => "the certificate is not trusted",
            Self::Timeout => "the handshake takes too long",
            Self::Broken => "the other side does not speak TLS or broke off",
        })
    }
}
