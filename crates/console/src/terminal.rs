//! A terminal into an instance: a shell on a pty of its own, joined to a WebSocket.
//!
//! The page asks for a token with a request of its own origin, and opens the socket with it: once, within [`PATIENCE`], for one instance.
//! Bytes go both ways as binary messages; a text message from the page is `{"columns", "rows"}`.
use crate::{
    answer,
    assets::{no_random, nonce},
};
use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use hyper::{body::Incoming, upgrade::Upgraded};
use hyper_util::rt::TokioIo;
use pty_process::{Command, OwnedReadPty, OwnedWritePty, Size};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    ffi::OsString,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, MissedTickBehavior},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, handshake::derive_accept_key, protocol::Role, protocol::WebSocketConfig},
};
use vpclab_cloud::{Cloud, InstanceId, InstanceState};
use vpclab_services::http::{AnswerBody, full};

/// Terminals that are open at once.
const MAX_TERMINALS: usize = 16;
/// Tokens that wait to be used; the oldest go first.
const MAX_TOKENS: usize = 64;
/// How long a token waits.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest message of a page: a paste.
const MAX_MESSAGE: usize = 1024 * 1024;
/// How many bytes may wait for a shell to read them; while so many do, the page's messages wait in its socket. One message may go beyond.
const MAX_PENDING: usize = MAX_MESSAGE;
/// How often a page whose messages wait is asked whether it is still there.
const BEAT: Duration = Duration::from_secs(10);
/// What is read of a shell at a time.
const CHUNK: usize = 16 * 1024;
/// How much is still read of a shell that has ended: what it left running may write for ever.
const LAST_CHUNKS: usize = 64;

/// The program that opens a shell in an instance, with its arguments.
pub type ShellOf = Arc<dyn Fn(&InstanceId) -> Vec<OsString> + Send + Sync>;

/// The terminals of a lab.
pub(crate) struct Terminals {
    shell_of: ShellOf,
    places: Arc<Semaphore>,
    tokens: Mutex<VecDeque<Token>>,
}

struct Token {
    text: String,
    instance: InstanceId,
    until: Instant,
}

impl Terminals {
    pub(crate) fn new(shell_of: ShellOf) -> Self {
        Self { shell_of, places: Arc::new(Semaphore::new(MAX_TERMINALS)), tokens: Mutex::default() }
    }

    /// Gives a token for a running instance.
    pub(crate) fn token(&self, cloud: &Cloud, instance: &str) -> Response<AnswerBody> {
        let found = instance.parse::<InstanceId>().ok().and_then(|id| cloud.instances.get(&id));
        let Some(found) = found.filter(|found| found.state == InstanceState::Running) else {
            return answer::refusal(StatusCode::NOT_FOUND, &format!("there is no running instance `{instance}`"));
        };
        let text = match nonce() {
            Ok(text) => text,
            Err(why) => return no_random(why),
        };
        let token = Token { text, instance: found.id.clone(), until: Instant::now() + PATIENCE };
        let answer = answer::json_answer(StatusCode::OK, &json!({ "token": token.text }));
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        while tokens.len() >= MAX_TOKENS {
            tokens.pop_front();
        }
        tokens.push_back(token);
        answer
    }

    /// Takes a token, which is worth nothing any more then.
    fn redeem(&self, text: &str) -> Option<InstanceId> {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        tokens.retain(|token| token.until > now);
        let at = tokens.iter().position(|token| token.text == text)?;
        tokens.remove(at).map(|token| token.instance)
    }

    /// Joins a page's socket to a shell.
    pub(crate) fn open(&self, mut request: Request<Incoming>) -> Response<AnswerBody> {
        let Some(accept) = accept_key(request.headers()) else {
            return answer::refusal(StatusCode::UPGRADE_REQUIRED, "a terminal is a WebSocket");
        };
        // Programs have `vpclab shell`; browsers always say where a socket comes from.
        if !request.headers().contains_key(header::ORIGIN) {
            return answer::refusal(StatusCode::FORBIDDEN, "a terminal is opened by the console's page");
        }
        let Some(instance) = request.uri().query().and_then(|query| self.redeem(query.strip_prefix("token=")?)) else {
            return answer::refusal(StatusCode::FORBIDDEN, "the token is unknown, used or too old");
        };
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return answer::refusal(StatusCode::SERVICE_UNAVAILABLE, "too many terminals are open");
        };
        let words = (self.shell_of)(&instance);
        let upgrade = hyper::upgrade::on(&mut request);
        tokio::spawn(async move {
            match upgrade.await {
                Ok(upgraded) => serve(upgraded, &words, place).await,
                Err(why) => tracing::debug!(%why, "a terminal's socket did not open"),
            }
        });
        let mut answer = Response::new(full(Bytes::new()));
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = answer.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        answer
    }
}

/// The answer to a socket's key, when the request is one for a WebSocket of the version that all browsers speak.
fn accept_key(headers: &HeaderMap) -> Option<HeaderValue> {
    let is = |name, wanted: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
    };
    let key =
        headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is(header::UPGRADE, "websocket") && is(header::SEC_WEBSOCKET_VERSION, "13"))?;
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok()
}

async fn serve(upgraded: Upgraded, words: &[OsString], _place: OwnedSemaphorePermit) {
    let config = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    if let Err(why) = join(&mut socket, words).await {
        let said = socket.send(Message::binary(format!("\r\nthe terminal ended: {why}\r\n").into_bytes())).await;
        tracing::debug!(%why, told = said.is_ok(), "a terminal ended badly");
    }
    let _closed = socket.close(None).await;
}

