//! A session with unmodified firmware: the bench stops it at its SPI function and answers from the
//! register model of the part.

use std::fmt::Write;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::super::config::StreamConfig;
use super::super::conversation::UplinkMessage;
use super::super::error::DeviceError;
use super::super::fault::LinkFault;
use super::super::handshake::DeviceIdentity;
use super::super::last_words::LastWords;
use super::super::post_mortem;
use super::super::report::LinkReport;
use super::super::session::SessionOptions;
use super::call::{Framing, SpiCall, return_from};
use super::clock::SampleClock;
use super::emulator::{Emulator, QEMU};
use super::gdb::{CoreRegisters, GdbClient, LR, PC, SP, Stop};
use super::options::{ClockUnit, RegistersOptions, SensorTime, SpiHook};
use super::part::{bus_for, check_set_up, framing};
use super::symbols::Symbols;
use crate::sensor::{BusOutcome, SensorBus};

/// Longest uplink taken from a guest, bytes.
const UPLINK_MAX: u32 = 4096;
/// Names of fault handlers; a guest that gets into one has crashed.
const FAULT_HANDLERS: [&str; 4] = [
    "HardFault_Handler",
    "MemManage_Handler",
    "BusFault_Handler",
    "UsageFault_Handler",
];

/// Fault status and address registers (Armv7-M Architecture Reference Manual, B3.2.2).
const FAULT_REGISTERS: [(&str, u32); 4] = [
    ("CFSR", 0xe000_ed28),
    ("HFSR", 0xe000_ed2c),
    ("MMFAR", 0xe000_ed34),
    ("BFAR", 0xe000_ed38),
];

/// What a breakpoint stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Hook {
    Spi(SpiHook),
    Uplink,
    Clock,
    Wait,
    Fault(&'static str),
}

/// What the guest has stopped at and is waiting for.
#[derive(Debug, Clone)]
enum Waiting {
    Spi(SpiCall),
    Interrupt { return_to: u32 },
    Clock { return_to: u32 },
}

/// The session; ends the emulator when dropped.
#[derive(Debug)]
pub(in crate::device) struct RegistersSession {
    device: String,
    gdb: GdbClient,
    emulator: Emulator,
    symbols: Symbols,
    elf: PathBuf,
    hooks: Vec<(u32, Hook)>,
    bus: SensorBus,
    framing: Framing,
    clock: SampleClock,
    clock_unit: ClockUnit,
    epoch_us: u64,
    time: SensorTime,
    /// Last value of the instruction counter, and ticks not yet worth a sample.
    counter: Option<(u32, f64)>,
    rate_hz: f64,
    waiting: Option<Waiting>,
    /// Clock reads since the last SPI transfer.
    clock_reads: u32,
    last_spi: String,
    patience: Duration,
    identity: DeviceIdentity,
    report: LinkReport,
    uplinks: Vec<UplinkMessage>,
    next_t0: u32,
    /// `next_t0` minus the samples that have gone by.
    t0_offset: u32,
}

impl RegistersSession {
    /// Starts the firmware and lets it set up the part, up to its first look for a sample.
    pub(in crate::device) fn open(
        device: String,
        options: &RegistersOptions,
        config: &StreamConfig,
        session: &SessionOptions,
    ) -> Result<Self, DeviceError> {
        let symbols = Symbols::read(&options.elf)?;
        let hooks = hooks(options, &symbols)?;
        let bus = bus_for(&device, options.part.as_deref(), options.identity, config)?;
        let (emulator, mut gdb) = Emulator::start(options)?;
        for (address, _) in &hooks {
            gdb.break_at(*address).map_err(|source| DeviceError::Open {
                device: device.clone(),
                source,
            })?;
        }
        let rate_hz = config.nominal_rate_hz;
        let (tick_ns, batch) = (config.timestamp_tick_ns, config.fifo_batch);
        let mut opened = Self {
            report: LinkReport {
                device: device.clone(),
                ..LinkReport::default()
            },
            identity: identity(options),
            framing: framing(bus.part().name),
            clock: SampleClock::new(config.epoch_us, tick_ns, batch, rate_hz),
            clock_unit: options.clock_unit,
            epoch_us: config.epoch_us,
            time: options.time,
            counter: None,
            rate_hz,
            device,
            gdb,
            emulator,
            symbols,
            elf: options.elf.clone(),
            hooks,
            bus,
            waiting: None,
            clock_reads: 0,
            last_spi: "none".to_owned(),
            patience: session.hello_timeout,
            uplinks: Vec::new(),
            next_t0: 0,
            t0_offset: 0,
        };
        opened.resume()?;
        opened.run()?;
        check_set_up(&opened.device, &opened.bus, config)?;
        opened.patience = session.reply_timeout;
        Ok(opened)
    }

