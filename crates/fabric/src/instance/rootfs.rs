//! The root directory of an instance: the machine's directories, each under a copy-on-write layer.
//!
//! Everything here runs in the instance's first process, in its own mount namespace, with the instance's layer
//! directory as working directory. There, `root` becomes `/`; `up/NAME` and `wk/NAME` are what overlay needs for
//! `/NAME`. Files made directly in `/` are in `root`, so they are kept as well.

mod devices;
mod mounts;

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};

use self::mounts::MachineMounts;
use super::boot::Boot;
use super::layers::mount_overlay;
use super::machine::{copy_attributes, relative};
use super::{environment, sandbox, sys};

/// A step that failed.
pub(crate) struct Failure {
    pub(crate) step: String,
    pub(crate) error: io::Error,
}

/// Names the step of an error.
pub(crate) fn at<E: Into<io::Error>>(step: impl Into<String>) -> impl FnOnce(E) -> Failure {
    let step = step.into();
    move |error| Failure { step, error: error.into() }
}

/// Directories of the machine that an instance gets anew, empty or from the kernel.
const OWN: [&str; 5] = ["dev", "proc", "run", "sys", "tmp"];

/// How far a directory with mounts in it is taken apart where it cannot be covered as a whole.
const SPLIT_DEPTH: u32 = 3;
/// A directory with more entries than this is not taken apart.
const SPLIT_ENTRIES: usize = 128;
/// More mounts than this inside the machine's directories are left out (and reported).
const NESTED_LIMIT: usize = 128;

/// Builds the root directory and moves into it. Returns the directories that could only be mounted read-only.
pub(crate) fn enter(boot: &Boot) -> Result<Vec<PathBuf>, Failure> {
    rustix::mount::mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).map_err(at("separate the mounts"))?;
    std::env::set_current_dir(&boot.layer).map_err(at("enter the layer"))?;
    let mounts = MachineMounts::read().map_err(at("read the list of mounts"))?;
    let root = boot.layer.join("root");
    rustix::mount::mount_bind(&root, &root).map_err(at("bind the root directory"))?;
    write_identity(boot).map_err(at("write the names into /etc"))?;

    let mut assembly = Assembly { boot, root: &root, mounts: &mounts, read_only: Vec::new(), nested: 0 };
    for entry in fs::read_dir("/").map_err(at("list /"))?.flatten() {
        assembly.top(&entry).map_err(at(format!("mount {}", entry.path().display())))?;
    }
    let read_only = assembly.read_only;
    devices::mount_all(&root, boot)?;
    write_run(boot, &root).map_err(at("write /run"))?;
    if let Some(sandbox) = &boot.sandbox {
        sandbox::furnish(sandbox, &root).map_err(at("furnish the sandbox"))?;
    }
    for hidden in &boot.hidden {
        hide(&root, hidden).map_err(at(format!("hide {}", hidden.display())))?;
    }

    std::env::set_current_dir(&root).map_err(at("enter the new root"))?;
    rustix::process::pivot_root(".", ".").map_err(at("change the root directory"))?;
    rustix::mount::unmount(".", UnmountFlags::DETACH).map_err(at("let go of the machine's root"))?;
    std::env::set_current_dir("/").map_err(at("enter /"))?;
    Ok(read_only)
}

struct Assembly<'a> {
    boot: &'a Boot,
    root: &'a Path,
    mounts: &'a MachineMounts,
    read_only: Vec<PathBuf>,
    nested: usize,
}

