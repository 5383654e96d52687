//! The command line: what can be asked, and the exit codes.
use crate::{
    check, daemon, demo, diff, env, exec, explain, export, import, lab::Lab, probe, reach, report::Failure, status, topology, trace, up,
};
use clap::{Args, CommandFactory, Parser, Subcommand};
use std::{ffi::OsString, net::SocketAddr, path::PathBuf, process::ExitCode};

const AFTER: &str = "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 no lab is running; 4 the machine forbids it (the message says how to allow it). \
`exec` and `shell` end with the command's own code, or 128 and the signal's number; `probe` with 0 for an answer below 400 and 2 for any \
other end of the call; `explain` with 0 reachable, 2 blocked, 3 undetermined, 1 when nothing was judged, usage and missing lab included.";

/// Private AWS APIs on one Linux machine: VPCs, interface endpoints, private DNS and private REST APIs with real packets.
#[derive(Parser)]
#[command(name = "vpclab", version, after_help = AFTER, max_term_width = 120)]
pub struct Cli {
    /// Where the lab keeps its state; every command finds its lab by it [default: $XDG_STATE_HOME/vpclab]
    #[arg(long, global = true, value_name = "DIR", env = "VPCLAB_STATE")]
    state: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the lab
    Up(UpArgs),
    /// End the lab; its state is kept unless it is ephemeral
    Down,
    /// Show whether the lab runs, where, and what is in it
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the shell variables that point AWS clients at the lab: eval "$(vpclab env)"
    Env,
    /// Run a command inside an instance
    Exec {
        /// The instance's id (i-…), or the value of its Name tag
        instance: String,
        /// The command and its arguments
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
    /// Open a shell inside an instance
    Shell {
        /// The instance's id (i-…), or the value of its Name tag
        instance: String,
    },
    /// Show the networks of the lab
    Topology {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// As a picture
        #[arg(long, conflicts_with = "json")]
        svg: bool,
    },
    /// Say why a call works or does not, with every blocker and what mends it
    Explain(explain::ExplainArgs),
    /// Say who can make a call, and who could but for one setting
    WhoCan(reach::WhoCanArgs),
    /// Say what a source can call, and what it could but for one setting
    WhatCan(reach::WhatCanArgs),
    /// Check files of expectations about who can call what
    Check(check::CheckArgs),
    /// Make a call from inside and tell what happened, stage by stage: name, connection, TLS, HTTP
    Probe(ProbeArgs),
    /// Follow packets live, gate by gate, with the rules that let them pass or dropped them
    Trace(trace::TraceArgs),
    /// Read an account of AWS as a snapshot: what a lab can be brought up from
    Import(import::ImportArgs),
    /// Tell what differs between two states, or what a template would change, in who can call what
    Diff(diff::DiffArgs),
    /// Write the running lab's state as a snapshot, without secrets
    Export {
        /// Where it is written [default: standard output]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Tell the two-region story in a lab of its own, with real commands and real answers
    Demo {
        /// The AWS CLI to use
        #[arg(long, value_name = "PATH", env = "VPCLAB_AWS", default_value = "aws")]
        aws: PathBuf,
        /// The AWS SAM CLI to use
        #[arg(long, value_name = "PATH", env = "VPCLAB_SAM", default_value = "sam")]
        sam: PathBuf,
    },
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the version
    Version,
    /// Print docs/coverage.md: every operation and parameter served
    #[command(hide = true)]
    Coverage,
}

/// What `up` takes.
#[derive(Args, Clone, Debug)]
pub struct UpArgs {
    /// Where the AWS APIs are served; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4566")]
    pub listen: SocketAddr,
    /// Keep nothing: when the lab ends, all of it is gone
    #[arg(long)]
    pub ephemeral: bool,
    /// Forward names that the lab does not know to the machine's resolver
    #[arg(long)]
    pub forward_dns: bool,
    /// Begin with the state of a snapshot; the lab must have none yet
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Node's modules that functions find as they find AWS's SDK on AWS: a directory with `@aws-sdk` in it
    #[arg(long, value_name = "DIR", env = "VPCLAB_NODE_MODULES")]
    pub node_modules: Option<PathBuf>,
    /// Python's packages that functions find as they find boto3 on AWS: a directory with `boto3` in it
    #[arg(long, value_name = "DIR", env = "VPCLAB_PYTHON_PACKAGES")]
    pub python_packages: Option<PathBuf>,
    /// Stay in the foreground and log to standard error
    #[arg(long)]
    pub foreground: bool,
}

/// What `probe` takes.
#[derive(Args, Clone, Debug)]
pub struct ProbeArgs {
    /// From where: an instance (i-… or its Name tag), a network interface (eni-…), a function (name or ARN)
    #[arg(long, value_name = "SOURCE")]
    pub from: String,
    /// The method [default: GET, with a body POST]
    #[arg(short = 'X', long, value_name = "METHOD")]
    pub request: Option<String>,
    /// A header, as `Name: value`
    #[arg(short = 'H', long, value_name = "HEADER")]
    pub header: Vec<String>,
    /// The body, or @FILE
    #[arg(short, long, value_name = "BODY")]
    pub data: Option<String>,
    /// Seconds to wait for each name server, each address and the TLS handshake
    #[arg(long, value_name = "SECONDS", default_value_t = 3.0)]
    pub timeout: f64,
    /// As JSON
    #[arg(long)]
    pub json: bool,
    /// The URL
    pub url: String,
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // 2 is a verdict there.
        Err(why) if why.use_stderr() && first_command(std::env::args_os().skip(1)).is_some_and(|word| word == "explain") => {
            let _shown = why.print();
            return ExitCode::FAILURE;
        }
        Err(why) => why.exit(),
    };
    if !matches!(cli.command, Command::Up(_)) {
        tell_lost_output();
    }
    match act(cli) {
        Ok(code) => code,
        Err(why) => why.report(),
    }
}

/// Ends the command where what it says cannot be written, such as on a full disk. That is no bug of the command's.
#[expect(clippy::disallowed_methods, reason = "the hook of a panic has no way back; what guards hold the daemon keeps or drops by itself")]
fn tell_lost_output() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload_as_str().unwrap_or_default();
        match text.strip_prefix("failed printing to stdout: ") {
            Some(why) => std::process::exit(i32::from(Failure::new(format!("cannot write the output: {why}")).report_code())),
            None => usual(panic),
        }
    }));
}

