//! `env`: the shell variables that point AWS clients at the lab.
use crate::{lab::Lab, report::Failure};
use anstream::println;
use std::process::ExitCode;

/// Prints `export` lines for a POSIX shell. A region that is set already is left alone.
pub fn run(lab: &Lab) -> Result<ExitCode, Failure> {
    let note = lab.running()?;
    println!("export AWS_ENDPOINT_URL=http://{}", note.listen);
    println!("export AWS_ACCESS_KEY_ID=000000000000");
    println!("export AWS_SECRET_ACCESS_KEY=vpclab");
    println!("unset AWS_SESSION_TOKEN AWS_PROFILE");
    println!("export AWS_EC2_METADATA_DISABLED=true");
    if std::env::var_os("AWS_REGION").is_none() && std::env::var_os("AWS_DEFAULT_REGION").is_none() {
        println!("export AWS_DEFAULT_REGION=ap-northeast-2");
    }
    println!("export VPCLAB_STATE='{}'", lab.dir().display().to_string().replace('\'', "'\\''"));
    Ok(ExitCode::SUCCESS)
}
