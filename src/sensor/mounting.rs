//! How the sensor sits on the bearer: orientation, bracket resonance, looseness.

use super::error::SensorError;
use super::filter::Lanes;
use super::part::G_M_S2;
use std::f64::consts::PI;

/// First resonance of bracket and housing along one axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resonance {
    /// Frequency, Hz.
    pub frequency_hz: f64,
    /// Quality factor: gain at resonance is sqrt(1 + Q2).
    pub q: f64,
}

/// Mounting of the sensor on its bearer.
///
/// Orientation: the housing is turned from the bearer's axes by yaw about z, then pitch about the
/// new y, then roll about the new x (right-handed, z up).
///
/// Resonance: a mass on a spring and damper whose foot follows the bearer, per sensor axis; the
/// sensor feels (w0/Q s + w0^2) / (s^2 + w0/Q s + w0^2) of the foot's acceleration.
///
/// Looseness, 0 firm to 1 rattling, acts along sensor z. The seat can only push. What holds the
/// housing down is a constant force of g / looseness per mass: at 1 only its own weight, at 0.1 ten
/// times as much, at 0 infinitely much. Where the foot drops away faster, the housing flies and
/// then hits the seat: weak vibration passes unchanged, strong vibration rattles, as loose bolts do.
/// Needs a resonance on z. **Ignores** slip along x and y, rocking, and the second side of the
/// clearance (the bolt's head).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mounting {
    /// Turn about z (up), degrees.
    pub yaw_deg: f64,
    /// Turn about y, degrees.
    pub pitch_deg: f64,
    /// Turn about x, degrees.
    pub roll_deg: f64,
    /// Resonance along sensor x, y, z; `None` is rigid.
    pub resonance: [Option<Resonance>; 3],
    /// 0 firm to 1 held by its own weight only.
    pub looseness: f64,
}

impl Mounting {
    /// Check every field.
    pub(crate) fn validate(&self) -> Result<(), SensorError> {
        let fields = [
            ("yaw_deg", self.yaw_deg),
            ("pitch_deg", self.pitch_deg),
            ("roll_deg", self.roll_deg),
        ];
        for (field, value) in fields {
            check(
                field,
                value,
                -360.0,
                360.0,
                "an angle between -360 and 360 degrees",
            )?;
        }
        check(
            "looseness",
            self.looseness,
            0.0,
            1.0,
            "between 0 (firm) and 1 (rattling)",
        )?;
        for resonance in self.resonance.iter().flatten() {
            let (f, q) = (resonance.frequency_hz, resonance.q);
            check("resonance_hz", f, 20.0, 8000.0, "between 20 and 8000 Hz")?;
            check("resonance_q", q, 0.5, 100.0, "between 0.5 and 100")?;
        }
        if self.looseness > 0.0 && self.resonance[2].is_none() {
            return Err(SensorError::OutOfRange {
                field: "looseness",
                value: self.looseness,
                expected: "possible without a resonance: give the mounting one",
            });
        }
        Ok(())
    }

    /// Rows of the matrix that turns bearer axes into sensor axes.
    pub(crate) fn to_sensor(self) -> [[f64; 3]; 3] {
        let radians = PI / 180.0;
        let (sy, cy) = libm::sincos(self.yaw_deg * radians);
        let (sp, cp) = libm::sincos(self.pitch_deg * radians);
        let (sr, cr) = libm::sincos(self.roll_deg * radians);
        // Columns of Rz(yaw) Ry(pitch) Rx(roll): the sensor's axes in bearer coordinates.
        [
            [cy * cp, sy * cp, -sp],
            [cy * sp * sr - sy * cr, sy * sp * sr + cy * cr, cp * sr],
            [cy * sp * cr + sy * sr, sy * sp * cr - cy * sr, cp * cr],
        ]
    }

    /// Pass the motion of the foot (sensor axes, no gravity, m/s2) on to the housing, in place.
    pub(crate) fn transmit(self, motion: &mut [Lanes], rate_hz: f64) {
        for (axis, resonance) in self.resonance.iter().enumerate() {
            let Some(resonance) = resonance else { continue };
            if axis == 2 && self.looseness > 0.0 {
                rattle(motion, rate_hz, *resonance, G_M_S2 / self.looseness);
            } else {
                resonate(motion, axis, rate_hz, *resonance);
            }
        }
    }
}

pub(crate) fn check(
    field: &'static str,
    value: f64,
    low: f64,
    high: f64,
    expected: &'static str,
) -> Result<(), SensorError> {
    if value >= low && value <= high {
        Ok(())
    } else {
        Err(SensorError::OutOfRange {
            field,
            value,
            expected,
        })
    }
}

/// The linear transmissibility by the bilinear transform, resonance frequency kept exact.
fn resonate(motion: &mut [Lanes], axis: usize, rate_hz: f64, resonance: Resonance) {
    let w = libm::tan(PI * resonance.frequency_hz / rate_hz);
    let d = w / resonance.q;
    let norm = 1.0 + d + w * w;
    let b = [(d + w * w) / norm, 2.0 * w * w / norm, (w * w - d) / norm];
    let a = [2.0 * (w * w - 1.0) / norm, (1.0 - d + w * w) / norm];
    let mut state = [0.0, 0.0];
    for sample in motion {
        let x = sample[axis];
        let y = b[0] * x + state[0];
        state[0] = b[1] * x - a[0] * y + state[1];
        state[1] = b[2] * x - a[1] * y;
        sample[axis] = y;
    }
}

