//! RESD, the sensor data format of Renode, version 1.
//!
//! Little-endian. File: `RESD`, u8 version, three zero bytes. Block: u8 type (2: constant rate), u16 sample
//! type, u16 channel, u64 size of what follows; u64 start and u64 period in ns of virtual time, u64 size
//! of the metadata (0), the samples. Acceleration: three i32 in 1e-6 g; temperature: i32 in 0.001 degC.

use crate::sensor::G_M_S2;

const CONSTANT_RATE: u8 = 2;
const TEMPERATURE: u16 = 1;
const ACCELERATION: u16 = 2;
/// Start, period and size of the metadata.
const SUBHEADER_BYTES: u64 = 24;

/// A stretch of samples for Renode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResdStretch<'a> {
    /// Acceleration of x, y, z, m/s2. Beyond +-2147 g (the format's limit) it saturates.
    pub acceleration_m_s2: &'a [[f64; 3]],
    /// Samples per second. The format has whole nanoseconds per sample.
    pub rate_hz: f64,
    /// Temperature during the stretch, degC.
    pub temperature_c: f64,
    /// Virtual time of the first sample, ns.
    pub start_ns: u64,
    /// Channel of both blocks.
    pub channel: u16,
}

/// The bytes of a RESD file: a block of accelerations, and one of temperatures with one sample, which holds
/// for the whole stretch.
pub fn encode_resd(stretch: &ResdStretch<'_>) -> Vec<u8> {
    let count = stretch.acceleration_m_s2.len();
    let mut out = Vec::with_capacity(96 + 12 * count);
    out.extend_from_slice(b"RESD");
    out.extend_from_slice(&[1, 0, 0, 0]);
    let period_ns = libm::round(1e9 / stretch.rate_hz).max(1.0) as u64;
    block(
        &mut out,
        ACCELERATION,
        stretch,
        period_ns,
        12 * count as u64,
    );
    for sample in stretch.acceleration_m_s2 {
        for value in sample {
            out.extend_from_slice(&whole(value / G_M_S2 * 1e6).to_le_bytes());
        }
    }
    let all_ns = period_ns.saturating_mul(count.max(1) as u64);
    block(&mut out, TEMPERATURE, stretch, all_ns, 4);
    out.extend_from_slice(&whole(stretch.temperature_c * 1e3).to_le_bytes());
    out
}

fn block(out: &mut Vec<u8>, kind: u16, stretch: &ResdStretch<'_>, period_ns: u64, bytes: u64) {
    out.push(CONSTANT_RATE);
    out.extend_from_slice(&kind.to_le_bytes());
    out.extend_from_slice(&stretch.channel.to_le_bytes());
    out.extend_from_slice(&(SUBHEADER_BYTES + bytes).to_le_bytes());
    for field in [stretch.start_ns, period_ns, 0] {
        out.extend_from_slice(&field.to_le_bytes());
    }
}

fn whole(value: f64) -> i32 {
    libm::round(value).clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_documented_bytes() {
        let bytes = encode_resd(&ResdStretch {
            acceleration_m_s2: &[[G_M_S2, -G_M_S2 / 2.0, 0.0], [0.0, 1e9, -G_M_S2 * 1e-6]],
            rate_hz: 4000.0,
            temperature_c: -12.5,
            start_ns: 5,
            channel: 3,
        });
        let mut want = b"RESD\x01\0\0\0".to_vec();
        want.extend(b"\x02\x02\0\x03\0\x30\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0");
        want.extend(b"\x90\xd0\x03\0\0\0\0\0\0\0\0\0\0\0\0\0");
        want.extend(b"\x40\x42\x0f\0\xe0\x5e\xf8\xff\0\0\0\0");
        want.extend(b"\0\0\0\0\xff\xff\xff\x7f\xff\xff\xff\xff");
        want.extend(b"\x02\x01\0\x03\0\x1c\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0");
        want.extend(b"\x20\xa1\x07\0\0\0\0\0\0\0\0\0\0\0\0\0\x2c\xcf\xff\xff");
        assert_eq!(bytes, want);
    }
}
