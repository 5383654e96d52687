//! What the page is told, as server-sent events: which lists changed, each call through an endpoint, and that log events came.
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html>
use crate::{Console, answer, calls, state};
use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame};
use serde_json::{Value, json};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc, watch},
    time::Instant,
};
use vpclab_gateway::Gateway;
use vpclab_services::{engine::Engine, http::AnswerBody};

/// Events that wait for a slow page; then no further ones are made, and what changes meanwhile comes as one.
const WAITING: usize = 4;
/// How often a silent connection shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The least time between two events of requests, and of log events.
const PAUSE: Duration = Duration::from_millis(100);

/// Opens the stream: `hello` with the revision, then `change` with `{"revision", "kinds"}` whenever a snapshot is published, and
/// `calls` with the requests since the last one; `logs` when log events came, with how often they have come.
pub(crate) fn serve(console: &Console) -> Response<AnswerBody> {
    let Ok(place) = Arc::clone(&console.listeners).try_acquire_owned() else {
        return answer::refusal(StatusCode::SERVICE_UNAVAILABLE, "too many pages are open");
    };
    let (events, waiting) = mpsc::channel(WAITING);
    tokio::spawn(tell(Arc::clone(&console.engine), Arc::clone(&console.gateway), events, place));
    answer::of_body(StatusCode::OK, "text/event-stream", Stream(waiting).boxed_unsync())
}

async fn tell(engine: Arc<Engine>, gateway: Arc<Gateway>, events: mpsc::Sender<Bytes>, _place: OwnedSemaphorePermit) {
    let mut revisions = engine.revisions();
    let mut arrivals = gateway.requests().arrivals();
    let mut lines = engine.log_arrivals();
    let mut lines_told = Instant::now();
    let mut first_call = 0;
    let mut revision = *revisions.borrow_and_update();
    let mut seen = engine.snapshot();
    let mut beats = tokio::time::interval(HEARTBEAT);
    let mut told = Instant::now();
    // The requests so far come with the first event.
    arrivals.mark_changed();
    let mut next = event("hello", &json!({ "revision": revision, "kinds": state::names() }));
    loop {
        if events.send(next).await.is_err() {
            return;
        }
        next = tokio::select! {
            () = events.closed() => return,
            changed = revisions.changed() => {
                if changed.is_err() {
                    return;
                }
                revision = *revisions.borrow_and_update();
                let now = engine.snapshot();
                let kinds = state::changed(&seen, &now);
                seen = now;
                event("change", &json!({ "revision": revision, "kinds": kinds }))
            }
            changed = arrived(&mut arrivals, told) => {
                if changed.is_err() {
                    return;
                }
                told = Instant::now();
                let entries = gateway.requests().since(first_call);
                first_call = entries.last().map_or(first_call, |entry| entry.sequence + 1);
                let newest = entries.len().saturating_sub(calls::MOST);
                event("calls", &entries.iter().skip(newest).map(calls::call).collect::<Value>())
            }
            changed = arrived(&mut lines, lines_told) => {
                if changed.is_err() {
                    return;
                }
                lines_told = Instant::now();
                event("logs", &json!({ "count": *lines.borrow_and_update() }))
            }
            _ = beats.tick() => Bytes::from_static(b": still here\n\n"),
        };
    }
}

/// Waits for arrivals, and at least [`PAUSE`] after the last event of them: those that come by the thousand come in one.
async fn arrived(arrivals: &mut watch::Receiver<u64>, told: Instant) -> Result<(), watch::error::RecvError> {
    tokio::time::sleep_until(told + PAUSE).await;
    arrivals.changed().await
}

/// One event; JSON has no line breaks of its own here.
fn event(name: &str, data: &Value) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}

/// A body that ends when its sender does.
struct Stream(mpsc::Receiver<Bytes>);

impl Body for Stream {
    type Data = Bytes;
    type Error = std::io::Error;
    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.0.poll_recv(cx).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}
