//! Firmware that keeps its sensor driver and sends its SPI transfers over the bench link.

use super::config::StreamConfig;
use super::conversation::{Conversation, UplinkMessage};
use super::error::DeviceError;
use super::registers::{SampleClock, bus_for, check_set_up};
use crate::link::kind;
use crate::sensor::{BusOutcome, SensorBus};

/// A transfer that the firmware waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SpiRequest {
    /// Bytes of the transfer.
    pub(super) length: u16,
    /// Bytes to send; zeros follow.
    pub(super) tx: Vec<u8>,
}

/// The bench's side of the bus: the part, sensor time, and the transfer at work.
#[derive(Debug)]
pub(super) struct BusLink {
    bus: SensorBus,
    clock: SampleClock,
    waiting: Option<SpiRequest>,
    /// Sample index minus samples that have gone by.
    t0_offset: u32,
}

impl BusLink {
    /// Lets the firmware set up the part, up to its first look for a sample.
    pub(super) fn open(
        talk: &mut Conversation,
        config: &StreamConfig,
    ) -> Result<Self, DeviceError> {
        let (tick_ns, batch) = (config.timestamp_tick_ns, config.fifo_batch);
        let rate_hz = config.nominal_rate_hz;
        let mut link = Self {
            bus: bus_for(&talk.device, None, None, config)?,
            clock: SampleClock::new(config.epoch_us, tick_ns, batch, rate_hz),
            waiting: None,
            t0_offset: 0,
        };
        link.serve(talk)?;
        check_set_up(&talk.device, &link.bus, config)?;
        Ok(link)
    }

    /// The part takes these samples; ends when the firmware waits for one more.
    pub(super) fn feed(
        &mut self,
        talk: &mut Conversation,
        samples: &[[i32; 3]],
        stamps: &[u32],
    ) -> Result<Vec<UplinkMessage>, DeviceError> {
        self.bus.load(samples);
        self.clock.extend(samples.len(), stamps);
        talk.next_t0 = talk.next_t0.wrapping_add(samples.len() as u32);
        talk.report.samples_sent += samples.len() as u64;
        talk.report.frames_sent += stamps.len() as u64;
        self.serve(talk)?;
        talk.report.results += stamps.len() as u64;
        Ok(talk.take_uplinks())
    }

    /// Time and temperature at the next sample. The firmware finds out when it looks the next time.
    pub(super) fn skip(
        &mut self,
        talk: &mut Conversation,
        next_t0: u32,
        time_us: u64,
        temperature_cdeg: i16,
    ) {
        self.bus.skip();
        self.bus
            .set_temperature(f64::from(temperature_cdeg) / 100.0);
        self.clock.set(self.bus.taken(), time_us);
        talk.next_t0 = next_t0;
        self.t0_offset = next_t0.wrapping_sub(self.bus.taken() as u32);
    }

    /// What happened on the bus, as a line of the device's log.
    pub(super) fn summary(&self) -> (u16, String) {
        let seen = self.bus.report();
        (if seen.overrun > 0 { 1 } else { 2 }, seen.to_string())
    }

    /// Answers transfers until one waits for a sample that has not come.
    fn serve(&mut self, talk: &mut Conversation) -> Result<(), DeviceError> {
        talk.start_waiting();
        loop {
            let Some(request) = self.waiting.take().or_else(|| talk.take_spi()) else {
                talk.take_answer()?;
                if talk.take_lost_touch() {
                    // It answers, and has asked for nothing: a request or an answer got lost.
                    return Err(DeviceError::Unanswered {
                        device: talk.device.clone(),
                        message: "SPI (or it makes no more transfers)",
                    });
                }
                continue;
            };
            let mut answer = vec![0; 8 + usize::from(request.length)];
            let outcome = self.bus.transfer(&request.tx, &mut answer[8..]);
            if outcome == BusOutcome::Starved {
                self.waiting = Some(request);
                return Ok(());
            }
            let taken = self.bus.taken();
            let now_us = self.clock.time_us(taken);
            answer[..8].copy_from_slice(&now_us.to_le_bytes());
            talk.bus_sample = Some(self.t0_offset.wrapping_add(taken as u32));
            talk.post(kind::SPI_ANSWER, &answer);
            talk.start_waiting();
            talk.flush()?;
        }
    }
}
