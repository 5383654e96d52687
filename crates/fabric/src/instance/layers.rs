//! The daemon's side of the instances' files: where each keeps its own, and how they are removed.

use std::collections::BTreeSet;
use std::ffi::CString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use rustix::mount::{MountFlags, UnmountFlags};

use super::{InstanceError, machine};
use crate::userns::Privilege;

/// Where the instances' own files are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayerPlace {
    /// In a directory, one for each instance, so that they outlive the daemon.
    Directory(PathBuf),
    /// In memory that only the daemon sees and that is gone with it.
    Memory,
}

/// Where the instances' own files really are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LayerStorage {
    /// On disk: kept over a restart of the lab.
    Disk,
    /// In memory: gone when the lab ends.
    Memory {
        /// Why not on disk, when that was asked for.
        because: Option<String>,
    },
}

/// The layers of a lab's instances.
#[derive(Debug)]
pub(crate) struct LayerStore {
    directory: PathBuf,
    storage: LayerStorage,
    /// Memory in our mount namespace, for what all instances have in common. Never in `directory`: overlay refuses
    /// layers of which one lies inside another, and `directory` lies inside a directory of the machine.
    scratch: PathBuf,
    mounted: Vec<PathBuf>,
}

/// Directories of the kernel's own that an ordinary lab never looks into, to mount memory over in our mount namespace:
/// that needs no directory made on the machine, which a crash would leave behind.
const SCRATCH: [&str; 6] = ["/sys/kernel/debug", "/sys/kernel/tracing", "/sys/power", "/sys/firmware", "/media", "/mnt"];

const MACHINE: &str = ".machine";
const PROBE: &str = ".probe";
const SANDBOXES: &str = ".sandboxes";

impl LayerStore {
    pub(crate) fn open(place: &LayerPlace, authority_pem: &str, privilege: Privilege) -> Result<LayerStore, InstanceError> {
        let scratch = mount_scratch().map_err(InstanceError::io("mount memory for the instances' files"))?;
        let mut store = LayerStore {
            directory: scratch.clone(),
            storage: LayerStorage::Memory { because: None },
            scratch: scratch.clone(),
            mounted: vec![scratch],
        };
        if let LayerPlace::Directory(directory) = place {
            store.keep_in(directory)?;
        }
        machine::build(&store.machine(), authority_pem, privilege)
            .map_err(InstanceError::io("build the layer with the lab's authority"))?;
        Ok(store)
    }

    fn keep_in(&mut self, directory: &Path) -> Result<(), InstanceError> {
        make_private(directory).map_err(InstanceError::io(format!("make the directory `{}`", directory.display())))?;
        self.directory = fs::canonicalize(directory).map_err(InstanceError::io("find the directory of the instances"))?;
        self.storage = LayerStorage::Disk;
        if let Err(error) = probe(&self.directory) {
            // Network file systems, overlay itself and old file systems cannot carry the upper part of an overlay.
            mount_memory(&self.directory).map_err(InstanceError::io("mount memory for the instances' files"))?;
            self.mounted.push(self.directory.clone());
            self.storage =
                LayerStorage::Memory { because: Some(format!("`{}` cannot carry copy-on-write layers: {error}", directory.display())) };
        }
        Ok(())
    }

    pub(crate) fn storage(&self) -> &LayerStorage {
        &self.storage
    }

    pub(crate) fn machine(&self) -> PathBuf {
        self.scratch.join(MACHINE)
    }

    /// The directory of one instance, ready for its next boot.
    pub(crate) fn prepare(&self, id: &str) -> Result<PathBuf, InstanceError> {
        let layer = self.directory.join(id);
        let work = layer.join("wk");
        let make = || -> io::Result<()> {
            remove_tree(&work)?;
            for directory in [layer.clone(), layer.join("root"), layer.join("up"), work.clone()] {
                DirBuilder::new().recursive(true).mode(0o755).create(directory)?;
            }
            Ok(())
        };
        make().map_err(InstanceError::io(format!("make the files of `{id}`")))?;
        Ok(layer)
    }

    /// Removes an instance's files; it is no mistake when there are none.
    pub(crate) fn remove(&self, id: &str) -> Result<(), InstanceError> {
        remove_tree(&self.directory.join(id)).map_err(InstanceError::io(format!("remove the files of `{id}`")))
    }

    /// The directory of a sandbox: in memory, for all it holds is mount points and names.
    pub(crate) fn prepare_sandbox(&self, id: &str) -> Result<PathBuf, InstanceError> {
        let layer = self.scratch.join(SANDBOXES).join(id);
        let make =
            || ["root", "up", "wk"].iter().try_for_each(|name| DirBuilder::new().recursive(true).mode(0o755).create(layer.join(name)));
        make().map_err(InstanceError::io(format!("make the files of `{id}`")))?;
        Ok(layer)
    }

    /// Removes a sandbox's directory.
    pub(crate) fn remove_sandbox(&self, id: &str) -> Result<(), InstanceError> {
        remove_tree(&self.scratch.join(SANDBOXES).join(id)).map_err(InstanceError::io(format!("remove the files of `{id}`")))
    }