    pub(in crate::device) const fn identity(&self) -> &DeviceIdentity {
        &self.identity
    }

    pub(in crate::device) fn process_id(&self) -> u32 {
        self.emulator.id()
    }

    pub(in crate::device) const fn next_t0(&self) -> u32 {
        self.next_t0
    }

    /// There is no link between bench and firmware that could be damaged.
    pub(in crate::device) fn refuse(&mut self, faults: impl IntoIterator<Item = LinkFault>) {
        for fault in faults {
            let text = format!(
                "link fault {:?} at frame {} not done: no link",
                fault.kind, fault.frame
            );
            self.report.note_log(self.next_t0, 1, text);
        }
    }

    /// The part takes these samples; ends when the firmware waits for one more.
    pub(in crate::device) fn feed(
        &mut self,
        samples: &[[i32; 3]],
        stamps: &[u32],
    ) -> Result<Vec<UplinkMessage>, DeviceError> {
        self.bus.load(samples);
        self.clock.extend(samples.len(), stamps);
        self.next_t0 = self.next_t0.wrapping_add(samples.len() as u32);
        self.report.samples_sent += samples.len() as u64;
        self.report.frames_sent += stamps.len() as u64;
        self.run()?;
        self.report.results += stamps.len() as u64;
        Ok(std::mem::take(&mut self.uplinks))
    }

    /// Time and temperature at the next sample. The firmware finds out when it looks the next time.
    pub(in crate::device) fn skip(&mut self, next_t0: u32, time_us: u64, temperature_cdeg: i16) {
        self.bus.skip();
        self.bus
            .set_temperature(f64::from(temperature_cdeg) / 100.0);
        self.clock.set(self.bus.taken(), time_us);
        self.next_t0 = next_t0;
        self.t0_offset = next_t0.wrapping_sub(self.bus.taken() as u32);
        self.counter = None;
    }

    /// Ends the emulator.
    pub(in crate::device) fn finish(mut self) -> LinkReport {
        self.take_console();
        let seen = self.bus.report();
        let text = seen.to_string();
        self.report
            .note_log(self.next_t0, if seen.overrun > 0 { 1 } else { 2 }, text);
        self.report
    }

    /// Serves the guest until it waits for a sample that has not come.
    fn run(&mut self) -> Result<(), DeviceError> {
        loop {
            if let Some(waiting) = self.waiting.take() {
                if let Some(still) = self.serve(waiting) {
                    self.waiting = Some(still);
                    return Ok(());
                }
                self.resume()?;
            }
            let registers = self.stopped()?;
            self.pass_time()?;
            self.take_console();
            self.waiting = self.on_hook(&registers)?;
            if self.waiting.is_none() {
                self.resume()?;
            }
        }
    }

    /// Answers what the guest waits for; gives it back if that has to wait on.
    fn serve(&mut self, waiting: Waiting) -> Option<Waiting> {
        match waiting {
            Waiting::Spi(call) => {
                let mut rx = vec![0; call.total];
                if self.bus.transfer(&call.tx, &mut rx) == BusOutcome::Starved {
                    return Some(Waiting::Spi(call));
                }
                self.report.bytes_up += call.tx.len() as u64;
                self.report.bytes_down += rx.len() as u64;
                call.answer(&mut self.gdb, &rx);
            }
            Waiting::Interrupt { return_to } => {
                if self.bus.wait_for_interrupt() == BusOutcome::Starved {
                    return Some(waiting);
                }
                return_from(&mut self.gdb, return_to, &[0]);
            }
            Waiting::Clock { return_to } => {
                // Reading the clock again and again is waiting, and takes time as such.
                if self.clock_reads > 0 && !self.bus.measuring() {
                    self.clock.idle(1000);
                } else if self.clock_reads > 0 && self.bus.advance(1) == 0 {
                    return Some(waiting);
                }
                self.clock_reads += 1;
                let now_us = self.clock.time_us(self.bus.taken());
                let since_ms = now_us.saturating_sub(self.epoch_us) / 1000;
                let result = match self.clock_unit {
                    ClockUnit::Us64 => vec![now_us as u32, (now_us >> 32) as u32],
                    ClockUnit::Ms32 => vec![since_ms as u32],
                };
                return_from(&mut self.gdb, return_to, &result);
            }
        }
        None
    }

