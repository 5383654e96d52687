//! The system calls that have no safe wrapper elsewhere. Everything here acts on the calling process only.
#![allow(unsafe_code, reason = "raw system calls: clone, prctl, signals, mount_setattr")]

use std::ffi::CString;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Leaves the calling process's namespaces of the given kinds.
///
/// Call it only while the process has a single thread.
pub(crate) fn unshare(flags: rustix::thread::UnshareFlags) -> io::Result<()> {
    debug_assert!(!flags.contains(rustix::thread::UnshareFlags::FILES));
    // SAFETY: the flags never contain CLONE_FILES, the only one whose effect threads could trip over.
    unsafe { rustix::thread::unshare_unsafe(flags) }.map_err(io::Error::from)
}

/// What [`fork_sibling`] returned: which of the two processes this is.
pub(crate) enum Forked {
    /// The caller; the new process has this id in the caller's PID namespace.
    Caller(i32),
    /// The new process, whose parent is the caller's parent.
    New,
}

/// Forks a process that becomes a child of *our parent*, so that nobody need stay between the daemon and an
/// instance's first process.
pub(crate) fn fork_sibling() -> io::Result<Forked> {
    let flags = libc::CLONE_PARENT | libc::SIGCHLD;
    // SAFETY: a plain fork (no shared memory, no new stack) in a process with one thread; both sides go on with
    // their own copy of everything.
    let pid = unsafe { libc::syscall(libc::SYS_clone, libc::c_long::from(flags), 0, 0, 0, 0) };
    match i32::try_from(pid) {
        Ok(0) => Ok(Forked::New),
        Ok(pid) if pid > 0 => Ok(Forked::Caller(pid)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Takes capabilities out of the bounding set, so that programs started from now on cannot have them.
pub(crate) fn drop_from_bounding_set(capabilities: &[u32]) -> io::Result<()> {
    for capability in capabilities {
        // SAFETY: PR_CAPBSET_DROP takes one integer and touches no memory.
        let result = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(*capability), 0, 0, 0) };
        if result != 0 {
            let error = io::Error::last_os_error();
            // EINVAL: this kernel does not know the capability, so there is nothing to take away.
            if error.raw_os_error() != Some(libc::EINVAL) {
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Makes a mount and every mount below it read-only.
pub(crate) fn make_read_only(path: &Path) -> io::Result<()> {
    let path = CString::new(path.as_os_str().as_bytes())?;
    let attributes = libc::mount_attr { attr_set: libc::MOUNT_ATTR_RDONLY, attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: the path is NUL-terminated and the structure lives through the call, which only reads it.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const attributes,
            std::mem::size_of::<libc::mount_attr>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Sets the loopback interface of the calling thread's network namespace up.
pub(crate) fn loopback_up() -> io::Result<()> {
    let socket = rustix::net::socket_with(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::DGRAM,
        rustix::net::SocketFlags::CLOEXEC,
        None,
    )?;
    // SAFETY: ifreq is plain data for which all zeroes is a valid value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo") {
        *to = libc::c_char::from_ne_bytes([*from]);
    }
    // SAFETY: the request is a valid ifreq with a NUL-terminated name; the kernel reads and writes only it.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCGIFFLAGS, &raw mut request) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: SIOCGIFFLAGS filled the flags member of the union.
    let flags = unsafe { request.ifr_ifru.ifru_flags };
    let up = i16::try_from(libc::IFF_UP).unwrap_or(1);
    if flags & up != 0 {
        return Ok(());
    }
    request.ifr_ifru.ifru_flags = flags | up;
    // SAFETY: as above.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS, &raw mut request) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Gives the descriptor `from` also the number `to` (0, 1 or 2), inherited by programs that are started.
pub(crate) fn put_on_standard(from: BorrowedFd<'_>, to: StandardStream) -> io::Result<()> {
    // SAFETY: dup2 onto a standard stream's number; whatever it was is closed, and nothing in this process owns it
    // as an `OwnedFd`.
    let result = unsafe { libc::dup2(from.as_raw_fd(), to as i32) };
    if result >= 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A new descriptor, closed when a program is started, for a standard stream we were started with.
pub(crate) fn take_standard(stream: StandardStream) -> io::Result<OwnedFd> {
    // SAFETY: F_DUPFD_CLOEXEC on a number; an error is reported if it isn't open.
    let fd = unsafe { libc::fcntl(stream as i32, libc::F_DUPFD_CLOEXEC, 3) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel just made this descriptor for us, nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Closes everything but the standard streams: what whoever started the daemon forgot to keep to himself.
///
/// Call it first thing in a program, before anything in it owns a descriptor.
pub(crate) fn close_all_but_standard() {
    // SAFETY: by the above no `OwnedFd` of this process names a number from 3 on.
    unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
}

/// Standard input, output and error.
#[derive(Debug, Clone, Copy)]
pub(crate) enum StandardStream {
    Input = 0,
    Output = 1,
    Error = 2,
}

/// Sends a signal to every process of the PID namespace except its first.
pub(crate) fn signal_everyone(signal: i32) {
    // SAFETY: kill touches no memory. It fails only when there is nobody.
    unsafe { libc::kill(-1, signal) };
}

/// Sends a signal to one process.
pub(crate) fn signal_process(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: kill touches no memory.
    if unsafe { libc::kill(pid, signal) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Takes the identity 0:0 inside a user namespace that was just entered.
pub(crate) fn become_namespace_root() -> io::Result<()> {
    // SAFETY: both calls take integers only.
    let failed = unsafe { libc::setresgid(0, 0, 0) != 0 || libc::setresuid(0, 0, 0) != 0 };
    if failed { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Makes our process group the foreground one of a terminal, as it was before a shell took it.
pub(crate) fn take_terminal(terminal: BorrowedFd<'_>) {
    // SAFETY: signal dispositions and the terminal's group are changed by integers only; SIGTTOU must be ignored or
    // the call itself would stop us.
    unsafe {
        libc::signal(libc::SIGTTOU, libc::SIG_IGN);
        libc::tcsetpgrp(terminal.as_raw_fd(), libc::getpgrp());
    }
}

/// A set of signals that wait to be asked for instead of acting.
pub(crate) struct BlockedSignals {
    set: libc::sigset_t,
}

/// One signal that came.
pub(crate) struct Arrived {
    /// Its number.
    pub(crate) signal: i32,
    /// Whether a process sent it (and not the terminal or the kernel).
    pub(crate) sent_by_process: bool,
}

impl BlockedSignals {
    /// Blocks the signals in the calling thread.
    pub(crate) fn block(signals: &[i32]) -> io::Result<BlockedSignals> {
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        // SAFETY: sigemptyset initialises the whole set before anything reads it.
        let set = unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            for signal in signals {
                libc::sigaddset(set.as_mut_ptr(), *signal);
            }
            set.assume_init()
        };
        // SAFETY: the set is initialised; a null old set is allowed.
        let result = unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) };
        if result == 0 { Ok(BlockedSignals { set }) } else { Err(io::Error::from_raw_os_error(result)) }
    }

    /// The next signal, or `None` when the time is over.
    pub(crate) fn wait(&self, limit: Option<std::time::Duration>) -> Option<Arrived> {
        let mut info = MaybeUninit::<libc::siginfo_t>::zeroed();
        let timeout = limit.map(|limit| libc::timespec {
            tv_sec: libc::time_t::try_from(limit.as_secs()).unwrap_or(libc::time_t::MAX),
            tv_nsec: libc::c_long::from(limit.subsec_nanos()),
        });
        let timeout_pointer = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the set is initialised, `info` is writable, and the timeout is null or points to a live value.
        let signal = unsafe { libc::sigtimedwait(&raw const self.set, info.as_mut_ptr(), timeout_pointer) };
        if signal <= 0 {
            return None;
        }
        // SAFETY: the structure was zeroed, and filled by the kernel.
        let code = unsafe { info.assume_init() }.si_code;
        Some(Arrived { signal, sent_by_process: code <= 0 })
    }
}

/// Unblocks every signal and restores what a program expects of SIGPIPE. For use between fork and exec.
pub(crate) fn restore_signals() -> io::Result<()> {
    let mut set = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: sigemptyset initialises the set; the calls are async-signal-safe.
    let result = unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::signal(libc::SIGPIPE, libc::SIG_DFL);
        libc::pthread_sigmask(libc::SIG_SETMASK, set.as_ptr(), std::ptr::null_mut())
    };
    if result == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(result)) }
}

/// Closes a descriptor by its number. For use between fork and exec, where the copy has no owner.
pub(crate) fn close_raw(descriptor: i32) {
    // SAFETY: the caller is the new process and nothing in it uses or will close this number.
    unsafe { libc::close(descriptor) };
}

/// A file that is readable when one of some signals has come; they are blocked in the calling thread.
pub(crate) struct SignalFile(OwnedFd);

impl SignalFile {
    pub(crate) fn open(signals: &[i32]) -> io::Result<SignalFile> {
        let blocked = BlockedSignals::block(signals)?;
        // SAFETY: the set is initialised and lives through the call, which only reads it; -1 asks for a new descriptor.
        let fd = unsafe { libc::signalfd(-1, &raw const blocked.set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel just made this descriptor for us, nobody else owns it.
        Ok(SignalFile(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Forgets the signals that have come.
    pub(crate) fn drain(&self) {
        let mut buffer = [0; 4 * std::mem::size_of::<libc::signalfd_siginfo>()];
        while rustix::io::read(&self.0, &mut buffer).is_ok_and(|count| count > 0) {}
    }
}

impl AsFd for SignalFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The highest capability that kernels have had so far, and some more.
const CAPABILITIES: u32 = 63;

/// Gives up every capability for good, and the identity for another one if there is one. For use between fork and exec.
pub(crate) fn give_up_all_rights(user: Option<u32>) -> io::Result<()> {
    for capability in 0..=CAPABILITIES {
        // SAFETY: PR_CAPBSET_DROP takes one integer; EINVAL for a capability that the kernel does not know.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(capability), 0, 0, 0) };
    }
    if let Some(user) = user {
        // SAFETY: the calls take integers, and an empty list of groups.
        let failed = unsafe {
            libc::setgroups(0, std::ptr::null()) != 0 || libc::setresgid(user, user, user) != 0 || libc::setresuid(user, user, user) != 0
        };
        if failed {
            return Err(io::Error::last_os_error());
        }
    }
    // SAFETY: PR_SET_NO_NEW_PRIVS takes integers. From here on no program started gets what its caller has not.
    if unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Asks that `prepare` run in the new process just before the program starts.
pub(crate) fn before_exec<F>(command: &mut std::process::Command, prepare: F)
where
    F: FnMut() -> io::Result<()> + Send + Sync + 'static,
{
    use std::os::unix::process::CommandExt;
    // SAFETY: the callers pass closures that only make async-signal-safe system calls and allocate nothing, and the
    // processes that use it have one thread.
    unsafe { command.pre_exec(prepare) };
}
