//! One session with a device, whatever its tier.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::bus_link::BusLink;
use super::config::StreamConfig;
use super::conversation::{Control, Conversation, Patience, UplinkMessage};
use super::energy::EnergySpec;
use super::error::DeviceError;
use super::fault::{LinkFault, LinkFaultKind, damaged_frame};
use super::handshake::{DeviceIdentity, greet};
use super::log::LinkRecord;
use super::misfortune::Misfortune;
use super::native;
use super::pace::Pace;
use super::qemu;
use super::report::LinkReport;
use super::serial::{open_line, open_line_within};
use super::spec::DeviceSpec;
use super::wire::{BENCH_MAX_FRAME, Wire};
use crate::link::{BenchMessage, TimeSync, encode_samples, kind};

/// Least silence of an emulated device after which it is probed. A probe takes the device time: it must
/// not depend on how busy the host is.
const EMULATED_PROBE: Duration = Duration::from_secs(2);

/// So many times the time-out for an emulator: firmware that judges a train of minutes at its end takes longer than 5 s
/// for that one answer when the host is busy.
const EMULATED_REPLY: u32 = 5;

/// Limits and faults of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOptions {
    /// How long to wait for HELLO. Boards that reset when their port opens need a second or two.
    pub hello_timeout: Duration,
    /// How long a device may leave everything unanswered before it counts as gone.
    pub reply_timeout: Duration,
    /// After how much silence the bench asks whether the device is alive.
    pub probe_after: Duration,
    /// Damage done on purpose to SAMPLES frames on their way to the device. The session goes on as if
    /// it knew nothing, and its report is not clean.
    pub faults: Vec<LinkFault>,
    /// Send samples at their times by the host's clock, as a sensor would have them, instead of as fast as the
    /// device answers. `None`: on tier `serial`, whose firmware has a clock of its own, and nowhere else.
    pub paced: Option<bool>,
    /// Keep a record of everything that crosses the line ([`super::Session::take_log`]), with host times since
    /// this instant.
    pub log_since: Option<Instant>,
    /// Bytes that go over the line before the first HELLO, as a board's boot loader or noise puts there.
    pub garbage: Vec<u8>,
    /// Start number that a native or emulated device finds in its non-volatile memory; hardware counts for itself.
    pub boot_count: u32,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            hello_timeout: Duration::from_secs(3),
            reply_timeout: Duration::from_secs(5),
            probe_after: Duration::from_millis(500),
            faults: Vec::new(),
            paced: None,
            log_since: None,
            garbage: Vec::new(),
            boot_count: 1,
        }
    }
}

/// A device in lockstep: it gets samples, and answers each batch before it gets many more.
///
/// Dropping a session ends the firmware process of the native tier; [`LinkSession::finish`] ends it in
/// order and gives the report.
#[derive(Debug)]
pub(super) struct LinkSession {
    pub(super) talk: Conversation,
    pub(super) identity: DeviceIdentity,
    pub(super) config: StreamConfig,
    faults: BTreeMap<u64, LinkFaultKind>,
    /// SAMPLES frames that may be under way.
    window: usize,
    process_id: Option<u32>,
    /// Of firmware that sends its SPI transfers instead of taking SAMPLES.
    pub(super) bus: Option<BusLink>,
    payload: Vec<u8>,
    /// A frame that waits for the next one to overtake it.
    late: Vec<u8>,
    pub(super) hello_timeout: Duration,
    /// Path and baud rate of a terminal that can be closed and opened again.
    port: Option<(String, u32)>,
    /// Samples go out at their times.
    paced: bool,
    /// Currents per state, where instructions are counted.
    pub(super) energy: Option<EnergySpec>,
    /// As the device was told last.
    pub(super) temperature_cdeg: i16,
}

