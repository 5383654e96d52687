//! Instances: processes with a network, files, process ids and a host name of their own.
//!
//! An instance is the programs of this machine seen from another root directory: a copy-on-write view of the machine's
//! files ([`rootfs`]), in the network namespace of the instance's interface. Its first process is this same
//! binary, started by [`run_init_if_asked`].
//!
//! Invariants:
//! - The machine's files are never changed, and the lab's own directory is not visible inside.
//! - Every process of an instance ends when its first process ends, and that ends when the daemon does, however it does.
//! - [`Instances::start`] returns when the files and names are in place; the user data runs from then on.
//!
//! Instances are no security boundary against hostile code.

mod boot;
mod console;
pub(crate) mod environment;
mod init;
mod layers;
mod machine;
mod rootfs;
pub mod sandbox;
mod supervise;
pub(crate) mod sys;
mod user_data;

use std::collections::BTreeSet;
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

pub use init::run_init_if_asked;
pub use layers::{LayerPlace, LayerStorage};
pub use supervise::{InstanceHandle, Instances};

pub(crate) use init::MACHINE_CAPABILITIES;
pub(crate) use supervise::start_time;

use crate::userns::Privilege;

/// How much of an instance's console is kept, as much as AWS keeps.
pub const CONSOLE_BYTES: usize = 64 * 1024;

/// What all instances of a lab share.
pub struct InstancesConfig {
    /// Where the instances' own files are kept.
    pub layers: LayerPlace,
    /// Directories of the machine that must not be visible inside: the lab's state with its keys.
    pub hidden: Vec<PathBuf>,
    /// Directory for console logs (`<id>.log`), so that they outlive the daemon; `None` keeps them in memory only.
    pub console_logs: Option<PathBuf>,
    /// The certificate of the lab's authority, which every instance trusts.
    pub authority_pem: String,
    /// The rights the daemon runs with.
    pub privilege: Privilege,
    /// Called on a thread of the supervisor when an instance's first process has ended, whoever ended it.
    pub on_exit: Option<Arc<dyn Fn(InstanceExit) + Send + Sync>>,
}

/// The end of an instance's first process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceExit {
    /// The instance.
    pub id: String,
    /// Whether [`Instances::stop`] or [`Instances::terminate`] asked for it.
    pub asked_for: bool,
}

/// One instance to start.
#[derive(Debug)]
pub struct InstanceSpec {
    /// `i-0123456789abcdef0`; also the name of its directory, so only letters, digits and `-`.
    pub id: String,
    /// `ip-10-0-1-10`.
    pub hostname: String,
    /// `ip-10-0-1-10.ap-northeast-2.compute.internal`.
    pub full_name: String,
    /// The address of its interface.
    pub private_ip: Ipv4Addr,
    /// The name servers it is told of: the resolver of its VPC, unless DHCP options say otherwise.
    pub nameservers: Vec<Ipv4Addr>,
    /// The domains for unqualified names: `ap-northeast-2.compute.internal`, unless DHCP options say otherwise.
    pub search_domains: Vec<String>,
    /// The network namespace of its interface.
    pub network: OwnedFd,
    /// The decoded user data.
    pub user_data: Vec<u8>,
    /// Whether this is the instance's first boot: the user data runs only then.
    pub first_boot: bool,
    /// More environment variables for its programs, such as `AWS_REGION`.
    pub environment: Vec<(String, String)>,
}

/// How an instance sees the machine's files.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum LayerMode {
    /// Every directory can be written; the machine's files stay as they are.
    Overlay,
    /// These directories of the machine could not get a copy-on-write layer and can only be read.
    ReadOnly {
        /// The directories, as absolute paths.
        directories: Vec<PathBuf>,
    },
}

/// Why an instance could not be started, stopped or removed.
#[derive(Debug, thiserror::Error)]
pub enum InstanceError {
    /// The id cannot be a directory's name.
    #[error("`{0}` is not an instance id")]
    BadId(String),
    /// It runs already.
    #[error("instance `{0}` is running already")]
    Running(String),
    /// A step in the daemon failed.
    #[error("{step}: {source}")]
    Io {
        /// What was being done.
        step: String,
        /// What the kernel said.
        source: io::Error,
    },
    /// A step inside the new instance failed.
    #[error("instance `{id}` could not be set up: {step}: {error}")]
    Setup {
        /// The instance.
        id: String,
        /// What was being done.
        step: String,
        /// What the kernel said.
        error: String,
    },
    /// The first process ended or fell silent before it was ready.
    #[error("instance `{id}` ended before it was ready: {source}")]
    Lost {
        /// The instance.
        id: String,
        /// What was seen on its channel.
        source: io::Error,
    },
    /// The thread that starts instances is gone: the lab is ending.
    #[error("the lab is going down")]
    Ending,
}

impl InstanceError {
    pub(crate) fn io(step: impl Into<String>) -> impl FnOnce(io::Error) -> InstanceError {
        let step = step.into();
        move |source| InstanceError::Io { step, source }
    }

    /// What a person can do about it, where something can be done.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            InstanceError::Setup { step, .. } if step.starts_with("mount /proc") => Some(
                "containers mask parts of /proc: start the container with `--security-opt systempaths=unconfined`, or \
                 run vpclab as root",
            ),
            InstanceError::Io { .. }
            | InstanceError::Setup { .. }
            | InstanceError::BadId(_)
            | InstanceError::Running(_)
            | InstanceError::Lost { .. }
            | InstanceError::Ending => None,
        }
    }
}

impl Instances {
    /// Removes the layers of instances that are not in `known`: what a crash left of terminated ones.
    ///
    /// # Errors
    /// The failures, all of them; the others are removed.
    pub fn sweep(&self, known: &BTreeSet<String>) -> Result<(), Vec<InstanceError>> {
        self.layers().sweep(known)
    }
}
