//! How failures are told: lowercase, no full stop, advice on a line of its own, and an exit code that scripts can rely on.
use anstream::eprintln;
use std::{fmt, process::ExitCode};

/// Exit code of a failure that has no code of its own.
pub const FAILED: u8 = 1;
/// Exit code when no lab runs where one is needed.
pub const NO_LAB: u8 = 3;
/// Exit code when the machine forbids what a lab needs.
pub const FORBIDDEN: u8 = 4;

/// A failure as the user sees it.
#[derive(Debug)]
pub struct Failure {
    message: String,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// A failure with exit code 1.
    pub fn new(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), hint: None, code: FAILED }
    }
    /// Adds advice.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    /// Sets the exit code.
    pub fn code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }
    /// The advice.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }
    /// Message and advice on one line, for the parent of a daemon.
    pub fn one_line(&self) -> String {
        let text = match &self.hint {
            Some(hint) => format!("{} hint: {hint}", self.message),
            None => self.message.clone(),
        };
        text.replace('\n', " ")
    }
    /// Prints it and gives the exit code.
    pub fn report(&self) -> ExitCode {
        ExitCode::from(self.report_code())
    }
    /// Prints it and gives the number of the exit code.
    pub fn report_code(&self) -> u8 {
        eprintln!("\x1b[31;1merror:\x1b[0m {}", self.message);
        if let Some(hint) = &self.hint {
            eprintln!("\x1b[36mhint:\x1b[0m {hint}");
        }
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<std::io::Error> for Failure {
    fn from(why: std::io::Error) -> Self {
        Self::new(why)
    }
}
