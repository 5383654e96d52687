//! `up` and `down`: the daemon in the background, and its end.
use crate::{cli::UpArgs, lab::Lab, report::Failure, snapshot};
use anstream::{eprintln, println};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal},
};
use std::{
    fs::OpenOptions,
    io::{BufRead, BufReader},
    os::unix::{fs::OpenOptionsExt, process::CommandExt},
    process::{Command, ExitCode, Stdio},
};

use vpclab_import::{Snapshot, living};

/// How long a daemon may take to end: instances get a moment to end their processes.
const END: Timespec = Timespec { tv_sec: 60, tv_nsec: 0 };

/// How much of what a snapshot does not understand is told.
const TOLD: usize = 50;

/// What an import did not understand and a lab of its snapshot lacks, in words: what verdicts lean on first, [`TOLD`] of it, and how much
/// more there is.
pub fn not_understood(snapshot: &Snapshot) -> Vec<String> {
    let all = &snapshot.not_understood;
    let (leaned_on, rest): (Vec<_>, Vec<_>) = all.iter().partition(|noted| !noted.affects.is_empty());
    let mut told: Vec<String> = leaned_on.iter().chain(&rest).take(TOLD).map(|noted| format!("not understood: {noted}")).collect();
    if all.len() > TOLD {
        told.push(format!("not understood: {} more, all of them in the snapshot's `notUnderstood`", all.len() - TOLD));
    }
    told
}

/// Starts the daemon in the background and returns once it serves.
pub fn up(lab: &Lab, args: &UpArgs) -> Result<ExitCode, Failure> {
    lab.create()?;
    if lab.is_running()? {
        let note = lab.running()?;
        return Err(Failure::new(format!("a lab is running at `{}` already, on {}", lab.dir().display(), note.listen))
            .hint("end it with `vpclab down`, or start another with --state DIR and --listen ADDRESS"));
    }
    let snapshot = args.snapshot.as_deref().map(std::path::absolute).transpose()?;
    let lacking: Vec<String> = match &snapshot {
        Some(path) => {
            let snapshot = snapshot::read(path)?;
            let left_out = living(snapshot.cloud()).1.into_iter().map(|what| format!("left out: {what}"));
            left_out.chain(not_understood(&snapshot)).collect()
        }
        None => Vec::new(),
    };
    let log_path = lab.dir().join("daemon.log");
    let log = OpenOptions::new().create(true).append(true).mode(0o600).open(&log_path)?;
    let mut command = Command::new("/proc/self/exe");
    command.arg("--state").arg(lab.dir()).args(["up", "--foreground", "--listen"]).arg(args.listen.to_string());
    if args.ephemeral {
        command.arg("--ephemeral");
    }
    if args.forward_dns {
        command.arg("--forward-dns");
    }
    if let Some(path) = &snapshot {
        command.arg("--snapshot").arg(path);
    }
    for (option, given) in [("--node-modules", &args.node_modules), ("--python-packages", &args.python_packages)] {
        if let Some(given) = given {
            let found = given.canonicalize().map_err(|why| Failure::new(format!("cannot read `{}`: {why}", given.display())))?;
            command.arg(option).arg(found);
        }
    }
    // Standard output is the daemon's line to us: one line when it serves, or why it does not.
    let mut child = command.env("VPCLAB_READY", "1").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).process_group(0).spawn()?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    if let Some(address) = line.trim().strip_prefix("ready ") {
        println!("vpclab is up on http://{address}");
        let state = if Lab::at(None).is_ok_and(|usual| usual.dir() == lab.dir()) {
            String::new()
        } else {
            format!(" --state {}", lab.dir().display())
        };
        eprintln!("hint: http://{address}/console/ shows it");
        eprintln!("hint: eval \"$(vpclab{state} env)\" points AWS clients at it");
        for what in lacking {
            eprintln!("{what}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let ended = child.wait()?;
    let message = line.trim().strip_prefix("failed ").unwrap_or("the daemon ended before it served").to_owned();
    let (message, hint) = message.split_once(" hint: ").map_or((message.clone(), None), |(m, h)| (m.to_owned(), Some(h.to_owned())));
    Err(Failure::new(message)
        .hint(hint.unwrap_or_else(|| format!("its log is in {}", log_path.display())))
        .code(u8::try_from(ended.code().unwrap_or(1)).unwrap_or(1)))
}

/// Ends the daemon and waits until it is gone.
pub fn down(lab: &Lab) -> Result<ExitCode, Failure> {
    let note = lab.running()?;
    let pid = Pid::from_raw(note.pid).ok_or_else(|| Failure::new("the lab's note names no process"))?;
    let refused =
        |why| Failure::new(format!("cannot end the daemon (process {}): {why}", note.pid)).hint("end it as the user who started it");
    let process = pidfd_open(pid, PidfdFlags::empty()).map_err(refused)?;
    pidfd_send_signal(&process, Signal::TERM).map_err(refused)?;
    // The descriptor becomes readable when the process has ended.
    let ended = poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&END)).map_err(refused)?;
    if ended == 0 {
        return Err(Failure::new(format!("the daemon (process {}) has not ended after {} seconds", note.pid, END.tv_sec)));
    }
    println!("vpclab is down");
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_copy_lacks_is_told_within_bounds() {
        let noted = |number: usize| vpclab_import::NotUnderstood {
            resource: format!("r-{number}"),
            what: "unknown".to_owned(),
            affects: (number == TOLD).then(|| vpclab_import::Affected::Vpc("vpc-0000000a".parse().unwrap())).into_iter().collect(),
        };
        let snapshot =
            |many: usize| Snapshot::of(&vpclab_cloud::Cloud::default(), vpclab_cloud::Timestamp(0), (0..many).map(noted).collect());
        assert_eq!(not_understood(&snapshot(2)), ["not understood: r-0: unknown", "not understood: r-1: unknown"]);
        let told = not_understood(&snapshot(TOLD + 3));
        assert_eq!((told.len(), told[0].as_str()), (TOLD + 1, "not understood: r-50: unknown"));
        assert!(told[TOLD].starts_with("not understood: 3 more"), "{told:?}");
    }
}