    /// What the guest wants at the place where it stopped; `None` if that is done already.
    fn on_hook(&mut self, registers: &CoreRegisters) -> Result<Option<Waiting>, DeviceError> {
        let hook = self.hooks.iter().find(|(at, _)| *at == registers[PC]);
        let Some((_, hook)) = hook.cloned() else {
            return Err(self.stuck(registers[PC], Duration::ZERO));
        };
        let return_to = registers[LR];
        Ok(match hook {
            Hook::Spi(hook) => {
                let call = SpiCall::decode(&mut self.gdb, registers, &hook, self.framing);
                let call = call.map_err(|source| self.line(source))?;
                self.clock_reads = 0;
                self.last_spi = describe(&call);
                Some(Waiting::Spi(call))
            }
            Hook::Wait => Some(Waiting::Interrupt { return_to }),
            Hook::Clock => Some(Waiting::Clock { return_to }),
            Hook::Uplink => {
                let (pointer, length) = (registers[0], registers[1].min(UPLINK_MAX));
                let bytes = self.gdb.read_memory(pointer, length as usize);
                let bytes = bytes.map_err(|source| self.line(source))?;
                self.on_uplink(bytes);
                return_from(&mut self.gdb, return_to, &[0]);
                None
            }
            Hook::Fault(handler) => return Err(self.crashed(handler, registers)),
        })
    }

    fn on_uplink(&mut self, bytes: Vec<u8>) {
        self.report.uplinks += 1;
        self.report.uplink_bytes += bytes.len() as u64;
        let now_us = self.clock.time_us(self.bus.taken());
        self.uplinks.push(UplinkMessage {
            t0: self.t0_offset.wrapping_add(self.bus.taken() as u32),
            n: 0,
            tick_ms: Some((now_us.saturating_sub(self.epoch_us) / 1000) as u32),
            bytes,
        });
    }

    /// Sensor time follows the emulated instructions, where that is asked for.
    fn pass_time(&mut self) -> Result<(), DeviceError> {
        let SensorTime::Instructions {
            counter,
            counter_hz,
        } = self.time
        else {
            return Ok(());
        };
        let word = self.gdb.read_memory(counter, 4).map_err(|e| self.line(e))?;
        let now = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        let (before, rest) = self.counter.unwrap_or((now, 0.0));
        let ticks = f64::from(now.wrapping_sub(before));
        let samples = rest + ticks / f64::from(counter_hz.max(1)) * self.rate_hz;
        let whole = libm::floor(samples);
        self.counter = Some((now, samples - whole));
        self.bus.advance(whole as u64);
        Ok(())
    }

    fn resume(&mut self) -> Result<(), DeviceError> {
        let resumed = self.gdb.resume();
        resumed.map_err(|source| self.line(source))
    }

    /// Registers of the guest once it has stopped at a hook.
    fn stopped(&mut self) -> Result<CoreRegisters, DeviceError> {
        let begun = Instant::now();
        let stop = self.gdb.wait_for_stop(self.patience);
        match stop.map_err(|source| self.line(source))? {
            Some(Stop::Exited) => Err(self.died("QEMU ended".to_owned())),
            Some(Stop::Signal(_)) => self.gdb.registers().map_err(|source| self.line(source)),
            None => {
                // Where does it hang?
                let place = self.gdb.interrupt().and_then(|()| {
                    self.gdb.wait_for_stop(Duration::from_secs(2))?;
                    self.gdb.registers()
                });
                let pc = place.map_err(|source| self.line(source))?[PC];
                Err(self.stuck(pc, begun.elapsed()))
            }
        }
    }

    fn take_console(&mut self) {
        let sample = self.t0_offset.wrapping_add(self.bus.taken() as u32);
        for line in self.emulator.console_lines() {
            // QEMU shares the guest's console.
            if line.starts_with(QEMU) {
                tracing::debug!("{line}");
                continue;
            }
            self.report.note_log(sample, 2, line);
        }
    }

