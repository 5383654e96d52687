//! A sandbox's first process after it has set the sandbox up: it starts the program, keeps its limits, stops and resumes it.
//!
//! It sees the sandbox's processes in its own `/proc`, so no control group has to be made, delegated or swept after a crash.

use std::fs;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Resource, Rlimit, Signal, WaitOptions};

use super::{FREEZE, GuardWord, SandboxBoot, SandboxLimits, THAW};
use crate::instance::sys::{self, SignalFile};

/// How often a running program's use is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// How long a stopped program's processes are waited for, and how often they are looked at meanwhile.
const SETTLE: Duration = Duration::from_millis(100);
const SETTLE_LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000 };
/// How long after the order to go on a child that was stopped too late for it is looked for: it stops as soon as its parent's fork is done.
const STRAYS: Duration = Duration::from_secs(1);
/// What one process may have reserved beyond the limit: the guard looks at what is used, this stops what is faster than its look.
const RESERVE: u64 = 1 << 30;
/// No sandbox' process list is read further than this.
const LIST_LIMIT: usize = 65_536;

/// Runs the program to its end; the sandbox ends when this returns.
pub(in crate::instance) fn run(sandbox: &SandboxBoot, environment: &[(String, String)], channel: UnixStream) -> i32 {
    let mut guard = match SignalFile::open(&[libc::SIGCHLD]).and_then(|children| {
        channel.set_nonblocking(false)?;
        Ok(Guard { children, channel, limits: sandbox.limits, peak: 0, frozen: false, unsettled: false, strays: None })
    }) {
        Ok(guard) => guard,
        Err(_) => return 1,
    };
    let last = match start(sandbox, environment) {
        Ok(program) => guard.watch(program),
        Err(error) => Some(GuardWord::NotStarted(error.raw_os_error().unwrap_or(0))),
    };
    guard.measure();
    let used = GuardWord::Used(guard.peak);
    for word in [Some(used), last].into_iter().flatten() {
        guard.say(word);
    }
    0
}

struct Guard {
    children: SignalFile,
    channel: UnixStream,
    limits: SandboxLimits,
    peak: u64,
    frozen: bool,
    /// Not every process was seen stopped before it was to go on.
    unsettled: bool,
    /// Until when the order to go on is given again.
    strays: Option<Instant>,
}

impl Guard {
    /// Waits until the program has ended, or must; `None` when the daemon is gone.
    fn watch(&mut self, program: i32) -> Option<GuardWord> {
        loop {
            let wait = Timespec { tv_sec: 0, tv_nsec: i64::try_from(LOOK.as_nanos()).unwrap_or(1) };
            let mut polled = [PollFd::new(&self.children, PollFlags::IN), PollFd::new(&self.channel, PollFlags::IN)];
            // A frozen program uses nothing more: there is nothing to look at.
            let _ = poll(&mut polled, if self.frozen { None } else { Some(&wait) });
            let [children, channel] = polled.map(|polled| polled.revents());
            if !children.is_empty() {
                self.children.drain();
                if let Some(end) = collect(program) {
                    return Some(end);
                }
            }
            if !channel.is_empty() && !self.obey() {
                return None;
            }
            if !self.frozen
                && let Some(over) = self.look()
            {
                return Some(over);
            }
        }
    }

    /// Takes the daemon's words; says whether it is still there.
    fn obey(&mut self) -> bool {
        let mut words = [0; 16];
        let Ok(count @ 1..) = self.channel.read(&mut words) else { return false };
        for word in words.iter().take(count) {
            match *word {
                FREEZE => {
                    self.stop();
                    self.say(GuardWord::Used(self.peak));
                }
                THAW => {
                    self.frozen = false;
                    self.strays = self.unsettled.then(|| Instant::now() + STRAYS);
                    sys::signal_everyone(libc::SIGCONT);
                }
                _ => {}
            }
        }
        true
    }

    /// Stops every process and waits until they are. One that forks just now leaves a child which stops only afterwards; had the
    /// order to go on come before, the child would never hear it (a `SIGCONT` does not reach a stop that a fork holds back).
    fn stop(&mut self) {
        self.frozen = true;
        self.strays = None;
        sys::signal_everyone(libc::SIGSTOP);
        let end = Instant::now() + SETTLE;
        loop {
            self.unsettled = !everyone_stopped();
            if !self.unsettled || Instant::now() >= end {
                break;
            }
            let _ = poll(&mut [], Some(&SETTLE_LOOK));
        }
        self.measure();
    }

