//! `export`: the state of the running lab as a snapshot.
use crate::{client, import, lab::Lab, report::Failure};
use std::{path::Path, process::ExitCode};
use vpclab_import::Snapshot;

/// Writes the snapshot.
pub fn run(lab: &Lab, output: Option<&Path>) -> Result<ExitCode, Failure> {
    let value = client::get(&lab.running()?, "/_vpclab/snapshot")?;
    let snapshot = Snapshot::read(value.to_string().as_bytes()).map_err(Failure::new)?;
    import::write(&snapshot, output)?;
    Ok(ExitCode::SUCCESS)
}
