//! User data: what cloud-init would do with it, as far as it is built, and a plain word on the console where not.

use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the first bytes of user data say it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserData {
    /// There is none.
    Empty,
    /// A script with an interpreter line.
    Script,
    /// A form of cloud-init's that is not built.
    NotBuilt(&'static str),
    /// Nothing cloud-init would know.
    Unknown,
}

/// Tells what user data is, by the same first words as cloud-init.
pub(crate) fn classify(bytes: &[u8]) -> UserData {
    // cloud-init's own list of prefixes: https://docs.cloud-init.io/en/latest/explanation/format.html
    let forms: [(&[u8], &str); 7] = [
        (b"#cloud-config", "`#cloud-config`"),
        (b"#cloud-boothook", "`#cloud-boothook`"),
        (b"#include", "`#include`"),
        (b"## template:", "a `## template:` header"),
        (b"\x1f\x8b", "gzip"),
        (b"content-type:", "MIME `Content-Type: multipart`"),
        (b"mime-version:", "MIME `Content-Type: multipart`"),
    ];
    if bytes.is_empty() {
        return UserData::Empty;
    }
    if bytes.starts_with(b"#!") {
        return UserData::Script;
    }
    let begins = |prefix: &[u8]| bytes.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    for (prefix, name) in forms {
        if begins(prefix) {
            return UserData::NotBuilt(name);
        }
    }
    UserData::Unknown
}

/// Starts the user data as a process of its own; `None` when there is nothing to run. Words for people go to
/// standard output, which is the console.
pub(crate) fn start(bytes: &[u8], environment: &[(String, String)]) -> Option<i32> {
    match classify(bytes) {
        UserData::Empty => None,
        UserData::NotBuilt(form) => {
            say(&format!("user data was not run: {form} is not built in vpclab; give a script that begins with `#!`"));
            None
        }
        UserData::Unknown => {
            // cloud-init only warns: "Unhandled non-multipart (text/x-not-multipart) userdata".
            say("user data was not run: it begins neither with `#!` nor as anything else cloud-init knows");
            None
        }
        UserData::Script => match run(bytes, environment) {
            Ok(pid) => Some(pid),
            Err(error) => {
                say(&format!("user data could not be run: {error}"));
                None
            }
        },
    }
}

/// Writes a line of ours to the console.
pub(crate) fn say(line: &str) {
    // A console nobody reads is no reason to end the instance.
    let _ = writeln!(io::stdout(), "vpclab: {line}");
}

fn run(bytes: &[u8], environment: &[(String, String)]) -> io::Result<i32> {
    // Where cloud-init puts them. With a read-only /var there is still /run.
    let script = write_script(Path::new("/var/lib/cloud/instance/scripts"), bytes)
        .or_else(|_| write_script(Path::new("/run/vpclab/scripts"), bytes))?;
    let child = Command::new(&script)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .current_dir("/")
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()?;
    i32::try_from(child.id()).map_err(io::Error::other)
}

fn write_script(directory: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o755).create(directory)?;
    let script = directory.join("part-001");
    match fs::remove_file(&script) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o700).open(&script)?;
    file.write_all(bytes)?;
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_apart_as_cloud_init_does() {
        for (bytes, expected) in [
            (&b""[..], UserData::Empty),
            (b"#!/bin/sh\necho", UserData::Script),
            (b"#cloud-config\npackages: []", UserData::NotBuilt("`#cloud-config`")),
            (b"Content-Type: multipart/mixed; boundary=x", UserData::NotBuilt("MIME `Content-Type: multipart`")),
            (b"MIME-Version: 1.0\n", UserData::NotBuilt("MIME `Content-Type: multipart`")),
            (b"\x1f\x8b\x08", UserData::NotBuilt("gzip")),
            (b"echo hello", UserData::Unknown),
            (b"#", UserData::Unknown),
        ] {
            assert_eq!(classify(bytes), expected, "{bytes:?}");
        }
    }
}