impl LinkSession {
    /// Opens the device, exchanges HELLO and proves that the line carries every byte value.
    pub(super) fn open(
        spec: &DeviceSpec,
        config: &StreamConfig,
        options: SessionOptions,
    ) -> Result<Self, DeviceError> {
        let SessionOptions {
            hello_timeout,
            reply_timeout,
            probe_after,
            faults,
            paced,
            log_since,
            garbage,
            boot_count,
        } = options;
        let spec = &spec.clone().resolve()?;
        let device = spec.to_string();
        let hello = config.hello(BENCH_MAX_FRAME)?;
        let mut elf = None;
        let (process, line) = match spec {
            DeviceSpec::Native(native) => {
                let (process, line) = native::start(&device, native, boot_count)?;
                (Some(process), line)
            }
            DeviceSpec::Serial { path, baud } => (None, open_line(&device, path, *baud)?),
            DeviceSpec::Qemu(options) => {
                let elf = elf.insert(qemu::firmware(&device, options)?);
                let (process, line) = qemu::start(&device, options, elf, boot_count)?;
                (Some(process), line)
            }
            DeviceSpec::QemuSerial(options) => {
                let elf = elf.insert(qemu::firmware(&device, options)?);
                let (process, line) = qemu::start_serial(&device, options, elf, boot_count)?;
                (Some(process), line)
            }
            DeviceSpec::QemuRegisters(_) | DeviceSpec::File(_) => {
                let reason = "it has no bench link".to_owned();
                return Err(DeviceError::NotAvailable { device, reason });
            }
        };
        let process_id = process.as_ref().map(native::NativeProcess::id);
        let patience = Patience {
            reply: match spec {
                DeviceSpec::Qemu(_) | DeviceSpec::QemuSerial(_) => reply_timeout * EMULATED_REPLY,
                _ => reply_timeout,
            },
            // An emulator on a busy host may be slow without anything being lost.
            probe: match spec {
                DeviceSpec::Qemu(_) => probe_after.max(EMULATED_PROBE),
                _ => probe_after,
            },
        };
        let mut wire = Wire::new(line);
        if let Some(since) = log_since {
            wire.keep_log(since);
        }
        let mut talk = Conversation::new(device, wire, process, patience);
        talk.elf = elf;
        talk.memory.time(0, config.epoch_us, config.nominal_rate_hz);
        let frame_bytes = config.frame_bytes();
        talk.wire.post_raw(&garbage);
        let identity = greet(&mut talk, &hello, frame_bytes, hello_timeout)?;
        talk.memory.started(identity.boot_count);
        let bus = if identity.spi {
            Some(BusLink::open(&mut talk, config)?)
        } else {
            None
        };
        Ok(Self {
            bus,
            window: usize::from(identity.credits),
            talk,
            identity,
            config: config.clone(),
            faults: faults
                .into_iter()
                .map(|fault| (fault.frame, fault.kind))
                .collect(),
            process_id,
            payload: Vec::new(),
            late: Vec::new(),
            hello_timeout,
            temperature_cdeg: 0,
            port: match spec {
                DeviceSpec::Serial { path, baud } => Some((path.clone(), *baud)),
                _ => None,
            },
            paced: paced.unwrap_or(matches!(spec, DeviceSpec::Serial { .. })),
            energy: match spec {
                DeviceSpec::Qemu(options) => Some(options.energy.clone().unwrap_or_default()),
                _ => None,
            },
        })
    }

    /// Who answers.
    pub(super) const fn identity(&self) -> &DeviceIdentity {
        &self.identity
    }

    /// Process id of the firmware on the native tier.
    pub(super) const fn process_id(&self) -> Option<u32> {
        self.process_id
    }

    /// Index of the next sample, counted from the start of the session, wraps.
    pub(super) const fn next_t0(&self) -> u32 {
        self.talk.next_t0
    }

    /// What crossed the line since the last call; empty without [`SessionOptions::log_since`].
    pub(super) fn take_log(&mut self) -> Vec<LinkRecord> {
        self.talk.wire.take_log()
    }

    /// Adds damage that is to be done on purpose; see [`SessionOptions::faults`].
    pub(super) fn inject(&mut self, faults: impl IntoIterator<Item = LinkFault>) {
        self.faults
            .extend(faults.into_iter().map(|fault| (fault.frame, fault.kind)));
    }

    /// Sends counts of x, y, z in batches of [`StreamConfig::fifo_batch`] and waits until the device
    /// has answered all of them. `stamps` has the sensor's FIFO time stamp of the last sample of each
    /// batch, in ticks ([`StreamConfig::timestamp_tick_ns`]), wrapping; the last batch may be short.
    ///
    /// Returns what the firmware sent by radio, in order. A frame that is lost on the way is not sent
    /// again: it is counted in the report of [`LinkSession::finish`].
    pub(super) fn feed(
        &mut self,
        samples: &[[i32; 3]],
        stamps: &[u32],
    ) -> Result<Vec<UplinkMessage>, DeviceError> {
        let size = usize::from(self.config.fifo_batch);
        let batches = samples.len().div_ceil(size);
        if stamps.len() != batches {
            let reason = format!("{} time stamps for {batches} batches", stamps.len());
            return Err(DeviceError::Stream { reason });
        }
        if let Some(bus) = &mut self.bus {
            return bus.feed(&mut self.talk, samples, stamps);
        }
        let mut pace = self
            .paced
            .then(|| Pace::from_now(self.config.nominal_rate_hz));
        for (batch, stamp) in samples.chunks(size).zip(stamps) {
            if self.talk.flow.len() >= self.window {
                self.talk.flush()?;
                while self.talk.flow.len() >= self.window {
                    self.talk.take_answer()?;
                }
            }
            self.send_batch(batch, *stamp)?;
            if let Some(pace) = &mut pace {
                self.talk.flush_at(pace.due(batch.len()))?;
            }
        }
        self.talk.flush()?;
        while !self.talk.flow.is_empty() {
            self.talk.take_answer()?;
        }
        Ok(self.talk.take_uplinks())
    }

