//! Messages of the bench.

use super::bytes::Fields;
use super::message::{MessageError, kind};
use super::samples::{Samples, encode_samples};

/// HELLO of the bench: what it will send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BenchHello {
    /// Protocol version of the bench, major.
    pub major: u8,
    /// Protocol version of the bench, minor.
    pub minor: u8,
    /// Largest frame that the bench accepts: header + payload + CRC in bytes.
    pub max_frame: u16,
    /// Axes per sample, 3.
    pub axes: u8,
    /// Width of a value, 16 or 24.
    pub bits: u8,
    /// Samples in one SAMPLES frame (the last one of a stretch may have fewer).
    pub fifo_batch: u8,
    /// Output data rate that the part promises, in mHz; the actual one may be off by percents.
    pub nominal_rate_mhz: u32,
    /// 1e-9 m/s2 per count.
    pub scale_nm_s2_per_lsb: u32,
    /// Full scale, 1e-3 m/s2.
    pub range_mm_s2: u32,
    /// Length of one tick of the FIFO time stamps in ns.
    pub timestamp_tick_ns: u32,
    /// Time at the start of the session in us since the Unix epoch.
    pub epoch_us: u64,
    /// Tells runs apart in a device's log.
    pub run_id: u32,
}

/// TIMESYNC: device time and temperature, and the skip over a stretch that nobody looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSync {
    /// Index of the next sample.
    pub next_t0: u32,
    /// Time of that sample in us since the Unix epoch.
    pub time_us: u64,
    /// Temperature in 0.01 degrees Celsius.
    pub temperature_cdeg: i16,
    /// [`TimeSync::SKIP`] and [`TimeSync::FLUSH`].
    pub flags: u8,
}

impl TimeSync {
    /// Numbering and time jump to the given values; that is no loss.
    pub const SKIP: u8 = 1;
    /// The firmware shall send its heartbeat now.
    pub const FLUSH: u8 = 2;
}

/// Bench to device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BenchMessage {
    /// Start of a session.
    Hello(BenchHello),
    /// A batch of samples.
    Samples(Samples),
    /// Time, temperature, skip.
    TimeSync(TimeSync),
    /// Bytes to be sent back.
    Echo(Vec<u8>),
    /// Asks for [`super::DeviceMessage::Stats`].
    StatsRequest,
    /// End of the session.
    Bye,
}

impl BenchMessage {
    /// Message type and payload; `bits` is the width of the values in SAMPLES.
    pub fn encode(&self, bits: u8) -> Result<(u8, Vec<u8>), MessageError> {
        let mut out = Vec::new();
        let kind = match self {
            Self::Hello(hello) => {
                hello.encode(&mut out);
                kind::HELLO
            }
            Self::Samples(batch) => {
                encode_samples(batch.t0, batch.fifo_ticks, bits, &batch.samples, &mut out)?;
                kind::SAMPLES
            }
            Self::TimeSync(sync) => {
                out.extend_from_slice(&sync.next_t0.to_le_bytes());
                out.extend_from_slice(&sync.time_us.to_le_bytes());
                out.extend_from_slice(&sync.temperature_cdeg.to_le_bytes());
                out.push(sync.flags);
                kind::TIMESYNC
            }
            Self::Echo(bytes) => {
                out.extend_from_slice(bytes);
                kind::ECHO
            }
            Self::StatsRequest => kind::STATS_REQUEST,
            Self::Bye => kind::BYE,
        };
        Ok((kind, out))
    }

    /// The message of a frame; bytes behind the known fields are ignored.
    pub fn decode(kind: u8, payload: &[u8], bits: u8) -> Result<Self, MessageError> {
        let mut fields = Fields::new(payload);
        let message = match kind {
            kind::HELLO => BenchHello::decode(&mut fields).map(Self::Hello),
            kind::SAMPLES => return Ok(Self::Samples(Samples::decode(payload, bits)?)),
            kind::TIMESYNC => TimeSync::decode(&mut fields).map(Self::TimeSync),
            kind::ECHO => Some(Self::Echo(payload.to_vec())),
            kind::STATS_REQUEST => Some(Self::StatsRequest),
            kind::BYE => Some(Self::Bye),
            other => return Err(MessageError::UnknownKind(other)),
        };
        message.ok_or(MessageError::TooShort {
            kind,
            got: payload.len(),
        })
    }
}

impl BenchHello {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.major, self.minor]);
        out.extend_from_slice(&self.max_frame.to_le_bytes());
        out.extend_from_slice(&[self.axes, self.bits, self.fifo_batch, 0]);
        for field in [
            self.nominal_rate_mhz,
            self.scale_nm_s2_per_lsb,
            self.range_mm_s2,
            self.timestamp_tick_ns,
        ] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.extend_from_slice(&self.epoch_us.to_le_bytes());
        out.extend_from_slice(&self.run_id.to_le_bytes());
    }

    fn decode(fields: &mut Fields<'_>) -> Option<Self> {
        let (major, minor, max_frame) = (fields.u8()?, fields.u8()?, fields.u16()?);
        let (axes, bits, fifo_batch, _reserved) =
            (fields.u8()?, fields.u8()?, fields.u8()?, fields.u8()?);
        Some(Self {
            major,
            minor,
            max_frame,
            axes,
            bits,
            fifo_batch,
            nominal_rate_mhz: fields.u32()?,
            scale_nm_s2_per_lsb: fields.u32()?,
            range_mm_s2: fields.u32()?,
            timestamp_tick_ns: fields.u32()?,
            epoch_us: fields.u64()?,
            run_id: fields.u32()?,
        })
    }
}

impl TimeSync {
    fn decode(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            next_t0: fields.u32()?,
            time_us: fields.u64()?,
            temperature_cdeg: fields.i16()?,
            flags: fields.u8()?,
        })
    }
}