/// Steps of the contact model per motion sample: resolves 8 kHz at 20 kHz with w0 dt = 0.16.
const CONTACT_STEPS: u32 = 16;

/// The seat that only pushes: r is the housing's lift off its rest position, v its rate.
///
/// Seat force per mass n = max(0, hold - w0^2 r - w0/Q v); housing acceleration n - hold. Stepped
/// by symplectic Euler with the foot's acceleration interpolated linearly; the output is the mean
/// over a step, so that short impacts are not missed.
fn rattle(motion: &mut [Lanes], rate_hz: f64, resonance: Resonance, hold_m_s2: f64) {
    let w0 = 2.0 * PI * resonance.frequency_hz;
    let dt = 1.0 / (rate_hz * f64::from(CONTACT_STEPS));
    let (mut r, mut v, mut foot_before) = (0.0, 0.0, 0.0);
    for sample in motion {
        let foot_now = sample[2];
        let mut sum = 0.0;
        for k in 1..=CONTACT_STEPS {
            let share = f64::from(k) / f64::from(CONTACT_STEPS);
            let foot = foot_before + share * (foot_now - foot_before);
            let seat = (hold_m_s2 - w0 * w0 * r - w0 / resonance.q * v).max(0.0);
            v += dt * (seat - hold_m_s2 - foot);
            r += dt * v;
            sum += seat - hold_m_s2;
        }
        sample[2] = sum / f64::from(CONTACT_STEPS);
        foot_before = foot_now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: f64 = 20_000.0;

    fn peak_gain(mounting: Mounting, f: f64, amplitude: f64) -> (f64, f64) {
        let mut motion: Vec<Lanes> = (0..40_000)
            .map(|i| {
                let a = amplitude * libm::sin(2.0 * PI * f * f64::from(i) / RATE);
                [a, a, a, 0.0]
            })
            .collect();
        mounting.transmit(&mut motion, RATE);
        let peak = |axis: usize| {
            motion[20_000..]
                .iter()
                .fold(0.0_f64, |m, s| m.max(s[axis].abs()))
        };
        (peak(0) / amplitude, peak(2) / amplitude)
    }

    fn bracket(looseness: f64) -> Mounting {
        let resonance = Some(Resonance {
            frequency_hz: 1800.0,
            q: 8.0,
        });
        Mounting {
            resonance: [resonance; 3],
            looseness,
            ..Mounting::default()
        }
    }

    #[test]
    fn gain_at_resonance_is_root_one_plus_q_squared_and_unity_far_below() {
        let (x, _) = peak_gain(bracket(0.0), 1800.0, 1.0);
        assert!((x / 65.0_f64.sqrt() - 1.0).abs() < 0.01, "{x}");
        let (x, _) = peak_gain(bracket(0.0), 50.0, 1.0);
        assert!((x - 1.0).abs() < 2e-3, "{x}");
    }

    #[test]
    fn a_loose_sensor_is_linear_when_quiet_and_rattles_when_strong() {
        let (linear, quiet) = peak_gain(bracket(0.5), 100.0, 1.0);
        assert!(
            (quiet / linear - 1.0).abs() < 0.01,
            "quiet {quiet}, firm {linear}"
        );
        let (firm, strong) = peak_gain(bracket(0.5), 100.0, 60.0);
        assert!((firm - 1.0).abs() < 0.01);
        assert!(
            strong > 2.0,
            "60 m/s2 against a hold of 2 g has to hit the seat: {strong}"
        );
    }

    #[test]
    fn at_rest_the_turned_sensor_reads_one_g_in_total_and_roll_shows_on_y() {
        let m = Mounting {
            yaw_deg: 30.0,
            pitch_deg: 4.0,
            roll_deg: 5.0,
            ..Mounting::default()
        };
        let to = m.to_sensor();
        let g: Vec<f64> = to.iter().map(|row| row[2]).collect();
        assert!((g.iter().map(|a| a * a).sum::<f64>() - 1.0).abs() < 1e-14);
        assert!((g[0] + libm::sin(4.0 * PI / 180.0)).abs() < 1e-14);
        assert!(g[1] > 0.08 && g[2] > 0.99);
        let product: f64 = (0..3).map(|k| to[0][k] * to[1][k]).sum();
        assert!(product.abs() < 1e-15);
    }

    #[test]
    fn wrong_numbers_are_named() {
        let wrong = Mounting {
            looseness: f64::NAN,
            ..Mounting::default()
        };
        assert!(
            wrong
                .validate()
                .unwrap_err()
                .to_string()
                .contains("looseness")
        );
        let lonely = Mounting {
            looseness: 0.2,
            ..Mounting::default()
        };
        assert!(lonely.validate().is_err());
        assert!(bracket(0.2).validate().is_ok());
    }
}
