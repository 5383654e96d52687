//! The hands of the story: a lab of its own, commands shown and run in it, and the names that earlier steps learnt.
use crate::report::Failure;
use anstream::println;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What a command gave.
pub struct Answer {
    /// Its exit code; 128 and more when a signal ended it.
    pub code: i32,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

/// The clients of the story.
#[derive(Clone, Debug)]
pub struct Tools {
    /// The AWS CLI.
    pub aws: PathBuf,
    /// The AWS SAM CLI.
    pub sam: PathBuf,
}

/// The shell the story is told in.
pub struct Shell {
    tools: Tools,
    runtime: String,
    dir: PathBuf,
    endpoint: String,
    known: BTreeMap<&'static str, String>,
    ended: bool,
}

impl Shell {
    /// Starts an ephemeral lab on a free port, with its state in a directory of its own.
    pub fn start(tools: &Tools) -> Result<Self, Failure> {
        let tools = &Tools { aws: from_anywhere(&tools.aws)?, sam: from_anywhere(&tools.sam)? };
        let version = version_of(&tools.aws, "AWS CLI", "--aws")?;
        if !knows_endpoint_variable(&version) {
            return Err(Failure::new(format!("`{version}` does not know AWS_ENDPOINT_URL: it would ask AWS itself"))
                .hint("versions from 1.29 and 2.13 on do; `make demo` installs one, or name one with --aws PATH"));
        }
        println!("# {}", version_of(&tools.sam, "AWS SAM CLI", "--sam")?);
        println!("# {version}");
        let dir = std::env::temp_dir().join(format!("vpclab-demo-{}", std::process::id()));
        fs::create_dir(&dir).map_err(|why| Failure::new(format!("cannot make `{}`: {why}", dir.display())))?;
        let runtime = python_runtime(tools)?;
        let mut shell = Self { tools: tools.clone(), runtime, dir, endpoint: String::new(), known: BTreeMap::new(), ended: false };
        println!("$ vpclab up --ephemeral");
        let up = shell.vpclab(&["up", "--ephemeral", "--listen", "127.0.0.1:0"])?;
        if up.code != 0 {
            let text = up.err.trim();
            let (message, hint) = text.split_once("\nhint:").unwrap_or((text, ""));
            let failure = Failure::new(message.trim_start_matches("error:").trim()).code(u8::try_from(up.code).unwrap_or(1));
            return Err(if hint.is_empty() { failure } else { failure.hint(hint.trim()) });
        }
        print!("{}", up.out);
        let at = up.out.split("http://").nth(1).map(str::trim).ok_or_else(|| Failure::new("the lab did not say where it listens"))?;
        shell.endpoint = format!("http://{at}");
        Ok(shell)
    }

    /// Ends the lab and removes what it had.
    pub fn end(&mut self) -> Result<(), String> {
        self.ended = true;
        let down = self.vpclab(&["down"]).map_err(|why| why.to_string());
        let gone = if self.dir.exists() { fs::remove_dir_all(&self.dir).map_err(|why| why.to_string()) } else { Ok(()) };
        match down {
            Ok(answer) if answer.code == 0 => gone,
            Ok(answer) => Err(answer.err),
            Err(why) => Err(why),
        }
    }

    /// Remembers a name for later steps.
    pub fn learn(&mut self, name: &'static str, value: impl Into<String>) {
        self.known.insert(name, value.into());
    }

    /// A name that an earlier step learnt.
    pub fn get(&self, name: &'static str) -> Result<String, String> {
        self.known.get(name).cloned().ok_or_else(|| format!("an earlier step did not give {name}"))
    }

    /// Runs `aws --region REGION ARGUMENTS`, shows it and its answer; the answer must be a success. JSON, or null where there is none.
    pub fn aws(&self, region: &str, arguments: &[&str]) -> Result<Value, String> {
        println!("$ aws --region {region} {}", quoted(arguments));
        let mut command = Command::new(&self.tools.aws);
        command.args(["--region", region, "--output", "json"]).args(arguments);
        let answer = run(self.as_client(&mut command))?;
        show(&answer);
        if answer.code != 0 {
            return Err(format!("aws ended with {}: {}", answer.code, answer.err.trim()));
        }
        if answer.out.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&answer.out).map_err(|why| format!("aws answered no JSON: {why}"))
    }