    pub(crate) fn sweep(&self, known: &BTreeSet<String>) -> Result<(), Vec<InstanceError>> {
        let entries = fs::read_dir(&self.directory).map_err(|error| vec![InstanceError::io("list the instances' files")(error)])?;
        let mut failures = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(id) = name.to_str() else { continue };
            if super::supervise::is_id(id) && !known.contains(id) {
                failures.extend(self.remove(id).err());
            }
        }
        if failures.is_empty() { Ok(()) } else { Err(failures) }
    }
}

impl Drop for LayerStore {
    fn drop(&mut self) {
        for mounted in &self.mounted {
            // At the end of the process the mount namespace ends with it anyway.
            let _ = rustix::mount::unmount(mounted, UnmountFlags::DETACH);
        }
    }
}

/// The text of overlay's options; `None` when a path cannot be written into them.
pub(crate) fn overlay_options(lower: &[&Path], upper: &Path, work: &Path) -> Option<CString> {
    let mut text = b"lowerdir=".to_vec();
    for (index, path) in lower.iter().enumerate() {
        if index > 0 {
            text.push(b':');
        }
        text.extend_from_slice(plain(path)?);
    }
    text.extend_from_slice(b",upperdir=");
    text.extend_from_slice(plain(upper)?);
    text.extend_from_slice(b",workdir=");
    text.extend_from_slice(plain(work)?);
    // One page is all that mount(2) takes.
    if text.len() >= 4000 {
        return None;
    }
    CString::new(text).ok()
}

/// Mounts an overlay, with the attributes in `user.*` where `trusted.*` is not ours to write.
pub(crate) fn mount_overlay(lower: &[&Path], upper: &Path, work: &Path, target: &Path, machine_root: bool) -> io::Result<()> {
    let options = overlay_options(lower, upper, work).ok_or(io::ErrorKind::InvalidInput)?;
    let mut options = options.into_bytes();
    if !machine_root {
        options.extend_from_slice(b",userxattr");
    }
    let options = CString::new(options)?;
    rustix::mount::mount("overlay", target, "overlay", MountFlags::NODEV, options.as_c_str()).map_err(io::Error::from)
}

fn plain(path: &Path) -> Option<&[u8]> {
    let bytes = path.as_os_str().as_bytes();
    let special = |byte: &u8| matches!(byte, b':' | b',' | b'\\');
    (!bytes.is_empty() && !bytes.iter().any(special)).then_some(bytes)
}

/// Tries out whether the file system can carry the upper part of an overlay, white-outs included.
fn probe(directory: &Path) -> io::Result<()> {
    let probe = directory.join(PROBE);
    remove_tree(&probe)?;
    let at = |name: &str| probe.join(name);
    for name in ["lower", "upper", "work", "merged"] {
        fs::create_dir_all(at(name))?;
    }
    fs::write(at("lower/file"), "x")?;
    let machine_root = rustix::process::geteuid().is_root() && is_initial_user_namespace();
    let result = mount_overlay(&[&at("lower")], &at("upper"), &at("work"), &at("merged"), machine_root).and_then(|()| {
        let used = fs::remove_file(at("merged/file"))
            .and_then(|()| fs::create_dir(at("merged/file")))
            .and_then(|()| fs::write(at("merged/file/x"), "x"));
        let unmounted = rustix::mount::unmount(at("merged"), UnmountFlags::DETACH);
        used.and(unmounted.map_err(io::Error::from))
    });
    remove_tree(&probe)?;
    result
}

/// Whether ids are those of the machine: the map of the first user namespace covers all of them.
fn is_initial_user_namespace() -> bool {
    fs::read_to_string("/proc/self/uid_map").is_ok_and(|map| map.split_whitespace().eq(["0", "0", "4294967295"]))
}

/// Mounts memory where nothing of the machine is missed.
fn mount_scratch() -> io::Result<PathBuf> {
    let mut refusal = io::Error::from(io::ErrorKind::NotFound);
    for point in SCRATCH {
        match mount_memory(Path::new(point)) {
            Ok(()) => return Ok(point.into()),
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}

fn mount_memory(at: &Path) -> io::Result<()> {
    rustix::mount::mount("vpclab", at, "tmpfs", MountFlags::NODEV, c"mode=0700").map_err(io::Error::from)
}

fn make_private(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

fn remove_tree(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_would_be_taken_for_an_option_is_refused() {
        let path = Path::new;
        let options = |lower: &str| overlay_options(&[path("m/etc"), path(lower)], path("up/etc"), path("wk/etc"));
        assert_eq!(options("/etc").unwrap().to_str().unwrap(), "lowerdir=m/etc:/etc,upperdir=up/etc,workdir=wk/etc");
        for bad in ["/a:b", "/a,upperdir=x", "/a\\b", ""] {
            assert_eq!(options(bad), None, "{bad}");
        }
        assert_eq!(options(&"/x".repeat(3000)), None);
    }
}