/// Runs the shell until it or the page goes away; the other one then goes too. Neither waits for the other to read: a shell that does not read
/// what was pasted still writes, and a page that is closed is noticed.
async fn join<S>(socket: &mut WebSocketStream<S>, words: &[OsString]) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (program, arguments) = words.split_first().ok_or("there is no shell")?;
    let (pty, slave) = pty_process::open()?;
    pty.resize(Size::new(24, 80))?;
    let command = Command::new(program).args(arguments).env("TERM", "xterm-256color").env("COLORTERM", "truecolor").kill_on_drop(true);
    let mut child = command.spawn(slave)?;
    let (mut from, mut to): (OwnedReadPty, OwnedWritePty) = pty.into_split();
    let mut chunk = vec![0; CHUNK];
    let mut pending = BytesMut::new();
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            read = from.read(&mut chunk) => match read {
                // A pty whose other side is closed says EIO.
                Ok(0) | Err(_) => break,
                Ok(count) => socket.send(Message::binary(chunk.get(..count).unwrap_or_default().to_vec())).await?,
            },
            wrote = to.write_buf(&mut pending), if !pending.is_empty() => {
                // Nobody reads it any more; what the shell said last, and its end, are still to come.
                if wrote.is_err() {
                    pending.clear();
                }
            }
            // The socket is not read now, but a page that is gone cannot be sent anything.
            _ = beat.tick(), if pending.len() >= MAX_PENDING => socket.send(Message::Ping(Bytes::new())).await?,
            message = socket.next(), if pending.len() < MAX_PENDING => match message {
                Some(Ok(Message::Binary(bytes))) => pending.extend_from_slice(&bytes),
                Some(Ok(Message::Text(text))) => if let Some(size) = size(&text) { to.resize(size)? },
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
            },
            ended = child.wait() => {
                ended?;
                // What it said last is still in the pty.
                for _ in 0..LAST_CHUNKS {
                    let Ok(Ok(count @ 1..)) = tokio::time::timeout(Duration::from_millis(50), from.read(&mut chunk)).await else { break };
                    socket.send(Message::binary(chunk.get(..count).unwrap_or_default().to_vec())).await?;
                }
                break;
            }
        }
    }
    child.start_kill()?;
    Ok(())
}

/// `{"columns": 80, "rows": 24}`
fn size(text: &str) -> Option<Size> {
    let value: Value = serde_json::from_str(text).ok()?;
    let of =
        |name: &str| value.get(name)?.as_u64().and_then(|number| u16::try_from(number).ok()).filter(|number| (1..=1000).contains(number));
    Some(Size::new(of("rows")?, of("columns")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_token_is_good_once_and_not_for_long() {
        let terminals = Terminals::new(Arc::new(|_| Vec::new()));
        let instance: InstanceId = "i-0123456789abcdef0".parse().unwrap();
        let put = |text: &str| {
            let token = Token { text: text.to_owned(), instance: instance.clone(), until: Instant::now() + PATIENCE };
            terminals.tokens.lock().unwrap().push_back(token);
        };
        put("one");
        assert_eq!(terminals.redeem("two"), None);
        assert_eq!(terminals.redeem("one"), Some(instance.clone()));
        assert_eq!(terminals.redeem("one"), None);
        put("three");
        tokio::time::advance(PATIENCE).await;
        assert_eq!(terminals.redeem("three"), None);
    }

    /// A page that is joined to a program, and what the program's side ends with.
    async fn joined(words: &[&str]) -> (WebSocketStream<tokio::io::DuplexStream>, tokio::task::JoinHandle<Result<(), String>>) {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let running = tokio::spawn(async move {
            let mut socket = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
            join(&mut socket, &words).await.map_err(|why| why.to_string())
        });
        (WebSocketStream::from_raw_socket(near, Role::Client, None).await, running)
    }

    #[tokio::test]
    async fn a_long_paste_comes_back_while_it_is_written() {
        const LINES: usize = 20_000;
        let (mut page, running) = joined(&["cat"]).await;
        page.send(Message::binary("0123456789abcdef\n".repeat(LINES).into_bytes())).await.unwrap();
        let back = async {
            let mut seen = 0;
            while seen < LINES {
                seen += page.next().await.unwrap().unwrap().into_data().iter().filter(|byte| **byte == b'\n').count();
            }
        };
        tokio::time::timeout(Duration::from_secs(60), back).await.expect("the shell's side is stuck");
        drop(page);
        let _ended = tokio::time::timeout(Duration::from_secs(60), running).await.expect("the page's end was not noticed");
    }

    /// The clock goes on by itself while everything waits.
    #[tokio::test(start_paused = true)]
    async fn a_page_that_goes_is_noticed_while_the_shell_reads_nothing() {
        let (mut page, running) = joined(&["sleep", "1000"]).await;
        for _ in 0..2 {
            page.send(Message::binary("x\n".repeat(MAX_MESSAGE / 2).into_bytes())).await.unwrap();
        }
        drop(page);
        let _ended = tokio::time::timeout(BEAT * 10, running).await.expect("the page's end was not noticed");
    }

    #[test]
    fn sizes() {
        assert!(size(r#"{"columns": 80, "rows": 24}"#).is_some());
        for bad in ["", "[]", r#"{"columns": 0, "rows": 24}"#, r#"{"columns": 80, "rows": 70000}"#, r#"{"columns": 80}"#] {
            assert!(size(bad).is_none(), "{bad}");
        }
    }
}