impl Assembly<'_> {
    fn top(&mut self, entry: &fs::DirEntry) -> io::Result<()> {
        let kind = entry.file_type()?;
        let name = entry.file_name();
        let own = OWN.iter().any(|own| name == *own) || (self.boot.sandbox.is_some() && sandbox::OWN.iter().any(|own| name == *own));
        if kind.is_symlink() && !own {
            copy_link(&entry.path(), &self.root.join(&name))
        } else if kind.is_dir() && !own && name != "lost+found" {
            self.directory(&entry.path(), 0)
        } else {
            Ok(())
        }
    }

    /// Makes a directory of the machine visible, by the best way that works.
    fn directory(&mut self, path: &Path, depth: u32) -> io::Result<()> {
        let target = self.target(path);
        let is_mount = self.mounts.is_mount(path);
        let holds_mounts = self.mounts.below(path).any(|mount| !self.is_hidden(&mount.point));
        let listing = access(path, Access::READ_OK | Access::EXEC_OK).map_err(io::Error::from).and_then(|()| fs::read_dir(path));
        // One that we may not list cannot be merged; one that is empty need not be. The instance has its own.
        let empty = match listing {
            Ok(mut entries) => entries.next().is_none() && !is_mount,
            Err(_) => true,
        };
        if empty && !holds_mounts && !self.has_machine_layer(path) {
            return self.plain(path, &target);
        }
        self.plain(path, &target)?;
        // An ordinary user may not look below mounts that were there before his namespace: overlay always refuses.
        let refused = holds_mounts && !self.boot.machine_root;
        if !refused && self.overlay(path, &target).is_ok() {
            return self.mounts_below(path);
        }
        if path == Path::new("/etc") {
            return self.copied_etc(&target);
        }
        if holds_mounts && depth < SPLIT_DEPTH && self.split(path, depth)? {
            return Ok(());
        }
        self.bind_read_only(path, &target)
    }

    fn target(&self, path: &Path) -> PathBuf {
        self.root.join(relative(path))
    }

    fn has_machine_layer(&self, path: &Path) -> bool {
        self.boot.machine.join(relative(path)).is_dir()
    }

    /// A directory of the instance's own.
    fn plain(&self, path: &Path, target: &Path) -> io::Result<()> {
        make_directory_like(path, target, self.boot.machine_root)
    }

    fn overlay(&self, path: &Path, target: &Path) -> io::Result<()> {
        let key = layer_key(path);
        let (upper, work) = (Path::new("up").join(&key), Path::new("wk").join(&key));
        make_directory_like(path, &upper, self.boot.machine_root)?;
        DirBuilder::new().recursive(true).mode(0o755).create(&work)?;
        let machine = self.boot.machine.join(relative(path));
        let lower: &[&Path] = if machine.is_dir() { &[&machine, path] } else { &[path] };
        mount_overlay(lower, &upper, &work, target, self.boot.machine_root)
    }

    /// Covers what the machine has mounted inside a directory: overlay shows such places empty.
    fn mounts_below(&mut self, path: &Path) -> io::Result<()> {
        let mut done: Option<&Path> = None;
        for mount in self.mounts.below(path) {
            if done.is_some_and(|done| mount.point.starts_with(done)) || self.is_hidden(&mount.point) {
                continue;
            }
            let target = self.target(&mount.point);
            let Ok(found) = fs::metadata(&target) else { continue };
            self.nested += 1;
            if self.nested > NESTED_LIMIT {
                self.read_only.push(mount.point.clone());
                continue;
            }
            if !found.is_dir() {
                if !is_identity_file(&mount.point) {
                    bind_read_only(&mount.point, &target)?;
                }
            } else if mount.read_only {
                bind_read_only(&mount.point, &target)?;
                done = Some(&mount.point);
            } else if self.overlay(&mount.point, &target).is_err() {
                self.bind_read_only(&mount.point, &target)?;
                done = Some(&mount.point);
            }
        }
        Ok(())
    }

    /// Builds a directory entry by entry. Says whether it did.
    fn split(&mut self, path: &Path, depth: u32) -> io::Result<bool> {
        let Ok(entries) = fs::read_dir(path) else {
            return Ok(false);
        };
        let entries: Vec<fs::DirEntry> = entries.flatten().take(SPLIT_ENTRIES + 1).collect();
        if entries.len() > SPLIT_ENTRIES {
            return Ok(false);
        }
        for entry in entries {
            let (from, to) = (entry.path(), self.target(&entry.path()));
            let kind = entry.file_type()?;
            if kind.is_symlink() {
                copy_link(&from, &to)?;
            } else if kind.is_dir() {
                if !self.is_hidden(&from) {
                    self.directory(&from, depth + 1)?;
                }
            } else if kind.is_file() && access(&from, Access::READ_OK).is_ok() {
                if fs::symlink_metadata(&to).is_err() {
                    fs::File::create(&to)?;
                }
                self.bind_read_only(&from, &to)?;
            }
        }
        Ok(true)
    }

    /// The names of the instance stand in /etc, so it must be ours even where it cannot be covered: a copy.
    fn copied_etc(&mut self, target: &Path) -> io::Result<()> {
        let upper = Path::new("up/etc");
        let done = Path::new("etc-copied");
        if !done.exists() {
            mounts::copy_tree(Path::new("/etc"), upper, false)?;
            mounts::copy_tree(&self.boot.machine.join("etc"), upper, true)?;
            fs::write(done, "")?;
        }
        Ok(rustix::mount::mount_bind(upper, target)?)
    }

    fn bind_read_only(&mut self, path: &Path, target: &Path) -> io::Result<()> {
        bind_read_only(path, target)?;
        self.read_only.push(path.to_owned());
        Ok(())
    }

    fn is_hidden(&self, path: &Path) -> bool {
        self.boot.hidden.iter().any(|hidden| path.starts_with(hidden))
    }
}

