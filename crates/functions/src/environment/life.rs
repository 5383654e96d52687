//! The life of an environment, in one task: it hears the program, its output, its guard, and the clock.
use super::{
    IDLE, Work,
    event::{Event, Status},
    journal::Journal,
    report::{Wrong, failed},
};
use crate::{
    clock::now,
    log::{Line, Lines},
    pool::Pool,
    runtime_api::{Delivery, Said, headers},
    version::{FunctionVersion, Outcome},
};
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::AsyncWriteExt,
    net::{UnixStream, unix::pipe},
    sync::{mpsc, oneshot, watch},
};
use vpclab_fabric::instance::sandbox::{FREEZE, GuardWord, Sandbox, THAW};

/// How long a program may take to start, before its first event's own time begins.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
const START: Duration = Duration::from_secs(10);
/// How long the guard may take to stop a program.
const STOP: Duration = Duration::from_secs(2);
/// How long a killed environment may take to be gone.
const END: Duration = Duration::from_secs(10);
const BUFFER: usize = 64 * 1024;
/// Output of one environment that is read at one go, so that a chatterer's time-out is seen.
const GULP: usize = 64;

pub(super) struct Life {
    function: Arc<FunctionVersion>,
    sandbox: Sandbox,
    output: Option<pipe::Receiver>,
    guard: UnixStream,
    guard_open: bool,
    words: Lines,
    deliver: mpsc::Sender<Delivery>,
    hears: mpsc::Receiver<Said>,
    journal: Journal,
    lines: Lines,
    buffer: Vec<u8>,
    begun: Instant,
    /// Whether the program waits for an event.
    waiting: bool,
    frozen: bool,
    /// How long it took to start; taken by the first report.
    init: Option<Duration>,
    used: u64,
    /// How often the guard said what is used.
    used_told: u64,
    exit: Option<GuardWord>,
}

/// What the program told of one invocation.
#[derive(Debug, Default)]
struct Told {
    /// Its word for the error.
    error: Option<String>,
    /// The bytes of its answer.
    produced: usize,
}

/// What happened next.
enum Step {
    Said(Said),
    Exited,
    Deadline,
}

