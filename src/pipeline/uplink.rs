//! Decoder of the uplink messages, version 1: what the firmware sends by radio.
//!
//! The byte layout is that of `firmware-fixtures/core/fb_uplink.h`. Decoded values are in SI units. Any bytes may come in:
//! what is no complete message of a known kind and version is an error, never a panic.

use thiserror::Error;

/// Version of the layout that this decoder reads.
pub const UPLINK_VERSION: u8 = 1;
/// Longest message that a firmware may send, bytes.
pub const UPLINK_MAX_BYTES: usize = 240;
/// Edges of the bands of [`PassageReport::band_rms_m_s2`], Hz.
pub const BAND_EDGES_HZ: [f64; 7] = [5.0, 20.0, 60.0, 150.0, 350.0, 700.0, 1500.0];

/// One decoded message.
#[derive(Debug, Clone, PartialEq)]
pub enum Uplink {
    /// A passage has ended.
    Passage(PassageReport),
    /// More axles of the passage before it.
    Axles(AxlesReport),
    /// Sign of life.
    Heartbeat(Heartbeat),
}

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UplinkError {
    /// The message ends before its last field.
    #[error(
        "uplink of {got} bytes ends in the middle of a field at byte {at}: the firmware sent it cut short"
    )]
    Short {
        /// Bytes in the message.
        got: usize,
        /// Offset of the field that is not there.
        at: usize,
    },
    /// Longer than any message.
    #[error("uplink of {got} bytes is longer than the 240 that a message may have")]
    Long {
        /// Bytes in the message.
        got: usize,
    },
    /// Bytes are left after the last field.
    #[error("uplink has {left} bytes after its last field: its axle count or its layout is wrong")]
    Trailing {
        /// Bytes left.
        left: usize,
    },
    /// First byte is no known kind.
    #[error("uplink kind {kind} is unknown (1 passage, 2 axles, 3 heartbeat)")]
    Kind {
        /// The kind byte.
        kind: u8,
    },
    /// Second byte is another version.
    #[error("uplink version {version} is not 1: firmware and pipeline do not match")]
    Version {
        /// The version byte.
        version: u8,
    },
    /// An axle's time does not fit 32 bits.
    #[error("uplink axle time at byte {at} is longer than 32 bits")]
    AxleTime {
        /// Offset of the time.
        at: usize,
    },
}

/// What a firmware noticed about a passage (or, in a heartbeat, since the last one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)] // a set of independent flags
pub struct PassageFlags {
    /// A sample was at the end of the range.
    pub clipped: bool,
    /// Samples were lost or repeated.
    pub sample_gap: bool,
    /// The sample ring was overrun.
    pub ring_overflow: bool,
    /// The passage was cut at its longest permitted length.
    pub truncated: bool,
    /// There were more axles than can be kept.
    pub axle_list_truncated: bool,
    /// No speed could be estimated.
    pub speed_unknown: bool,
    /// The supply is low (the reference firmware has no battery gauge).
    pub low_battery: bool,
    /// An axis is stuck or dead.
    pub bad_sensor: bool,
    /// The history before the wake-up was shorter than intended.
    pub pre_trigger_incomplete: bool,
    /// The first message after a start of the device.
    pub reset: bool,
}

impl PassageFlags {
    /// Names of the flags that are set, in the order of their bits.
    pub fn names(&self) -> Vec<&'static str> {
        [
            (self.clipped, "clipped"),
            (self.sample_gap, "sample-gap"),
            (self.ring_overflow, "ring-overflow"),
            (self.truncated, "truncated"),
            (self.axle_list_truncated, "axle-list-truncated"),
            (self.speed_unknown, "speed-unknown"),
            (self.low_battery, "low-battery"),
            (self.bad_sensor, "bad-sensor"),
            (self.pre_trigger_incomplete, "pre-trigger-incomplete"),
            (self.reset, "reset"),
        ]
        .into_iter()
        .filter_map(|(set, name)| set.then_some(name))
        .collect()
    }

    fn from_bits(bits: u16) -> Self {
        let set = |bit: u32| bits & (1 << bit) != 0;
        Self {
            clipped: set(0),
            sample_gap: set(1),
            ring_overflow: set(2),
            truncated: set(3),
            axle_list_truncated: set(4),
            speed_unknown: set(5),
            low_battery: set(6),
            bad_sensor: set(7),
            pre_trigger_incomplete: set(8),
            reset: set(9),
        }
    }
}

