//! The `vpclab` command: the command line and the daemon that wires the layers together.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod check;
mod cli;
mod client;
mod daemon;
mod demo;
mod diff;
mod env;
mod exec;
mod explain;
mod export;
mod files;
mod flow_logs;
mod function_log;
mod import;
mod lab;
mod local;
mod outside;
mod plane;
mod probe;
mod reach;
mod report;
mod service_endpoint;
mod signed;
mod snapshot;
mod stage_log;
mod status;
mod topology;
mod trace;
mod up;
mod what_if;

use std::process::ExitCode;

fn main() -> ExitCode {
    // The first process of an instance is this binary too.
    vpclab_fabric::instance::run_init_if_asked();
    cli::run()
}
