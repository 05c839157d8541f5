//! What a device did last: for the report on one that crashed, hung or went away.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use super::conversation::{Control, Conversation};
use super::error::DeviceError;
use super::native::NativeProcess;
use super::post_mortem;
use crate::link::DeviceMessage;

/// FAULT code of the shim: the processor has stopped on a fault.
pub(super) const FAULT_CRASH: u16 = 4;
/// Messages that a report shows.
const KEPT: usize = 8;

/// When a device failed, and what was sent and received before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LastWords {
    /// Simulated time, in words.
    pub instant: String,
    /// Starts of the device, as its last HELLO said; 0 without one.
    pub boot_count: u32,
    /// The last messages, oldest first: `>` to the device, `<` from it.
    pub messages: Vec<String>,
}

impl LastWords {
    /// Of a device that the bench has started once, at `time_us` since 1970.
    pub(super) fn of_one_start(time_us: u64, messages: Vec<String>) -> Self {
        Self {
            instant: instant(time_us),
            boot_count: 1,
            messages,
        }
    }
}

/// A time in us since 1970 in words; empty if it is out of all range.
fn instant(time_us: u64) -> String {
    let micros = i64::try_from(time_us).ok();
    let at = micros.and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    at.map_or_else(String::new, |at| at.to_string())
}

impl fmt::Display for LastWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.instant.is_empty() {
            write!(f, "\n  instant: {}", self.instant)?;
        }
        if self.boot_count > 0 {
            write!(f, "\n  boot count: {}", self.boot_count)?;
        }
        if !self.messages.is_empty() {
            f.write_str("\n  last messages:")?;
        }
        self.messages
            .iter()
            .try_for_each(|message| write!(f, "\n    {message}"))
    }
}

/// The device's last word, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) enum LastAnswer {
    Hello,
    Result(u32),
    TimeSync(u32),
    Stats,
    Bye,
}

impl fmt::Display for LastAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hello => f.write_str("HELLO"),
            Self::Result(t0) => write!(f, "RESULT for the frame at sample {t0}"),
            Self::TimeSync(t0) => write!(f, "TIMESYNC for sample {t0}"),
            Self::Stats => f.write_str("STATS"),
            Self::Bye => f.write_str("BYE"),
        }
    }
}

/// One message, to be put into words only if it is needed.
#[derive(Debug, Clone)]
enum Event {
    /// Frames in a row.
    Samples {
        t0: u32,
        n: u32,
        frames: u32,
    },
    Asked(Control),
    Result {
        t0: u32,
        n: u16,
        tick_ms: u32,
    },
    Uplink {
        t0: u32,
        bytes: usize,
    },
    TimeSync {
        next_t0: u32,
        tick_ms: u32,
    },
    Log(String),
    Fault {
        code: u16,
        text: String,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Samples { t0, n, frames } => {
                let last = t0.wrapping_add(*n).wrapping_sub(1);
                let plural = if *frames == 1 { "" } else { "s" };
                write!(f, "> SAMPLES {t0} to {last} in {frames} frame{plural}")
            }
            Self::Asked(Control::TimeSync { next_t0 }) => {
                write!(f, "> TIMESYNC, next is {next_t0}")
            }
            Self::Asked(control) => write!(f, "> {}", control.name()),
            Self::Result { t0, n, tick_ms } => {
                write!(
                    f,
                    "< RESULT for {t0}, {n} of them, at {tick_ms} ms of its clock"
                )
            }
            Self::Uplink { t0, bytes } => write!(f, "< UPLINK of {bytes} bytes at {t0}"),
            Self::TimeSync { next_t0, tick_ms } => {
                write!(
                    f,
                    "< TIMESYNC, next is {next_t0}, at {tick_ms} ms of its clock"
                )
            }
            Self::Log(text) => write!(f, "< LOG `{text}`"),
            Self::Fault { code, text } => write!(f, "< FAULT {code} `{text}`"),
        }
    }
}

/// A sample's number and time.
#[derive(Debug, Clone, Copy)]
struct Mark {
    t0: u32,
    time_us: u64,
    rate_hz: f64,
}

/// What a report on the device would tell.
#[derive(Debug, Default)]
pub(super) struct Memory {
    boot_count: u32,
    mark: Option<Mark>,
    events: VecDeque<Event>,
}

impl Memory {
    pub(super) fn started(&mut self, boot_count: u32) {
        self.boot_count = boot_count;
    }

    /// Sample `t0` is at `time_us` since 1970.
    pub(super) fn time(&mut self, t0: u32, time_us: u64, rate_hz: f64) {
        self.mark = Some(Mark {
            t0,
            time_us,
            rate_hz,
        });
    }

    /// Nominal time of a sample, us since 1970.
    pub(super) fn time_of(&self, sample: u32) -> Option<u64> {
        let mark = self.mark?;
        let after = f64::from(sample.wrapping_sub(mark.t0)) / mark.rate_hz;
        Some(mark.time_us.saturating_add(libm::round(after * 1e6) as u64))
    }

