//! Typed messages of both directions.

use super::bytes::Fields;
use super::samples::{Samples, SamplesError, encode_samples};
use super::text::printable;

/// Message types: the first byte of a frame.
pub mod kind {
    /// Set in every type that the device sends.
    pub const FROM_DEVICE: u8 = 0x80;
    /// Start of a session, both directions (the device adds [`FROM_DEVICE`]).
    pub const HELLO: u8 = 0x01;
    /// A batch of samples.
    pub const SAMPLES: u8 = 0x02;
    /// Device time, temperature, skip of a quiet stretch.
    pub const TIMESYNC: u8 = 0x03;
    /// Bytes to be sent back.
    pub const ECHO: u8 = 0x04;
    /// Asks for the device's link counters.
    pub const STATS_REQUEST: u8 = 0x05;
    /// End of the session.
    pub const BYE: u8 = 0x06;
    /// Answer to HELLO.
    pub const DEVICE_HELLO: u8 = 0x81;
    /// Answer to SAMPLES; gives its credit back.
    pub const RESULT: u8 = 0x82;
    /// What the firmware would send by radio.
    pub const UPLINK: u8 = 0x83;
    /// Answer to ECHO.
    pub const DEVICE_ECHO: u8 = 0x84;
    /// The device's link counters.
    pub const STATS: u8 = 0x85;
    /// Answer to BYE.
    pub const DEVICE_BYE: u8 = 0x86;
    /// Answer to TIMESYNC.
    pub const TIMESYNC_ACK: u8 = 0x87;
    /// A line of text for the log.
    pub const LOG: u8 = 0x88;
    /// Something that the device could not do.
    pub const FAULT: u8 = 0x89;
}

/// A frame with a right CRC whose payload is no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// A type that this end does not know.
    #[error("unknown message type {0:#04x}")]
    UnknownKind(u8),
    /// A field is missing at the end.
    #[error("payload of {got} bytes is too short for message type {kind:#04x}")]
    TooShort {
        /// Message type.
        kind: u8,
        /// Bytes received.
        got: usize,
    },
    /// A SAMPLES payload that cannot be packed or unpacked.
    #[error(transparent)]
    Samples(#[from] SamplesError),
}

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

/// HELLO of the device: who it is and what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceHello {
    /// Protocol version of the device, major.
    pub major: u8,
    /// Protocol version of the device, minor.
    pub minor: u8,
    /// Largest frame that the device accepts: header + payload + CRC in bytes.
    pub max_frame: u16,
    /// SAMPLES frames that may be unanswered at a time.
    pub credits: u8,
    /// Axes that it accepted.
    pub axes: u8,
    /// Width of a value that it accepted.
    pub bits: u8,
    /// Counts the device's starts.
    pub boot_count: u32,
    /// Name of the firmware.
    pub name: String,
    /// Version or hash of the build.
    pub build: String,
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

/// Link counters of the device since HELLO.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeviceStats {
    /// Frames with a right CRC.
    pub frames_ok: u32,
    /// Frames with a wrong CRC.
    pub crc_errors: u32,
    /// Frames cut off, or too short for what they claim to hold.
    pub length_errors: u32,
    /// Frames longer than the device's limit, or bytes that it could not take in time.
    pub overflows: u32,
    /// Samples that the firmware missed, from gaps in `t0`.
    pub lost_samples: u32,
    /// Frames whose sequence number had been there before; not processed again.
    pub duplicate_frames: u32,
    /// Frames that never came, from gaps in the sequence number (optional trailing field).
    pub missing_frames: u32,
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
    /// Asks for [`DeviceMessage::Stats`].
    StatsRequest,
    /// End of the session.
    Bye,
}

/// Device to bench.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceMessage {
    /// Answer to HELLO.
    Hello(DeviceHello),
    /// A SAMPLES frame has been processed.
    Result {
        /// Its first sample.
        t0: u32,
        /// Its number of samples.
        n: u16,
        /// The firmware's millisecond clock after it, wraps.
        tick_ms: u32,
        /// CPU cycles it took, 0 where that is not measured.
        cycles: u32,
    },
    /// What the firmware would send by radio, before the RESULT of the frame that caused it.
    Uplink {
        /// First sample of that frame (or the next sample, if a TIMESYNC caused it).
        t0: u32,
        /// Number of samples in that frame (0 for a TIMESYNC).
        n: u16,
        /// The message, as it would go on the air.
        bytes: Vec<u8>,
    },
    /// Answer to ECHO.
    Echo(Vec<u8>),
    /// Link counters.
    Stats(DeviceStats),
    /// Answer to BYE.
    Bye,
    /// Answer to TIMESYNC.
    TimeSyncAck {
        /// Next sample that the device expects.
        next_t0: u32,
        /// The firmware's millisecond clock, wraps.
        tick_ms: u32,
    },
    /// A line for the log.
    Log {
        /// 0 error, 1 warning, 2 information, 3 debugging.
        level: u8,
        /// The line.
        text: String,
    },
    /// Something that the device could not do.
    Fault {
        /// See `firmware-fixtures/shim/fb_link.h`.
        code: u16,
        /// In words.
        text: String,
    },
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