    /// Jumps over a stretch that nobody looks at: the next sample is number `next_t0` at `time_us` (us
    /// since the Unix epoch), and the device's clock follows; no sample counts as lost. Also carries
    /// the temperature in 0.01 degrees Celsius; `flush` asks for a heartbeat now.
    pub(super) fn skip(
        &mut self,
        next_t0: u32,
        time_us: u64,
        temperature_cdeg: i16,
        flush: bool,
    ) -> Result<Vec<UplinkMessage>, DeviceError> {
        if let Some(bus) = &mut self.bus {
            bus.skip(&mut self.talk, next_t0, time_us, temperature_cdeg);
            return Ok(Vec::new());
        }
        let flags = TimeSync::SKIP | if flush { TimeSync::FLUSH } else { 0 };
        self.tell_time(next_t0, time_us, temperature_cdeg, flags)
    }

    /// Asks for a heartbeat now, at `time_us`, in the midst of whatever the device is at.
    pub(super) fn ask_for_heartbeat(
        &mut self,
        time_us: u64,
        temperature_cdeg: i16,
    ) -> Result<Vec<UplinkMessage>, DeviceError> {
        if self.bus.is_some() {
            return Ok(Vec::new()); // such a device sends when it likes
        }
        self.tell_time(
            self.talk.next_t0,
            time_us,
            temperature_cdeg,
            TimeSync::FLUSH,
        )
    }

    fn tell_time(
        &mut self,
        next_t0: u32,
        time_us: u64,
        temperature_cdeg: i16,
        flags: u8,
    ) -> Result<Vec<UplinkMessage>, DeviceError> {
        let message = BenchMessage::TimeSync(TimeSync {
            next_t0,
            time_us,
            temperature_cdeg,
            flags,
        });
        let (kind, payload) =
            message
                .encode(self.config.bits)
                .map_err(|e| DeviceError::Stream {
                    reason: e.to_string(),
                })?;
        self.talk.post(kind, &payload);
        self.talk.next_t0 = next_t0;
        self.talk
            .memory
            .time(next_t0, time_us, self.config.nominal_rate_hz);
        self.temperature_cdeg = temperature_cdeg;
        self.talk.ask(Control::TimeSync { next_t0 })?;
        Ok(self.talk.take_uplinks())
    }

    /// Asks for the device's counters, ends the session, and reports on the link. The report may be
    /// unclean: see [`LinkReport::require_clean`].
    pub(super) fn finish(mut self) -> Result<LinkReport, DeviceError> {
        self.collect_counters()?;
        self.talk.post(kind::BYE, &[]);
        self.talk.ask(Control::Bye)?;
        self.talk.close()
    }

    /// Ends the session and opens another with the same running device, as after a cable was pulled and
    /// plugged in again: HELLO, samples from number 0. The report goes on counting. A terminal of hardware is closed
    /// and opened again, as soon as it is there.
    pub(super) fn reconnect(
        &mut self,
        config: &StreamConfig,
        hello_timeout: Duration,
    ) -> Result<(), DeviceError> {
        self.collect_counters()?;
        if let Some((path, baud)) = &self.port {
            let device = self.talk.device.clone();
            let open = || open_line_within(&device, path, *baud, hello_timeout);
            self.talk.wire.reopen(open)?;
        }
        let hello = config.hello(BENCH_MAX_FRAME)?;
        self.identity = greet(&mut self.talk, &hello, config.frame_bytes(), hello_timeout)?;
        self.window = usize::from(self.identity.credits);
        self.config = config.clone();
        self.talk.next_t0 = 0;
        self.talk
            .memory
            .time(0, config.epoch_us, config.nominal_rate_hz);
        Ok(())
    }

