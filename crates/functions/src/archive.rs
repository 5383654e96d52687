//! Zip files unpacked once and shared, read-only, by every environment that needs them.
use crate::version::{Archive, Wanted};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, DirBuilder, File, Permissions},
    io::{self, Read},
    os::unix::fs::{DirBuilderExt, PermissionsExt, symlink},
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What code and its layers may have unpacked.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const UNPACKED_MAX: u64 = 262_144_000;
/// More files than any package has.
const FILES_MAX: usize = 100_000;
/// A link's target is a path.
const LINK_MAX: u64 = 4096;

/// Why an archive cannot be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is no zip file, or one that uses what is not built (encryption, other compressions than deflate).
    #[error("Could not unzip uploaded file. Please check your file, then try to upload again.")]
    NotZip(#[source] zip::result::ZipError),
    /// It is too large unpacked.
    #[error("Unzipped size must be smaller than {UNPACKED_MAX} bytes")]
    TooLarge,
    /// It holds a path that leads out of its directory, or too many files.
    #[error("Could not unzip uploaded file. Please check your file, then try to upload again.")]
    BadEntry(String),
    /// The disk refused.
    #[error("the archive could not be unpacked: {0}")]
    Io(#[from] io::Error),
}

/// The directory of unpacked archives. What is unpacked stays while an environment holds it or a function names it.
#[derive(Debug)]
pub(crate) struct Unpacked {
    directory: PathBuf,
    held: Mutex<BTreeMap<String, usize>>,
    /// One archive is unpacked at a time: two callers of one archive would do the same work.
    busy: Mutex<()>,
}

/// An unpacked archive that is in use.
#[derive(Debug)]
pub(crate) struct Held {
    place: Arc<Unpacked>,
    name: String,
}

impl Held {
    /// The directory with the files.
    pub(crate) fn path(&self) -> PathBuf {
        self.place.directory.join(&self.name)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = lock(&self.place.held);
        if let Some(count) = held.get_mut(&self.name) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                held.remove(&self.name);
            }
        }
    }
}

impl Unpacked {
    /// Makes the directory anew: what is in it can be made again.
    pub(crate) fn open(directory: PathBuf) -> io::Result<Self> {
        match fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        DirBuilder::new().recursive(true).mode(0o755).create(&directory)?;
        Ok(Self { directory, held: Mutex::default(), busy: Mutex::default() })
    }

    /// Where the parts of the runtimes lie.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// An archive's files.
    pub(crate) fn code(self: &Arc<Self>, archive: &Archive) -> Result<Held, ArchiveError> {
        self.made(code_name(&archive.sha256), |into| unpack(archive, into).map(|_| ()))
    }

    /// The files of some layers, the later over the earlier.
    pub(crate) fn layers(self: &Arc<Self>, layers: &[Archive]) -> Result<Held, ArchiveError> {
        self.made(layers_name(layers.iter().map(|layer| layer.sha256.as_str())), |into| {
            let mut size = 0_u64;
            for layer in layers {
                size = size.saturating_add(unpack(layer, into)?);
            }
            if size > UNPACKED_MAX { Err(ArchiveError::TooLarge) } else { Ok(()) }
        })
    }