/// One passage as the firmware reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageReport {
    /// Number of the message, over all kinds; wraps.
    pub sequence: u16,
    /// Number of the passage since start; wraps.
    pub passage: u16,
    /// Device time of the onset (wake-up, or the first axle if that came before), us.
    pub onset_us: u64,
    /// From the onset to the last activity, s.
    pub duration_s: f64,
    /// Axles found.
    pub axle_count: u16,
    /// Speed, m/s, where one could be estimated.
    pub speed_m_s: Option<f64>,
    /// 0 none, 1 from a single bogie, 2 consistent over several.
    pub speed_quality: u8,
    /// What the firmware noticed.
    pub flags: PassageFlags,
    /// Sample rate measured from FIFO time stamps, Hz.
    pub rate_hz: f64,
    /// Temperature, degrees Celsius.
    pub temperature_c: f64,
    /// Features of x, y, z.
    pub axes: [AxisFeatures; 3],
    /// RMS of z in the bands of [`BAND_EDGES_HZ`], m/s2; `None` where the sample rate does not reach.
    pub band_rms_m_s2: [Option<f64>; 6],
    /// Kurtosis (3: Gaussian) of z in the 50 ms around an axle, median over the axles.
    pub impact_kurtosis: f64,
    /// Peak-to-peak displacement of a bogie, band-limited, median over the bogies, m; 0: not measured, as
    /// when the vertical axis was clipped.
    pub displacement_pp_m: f64,
    /// Axles carried by this message; the rest follow in [`AxlesReport`]s.
    pub axles: Vec<AxleReport>,
}

/// Features of one axis over the passage, offset removed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct AxisFeatures {
    /// Largest magnitude, m/s2.
    pub peak_m_s2: f64,
    /// Root mean square, m/s2.
    pub rms_m_s2: f64,
    /// Peak over RMS.
    pub crest: f64,
    /// Kurtosis (3: Gaussian).
    pub kurtosis: f64,
}

/// One axle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AxleReport {
    /// Time over the sensor since the passage's onset, s.
    pub time_s: f64,
    /// Largest impact, m/s2, in steps of an eighth octave; 0 below 0.1.
    pub peak_m_s2: f64,
}

/// Continuation of a passage's axles.
#[derive(Debug, Clone, PartialEq)]
pub struct AxlesReport {
    /// Number of the message.
    pub sequence: u16,
    /// Number of the passage that it belongs to.
    pub passage: u16,
    /// Number of the first axle here, from 0.
    pub first_axle: u16,
    /// The axles.
    pub axles: Vec<AxleReport>,
}

/// Sign of life with health figures.
#[derive(Debug, Clone, PartialEq)]
pub struct Heartbeat {
    /// Number of the message.
    pub sequence: u16,
    /// Device time, us.
    pub device_time_us: u64,
    /// Measured sample rate, Hz.
    pub rate_hz: f64,
    /// Temperature, degrees Celsius.
    pub temperature_c: f64,
    /// Mean of x, y, z (gravity, tilt, offset), m/s2.
    pub mean_m_s2: [f64; 3],
    /// RMS of x, y, z at rest, offset removed, m/s2.
    pub noise_rms_m_s2: [f64; 3],
    /// What the firmware noticed since the last heartbeat.
    pub flags: PassageFlags,
    /// Wake-ups since the last heartbeat that were no train.
    pub wakeups: u16,
    /// Passages since start; wraps.
    pub passages: u16,
    /// Samples that never arrived, since start.
    pub lost_samples: u32,
    /// Samples at the end of the range, since start.
    pub clipped_samples: u32,
    /// Starts of the device, 0 where it cannot tell.
    pub boot_count: u16,
}

