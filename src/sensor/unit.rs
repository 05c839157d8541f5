//! The constants that make one unit differ from the next.

use super::part::{G_M_S2, Part};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Constants of one sensor unit, drawn once per device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SensorUnit {
    /// Relative error of the data rate at 25 degC; unknown to the firmware.
    pub rate_error: f64,
    /// Relative change of the data rate per kelvin.
    pub rate_drift_per_k: f64,
    /// Relative error of the clock that takes the time stamps (a crystal).
    pub stamp_clock_error: f64,
    /// Zero-g offset at 25 degC, per axis, m/s2.
    pub offset_m_s2: [f64; 3],
    /// Change of the offset per kelvin, per axis, m/s2.
    pub offset_drift_m_s2_per_k: [f64; 3],
    /// Sensitivity and cross-axis coupling at 25 degC: reading = matrix * acceleration.
    pub sensitivity: [[f64; 3]; 3],
    /// Relative change of the sensitivity per kelvin, per axis.
    pub sensitivity_drift_per_k: [f64; 3],
}

/// Tolerance of a watch or microcontroller crystal, relative.
const CRYSTAL_TOLERANCE: f64 = 20.0e-6;

impl SensorUnit {
    /// A unit without any error, to test against.
    pub const IDEAL: Self = Self {
        rate_error: 0.0,
        rate_drift_per_k: 0.0,
        stamp_clock_error: 0.0,
        offset_m_s2: [0.0; 3],
        offset_drift_m_s2_per_k: [0.0; 3],
        sensitivity: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        sensitivity_drift_per_k: [0.0; 3],
    };

    /// Draw one unit of `part`.
    ///
    /// Datasheet limits are read as two standard deviations of a normal distribution that is cut
    /// there: makers sort out what lies beyond.
    pub fn draw(part: &Part, rng: &mut ChaCha8Rng) -> Self {
        let mut unit = Self::IDEAL;
        unit.rate_error = within(part.rate_error_max, rng);
        unit.rate_drift_per_k = part.rate_drift_per_k;
        unit.stamp_clock_error = within(CRYSTAL_TOLERANCE, rng);
        for axis in 0..3 {
            unit.offset_m_s2[axis] = within(part.offset_max_g[axis] * G_M_S2, rng);
            unit.offset_drift_m_s2_per_k[axis] =
                within(part.offset_drift_max_g_per_k * G_M_S2, rng);
            unit.sensitivity_drift_per_k[axis] = within(part.sensitivity_drift_max_per_k, rng);
            for from in 0..3 {
                unit.sensitivity[axis][from] = if from == axis {
                    1.0 + within(part.sensitivity_error_max, rng)
                } else {
                    within(part.cross_axis_max, rng)
                };
            }
        }
        unit
    }

    /// The true rate over the nominal one at `temperature_c`.
    pub fn rate_factor(&self, temperature_c: f64) -> f64 {
        1.0 + self.rate_error + self.rate_drift_per_k * (temperature_c - 25.0)
    }
}

/// Normal with `limit` at two standard deviations, redrawn beyond it.
fn within(limit: f64, rng: &mut ChaCha8Rng) -> f64 {
    loop {
        let z: f64 = StandardNormal.sample(rng);
        if z.abs() <= 2.0 {
            return 0.5 * limit * z;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::sensor::PARTS;

    #[test]
    fn units_differ_stay_within_the_datasheet_and_repeat_by_seed() {
        for part in PARTS {
            let unit = |seed| SensorUnit::draw(part, &mut stream(seed, 0, Purpose::SensorUnit, 0));
            assert_eq!(unit(1), unit(1));
            assert_ne!(unit(1), unit(2));
            let many: Vec<SensorUnit> = (0..400).map(unit).collect();
            assert!(
                many.iter()
                    .all(|u| u.rate_error.abs() <= part.rate_error_max)
            );
            assert!(many.iter().all(|u| {
                (u.sensitivity[1][1] - 1.0).abs() <= part.sensitivity_error_max
                    && u.sensitivity[0][1].abs() <= part.cross_axis_max
            }));
            let power = many
                .iter()
                .map(|u| u.rate_error * u.rate_error)
                .sum::<f64>()
                / 400.0;
            // Standard deviation of a normal cut at two: 0.880 of the uncut one.
            let expected = 0.5 * part.rate_error_max * 0.880;
            assert!(
                (power.sqrt() / expected - 1.0).abs() < 0.12,
                "{}",
                part.name
            );
        }
    }
}
