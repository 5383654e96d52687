//! How the daemon gets the right to make namespaces: as root, or as an ordinary user in a user namespace of its own.
//!
//! [`enter`] must run before the process has a second thread (the kernel refuses otherwise). It never touches the
//! network namespace: the daemon keeps the machine's network for its API. A thread of an ordinary user's daemon that
//! enters another network namespace can never come back, so that is left to helper threads and processes.

use std::fs;
use std::io;

use rustix::mount::MountPropagationFlags;
use rustix::process::{Resource, Rlimit};
use rustix::thread::UnshareFlags;

use crate::instance::sys;

/// With which rights the daemon runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    /// As the machine's root, in a mount namespace of its own.
    Root,
    /// As root of a user namespace in which only this user of the machine exists.
    UserNamespace {
        /// The user's id on the machine.
        uid: u32,
    },
}

/// The setting of a machine that keeps ordinary users from making user namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidding {
    /// `kernel.apparmor_restrict_unprivileged_userns=1` (Ubuntu 23.10 and later).
    AppArmor,
    /// `user.max_user_namespaces` is 0 or used up.
    MaxUserNamespaces,
    /// `kernel.unprivileged_userns_clone=0` (Debian's kernels).
    UnprivilegedClone,
    /// A container whose seccomp profile refuses `unshare` and `mount`.
    ContainerSeccomp,
    /// A seccomp filter outside a container (a sandbox, a service manager).
    Seccomp,
    /// The kernel was built without user namespaces.
    NotInKernel,
    /// None of those that are known.
    Unknown,
}

/// Why the daemon cannot get the rights it needs.
#[derive(Debug, thiserror::Error)]
pub enum UsernsError {
    /// The machine forbids user namespaces to this user.
    #[error("this machine does not let an ordinary user make network namespaces: {}", .setting.text())]
    Forbidden {
        /// The setting to change.
        setting: Forbidding,
        /// What the kernel said.
        source: io::Error,
    },
    /// The process has more than one thread already.
    #[error("a user namespace can only be entered before the first thread starts")]
    TooLate,
    /// A step that never fails on a sound machine failed.
    #[error("cannot prepare the daemon's namespaces: {step}: {source}")]
    Step {
        /// What was being done.
        step: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
}

impl Forbidding {
    fn text(self) -> &'static str {
        match self {
            Forbidding::AppArmor => "`kernel.apparmor_restrict_unprivileged_userns` is 1",
            Forbidding::MaxUserNamespaces => "`user.max_user_namespaces` is 0 or used up",
            Forbidding::UnprivilegedClone => "`kernel.unprivileged_userns_clone` is 0",
            Forbidding::ContainerSeccomp => "the container's seccomp profile refuses `unshare`",
            Forbidding::Seccomp => "a seccomp filter refuses `unshare`",
            Forbidding::NotInKernel => "the kernel has no user namespaces (CONFIG_USER_NS)",
            Forbidding::Unknown => "`unshare` was refused for no reason known to us",
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Forbidding::AppArmor => {
                "allow it with `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`, or give the vpclab binary \
                 an AppArmor profile with the rule `userns,`, or run it as root"
            }
            Forbidding::MaxUserNamespaces => "allow it with `sudo sysctl user.max_user_namespaces=15000`, or run vpclab as root",
            Forbidding::UnprivilegedClone => "allow it with `sudo sysctl kernel.unprivileged_userns_clone=1`, or run vpclab as root",
            Forbidding::ContainerSeccomp => {
                "start the container with `--cap-add SYS_ADMIN --cap-add NET_ADMIN --security-opt seccomp=unconfined \
                 --security-opt apparmor=unconfined --security-opt systempaths=unconfined` (or `--privileged`)"
            }
            Forbidding::Seccomp => "start vpclab outside the sandbox, or run it as root",
            Forbidding::NotInKernel => "run vpclab as root",
            Forbidding::Unknown => "run vpclab as root",
        }
    }
}

impl UsernsError {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            UsernsError::Forbidden { setting, .. } => Some(setting.hint()),
            UsernsError::TooLate => None,
            UsernsError::Step { .. } => Some("run vpclab as root on a Linux kernel of 5.12 or later"),
        }
    }
}

/// Gives the process the rights to make namespaces and mounts, in a mount namespace that no one else sees.
///
/// # Errors
/// When the machine forbids it; the error says which setting does, and [`UsernsError::hint`] how to allow it.
pub fn enter() -> Result<Privilege, UsernsError> {
    raise_open_files();
    let uid = rustix::process::geteuid().as_raw();
    let gid = rustix::process::getegid().as_raw();
    if uid == 0 && has_admin_capabilities() {
        sys::unshare(UnshareFlags::NEWNS).map_err(|source| refused(source, &Settings::read()))?;
        separate_mounts()?;
        return Ok(Privilege::Root);
    }
    // Read before the call: afterwards we see the world with other rights.
    let settings = Settings::read();
    sys::unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS).map_err(|source| {
        if source.raw_os_error() == Some(libc::EINVAL) && thread_count() > 1 { UsernsError::TooLate } else { refused(source, &settings) }
    })?;
    // Ubuntu's AppArmor lets the namespace be made and then takes its capabilities away: these writes fail.
    for (file, text) in [
        ("/proc/self/setgroups", "deny".to_owned()),
        ("/proc/self/uid_map", format!("0 {uid} 1")),
        ("/proc/self/gid_map", format!("0 {gid} 1")),
    ] {
        fs::write(file, text).map_err(|source| refused(source, &settings))?;
    }
    separate_mounts().map_err(|error| match error {
        UsernsError::Step { source, .. } => refused(source, &settings),
        other => other,
    })?;
    Ok(Privilege::UserNamespace { uid })
}

