//! The SAMPLES payload: what dominates the link, hence packed and written without detours.

use super::bytes::Fields;

/// Bytes of a SAMPLES payload before the first sample: t0, n, reserved, FIFO time stamp.
pub const SAMPLES_HEADER_BYTES: usize = 12;

/// A batch of samples as one FIFO read of the sensor gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// Index of the first sample since device start, wraps.
    pub t0: u32,
    /// The sensor's time stamp of the *last* sample in the batch, in ticks, wraps.
    pub fifo_ticks: u32,
    /// Counts of x, y, z.
    pub samples: Vec<[i32; 3]>,
}

/// Why a batch cannot be packed or unpacked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SamplesError {
    /// The link knows 16 and 24 bits.
    #[error("{0} bits per value are not possible on the link, only 16 or 24")]
    Bits(u8),
    /// A value would lose its upper bits.
    #[error("count {value} of sample {index} does not fit into {bits} bits")]
    Range {
        /// Position in the batch.
        index: usize,
        /// The count.
        value: i32,
        /// Width of a value.
        bits: u8,
    },
    /// A frame counts its samples in 16 bits.
    #[error("{0} samples are too many for one frame")]
    TooMany(usize),
    /// The payload ends before its last sample.
    #[error("a SAMPLES payload of {got} bytes is too short, {need} are needed")]
    TooShort {
        /// Bytes that header and samples take.
        need: usize,
        /// Bytes received.
        got: usize,
    },
}

/// Bytes of one three-axis sample.
pub const fn sample_bytes(bits: u8) -> Result<usize, SamplesError> {
    match bits {
        16 => Ok(6),
        24 => Ok(9),
        other => Err(SamplesError::Bits(other)),
    }
}

/// Appends the payload of a SAMPLES frame to `out`; on an error `out` is as before.
pub fn encode_samples(
    t0: u32,
    fifo_ticks: u32,
    bits: u8,
    samples: &[[i32; 3]],
    out: &mut Vec<u8>,
) -> Result<(), SamplesError> {
    let size = sample_bytes(bits)?;
    let n = u16::try_from(samples.len()).map_err(|_| SamplesError::TooMany(samples.len()))?;
    let limit = 1_i32 << (bits - 1);
    for (index, sample) in samples.iter().enumerate() {
        if let Some(&value) = sample.iter().find(|v| **v < -limit || **v >= limit) {
            return Err(SamplesError::Range { index, value, bits });
        }
    }
    out.reserve(SAMPLES_HEADER_BYTES + size * samples.len());
    out.extend_from_slice(&t0.to_le_bytes());
    out.extend_from_slice(&n.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&fifo_ticks.to_le_bytes());
    for value in samples.iter().flatten() {
        out.extend_from_slice(&value.to_le_bytes()[..size / 3]);
    }
    Ok(())
}

impl Samples {
    /// Unpacks a SAMPLES payload; bytes behind the last sample are ignored.
    pub fn decode(payload: &[u8], bits: u8) -> Result<Self, SamplesError> {
        let size = sample_bytes(bits)?;
        let short = |need| SamplesError::TooShort {
            need,
            got: payload.len(),
        };
        let mut fields = Fields::new(payload);
        let mut header = || Some((fields.u32()?, fields.u16()?, fields.u16()?, fields.u32()?));
        let (t0, n, _reserved, fifo_ticks) = header().ok_or_else(|| short(SAMPLES_HEADER_BYTES))?;
        let count = usize::from(n);
        let data = fields
            .take(count * size)
            .ok_or_else(|| short(SAMPLES_HEADER_BYTES + count * size))?;
        let width = size / 3;
        let samples = data
            .chunks_exact(size)
            .map(|sample| {
                [0, 1, 2].map(|axis| sign_extended(&sample[axis * width..(axis + 1) * width]))
            })
            .collect();
        Ok(Self {
            t0,
            fifo_ticks,
            samples,
        })
    }
}

/// A little-endian two's complement number of up to four bytes.
fn sign_extended(bytes: &[u8]) -> i32 {
    let mut wide = [0_u8; 4];
    wide[4 - bytes.len()..].copy_from_slice(bytes);
    i32::from_le_bytes(wide) >> (8 * (4 - bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_counts_survive_both_widths() {
        for (bits, limit) in [(16_u8, 1 << 15), (24, 1 << 23)] {
            let samples = vec![[-limit, limit - 1, -1], [0, 1, -limit + 1]];
            let mut payload = Vec::new();
            encode_samples(7, 9, bits, &samples, &mut payload).unwrap();
            assert_eq!(
                payload.len(),
                SAMPLES_HEADER_BYTES + 2 * sample_bytes(bits).unwrap()
            );
            let back = Samples::decode(&payload, bits).unwrap();
            assert_eq!(
                back,
                Samples {
                    t0: 7,
                    fifo_ticks: 9,
                    samples
                }
            );
        }
    }

    #[test]
    fn a_count_that_does_not_fit_is_refused_and_nothing_is_written() {
        let mut out = vec![1, 2, 3];
        let error = encode_samples(0, 0, 16, &[[0; 3], [0, 32_768, 0]], &mut out).unwrap_err();
        assert_eq!(
            error,
            SamplesError::Range {
                index: 1,
                value: 32_768,
                bits: 16
            }
        );
        assert_eq!(
            encode_samples(0, 0, 20, &[], &mut out),
            Err(SamplesError::Bits(20))
        );
        assert_eq!(out, [1, 2, 3]);
    }

    #[test]
    fn a_count_of_samples_beyond_the_payload_is_refused() {
        let mut payload = Vec::new();
        encode_samples(0, 0, 24, &[[1, 2, 3]; 4], &mut payload).unwrap();
        payload[4] = 5;
        assert_eq!(
            Samples::decode(&payload, 24),
            Err(SamplesError::TooShort { need: 57, got: 48 })
        );
        assert!(Samples::decode(&payload[..11], 24).is_err());
    }
}
