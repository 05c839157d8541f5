//! Random streams keyed by (seed, turnout, purpose, index).
//!
//! Every random number in a run comes from one of these streams, so that a result depends on
//! neither the number of threads nor the order in which turnouts and passages are computed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What a stream is used for. The discriminants are part of the format: never renumber them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Arrival times, train types, speeds, directions and routes.
    Traffic = 1,
    /// Roughness, out-of-roundness and profile of each wheel; index = passage.
    Wheels = 2,
    /// Track irregularity and rail roughness of a turnout.
    Irregularity = 3,
    /// Self-noise of the accelerometer; index = observation window.
    SensorNoise = 4,
    /// Constants of one sensor unit: offset, rate error, sensitivity error.
    SensorUnit = 5,
    /// Time stamp jitter; index = observation window.
    TimeStamp = 6,
    /// Disturbances that are not trains; index = observation window.
    Disturbance = 7,
    /// Injected link faults.
    LinkFault = 8,
    /// Air temperature.
    Weather = 9,
    /// Scatter of support stiffness and masses along a turnout.
    Supports = 10,
    /// Resampling for confidence intervals.
    Bootstrap = 11,
}

/// The stream of `purpose` for one turnout; `index` selects a passage or observation window.
///
/// The `ChaCha8` key is (seed, turnout, purpose), the stream number is `index`: no two tuples share
/// a stream, and any of them can be opened without drawing from the others.
pub fn stream(seed: u64, turnout: u32, purpose: Purpose, index: u64) -> ChaCha8Rng {
    let mut key = [0_u8; 32];
    key[0..8].copy_from_slice(&seed.to_le_bytes());
    key[8..12].copy_from_slice(&turnout.to_le_bytes());
    key[12..16].copy_from_slice(&(purpose as u32).to_le_bytes());
    let mut rng = ChaCha8Rng::from_seed(key);
    rng.set_stream(index);
    rng
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn streams_differ_in_every_component_of_the_key() {
        let first =
            |seed, turnout, purpose, index| stream(seed, turnout, purpose, index).next_u64();
        let base = first(1, 0, Purpose::Traffic, 0);
        assert_eq!(base, first(1, 0, Purpose::Traffic, 0));
        for other in [
            first(2, 0, Purpose::Traffic, 0),
            first(1, 1, Purpose::Traffic, 0),
            first(1, 0, Purpose::Wheels, 0),
            first(1, 0, Purpose::Traffic, 1),
        ] {
            assert_ne!(base, other);
        }
    }
}
