//! The languages that functions can be written in, and what of them this machine has.
use crate::version::FunctionVersion;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The parts of the runtimes that are ours.
const PYTHON: &str = include_str!("bootstrap/bootstrap.py");
const NODE: &str = include_str!("bootstrap/bootstrap.mjs");
/// Where an environment sees them.
pub(crate) const DIRECTORY: &str = "/var/runtime";
/// Where Node's modules of the machine are seen, in the way of those who look upwards from the code.
pub(crate) const MODULES: &str = "/var/node_modules";
/// Where Python's packages of the machine are seen.
pub(crate) const PACKAGES: &str = "/var/python_packages";
/// Where systems keep Node's modules for everyone.
const GLOBAL_MODULES: &str = "/usr/local/lib/node_modules:/usr/lib/node_modules:/usr/share/nodejs";
/// Where systems keep interpreters that an environment can see, too: `/opt` and `/var` are the environment's own.
const PLACES: [&str; 4] = ["/usr/bin", "/usr/local/bin", "/bin", "/usr/lib/nodejs/bin"];

/// A runtime by AWS's name for it.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    name: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// A program of the machine runs a part of ours.
    Python(PathBuf),
    Node(PathBuf),
    /// The function brings a `bootstrap`.
    Provided,
}

/// Why a runtime cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRuntime {
    /// One that vpclab does not run.
    #[error("vpclab does not run functions of the runtime `{0}` yet; it runs python3.*, nodejs* and provided.*")]
    NotBuilt(String),
    /// This machine lacks the program.
    #[error(
        "this machine has no `{program}` in {}, which functions of the runtime `{runtime}` need",
        PLACES.join(", ")
    )]
    NoProgram {
        /// `python3.12`
        runtime: String,
        /// `python3`
        program: &'static str,
    },
}

impl Runtime {
    /// Finds what a runtime needs on this machine.
    ///
    /// # Errors
    /// When it is none that vpclab runs, or the machine lacks its interpreter.
    pub fn find(name: &str) -> Result<Self, NoRuntime> {
        let program = |program: &'static str, exact: &str| {
            let found = find(exact).or_else(|| find(program));
            found.ok_or_else(|| NoRuntime::NoProgram { runtime: name.to_owned(), program })
        };
        let kind = if name.starts_with("python3.") {
            Kind::Python(program("python3", name)?)
        } else if name.starts_with("nodejs") && name.ends_with(".x") {
            Kind::Node(program("node", "node")?)
        } else if name == "provided" || name.starts_with("provided.") {
            Kind::Provided
        } else {
            return Err(NoRuntime::NotBuilt(name.to_owned()));
        };
        Ok(Self { name: name.to_owned(), kind })
    }

    /// AWS's name for it: `python3.12`
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The program of an environment.
    pub(crate) fn program(&self, code: &Path, opt: Option<&Path>) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match &self.kind {
            Kind::Python(program) => words(&[&program.to_string_lossy(), &format!("{DIRECTORY}/bootstrap.py")]),
            Kind::Node(program) => words(&[&program.to_string_lossy(), &format!("{DIRECTORY}/bootstrap.mjs")]),
            Kind::Provided if !code.join("bootstrap").exists() && opt.is_some_and(|opt| opt.join("bootstrap").exists()) => {
                words(&["/opt/bootstrap"])
            }
            Kind::Provided => words(&["/var/task/bootstrap"]),
        }
    }

    /// What the first line of a log says of it.
    pub(crate) fn describe(&self) -> String {
        match &self.kind {
            Kind::Python(program) | Kind::Node(program) => {
                format!("{} ({})", self.name, fs::canonicalize(program).unwrap_or_else(|_| program.clone()).display())
            }
            Kind::Provided => self.name.clone(),
        }
    }

    /// The variables that its language reads.
    fn variables(&self) -> Vec<(&'static str, String)> {
        match &self.kind {
            Kind::Python(_) => vec![
                ("PYTHONPATH", DIRECTORY.to_owned()),
                ("PYTHONUNBUFFERED", "1".to_owned()),
                // The code's directory cannot be written.
                ("PYTHONDONTWRITEBYTECODE", "1".to_owned()),
            ],
            Kind::Node(_) => {
                let version: String = self.name.chars().filter(char::is_ascii_digit).collect();
                let layers = format!("/opt/nodejs/node{version}/node_modules:/opt/nodejs/node_modules:{DIRECTORY}/node_modules");
                vec![("NODE_PATH", format!("{layers}:{MODULES}:{GLOBAL_MODULES}"))]
            }
            Kind::Provided => Vec::new(),
        }
    }
}

