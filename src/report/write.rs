//! Files beside a run: complete or absent, never half written.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::score::Row;

/// Why a file could not be written. The remedy lies outside frogbench, so retrying may help.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {path}; check that the disk has room and the folder can be written", path = path.display())]
#[non_exhaustive]
pub struct WriteError {
    /// What was tried: `create`, `open`, `write` or `rename`.
    pub doing: &'static str,
    /// The file that was wanted.
    pub path: PathBuf,
    /// The system's answer.
    #[source]
    pub source: std::io::Error,
}

impl WriteError {
    /// The process exit code for this error.
    pub fn exit_code(&self) -> u8 {
        crate::exit::RETRYABLE
    }
}

/// Writes `rows` below a header to `path`. The first column counts the rows from 1; an empty cell is
/// an unknown value.
pub fn write_table<R: Row>(path: &Path, rows: &[R]) -> Result<(), WriteError> {
    replace(path, |out| {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(std::iter::once("row").chain(R::COLUMNS.iter().copied()))?;
        for (index, row) in rows.iter().enumerate() {
            table.write_record(std::iter::once((index + 1).to_string()).chain(row.cells()))?;
        }
        table.flush()
    })
}

/// Writes `bytes` to `path`.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    replace(path, |out| out.write_all(bytes))
}

/// Writes to a temporary name in the same folder, then renames: a reader never sees a part. What is
/// there and is no file (a terminal, a pipe, `/dev/stdout`) is written to as it is.
fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), WriteError> {
    let fail = |doing: &'static str| {
        move |source: std::io::Error| WriteError {
            doing,
            path: path.to_owned(),
            source,
        }
    };
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        let open = std::fs::OpenOptions::new().write(true).open(path);
        let mut out = BufWriter::new(open.map_err(fail("open"))?);
        return write(&mut out)
            .and_then(|()| out.flush())
            .map_err(fail("write"));
    }
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| {
        fail("create")(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "not a file name",
        ))
    })?;
    // The process number keeps two runs in one folder apart.
    let part = path.with_file_name(format!(".{name}.{}.part", std::process::id()));
    let written = (|| {
        let file = File::create(&part).map_err(fail("create"))?;
        let mut out = BufWriter::new(file);
        write(&mut out).map_err(fail("write"))?;
        let file = out
            .into_inner()
            .map_err(|error| fail("write")(error.into_error()))?;
        // A full disk may show only here.
        file.sync_all().map_err(fail("write"))?;
        std::fs::rename(&part, path).map_err(fail("rename"))
    })();
    if written.is_err() {
        // The first error is the one to report; a part that cannot be removed is only litter.
        std::fs::remove_file(&part).ok();
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{TruthKind, TruthRow};

    #[test]
    fn tables_are_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("truth.csv");
        let mut row = TruthRow::new("worn", 0, TruthKind::Train, 1_000_000, 3_000_000);
        row.label = "freight, long".to_owned();
        row.axle_times_us = vec![1_000_000, 1_200_000];
        row.speed_m_s = Some(0.1 + 0.2);
        row.condition = vec![("kink_angle_mrad".to_owned(), 6.0)];
        write_table(&path, &[row.clone(), row.clone()]).unwrap();
        write_table(&path, &[row]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("row,scenario,turnout,window,kind,onset_us,"));
        assert!(
            lines[1].starts_with(
                "1,worn,0,,train,1000000,3000000,\"freight, long\",2,0 200000,0.30000000000000004,"
            ),
            "{}",
            lines[1]
        );
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no part is left"
        );
    }

    /// Guards against a report to `/dev/stdout` or `/dev/null` that puts a file in place of the device.
    #[test]
    fn what_is_no_file_is_written_to_and_not_replaced() {
        write_file(Path::new("/dev/null"), b"{}").unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
        let error = write_file(Path::new("/dev/full"), b"{}").unwrap_err();
        assert_eq!((error.exit_code(), error.doing), (75, "write"));
        assert!(!std::fs::metadata("/dev/full").unwrap().is_file());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = write_file(Path::new("/nowhere/at/all.json"), b"{}").unwrap_err();
        assert_eq!(error.exit_code(), 75);
        assert_eq!(
            error.to_string(),
            "cannot create /nowhere/at/all.json; check that the disk has room and the folder can \
             be written"
        );
    }

    /// Guards against a table that is cut short by a full disk and looks complete.
    #[test]
    fn a_full_disk_leaves_neither_part_nor_target() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.csv");
        let error = replace(&path, |out| {
            out.write_all(b"half a ta")?;
            Err(std::io::Error::new(
                std::io::ErrorKind::StorageFull,
                "no space left on device",
            ))
        })
        .unwrap_err();
        assert_eq!(
            (error.doing, error.path.as_path()),
            ("write", path.as_path())
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
