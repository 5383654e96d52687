//! Bytes too big for records: files named by their SHA-256.
//!
//! Invariants:
//! * A file under its name is whole: it was written elsewhere, synchronised, and renamed.
//! * When [`Put::finish`] returns, the bytes survive a crash; so a record that names them is committed after it, and never names nothing.
//! * [`Blobs::sweep`] removes what no record names, but never what somebody holds: a [`Blob`] holds its file as long as it lives, so it is
//!   kept until the record is committed.
use crate::checksum::{ChecksumKind, Running};
use aws_lc_rs::digest;
use md5::Digest as _;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use vpclab_cloud::Sha256;

/// The directory in which files are written until they are whole.
const UNFINISHED: &str = "unfinished";

/// The bytes of a lab. Cloning is cheap; all clones are the same.
#[derive(Clone)]
pub struct Blobs(Arc<Place>);

struct Place {
    dir: PathBuf,
    /// Whether a crash of the machine may lose nothing.
    durable: bool,
    /// Remove the directory at the end.
    temporary: bool,
    next: AtomicU64,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    count: BTreeMap<Sha256, usize>,
    /// While a sweep runs: what was held at any moment of it.
    since_sweep: Option<BTreeSet<Sha256>>,
}

/// Bytes that are kept as long as this value lives, and longer when a record names them.
#[derive(Clone)]
pub struct Blob {
    /// The name.
    pub sha256: Sha256,
    /// How many bytes.
    pub size: u64,
    /// Their MD5; all zero when the blob was not put but found by [`Blobs::hold`].
    pub md5: [u8; 16],
    /// The checksums that were asked for, in that order.
    pub checksums: Vec<(ChecksumKind, Vec<u8>)>,
    _hold: Arc<Hold>,
}

struct Hold {
    place: Arc<Place>,
    sha256: Sha256,
}

/// Why bytes were not put.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// There are more of them than allowed.
    #[error("there are more than {0} bytes")]
    TooLarge(u64),
    /// The disk is full, or the like.
    #[error("cannot keep the bytes: {0}")]
    Io(#[from] io::Error),
}

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many files.
    pub files: u64,
    /// How many bytes were in them.
    pub bytes: u64,
}

impl Blobs {
    /// The bytes kept in a directory over restarts and crashes; makes it when it is not there. One process at a time.
    ///
    /// # Errors
    /// When the directory cannot be made or tidied.
    pub fn open(dir: &Path) -> io::Result<Self> {
        Self::at(dir, true, false)
    }

    /// A directory that is emptied at the start and removed with the last clone.
    ///
    /// # Errors
    /// When the directory cannot be emptied or made.
    pub fn temporary(dir: &Path) -> io::Result<Self> {
        match fs::remove_dir_all(dir) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
            _ => {}
        }
        Self::at(dir, false, true)
    }

    /// A temporary place of its own in the system's directory for temporary files.
    ///
    /// # Errors
    /// As [`Blobs::temporary`].
    pub fn scratch() -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("vpclab-blobs-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self::temporary(&std::env::temp_dir().join(name))
    }

    fn at(dir: &Path, durable: bool, temporary: bool) -> io::Result<Self> {
        let unfinished = dir.join(UNFINISHED);
        match fs::remove_dir_all(&unfinished) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
            _ => {}
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&unfinished)?;
        let place = Place { dir: dir.to_owned(), durable, temporary, next: AtomicU64::new(0), held: Mutex::default() };
        if durable {
            place.sync(dir)?;
            dir.parent().map_or(Ok(()), |parent| place.sync(parent))?;
        }
        Ok(Self(Arc::new(place)))
    }

    /// Begins to put at most `limit` bytes, computing these checksums beside SHA-256 and MD5. It blocks: not for a thread of sockets.
    ///
    /// # Errors
    /// When no file can be made.
    pub fn begin(&self, limit: u64, checksums: &[ChecksumKind]) -> io::Result<Put> {
        let path = self.0.dir.join(UNFINISHED).join(self.0.next.fetch_add(1, Ordering::Relaxed).to_string());
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Put {
            place: Arc::clone(&self.0),
            file,
            path,
            size: 0,
            limit,
            sha256: digest::Context::new(&digest::SHA256),
            md5: md5::Md5::new(),
            checksums: checksums.iter().map(|kind| (*kind, Running::new(*kind))).collect(),
        })
    }

    /// Puts all that a reader gives.
    ///
    /// # Errors
    /// When there is more than `limit`, the reader fails or the disk is full.
    pub fn put(&self, mut bytes: impl io::Read, limit: u64) -> Result<Blob, PutError> {
        let mut put = self.begin(limit, &[])?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match bytes.read(&mut buffer) {
                Ok(0) => return put.finish(),
                Ok(count) => put.write(buffer.get(..count).unwrap_or_default())?,
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) => return Err(why.into()),
            }
        }
    }

    /// Holds bytes that are there, so that they outlive the record that names them now.
    #[must_use]
    pub fn hold(&self, sha256: &Sha256) -> Option<Blob> {
        let hold = self.0.hold(&mut self.0.held(), *sha256);
        let size = fs::metadata(self.path(sha256)).ok()?.len();
        Some(Blob { sha256: *sha256, size, md5: [0; 16], checksums: Vec::new(), _hold: hold })
    }

    /// The file of a blob, whether it is there or not. Nobody writes to it.
    #[must_use]
    pub fn path(&self, sha256: &Sha256) -> PathBuf {
        self.0.path(sha256)
    }

    /// Opens a blob for reading; what is open can be read to its end, swept or not.
    ///
    /// # Errors
    /// `NotFound` when it is not there.
    pub fn open_blob(&self, sha256: &Sha256) -> io::Result<File> {
        File::open(self.path(sha256))
    }

    /// Removes what is neither named by a record nor held. `keep` is called after the sweep began and answers what the records of that
    /// moment name.
    ///
    /// # Errors
    /// When the directory cannot be read or a file not removed; the others are swept all the same.
    pub fn sweep(&self, keep: impl FnOnce() -> BTreeSet<Sha256>) -> io::Result<Swept> {
        {
            // What is held now or from now on stays. What was let go before is committed, so that `keep` names it.
            let mut held = self.0.held();
            held.since_sweep = Some(held.count.keys().copied().collect());
        }
        let keep = keep();
        let swept = self.remove_all_but(&keep);
        self.0.held().since_sweep = None;
        swept
    }

    fn remove_all_but(&self, keep: &BTreeSet<Sha256>) -> io::Result<Swept> {
        let (mut swept, mut failed) = (Swept::default(), None);
        for shelf in fs::read_dir(&self.0.dir)? {
            let shelf = shelf?;
            if shelf.file_name() == UNFINISHED || !shelf.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(shelf.path())? {
                let file = file?;
                let Some(sha256) = file.file_name().to_str().and_then(|name| name.parse::<Sha256>().ok()) else { continue };
                if keep.contains(&sha256) {
                    continue;
                }
                // Under the lock, so that nobody finds the file there and holds it while it goes.
                let held = self.0.held();
                if held.since_sweep.as_ref().is_some_and(|since| since.contains(&sha256)) {
                    continue;
                }
                let size = file.metadata().map_or(0, |metadata| metadata.len());
                match fs::remove_file(file.path()) {
                    Ok(()) => {
                        swept.files += 1;
                        swept.bytes += size;
                    }
                    Err(why) => failed = Some(why),
                }
            }
        }
        failed.map_or(Ok(swept), Err)
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Blobs").field(&self.0.dir).finish()
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blob").field("sha256", &self.sha256).field("size", &self.size).finish_non_exhaustive()
    }
}