/// Decodes one message.
pub fn decode(bytes: &[u8]) -> Result<Uplink, UplinkError> {
    if bytes.len() > UPLINK_MAX_BYTES {
        return Err(UplinkError::Long { got: bytes.len() });
    }
    let mut reader = Reader { bytes, at: 0 };
    let kind = reader.u8()?;
    if !(1..=3).contains(&kind) {
        return Err(UplinkError::Kind { kind });
    }
    let version = reader.u8()?;
    if version != UPLINK_VERSION {
        return Err(UplinkError::Version { version });
    }
    let sequence = reader.u16()?;
    let uplink = match kind {
        1 => Uplink::Passage(passage(&mut reader, sequence)?),
        2 => Uplink::Axles(AxlesReport {
            sequence,
            passage: reader.u16()?,
            first_axle: reader.u16()?,
            axles: axles(&mut reader)?,
        }),
        _ => Uplink::Heartbeat(heartbeat(&mut reader, sequence)?),
    };
    match bytes.len() - reader.at {
        0 => Ok(uplink),
        left => Err(UplinkError::Trailing { left }),
    }
}

fn passage(reader: &mut Reader<'_>, sequence: u16) -> Result<PassageReport, UplinkError> {
    let passage = reader.u16()?;
    let onset_us = reader.u64()?;
    let duration_s = f64::from(reader.u32()?) * 1e-3;
    let axle_count = reader.u16()?;
    let speed_cm_s = reader.u16()?;
    let speed_quality = reader.u8()?;
    reader.u8()?;
    let flags = PassageFlags::from_bits(reader.u16()?);
    let rate_hz = f64::from(reader.u32()?) * 1e-3;
    let temperature_c = f64::from(reader.i16()?) * 0.01;
    let mut axes = [AxisFeatures::default(); 3];
    for axis in &mut axes {
        axis.peak_m_s2 = f64::from(reader.u32()?) * 1e-3;
        axis.rms_m_s2 = f64::from(reader.u32()?) * 1e-5;
        axis.crest = f64::from(reader.u16()?) * 0.01;
        axis.kurtosis = f64::from(reader.u16()?) * 0.01;
    }
    let mut band_rms_m_s2 = [None; 6];
    for band in &mut band_rms_m_s2 {
        let raw = reader.u32()?;
        *band = (raw != u32::MAX).then(|| f64::from(raw) * 1e-5);
    }
    Ok(PassageReport {
        sequence,
        passage,
        onset_us,
        duration_s,
        axle_count,
        speed_m_s: (speed_cm_s != 0).then(|| f64::from(speed_cm_s) * 0.01),
        speed_quality,
        flags,
        rate_hz,
        temperature_c,
        axes,
        band_rms_m_s2,
        impact_kurtosis: f64::from(reader.u16()?) * 0.01,
        displacement_pp_m: f64::from(reader.u32()?) * 1e-7,
        axles: axles(reader)?,
    })
}

fn axles(reader: &mut Reader<'_>) -> Result<Vec<AxleReport>, UplinkError> {
    let count = reader.u8()?;
    let mut time_s = 0.0;
    let mut list = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        time_s += f64::from(reader.varint()?) * 1e-4;
        let code = reader.u8()?;
        let peak_m_s2 = if code == 0 {
            0.0
        } else {
            0.1 * libm::exp2(f64::from(code) / 8.0)
        };
        list.push(AxleReport { time_s, peak_m_s2 });
    }
    Ok(list)
}

