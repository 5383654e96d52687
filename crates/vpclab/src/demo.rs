//! `demo`: the two-region story, told with the real `sam`, `aws`, `nslookup` and `curl` against a lab of its own.
//!
//! Each step runs commands as a user would type them, prints them and what they answered, and holds or does not. Nothing is left behind.
mod shell;
mod story;

use crate::report::Failure;
use anstream::{eprintln, println};
use shell::Shell;
pub use shell::Tools;
use std::process::ExitCode;

/// One step: what it shows, and the commands that show it.
pub(crate) struct Step {
    title: &'static str,
    act: fn(&mut Shell) -> Result<(), String>,
}

/// Tells the story; exit code 1 if a step did not hold.
pub fn run(tools: &Tools) -> Result<ExitCode, Failure> {
    let mut shell = Shell::start(tools)?;
    let total = story::STEPS.len();
    let mut held = 0;
    for (number, step) in story::STEPS.iter().enumerate() {
        println!("\n\x1b[1m{}. {}\x1b[0m", number + 1, step.title);
        match (step.act)(&mut shell) {
            Ok(()) => {
                held += 1;
                println!("\x1b[32m   held\x1b[0m");
            }
            Err(why) => println!("\x1b[31m   did not hold: {why}\x1b[0m"),
        }
    }
    if let Err(why) = shell.end() {
        eprintln!("the lab of the story did not end well: {why}");
    }
    println!("\nstory: {held} of {total} steps held");
    Ok(if held == total { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