    /// The device loses its supply and starts again: another process or emulator, the same session for the
    /// report. Samples count from number 0.
    pub(super) fn restart(
        &mut self,
        spec: &DeviceSpec,
        config: &StreamConfig,
        options: SessionOptions,
    ) -> Result<(), DeviceError> {
        if self.port.is_some() {
            // The supply of hardware is not in the bench's hands.
            self.provoke(Misfortune::BrownOut)?;
            self.talk.next_t0 = 0;
            return Ok(());
        }
        self.collect_counters()?;
        self.talk.post(kind::BYE, &[]);
        self.talk.ask(Control::Bye)?;
        let mut next = Self::open(spec, config, options)?;
        std::mem::swap(self, &mut next);
        self.faults = std::mem::take(&mut next.faults);
        self.talk.report = next.talk.close()?;
        Ok(())
    }

    /// SAMPLES frames sent since the session was opened.
    pub(super) const fn frames_sent(&self) -> u64 {
        self.talk.report.frames_sent
    }

    /// Asks for the device's counters since HELLO and adds them, with the bench's own, to the report.
    pub(super) fn collect_counters(&mut self) -> Result<(), DeviceError> {
        self.talk.post(kind::STATS_REQUEST, &[]);
        let asked = self.talk.ask(Control::Stats)?;
        let Some(stats) = self.talk.stats().filter(|_| asked) else {
            return Err(DeviceError::Unanswered {
                device: self.talk.device.clone(),
                message: "STATS",
            });
        };
        let report = &mut self.talk.report;
        if let Some(bus) = &self.bus {
            let (level, text) = bus.summary();
            report.note_log(self.talk.next_t0, level, text);
        }
        report.down.missing += u64::from(stats.missing_frames);
        report.down.duplicated += u64::from(stats.duplicate_frames);
        report.down.corrupt += u64::from(stats.crc_errors) + u64::from(stats.length_errors);
        report.down.overflows += u64::from(stats.overflows);
        report.device_lost_samples += u64::from(stats.lost_samples);
        report.up.add(&self.talk.wire.damage());
        report.bytes_up += self.talk.wire.bytes_up();
        report.log.extend(self.talk.wire.take_log());
        Ok(())
    }

    fn send_batch(&mut self, batch: &[[i32; 3]], stamp: u32) -> Result<(), DeviceError> {
        self.payload.clear();
        encode_samples(
            self.talk.next_t0,
            stamp,
            self.config.bits,
            batch,
            &mut self.payload,
        )
        .map_err(|e| {
            let reason = format!("batch at sample {}: {e}", self.talk.next_t0);
            DeviceError::Stream { reason }
        })?;
        match self.faults.get(&self.talk.report.frames_sent) {
            None => {
                self.talk.post(kind::SAMPLES, &self.payload);
            }
            Some(fault) => {
                self.talk.count_down(self.payload.len());
                let sequence = self.talk.wire.take_sequence();
                let fault = *fault;
                let bytes = damaged_frame(fault, kind::SAMPLES, sequence, &self.payload);
                self.send_damaged(fault, sequence, &bytes)?;
            }
        }
        if !matches!(
            self.faults.get(&self.talk.report.frames_sent),
            Some(LinkFaultKind::Late)
        ) {
            let late = std::mem::take(&mut self.late);
            self.talk.wire.post_raw(&late);
        }
        self.talk.under_way(batch.len() as u16);
        Ok(())
    }

    fn send_damaged(
        &mut self,
        fault: LinkFaultKind,
        sequence: u16,
        bytes: &[u8],
    ) -> Result<(), DeviceError> {
        let (now, rest) = match fault {
            LinkFaultKind::Late => bytes.split_at(0),
            LinkFaultKind::Stall(_) => bytes.split_at(bytes.len() / 2),
            _ => (bytes, &[][..]),
        };
        self.talk
            .wire
            .post_damaged(kind::SAMPLES, sequence, &self.payload, now);
        match fault {
            LinkFaultKind::Late => self.late = rest.to_vec(),
            LinkFaultKind::Stall(milliseconds) => {
                self.talk.flush()?;
                std::thread::sleep(Duration::from_millis(u64::from(milliseconds)));
                self.talk.wire.post_raw(rest);
            }
            _ => {}
        }
        Ok(())
    }

    /// The sensor's FIFO ran over: the next sample has a number that is higher by so many.
    pub(super) fn overrun(&mut self, samples: u32) {
        self.talk.next_t0 = self.talk.next_t0.wrapping_add(samples);
    }

    /// Sends bytes and has the device send them back: the round trip in host time, or `None` if other
    /// bytes came back. The device must be idle, as it is between calls.
    pub(super) fn echo(&mut self, bytes: &[u8]) -> Result<Option<Duration>, DeviceError> {
        let sent = Instant::now();
        let same = self.talk.echo(bytes)?;
        Ok(same.then(|| sent.elapsed()))
    }
}
