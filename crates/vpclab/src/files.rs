//! Files that users name: read up to a size, whatever they are; a device or a pipe has none before it is read.
use std::{fs::File, io::Read as _, path::Path};

/// A file's bytes.
///
/// # Errors
/// When it cannot be read, or has more than so many bytes.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes));
    match read {
        Err(why) => Err(why.to_string()),
        Ok(length) if u64::try_from(length).unwrap_or(u64::MAX) > most => Err(format!("it has more than {most} bytes")),
        Ok(_) => Ok(bytes),
    }
}

/// A file's text.
///
/// # Errors
/// As [`bytes`], and when it is no UTF-8.
pub fn text(path: &Path, most: u64) -> Result<String, String> {
    String::from_utf8(bytes(path, most)?).map_err(|_| "it is no text in UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_not_read_to_its_end() {
        assert_eq!(bytes(Path::new("/dev/zero"), 10), Err("it has more than 10 bytes".to_owned()));
        assert_eq!(bytes(Path::new("/dev/null"), 0), Ok(Vec::new()));
        assert!(text(Path::new("/nowhere"), 10).unwrap_err().contains("No such file"));
    }
}