    /// The same for an answer that is one text.
    pub fn aws_text(&self, region: &str, arguments: &[&str]) -> Result<String, String> {
        match self.aws(region, arguments)? {
            Value::String(text) => Ok(text),
            other => Err(format!("expected a text, got {other}")),
        }
    }

    /// Runs a command inside an instance and shows it and its answer.
    pub fn inside(&self, instance: &str, command: &[&str]) -> Result<Answer, String> {
        println!("$ vpclab exec {instance} -- {}", quoted(command));
        let mut arguments = vec!["exec", instance, "--"];
        arguments.extend(command);
        let answer = self.vpclab(&arguments).map_err(|why| why.to_string())?;
        show(&answer);
        Ok(answer)
    }

    /// Runs a line that begins with `aws`, as a person pastes it, and shows it and its answer; it must be a success.
    pub fn paste(&self, line: &str) -> Result<(), String> {
        println!("$ {line}");
        let arguments = line.strip_prefix("aws ").ok_or_else(|| format!("`{line}` is no command of the AWS CLI"))?;
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec \"$0\" {arguments}")]).arg(&self.tools.aws);
        let answer = run(self.as_client(&mut command))?;
        show(&answer);
        if answer.code == 0 { Ok(()) } else { Err(format!("aws ended with {}: {}", answer.code, answer.err.trim())) }
    }

    /// Runs `vpclab explain --from INSTANCE URL` and shows it and its answer.
    pub fn explain(&self, instance: &str, url: &str) -> Result<Answer, String> {
        println!("$ vpclab explain --from {instance} {}", quoted(&[url]));
        let answer = self.vpclab(&["explain", "--from", instance, url]).map_err(|why| why.to_string())?;
        show(&answer);
        Ok(answer)
    }

    /// The runtime of functions that `sam build` can build here, such as `python3.11`.
    pub fn runtime(&self) -> &str {
        &self.runtime
    }

    /// Writes a file of an example in its directory, and shows it.
    pub fn file(&self, example: &str, name: &str, text: &str) -> Result<(), String> {
        println!("$ cat {example}/{name}\n{}", text.trim_end());
        let path = self.dir.join(example).join(name);
        fs::create_dir_all(path.parent().unwrap_or(&self.dir)).map_err(|why| why.to_string())?;
        fs::write(&path, text).map_err(|why| why.to_string())
    }

    /// Runs `sam ARGUMENTS` in the directory of an example, shows it and its answer; it must be a success.
    pub fn sam(&self, example: &str, arguments: &[&str]) -> Result<Answer, String> {
        println!("{example}$ sam {}", quoted(arguments));
        let mut command = Command::new(&self.tools.sam);
        command.args(arguments).current_dir(self.dir.join(example));
        let answer = run(self.as_client(&mut command))?;
        show(&answer);
        if answer.code != 0 {
            return Err(format!("sam ended with {}: {}", answer.code, answer.err.trim()));
        }
        Ok(answer)
    }

    /// The environment of a client of the lab: nothing of the user's own configuration, and no telemetry.
    fn as_client<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("AWS_ENDPOINT_URL", &self.endpoint).env("HOME", &self.dir).env("TMPDIR", &self.dir).env("PATH", path(&self.tools)).envs(
            [
                ("AWS_ACCESS_KEY_ID", "111122223333"),
                ("AWS_SECRET_ACCESS_KEY", "vpclab"),
                ("AWS_CONFIG_FILE", "/dev/null"),
                ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
                ("AWS_EC2_METADATA_DISABLED", "true"),
                // Version 2 would show long answers page by page.
                ("AWS_PAGER", ""),
                ("SAM_CLI_TELEMETRY", "0"),
                ("SAM_CLI_BETA_FEATURES", "0"),
                ("PYTHONDONTWRITEBYTECODE", "1"),
                ("PYTHONWARNINGS", "ignore"),
            ],
        )
    }

    fn vpclab(&self, arguments: &[&str]) -> Result<Answer, Failure> {
        let mut command = Command::new("/proc/self/exe");
        command.arg("--state").arg(self.dir.join("lab")).args(arguments).env_remove("VPCLAB_STATE");
        run(&mut command).map_err(Failure::new)
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        if !self.ended {
            let _gone = self.end();
        }
    }
}

