//! Reading a session log back. Its bytes are not trusted.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::SessionLogError;
use super::record::{
    DeviceRecord, EndRecord, LogRecord, RunRecord, SESSION_LOG_FORMAT, WindowRecord,
};
use super::write::LOG_FILE;

/// Longest line, bytes: an hour of three axes at 27 kHz.
const LINE_LIMIT: u64 = 1 << 31;
/// Most text in a log, bytes.
const TEXT_LIMIT: u64 = 1 << 36;

/// A session log in memory, without its frames.
#[derive(Debug, Clone, PartialEq)]
pub struct RunLog {
    /// What was run.
    pub run: RunRecord,
    /// Devices by turnout.
    pub devices: BTreeMap<u32, DeviceRecord>,
    /// Windows by turnout, in order.
    pub windows: BTreeMap<u32, VecDeque<WindowRecord>>,
    /// How the run ended; `None` if the log does not say.
    pub end: Option<EndRecord>,
}

/// Reads the session log of the run in `folder` (or the log itself, if a file is named).
///
/// # Errors
/// [`SessionLogError`] with the file and line of what cannot be used.
pub fn read_session_log(folder: &Path) -> Result<RunLog, SessionLogError> {
    let path = if folder.is_dir() {
        folder.join(LOG_FILE)
    } else {
        folder.to_owned()
    };
    let failed = |source| SessionLogError::Read {
        path: path.clone(),
        source,
    };
    let file = File::open(&path).map_err(failed)?;
    let text = zstd::stream::read::Decoder::new(file).map_err(failed)?;
    Reader {
        text: BufReader::new(text.take(TEXT_LIMIT)),
        path: path.clone(),
        line: 0,
    }
    .read()
}

struct Reader<R> {
    text: R,
    path: PathBuf,
    line: u64,
}

impl<R: BufRead> Reader<R> {
    fn read(mut self) -> Result<RunLog, SessionLogError> {
        let first = self.next()?.unwrap_or_default();
        self.check_format(&first)?;
        let LogRecord::Run(run) = self.parse(&first)? else {
            return Err(self.wrong("the first record is not `run`"));
        };
        let mut log = RunLog {
            run: *run,
            devices: BTreeMap::new(),
            windows: BTreeMap::new(),
            end: None,
        };
        while let Some(line) = self.next()? {
            // The bulk of the lines, and nothing that a replay needs.
            if line.starts_with(b"{\"record\":\"frame\"") {
                continue;
            }
            match self.parse(&line)? {
                LogRecord::Device(device) => {
                    log.devices.insert(device.turnout, device);
                }
                LogRecord::Window(window) => {
                    self.check_window(&window)?;
                    let windows = log.windows.entry(window.turnout).or_default();
                    windows.push_back(*window);
                }
                LogRecord::End(end) => log.end = Some(end),
                LogRecord::Frame(_) => {}
                LogRecord::Run(_) => return Err(self.wrong("a second `run` record")),
            }
        }
        if let Some(turnout) = log
            .windows
            .keys()
            .find(|turnout| !log.devices.contains_key(turnout))
        {
            return Err(self.wrong(&format!("turnout {turnout} has windows, but no device")));
        }
        Ok(log)
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, SessionLogError> {
        let mut line = Vec::new();
        let count = (&mut self.text)
            .take(LINE_LIMIT)
            .read_until(b'\n', &mut line)
            .map_err(|source| SessionLogError::Read {
                path: self.path.clone(),
                source,
            })?;
        self.line += 1;
        Ok((count > 0).then_some(line))
    }

    /// The format first: another one may have other fields.
    fn check_format(&self, line: &[u8]) -> Result<(), SessionLogError> {
        #[derive(Deserialize)]
        struct Head {
            format: u64,
        }
        let head: Head = serde_json::from_slice(line)
            .map_err(|error| self.wrong(&format!("no session log: {error}")))?;
        if head.format == u64::from(SESSION_LOG_FORMAT) {
            return Ok(());
        }
        Err(SessionLogError::Format {
            path: self.path.clone(),
            found: head.format,
            ours: SESSION_LOG_FORMAT,
        })
    }

    fn parse(&self, line: &[u8]) -> Result<LogRecord, SessionLogError> {
        serde_json::from_slice(line).map_err(|error| self.wrong(&error.to_string()))
    }

    fn check_window(&self, window: &WindowRecord) -> Result<(), SessionLogError> {
        let samples = window.x.len();
        if window.y.len() != samples || window.z.len() != samples {
            return Err(self.wrong("x, y and z differ in length"));
        }
        if !(window.true_rate_hz.is_finite() && window.true_rate_hz > 0.0) {
            return Err(self.wrong("true_rate_hz is no rate"));
        }
        Ok(())
    }

    fn wrong(&self, reason: &str) -> SessionLogError {
        SessionLogError::Line {
            path: self.path.clone(),
            line: self.line,
            reason: reason.to_owned(),
        }
    }
}
