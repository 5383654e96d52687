//! The console of an instance: the last bytes its programs wrote, also in a file so that a restart keeps them.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::CONSOLE_BYTES;

/// A bounded ring of bytes with a bounded file behind it.
#[derive(Debug)]
pub(crate) struct Console {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    ring: VecDeque<u8>,
    log: Option<Log>,
}

#[derive(Debug)]
struct Log {
    path: PathBuf,
    file: File,
    length: usize,
}

impl Console {
    /// A console that goes on from what its file holds.
    pub(crate) fn open(path: Option<&Path>) -> io::Result<Console> {
        let mut ring = VecDeque::new();
        let mut log = None;
        if let Some(path) = path {
            match fs::read(path) {
                Ok(old) => push(&mut ring, &old),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            let file = OpenOptions::new().create(true).append(true).open(path)?;
            let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
            log = Some(Log { path: path.to_owned(), file, length });
        }
        Ok(Console { inner: Mutex::new(Inner { ring, log }) })
    }

    /// Takes what programs wrote.
    pub(crate) fn write(&self, bytes: &[u8]) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        push(&mut inner.ring, bytes);
        let Inner { ring, log } = &mut *inner;
        if let Some(open) = log
            && let Err(error) = open.append(bytes, ring)
        {
            // A full disk must not stop the instance: the ring goes on.
            tracing::warn!(path = %open.path.display(), %error, "console log is no longer written");
            *log = None;
        }
    }

    /// The last bytes, at most [`CONSOLE_BYTES`].
    pub(crate) fn tail(&self) -> Vec<u8> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.ring.iter().copied().collect()
    }
}

impl Log {
    fn append(&mut self, bytes: &[u8], ring: &VecDeque<u8>) -> io::Result<()> {
        if self.length.saturating_add(bytes.len()) <= 2 * CONSOLE_BYTES {
            self.file.write_all(bytes)?;
            self.length += bytes.len();
            return Ok(());
        }
        // Twice the ring is full: write the ring anew beside it and swap, so that a crash leaves one or the other.
        let fresh = self.path.with_extension("new");
        let mut file = File::create(&fresh)?;
        let (front, back) = ring.as_slices();
        file.write_all(front)?;
        file.write_all(back)?;
        fs::rename(&fresh, &self.path)?;
        self.file = file;
        self.length = ring.len();
        Ok(())
    }
}

fn push(ring: &mut VecDeque<u8>, bytes: &[u8]) {
    let skip = bytes.len().saturating_sub(CONSOLE_BYTES);
    let kept = bytes.get(skip..).unwrap_or_default();
    let over = (ring.len() + kept.len()).saturating_sub(CONSOLE_BYTES);
    ring.drain(..over);
    ring.extend(kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_bytes_are_kept() {
        let console = Console::open(None).unwrap();
        console.write(&vec![b'a'; CONSOLE_BYTES]);
        console.write(b"tail");
        let tail = console.tail();
        assert_eq!(tail.len(), CONSOLE_BYTES);
        assert!(tail.ends_with(b"atail"));
        console.write(&vec![b'b'; 3 * CONSOLE_BYTES]);
        assert_eq!(console.tail(), vec![b'b'; CONSOLE_BYTES]);
    }

    #[test]
    fn the_file_stays_bounded_and_a_reopened_console_goes_on() {
        let directory = std::env::temp_dir().join(format!("vpclab-console-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        let path = directory.join("i-1.log");
        let console = Console::open(Some(&path)).unwrap();
        for round in 0..200_u32 {
            console.write(format!("{round:04095}\n").as_bytes());
            assert!(fs::metadata(&path).unwrap().len() <= 2 * CONSOLE_BYTES as u64);
        }
        let tail = console.tail();
        drop(console);
        assert_eq!(Console::open(Some(&path)).unwrap().tail(), tail);
        fs::remove_dir_all(&directory).unwrap();
    }
}