    fn sample(&self) -> u32 {
        self.t0_offset.wrapping_add(self.bus.taken() as u32)
    }

    fn line(&self, source: io::Error) -> DeviceError {
        DeviceError::Line {
            device: self.device.clone(),
            sample: self.sample(),
            source,
        }
    }

    /// The last console line as the end of a sentence.
    fn said(&mut self) -> String {
        self.take_console();
        let last = self.report.logs.last();
        last.map_or_else(String::new, |note| {
            format!("; its console said: {}", note.text)
        })
    }

    fn stuck(&mut self, pc: u32, waited: Duration) -> DeviceError {
        DeviceError::Stuck {
            device: self.device.clone(),
            sample: self.sample(),
            waited_s: waited.as_secs_f64(),
            place: post_mortem::line_of_source(&self.elf, pc)
                .unwrap_or_else(|| self.symbols.place(pc)),
            last_transfer: self.last_spi.clone(),
            said: self.said(),
        }
    }

    fn died(&mut self, status: String) -> DeviceError {
        DeviceError::Died {
            device: self.device.clone(),
            sample: self.sample(),
            status,
            last_answer: format!("SPI transfer {}", self.last_spi),
            said: self.said(),
            last: Box::new(LastWords::of_one_start(self.now_us(), Vec::new())),
        }
    }

    /// The exception frame that the core has put on the stack says where it came from.
    fn crashed(&mut self, handler: &str, registers: &CoreRegisters) -> DeviceError {
        let sp = registers[SP];
        let (Some(pc), Some(lr)) = (
            self.word(sp.wrapping_add(24)),
            self.word(sp.wrapping_add(20)),
        ) else {
            return self.died(format!("it ended in {handler}"));
        };
        let mut seen = format!("PC={pc:08x} LR={lr:08x} SP={sp:08x}");
        for (name, address) in FAULT_REGISTERS {
            if let Some(value) = self.word(address) {
                let _ = write!(seen, " {name}={value:08x}");
            }
        }
        let mut messages = vec![format!("SPI transfer {}", self.last_spi)];
        self.take_console();
        messages.extend(
            self.report
                .logs
                .last()
                .map(|note| format!("< {}", note.text)),
        );
        DeviceError::Crashed {
            device: self.device.clone(),
            sample: self.sample(),
            place: format!("{} ({handler})", post_mortem::place(Some(&self.elf), &seen)),
            registers: post_mortem::explained(&seen),
            last: Box::new(LastWords::of_one_start(self.now_us(), messages)),
        }
    }

    fn word(&mut self, address: u32) -> Option<u32> {
        let bytes = self.gdb.read_memory(address, 4).ok()?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    fn now_us(&self) -> u64 {
        self.clock.time_us(self.bus.taken())
    }
}

fn hooks(options: &RegistersOptions, symbols: &Symbols) -> Result<Vec<(u32, Hook)>, DeviceError> {
    let mut hooks = Vec::new();
    for spi in &options.spi {
        let address = symbols.address(&spi.symbol).ok_or_else(|| DeviceError::Image {
            path: options.elf.display().to_string(),
            reason: format!(
                "it has no function `{}`; name the SPI transfer function in the device file, and keep \
                 it from being inlined",
                spi.symbol
            ),
        })?;
        hooks.push((address, Hook::Spi(spi.clone())));
    }
    let optional = [
        (&options.uplink_symbol, Hook::Uplink),
        (&options.clock_symbol, Hook::Clock),
        (&options.wait_symbol, Hook::Wait),
    ];
    for (symbol, hook) in optional {
        hooks.extend(symbols.address(symbol).map(|address| (address, hook)));
    }
    for handler in FAULT_HANDLERS {
        let address = symbols.address(handler);
        hooks.extend(address.map(|address| (address, Hook::Fault(handler))));
    }
    Ok(hooks)
}

fn describe(call: &SpiCall) -> String {
    let head: Vec<String> = call.tx.iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("of {} bytes, sent {}", call.total, head.join(" "))
}

fn identity(options: &RegistersOptions) -> DeviceIdentity {
    let name = options.elf.file_stem();
    DeviceIdentity {
        name: name.map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        build: "unmodified firmware".to_owned(),
        boot_count: 1,
        protocol: (0, 0),
        credits: 1,
        spi: true,
        max_frame: 0,
    }
}
