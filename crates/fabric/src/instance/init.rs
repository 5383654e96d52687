//! The first process of an instance: it builds the instance around itself, runs the user data, and then only reaps.
//!
//! It is this binary once more, so that nothing is forked out of a process with threads. Three descriptors are
//! handed over on the standard streams: the network namespace, the console, and the channel to the daemon.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit, Signal, WaitOptions};
use rustix::thread::{LinkNameSpaceType, UnshareFlags};

use super::boot::{Boot, Go, Report, receive, receive_bytes, send};
use super::rootfs::{Failure, at};
use super::sys::{BlockedSignals, Forked, StandardStream};
use super::{rootfs, sandbox, sys, user_data};

/// The hidden subcommand under which the binary is an instance's first process.
pub(crate) const SUBCOMMAND: &str = "__instance-init";

/// How long processes have between being asked and being killed when an instance stops.
pub(crate) const GRACE: Duration = Duration::from_millis(1000);

/// More than most systems' default, less than what makes programs that close every descriptor slow.
const OPEN_FILES: u64 = 65_536;

/// Capabilities by which the machine's root could change the machine itself and not the instance: files, clock,
/// kernel. An ordinary user's instance has none of them over the machine anyway.
pub(crate) const MACHINE_CAPABILITIES: [u32; 10] = [
    16, // CAP_SYS_MODULE
    17, // CAP_SYS_RAWIO
    22, // CAP_SYS_BOOT
    25, // CAP_SYS_TIME
    27, // CAP_MKNOD
    32, // CAP_MAC_OVERRIDE
    33, // CAP_MAC_ADMIN
    34, // CAP_SYSLOG
    35, // CAP_WAKE_ALARM
    39, // CAP_BPF
];

/// Becomes an instance's first process if the program was started as one; returns otherwise.
///
/// Call it first thing in `main`, before anything opens a file, starts a thread or reads the command line.
#[expect(clippy::disallowed_methods, reason = "an instance's first process must never come back into `main`")]
pub fn run_init_if_asked() {
    if std::env::args_os().nth(1).is_some_and(|first| first == SUBCOMMAND) {
        sys::close_all_but_standard();
        let status = match Streams::take() {
            Ok(streams) => streams.run(),
            Err(_) => 64,
        };
        std::process::exit(status);
    }
}

struct Streams {
    network: OwnedFd,
    console: OwnedFd,
    channel: UnixStream,
}

impl Streams {
    fn take() -> io::Result<Streams> {
        let streams = Streams {
            network: sys::take_standard(StandardStream::Input)?,
            console: sys::take_standard(StandardStream::Output)?,
            channel: sys::take_standard(StandardStream::Error)?.into(),
        };
        let null = File::open("/dev/null")?;
        sys::put_on_standard(null.as_fd(), StandardStream::Input)?;
        sys::put_on_standard(streams.console.as_fd(), StandardStream::Error)?;
        Ok(streams)
    }

    fn run(self) -> i32 {
        let (boot, data) = match self.hear() {
            Ok(heard) => heard,
            Err(_) => return 64,
        };
        match self.separate(&boot) {
            Ok(Forked::Caller(pid)) => {
                // Our parent is the new process's too: it takes over from here.
                i32::from(send(&self.channel, &Report::Pid(pid)).is_err())
            }
            Ok(Forked::New) => self.first_process(boot, &data),
            Err(failure) => self.fail(&failure),
        }
    }

    fn hear(&self) -> io::Result<(Boot, Vec<u8>)> {
        let boot: Boot = receive(&self.channel)?;
        let data = if boot.run_user_data { receive_bytes(&self.channel)? } else { Vec::new() };
        Ok((boot, data))
    }

    fn fail(&self, failure: &Failure) -> i32 {
        let report = Report::Failed { step: failure.step.clone(), error: failure.error.to_string() };
        // If the daemon is gone there is nobody to tell.
        let _ = send(&self.channel, &report);
        1
    }

    /// Leaves the machine's namespaces. Afterwards only a process forked from here is inside the new PID namespace.
    fn separate(&self, boot: &Boot) -> Result<Forked, Failure> {
        die_with_parent().map_err(at("ask to end with the daemon"))?;
        if Pid::as_raw(rustix::process::getppid()) != boot.daemon_pid {
            return Err(at("find the daemon")(io::Error::from(io::ErrorKind::BrokenPipe)));
        }
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
        rustix::thread::move_into_link_name_space(self.network.as_fd(), Some(LinkNameSpaceType::Network))
            .map_err(at("enter the network namespace"))?;
        sys::loopback_up().map_err(at("set the loopback interface up"))?;
        sys::unshare(UnshareFlags::NEWNS | UnshareFlags::NEWPID | UnshareFlags::NEWUTS | UnshareFlags::NEWIPC)
            .map_err(at("make the namespaces"))?;
        sys::fork_sibling().map_err(at("start the first process"))
    }

