//! Sending, waiting and answering within one session: nothing waits for ever, nothing goes unnoticed.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::bus_link::SpiRequest;
use super::error::DeviceError;
use super::flow::{Answer, Flow};
use super::last_words::{FAULT_CRASH, LastAnswer, Memory, said};
use super::native::NativeProcess;
use super::report::{DeviceNote, LinkReport};
use super::wire::{Received, Wire};
use crate::link::{CRC_BYTES, DeviceMessage, DeviceStats, HEADER_BYTES, kind};

/// FAULT code of the shim: a frame came before any HELLO, so the device has started anew.
const FAULT_NO_HELLO: u16 = 1;
const FAULTS_KEPT: usize = 100;
const LOGS_KEPT: usize = 1000;

/// What the firmware would have sent by radio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UplinkMessage {
    /// First sample of the frame that caused it (next sample, if a TIMESYNC did).
    pub t0: u32,
    /// Samples in that frame (0 for a TIMESYNC).
    pub n: u16,
    /// The firmware's millisecond clock at the end of that frame, wraps; `None` if the frame's RESULT
    /// was lost.
    pub tick_ms: Option<u32>,
    /// The message.
    pub bytes: Vec<u8>,
}

/// A control message that is being waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Control {
    TimeSync { next_t0: u32 },
    Stats,
    Bye,
    Echo,
}

impl Control {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::TimeSync { .. } => "TIMESYNC",
            Self::Stats => "STATS",
            Self::Bye => "BYE",
            Self::Echo => "ECHO",
        }
    }
}

/// Limits of waiting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) reply: Duration,
    pub(super) probe: Duration,
}

/// One session's state.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) device: String,
    pub(super) wire: Wire,
    pub(super) flow: Flow,
    pub(super) report: LinkReport,
    /// Index of the next sample to send.
    pub(super) next_t0: u32,
    /// The firmware's image, where the bench knows it.
    pub(super) elf: Option<PathBuf>,
    /// Cycles of each RESULT since they were taken.
    pub(super) cycles: Vec<u32>,
    pub(super) memory: Memory,
    pub(super) process: Option<NativeProcess>,
    pub(super) patience: Patience,
    /// Sample at which firmware on the bus level is.
    pub(super) bus_sample: Option<u32>,
    spi: Option<SpiRequest>,
    /// A probe was answered while nothing else was under way.
    lost_touch: bool,
    uplinks: Vec<UplinkMessage>,
    /// Uplinks that already have their tick.
    settled: usize,
    awaited: Option<Control>,
    stats: Option<DeviceStats>,
    echoed: Option<Vec<u8>>,
    pub(super) last_answer: LastAnswer,
    /// When something last moved on: the silence is counted from here.
    moved: Instant,
    probes: u32,
    nonce: u32,
}

impl Conversation {
    pub(super) fn new(
        device: String,
        wire: Wire,
        process: Option<NativeProcess>,
        patience: Patience,
    ) -> Self {
        Self {
            report: LinkReport {
                device: device.clone(),
                ..LinkReport::default()
            },
            device,
            wire,
            flow: Flow::default(),
            next_t0: 0,
            elf: None,
            cycles: Vec::new(),
            memory: Memory::default(),
            process,
            patience,
            bus_sample: None,
            spi: None,
            lost_touch: false,
            uplinks: Vec::new(),
            settled: 0,
            awaited: None,
            stats: None,
            echoed: None,
            last_answer: LastAnswer::Hello,
            moved: Instant::now(),
            probes: 0,
            nonce: 0,
        }
    }

    /// Puts a frame into the outbox and counts its bytes; returns its sequence number.
    pub(super) fn post(&mut self, kind: u8, payload: &[u8]) -> u16 {
        self.count_down(payload.len());
        self.wire.post(kind, payload)
    }

    pub(super) fn count_down(&mut self, payload: usize) {
        self.report.bytes_down += (HEADER_BYTES + payload + CRC_BYTES) as u64;
    }

    /// Notes a SAMPLES frame as under way.
    pub(super) fn under_way(&mut self, n: u16) {
        if self.flow.is_empty() {
            self.start_waiting();
        }
        self.memory.sent_samples(self.next_t0, n);
        self.flow.sent(self.next_t0, n);
        self.report.frames_sent += 1;
        self.report.samples_sent += u64::from(n);
        self.next_t0 = self.next_t0.wrapping_add(u32::from(n));
    }

    /// Sends the outbox.
    pub(super) fn flush(&mut self) -> Result<(), DeviceError> {
        match self.wire.flush(self.patience.reply) {
            Ok(true) => Ok(()),
            Ok(false) => Err(self.silent()),
            Err(e) => Err(self.line_failed(e)),
        }
    }

