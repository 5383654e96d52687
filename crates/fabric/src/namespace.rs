//! Network namespaces held by open file descriptors: no mounts and no names, so that they end with the process.
//!
//! In a process that made itself root of a user namespace, a thread which entered another network namespace cannot come back
//! to the host's (that one belongs to the outer user namespace). So only threads made for it call these functions.
#![allow(unsafe_code)]
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space, unshare_unsafe};
use std::{
    fs::File,
    io,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

/// A network namespace, alive as long as this value (or a process or socket in it).
#[derive(Debug)]
pub struct Namespace(OwnedFd);

impl Namespace {
    /// Makes a new one and moves the calling thread into it.
    pub fn create() -> io::Result<Self> {
        // SAFETY: only CLONE_FILES can make descriptors of other threads unusable; CLONE_NEWNET shares the table.
        unsafe { unshare_unsafe(UnshareFlags::NEWNET) }?;
        // `/proc/self` is the process' first thread, which stays where it is.
        Ok(Self(File::open("/proc/thread-self/ns/net")?.into()))
    }

    /// Moves the calling thread into it.
    pub fn enter(&self) -> io::Result<()> {
        enter(self.as_fd())
    }

    /// Another descriptor of it.
    pub fn try_clone(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }
}

/// Moves the calling thread into the network namespace of a descriptor.
pub fn enter(namespace: BorrowedFd<'_>) -> io::Result<()> {
    Ok(move_into_link_name_space(namespace, Some(LinkNameSpaceType::Network))?)
}

impl AsFd for Namespace {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
