//! `exec` and `shell`: commands inside an instance.
use crate::{client, lab::Lab, report::Failure};
use serde_json::Value;
use std::{ffi::OsString, process::ExitCode};
use vpclab_fabric::exec::{ExecError, ExecProgram, ExecTarget};

/// Runs a command inside an instance; the exit code is the command's.
pub fn exec(lab: &Lab, instance: &str, command: &[OsString]) -> Result<ExitCode, Failure> {
    let target = target(lab, instance)?;
    finish(vpclab_fabric::exec::exec(target, &ExecProgram::Command(command.to_vec()), &terminal()))
}

/// Opens a login shell inside an instance.
pub fn shell(lab: &Lab, instance: &str) -> Result<ExitCode, Failure> {
    let target = target(lab, instance)?;
    finish(vpclab_fabric::exec::exec(target, &ExecProgram::Shell { preferred: std::env::var_os("SHELL") }, &terminal()))
}

/// What a program needs to know of the caller's terminal.
fn terminal() -> Vec<(String, String)> {
    ["TERM", "COLORTERM", "LANG"].iter().filter_map(|name| std::env::var(name).ok().map(|value| ((*name).to_owned(), value))).collect()
}

fn finish(done: Result<u8, ExecError>) -> Result<ExitCode, Failure> {
    match done {
        Ok(code) => Ok(ExitCode::from(code)),
        Err(why) => {
            let failure = Failure::new(&why).code(why.exit_status());
            Err(match why.hint() {
                Some(hint) => failure.hint(hint),
                None => failure,
            })
        }
    }
}

fn target(lab: &Lab, instance: &str) -> Result<ExecTarget, Failure> {
    let note = lab.running()?;
    let plain = !instance.is_empty() && instance.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !plain {
        return Err(Failure::new(format!("`{instance}` is no instance id")).hint("`vpclab topology` lists the instances"));
    }
    let value = client::get(&note, &format!("/_vpclab/instances/{instance}"))?;
    let number = |key: &str| value.get(key).and_then(Value::as_u64);
    match (number("initPid").and_then(|pid| u32::try_from(pid).ok()), number("startTime")) {
        (Some(init_pid), Some(start_time)) => Ok(ExecTarget { init_pid, start_time }),
        _ => Err(Failure::new("the daemon's answer names no process")),
    }
}