    /// Sends a control message and waits for its answer; `false` if the device answers, but not this.
    pub(super) fn ask(&mut self, control: Control) -> Result<bool, DeviceError> {
        self.memory.asked(control);
        self.awaited = Some(control);
        self.start_waiting();
        self.flush()?;
        let before = self.report.unanswered;
        while self.awaited.is_some() {
            self.take_answer()?;
        }
        Ok(self.report.unanswered == before)
    }

    /// Waits until one thing comes from the device, and acts on it. A silent device is probed by an
    /// ECHO: since it answers in order, an answer to the probe says that what was asked before is
    /// lost, and no answer says that the device is.
    pub(super) fn take_answer(&mut self) -> Result<(), DeviceError> {
        loop {
            let silence = self.moved.elapsed();
            if silence >= self.patience.reply {
                return Err(self.silent());
            }
            let next_probe = self.patience.probe * (self.probes + 1);
            if silence >= next_probe {
                self.probe()?;
                continue;
            }
            let wait = next_probe.min(self.patience.reply).saturating_sub(silence);
            match self.wire.receive(wait) {
                Ok(Received::Nothing) => {}
                Ok(Received::Rejected) => return Ok(()),
                Ok(Received::HangUp) => return Err(self.died()),
                Ok(Received::Message(message)) => return self.on_message(message),
                Err(e) => return Err(self.line_failed(e)),
            }
        }
    }

    /// Has the device send bytes back; `false` if others came, or none although it is alive.
    pub(super) fn echo(&mut self, bytes: &[u8]) -> Result<bool, DeviceError> {
        self.wire.post(kind::ECHO, bytes);
        self.start_waiting();
        self.flush()?;
        self.echoed = None;
        self.awaited = Some(Control::Echo);
        while self.awaited.is_some() {
            self.take_answer()?;
        }
        Ok(self.echoed.take().is_some_and(|back| back == bytes))
    }

    /// The SPI transfer that the device waits for.
    pub(super) fn take_spi(&mut self) -> Option<SpiRequest> {
        self.spi.take()
    }

    /// The device waits for an SPI transfer.
    pub(super) fn on_spi(&mut self, length: u16, tx: Vec<u8>) {
        self.lost_touch = false;
        self.spi = Some(SpiRequest { length, tx });
        self.start_waiting();
    }

    /// Whether a probe was answered while nothing else was under way, since the last call.
    pub(super) fn take_lost_touch(&mut self) -> bool {
        std::mem::take(&mut self.lost_touch)
    }

    /// Uplinks since the last call.
    pub(super) fn take_uplinks(&mut self) -> Vec<UplinkMessage> {
        self.settled = 0;
        std::mem::take(&mut self.uplinks)
    }

    /// The device's link counters, once asked for.
    pub(super) const fn stats(&self) -> Option<DeviceStats> {
        self.stats
    }

    /// Closes the line and waits for the process to end by itself.
    pub(super) fn close(self) -> Result<LinkReport, DeviceError> {
        let last = Box::new(self.last_words(self.next_t0));
        let Self {
            device,
            wire,
            process,
            report,
            next_t0,
            ..
        } = self;
        drop(wire);
        let Some(mut process) = process else {
            return Ok(report);
        };
        if process.goes_on {
            return Ok(report);
        }
        let status = process.wait(Duration::from_secs(10)).ok().flatten();
        if status.is_some_and(|s| s.success()) {
            return Ok(report);
        }
        let status = status.map_or_else(
            || "it goes on running after BYE".to_owned(),
            |s| format!("it ended with {s} after BYE"),
        );
        let said = said(&mut process);
        Err(DeviceError::Died {
            device,
            sample: next_t0,
            status,
            last_answer: "BYE".into(),
            said,
            last,
        })
    }

    pub(super) fn start_waiting(&mut self) {
        self.moved = Instant::now();
        self.probes = 0;
    }

    fn probe(&mut self) -> Result<(), DeviceError> {
        self.probes += 1;
        self.nonce = self.nonce.wrapping_add(1);
        self.wire.post(kind::ECHO, &self.nonce.to_le_bytes());
        // Not `flush`: its patience would add to ours.
        match self.wire.flush(self.patience.probe) {
            Ok(_) => Ok(()),
            Err(e) => Err(self.line_failed(e)),
        }
    }

