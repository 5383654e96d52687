//! What AWS's network does, seen by real packets: TCP, UDP and ICMP sockets in network namespaces of the test's own.
//!
//! A program, not a libtest harness: as an ordinary user the process has to enter a user namespace before its first thread.
//! `cargo test -p vpclab-fabric --test checks -- NAME` runs the checks whose names contain NAME.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(missing_docs)]

#[path = "checks/agreement.rs"]
mod agreement;
#[path = "checks/flows.rs"]
mod flows;
#[path = "checks/lab.rs"]
mod lab;
#[path = "checks/lifecycle.rs"]
mod lifecycle;
#[path = "checks/routing.rs"]
mod routing;
#[path = "checks/security.rs"]
mod security;
#[path = "checks/sockets.rs"]
mod sockets;

use std::{panic, process::ExitCode, time::Instant};

type Check = (&'static str, fn());

fn main() -> ExitCode {
    match vpclab_fabric::userns::enter() {
        Ok(privilege) => eprintln!("running as: {privilege:?}"),
        Err(error) => {
            eprintln!("this machine cannot run the network checks: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            return ExitCode::FAILURE;
        }
    }
    if let Err(error) = vpclab_fabric::Fabric::start() {
        eprintln!("this machine cannot run the network checks: {error}");
        return ExitCode::FAILURE;
    }
    let checks: Vec<Check> = [routing::CHECKS, security::CHECKS, lifecycle::CHECKS, agreement::CHECKS, flows::CHECKS].concat();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    if std::env::args().any(|argument| argument == "--list") {
        checks.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let chosen: Vec<Check> =
        checks.iter().copied().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|part| name.contains(part))).collect();
    println!("\nrunning {} tests", chosen.len());
    let start = Instant::now();
    let mut failed = Vec::new();
    for (name, check) in &chosen {
        match panic::catch_unwind(check) {
            Ok(()) => println!("test {name} ... ok"),
            Err(_) => {
                println!("test {name} ... FAILED");
                failed.push(*name);
            }
        }
    }
    let verdict = if failed.is_empty() { "ok" } else { "FAILED" };
    let (passed, out) = (chosen.len() - failed.len(), checks.len() - chosen.len());
    println!(
        "\ntest result: {verdict}. {passed} passed; {} failed; 0 ignored; 0 measured; {out} filtered out; finished in {:.2}s\n",
        failed.len(),
        start.elapsed().as_secs_f64()
    );
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