impl DeviceMessage {
    /// Message type and payload, as a device sends it. Text longer than a field holds is cut.
    pub fn encode(&self) -> (u8, Vec<u8>) {
        let mut out = Vec::new();
        let kind = match self {
            Self::Hello(hello) => {
                hello.encode(&mut out);
                kind::DEVICE_HELLO
            }
            Self::Result {
                t0,
                n,
                tick_ms,
                cycles,
            } => {
                out.extend_from_slice(&t0.to_le_bytes());
                out.extend_from_slice(&n.to_le_bytes());
                out.extend_from_slice(&[0, 0]);
                out.extend_from_slice(&tick_ms.to_le_bytes());
                out.extend_from_slice(&cycles.to_le_bytes());
                kind::RESULT
            }
            Self::Uplink { t0, n, bytes } => {
                out.extend_from_slice(&t0.to_le_bytes());
                out.extend_from_slice(&n.to_le_bytes());
                out.extend_from_slice(&[0, 0]);
                out.extend_from_slice(bytes);
                kind::UPLINK
            }
            Self::Echo(bytes) => {
                out.extend_from_slice(bytes);
                kind::DEVICE_ECHO
            }
            Self::Stats(stats) => {
                stats.encode(&mut out);
                kind::STATS
            }
            Self::Bye => kind::DEVICE_BYE,
            Self::TimeSyncAck { next_t0, tick_ms } => {
                out.extend_from_slice(&next_t0.to_le_bytes());
                out.extend_from_slice(&tick_ms.to_le_bytes());
                kind::TIMESYNC_ACK
            }
            Self::Log { level, text } => {
                out.push(*level);
                out.extend_from_slice(text.as_bytes());
                kind::LOG
            }
            Self::Fault { code, text } => {
                out.extend_from_slice(&code.to_le_bytes());
                out.extend_from_slice(text.as_bytes());
                kind::FAULT
            }
        };
        (kind, out)
    }

    /// The message of a frame; bytes behind the known fields are ignored.
    pub fn decode(kind: u8, payload: &[u8]) -> Result<Self, MessageError> {
        let mut fields = Fields::new(payload);
        Self::fields(kind, &mut fields)
            .ok_or(MessageError::UnknownKind(kind))?
            .ok_or(MessageError::TooShort {
                kind,
                got: payload.len(),
            })
    }

    /// Outer `None`: unknown type; inner `None`: too short.
    fn fields(kind: u8, fields: &mut Fields<'_>) -> Option<Option<Self>> {
        Some(match kind {
            kind::DEVICE_HELLO => DeviceHello::decode(fields).map(Self::Hello),
            kind::RESULT => Self::result(fields),
            kind::UPLINK => Self::uplink(fields),
            kind::DEVICE_ECHO => Some(Self::Echo(fields.rest().to_vec())),
            kind::STATS => DeviceStats::decode(fields).map(Self::Stats),
            kind::DEVICE_BYE => Some(Self::Bye),
            kind::TIMESYNC_ACK => fields
                .u32()
                .zip(fields.u32())
                .map(|(next_t0, tick_ms)| Self::TimeSyncAck { next_t0, tick_ms }),
            kind::LOG => fields.u8().map(|level| Self::Log {
                level,
                text: printable(fields.rest()),
            }),
            kind::FAULT => fields.u16().map(|code| Self::Fault {
                code,
                text: printable(fields.rest()),
            }),
            _ => return None,
        })
    }

    fn result(fields: &mut Fields<'_>) -> Option<Self> {
        let (t0, n, _reserved) = (fields.u32()?, fields.u16()?, fields.u16()?);
        Some(Self::Result {
            t0,
            n,
            tick_ms: fields.u32()?,
            cycles: fields.u32()?,
        })
    }

    fn uplink(fields: &mut Fields<'_>) -> Option<Self> {
        let (t0, n, _reserved) = (fields.u32()?, fields.u16()?, fields.u16()?);
        Some(Self::Uplink {
            t0,
            n,
            bytes: fields.rest().to_vec(),
        })
    }
}

impl DeviceHello {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.major, self.minor]);
        out.extend_from_slice(&self.max_frame.to_le_bytes());
        out.extend_from_slice(&[self.credits, self.axes, self.bits, 0]);
        out.extend_from_slice(&self.boot_count.to_le_bytes());
        for text in [&self.name, &self.build] {
            let bytes = &text.as_bytes()[..text.len().min(255)];
            out.push(bytes.len() as u8);
            out.extend_from_slice(bytes);
        }
    }

    fn decode(fields: &mut Fields<'_>) -> Option<Self> {
        let (major, minor, max_frame) = (fields.u8()?, fields.u8()?, fields.u16()?);
        let (credits, axes, bits, _reserved) =
            (fields.u8()?, fields.u8()?, fields.u8()?, fields.u8()?);
        let boot_count = fields.u32()?;
        let mut text = || {
            let length = fields.u8()?;
            fields.take(usize::from(length)).map(printable)
        };
        let (name, build) = (text()?, text()?);
        Some(Self {
            major,
            minor,
            max_frame,
            credits,
            axes,
            bits,
            boot_count,
            name,
            build,
        })
    }
}

impl DeviceStats {
    fn encode(&self, out: &mut Vec<u8>) {
        for field in [
            self.frames_ok,
            self.crc_errors,
            self.length_errors,
            self.overflows,
            self.lost_samples,
            self.duplicate_frames,
            self.missing_frames,
        ] {
            out.extend_from_slice(&field.to_le_bytes());
        }
    }

    fn decode(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            frames_ok: fields.u32()?,
            crc_errors: fields.u32()?,
            length_errors: fields.u32()?,
            overflows: fields.u32()?,
            lost_samples: fields.u32()?,
            duplicate_frames: fields.u32()?,
            missing_frames: fields.u32().unwrap_or(0),
        })
    }
}
