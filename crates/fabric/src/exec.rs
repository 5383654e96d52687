//! Running a command inside an instance, from a process of its own (the command line).
//!
//! The calling process moves itself into the instance's namespaces and stays there, so it should end afterwards. It must
//! have one thread only. The standard streams are inherited as they are: a pipe stays a pipe and a terminal a terminal.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal};
use rustix::thread::ThreadNameSpaceType;

use crate::instance::sys::{self, BlockedSignals};
use crate::instance::{MACHINE_CAPABILITIES, environment, start_time};

/// The instance to enter, as the daemon names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExecTarget {
    /// Its first process.
    pub init_pid: u32,
    /// When that process started: another process with the same number has another time.
    pub start_time: u64,
}

/// What to run.
#[derive(Debug, Clone)]
pub enum ExecProgram {
    /// A program with its arguments.
    Command(Vec<OsString>),
    /// The login shell: `shell` if that exists in the instance, else bash, else sh.
    Shell {
        /// The caller's own shell.
        preferred: Option<OsString>,
    },
}

/// Why a command could not be run.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The instance has ended.
    #[error("the instance is not running any more")]
    Gone,
    /// The lab belongs to another user.
    #[error("permission denied: the lab belongs to user id {owner}")]
    NotYours {
        /// Whose it is.
        owner: u32,
    },
    /// There is nothing to run.
    #[error("no command is given")]
    Empty,
    /// The program does not exist in the instance.
    #[error("`{}`: command not found in the instance", .0.display())]
    NotFound(OsString),
    /// The program exists and cannot be run.
    #[error("`{}`: {source}", .program.display())]
    NotRunnable {
        /// The program.
        program: OsString,
        /// What the kernel said.
        source: io::Error,
    },
    /// A step failed.
    #[error("cannot enter the instance: {step}: {source}")]
    Step {
        /// What was being done.
        step: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
}

impl ExecError {
    /// The exit status that shells use for it.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        match self {
            ExecError::NotFound(_) => 127,
            ExecError::NotRunnable { .. } => 126,
            ExecError::Gone | ExecError::NotYours { .. } | ExecError::Empty | ExecError::Step { .. } => 125,
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            ExecError::NotYours { owner } => Some(format!("run this as the user who started the lab (`sudo -u '#{owner}' …`), or as root")),
            ExecError::NotFound(_) => Some("an instance sees this machine's programs, but not its /tmp and /run".to_owned()),
            ExecError::Gone => Some("`vpclab status` shows what is running".to_owned()),
            ExecError::NotRunnable { .. } | ExecError::Empty | ExecError::Step { .. } => None,
        }
    }
}

/// Runs a program in an instance, waits for it and returns its exit status: 128 + N if signal N ended it.
///
/// `variables` come on top of the instance's own environment; give `TERM` there when there is a terminal.
///
/// # Errors
/// When the instance cannot be entered or the program not started; [`ExecError::exit_status`] says what to exit with.
pub fn exec(target: ExecTarget, program: &ExecProgram, variables: &[(String, String)]) -> Result<u8, ExecError> {
    if matches!(program, ExecProgram::Command(arguments) if arguments.is_empty()) {
        return Err(ExecError::Empty);
    }
    enter(target)?;
    let mut environment = environment::read();
    environment.extend_from_slice(variables);
    let (name, mut command) = prepare(program)?;
    command.env_clear().envs(environment);
    let status = run(&name, command)?;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(255))
}

/// Moves the process into the instance's namespaces; its children are also in the instance's PID namespace.
fn enter(target: ExecTarget) -> Result<(), ExecError> {
    let step = |step| move |error: Errno| ExecError::Step { step, source: error.into() };
    let raw = i32::try_from(target.init_pid).ok().and_then(Pid::from_raw).ok_or(ExecError::Gone)?;
    let process = match rustix::process::pidfd_open(raw, PidfdFlags::empty()) {
        Err(Errno::SRCH | Errno::INVAL) => return Err(ExecError::Gone),
        opened => opened.map_err(step("open the first process"))?,
    };
    // The descriptor names one process for good. If the time is right now, it is the right one.
    match start_time(raw.as_raw_nonzero().get()) {
        Ok(time) if time == target.start_time => {}
        _ => return Err(ExecError::Gone),
    }
    let mut kinds = ThreadNameSpaceType::MOUNT
        | ThreadNameSpaceType::PROCESS_ID
        | ThreadNameSpaceType::HOST_NAME_AND_NIS_DOMAIN_NAME
        | ThreadNameSpaceType::INTER_PROCESS_COMMUNICATION
        | ThreadNameSpaceType::NETWORK;
    let rootless = other_user_namespace(target.init_pid)?;
    if rootless {
        kinds |= ThreadNameSpaceType::USER;
    }
    match rustix::thread::move_into_thread_name_spaces(process.as_fd(), kinds) {
        Err(Errno::SRCH) => return Err(ExecError::Gone),
        Err(Errno::PERM | Errno::ACCESS) => return Err(not_yours(target.init_pid)),
        moved => moved.map_err(step("enter its namespaces"))?,
    }
    if rootless {
        sys::become_namespace_root().map_err(|source| ExecError::Step { step: "become its root", source })?;
    } else {
        sys::drop_from_bounding_set(&MACHINE_CAPABILITIES).map_err(|source| ExecError::Step { step: "give up capabilities", source })?;
    }
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    std::env::set_current_dir("/root")
        .or_else(|_| std::env::set_current_dir("/"))
        .map_err(|source| ExecError::Step { step: "enter its home directory", source })
}

