//! Sandboxes: one program with its children in a root directory that cannot be written, for functions.
//!
//! A sandbox is built as an instance is ([`super::rootfs`]), without the machine's `/var` and `/opt`. What the program needs lies
//! in read-only directories of its own, only `/tmp` can be written, and it has no capabilities. Its first process stays above it
//! and keeps its limits; see [`guard`].

pub(super) mod guard;

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::mount::MountFlags;
use rustix::process::{Signal, WaitId, WaitIdOptions, waitid};
use serde::{Deserialize, Serialize};

use super::machine::relative;
use super::sys;

/// One program to run.
#[derive(Debug)]
pub struct SandboxSpec {
    /// Names its directory: letters, digits and `-`, unlike that of any other sandbox.
    pub id: String,
    /// The network namespace it lives in.
    pub network: OwnedFd,
    /// Its resolvers; an address that nobody answers at where it has none.
    pub nameservers: Vec<Ipv4Addr>,
    /// `ap-northeast-2.compute.internal`
    pub search_domains: Vec<String>,
    /// Names that its `/etc/hosts` knows.
    pub hosts: Vec<(Ipv4Addr, String)>,
    /// The program and its arguments.
    pub program: Vec<String>,
    /// All of its environment.
    pub environment: Vec<(String, String)>,
    /// Where it starts.
    pub directory: PathBuf,
    /// Directories of the machine and where they are seen, read-only.
    pub mounts: Vec<(PathBuf, PathBuf)>,
    /// Its limits.
    pub limits: SandboxLimits,
}

/// What a program may use at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxLimits {
    /// Memory of all its processes, in bytes.
    pub memory: u64,
    /// The size of its `/tmp`, in bytes.
    pub storage: u64,
    /// Processes and threads.
    pub processes: u32,
    /// Open files of each process.
    pub open_files: u32,
}

/// A running sandbox; it ends when this goes.
///
/// Its first process is a child of the daemon's: [`Sandbox::end`] collects it.
#[derive(Debug)]
pub struct Sandbox {
    /// The first process; readable when it has ended.
    pub(super) process: OwnedFd,
    /// What the program writes to its standard output and error, until the last writer is gone.
    pub output: OwnedFd,
    /// The guard: it takes [`FREEZE`] and [`THAW`] and answers lines that [`GuardWord`] reads. It hangs up when the sandbox ends.
    pub guard: UnixStream,
}

/// Stops every process of the sandbox; answered by [`GuardWord::Used`].
pub const FREEZE: u8 = b'F';
/// Lets them go on.
pub const THAW: u8 = b'T';

/// What the guard says, one a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardWord {
    /// The most memory the sandbox has used so far, in bytes.
    Used(u64),
    /// The program ended with this status.
    Exited(i32),
    /// A signal ended the program.
    Killed(i32),
    /// It used more memory than it may.
    OutOfMemory,
    /// It made more processes than it may.
    TooManyProcesses,
    /// The program could not be started: the number of the kernel's error.
    NotStarted(i32),
}

impl GuardWord {
    /// Reads a line without its end.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (word, number) = line.split_once(' ')?;
        Some(match word {
            "used" => Self::Used(number.parse().ok()?),
            "exited" => Self::Exited(number.parse().ok()?),
            "killed" => Self::Killed(number.parse().ok()?),
            "memory" => Self::OutOfMemory,
            "processes" => Self::TooManyProcesses,
            "error" => Self::NotStarted(number.parse().ok()?),
            _ => return None,
        })
    }

    fn line(self) -> String {
        match self {
            Self::Used(bytes) => format!("used {bytes}\n"),
            Self::Exited(status) => format!("exited {status}\n"),
            Self::Killed(signal) => format!("killed {signal}\n"),
            Self::OutOfMemory => "memory 0\n".to_owned(),
            Self::TooManyProcesses => "processes 0\n".to_owned(),
            Self::NotStarted(error) => format!("error {error}\n"),
        }
    }
}

impl Sandbox {
    /// Ends every process of the sandbox.
    pub fn kill(&self) {
        // The descriptor names this process and no later one; a failure means that it is gone.
        let _ = rustix::process::pidfd_send_signal(&self.process, Signal::KILL);
    }

    /// Ends every process of the sandbox and waits until they are gone; says whether they are. Blocks for some milliseconds.
    #[must_use]
    pub fn end(self, limit: Duration) -> bool {
        self.kill();
        let limit = Timespec::try_from(limit).ok();
        let gone = poll(&mut [PollFd::new(&self.process, PollFlags::IN)], limit.as_ref()).is_ok_and(|ready| ready > 0);
        if gone {
            // It is ours to collect, and nobody else does.
            let _ = waitid(WaitId::PidFd(self.process.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
        }
        gone
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The part of [`super::boot::Boot`] that makes it a sandbox.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SandboxBoot {
    pub(super) program: Vec<String>,
    pub(super) directory: PathBuf,
    pub(super) mounts: Vec<(PathBuf, PathBuf)>,
    pub(super) limits: SandboxLimits,
    /// The user and group its program runs as, where that is not who the daemon is.
    pub(super) user: Option<u32>,
}

/// Directories that a sandbox has of its own, beside those of every instance.
pub(super) const OWN: [&str; 2] = ["opt", "var"];

/// Mounts what is the sandbox's own into its root and makes all but `/tmp` read-only.
pub(super) fn furnish(sandbox: &SandboxBoot, root: &Path) -> io::Result<()> {
    let make = |path: &Path| std::fs::DirBuilder::new().recursive(true).mode(0o755).create(path);
    for name in OWN {
        make(&root.join(name))?;
    }
    for (from, at) in &sandbox.mounts {
        let target = root.join(relative(at));
        make(&target)?;
        rustix::mount::mount_bind(from, &target)?;
    }
    sys::make_read_only(root)?;
    let size = std::ffi::CString::new(format!("mode=1777,size={}", sandbox.limits.storage))?;
    Ok(rustix::mount::mount("tmp", root.join("tmp"), "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, size.as_c_str())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_guard_says_is_read() {
        for word in [
            GuardWord::Used(1 << 40),
            GuardWord::Exited(1),
            GuardWord::Killed(9),
            GuardWord::OutOfMemory,
            GuardWord::TooManyProcesses,
            GuardWord::NotStarted(2),
        ] {
            assert_eq!(GuardWord::parse(word.line().trim_end()), Some(word));
        }
        assert_eq!(GuardWord::parse("used"), None);
    }
}
