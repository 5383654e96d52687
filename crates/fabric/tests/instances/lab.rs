//! A daemon of a check, with a state directory that goes away with it.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

/// With which rights the daemon of a check runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    Root,
    User,
}

/// A user whom no machine knows.
const USER: u32 = 54_321;

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether the machine lets a daemon run so.
pub fn can_run(mode: As) -> Result<(), String> {
    let output = ourselves(mode).arg("enter").output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stdout).into_owned()) }
}

/// This binary, with the rights of a mode.
pub fn ourselves(mode: As) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    if mode == As::User && is_root() {
        command.uid(USER).gid(USER);
    }
    command
}

pub struct Lab {
    pub mode: As,
    pub state: PathBuf,
    pub storage: String,
    pub daemon: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// An instance as `exec` needs it.
#[derive(Debug, Clone)]
pub struct Started {
    pub pid: u32,
    pub time: u64,
    pub ms: f64,
    pub read_only: Vec<String>,
}

impl Lab {
    /// A lab that keeps its files on disk, in /var/tmp: inside instances /tmp is another one.
    pub fn on_disk(mode: As) -> Lab {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let state = PathBuf::from(format!("/var/tmp/vpclab-check-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&state).unwrap();
        std::fs::write(state.join("secret"), "the lab's key").unwrap();
        if mode == As::User && is_root() {
            chown(&state, Some(USER), Some(USER)).unwrap();
        }
        Lab::up(mode, "disk", state)
    }

    pub fn in_memory(mode: As) -> Lab {
        let mut lab = Lab::on_disk(mode);
        lab.down();
        let state = std::mem::take(&mut lab.state);
        Lab::up(mode, "memory", state)
    }

    /// The same lab after `down`.
    pub fn again(mut self) -> Lab {
        self.down();
        let state = std::mem::take(&mut self.state);
        Lab::up(self.mode, "disk", state)
    }

    fn up(mode: As, place: &str, state: PathBuf) -> Lab {
        let mut daemon = ourselves(mode).args(["daemon", place]).arg(&state).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = daemon.stdin.take();
        let output = BufReader::new(daemon.stdout.take().unwrap());
        let mut lab = Lab { mode, state, storage: String::new(), daemon, input, output };
        lab.storage = lab.answer()["storage"].as_str().expect("the lab is up").to_owned();
        lab
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).expect("an answer of the daemon");
        assert!(answer.get("error").is_none(), "{answer}");
        answer
    }

    pub fn ask(&mut self, request: Value) -> Value {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{request}").unwrap();
        self.answer()
    }

    pub fn start(&mut self, id: &str, user_data: &str) -> Started {
        self.start_with(json!({"do": "start", "id": id, "user_data": user_data}))
    }

    pub fn start_with(&mut self, request: Value) -> Started {
        let answer = self.ask(request);
        Started {
            pid: u32::try_from(answer["pid"].as_u64().unwrap()).unwrap(),
            time: answer["time"].as_u64().unwrap(),
            ms: answer["ms"].as_f64().unwrap(),
            read_only: serde_json::from_value(answer["read_only"].clone()).unwrap(),
        }
    }

    pub fn stop(&mut self, id: &str) {
        self.ask(json!({"do": "stop", "id": id}));
    }

    pub fn terminate(&mut self, id: &str) {
        self.ask(json!({"do": "terminate", "id": id}));
    }

    pub fn console(&mut self, id: &str) -> String {
        self.ask(json!({"do": "console", "id": id}))["text"].as_str().unwrap().to_owned()
    }

    /// The command line's `exec`.
    pub fn exec(&self, instance: &Started) -> Command {
        exec_as(self.mode, instance)
    }

    /// Runs a shell line in an instance; its trimmed output. It must succeed.
    pub fn sh(&self, instance: &Started, line: &str) -> String {
        let output = self.try_sh(instance, line);
        assert!(output.status.success(), "`{line}`: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn try_sh(&self, instance: &Started, line: &str) -> Output {
        self.exec(instance).args(["--", "sh", "-c", line]).stdin(Stdio::null()).output().unwrap()
    }

    /// The orderly end.
    pub fn down(&mut self) {
        self.input = None;
        self.daemon.wait().unwrap();
    }
}

pub fn exec_as(mode: As, instance: &Started) -> Command {
    let mut command = ourselves(mode);
    command.arg("exec").arg(instance.pid.to_string()).arg(instance.time.to_string());
    command
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.daemon.wait();
        if self.state.as_os_str().is_empty() {
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.state) {
            println!("cannot remove {}: {error}", self.state.display());
        }
    }
}

/// Looks again and again, for five seconds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("not within five seconds: {what}");
}

/// The processes of the machine whose PID namespace is that of a path such as `/proc/1/ns/pid`.
pub fn processes_in(namespace: &Path) -> Vec<u32> {
    std::fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| std::fs::read_link(format!("/proc/{pid}/ns/pid")).is_ok_and(|found| found == namespace))
        .collect()
}