/// A program's path that means the same in every directory; a bare name is looked for in the search path.
fn from_anywhere(program: &Path) -> Result<PathBuf, Failure> {
    if program.components().count() > 1 { std::path::absolute(program).map_err(Failure::new) } else { Ok(program.to_owned()) }
}

fn version_of(program: &Path, name: &str, option: &str) -> Result<String, Failure> {
    let version = Command::new(program).arg("--version").env("SAM_CLI_TELEMETRY", "0").output().map_err(|why| {
        Failure::new(format!("cannot run `{}`: {why}", program.display()))
            .hint(format!("`make demo` installs the {name}; or name one with {option} PATH"))
    })?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    Ok(version)
}

/// The search path with the directory of `sam` before it: the Python beside it is the one that it builds for.
fn path(tools: &Tools) -> std::ffi::OsString {
    let beside = tools.sam.parent().filter(|dir| !dir.as_os_str().is_empty()).and_then(|dir| dir.canonicalize().ok());
    let rest = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(beside.into_iter().chain(std::env::split_paths(&rest))).unwrap_or(rest)
}

fn python_runtime(tools: &Tools) -> Result<String, Failure> {
    let mut python = Command::new("python3");
    python.args(["-c", "import sys; print('python%d.%d' % sys.version_info[:2], end='')"]).env("PATH", path(tools));
    match run(&mut python) {
        Ok(answer) if answer.code == 0 => Ok(answer.out),
        Ok(answer) => Err(Failure::new(format!("`python3` does not tell its version: {}", answer.err.trim()))),
        Err(why) => Err(Failure::new(format!("cannot run `python3`: {why}")).hint("sudo apt-get install python3")),
    }
}

/// Whether `aws --version` tells of a version that obeys `AWS_ENDPOINT_URL`.
fn knows_endpoint_variable(version: &str) -> bool {
    let number = version.strip_prefix("aws-cli/").unwrap_or_default();
    let mut parts = number.split(['.', ' ']).map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    major > 2 || (major == 2 && minor >= 13) || (major == 1 && minor >= 29)
}

fn run(command: &mut Command) -> Result<Answer, String> {
    let Output { status, stdout, stderr } = command.stdin(std::process::Stdio::null()).output().map_err(|why| why.to_string())?;
    use std::os::unix::process::ExitStatusExt;
    Ok(Answer {
        code: status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
        out: String::from_utf8_lossy(&stdout).into_owned(),
        err: String::from_utf8_lossy(&stderr).into_owned(),
    })
}

fn show(answer: &Answer) {
    for text in [&answer.out, &answer.err] {
        if !text.trim().is_empty() {
            println!("{}", text.trim_end());
        }
    }
    if answer.code != 0 {
        println!("(exit code {})", answer.code);
    }
}

fn quoted(words: &[&str]) -> String {
    let plain = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:=,@{}[]+%".contains(&b));
    words
        .iter()
        .map(|word| if plain(word) { (*word).to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::knows_endpoint_variable;

    #[test]
    fn old_clients_are_not_used() {
        assert!(knows_endpoint_variable("aws-cli/1.46.3 Python/3.11.7 Linux/6.1 botocore/1.43.62"));
        assert!(knows_endpoint_variable("aws-cli/2.13.0 Python/3.11.4"));
        for old in ["aws-cli/2.9.19 Python/3.11.2", "aws-cli/1.28.9", "something else", ""] {
            assert!(!knows_endpoint_variable(old), "{old}");
        }
    }
}