fn heartbeat(reader: &mut Reader<'_>, sequence: u16) -> Result<Heartbeat, UplinkError> {
    let device_time_us = reader.u64()?;
    let rate_hz = f64::from(reader.u32()?) * 1e-3;
    let temperature_c = f64::from(reader.i16()?) * 0.01;
    let mut mean_m_s2 = [0.0; 3];
    let mut noise_rms_m_s2 = [0.0; 3];
    for axis in 0..3 {
        mean_m_s2[axis] = f64::from(reader.i32()?) * 1e-5;
        noise_rms_m_s2[axis] = f64::from(reader.u32()?) * 1e-5;
    }
    Ok(Heartbeat {
        sequence,
        device_time_us,
        rate_hz,
        temperature_c,
        mean_m_s2,
        noise_rms_m_s2,
        flags: PassageFlags::from_bits(reader.u16()?),
        wakeups: reader.u16()?,
        passages: reader.u16()?,
        lost_samples: reader.u32()?,
        clipped_samples: reader.u32()?,
        boot_count: reader.u16()?,
    })
}

/// Little-endian fields from a byte slice.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], UplinkError> {
        let short = UplinkError::Short {
            got: self.bytes.len(),
            at: self.at,
        };
        let field = self.bytes.get(self.at..self.at + N).ok_or(short)?;
        self.at += N;
        field.try_into().map_err(|_| short)
    }

    fn u8(&mut self) -> Result<u8, UplinkError> {
        Ok(self.array::<1>()?[0])
    }

    fn u16(&mut self) -> Result<u16, UplinkError> {
        self.array().map(u16::from_le_bytes)
    }

    fn i16(&mut self) -> Result<i16, UplinkError> {
        self.array().map(i16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32, UplinkError> {
        self.array().map(u32::from_le_bytes)
    }

    fn i32(&mut self) -> Result<i32, UplinkError> {
        self.array().map(i32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, UplinkError> {
        self.array().map(u64::from_le_bytes)
    }

    /// Seven bits per byte, low first, top bit: more follow; at most 32 bits.
    fn varint(&mut self) -> Result<u32, UplinkError> {
        let at = self.at;
        let mut value = 0_u64;
        for group in 0..5 {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << (7 * group);
            if byte & 0x80 == 0 {
                return u32::try_from(value).map_err(|_| UplinkError::AxleTime { at });
            }
        }
        Err(UplinkError::AxleTime { at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2)
            .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
            .collect()
    }

    /// Sent by the C encoder: heartbeat asked for right after the start, 20 degrees, device time 5 s, nothing measured yet.
    #[test]
    fn heartbeat_of_the_c_encoder() {
        let sent = hex(concat!(
            "03010000404b4c000000000000093d00d007000000000000000000000000",
            "00000000000000000000000000020000000000000000000000000000"
        ));
        let Uplink::Heartbeat(beat) = decode(&sent).unwrap() else {
            panic!("a heartbeat")
        };
        assert_eq!(beat.device_time_us, 5_000_000);
        assert!((beat.rate_hz - 4000.0).abs() < 1e-9 && (beat.temperature_c - 20.0).abs() < 1e-9);
        assert!(beat.flags.reset && !beat.flags.clipped);
        assert_eq!(
            (
                beat.sequence,
                beat.wakeups,
                beat.passages,
                beat.lost_samples
            ),
            (0, 0, 0, 0)
        );
        for cut in 0..sent.len() {
            assert!(matches!(
                decode(&sent[..cut]),
                Err(UplinkError::Short { .. })
            ));
        }
        let mut longer = sent;
        longer.push(0);
        assert_eq!(decode(&longer), Err(UplinkError::Trailing { left: 1 }));
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn any_body_never_panics(kind in 1_u8..=3, body in proptest::collection::vec(any::<u8>(), 0..238)) {
            let mut bytes = vec![kind, 1];
            bytes.extend(body);
            let _ = decode(&bytes);
        }
    }
}
