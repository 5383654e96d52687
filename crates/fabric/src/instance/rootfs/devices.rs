//! What an instance has from the kernel: `/dev`, `/proc`, `/sys`, and its own `/run` and `/tmp`.

use std::ffi::CStr;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::Path;

use rustix::mount::MountFlags;

use super::{Failure, at};
use crate::instance::boot::Boot;
use crate::instance::sys;

const NODES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

const LINKS: [(&str, &str); 5] = [
    ("fd", "/proc/self/fd"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
    ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
];

pub(super) fn mount_all(root: &Path, boot: &Boot) -> Result<(), Failure> {
    let nothing = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    let temporary = MountFlags::NOSUID | MountFlags::NODEV;
    mount(root, "dev", "tmpfs", MountFlags::NOSUID, c"mode=0755")?;
    nodes(&root.join("dev")).map_err(at("fill /dev"))?;
    // Group 5 is `tty` everywhere, but an ordinary user's instance has one group only.
    let terminals = if boot.machine_root { c"newinstance,ptmxmode=0666,mode=0620,gid=5" } else { c"newinstance,ptmxmode=0666,mode=0620" };
    mount(root, "dev/pts", "devpts", MountFlags::NOSUID | MountFlags::NOEXEC, terminals)?;
    mount(root, "dev/shm", "tmpfs", temporary, c"mode=1777")?;
    mount(root, "run", "tmpfs", temporary, c"mode=0755")?;
    mount(root, "tmp", "tmpfs", temporary, c"mode=1777")?;
    mount(root, "proc", "proc", nothing, c"")?;
    if boot.machine_root {
        protect_proc(&root.join("proc")).map_err(at("protect /proc/sys"))?;
    }
    // A container may not mount it; nothing of a network needs it, so an empty one will do.
    let sys = mount(root, "sys", "sysfs", nothing | MountFlags::RDONLY, c"");
    match sys {
        Err(failure) if failure.error.kind() != io::ErrorKind::PermissionDenied => Err(failure),
        _ => Ok(()),
    }
}

fn mount(root: &Path, name: &str, kind: &str, flags: MountFlags, options: &CStr) -> Result<(), Failure> {
    let target = root.join(name);
    DirBuilder::new().recursive(true).mode(0o755).create(&target).map_err(at(format!("make /{name}")))?;
    rustix::mount::mount(kind, &target, kind, flags, options).map_err(at(format!("mount /{name}")))
}

fn nodes(dev: &Path) -> io::Result<()> {
    for name in NODES {
        let target = dev.join(name);
        fs::File::create(&target)?;
        rustix::mount::mount_bind(Path::new("/dev").join(name), &target)?;
    }
    for (name, target) in LINKS {
        symlink(target, dev.join(name))?;
    }
    Ok(())
}

/// The machine's root could turn the kernel's switches from inside: only those of its own network are left.
fn protect_proc(proc: &Path) -> io::Result<()> {
    let sys = proc.join("sys");
    rustix::mount::mount_bind(&sys, &sys)?;
    let net = sys.join("net");
    rustix::mount::mount_bind(&net, &net)?;
    read_only_alone(&sys)?;
    let trigger = proc.join("sysrq-trigger");
    if trigger.exists() {
        rustix::mount::mount_bind(&trigger, &trigger)?;
        sys::make_read_only(&trigger)?;
    }
    Ok(())
}

/// Read-only for this mount and not for those on it.
fn read_only_alone(path: &Path) -> io::Result<()> {
    Ok(rustix::mount::mount_remount(
        path,
        MountFlags::BIND | MountFlags::RDONLY | MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC,
        c"",
    )?)
}
