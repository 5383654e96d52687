//! Where a lab is: its state directory, the lock its daemon holds, and the note that says where the daemon listens.
use crate::report::{Failure, NO_LAB};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Where an ephemeral lab keeps bytes too big for memory; in a directory shared with a lab that keeps its state, they are apart.
pub const EPHEMERAL_BLOBS: &str = "ephemeral-blobs";

/// A lab by its state directory.
#[derive(Clone, Debug)]
pub struct Lab {
    dir: PathBuf,
}

/// What the daemon notes of itself in `lab.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Note {
    /// The daemon's process id.
    pub pid: i32,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Whether it keeps nothing.
    pub ephemeral: bool,
    /// Its version.
    pub version: String,
    /// `root` or `user namespace`.
    pub privilege: String,
}

impl Lab {
    /// The lab of a directory, or of the default one.
    pub fn at(dir: Option<PathBuf>) -> Result<Self, Failure> {
        let dir = match dir {
            Some(dir) => dir,
            None => default_dir()?,
        };
        let dir = std::path::absolute(dir)?;
        Ok(Self { dir })
    }

    /// The state directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes the directory, for its owner only.
    pub fn create(&self) -> Result<(), Failure> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.dir).map_err(|why| {
            Failure::new(format!("cannot make the state directory `{}`: {why}", self.dir.display()))
                .hint("choose another one with --state DIR")
        })
    }

    /// Takes the lock that says that a daemon runs here; `None` when another holds it. It is released when the file is closed, however.
    pub fn lock(&self) -> Result<Option<File>, Failure> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(self.dir.join("lab.lock"))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(file)),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(why) => Err(Failure::new(format!("cannot lock `{}`: {why}", self.dir.display()))),
        }
    }

    /// Whether a daemon holds the lock.
    pub fn is_running(&self) -> Result<bool, Failure> {
        if !self.dir.join("lab.lock").exists() {
            return Ok(false);
        }
        match self.lock() {
            Ok(held) => Ok(held.is_none()),
            Err(why) => Err(why),
        }
    }

    /// The note of the running daemon.
    pub fn running(&self) -> Result<Note, Failure> {
        let none = || {
            Failure::new(format!("no lab is running at `{}`", self.dir.display()))
                .hint("start one with `vpclab up`, or name another with --state DIR")
                .code(NO_LAB)
        };
        if !self.is_running()? {
            return Err(none());
        }
        let text = fs::read_to_string(self.dir.join("lab.json")).map_err(|_| none())?;
        serde_json::from_str(&text).map_err(|why| Failure::new(format!("`{}` cannot be read: {why}", self.dir.join("lab.json").display())))
    }

    /// Writes the note, whole or not at all.
    pub fn note(&self, note: &Note) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(note).map_err(Failure::new)?;
        let temporary = self.dir.join("lab.json.new");
        fs::write(&temporary, text)?;
        fs::rename(&temporary, self.dir.join("lab.json"))?;
        Ok(())
    }

    /// Removes the note, and with an ephemeral lab what else the daemon put here.
    pub fn forget(&self, ephemeral: bool) {
        let mut names = vec!["lab.json", "lab.json.new"];
        if ephemeral {
            names.extend(["lab.lock", "daemon.log"]);
        }
        for name in names {
            let _gone = fs::remove_file(self.dir.join(name));
        }
        if ephemeral {
            let _gone = fs::remove_dir_all(self.dir.join(EPHEMERAL_BLOBS));
            // Only when empty: a directory that the user filled stays.
            let _gone = fs::remove_dir(&self.dir);
        }
    }
}

fn default_dir() -> Result<PathBuf, Failure> {
    if let Some(state) = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|dir| dir.is_absolute()) {
        return Ok(state.join("vpclab"));
    }
    match std::env::var_os("HOME").filter(|home| !home.is_empty()) {
        Some(home) => Ok(PathBuf::from(home).join(".local/state/vpclab")),
        None => Err(Failure::new("there is no home directory to keep the lab's state in").hint("name one with --state DIR")),
    }
}
