//! Asks the running daemon, over its own HTTP port.
use crate::{lab::Note, report::Failure};
use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::TokioIo;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// GETs a path of the daemon and reads the JSON of the answer.
pub fn get(note: &Note, path: &str) -> Result<serde_json::Value, Failure> {
    read(ask(note, Method::GET, path, Bytes::new(), PATIENCE)?)
}

/// GETs a path of the daemon whose answer is text.
pub fn get_text(note: &Note, path: &str) -> Result<String, Failure> {
    match ask(note, Method::GET, path, Bytes::new(), PATIENCE)? {
        (200, body) => Ok(String::from_utf8_lossy(&body).into_owned()),
        refused => read(refused).map(|value| value.to_string()),
    }
}

/// POSTs JSON to a path of the daemon and reads the JSON of the answer, which may take a while.
pub fn post(note: &Note, path: &str, value: &serde_json::Value, patience: Duration) -> Result<serde_json::Value, Failure> {
    read(ask(note, Method::POST, path, Bytes::from(value.to_string()), patience)?)
}

/// POSTs JSON to a path of the daemon and takes the lines of the answer as they come, until it ends or the user interrupts (Ctrl-C).
pub fn lines(note: &Note, path: &str, value: &serde_json::Value, mut each: impl FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
    const LONGEST: usize = 1 << 20;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let unreachable = |why: &dyn std::fmt::Display| Failure::new(format!("the daemon at {} does not answer: {why}", note.listen));
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(note.listen).await.map_err(|why| unreachable(&why))?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|why| unreachable(&why))?;
        tokio::spawn(connection);
        let request = http::Request::post(path)
            .header(http::header::HOST, note.listen.to_string())
            .body(Full::new(Bytes::from(value.to_string())))
            .map_err(Failure::new)?;
        let answer = sender.send_request(request).await.map_err(|why| unreachable(&why))?;
        let status = answer.status().as_u16();
        let mut body = answer.into_body();
        if status != 200 {
            let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(|why| unreachable(&why))?.to_bytes();
            return read((status, body)).map(|_| ());
        }
        let mut rest = Vec::new();
        // From here on an interrupt ends the lines, not the program.
        let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        loop {
            let frame = tokio::select! {
                frame = body.frame() => frame,
                _ = interrupt.recv() => return Ok(()),
            };
            let Some(frame) = frame else { return Ok(()) };
            let Ok(frame) = frame else { return Err(unreachable(&"the connection ended")) };
            rest.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            while let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=at).collect();
                each(String::from_utf8_lossy(&line).trim_end())?;
            }
            if rest.len() > LONGEST {
                return Err(unreachable(&"a line is too long"));
            }
        }
    })
}

fn read((status, body): (u16, Bytes)) -> Result<serde_json::Value, Failure> {
    let value: serde_json::Value =
        serde_json::from_slice(&body).map_err(|why| Failure::new(format!("the daemon's answer cannot be read: {why}")))?;
    if status == 200 {
        return Ok(value);
    }
    let message = value.get("message").and_then(|m| m.as_str()).unwrap_or("the daemon refused").to_owned();
    let failure = Failure::new(message);
    Err(match value.get("hint").and_then(|h| h.as_str()) {
        Some(hint) => failure.hint(hint),
        None => failure,
    })
}

fn ask(note: &Note, method: Method, path: &str, body: Bytes, patience: Duration) -> Result<(u16, Bytes), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let unreachable = |why: &dyn std::fmt::Display| Failure::new(format!("the daemon at {} does not answer: {why}", note.listen));
    runtime.block_on(async {
        let work = async {
            let stream = tokio::net::TcpStream::connect(note.listen).await.map_err(|why| unreachable(&why))?;
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|why| unreachable(&why))?;
            let driver = tokio::spawn(connection);
            let request = http::Request::builder()
                .method(method)
                .uri(path)
                .header(http::header::HOST, note.listen.to_string())
                .body(Full::new(body))
                .map_err(Failure::new)?;
            let answer = sender.send_request(request).await.map_err(|why| unreachable(&why))?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await.map_err(|why| unreachable(&why))?.to_bytes();
            driver.abort();
            Ok((status, body))
        };
        match tokio::time::timeout(patience, work).await {
            Ok(done) => done,
            Err(_) => Err(unreachable(&format!("no answer in {} seconds", patience.as_secs()))),
        }
    })
}
