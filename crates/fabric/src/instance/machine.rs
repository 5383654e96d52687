//! The layer between the machine's files and every instance's own: what differs from the machine in all instances
//! alike, made once for each lab.
//!
//! It holds the lab's authority in the trust stores, and `hosts: files dns`. For an ordinary user it also holds empty
//! copies of the machine's directories that belong to him, because a directory takes its owner from the highest layer
//! that has it, and nobody can write in one that belongs to a user who does not exist in the instance.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Component, Path, PathBuf};

use super::environment::{AUTHORITY, BUNDLE};
use crate::userns::Privilege;

/// Where systems keep the bundle of trusted authorities; the first is also the one that instances always have.
const BUNDLES: [&str; 6] = [
    BUNDLE,
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/var/lib/ca-certificates/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// OpenSSL's own directories: it reads `cert.pem` there when no variable names another file.
const OPENSSL_DIRECTORIES: [&str; 3] = ["/usr/lib/ssl", "/etc/pki/tls", "/usr/local/ssl"];

/// Which directories an ordinary user gets as his own, and how deep below each.
const OWNED: [(&str, u32); 6] = [("/etc", 3), ("/var", 3), ("/usr", 2), ("/usr/local", 3), ("/opt", 2), ("/srv", 2)];

/// At most so many directories are copied for an ordinary user.
const OWNED_LIMIT: usize = 4096;

/// Builds the layer in a directory that does not exist.
pub(crate) fn build(at: &Path, authority_pem: &str, privilege: Privilege) -> io::Result<()> {
    let layer = Layer { at, keep_owner: privilege == Privilege::Root };
    DirBuilder::new().recursive(true).mode(0o755).create(at)?;
    if !layer.keep_owner {
        let mut left = OWNED_LIMIT;
        for (top, depth) in OWNED {
            layer.own(Path::new(top), depth, &mut left)?;
        }
    }
    layer.trust(authority_pem)?;
    let switch = fs::read_to_string("/etc/nsswitch.conf").unwrap_or_default();
    layer.write(Path::new("/etc/nsswitch.conf"), hosts_by_dns(&switch).as_bytes())
}

struct Layer<'a> {
    at: &'a Path,
    keep_owner: bool,
}

impl Layer<'_> {
    fn trust(&self, authority_pem: &str) -> io::Result<()> {
        let mut bundle = BUNDLES.iter().find_map(|path| fs::read(path).ok()).unwrap_or_default();
        if !bundle.is_empty() && !bundle.ends_with(b"\n") {
            bundle.push(b'\n');
        }
        bundle.extend_from_slice(authority_pem.as_bytes());
        self.write(Path::new(BUNDLE), &bundle)?;
        for path in BUNDLES.map(Path::new) {
            if path.exists() {
                self.write(path, &bundle)?;
            }
        }
        self.write(Path::new(AUTHORITY), authority_pem.as_bytes())?;
        // So that the machine's `update-ca-certificates`, run inside, keeps it.
        self.write(Path::new("/usr/local/share/ca-certificates/vpclab-authority.crt"), authority_pem.as_bytes())?;
        for directory in OPENSSL_DIRECTORIES.map(Path::new) {
            let pem = directory.join("cert.pem");
            if directory.is_dir() && fs::symlink_metadata(&pem).is_err() {
                let inside = self.inside(&pem)?;
                if fs::symlink_metadata(&inside).is_err() {
                    symlink(BUNDLE, inside)?;
                }
            }
        }
        Ok(())
    }

    /// Gives the user directories of the machine that he can list.
    fn own(&self, directory: &Path, depth: u32, left: &mut usize) -> io::Result<()> {
        let is_directory = fs::symlink_metadata(directory).is_ok_and(|found| found.is_dir());
        let Some(rest) = left.checked_sub(1) else {
            return Ok(());
        };
        if !is_directory {
            return Ok(());
        }
        // A directory we cannot list would make the merged one impossible to list.
        let Ok(entries) = fs::read_dir(directory) else {
            return Ok(());
        };
        *left = rest;
        self.mirror(directory)?;
        if depth == 0 {
            return Ok(());
        }
        for entry in entries.flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.own(&entry.path(), depth - 1, left)?;
            }
        }
        Ok(())
    }

    /// Writes a file into the layer, at the place that the machine's links lead to.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let inside = self.inside(path)?;
        let mut file = File::create(&inside)?;
        file.write_all(bytes)?;
        fs::set_permissions(&inside, Permissions::from_mode(0o644))
    }

    /// The place in the layer for a path of the machine; its directories are made.
    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        // A file that is a link is replaced at its target; one that leads nowhere or does not exist, where it stands.
        let real = fs::canonicalize(path).or_else(|_| {
            let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
                return Err(io::Error::from(io::ErrorKind::InvalidInput));
            };
            Ok(real_prefix(parent).join(name))
        })?;
        if let Some(parent) = real.parent() {
            self.mirror(parent)?;
        }
        Ok(self.at.join(relative(&real)))
    }

    /// Makes a directory and those above it in the layer, each as it is on the machine.
    fn mirror(&self, directory: &Path) -> io::Result<()> {
        let mut on_machine = PathBuf::from("/");
        for component in relative(directory).components() {
            on_machine.push(component);
            let inside = self.at.join(relative(&on_machine));
            if inside.is_dir() {
                continue;
            }
            DirBuilder::new().mode(0o755).create(&inside)?;
            let Ok(found) = fs::symlink_metadata(&on_machine) else {
                fs::set_permissions(&inside, Permissions::from_mode(0o755))?;
                continue;
            };
            copy_attributes(&found, &inside, self.keep_owner)?;
        }
        Ok(())
    }
}

/// Gives a directory of ours the mode of the machine's, and its owner where ids are the machine's.
pub(crate) fn copy_attributes(found: &fs::Metadata, to: &Path, keep_owner: bool) -> io::Result<()> {
    let mode = found.mode() & 0o7777;
    if keep_owner {
        chown(to, Some(found.uid()), Some(found.gid()))?;
        fs::set_permissions(to, Permissions::from_mode(mode))
    } else {
        // It is the user's own now; the set-group bit would name a group that does not exist.
        fs::set_permissions(to, Permissions::from_mode((mode & 0o1777) | 0o700))
    }
}

/// The path without its leading `/` and without `.` and `..`.
pub(crate) fn relative(path: &Path) -> PathBuf {
    path.components().filter(|component| matches!(component, Component::Normal(_))).collect()
}

/// Resolves the part of a path that exists and keeps the rest.
fn real_prefix(path: &Path) -> PathBuf {
    if let Ok(real) = fs::canonicalize(path) {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => real_prefix(parent).join(name),
        _ => path.to_owned(),
    }
}

/// The machine's `nsswitch.conf` with host names looked up in files and by DNS only: no resolver daemon of the
/// machine, no mDNS.
fn hosts_by_dns(machine: &str) -> String {
    let mut text: String =
        machine.lines().filter(|line| !line.trim_start().starts_with("hosts:")).map(|line| format!("{line}\n")).collect();
    text.push_str("hosts: files dns\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hosts_line_is_replaced() {
        assert_eq!(
            hosts_by_dns("passwd: files systemd\nhosts: files mdns4_minimal [NOTFOUND=return] resolve\nnetworks: files"),
            "passwd: files systemd\nnetworks: files\nhosts: files dns\n"
        );
        assert_eq!(hosts_by_dns(""), "hosts: files dns\n");
    }

    #[test]
    fn relative_paths_cannot_climb() {
        assert_eq!(relative(Path::new("/etc/../../x/./y")), Path::new("etc/x/y"));
    }
}
