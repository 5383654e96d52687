//! The lab's one secret: a key of 32 bytes, of which the secrets of its access keys are made.
use aws_lc_rs::rand;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Reads the key kept in a file, or makes it there; only the file's owner can read it. What a crash left of making it is made anew, for
/// no secret was given out of it.
///
/// # Errors
/// A file that cannot be read or written, that others can read, or that holds no key.
pub fn lab_key(path: &Path) -> io::Result<[u8; 32]> {
    match File::open(path) {
        Ok(file) => read(file, path),
        Err(why) if why.kind() == io::ErrorKind::NotFound => make(path),
        Err(why) => Err(why),
    }
}

fn read(mut file: File, path: &Path) -> io::Result<[u8; 32]> {
    let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidData, format!("`{}` {why}", path.display())));
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        return refuse("can be read by others than its owner: `chmod 600` it");
    }
    let mut key = [0; 32];
    let length = file.metadata()?.len();
    if length != 32 || file.read_exact(&mut key).is_err() {
        return refuse("is no key of 32 bytes");
    }
    Ok(key)
}

/// The name is there only once the bytes are.
fn make(path: &Path) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    rand::fill(&mut key).map_err(|_| io::Error::other("the machine gives no randomness"))?;
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(&key)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_is_its_owners() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("access-keys.key");
        fs::write(path.with_extension("new"), "half").unwrap();
        let key = lab_key(&path).unwrap();
        assert_eq!((lab_key(&path).unwrap(), fs::metadata(&path).unwrap().permissions().mode() & 0o777), (key, 0o600));
        assert_ne!(lab_key(&dir.path().join("other.key")).unwrap(), key);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(lab_key(&path).unwrap_err().to_string().contains("can be read by others"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "short").unwrap();
        assert!(lab_key(&path).unwrap_err().to_string().contains("no key"));
    }
}
