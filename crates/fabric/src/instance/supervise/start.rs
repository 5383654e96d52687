//! Starting a first process and talking with it until the instance is ready.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex};

use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};

use super::handle::{Running, start_time};
use super::{InstanceHandle, Instances, SETUP_LIMIT};
use crate::instance::boot::{Boot, Go, Report, receive, send, send_bytes};
use crate::instance::init::SUBCOMMAND;
use crate::instance::{InstanceError, InstanceSpec, LayerMode, environment};
use crate::userns::Privilege;

/// A first process to start: what it gets as its standard streams.
pub(super) struct Job {
    id: String,
    network: OwnedFd,
    console: OwnedFd,
    channel: OwnedFd,
    reply: SyncSender<io::Result<Child>>,
}

impl Instances {
    /// Starts the first process, tells it what to be and waits until it is.
    pub(super) fn boot(&self, spec: InstanceSpec) -> Result<InstanceHandle, InstanceError> {
        let shared = &self.shared;
        let layer = shared.layers.prepare(&spec.id)?;
        let console = shared.console(&spec.id).map_err(InstanceError::io("open the console"))?;
        let (channel, theirs) = UnixStream::pair().map_err(InstanceError::io("make a socket pair"))?;
        let (output, input) =
            rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(|error| InstanceError::io("make a pipe")(error.into()))?;
        shared.watch.console(output, console).map_err(InstanceError::io("watch the console"))?;

        let mut environment = environment::basic();
        environment.extend(spec.environment);
        let boot = Boot {
            daemon_pid: rustix::process::getpid().as_raw_nonzero().get(),
            id: spec.id.clone(),
            hostname: spec.hostname,
            full_name: spec.full_name,
            private_ip: spec.private_ip,
            nameservers: spec.nameservers,
            search_domains: spec.search_domains,
            hosts: Vec::new(),
            layer,
            machine: shared.layers.machine(),
            hidden: shared.hidden.clone(),
            environment,
            machine_root: shared.config.privilege == Privilege::Root,
            run_user_data: spec.first_boot && !spec.user_data.is_empty(),
            sandbox: None,
        };
        let child = self.start_job(&spec.id, spec.network, input, theirs.into())?;
        let id = spec.id;
        let pid = start_first(child, &boot, &spec.user_data, &channel)?;
        let (process, read_only) = first_process(&id, pid, &channel)?;
        let layer_mode = if read_only.is_empty() { LayerMode::Overlay } else { LayerMode::ReadOnly { directories: read_only } };
        let start_time = match start_time(pid) {
            Ok(time) => time,
            Err(error) => {
                give_up(&process);
                return Err(InstanceError::io("read the start time of the first process")(error));
            }
        };
        Ok(InstanceHandle {
            inner: Arc::new(Running {
                id,
                init_pid: pid.unsigned_abs(),
                start_time,
                process,
                layer_mode,
                asked_for: AtomicBool::new(false),
                ended: Mutex::new(false),
                ending: Condvar::new(),
            }),
        })
    }

    /// Has the thread of the first processes start one.
    pub(super) fn start_job(&self, id: &str, network: OwnedFd, console: OwnedFd, channel: OwnedFd) -> Result<Child, InstanceError> {
        let (reply, answer) = sync_channel(1);
        self.starter
            .as_ref()
            .ok_or(InstanceError::Ending)?
            .send(Job { id: id.to_owned(), network, console, channel, reply })
            .map_err(|_| InstanceError::Ending)?;
        answer.recv().map_err(|_| InstanceError::Ending)?.map_err(InstanceError::io("start the first process"))
    }
}

/// Tells the starter of a first process what to be; answers the id of the first process it forked.
pub(super) fn start_first(mut child: Child, boot: &Boot, user_data: &[u8], channel: &UnixStream) -> Result<i32, InstanceError> {
    let talk = || -> io::Result<Report> {
        channel.set_read_timeout(Some(SETUP_LIMIT))?;
        channel.set_write_timeout(Some(SETUP_LIMIT))?;
        send(channel, boot)?;
        if boot.run_user_data {
            send_bytes(channel, user_data)?;
        }
        receive(channel)
    };
    let first = talk();
    if first.is_err() {
        // It may be stuck as well as gone; a failure to kill means gone.
        let _ = child.kill();
    }
    // The starter of the first process has done its work, or never will.
    let _ = child.wait();
    let id = boot.id.clone();
    match first {
        Ok(Report::Pid(pid)) => Ok(pid),
        Ok(Report::Failed { step, error }) => Err(InstanceError::Setup { id, step, error }),
        Ok(Report::Ready { .. }) => Err(InstanceError::Lost { id, source: io::ErrorKind::InvalidData.into() }),
        Err(source) => Err(InstanceError::Lost { id, source }),
    }
}

/// Waits until a first process has set itself up; answers its descriptor and the directories that are read-only.
pub(super) fn first_process(id: &str, pid: i32, channel: &UnixStream) -> Result<(OwnedFd, Vec<PathBuf>), InstanceError> {
    let lost = |source: io::Error| InstanceError::Lost { id: id.to_owned(), source };
    let raw = Pid::from_raw(pid).ok_or_else(|| lost(io::ErrorKind::InvalidData.into()))?;
    // It is our child and nobody has waited for it, so the number cannot be another's yet.
    let process =
        rustix::process::pidfd_open(raw, PidfdFlags::empty()).map_err(|error| InstanceError::io("open the first process")(error.into()))?;
    let failure = match send(channel, &Go).and_then(|()| receive(channel)) {
        Ok(Report::Ready { read_only }) => return Ok((process, read_only)),
        Ok(Report::Failed { step, error }) => InstanceError::Setup { id: id.to_owned(), step, error },
        Ok(Report::Pid(_)) => lost(io::ErrorKind::InvalidData.into()),
        Err(source) => lost(source),
    };
    give_up(&process);
    Err(failure)
}

/// Gone already or killed now; in both cases it is ours to collect.
fn give_up(process: &OwnedFd) {
    let _ = rustix::process::pidfd_send_signal(process, Signal::KILL);
    let _ = rustix::process::waitid(WaitId::PidFd(process.as_fd()), WaitIdOptions::EXITED);
}

/// Starts one first process after the other, as long as there is a lab.
pub(super) fn start_all(jobs: &Receiver<Job>) {
    for job in jobs {
        let result = Command::new("/proc/self/exe")
            .arg0("vpclab-instance")
            .args([SUBCOMMAND, &job.id])
            .env_clear()
            .stdin(Stdio::from(job.network))
            .stdout(Stdio::from(job.console))
            .stderr(Stdio::from(job.channel))
            .spawn();
        // Whoever asked has gone away only if the lab is ending.
        let _ = job.reply.send(result);
    }
}