    /// Removes what nobody holds and no one of `wanted` names.
    pub(crate) fn sweep(&self, wanted: &[Wanted]) {
        let mut keep: BTreeSet<String> = wanted.iter().map(|one| code_name(&one.code)).collect();
        keep.extend(wanted.iter().map(|one| layers_name(one.layers.iter().map(String::as_str))));
        // Nothing is unpacked meanwhile, so that nothing comes to be held between the look and the removal.
        let _one = lock(&self.busy);
        let Ok(entries) = fs::read_dir(&self.directory) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let ours = name.starts_with(CODE) || name.starts_with(LAYERS);
            if ours && !keep.contains(&name) && !lock(&self.held).contains_key(&name) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    /// Removes all of it.
    pub(crate) fn remove(&self) {
        if let Err(why) = fs::remove_dir_all(&self.directory) {
            tracing::debug!(%why, "unpacked code could not be removed");
        }
    }

    fn made(self: &Arc<Self>, name: String, fill: impl FnOnce(&Path) -> Result<(), ArchiveError>) -> Result<Held, ArchiveError> {
        let done = self.directory.join(&name);
        let _one = lock(&self.busy);
        if !done.is_dir() {
            let fresh = self.directory.join("new");
            let _ = fs::remove_dir_all(&fresh);
            DirBuilder::new().recursive(true).mode(0o755).create(&fresh)?;
            match fill(&fresh) {
                Ok(()) => fs::rename(&fresh, &done)?,
                Err(why) => {
                    let _ = fs::remove_dir_all(&fresh);
                    return Err(why);
                }
            }
        }
        *lock(&self.held).entry(name.clone()).or_default() += 1;
        Ok(Held { place: Arc::clone(self), name })
    }
}

const CODE: &str = "code-";
const LAYERS: &str = "layers-";

fn code_name(sha256: &str) -> String {
    format!("{CODE}{sha256}")
}

/// Five names of 64 digits would be longer than a file's name may be.
fn layers_name<'a>(sha256s: impl Iterator<Item = &'a str>) -> String {
    sha256s.fold(LAYERS.to_owned(), |name, sha256| name + sha256.get(..40).unwrap_or(sha256))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether an archive can be unpacked, and what it has unpacked: read as it will be, and written nowhere.
///
/// # Errors
/// As unpacking it would fail.
pub fn check_archive(path: &Path) -> Result<u64, ArchiveError> {
    walk(path, |_, _| Ok(()))
}

fn unpack(archive: &Archive, into: &Path) -> Result<u64, ArchiveError> {
    walk(&archive.path, |name, entry| {
        let at = into.join(name);
        if entry.is_dir() {
            return make_directories(into, name);
        }
        if let Some(parent) = name.parent() {
            make_directories(into, parent)?;
        }
        let _ = fs::remove_file(&at);
        if entry.is_symlink() {
            let mut target = String::new();
            entry.take(LINK_MAX).read_to_string(&mut target)?;
            // Where it leads is looked up inside the environment, not here.
            return Ok(symlink(target, at)?);
        }
        let mode = entry.unix_mode().unwrap_or(0o644);
        let mut file = File::create(&at)?;
        // The size that the archive names may be a lie: its bytes are counted.
        let copied = io::copy(&mut entry.take(UNPACKED_MAX + 1), &mut file)?;
        if copied > UNPACKED_MAX {
            return Err(ArchiveError::TooLarge);
        }
        // The program runs as nobody in particular: what its owner may, everyone may.
        let executable = if mode & 0o111 == 0 { 0o644 } else { 0o755 };
        Ok(fs::set_permissions(&at, Permissions::from_mode(executable))?)
    })
}

/// Makes the directories of a path; one that is a link would lead out.
fn make_directories(into: &Path, name: &Path) -> Result<(), ArchiveError> {
    let mut at = into.to_owned();
    for part in name.components() {
        at.push(part);
        match fs::symlink_metadata(&at) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => return Err(ArchiveError::BadEntry(name.display().to_string())),
            Err(_) => DirBuilder::new().mode(0o755).create(&at)?,
        }
    }
    Ok(())
}