fn bind_read_only(path: &Path, target: &Path) -> io::Result<()> {
    rustix::mount::mount_bind_recursive(path, target)?;
    sys::make_read_only(target)
}

fn make_directory_like(path: &Path, ours: &Path, keep_owner: bool) -> io::Result<()> {
    if fs::symlink_metadata(ours).is_ok() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o755).create(ours)?;
    copy_attributes(&fs::symlink_metadata(path)?, ours, keep_owner)
}

fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Ok(());
    }
    symlink(fs::read_link(from)?, to)
}

/// One directory name for a path: `/var/lib/x` is `var%lib%x`.
fn layer_key(path: &Path) -> PathBuf {
    let mut key = std::ffi::OsString::new();
    for component in relative(path).components() {
        if !key.is_empty() {
            key.push("%");
        }
        key.push(component);
    }
    key.into()
}

/// Files that container engines mount over the machine's, and that instances have of their own.
fn is_identity_file(path: &Path) -> bool {
    ["/etc/resolv.conf", "/etc/hosts", "/etc/hostname"].iter().any(|own| path == Path::new(own))
}

/// Writes the instance's names into its layer, before that is mounted.
fn write_identity(boot: &Boot) -> io::Result<()> {
    let upper = Path::new("up/etc");
    make_directory_like(Path::new("/etc"), upper, boot.machine_root)?;
    // DHCP would write it at each boot. On the machine it may be a link into /run: ours is a file.
    let resolver = upper.join("resolv.conf");
    match fs::remove_file(&resolver) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::write(&resolver, resolver_configuration(boot))?;
    // These are the user's to change or remove after the first boot.
    let written = Path::new("named");
    if written.exists() {
        return Ok(());
    }
    let mut hosts = format!(
        "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n{} {} {}\n",
        boot.private_ip, boot.full_name, boot.hostname
    );
    hosts.extend(boot.hosts.iter().map(|(address, name)| format!("{address} {name}\n")));
    fs::write(upper.join("hosts"), hosts)?;
    fs::write(upper.join("hostname"), format!("{}\n", boot.hostname))?;
    fs::write(written, "")
}

fn resolver_configuration(boot: &Boot) -> String {
    let search = Some(boot.search_domains.join(" ")).filter(|domains| !domains.is_empty());
    let lines = search.map(|domains| format!("search {domains}\n")).into_iter();
    lines.chain(boot.nameservers.iter().map(|server| format!("nameserver {server}\n"))).collect()
}

fn write_run(boot: &Boot, root: &Path) -> io::Result<()> {
    let run = root.join("run");
    DirBuilder::new().mode(0o1777).create(run.join("lock"))?;
    DirBuilder::new().mode(0o755).create(run.join("vpclab"))?;
    fs::write(root.join(relative(Path::new(environment::FILE))), environment::render(&boot.environment))
}

fn hide(root: &Path, path: &Path) -> io::Result<()> {
    let target = root.join(relative(path));
    if !fs::symlink_metadata(&target).is_ok_and(|found| found.is_dir()) {
        return Ok(());
    }
    Ok(rustix::mount::mount(
        "hidden",
        &target,
        "tmpfs",
        MountFlags::RDONLY | MountFlags::NODEV | MountFlags::NOSUID | MountFlags::NOEXEC,
        c"mode=0555,size=4k",
    )?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layer_keys_are_one_name() {
        assert_eq!(layer_key(Path::new("/etc")), Path::new("etc"));
        assert_eq!(layer_key(Path::new("/var/lib/x")), Path::new("var%lib%x"));
    }
}
