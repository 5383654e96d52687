//! A running instance as the rest of the daemon holds it.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::Signal;

use super::lock;
use crate::instance::LayerMode;

/// A running instance, or one that has ended.
#[derive(Debug, Clone)]
pub struct InstanceHandle {
    pub(super) inner: Arc<Running>,
}

#[derive(Debug)]
pub(super) struct Running {
    pub(super) id: String,
    pub(super) init_pid: u32,
    pub(super) start_time: u64,
    pub(super) process: OwnedFd,
    pub(super) layer_mode: LayerMode,
    pub(super) asked_for: AtomicBool,
    pub(super) ended: Mutex<bool>,
    pub(super) ending: Condvar,
}

impl Running {
    pub(super) fn signal(&self, signal: Signal) {
        // The descriptor names this process and no later one; a failure means that it is gone.
        let _ = rustix::process::pidfd_send_signal(&self.process, signal);
    }
}

impl InstanceHandle {
    /// The instance.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// The first process, in the daemon's PID namespace.
    #[must_use]
    pub fn init_pid(&self) -> u32 {
        self.inner.init_pid
    }

    /// When the first process started, in the kernel's ticks: with the id it names the process for good.
    #[must_use]
    pub fn start_time(&self) -> u64 {
        self.inner.start_time
    }

    /// How the instance sees the machine's files.
    #[must_use]
    pub fn layer_mode(&self) -> &LayerMode {
        &self.inner.layer_mode
    }

    /// Whether its first process is alive.
    #[must_use]
    pub fn is_running(&self) -> bool {
        !*lock(&self.inner.ended)
    }

    /// Waits until it has ended; says whether it has.
    #[must_use]
    pub fn wait_for_end(&self, limit: Duration) -> bool {
        self.wait(limit)
    }

    pub(super) fn wait(&self, limit: Duration) -> bool {
        let ended = lock(&self.inner.ended);
        let (ended, _) = self.inner.ending.wait_timeout_while(ended, limit, |ended| !*ended).unwrap_or_else(PoisonError::into_inner);
        *ended
    }
}

/// Field 22 of `/proc/PID/stat`: when the process started, in ticks since the machine did.
pub(crate) fn start_time(pid: i32) -> io::Result<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is the name in brackets and may hold anything.
    stat.rsplit_once(')')
        .and_then(|(_, rest)| rest.split_whitespace().nth(19))
        .and_then(|field| field.parse().ok())
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_of_a_process_is_read_past_its_name() {
        let ours = start_time(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert!(ours > 0);
        assert!(start_time(i32::MAX).is_err());
    }
}
