//! One thread that waits for the consoles and the ends of all instances.

use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rustix::event::{EventfdFlags, epoll, eventfd};
use rustix::io::Errno;

use super::{Console, Running, lock};

const FINISH: u64 = 0;

pub(super) struct Watch {
    poll: OwnedFd,
    finish: OwnedFd,
    sources: Mutex<HashMap<u64, Source>>,
    next: AtomicU64,
}

#[derive(Clone)]
enum Source {
    Console(Arc<OwnedFd>, Arc<Console>),
    Process(Arc<Running>),
}

impl Watch {
    pub(super) fn new() -> io::Result<Watch> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let finish = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        epoll::add(&poll, &finish, epoll::EventData::new_u64(FINISH), epoll::EventFlags::IN)?;
        Ok(Watch { poll, finish, sources: Mutex::default(), next: AtomicU64::new(FINISH + 1) })
    }

    /// Reads a console until its last writer is gone.
    pub(super) fn console(&self, output: OwnedFd, console: Arc<Console>) -> io::Result<()> {
        rustix::io::ioctl_fionbio(&output, true)?;
        self.add(Source::Console(Arc::new(output), console))
    }

    /// Notices the end of a first process.
    pub(super) fn process(&self, running: Arc<Running>) -> io::Result<()> {
        self.add(Source::Process(running))
    }

    fn add(&self, source: Source) -> io::Result<()> {
        let token = self.next.fetch_add(1, Ordering::Relaxed);
        let data = epoll::EventData::new_u64(token);
        // In the table first: the thread may see the event before we are back.
        lock(&self.sources).insert(token, source.clone());
        let added = match &source {
            Source::Console(output, _) => epoll::add(&self.poll, output, data, epoll::EventFlags::IN),
            Source::Process(running) => epoll::add(&self.poll, &running.process, data, epoll::EventFlags::IN),
        };
        added.map_err(|error| {
            lock(&self.sources).remove(&token);
            error.into()
        })
    }

    /// Ends the thread.
    pub(super) fn finish(&self) {
        if let Err(error) = rustix::io::write(&self.finish, &1_u64.to_ne_bytes()) {
            tracing::error!(%error, "cannot end the thread that watches the instances");
        }
    }

    /// The thread's work; returns after [`Watch::finish`].
    pub(super) fn run(&self, ended: &dyn Fn(&Arc<Running>)) {
        let mut events = Vec::with_capacity(64);
        let mut buffer = vec![0; 16 * 1024];
        loop {
            events.clear();
            match epoll::wait(&self.poll, rustix::buffer::spare_capacity(&mut events), None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot wait for the instances");
                    return;
                }
            }
            for event in &events {
                let token = event.data.u64();
                if token == FINISH {
                    return;
                }
                let source = lock(&self.sources).get(&token).cloned();
                match source {
                    Some(Source::Console(output, console)) => {
                        let over = read(&output, &console, &mut buffer).is_err();
                        over.then(|| self.remove(token, &output));
                    }
                    Some(Source::Process(running)) => {
                        self.remove(token, &running.process);
                        ended(&running);
                    }
                    None => {}
                }
            }
        }
    }

    fn remove(&self, token: u64, descriptor: &OwnedFd) {
        // It was added when it was put into the table, so this cannot fail in a way that matters.
        let _ = epoll::delete(&self.poll, descriptor);
        lock(&self.sources).remove(&token);
    }
}

/// Takes one buffer full; what is left makes the next event. An error means that nothing will come any more.
fn read(output: &OwnedFd, console: &Console, buffer: &mut [u8]) -> Result<(), Errno> {
    match rustix::io::read(output, &mut *buffer) {
        Ok(0) => Err(Errno::PIPE),
        Ok(count) => {
            console.write(buffer.get(..count).unwrap_or_default());
            Ok(())
        }
        Err(Errno::AGAIN | Errno::INTR) => Ok(()),
        Err(error) => Err(error),
    }
}