/// What the machine says about user namespaces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Settings {
    apparmor_restricts: bool,
    unprivileged_clone_off: bool,
    no_namespaces_allowed: bool,
    in_container: bool,
    seccomp_filter: bool,
    kernel_lacks_them: bool,
}

impl Settings {
    fn read() -> Settings {
        let is = |path: &str, value: &str| fs::read_to_string(path).is_ok_and(|text| text.trim() == value);
        Settings {
            apparmor_restricts: is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"),
            unprivileged_clone_off: is("/proc/sys/kernel/unprivileged_userns_clone", "0"),
            no_namespaces_allowed: is("/proc/sys/user/max_user_namespaces", "0"),
            in_container: fs::exists("/.dockerenv").unwrap_or(false) || fs::exists("/run/.containerenv").unwrap_or(false),
            seccomp_filter: status_field("Seccomp:").as_deref() == Some("2"),
            kernel_lacks_them: !fs::exists("/proc/self/ns/user").unwrap_or(true),
        }
    }

    /// The setting to blame for an error, the most telling first.
    fn blame(self, errno: Option<i32>) -> Forbidding {
        if self.kernel_lacks_them {
            Forbidding::NotInKernel
        } else if self.no_namespaces_allowed || errno == Some(libc::ENOSPC) {
            Forbidding::MaxUserNamespaces
        } else if self.unprivileged_clone_off {
            Forbidding::UnprivilegedClone
        } else if self.seccomp_filter && self.in_container {
            Forbidding::ContainerSeccomp
        } else if self.apparmor_restricts {
            Forbidding::AppArmor
        } else if self.seccomp_filter {
            Forbidding::Seccomp
        } else {
            Forbidding::Unknown
        }
    }
}

fn refused(source: io::Error, settings: &Settings) -> UsernsError {
    UsernsError::Forbidden { setting: settings.blame(source.raw_os_error()), source }
}

/// Our mounts must not reach the machine; the machine's unmounts should still reach us, or we would keep its disks busy.
fn separate_mounts() -> Result<(), UsernsError> {
    rustix::mount::mount_change("/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC)
        .map_err(|source| UsernsError::Step { step: "separate our mounts from the machine's", source: source.into() })
}

fn has_admin_capabilities() -> bool {
    const NET_ADMIN: u64 = 1 << 12;
    const SYS_ADMIN: u64 = 1 << 21;
    status_field("CapEff:")
        .and_then(|text| u64::from_str_radix(&text, 16).ok())
        .is_some_and(|set| set & NET_ADMIN != 0 && set & SYS_ADMIN != 0)
}

fn thread_count() -> usize {
    status_field("Threads:").and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn status_field(name: &str) -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
}

/// Two descriptors per interface and one per connection: a lab of a thousand needs more than the usual 1024.
fn raise_open_files() {
    let now = rustix::process::getrlimit(Resource::Nofile);
    // A refusal is no reason not to start: a small lab does with what there is.
    let _ = rustix::process::setrlimit(Resource::Nofile, Rlimit { current: now.maximum, maximum: now.maximum });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = Settings::default();
        change(&mut settings);
        settings
    }

    #[test]
    fn each_setting_is_blamed_by_name() {
        let eperm = Some(libc::EPERM);
        let cases = [
            (settings(|s| s.apparmor_restricts = true), eperm, Forbidding::AppArmor),
            (settings(|s| s.no_namespaces_allowed = true), Some(libc::ENOSPC), Forbidding::MaxUserNamespaces),
            (settings(|_| ()), Some(libc::ENOSPC), Forbidding::MaxUserNamespaces),
            (settings(|s| s.unprivileged_clone_off = true), eperm, Forbidding::UnprivilegedClone),
            (
                settings(|s| {
                    s.seccomp_filter = true;
                    s.in_container = true;
                    // A container on Ubuntu: the profile is what its user can change.
                    s.apparmor_restricts = true;
                }),
                eperm,
                Forbidding::ContainerSeccomp,
            ),
            (settings(|s| s.seccomp_filter = true), eperm, Forbidding::Seccomp),
            (settings(|s| s.kernel_lacks_them = true), Some(libc::EINVAL), Forbidding::NotInKernel),
            (settings(|s| s.in_container = true), eperm, Forbidding::Unknown),
        ];
        for (settings, errno, expected) in cases {
            assert_eq!(settings.blame(errno), expected, "{settings:?}");
        }
    }

    #[test]
    fn a_hint_names_the_command() {
        let error = refused(io::Error::from_raw_os_error(libc::EPERM), &settings(|s| s.apparmor_restricts = true));
        assert!(error.to_string().contains("apparmor_restrict_unprivileged_userns"));
        assert!(error.hint().unwrap().contains("sudo sysctl"));
    }
}
