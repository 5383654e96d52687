//! What the daemon and an instance's first process say to each other: length-prefixed frames on one socket.

use std::io::{self, Read, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::sandbox::SandboxBoot;

/// A frame larger than this is refused: the largest honest one holds 16 KiB of user data.
const FRAME_LIMIT: u32 = 1 << 20;

/// All the first process needs to know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Boot {
    pub(crate) daemon_pid: i32,
    pub(crate) id: String,
    pub(crate) hostname: String,
    pub(crate) full_name: String,
    pub(crate) private_ip: Ipv4Addr,
    pub(crate) nameservers: Vec<Ipv4Addr>,
    pub(crate) search_domains: Vec<String>,
    /// Further lines of its `/etc/hosts`.
    pub(crate) hosts: Vec<(Ipv4Addr, String)>,
    /// The instance's own directory, with `root`, `up` and `wk` in it.
    pub(crate) layer: PathBuf,
    /// The part of the lab's directory that lies under the machine's files in every overlay.
    pub(crate) machine: PathBuf,
    pub(crate) hidden: Vec<PathBuf>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) machine_root: bool,
    /// Whether user data follows in a frame of its own and is to run.
    pub(crate) run_user_data: bool,
    /// What makes it a sandbox for one program, not an instance.
    pub(super) sandbox: Option<SandboxBoot>,
}

/// The daemon has the id of the first process, which may speak from now on: before, another process uses the channel.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Go;

/// What the first process tells the daemon.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Report {
    /// Its id in the daemon's PID namespace.
    Pid(i32),
    /// The files and names are in place.
    Ready {
        /// Directories that could only be mounted read-only.
        read_only: Vec<PathBuf>,
    },
    /// Nothing will come of it.
    Failed {
        /// What was being done.
        step: String,
        /// What the kernel said.
        error: String,
    },
}

pub(crate) fn send<T: Serialize>(to: impl Write, value: &T) -> io::Result<()> {
    send_bytes(to, &serde_json::to_vec(value)?)
}

pub(crate) fn send_bytes(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= FRAME_LIMIT).ok_or(io::ErrorKind::InvalidInput)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(bytes)
}

pub(crate) fn receive<T: DeserializeOwned>(from: impl Read) -> io::Result<T> {
    Ok(serde_json::from_slice(&receive_bytes(from)?)?)
}

pub(crate) fn receive_bytes(mut from: impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > FRAME_LIMIT {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_survives_the_channel() {
        let mut channel = Vec::new();
        send(&mut channel, &Report::Pid(42)).unwrap();
        send_bytes(&mut channel, b"#!/bin/sh\n").unwrap();
        let mut channel = channel.as_slice();
        assert!(matches!(receive(&mut channel).unwrap(), Report::Pid(42)));
        assert_eq!(receive_bytes(&mut channel).unwrap(), b"#!/bin/sh\n");
        assert!(receive_bytes(&mut channel).is_err());
    }

    #[test]
    fn an_absurd_length_is_refused_before_memory_is_taken() {
        let error = receive_bytes(&b"\xff\xff\xff\xff"[..]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(send_bytes(Vec::new(), &vec![0; 2 << 20]).is_err());
    }
}
