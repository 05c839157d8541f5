//! Writing a session log while the run goes on.

use std::fs::File;
use std::io::{self, BufWriter, IntoInnerError, Write};
use std::path::{Path, PathBuf};

use zstd::stream::write::Encoder;

use super::error::SessionLogError;
use super::record::{FrameRecord, LogRecord};
use crate::device::LinkRecord;

/// The log.
pub const LOG_FILE: &str = "session.jsonl.zst";
/// Host times of its frames.
pub const TIMES_FILE: &str = "session-times.csv.zst";
/// Zstandard's fast end: the counts are mostly noise, which no level makes smaller.
const LEVEL: i32 = 1;

/// A session log that is being written, under a temporary name until it is complete.
pub struct SessionLog {
    log: Part,
    times: Part,
    line: u64,
}

impl SessionLog {
    /// Begins a log in `folder`, which is made if need be.
    ///
    /// # Errors
    /// [`SessionLogError::Write`].
    pub fn create(folder: &Path) -> Result<Self, SessionLogError> {
        std::fs::create_dir_all(folder).map_err(|source| SessionLogError::Write {
            path: folder.to_owned(),
            source,
        })?;
        let mut times = Part::create(folder, TIMES_FILE)?;
        times.write(b"line,host_us\n")?;
        Ok(Self {
            log: Part::create(folder, LOG_FILE)?,
            times,
            line: 0,
        })
    }

    /// Appends one record.
    ///
    /// # Errors
    /// [`SessionLogError::Write`].
    pub fn write(&mut self, record: &LogRecord) -> Result<(), SessionLogError> {
        let mut text = serde_json::to_vec(record).map_err(|error| self.log.fail(error.into()))?;
        text.push(b'\n');
        self.line += 1;
        self.log.write(&text)
    }

    /// Appends what crossed the line of one device: down first, each direction in its order.
    ///
    /// # Errors
    /// [`SessionLogError::Write`].
    pub fn frames(&mut self, turnout: u32, records: &[LinkRecord]) -> Result<(), SessionLogError> {
        let mut ordered: Vec<&LinkRecord> = records.iter().collect();
        ordered.sort_by_key(|record| record.way);
        for record in ordered {
            self.write(&LogRecord::Frame(FrameRecord::new(turnout, record)))?;
            let line = format!("{},{}\n", self.line, record.host_us);
            self.times.write(line.as_bytes())?;
        }
        Ok(())
    }

    /// Completes the log and gives it its name.
    ///
    /// # Errors
    /// [`SessionLogError::Write`].
    pub fn finish(self) -> Result<(), SessionLogError> {
        self.log.finish()?;
        self.times.finish()
    }
}

/// A compressed file under a temporary name; it is removed unless it is finished.
struct Part {
    path: PathBuf,
    temporary: PathBuf,
    out: Option<Encoder<'static, BufWriter<File>>>,
}

impl Part {
    fn create(folder: &Path, name: &str) -> Result<Self, SessionLogError> {
        sweep(folder, name);
        let path = folder.join(name);
        // The process number keeps two runs in one folder apart.
        let temporary = folder.join(format!(".{name}.{}.part", std::process::id()));
        let open = || Encoder::new(BufWriter::new(File::create(&temporary)?), LEVEL);
        match open() {
            Ok(out) => Ok(Self {
                path,
                temporary,
                out: Some(out),
            }),
            Err(source) => Err(SessionLogError::Write { path, source }),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SessionLogError> {
        let Some(out) = &mut self.out else {
            return Ok(());
        };
        let written = out.write_all(bytes);
        written.map_err(|source| self.fail(source))
    }

    fn finish(mut self) -> Result<(), SessionLogError> {
        let complete = |out: Encoder<'static, BufWriter<File>>| {
            let file = out
                .finish()?
                .into_inner()
                .map_err(IntoInnerError::into_error)?;
            file.sync_all()?;
            std::fs::rename(&self.temporary, &self.path)
        };
        self.out
            .take()
            .map_or(Ok(()), complete)
            .map_err(|source| self.fail(source))
    }

    fn fail(&self, source: io::Error) -> SessionLogError {
        SessionLogError::Write {
            path: self.path.clone(),
            source,
        }
    }
}

/// Removes parts that runs left behind which were killed.
fn sweep(folder: &Path, name: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        let process = file
            .strip_prefix(&format!(".{name}."))
            .and_then(|rest| rest.strip_suffix(".part"))
            .and_then(|process| process.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            // One that cannot be removed is only litter.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Renamed when it is complete: then there is nothing to remove.
        let _ = std::fs::remove_file(&self.temporary);
    }
}
