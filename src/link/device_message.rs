//! Messages of the device.

use super::bytes::Fields;
use super::message::{MessageError, kind};
use super::text::printable;

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
    /// It sends its sensor driver's SPI transfers, and takes no SAMPLES.
    pub spi: bool,
    /// Counts the device's starts.
    pub boot_count: u32,
    /// Name of the firmware.
    pub name: String,
    /// Version or hash of the build.
    pub build: String,
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
    /// What the device needed so far (optional trailing fields).
    pub usage: Option<DeviceUsage>,
}

/// What a device needed since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeviceUsage {
    /// Bytes of stack that were in use at most.
    pub stack_peak: u32,
    /// Bytes of stack that there are.
    pub stack_size: u32,
    /// The device's own clock since HELLO (or as set by a skip), ns.
    pub clock_ns: u64,
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
    /// A transfer with the part, chip select low from the first to the last byte.
    Spi {
        /// Part on the bus, from 0.
        part: u8,
        /// Bytes of the transfer.
        length: u16,
        /// Bytes to send; zeros follow up to `length`.
        tx: Vec<u8>,
    },
    /// Something that the device could not do.
    Fault {
        /// See `firmware-fixtures/shim/fb_link.h`.
        code: u16,
        /// In words.
        text: String,
    },
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
            Self::Spi { part, length, tx } => {
                out.extend_from_slice(&[*part, 0]);
                out.extend_from_slice(&length.to_le_bytes());
                out.extend_from_slice(tx);
                kind::SPI
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
        let fields = &mut fields;
        let message = match kind {
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
            kind::SPI => Self::spi(fields),
            kind::FAULT => fields.u16().map(|code| Self::Fault {
                code,
                text: printable(fields.rest()),
            }),
            other => return Err(MessageError::UnknownKind(other)),
        };
        message.ok_or(MessageError::TooShort {
            kind,
            got: payload.len(),
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

    fn spi(fields: &mut Fields<'_>) -> Option<Self> {
        let (part, _reserved, length) = (fields.u8()?, fields.u8()?, fields.u16()?);
        let sent = fields.rest();
        Some(Self::Spi {
            part,
            length,
            tx: sent[..sent.len().min(usize::from(length))].to_vec(),
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
        out.extend_from_slice(&[self.credits, self.axes, self.bits, u8::from(self.spi)]);
        out.extend_from_slice(&self.boot_count.to_le_bytes());
        for text in [&self.name, &self.build] {
            let bytes = &text.as_bytes()[..text.len().min(255)];
            out.push(bytes.len() as u8);
            out.extend_from_slice(bytes);
        }
    }

    fn decode(fields: &mut Fields<'_>) -> Option<Self> {
        let (major, minor, max_frame) = (fields.u8()?, fields.u8()?, fields.u16()?);
        let (credits, axes, bits, flags) = (fields.u8()?, fields.u8()?, fields.u8()?, fields.u8()?);
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
            spi: flags & 1 != 0,
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
        if let Some(usage) = &self.usage {
            out.extend_from_slice(&usage.stack_peak.to_le_bytes());
            out.extend_from_slice(&usage.stack_size.to_le_bytes());
            out.extend_from_slice(&usage.clock_ns.to_le_bytes());
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
            usage: DeviceUsage::decode(fields),
        })
    }
}

impl DeviceUsage {
    fn decode(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            stack_peak: fields.u32()?,
            stack_size: fields.u32()?,
            clock_ns: fields.u64()?,
        })
    }
}