    fn first_process(self, boot: Boot, data: &[u8]) -> i32 {
        let settled = self.settle(&boot);
        // The process that forked us speaks first on the channel.
        if receive::<Go>(&self.channel).is_err() {
            return 1;
        }
        let signals = match settled {
            Ok((signals, read_only)) => {
                if send(&self.channel, &Report::Ready { read_only }).is_err() {
                    return 1;
                }
                signals
            }
            Err(failure) => return self.fail(&failure),
        };
        let Streams { network, console, channel } = self;
        drop((network, console));
        if let Some(sandbox) = &boot.sandbox {
            return sandbox::guard::run(sandbox, &boot.environment, channel);
        }
        drop(channel);
        let script = user_data::start(data, &boot.environment);
        drop(boot);
        reap(&signals, script)
    }

    fn settle(&self, boot: &Boot) -> Result<(BlockedSignals, Vec<PathBuf>), Failure> {
        die_with_parent().map_err(at("ask to end with the daemon"))?;
        if hung_up(&self.channel).map_err(at("look at the channel"))? {
            return Err(at("find the daemon")(io::Error::from(io::ErrorKind::BrokenPipe)));
        }
        // The terminal of `vpclab up` must not interrupt the programs in here.
        rustix::process::setsid().map_err(at("make a session"))?;
        if boot.sandbox.is_some() {
            // Where the machine's memory is short, functions go before the daemon and instances do.
            // Some containers do not let us say so.
            let _ = std::fs::write("/proc/self/oom_score_adj", "500");
        }
        rustix::system::sethostname(boot.hostname.as_bytes()).map_err(at("set the host name"))?;
        let read_only = rootfs::enter(boot)?;
        if boot.machine_root {
            sys::drop_from_bounding_set(&MACHINE_CAPABILITIES).map_err(at("give up capabilities"))?;
        }
        let limit = rustix::process::getrlimit(Resource::Nofile);
        let current = limit.maximum.map_or(OPEN_FILES, |maximum| maximum.min(OPEN_FILES));
        rustix::process::setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum: limit.maximum })
            .map_err(at("limit the open files"))?;
        let signals = BlockedSignals::block(&[libc::SIGCHLD, libc::SIGTERM, libc::SIGINT]).map_err(at("block the signals"))?;
        Ok((signals, read_only))
    }
}

/// The kernel kills us when the daemon's thread that started us is gone, however it went.
fn die_with_parent() -> io::Result<()> {
    Ok(rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Whether the daemon went before the kernel knew that we are to go with it.
fn hung_up(channel: &UnixStream) -> io::Result<bool> {
    let mut polled = [PollFd::new(channel, PollFlags::empty())];
    poll(&mut polled, Some(&Timespec::default()))?;
    Ok(polled.iter().any(|polled| polled.revents().intersects(PollFlags::HUP | PollFlags::ERR)))
}

/// Collects the ended processes until the instance is to stop.
fn reap(signals: &BlockedSignals, script: Option<i32>) -> i32 {
    loop {
        match signals.wait(None).map(|arrived| arrived.signal) {
            Some(libc::SIGCHLD) => {
                collect(script);
            }
            Some(_) => break,
            None => {}
        }
    }
    sys::signal_everyone(libc::SIGTERM);
    let end = Instant::now() + GRACE;
    while collect(script) == Left::Some {
        let Some(left) = end.checked_duration_since(Instant::now()) else {
            break;
        };
        signals.wait(Some(left));
    }
    // The kernel kills whoever is left with us.
    0
}

#[derive(PartialEq, Eq)]
enum Left {
    Some,
    None,
}

fn collect(script: Option<i32>) -> Left {
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) => {
                if script == Some(pid.as_raw_nonzero().get()) {
                    match (status.exit_status(), status.terminating_signal()) {
                        (Some(code), _) => user_data::say(&format!("user data ended with status {code}")),
                        (_, Some(signal)) => user_data::say(&format!("user data was ended by signal {signal}")),
                        _ => {}
                    }
                }
            }
            Ok(None) => return Left::Some,
            Err(Errno::CHILD) => return Left::None,
            Err(_) => {}
        }
    }
}