impl Life {
    pub(super) fn new(
        function: Arc<FunctionVersion>,
        sandbox: Sandbox,
        deliver: mpsc::Sender<Delivery>,
        hears: mpsc::Receiver<Said>,
        journal: Journal,
        begun: Instant,
    ) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&sandbox.output, true)?;
        let guard = sandbox.guard.try_clone()?;
        guard.set_nonblocking(true)?;
        Ok(Self {
            output: Some(pipe::Receiver::from_owned_fd(sandbox.output.try_clone()?)?),
            guard: UnixStream::from_std(guard)?,
            guard_open: true,
            words: Lines::default(),
            function,
            sandbox,
            deliver,
            hears,
            journal,
            lines: Lines::default(),
            buffer: vec![0; BUFFER],
            begun,
            waiting: false,
            frozen: false,
            init: None,
            used: 0,
            used_told: 0,
            exit: None,
        })
    }

    /// Does one work after the other, until it is told to end, or must.
    pub(super) async fn live(mut self, pool: &Arc<Pool>, number: u64, first: Work) {
        let mut closing = pool.closing();
        let mut next = Some(first);
        self.journal.system(&Event::InitStart);
        while let Some(work) = next.take() {
            let going_on = tokio::select! {
                going_on = self.work(work) => going_on,
                () = closed(&mut closing) => false,
            };
            if !going_on {
                break;
            }
            let (sender, mut receiver) = mpsc::channel(1);
            if !pool.give_back(&self.function, number, sender) {
                break;
            }
            next = tokio::select! {
                work = receiver.recv() => work,
                () = closed(&mut closing) => None,
                // The guard of a frozen program says nothing: only its end can come.
                _ = self.guard.readable() => None,
                () = tokio::time::sleep(IDLE) => {
                    pool.take_out(&self.function, number);
                    // Somebody may have sent work just before.
                    receiver.close();
                    receiver.recv().await
                }
            };
        }
        self.end().await;
    }

    /// Gives the program one event; says whether it can have another one.
    async fn work(&mut self, work: Work) -> bool {
        let Work { event, reply, tail, slot } = work;
        let mut reply = Some(reply);
        self.journal.turn();
        let id = event.request_id.clone();
        if !self.waiting && !self.started(&id, &mut reply).await {
            return false;
        }
        if self.frozen {
            self.frozen = false;
            if self.guard.write_all(&[THAW]).await.is_err() {
                tracing::debug!("a guard is gone");
            }
        }
        self.journal.system(&Event::Start { id: &id });
        let deadline_ms = now().0.saturating_add(i64::try_from(self.function.timeout.as_millis()).unwrap_or(i64::MAX));
        let began = Instant::now();
        let deadline = began + self.function.timeout;
        self.waiting = false;
        // There is room: the program takes one event and asks for the next when it has answered.
        let _sent = self.deliver.try_send(Delivery { headers: headers(&event, deadline_ms), body: event.payload });
        let mut outcome = None;
        let mut wrong = None;
        let mut told = Told::default();
        while !self.waiting && wrong.is_none() {
            let answered = match self.step(deadline).await {
                Step::Said(Said::Next) => {
                    self.waiting = true;
                    continue;
                }
                Step::Said(Said::Response { id: of, body }) if of == id => {
                    told.produced = body.len();
                    Outcome { payload: body, error: None, tail: None }
                }
                Step::Said(Said::Error { id: of, kind, body }) if of == id => {
                    told = Told { error: Some(kind), produced: body.len() };
                    failed(body)
                }
                Step::Said(Said::TooLarge { id: of }) if of == id => {
                    self.journal.system(&Event::Wrong { id: &id, wrong: Wrong::TooLarge });
                    told.error = Some(Wrong::TooLarge.kind().to_owned());
                    failed(Wrong::TooLarge.payload(&self.function, &id))
                }
                // A word about another request, or a late one about its start.
                Step::Said(_) => continue,
                Step::Exited => {
                    wrong = Some(Wrong::Exited(self.exit));
                    continue;
                }
                Step::Deadline => {
                    wrong = Some(Wrong::TimedOut);
                    continue;
                }
            };
            match reply.take_if(|_| !tail) {
                Some(reply) => drop(reply.send(answered)),
                None => outcome = outcome.or(Some(answered)),
            }
        }
        let took = began.elapsed();
        self.finish(&id, took, wrong, &told, reply, outcome).await;
        drop(slot);
        wrong.is_none()
    }

    /// Waits until the program asks for its first event.
    async fn started(&mut self, id: &str, reply: &mut Option<oneshot::Sender<Outcome>>) -> bool {
        let deadline = self.begun + START + self.function.timeout;
        let (mut told, mut answer) = (Told::default(), None);
        let wrong = loop {
            match self.step(deadline).await {
                Step::Said(Said::Next) => {
                    self.waiting = true;
                    let took = self.begun.elapsed();
                    self.init = Some(took);
                    self.journal.system(&Event::InitDone { took, ended: Ok(()) });
                    return true;
                }
                Step::Said(Said::InitError { kind, body }) => {
                    self.journal.system(&Event::InitDone { took: self.begun.elapsed(), ended: Err(&kind) });
                    told = Told { error: Some(kind), produced: body.len() };
                    answer = Some(failed(body));
                }
                Step::Said(_) => {}
                Step::Exited => break Wrong::Exited(self.exit),
                Step::Deadline => break Wrong::TimedOut,
            }
        };
        self.journal.system(&Event::Start { id });
        let took = self.begun.elapsed();
        self.finish(id, took, Some(wrong), &told, reply.take(), answer).await;
        false
    }

    /// The last lines of an invocation, and its answer if the caller still waits for it.
    async fn finish(
        &mut self,
        id: &str,
        took: Duration,
        wrong: Option<Wrong>,
        told: &Told,
        reply: Option<oneshot::Sender<Outcome>>,
        outcome: Option<Outcome>,
    ) {
        if wrong == Some(Wrong::TimedOut) {
            self.sandbox.kill();
        }
        if wrong.is_none() {
            self.freeze().await;
        }
        // What was written before the program asked for more is in the pipe.
        self.drain();
        self.journal.program(self.lines.finish().map(|line| Line { text: line.text + "\n", ..line }).into_iter().collect());
        if let Some(wrong) = wrong {
            self.journal.system(&Event::Wrong { id, wrong });
        }
        let status = match (wrong, &told.error) {
            (Some(Wrong::TimedOut), _) => Status::TimedOut,
            (_, Some(kind)) => Status::Error(kind),
            (Some(wrong), None) => Status::Error(wrong.kind()),
            (None, None) => Status::Success,
        };
        self.journal.system(&Event::RuntimeDone { id, took, status, produced: told.produced });
        let (init, used) = (self.init.take(), self.used);
        self.journal.system(&Event::Report { id, took, init, used, wrong, status });
        let Some(reply) = reply else { return };
        let answered = match (outcome, wrong) {
            (Some(outcome), _) => outcome,
            (None, Some(wrong)) => failed(wrong.payload(&self.function, id)),
            // A program that asks for more without an answer to this.
            (None, None) => failed(Wrong::Exited(None).payload(&self.function, id)),
        };
        let _gone = reply.send(Outcome { tail: Some(self.journal.tail()), ..answered });
    }

    /// Stops the program until there is more to do, and learns what memory it used.
    async fn freeze(&mut self) {
        if self.guard.write_all(&[FREEZE]).await.is_err() {
            return;
        }
        self.frozen = true;
        let asked = self.used_told;
        let _told = tokio::time::timeout(STOP, async {
            while self.guard_open && self.used_told == asked {
                if self.guard.readable().await.is_err() {
                    break;
                }
                self.hear_guard();
            }
        })
        .await;
    }

    /// The next thing that concerns the invocation; output and the guard's words are taken care of on the way.
    async fn step(&mut self, deadline: Instant) -> Step {
        enum Woken {
            Said(Option<Said>),
            Output,
            Guard,
            Deadline,
        }
        loop {
            let woken = tokio::select! {
                biased;
                said = self.hears.recv() => Woken::Said(said),
                () = tokio::time::sleep_until(deadline.into()) => Woken::Deadline,
                () = readable(self.output.as_ref()) => Woken::Output,
                _ = self.guard.readable() => Woken::Guard,
            };
            match woken {
                Woken::Said(Some(said)) => return Step::Said(said),
                Woken::Said(None) => return Step::Exited,
                Woken::Deadline => return Step::Deadline,
                Woken::Output => self.drain(),
                Woken::Guard => {
                    self.hear_guard();
                    if !self.guard_open {
                        self.drain();
                        return Step::Exited;
                    }
                }
            }
        }
    }

    /// Reads what the program has written.
    fn drain(&mut self) {
        for _ in 0..GULP {
            let Some(output) = &self.output else { return };
            match output.try_read(&mut self.buffer) {
                Ok(0) => self.output = None,
                Ok(count) => {
                    let lines = self.lines.push(self.buffer.get(..count).unwrap_or_default());
                    self.journal.program(lines);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(_) => self.output = None,
            }
        }
    }

    fn hear_guard(&mut self) {
        loop {
            match self.guard.try_read(&mut self.buffer) {
                Ok(0) => self.guard_open = false,
                Ok(count) => {
                    for line in self.words.push(self.buffer.get(..count).unwrap_or_default()) {
                        match GuardWord::parse(line.text.trim_end()) {
                            Some(GuardWord::Used(bytes)) => {
                                self.used = bytes;
                                self.used_told += 1;
                            }
                            Some(word) => self.exit = Some(word),
                            None => {}
                        }
                    }
                    continue;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => self.guard_open = false,
            }
            return;
        }
    }

    /// Ends every process and waits until they are gone.
    async fn end(mut self) {
        self.drain();
        self.journal.program(self.lines.finish().into_iter().collect());
        let sandbox = self.sandbox;
        if !tokio::task::spawn_blocking(move || sandbox.end(END)).await.unwrap_or(false) {
            tracing::warn!(function = self.function.name, "an environment did not end");
        }
    }
}

/// Waits until the lab ends its environments.
async fn closed(closing: &mut watch::Receiver<bool>) {
    drop(closing.wait_for(|closing| *closing).await);
}

/// Waits for output; for ever when there will be none.
async fn readable(output: Option<&pipe::Receiver>) {
    match output {
        Some(output) => drop(output.readable().await),
        None => std::future::pending().await,
    }
}
