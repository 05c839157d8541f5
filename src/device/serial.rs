//! Opening a terminal: real hardware, and the pseudo-terminal of the native tier.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use rustix::termios::isatty;
use serialport::{ErrorKind, TTYPort};

use super::error::DeviceError;
use super::line::Line;

/// Opens `path` in raw mode (8 data bits, no parity, one stop bit, no flow control) at `baud`, locked
/// against other programs. `device` is how messages name it.
pub(super) fn open_line(device: &str, path: &str, baud: u32) -> Result<Line, DeviceError> {
    let named = || device.to_owned();
    let fail = |source: io::Error| DeviceError::Open {
        device: named(),
        source,
    };
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let bytes: OwnedFd = open(path, flags, Mode::empty()).map_err(|e| match e {
        rustix::io::Errno::BUSY => DeviceError::Busy { device: named() },
        rustix::io::Errno::ISDIR => DeviceError::NotATerminal {
            device: named(),
            found: "a directory",
        },
        other => fail(other.into()),
    })?;
    if !isatty(&bytes) {
        let found = fstat(&bytes).map_or("something else", |stat| {
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => "a file",
                FileType::Fifo => "a named pipe",
                FileType::BlockDevice => "a disk",
                FileType::CharacterDevice => "another kind of device",
                _ => "something else",
            }
        });
        return Err(DeviceError::NotATerminal {
            device: named(),
            found,
        });
    }
    let settings = TTYPort::open(&serialport::new(path, baud)).map_err(|e| match e.kind() {
        ErrorKind::NoDevice => DeviceError::Busy { device: named() },
        ErrorKind::Io(kind) => fail(io::Error::new(kind, e.description)),
        _ => fail(io::Error::other(e.description)),
    })?;
    Ok(Line::new(bytes, settings))
}

/// As [`open_line`], waiting until the terminal is there: one that was unplugged, or whose device starts
/// again, comes back after a while.
pub(super) fn open_line_within(
    device: &str,
    path: &str,
    baud: u32,
    wait: Duration,
) -> Result<Line, DeviceError> {
    let deadline = Instant::now() + wait;
    loop {
        let opened = open_line(device, path, baud);
        if opened.is_ok() || Instant::now() >= deadline {
            return opened;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(path: &str) -> DeviceError {
        open_line(&format!("serial:{path}"), path, 115_200).unwrap_err()
    }

    #[test]
    fn what_is_no_terminal_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ttyACM0");
        std::fs::write(&file, "not a terminal").unwrap();
        for (path, part) in [
            (folder.path().to_str().unwrap(), "it is a directory"),
            (file.to_str().unwrap(), "it is a file"),
            ("/dev/null", "another kind of device"),
        ] {
            let error = failure(path);
            assert!(error.to_string().contains(part), "{error}");
            assert!(error.to_string().contains(path), "{error}");
            assert_eq!(error.exit_code(), crate::exit::DEVICE_UNREACHABLE);
            assert!(error.hint().unwrap().contains("terminal"));
        }
    }

    #[test]
    fn a_missing_terminal_says_where_to_look() {
        let error = failure("/dev/ttyNOSUCH7");
        assert!(error.to_string().contains("/dev/ttyNOSUCH7"), "{error}");
        assert!(error.hint().unwrap().contains("/dev/serial/by-id"));
        assert_eq!(error.exit_code(), crate::exit::DEVICE_UNREACHABLE);
    }

    #[test]
    fn a_second_opener_is_told_that_the_terminal_is_busy() {
        let (_master, path) = super::super::native::open_pty().unwrap();
        let _first = open_line("serial:first", &path, 115_200).unwrap();
        let error = open_line("serial:second", &path, 115_200).unwrap_err();
        assert!(matches!(error, DeviceError::Busy { .. }), "{error}");
    }
}
