//! The `vpclab` command: the command line and the daemon that wires the layers together.
#![forbid(unsafe_code)]

mod cli;
mod client;
mod daemon;
mod demo;
mod env;
mod exec;
mod lab;
mod local;
mod plane;
mod report;
mod status;
mod topology;
mod up;

use std::process::ExitCode;

fn main() -> ExitCode {
    // The first process of an instance is this binary too; it must not start anything that the command line needs.
    let mut arguments = std::env::args_os();
    if arguments.nth(1).is_some_and(|first| first == vpclab_fabric::instance::INIT_COMMAND) {
        return vpclab_fabric::instance::init_main();
    }
    cli::run()
}
