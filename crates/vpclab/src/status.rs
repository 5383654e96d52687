//! `status`: whether the lab runs, where, and what is in it.
use crate::{client, lab::Lab, report::Failure};
use anstream::println;
use serde_json::Value;
use std::process::ExitCode;

/// Prints the lab's health; exit code 3 when none runs.
pub fn run(lab: &Lab, as_json: bool) -> Result<ExitCode, Failure> {
    let note = lab.running()?;
    let health = client::get(&note, "/_vpclab/health")?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&health).map_err(Failure::new)?);
        return Ok(ExitCode::SUCCESS);
    }
    let text = |key: &str| health.get(key).map_or_else(String::new, |v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
    println!("vpclab {} is up on http://{} (process {})", text("version"), note.listen, note.pid);
    println!("state      {}{}", lab.dir().display(), if note.ephemeral { " (ephemeral)" } else { "" });
    println!("privilege  {}", text("privilege"));
    println!(
        "dns        names outside the lab are {}",
        if health.get("forwardDns") == Some(&Value::Bool(true)) { "forwarded" } else { "answered NXDOMAIN" }
    );
    for (what, count) in health.get("resources").and_then(Value::as_object).into_iter().flatten() {
        println!("{what:<22} {count}");
    }
    for (instance, mode) in health.get("readOnlyInstances").and_then(Value::as_object).into_iter().flatten() {
        println!("{instance}: no copy-on-write layer for {}; read-only in it", mode.as_str().unwrap_or_default());
    }
    Ok(ExitCode::SUCCESS)
}