/// Whether the instance lives in another user namespace than we do: an ordinary user's lab.
fn other_user_namespace(pid: u32) -> Result<bool, ExecError> {
    let theirs = std::fs::read_link(format!("/proc/{pid}/ns/user")).map_err(|source| match source.kind() {
        io::ErrorKind::PermissionDenied => not_yours(pid),
        io::ErrorKind::NotFound => ExecError::Gone,
        _ => ExecError::Step { step: "look at its user namespace", source },
    })?;
    let ours = std::fs::read_link("/proc/self/ns/user").map_err(|source| ExecError::Step { step: "look at our user namespace", source })?;
    Ok(ours != theirs)
}

fn not_yours(pid: u32) -> ExecError {
    use std::os::unix::fs::MetadataExt;
    match std::fs::metadata(format!("/proc/{pid}")) {
        Ok(found) => ExecError::NotYours { owner: found.uid() },
        Err(_) => ExecError::Gone,
    }
}

/// The command for a program, and the name to call it by. We see the instance's files by now.
fn prepare(program: &ExecProgram) -> Result<(OsString, Command), ExecError> {
    match program {
        ExecProgram::Command(arguments) => {
            let (name, rest) = arguments.split_first().ok_or(ExecError::Empty)?;
            let mut command = Command::new(name);
            command.args(rest);
            Ok((name.clone(), command))
        }
        ExecProgram::Shell { preferred } => {
            let shell = preferred
                .iter()
                .map(OsString::as_os_str)
                .chain([OsStr::new("/bin/bash"), OsStr::new("/bin/sh")])
                .find(|shell| Path::new(shell).is_absolute() && Path::new(shell).exists())
                .ok_or_else(|| ExecError::NotFound("/bin/sh".into()))?;
            let base = Path::new(shell).file_name().unwrap_or(shell);
            // A login shell is one whose own name begins with a dash.
            let mut login = OsString::from("-");
            login.push(base);
            let mut command = Command::new(shell);
            command.arg0(login);
            Ok((shell.to_owned(), command))
        }
    }
}

/// Starts the command and passes signals on until it ends.
fn run(name: &OsStr, mut command: Command) -> Result<ExitStatus, ExecError> {
    let step = |step| move |source: io::Error| ExecError::Step { step, source };
    // Blocked, not ignored: an ignored signal would stay ignored in the program.
    let signals = BlockedSignals::block(&[
        libc::SIGCHLD,
        libc::SIGHUP,
        libc::SIGINT,
        libc::SIGQUIT,
        libc::SIGTERM,
        libc::SIGUSR1,
        libc::SIGUSR2,
        libc::SIGWINCH,
        libc::SIGCONT,
    ])
    .map_err(step("block the signals"))?;
    let (alive, held) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(|error| step("make a pipe")(error.into()))?;
    let writer = std::os::fd::AsRawFd::as_raw_fd(&held);
    sys::before_exec(&mut command, move || {
        sys::restore_signals()?;
        rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
        // Our copy of the writing end must go, or we would see ourselves as the living parent.
        sys::close_raw(writer);
        // From another PID namespace the parent's id is 0, alive or not; a pipe knows.
        let mut polled = [PollFd::new(&alive, PollFlags::empty())];
        poll(&mut polled, Some(&Timespec::default()))?;
        if polled.iter().any(|polled| polled.revents().contains(PollFlags::HUP)) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Ok(())
    });
    let mut child = command.spawn().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ExecError::NotFound(name.to_owned()),
        io::ErrorKind::BrokenPipe => ExecError::Gone,
        // The instance's first process ended: nobody can be born in its PID namespace any more.
        _ if source.raw_os_error() == Some(libc::ENOMEM) => ExecError::Gone,
        _ => ExecError::NotRunnable { program: name.to_owned(), source },
    })?;
    let status = accompany(&signals, &mut child).map_err(step("wait for the program"))?;
    drop(held);
    let input = io::stdin();
    if rustix::termios::isatty(&input) {
        sys::take_terminal(input.as_fd());
    }
    Ok(status)
}

fn accompany(signals: &BlockedSignals, child: &mut Child) -> io::Result<ExitStatus> {
    let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        let Some(arrived) = signals.wait(None) else {
            continue;
        };
        match arrived.signal {
            libc::SIGCHLD => {}
            // What the terminal sends goes to the whole group, the program included.
            libc::SIGINT | libc::SIGQUIT | libc::SIGWINCH | libc::SIGCONT | libc::SIGHUP if !arrived.sent_by_process => {}
            // It may have ended just now; then the next round sees it.
            signal => drop(sys::signal_process(pid, signal)),
        }
    }
}
