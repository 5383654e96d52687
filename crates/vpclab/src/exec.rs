//! `exec` and `shell`: commands inside an instance.
use crate::{client, lab::Lab, report::Failure};
use serde_json::Value;
use std::{ffi::OsString, process::ExitCode};
use vpclab_fabric::exec::ExecTarget;

/// Runs a command inside an instance; the exit code is the command's.
pub fn exec(lab: &Lab, instance: &str, command: &[OsString]) -> Result<ExitCode, Failure> {
    let target = target(lab, instance)?;
    finish(vpclab_fabric::exec::exec(&target, command))
}

/// Opens a login shell inside an instance.
pub fn shell(lab: &Lab, instance: &str) -> Result<ExitCode, Failure> {
    let target = target(lab, instance)?;
    finish(vpclab_fabric::exec::shell(&target))
}

fn finish(done: Result<u8, vpclab_fabric::exec::ExecError>) -> Result<ExitCode, Failure> {
    match done {
        Ok(code) => Ok(ExitCode::from(code)),
        Err(why) => {
            let failure = Failure::new(&why);
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
    match (number("initPid").and_then(|pid| i32::try_from(pid).ok()), number("startTime")) {
        (Some(init_pid), Some(start_time)) => Ok(ExecTarget { init_pid, start_time }),
        _ => Err(Failure::new("the daemon's answer names no process")),
    }
}
