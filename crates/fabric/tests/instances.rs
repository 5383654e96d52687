//! Instances on the real kernel, as root and as an ordinary user.
//!
//! A program of its own, not libtest: the daemon of each check is this binary again, because a first process is
//! `/proc/self/exe`, and user namespaces must be entered before the first thread. Run one check by a part of its name:
//! `cargo test -p vpclab-fabric --test instances -- layer`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a check may fail at any line, and this is `main`"
)]

#[path = "instances/checks.rs"]
mod checks;
#[path = "instances/daemon.rs"]
mod daemon;
#[path = "instances/lab.rs"]
mod lab;
#[path = "instances/sandbox.rs"]
mod sandbox;

use lab::As;

fn main() {
    vpclab_fabric::instance::run_init_if_asked();
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("daemon") => daemon::main(&arguments[2], &arguments[3]),
        Some("exec") => daemon::exec(&arguments[2..]),
        Some("enter") => daemon::enter_only(),
        _ => run_checks(&arguments[1..]),
    }
}

fn run_checks(arguments: &[String]) {
    let wanted: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let mut modes = vec![As::User];
    if lab::is_root() {
        modes.insert(0, As::Root);
    }
    let (mut held, mut failed) = (0, 0);
    for mode in modes {
        if let Err(reason) = lab::can_run(mode) {
            println!("skipped: all checks as {mode:?}: {reason}");
            continue;
        }
        for (name, check) in checks::ALL {
            let name = format!("{mode:?}: {name}").to_lowercase();
            if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part.as_str())) {
                continue;
            }
            let result = std::panic::catch_unwind(|| check(mode));
            match result {
                Ok(()) => held += 1,
                Err(_) => failed += 1,
            }
            println!("{} {name}", if result.is_ok() { "ok    " } else { "FAILED" });
        }
    }
    println!("{held} of {} checks held", held + failed);
    std::process::exit(i32::from(failed > 0));
}