    fn say(&mut self, word: GuardWord) {
        // A daemon that is gone ends us anyway.
        let _ = self.channel.write_all(word.line().as_bytes());
    }

    fn look(&mut self) -> Option<GuardWord> {
        let (used, tasks) = self.measure();
        if let Some(end) = self.strays {
            // For a child of the last stop that came too late for the order to go on. Not for ever: a program may stop processes of its own.
            self.strays = (Instant::now() < end).then_some(end);
            sys::signal_everyone(libc::SIGCONT);
        }
        if tasks > u64::from(self.limits.processes) {
            return Some(GuardWord::TooManyProcesses);
        }
        // What processes share was counted for each of them: before the judgement, count it once.
        (used > self.limits.memory && proportional() > self.limits.memory).then_some(GuardWord::OutOfMemory)
    }

    /// Memory in use and the number of threads.
    fn measure(&mut self) -> (u64, u64) {
        let (mut own, mut shared, mut tasks) = (0_u64, 0_u64, 0_u64);
        for pid in processes() {
            let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { continue };
            let field = |name: &str| {
                let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
                rest.split_whitespace().next()?.parse::<u64>().ok()
            };
            own += field("RssAnon:").unwrap_or(0) * 1024;
            // Files and libraries are mapped by all of them: those of the largest count.
            shared = shared.max((field("RssFile:").unwrap_or(0) + field("RssShmem:").unwrap_or(0)) * 1024);
            tasks += field("Threads:").unwrap_or(1);
        }
        self.peak = self.peak.max(own + shared);
        (own + shared, tasks)
    }
}

/// The sandbox's processes but ourselves.
fn processes() -> impl Iterator<Item = i32> {
    numbers("/proc").filter(|pid| *pid != 1)
}

fn numbers(directory: &str) -> impl Iterator<Item = i32> + use<> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten().take(LIST_LIMIT);
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Whether no thread of the sandbox runs or may yet run: each is stopped, by a tracer too, has ended or is gone.
fn everyone_stopped() -> bool {
    processes().all(|pid| {
        let threads = format!("/proc/{pid}/task");
        numbers(&threads).all(|thread| {
            let Ok(line) = fs::read_to_string(format!("{threads}/{thread}/stat")) else { return true };
            // `12 (a name) T …`
            line.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['T', 't', 'Z', 'X']))
        })
    })
}

/// Memory in use with what is shared counted once.
fn proportional() -> u64 {
    let of = |pid: i32| {
        let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
    };
    processes().filter_map(of).sum()
}

/// Collects what has ended; answers how the program did if it is among them.
fn collect(program: i32) -> Option<GuardWord> {
    let mut end = None;
    while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
        if pid == Pid::from_raw(program)? {
            end = status.exit_status().map(GuardWord::Exited).or_else(|| status.terminating_signal().map(GuardWord::Killed));
        }
    }
    end
}

fn start(sandbox: &SandboxBoot, environment: &[(String, String)]) -> io::Result<i32> {
    let (name, arguments) = sandbox.program.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(name);
    command
        .args(arguments)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&sandbox.directory)
        .stdin(Stdio::null())
        // Our standard output is the pipe to the daemon.
        .stdout(io::stdout().as_fd().try_clone_to_owned()?)
        .stderr(io::stdout().as_fd().try_clone_to_owned()?)
        .process_group(0);
    if let Some(user) = sandbox.user {
        // So that the program can open it again, as `/dev/stdout`.
        rustix::fs::fchown(io::stdout().as_fd(), rustix::fs::Uid::from_raw(user).into(), None)?;
    }
    let (limits, user) = (sandbox.limits, sandbox.user);
    sys::before_exec(&mut command, move || {
        sys::restore_signals()?;
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        for (resource, value) in [
            (Resource::Core, 0),
            (Resource::Nofile, u64::from(limits.open_files)),
            (Resource::Nproc, u64::from(limits.processes)),
            (Resource::Data, limits.memory.saturating_add(RESERVE)),
        ] {
            rustix::process::setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?;
        }
        sys::give_up_all_rights(user)
    });
    i32::try_from(command.spawn()?.id()).map_err(io::Error::other)
}
