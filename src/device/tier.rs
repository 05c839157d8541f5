//! One session for every tier: over the bench link, or at the registers of the part.

use std::time::Duration;

use super::config::StreamConfig;
use super::conversation::UplinkMessage;
use super::energy::EnergySpec;
use super::error::DeviceError;
use super::fault::LinkFault;
use super::handshake::DeviceIdentity;
use super::log::LinkRecord;
use super::misfortune::{Misfortune, Usage};
use super::registers::RegistersSession;
use super::report::LinkReport;
use super::session::{LinkSession, SessionOptions};
use super::spec::DeviceSpec;

/// A device in lockstep: it gets samples, and answers each batch before it gets many more.
///
/// Dropping a session ends the firmware process of the tiers that have one; [`Session::finish`] ends it in
/// order and gives the report.
#[derive(Debug)]
pub struct Session(Tier);

#[derive(Debug)]
enum Tier {
    /// Samples as frames of the bench link.
    Link(Box<LinkSession>),
    /// Samples through the registers of the part.
    Registers(Box<RegistersSession>),
}

impl Session {
    /// Opens the device. Over the bench link: exchanges HELLO and proves that the line carries every byte
    /// value. At the registers: starts the firmware and lets it set up the part.
    pub fn open(
        spec: &DeviceSpec,
        config: &StreamConfig,
        options: SessionOptions,
    ) -> Result<Self, DeviceError> {
        let spec = &spec.clone().resolve()?;
        Ok(Self(match spec {
            DeviceSpec::QemuRegisters(registers) => {
                let session =
                    RegistersSession::open(spec.to_string(), registers, config, &options)?;
                Tier::Registers(Box::new(session))
            }
            _ => Tier::Link(Box::new(LinkSession::open(spec, config, options)?)),
        }))
    }

    /// Who answers.
    pub fn identity(&self) -> &DeviceIdentity {
        match &self.0 {
            Tier::Link(session) => session.identity(),
            Tier::Registers(session) => session.identity(),
        }
    }

    /// Process id of the firmware, or of the emulator that runs it.
    pub fn process_id(&self) -> Option<u32> {
        match &self.0 {
            Tier::Link(session) => session.process_id(),
            Tier::Registers(session) => Some(session.process_id()),
        }
    }

    /// What the device needed since the last call: instructions, stack, its clock. `None` where it cannot
    /// tell. The device must be idle, as it is between calls.
    pub fn usage(&mut self) -> Result<Option<Usage>, DeviceError> {
        match &mut self.0 {
            Tier::Link(session) => session.usage(),
            Tier::Registers(_) => Ok(None),
        }
    }

    /// Currents per state for an estimate of energy, where the tier counts instructions.
    pub fn energy(&self) -> Option<&EnergySpec> {
        match &self.0 {
            Tier::Link(session) => session.energy.as_ref(),
            Tier::Registers(_) => None,
        }
    }

    /// Makes the device meet with a misfortune by the shim's test hook. One that starts again is greeted again and
    /// told the time; of one that does not, the next call tells.
    pub fn provoke(&mut self, misfortune: Misfortune) -> Result<(), DeviceError> {
        match &mut self.0 {
            Tier::Link(session) => session.provoke(misfortune),
            Tier::Registers(session) => Err(DeviceError::NotAvailable {
                device: session.identity().name.clone(),
                reason: "its firmware has no shim that could make it fail on command".to_owned(),
            }),
        }
    }

    /// Index of the next sample, counted from the start of the session, wraps.
    pub fn next_t0(&self) -> u32 {
        match &self.0 {
            Tier::Link(session) => session.next_t0(),
            Tier::Registers(session) => session.next_t0(),
        }
    }

    /// Adds damage that is to be done on purpose; see [`SessionOptions::faults`]. At the registers there is
    /// no link to damage, and the faults are noted as not done.
    pub fn inject(&mut self, faults: impl IntoIterator<Item = LinkFault>) {
        match &mut self.0 {
            Tier::Link(session) => session.inject(faults),
            Tier::Registers(session) => session.refuse(faults),
        }
    }

    /// SAMPLES frames sent since the session was opened; none at the registers.
    pub fn frames_sent(&self) -> u64 {
        match &self.0 {
            Tier::Link(session) => session.frames_sent(),
            Tier::Registers(_) => 0,
        }
    }

    /// The sensor's FIFO ran over: the next sample has a number that is higher by so many. At the registers
    /// the part's own FIFO does that.
    pub fn overrun(&mut self, samples: u32) {
        if let Tier::Link(session) = &mut self.0 {
            session.overrun(samples);
        }
    }