impl Place {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(self: &Arc<Self>, held: &mut Held, sha256: Sha256) -> Arc<Hold> {
        *held.count.entry(sha256).or_default() += 1;
        if let Some(since) = &mut held.since_sweep {
            since.insert(sha256);
        }
        Arc::new(Hold { place: Arc::clone(self), sha256 })
    }

    fn shelf(&self, sha256: &Sha256) -> PathBuf {
        self.dir.join(sha256.to_string().get(..2).unwrap_or_default())
    }

    fn path(&self, sha256: &Sha256) -> PathBuf {
        self.shelf(sha256).join(sha256.to_string())
    }

    fn sync(&self, dir: &Path) -> io::Result<()> {
        if self.durable { File::open(dir)?.sync_all() } else { Ok(()) }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.temporary {
            let _gone = fs::remove_dir_all(&self.dir);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut held = self.place.held();
        if let Some(count) = held.count.get_mut(&self.sha256) {
            *count -= 1;
            if *count == 0 {
                held.count.remove(&self.sha256);
            }
        }
    }
}

/// Bytes on their way to disk. Dropped without [`Put::finish`], nothing of them is left.
pub struct Put {
    place: Arc<Place>,
    file: File,
    path: PathBuf,
    size: u64,
    limit: u64,
    sha256: digest::Context,
    md5: md5::Md5,
    checksums: Vec<(ChecksumKind, Running)>,
}

impl Put {
    /// Appends bytes. It blocks.
    ///
    /// # Errors
    /// When there are more than allowed or the disk is full.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), PutError> {
        let size = self.size + u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size > self.limit {
            return Err(PutError::TooLarge(self.limit));
        }
        self.file.write_all(bytes)?;
        self.size = size;
        self.sha256.update(bytes);
        self.md5.update(bytes);
        self.checksums.iter_mut().for_each(|(_, running)| running.update(bytes));
        Ok(())
    }

    /// How many bytes were written.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Returns once the bytes are durable under their name. It blocks.
    ///
    /// # Errors
    /// When the disk is full or cannot be written; then nothing is kept.
    pub fn finish(mut self) -> Result<Blob, PutError> {
        let context = std::mem::replace(&mut self.sha256, digest::Context::new(&digest::SHA256));
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
        let sha256 = Sha256::from_bytes(bytes);
        let hold = self.place.hold(&mut self.place.held(), sha256);
        // Held from here on, so a file that is there already stays there.
        let (shelf, path) = (self.place.shelf(&sha256), self.place.path(&sha256));
        if !path.exists() {
            if self.place.durable {
                self.file.sync_all()?;
            }
            match fs::DirBuilder::new().mode(0o700).create(&shelf) {
                Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {}
                made => {
                    made?;
                    self.place.sync(&self.place.dir)?;
                }
            }
            fs::rename(&self.path, &path)?;
        }
        // Also for a file that was there: whoever renamed it may not have synchronised it yet.
        self.place.sync(&shelf)?;
        let checksums = std::mem::take(&mut self.checksums).into_iter().map(|(kind, running)| (kind, running.finish())).collect();
        let md5 = std::mem::take(&mut self.md5).finalize().into();
        Ok(Blob { sha256, size: self.size, md5, checksums, _hold: hold })
    }
}

impl Drop for Put {
    fn drop(&mut self) {
        // After a rename there is nothing of that name any more.
        let _gone = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests;