    pub(super) fn on_message(&mut self, message: DeviceMessage) -> Result<(), DeviceError> {
        self.memory.heard(&message);
        match message {
            DeviceMessage::Result {
                t0,
                n,
                tick_ms,
                cycles,
            } => {
                if cycles != 0 {
                    self.cycles.push(cycles);
                }
                self.on_result(t0, n, tick_ms);
            }
            DeviceMessage::Uplink { t0, n, bytes } => self.on_uplink(t0, n, bytes),
            DeviceMessage::Echo(bytes) => self.on_echo(&bytes),
            DeviceMessage::TimeSyncAck { next_t0, tick_ms } => {
                if self.awaited == Some(Control::TimeSync { next_t0 }) {
                    self.settle(tick_ms);
                    self.last_answer = LastAnswer::TimeSync(next_t0);
                    self.answered();
                } else {
                    self.report.stray += 1;
                }
            }
            DeviceMessage::Stats(stats) if self.awaited == Some(Control::Stats) => {
                self.stats = Some(stats);
                self.last_answer = LastAnswer::Stats;
                self.answered();
            }
            DeviceMessage::Bye if self.awaited == Some(Control::Bye) => {
                self.last_answer = LastAnswer::Bye;
                self.answered();
            }
            DeviceMessage::Stats(_) | DeviceMessage::Bye => self.report.stray += 1,
            DeviceMessage::Log { level, text } => {
                let note = DeviceNote {
                    sample: self.sample(),
                    code: u16::from(level),
                    text,
                };
                keep(
                    &mut self.report.logs,
                    &mut self.report.logs_dropped,
                    LOGS_KEPT,
                    note,
                );
            }
            DeviceMessage::Spi { length, tx, .. } => self.on_spi(length, tx),
            DeviceMessage::Fault {
                code: FAULT_NO_HELLO,
                text,
            } => {
                return Err(self.restarted(format!("it answers: {text}")));
            }
            DeviceMessage::Fault {
                code: FAULT_CRASH,
                text,
            } => return Err(self.crashed(&text)),
            DeviceMessage::Fault { code, text } => {
                let note = DeviceNote {
                    sample: self.sample(),
                    code,
                    text,
                };
                keep(
                    &mut self.report.faults,
                    &mut self.report.faults_dropped,
                    FAULTS_KEPT,
                    note,
                );
            }
            DeviceMessage::Hello(hello) => {
                let evidence = format!("it said HELLO, boot count {}", hello.boot_count);
                return Err(self.restarted(evidence));
            }
        }
        Ok(())
    }

    fn on_result(&mut self, t0: u32, n: u16, tick_ms: u32) {
        match self.flow.answered(t0, n) {
            Answer::Stray => self.report.stray += 1,
            Answer::Matches { frame, lost } => {
                let round_trip = frame.sent.elapsed().as_micros();
                self.report
                    .latency
                    .record(u64::try_from(round_trip).unwrap_or(u64::MAX));
                self.report.results += 1;
                self.report.lost += lost;
                self.settle(tick_ms);
                self.last_answer = LastAnswer::Result(t0);
                self.start_waiting();
            }
        }
    }

    fn on_uplink(&mut self, t0: u32, n: u16, bytes: Vec<u8>) {
        if let Some(t0) = self.bus_sample {
            self.report.uplinks += 1;
            self.report.uplink_bytes += bytes.len() as u64;
            self.uplinks.push(UplinkMessage {
                t0,
                n: 0,
                tick_ms: None,
                bytes,
            });
            return;
        }
        let of_timesync = n == 0 && self.awaited == Some(Control::TimeSync { next_t0: t0 });
        if !of_timesync && !self.flow.contains(t0, n) {
            self.report.stray += 1;
        }
        self.report.uplinks += 1;
        self.report.uplink_bytes += bytes.len() as u64;
        self.uplinks.push(UplinkMessage {
            t0,
            n,
            tick_ms: None,
            bytes,
        });
    }

    fn on_echo(&mut self, bytes: &[u8]) {
        let probed = self.probes > 0 && bytes == self.nonce.to_le_bytes();
        if self.awaited == Some(Control::Echo) && !probed {
            self.echoed = Some(bytes.to_vec());
            self.answered();
            return;
        }
        // An answer to an older probe says nothing about what was sent after that.
        if !probed {
            return;
        }
        self.lost_touch = self.flow.is_empty() && self.awaited.is_none();
        self.report.lost += self.flow.give_up();
        if let Some(control) = self.awaited.take() {
            tracing::warn!("device {} did not answer {}", self.device, control.name());
            self.report.unanswered += 1;
        }
        self.start_waiting();
    }

    fn answered(&mut self) {
        self.awaited = None;
        self.start_waiting();
    }

    /// Gives the firmware's clock to the uplinks that came before this answer.
    fn settle(&mut self, tick_ms: u32) {
        for uplink in &mut self.uplinks[self.settled..] {
            uplink.tick_ms = Some(tick_ms);
        }
        self.settled = self.uplinks.len();
    }

    /// First sample not answered.
    pub(super) fn sample(&self) -> u32 {
        self.flow.oldest().map_or(self.next_t0, |frame| frame.t0)
    }
}

fn keep(notes: &mut Vec<DeviceNote>, dropped: &mut u64, limit: usize, note: DeviceNote) {
    if notes.len() < limit {
        notes.push(note);
    } else {
        *dropped += 1;
    }
}