    pub(super) fn sent_samples(&mut self, t0: u32, n: u16) {
        let more = u32::from(n);
        if let Some(Event::Samples {
            t0: first,
            n,
            frames,
        }) = self.events.back_mut()
            && first.wrapping_add(*n) == t0
        {
            *n = n.wrapping_add(more);
            *frames = frames.wrapping_add(1);
            return;
        }
        let (n, frames) = (more, 1);
        self.keep(Event::Samples { t0, n, frames });
    }

    pub(super) fn asked(&mut self, control: Control) {
        self.keep(Event::Asked(control));
    }

    pub(super) fn heard(&mut self, message: &DeviceMessage) {
        self.keep(match message {
            DeviceMessage::Result { t0, n, tick_ms, .. } => Event::Result {
                t0: *t0,
                n: *n,
                tick_ms: *tick_ms,
            },
            DeviceMessage::Uplink { t0, bytes, .. } => Event::Uplink {
                t0: *t0,
                bytes: bytes.len(),
            },
            DeviceMessage::TimeSyncAck { next_t0, tick_ms } => Event::TimeSync {
                next_t0: *next_t0,
                tick_ms: *tick_ms,
            },
            DeviceMessage::Log { text, .. } => Event::Log(text.clone()),
            DeviceMessage::Fault { code, text } if *code != FAULT_CRASH => Event::Fault {
                code: *code,
                text: text.clone(),
            },
            _ => return,
        });
    }

    fn keep(&mut self, event: Event) {
        if self.events.len() == KEPT {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    fn last_words(&self, sample: u32) -> LastWords {
        LastWords {
            instant: self.time_of(sample).map_or_else(String::new, instant),
            boot_count: self.boot_count,
            messages: self.events.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Conversation {
    pub(super) fn last_words(&self, sample: u32) -> LastWords {
        self.memory.last_words(sample)
    }

    /// The shim's crash report has come.
    pub(super) fn crashed(&self, registers: &str) -> DeviceError {
        DeviceError::Crashed {
            device: self.device.clone(),
            sample: self.sample(),
            place: post_mortem::place(self.elf.as_deref(), registers),
            registers: post_mortem::explained(registers),
            last: Box::new(self.last_words(self.sample())),
        }
    }

    pub(super) fn silent(&self) -> DeviceError {
        DeviceError::Silent {
            device: self.device.clone(),
            sample: self.sample(),
            waited_s: self.patience.reply.as_secs_f64(),
            last_sent: self.wire.last_sequence(),
            last_answer: self.last_answer.to_string(),
            last: Box::new(self.last_words(self.sample())),
        }
    }

    pub(super) fn restarted(&self, evidence: String) -> DeviceError {
        DeviceError::Restarted {
            device: self.device.clone(),
            sample: self.sample(),
            evidence,
            last_answer: self.last_answer.to_string(),
        }
    }

    pub(super) fn line_failed(&self, source: std::io::Error) -> DeviceError {
        DeviceError::Line {
            device: self.device.clone(),
            sample: self.sample(),
            source,
        }
    }

    /// The line has hung up.
    pub(super) fn died(&mut self) -> DeviceError {
        let (status, said) = obituary(self.process.as_mut());
        DeviceError::Died {
            device: self.device.clone(),
            sample: self.sample(),
            status,
            last_answer: self.last_answer.to_string(),
            said,
            last: Box::new(self.last_words(self.sample())),
        }
    }
}

/// How the other end went: exit status, and the end of its standard error as the end of a sentence.
fn obituary(process: Option<&mut NativeProcess>) -> (String, String) {
    let Some(process) = process else {
        return ("the line was hung up".into(), String::new());
    };
    match process.wait(Duration::from_secs(1)) {
        Ok(Some(status)) => (format!("the process ended with {status}"), said(process)),
        Ok(None) => ("the process closed its line".into(), String::new()),
        Err(e) => (
            format!("the process cannot be waited for ({e})"),
            String::new(),
        ),
    }
}

pub(super) fn said(process: &mut NativeProcess) -> String {
    let tail = process.stderr_tail();
    if tail.is_empty() {
        tail
    } else {
        format!("; it wrote: {tail}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_messages_are_kept_with_their_instant() {
        let mut memory = Memory::default();
        memory.started(3);
        memory.time(100, 1_700_000_000_000_000, 4000.0);
        for i in 0..10 {
            memory.sent_samples(i * 64, 32);
            memory.sent_samples(i * 64 + 32, 32);
            memory.asked(Control::Stats);
        }
        memory.heard(&DeviceMessage::Uplink {
            t0: 608,
            n: 32,
            bytes: vec![1, 2, 3],
        });
        let words = memory.last_words(2100);
        assert_eq!(words.instant, "2023-11-14T22:13:20.5Z");
        assert_eq!((words.boot_count, words.messages.len()), (3, KEPT));
        assert_eq!(words.messages[1], "> SAMPLES 448 to 511 in 2 frames");
        assert_eq!(words.messages[KEPT - 1], "< UPLINK of 3 bytes at 608");
        let text = words.to_string();
        assert!(
            text.contains("\n  boot count: 3\n  last messages:\n    > STATS"),
            "{text}"
        );
        assert_eq!(LastWords::default().to_string(), "");
    }
}
