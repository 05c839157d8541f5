//! Bytes to and from a terminal, never waiting longer than asked.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use serialport::TTYPort;

/// An open terminal.
///
/// `serialport` sets up the line (raw mode, baud rate) and locks it. The bytes move over a second,
/// non-blocking descriptor of the same terminal: on a blocking one, a write to a device that has
/// stopped reading never returns.
#[derive(Debug)]
pub(super) struct Line {
    bytes: OwnedFd,
    _settings: TTYPort,
    process: Option<Lifeline>,
}

/// Tells when the process at the other end of a pseudo-terminal is gone.
///
/// The bench keeps the other end open itself, because closing it would discard what the process said
/// last; hence there is no hang-up to see, and the end of the process is watched instead.
#[derive(Debug)]
pub(super) struct Lifeline {
    /// Readable as soon as the process has ended.
    pub(super) ended: OwnedFd,
    /// Keeps what the process wrote readable after its end.
    pub(super) _other_end: OwnedFd,
}

/// How long the kernel may take to carry a dead process's last bytes across the pseudo-terminal.
const LAST_BYTES: Duration = Duration::from_millis(50);

/// What a read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Incoming {
    /// So many bytes.
    Bytes(usize),
    /// Nothing in time.
    Nothing,
    /// The other end has gone.
    HangUp,
}

impl Line {
    pub(super) const fn new(bytes: OwnedFd, settings: TTYPort) -> Self {
        Self {
            bytes,
            _settings: settings,
            process: None,
        }
    }

    /// Hangs up when the process ends.
    pub(super) fn watch(&mut self, process: Lifeline) {
        self.process = Some(process);
    }

    /// Waits until bytes are there, at most for `wait`, and takes what has come.
    pub(super) fn read(&self, into: &mut [u8], wait: Duration) -> io::Result<Incoming> {
        let deadline = Instant::now() + wait;
        let mut ended = false;
        loop {
            match rustix::io::read(&self.bytes, &mut *into) {
                // A terminal whose other end closed gives end-of-file or EIO.
                Ok(0) | Err(Errno::IO) => return Ok(Incoming::HangUp),
                Ok(count) => return Ok(Incoming::Bytes(count)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    if ended {
                        return Ok(Incoming::HangUp);
                    }
                    let left = deadline.saturating_duration_since(Instant::now());
                    match self.wait_for(PollFlags::IN, left)? {
                        Woken::Line => {}
                        Woken::TimedOut => return Ok(Incoming::Nothing),
                        Woken::ProcessEnded => {
                            ended = true;
                            self.poll_line(PollFlags::IN, LAST_BYTES)?;
                        }
                    }
                }
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// Writes from the front of `bytes` until all is written, or something can be read, or `wait` is
    /// over; returns how many bytes the line took.
    pub(super) fn write(&self, bytes: &[u8], wait: Duration) -> io::Result<usize> {
        let deadline = Instant::now() + wait;
        let mut done = 0;
        while done < bytes.len() {
            match rustix::io::write(&self.bytes, &bytes[done..]) {
                Ok(count) => done += count,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    // Also wakes for input: a device that waits for us to read cannot read from us.
                    let woken = self.wait_for(PollFlags::IN | PollFlags::OUT, left)?;
                    if woken != Woken::Line || self.poll_line(PollFlags::IN, Duration::ZERO)? {
                        break;
                    }
                }
                Err(e) => return Err(e.into()),
            }
        }
        Ok(done)
    }

    /// Waits for the line or for the end of the process, whichever is first; the line wins.
    fn wait_for(&self, events: PollFlags, wait: Duration) -> io::Result<Woken> {
        let Some(process) = &self.process else {
            let ready = self.poll_line(events, wait)?;
            return Ok(if ready { Woken::Line } else { Woken::TimedOut });
        };
        let mut fds = [
            PollFd::new(&self.bytes, events),
            PollFd::new(&process.ended, PollFlags::IN),
        ];
        let count = poll_for(&mut fds, wait)?;
        Ok(if !fds[0].revents().is_empty() || count.is_none() {
            Woken::Line
        } else if !fds[1].revents().is_empty() {
            Woken::ProcessEnded
        } else {
            Woken::TimedOut
        })
    }

    fn poll_line(&self, events: PollFlags, wait: Duration) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.bytes, events)];
        Ok(poll_for(&mut fds, wait)?.is_none_or(|count| count > 0))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Woken {
    Line,
    ProcessEnded,
    TimedOut,
}

/// Number of descriptors with something to tell; `None` if a signal came first, after which the
/// caller looks at everything again.
fn poll_for(fds: &mut [PollFd<'_>], wait: Duration) -> io::Result<Option<usize>> {
    let timeout = Timespec {
        tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(wait.subsec_nanos()),
    };
    match poll(fds, Some(&timeout)) {
        Ok(count) => Ok(Some(count)),
        Err(Errno::INTR) => Ok(None),
        Err(e) => Err(e.into()),
    }
}
