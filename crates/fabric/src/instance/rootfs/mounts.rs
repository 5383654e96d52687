//! What the machine has mounted where, and copies of small trees.

use std::ffi::OsString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// A mount of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MachineMount {
    pub(super) point: PathBuf,
    pub(super) read_only: bool,
}

/// The machine's mounts that an instance may want to see, parents before children.
#[derive(Debug)]
pub(super) struct MachineMounts(Vec<MachineMount>);

/// The kernel's windows and automounts: an instance has the former anew, and looking at the latter mounts them.
const LEFT_OUT: [&str; 22] = [
    "autofs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fuse.gvfsd-fuse",
    "fuse.portal",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "rpc_pipefs",
    "securityfs",
    "sysfs",
    "tracefs",
];

impl MachineMounts {
    pub(super) fn read() -> io::Result<MachineMounts> {
        Ok(MachineMounts::parse(&fs::read("/proc/self/mountinfo")?))
    }

    fn parse(text: &[u8]) -> MachineMounts {
        let mut mounts: Vec<MachineMount> = text
            .split(|byte| *byte == b'\n')
            .filter_map(parse_line)
            .filter(|mount| !["/dev", "/proc", "/run", "/sys", "/tmp"].iter().any(|own| mount.point.starts_with(own)))
            .collect();
        mounts.sort_by(|a, b| a.point.cmp(&b.point));
        mounts.dedup_by(|a, b| a.point == b.point);
        MachineMounts(mounts)
    }

    pub(super) fn is_mount(&self, path: &Path) -> bool {
        self.0.iter().any(|mount| mount.point == path)
    }

    /// The mounts inside a directory.
    pub(super) fn below(&self, path: &Path) -> impl Iterator<Item = &MachineMount> + use<'_> {
        let path = path.to_owned();
        self.0.iter().filter(move |mount| mount.point != path && mount.point.starts_with(&path))
    }
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`, proc_pid_mountinfo(5).
fn parse_line(line: &[u8]) -> Option<MachineMount> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let point = unescape(fields.get(4)?);
    let options = fields.get(5)?;
    let dash = fields.iter().position(|field| *field == b"-")?;
    let kind = std::str::from_utf8(fields.get(dash + 1)?).ok()?;
    let super_options = fields.get(dash + 3)?;
    if LEFT_OUT.contains(&kind) {
        return None;
    }
    let says_ro = |options: &[u8]| options.split(|byte| *byte == b',').any(|option| option == b"ro");
    Some(MachineMount { point: OsString::from_vec(point).into(), read_only: says_ro(options) || says_ro(super_options) })
}

/// The kernel writes space, tab, newline and backslash as three octal digits.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..3)
            .filter(|_| *first == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

/// Copies the directories, links and readable files of a small tree; what is there already stays, unless `replace`.
pub(super) fn copy_tree(from: &Path, to: &Path, replace: bool) -> io::Result<()> {
    let mut left = COPY_LIMIT;
    copy_directory(from, to, replace, 0, &mut left)
}

/// Entries of a tree that is copied at most.
const COPY_LIMIT: usize = 20_000;
/// A file larger than this is left out of a copy.
const COPY_FILE_BYTES: u64 = 4 << 20;
const COPY_DEPTH: u32 = 16;

fn copy_directory(from: &Path, to: &Path, replace: bool, depth: u32, left: &mut usize) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(from) else {
        return Ok(());
    };
    DirBuilder::new().recursive(true).mode(0o755).create(to)?;
    for entry in entries.flatten() {
        *left = left.checked_sub(1).ok_or_else(|| io::Error::other("too many files to copy"))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let found = entry.metadata()?;
        let exists = fs::symlink_metadata(&target).is_ok();
        if found.is_dir() {
            if depth < COPY_DEPTH {
                copy_directory(&source, &target, replace, depth + 1, left)?;
            }
        } else if exists && !replace {
        } else if found.is_symlink() {
            if exists {
                fs::remove_file(&target)?;
            }
            symlink(fs::read_link(&source)?, &target)?;
        } else if found.is_file() && found.len() <= COPY_FILE_BYTES {
            // What the user may not read he does not get.
            if let Ok(bytes) = fs::read(&source) {
                if exists {
                    fs::remove_file(&target)?;
                }
                fs::write(&target, bytes)?;
                fs::set_permissions(&target, fs::Permissions::from_mode(found.permissions().mode() & 0o755))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_of_the_machine_are_read_and_the_kernels_own_left_out() {
        let mounts = MachineMounts::parse(
            b"22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n\
              23 22 0:5 / /proc rw - proc proc rw\n\
              24 22 0:9 / /data/my\\040disk rw,relatime master:1 - xfs /dev/vdb ro,x\n\
              25 22 0:9 / /data rw,relatime shared:2 - btrfs /dev/vdc rw\n\
              26 22 0:10 / /run/user/0 rw - tmpfs tmpfs rw\n\
              27 25 0:11 / /data/auto rw - autofs systemd-1 rw\n",
        );
        let below: Vec<_> = mounts.below(Path::new("/data")).cloned().collect();
        assert_eq!(below, [MachineMount { point: "/data/my disk".into(), read_only: true }]);
        assert!(mounts.is_mount(Path::new("/data")));
        assert!(!mounts.is_mount(Path::new("/run/user/0")));
        assert_eq!(mounts.below(Path::new("/dat")).count(), 0);
    }

    #[test]
    fn escapes_are_undone_and_others_left() {
        assert_eq!(unescape(b"a\\134b\\011c\\9"), b"a\\b\tc\\9");
    }
}
