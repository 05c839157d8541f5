//! Bytes to and from a terminal, never waiting longer than asked.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{OptionalActions, OutputModes, tcgetattr, tcsetattr};
use serialport::TTYPort;

/// Longest record on a pipe: a write of so many bytes and two more is never split (`PIPE_BUF`).
const RECORD_MAX: usize = 4094;

/// An open terminal, or a pair of named pipes.
///
/// `serialport` sets up the line (raw mode, baud rate) and locks it. The bytes move over a second,
/// non-blocking descriptor of the same terminal: on a blocking one, a write to a device that has
/// stopped reading never returns.
#[derive(Debug)]
pub(super) struct Line {
    bytes: OwnedFd,
    /// Where writes go if not to `bytes`: a pipe, which takes records of a length and the bytes.
    down: Option<OwnedFd>,
    _settings: Option<TTYPort>,
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
    pub(super) _other_end: Option<OwnedFd>,
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
            down: None,
            _settings: Some(settings),
            process: None,
        }
    }

    /// Two pipes that the bench holds open for reading and writing both, so that neither end waits for
    /// the other to open; `process` is at the other end.
    pub(super) const fn pipes(up: OwnedFd, down: OwnedFd, process: Lifeline) -> Self {
        Self {
            bytes: up,
            down: Some(down),
            _settings: None,
            process: Some(process),
        }
    }

    /// Whether the other end's time does not depend on the host's.
    pub(super) const fn is_lockstep(&self) -> bool {
        self.down.is_some()
    }

    /// Hangs up when the process ends.
    pub(super) fn watch(&mut self, process: Lifeline) {
        self.process = Some(process);
    }

    /// Whether the terminal changes line ends on their way out, as another program has set it up.
    pub(super) fn translates_newlines(&self) -> io::Result<bool> {
        let modes = tcgetattr(&self.bytes)?.output_modes;
        Ok(modes.contains(OutputModes::OPOST))
    }

    /// Carries every byte as it is again.
    pub(super) fn make_raw(&self) -> io::Result<()> {
        let mut settings = tcgetattr(&self.bytes)?;
        settings.make_raw();
        Ok(tcsetattr(&self.bytes, OptionalActions::Now, &settings)?)
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
            match self.write_some(&bytes[done..]) {
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

    fn write_some(&self, bytes: &[u8]) -> rustix::io::Result<usize> {
        let Some(down) = &self.down else {
            return rustix::io::write(&self.bytes, bytes);
        };
        let count = bytes.len().min(RECORD_MAX);
        let mut record = Vec::with_capacity(count + 2);
        record.extend_from_slice(&(count as u16).to_le_bytes());
        record.extend_from_slice(&bytes[..count]);
        // All or nothing, at this size.
        rustix::io::write(down, &record).map(|_| count)
    }

    /// Waits for the line or for the end of the process, whichever is first; the line wins.
    fn wait_for(&self, events: PollFlags, wait: Duration) -> io::Result<Woken> {
        let Some(process) = &self.process else {
            let ready = self.poll_line(events, wait)?;
            return Ok(if ready { Woken::Line } else { Woken::TimedOut });
        };
        let out = self.down.as_ref().unwrap_or(&self.bytes);
        let mut fds = [
            PollFd::new(&self.bytes, events & PollFlags::IN),
            PollFd::new(&process.ended, PollFlags::IN),
            PollFd::new(out, events & PollFlags::OUT),
        ];
        let count = poll_for(&mut fds, wait)?;
        let line = !fds[0].revents().is_empty() || !fds[2].revents().is_empty();
        Ok(if line || count.is_none() {
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