/// The environment of a function's program.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
pub(crate) fn variables(function: &FunctionVersion, api: &str, stream: &str, more: Vec<(&str, String)>) -> Vec<(String, String)> {
    let region = function.scope.region.as_str();
    let mut all: Vec<(String, String)> = [
        ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"),
        ("LD_LIBRARY_PATH", "/var/task:/var/task/lib:/opt/lib"),
        ("LANG", "en_US.UTF-8"),
        // On AWS the list of users says it, as it is on no machine for the user of a sandbox. It is not there, as on AWS.
        ("HOME", "/home/sbx_user1051"),
        ("LC_ALL", "C.UTF-8"),
        ("TZ", ":UTC"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("LAMBDA_RUNTIME_DIR", DIRECTORY),
        ("AWS_REGION", region),
        ("AWS_DEFAULT_REGION", region),
        ("AWS_ACCESS_KEY_ID", &function.keys.access_key),
        ("AWS_SECRET_ACCESS_KEY", &function.keys.secret),
        ("AWS_SESSION_TOKEN", &function.keys.token),
        ("AWS_LAMBDA_FUNCTION_NAME", &function.name),
        ("AWS_LAMBDA_FUNCTION_VERSION", &function.version),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &function.memory_mb.to_string()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &function.log_group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", stream),
        ("AWS_LAMBDA_RUNTIME_API", api),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("_HANDLER", &function.handler),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .chain(more.into_iter().map(|(name, value)| (name.to_owned(), value)))
    .collect();
    if function.runtime.kind != Kind::Provided {
        all.push(("AWS_EXECUTION_ENV".to_owned(), format!("AWS_Lambda_{}", function.runtime.name)));
    }
    if let Some(levels) = function.json_log {
        all.push(("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned()));
        all.push(("AWS_LAMBDA_LOG_LEVEL".to_owned(), levels.application.to_string()));
    }
    all.extend(function.runtime.variables().into_iter().map(|(name, value)| (name.to_owned(), value)));
    // Reserved names were refused when they were given; of the others the customer's own value holds.
    all.extend(function.variables.clone());
    all
}

/// Writes our parts of the runtimes into a directory.
pub(crate) fn write(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for (name, text) in [("bootstrap.py", PYTHON), ("bootstrap.mjs", NODE)] {
        File::create(directory.join(name))?.write_all(text.as_bytes())?;
    }
    Ok(())
}

fn find(program: &str) -> Option<PathBuf> {
    let hidden = |path: &Path| ["/opt", "/var", "/tmp", "/run", "/root"].iter().any(|own| path.starts_with(own));
    PLACES
        .iter()
        .map(|place| Path::new(place).join(program))
        .find(|path| fs::canonicalize(path).is_ok_and(|real| real.is_file() && !hidden(&real)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_run_is_named() {
        for name in ["java21", "ruby3.3", "dotnet8", "go1.x", "nodejs", "python2.7"] {
            assert_eq!(Runtime::find(name), Err(NoRuntime::NotBuilt(name.to_owned())));
        }
        assert_eq!(Runtime::find("provided.al2023").unwrap().program(Path::new("/x"), None), ["/var/task/bootstrap"]);
    }
}
