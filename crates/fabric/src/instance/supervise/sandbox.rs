//! Starting a sandbox: the same first process as an instance's, on the same thread.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, Ordering};

use super::start::{first_process, start_first};
use super::{Instances, is_id};
use crate::instance::boot::Boot;
use crate::instance::sandbox::{Sandbox, SandboxBoot, SandboxSpec};
use crate::instance::{InstanceError, environment};
use crate::userns::Privilege;

/// Sandboxes of the machine's root each run as a user of their own, so that limits by user are theirs alone.
const FIRST_USER: u32 = 50_000;
const USERS: u32 = 10_000;
/// Of what every program gets, these are an instance's alone.
const NOT_OURS: [&str; 3] = ["HOME", "USER", "LOGNAME"];

impl Instances {
    /// Starts a program in a sandbox and returns when it has been set up and the program is about to start.
    ///
    /// Blocks for some milliseconds; several threads may do so at once.
    ///
    /// # Errors
    /// When a step of setting it up fails; nothing is left running then.
    pub fn start_sandbox(&self, spec: SandboxSpec) -> Result<Sandbox, InstanceError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let SandboxSpec { id, network, nameservers, search_domains, hosts, program, environment: variables, directory, mounts, limits } =
            spec;
        if !is_id(&id) {
            return Err(InstanceError::BadId(id));
        }
        let shared = &self.shared;
        let layer = shared.layers.prepare_sandbox(&id)?;
        let (channel, theirs) = UnixStream::pair().map_err(InstanceError::io("make a socket pair"))?;
        let (output, input) =
            rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(|error| InstanceError::io("make a pipe")(error.into()))?;
        let mut environment: Vec<_> = environment::basic().into_iter().filter(|(name, _)| !NOT_OURS.contains(&name.as_str())).collect();
        environment.extend(variables);
        let machine_root = shared.config.privilege == Privilege::Root;
        let user = machine_root.then(|| FIRST_USER + NEXT.fetch_add(1, Ordering::Relaxed) % USERS);
        let boot = Boot {
            daemon_pid: rustix::process::getpid().as_raw_nonzero().get(),
            id: id.clone(),
            hostname: "169-254-76-1".to_owned(),
            full_name: "169-254-76-1".to_owned(),
            private_ip: std::net::Ipv4Addr::LOCALHOST,
            nameservers,
            search_domains,
            hosts,
            layer,
            machine: shared.layers.machine(),
            hidden: shared.hidden.clone(),
            environment,
            machine_root,
            run_user_data: false,
            sandbox: Some(SandboxBoot { program, directory, mounts, limits, user }),
        };
        let started = self.begin_sandbox(&boot, network, input, theirs.into(), &channel);
        // Its mounts are in its own mount namespace: the directory here is not looked at any more.
        let process = match started {
            Ok(process) => process,
            Err(error) => {
                let _ = shared.layers.remove_sandbox(&id);
                return Err(error);
            }
        };
        for timeout in [UnixStream::set_read_timeout, UnixStream::set_write_timeout] {
            timeout(&channel, None).map_err(InstanceError::io("keep the channel"))?;
        }
        Ok(Sandbox { process, output, guard: channel })
    }

    fn begin_sandbox(
        &self,
        boot: &Boot,
        network: OwnedFd,
        console: OwnedFd,
        theirs: OwnedFd,
        channel: &UnixStream,
    ) -> Result<OwnedFd, InstanceError> {
        let child = self.start_job(&boot.id, network, console, theirs)?;
        let pid = start_first(child, boot, &[], channel)?;
        let (process, _) = first_process(&boot.id, pid, channel)?;
        Ok(process)
    }

    /// Removes the files of a sandbox that has ended.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub fn remove_sandbox(&self, id: &str) -> Result<(), InstanceError> {
        if !is_id(id) {
            return Err(InstanceError::BadId(id.to_owned()));
        }
        self.shared.layers.remove_sandbox(id)
    }
}
