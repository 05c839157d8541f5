//! What a device meets with on command, and what it needed: both through the shim.

use super::config::StreamConfig;
use super::conversation::Control;
use super::error::DeviceError;
use super::handshake::greet;
use super::session::LinkSession;
use super::wire::BENCH_MAX_FRAME;
use crate::link::{BenchMessage, DeviceUsage, TimeSync, kind};

/// What a device's test hook does on command (`FB_PROVOKE_*` of the shim).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misfortune {
    /// It starts again, as after a watchdog reset. The session goes on with a new HELLO.
    Reset,
    /// It starts again, as after a loss of power. The session goes on with a new HELLO.
    BrownOut,
    /// It answers nothing any more.
    Hang,
    /// Its processor faults.
    HardFault,
}

impl Misfortune {
    /// The byte of a PROVOKE.
    const fn code(self) -> u8 {
        match self {
            Self::Reset => 1,
            Self::BrownOut => 2,
            Self::Hang => 3,
            Self::HardFault => 4,
        }
    }

    /// Whether the device answers HELLO afterwards.
    pub const fn starts_again(self) -> bool {
        matches!(self, Self::Reset | Self::BrownOut)
    }
}

/// What a device needed, where it can tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Usage {
    /// Instructions (emulated) or cycles (hardware) of each SAMPLES frame since the last call.
    pub cycles: Vec<u32>,
    /// Stack and clock since the device's start.
    pub device: DeviceUsage,
}

impl LinkSession {
    /// Makes the device meet with a misfortune, between calls: it has answered everything by then. One that
    /// starts again is greeted again and told the time; what its memory held is gone, and samples go on
    /// counting. Of one that does not, the next call tells.
    pub(super) fn provoke(&mut self, misfortune: Misfortune) -> Result<(), DeviceError> {
        if misfortune.starts_again() {
            self.collect_counters()?;
        }
        self.talk.post(kind::PROVOKE, &[misfortune.code()]);
        self.talk.flush()?;
        if !misfortune.starts_again() {
            return Ok(());
        }
        let next_t0 = self.talk.next_t0;
        let time_us = self.talk.memory.time_of(next_t0);
        let config = StreamConfig {
            epoch_us: time_us.unwrap_or(self.config.epoch_us),
            ..self.config.clone()
        };
        let hello = config.hello(BENCH_MAX_FRAME)?;
        self.talk.wire.forget_sequence();
        let frame_bytes = self.config.frame_bytes();
        let identity = greet(&mut self.talk, &hello, frame_bytes, self.hello_timeout)?;
        self.talk.memory.started(identity.boot_count);
        self.identity = identity;
        let sync = BenchMessage::TimeSync(TimeSync {
            next_t0,
            time_us: config.epoch_us,
            temperature_cdeg: self.temperature_cdeg,
            flags: TimeSync::SKIP,
        });
        let (kind, payload) = sync
            .encode(self.config.bits)
            .map_err(|e| DeviceError::Stream {
                reason: e.to_string(),
            })?;
        self.talk.post(kind, &payload);
        self.talk.ask(Control::TimeSync { next_t0 })?;
        Ok(())
    }

    /// What the device needed since the last call; `None` where it cannot tell.
    pub(super) fn usage(&mut self) -> Result<Option<Usage>, DeviceError> {
        let cycles = std::mem::take(&mut self.talk.cycles);
        if self.bus.is_some() || (cycles.is_empty() && self.talk.elf.is_none()) {
            return Ok(None);
        }
        self.talk.post(kind::STATS_REQUEST, &[]);
        self.talk.ask(Control::Stats)?;
        let stats = self.talk.stats();
        let device = stats.and_then(|stats| stats.usage).unwrap_or_default();
        Ok(Some(Usage { cycles, device }))
    }
}
