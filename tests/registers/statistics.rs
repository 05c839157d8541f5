//! The message of the fixture built with `RD_STATISTICS`.

use frogbench::device::UplinkMessage;

/// Mean and RMS about it, m/s2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Axis {
    pub(crate) mean: f64,
    pub(crate) rms: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statistics {
    pub(crate) samples: u32,
    pub(crate) overruns: u32,
    pub(crate) misaligned: u32,
    pub(crate) axes: [Axis; 3],
}

pub(crate) fn decode(message: &UplinkMessage) -> Statistics {
    let bytes = &message.bytes;
    assert_eq!((bytes.len(), bytes[0], bytes[1]), (40, 0xa0, 1));
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    Statistics {
        samples: word(4),
        overruns: word(8),
        misaligned: word(12),
        axes: [0, 1, 2].map(|axis| Axis {
            mean: f64::from(word(16 + 8 * axis) as i32) * 1e-6,
            rms: f64::from(word(20 + 8 * axis)) * 1e-6,
        }),
    }
}

/// Counts of `mean + amplitude sin`, m/s2, on each axis; 50 Hz.
pub(crate) fn sine(
    samples: usize,
    rate_hz: f64,
    scale: f64,
    axes: [(f64, f64); 3],
) -> Vec<[i32; 3]> {
    (0..samples)
        .map(|n| {
            let phase = std::f64::consts::TAU * 50.0 * n as f64 / rate_hz;
            axes.map(|(mean, amplitude)| {
                ((mean + amplitude * libm::sin(phase)) / scale).round() as i32
            })
        })
        .collect()
}
