//! Records in one redb file.
use crate::{Store, StoreError, key};
use redb::{Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, StorageError, TableDefinition, TableError};
use std::{
    fmt::Display,
    fs::File,
    io::ErrorKind,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};
use vpclab_cloud::{Change, Record};

/// Key text -> the record as JSON.
const RECORDS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("records");
/// What is known of the file itself: [`FORMAT`] and [`REVISION`].
const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
const FORMAT: &str = "format";
const REVISION: &str = "revision";
/// The format written here. Raise it when an older vpclab would misread the file.
const CURRENT_FORMAT: u64 = 1;

/// A store in one file, kept over restarts and crashes.
#[derive(Debug)]
pub struct RedbStore {
    database: Database,
    path: PathBuf,
}

impl RedbStore {
    /// Opens the store at a path, making an empty one when there is none.
    ///
    /// # Errors
    /// When another process has it open, when it is damaged or of a newer format, or when the system refuses.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_path_buf();
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf();
        let refused = |error: std::io::Error| StoreError::Open { path: path.clone(), detail: error.to_string() };
        std::fs::create_dir_all(&parent).map_err(&refused)?;
        let database = guarded(&path, || Database::create(&path).map_err(|error| open_error(&path, error)))?;
        // A new file is only durable once its directory is.
        File::open(&parent).and_then(|directory| directory.sync_all()).map_err(&refused)?;
        let store = Self { database, path };
        guarded(&store.path, || store.check_format())?;
        Ok(store)
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the format, or writes it into a file that has none because it is new.
    fn check_format(&self) -> Result<(), StoreError> {
        match self.about(FORMAT)? {
            Some(found) if found > CURRENT_FORMAT => Err(StoreError::NewerFormat { path: self.path.clone(), found, known: CURRENT_FORMAT }),
            Some(CURRENT_FORMAT) => Ok(()),
            Some(found) => Err(self.corrupt(format!("unknown format {found}"))),
            None => {
                let read = self.database.begin_read().map_err(read_error)?;
                if read.list_tables().map_err(read_error)?.next().is_some() {
                    return Err(self.corrupt("it has tables but no format"));
                }
                drop(read);
                let mut write = self.database.begin_write().map_err(write_error)?;
                write.set_durability(Durability::Immediate).map_err(write_error)?;
                write.open_table(RECORDS).map_err(write_error)?;
                write.open_table(ABOUT).map_err(write_error)?.insert(FORMAT, CURRENT_FORMAT).map_err(write_error)?;
                write.commit().map_err(write_error)
            }
        }
    }

    fn about(&self, name: &str) -> Result<Option<u64>, StoreError> {
        let read = self.database.begin_read().map_err(read_error)?;
        match read.open_table(ABOUT) {
            Ok(table) => Ok(table.get(name).map_err(read_error)?.map(|value| value.value())),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(self.corrupt(error)),
        }
    }

    fn read_all(&self) -> Result<Vec<Record>, StoreError> {
        let read = self.database.begin_read().map_err(read_error)?;
        let table = read.open_table(RECORDS).map_err(read_error)?;
        let mut records = Vec::new();
        for entry in table.iter().map_err(read_error)? {
            let (name, value) = entry.map_err(read_error)?;
            let record: Record =
                serde_json::from_slice(value.value()).map_err(|error| self.corrupt(format!("record `{}`: {error}", name.value())))?;
            if key::text(&record.key())? != name.value() {
                return Err(self.corrupt(format!("record `{}` holds another key", name.value())));
            }
            records.push(record);
        }
        // The text's order is not the key's: kinds are ordered by declaration.
        records.sort_by_cached_key(Record::key);
        Ok(records)
    }

    fn corrupt(&self, detail: impl Display) -> StoreError {
        StoreError::Corrupt { path: self.path.clone(), detail: detail.to_string() }
    }
}

impl Store for RedbStore {
    fn load(&self) -> Result<Vec<Record>, StoreError> {
        guarded(&self.path, || self.read_all())
    }

    fn commit(&self, change: &Change) -> Result<(), StoreError> {
        if change.is_empty() {
            return Ok(());
        }
        let mut write = self.database.begin_write().map_err(write_error)?;
        write.set_durability(Durability::Immediate).map_err(write_error)?;
        {
            let mut table = write.open_table(RECORDS).map_err(write_error)?;
            for record in &change.written {
                let name = key::text(&record.key())?;
                let value = serde_json::to_vec(record)?;
                table.insert(name.as_str(), value.as_slice()).map_err(write_error)?;
            }
            for removed in &change.removed {
                table.remove(key::text(removed)?.as_str()).map_err(write_error)?;
            }
            let mut about = write.open_table(ABOUT).map_err(write_error)?;
            let revision = about.get(REVISION).map_err(write_error)?.map_or(0, |value| value.value());
            about.insert(REVISION, revision.saturating_add(1)).map_err(write_error)?;
        }
        write.commit().map_err(write_error)
    }

    fn revision(&self) -> Result<u64, StoreError> {
        Ok(self.about(REVISION)?.unwrap_or(0))
    }
}

/// redb panics on some damaged pages, where a lab has to say that its file is damaged.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let detail = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("a page cannot be read");
        Err(StoreError::Corrupt { path: path.to_path_buf(), detail: detail.to_owned() })
    })
}

fn open_error(path: &Path, error: DatabaseError) -> StoreError {
    let path = path.to_path_buf();
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::InUse(path),
        DatabaseError::Storage(StorageError::Io(error))
            if error.kind() != ErrorKind::InvalidData && error.kind() != ErrorKind::UnexpectedEof =>
        {
            StoreError::Open { path, detail: error.to_string() }
        }
        error => StoreError::Corrupt { path, detail: error.to_string() },
    }
}

fn read_error(error: impl Display) -> StoreError {
    StoreError::Read(error.to_string())
}

fn write_error(error: impl Display) -> StoreError {
    StoreError::Write(error.to_string())
}

#[cfg(test)]
mod tests;