fn walk<F>(path: &Path, mut each: F) -> Result<u64, ArchiveError>
where
    F: FnMut(&Path, &mut zip::read::ZipFile<'_, File>) -> Result<(), ArchiveError>,
{
    let mut archive = zip::ZipArchive::new(File::open(path)?).map_err(ArchiveError::NotZip)?;
    if archive.len() > FILES_MAX {
        return Err(ArchiveError::BadEntry(format!("{} files", archive.len())));
    }
    let mut size = 0_u64;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(ArchiveError::NotZip)?;
        let name = PathBuf::from(entry.name());
        if !name.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(ArchiveError::BadEntry(entry.name().to_owned()));
        }
        size = size.saturating_add(entry.size());
        if size > UNPACKED_MAX {
            return Err(ArchiveError::TooLarge);
        }
        each(&name, &mut entry)?;
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    fn archive(name: &str, fill: impl FnOnce(&mut zip::ZipWriter<File>)) -> Archive {
        let path = std::env::temp_dir().join(format!("vpclab-tests-archive-{name}-{}.zip", std::process::id()));
        let mut writer = zip::ZipWriter::new(File::create(&path).unwrap());
        fill(&mut writer);
        writer.finish().unwrap();
        Archive { sha256: name.repeat(64).chars().take(64).collect(), path }
    }

    fn open(name: &str) -> Arc<Unpacked> {
        let directory = std::env::temp_dir().join(format!("vpclab-tests-unpacked-{name}-{}", std::process::id()));
        Arc::new(Unpacked::open(directory).unwrap())
    }

    #[test]
    fn files_links_and_modes_are_unpacked() {
        let zip = archive("a", |zip| {
            zip.start_file("dir/bootstrap", SimpleFileOptions::default().unix_permissions(0o700)).unwrap();
            zip.write_all(b"#!/bin/sh\n").unwrap();
            zip.add_symlink("link", "dir/bootstrap", SimpleFileOptions::default()).unwrap();
        });
        let unpacked = open("a");
        assert_eq!(check_archive(&zip.path).unwrap(), 10 + 13);
        let held = unpacked.code(&zip).unwrap();
        let at = held.path();
        assert_eq!(fs::read(at.join("link")).unwrap(), b"#!/bin/sh\n");
        assert_eq!(fs::metadata(at.join("dir/bootstrap")).unwrap().permissions().mode() & 0o777, 0o755);
        // The second time nothing is read any more.
        fs::remove_file(&zip.path).unwrap();
        assert_eq!(unpacked.code(&zip).unwrap().path(), at);
        unpacked.sweep(&[]);
        assert!(at.exists(), "it is held");
        drop(held);
        unpacked.sweep(&[]);
        assert!(!at.exists());
        fs::remove_dir_all(&unpacked.directory).unwrap();
    }

    #[test]
    fn a_path_that_climbs_is_refused_and_leaves_nothing() {
        let zip = archive("b", |zip| {
            zip.start_file("ok", SimpleFileOptions::default()).unwrap();
            zip.start_file("../../evil", SimpleFileOptions::default()).unwrap();
        });
        let unpacked = open("b");
        assert!(matches!(check_archive(&zip.path), Err(ArchiveError::BadEntry(_))));
        assert!(matches!(unpacked.code(&zip), Err(ArchiveError::BadEntry(_))));
        assert_eq!(fs::read_dir(&unpacked.directory).unwrap().count(), 0);
        fs::remove_file(&zip.path).unwrap();
        fs::remove_dir_all(&unpacked.directory).unwrap();
    }

    #[test]
    fn what_is_no_zip_is_refused() {
        let path = std::env::temp_dir().join(format!("vpclab-tests-nozip-{}", std::process::id()));
        fs::write(&path, "not a zip").unwrap();
        assert!(matches!(check_archive(&path), Err(ArchiveError::NotZip(_))));
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_link_cannot_carry_a_later_file_out() {
        let zip = archive("c", |zip| {
            zip.add_symlink("out", "/tmp", SimpleFileOptions::default()).unwrap();
            zip.start_file("out/vpclab-tests-evil", SimpleFileOptions::default()).unwrap();
        });
        let unpacked = open("c");
        assert!(unpacked.code(&zip).is_err());
        assert!(!Path::new("/tmp/vpclab-tests-evil").exists());
        fs::remove_file(&zip.path).unwrap();
        fs::remove_dir_all(&unpacked.directory).unwrap();
    }
}