    /// Ends the session and opens another with the same running device, as after a cable was pulled and
    /// plugged in again: HELLO, samples from number 0. The report goes on counting.
    pub fn reconnect(
        &mut self,
        config: &StreamConfig,
        hello_timeout: Duration,
    ) -> Result<(), DeviceError> {
        match &mut self.0 {
            Tier::Link(session) => session.reconnect(config, hello_timeout),
            Tier::Registers(session) => Err(without_link(session)),
        }
    }

    /// The device loses its supply and starts again: another process or emulator, the same session for the
    /// report. Samples count from number 0.
    pub fn restart(
        &mut self,
        spec: &DeviceSpec,
        config: &StreamConfig,
        options: SessionOptions,
    ) -> Result<(), DeviceError> {
        let spec = &spec.clone().resolve()?;
        match &mut self.0 {
            Tier::Link(session) => session.restart(spec, config, options),
            Tier::Registers(session) => Err(without_link(session)),
        }
    }

    /// Sends counts of x, y, z in batches of [`StreamConfig::fifo_batch`] and waits until the device
    /// has answered all of them. `stamps` has the sensor's FIFO time stamp of the last sample of each
    /// batch, in ticks ([`StreamConfig::timestamp_tick_ns`]), wrapping; the last batch may be short.
    ///
    /// Returns what the firmware sent by radio, in order. A frame that is lost on the way is not sent
    /// again: it is counted in the report of [`Session::finish`].
    pub fn feed(
        &mut self,
        samples: &[[i32; 3]],
        stamps: &[u32],
    ) -> Result<Vec<UplinkMessage>, DeviceError> {
        match &mut self.0 {
            Tier::Link(session) => session.feed(samples, stamps),
            Tier::Registers(session) => session.feed(samples, stamps),
        }
    }

    /// Jumps over a stretch that nobody looks at: the next sample is number `next_t0` at `time_us` (us
    /// since the Unix epoch), and the device's clock follows; no sample counts as lost. Also carries
    /// the temperature in 0.01 degrees Celsius; `flush` asks for a heartbeat now (firmware at the registers
    /// cannot be asked, and sends it when its clock says so).
    pub fn skip(
        &mut self,
        next_t0: u32,
        time_us: u64,
        temperature_cdeg: i16,
        flush: bool,
    ) -> Result<Vec<UplinkMessage>, DeviceError> {
        match &mut self.0 {
            Tier::Link(session) => session.skip(next_t0, time_us, temperature_cdeg, flush),
            Tier::Registers(session) => {
                session.skip(next_t0, time_us, temperature_cdeg);
                Ok(Vec::new())
            }
        }
    }

    /// Asks for a heartbeat now, at `time_us`, in the midst of whatever the device is at; firmware at the registers cannot be
    /// asked.
    ///
    /// # Errors
    /// [`DeviceError`], as for [`Self::skip`].
    pub fn ask_for_heartbeat(
        &mut self,
        time_us: u64,
        temperature_cdeg: i16,
    ) -> Result<Vec<UplinkMessage>, DeviceError> {
        match &mut self.0 {
            Tier::Link(session) => session.ask_for_heartbeat(time_us, temperature_cdeg),
            Tier::Registers(_) => Ok(Vec::new()),
        }
    }

    /// Sends bytes and has the device send them back: the round trip in host time, or `None` if other
    /// bytes came back or the tier has no echo. The device must be idle, as it is between calls.
    pub fn echo(&mut self, bytes: &[u8]) -> Result<Option<Duration>, DeviceError> {
        match &mut self.0 {
            Tier::Link(session) => session.echo(bytes),
            Tier::Registers(_) => Ok(None),
        }
    }

    /// What went over the link since the last call, where the log is on. At the registers there is no link,
    /// and the log stays empty.
    pub fn take_log(&mut self) -> Vec<LinkRecord> {
        match &mut self.0 {
            Tier::Link(session) => session.take_log(),
            Tier::Registers(_) => Vec::new(),
        }
    }

    /// Ends the session and reports on the link. The report may be unclean: see
    /// [`LinkReport::require_clean`].
    pub fn finish(self) -> Result<LinkReport, DeviceError> {
        match self.0 {
            Tier::Link(session) => session.finish(),
            Tier::Registers(session) => Ok(session.finish()),
        }
    }
}

fn without_link(session: &RegistersSession) -> DeviceError {
    DeviceError::NotAvailable {
        device: session.identity().name.clone(),
        reason:
            "starts of device and session are faults of the bench link, which this tier has not"
                .to_owned(),
    }
}