/// The first subcommand of the words after the program's name: what is no option, nor the value of a global one.
fn first_command(words: impl IntoIterator<Item = OsString>) -> Option<OsString> {
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word == "--state" {
            let _value = words.next();
        } else if !word.as_encoded_bytes().starts_with(b"-") {
            return Some(word);
        }
    }
    None
}

fn act(cli: Cli) -> Result<ExitCode, Failure> {
    match cli.command {
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "vpclab", &mut std::io::stdout());
            return Ok(ExitCode::SUCCESS);
        }
        Command::Version => {
            anstream::println!("vpclab {}", env!("CARGO_PKG_VERSION"));
            return Ok(ExitCode::SUCCESS);
        }
        Command::Coverage => {
            anstream::print!("{}", vpclab_services::coverage::markdown());
            return Ok(ExitCode::SUCCESS);
        }
        Command::Import(args) => return import::run(&args),
        Command::Demo { aws, sam } => return demo::run(&demo::Tools { aws, sam }),
        _ => {}
    }
    let lab = Lab::at(cli.state)?;
    match cli.command {
        Command::Up(args) if args.foreground => daemon::run(&lab, &args),
        Command::Up(args) => up::up(&lab, &args),
        Command::Down => up::down(&lab),
        Command::Status { json } => status::run(&lab, json),
        Command::Env => env::run(&lab),
        Command::Exec { instance, command } => exec::exec(&lab, &instance, &command),
        Command::Shell { instance } => exec::shell(&lab, &instance),
        Command::Topology { json, svg } => topology::run(&lab, json, svg),
        Command::Explain(args) => explain::run(&lab, &args),
        Command::WhoCan(args) => reach::run_who_can(&lab, &args),
        Command::WhatCan(args) => reach::run_what_can(&lab, &args),
        Command::Check(args) => check::run(&lab, &args),
        Command::Trace(args) => trace::run(&lab, args),
        Command::Probe(args) => probe::run(&lab, args),
        Command::Diff(args) => diff::run(&lab, &args),
        Command::Export { output } => export::run(&lab, output.as_deref()),
        Command::Import(_) | Command::Demo { .. } | Command::Completions { .. } | Command::Version | Command::Coverage => {
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_subcommand_is_no_option_and_no_value_of_one() {
        let first = |line: &str| first_command(line.split(' ').map(OsString::from)).and_then(|word| word.into_string().ok());
        assert_eq!(first("explain --from i").as_deref(), Some("explain"));
        assert_eq!(first("--state explain probe --from explain").as_deref(), Some("probe"));
        assert_eq!(first("--state=/tmp/x explain").as_deref(), Some("explain"));
        assert_eq!(first("exec i -- explain").as_deref(), Some("exec"));
        assert_eq!(first("--state"), None);
    }

    #[test]
    fn no_other_option_is_global() {
        let command = Cli::command();
        let global = command.get_arguments().filter(|argument| argument.is_global_set());
        let global: Vec<&str> = global.map(|argument| argument.get_id().as_str()).collect();
        assert_eq!(global, ["state"]);
    }
}
