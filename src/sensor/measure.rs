//! From the motion of a bearer to counts, stamps and truth.

use super::chain::{Chain, interpolator, output_band};
use super::error::SensorError;
use super::fault::{SensorFault, apply};
use super::filter::Lanes;
use super::mounting::check;
use super::part::G_M_S2;
use super::setup::SensorSetup;
use super::stamp::stamps;
use super::unit::SensorUnit;
use rand_chacha::ChaCha8Rng;

/// Acceleration of a bearer over one observation window, without gravity.
#[derive(Debug, Clone, Copy)]
pub struct Motion<'a> {
    /// Samples per second, 20 kHz to 1 MHz.
    pub rate_hz: f64,
    /// Acceleration along x (facing direction), y (left), z (up), m/s2; equal lengths.
    pub acceleration_m_s2: [&'a [f64]; 3],
}

/// What surrounds one window.
#[derive(Debug, Clone, Copy)]
pub struct Conditions<'a> {
    /// Temperature of the sensor, degC.
    pub temperature_c: f64,
    /// Device time of the window's first sample, microseconds.
    pub start_us: u64,
    /// Faults of the sensor in this window.
    pub faults: &'a [SensorFault],
}

/// What the sensor delivered, and the truth beside.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Counts per sample and axis (x, y, z of the sensor). Axes that the part lacks hold zero.
    pub counts: Vec<[i32; 3]>,
    /// One time stamp per batch of `fifo_batch` samples, including a last partial one: instant of
    /// the batch's last sample in ticks of `stamp_tick_s`, wrapping.
    pub stamps: Vec<u32>,
    /// Samples per batch.
    pub fifo_batch: u16,
    /// Length of a time stamp tick, s.
    pub stamp_tick_s: f64,
    /// The rate that the firmware is told, Hz.
    pub nominal_rate_hz: f64,
    /// The rate at which samples were really taken, Hz.
    pub true_rate_hz: f64,
    /// Nominal acceleration per count, m/s2.
    pub scale_m_s2_per_lsb: f64,
    /// Nominal measuring range, m/s2.
    pub range_m_s2: f64,
    /// Bits per axis on the link, 16 or 24.
    pub bits: u8,
    /// Which axes the part senses.
    pub senses: [bool; 3],
    /// Truth for each sample: acceleration of the bearer, **including gravity**, turned into sensor
    /// axes, at the sample's true instant, limited to the output band (flat to 0.4, gone from 0.5
    /// of the output rate, no delay). Free of mounting resonance, noise, errors and faults.
    /// Empty where no truth is known (recordings).
    pub truth_m_s2: Vec<[f64; 3]>,
    /// Gravity in sensor axes, m/s2; part of `truth_m_s2`.
    pub gravity_m_s2: [f64; 3],
    /// Samples in which at least one axis was at the end of its range.
    pub clipped_samples: u64,
    /// Sample from which the sensor was silent, if it was: `counts` ends there.
    pub silent_from: Option<usize>,
}

impl Measured {
    /// True instant of sample `index` after the window's beginning, s.
    pub fn sample_time_s(&self, index: usize) -> f64 {
        index as f64 / self.true_rate_hz
    }

    /// Sample `index` in m/s2 by the nominal scale, as firmware would convert it.
    pub fn reading_m_s2(&self, index: usize) -> Option<[f64; 3]> {
        self.counts
            .get(index)
            .map(|c| c.map(|v| f64::from(v) * self.scale_m_s2_per_lsb))
    }
}

/// Measure one window.
///
/// Sample 0 is taken at the motion's first sample; the last one not after the motion's last.
/// Outside the window the bearer is taken to hold its end values. `noise` and `jitter` are the
/// window's own streams: the same streams give the same bytes.
///
/// **Ignores** 1/f noise (the parts' corners lie near or below 1 Hz), overload inside the part ahead of
/// its band limit, supply ripple, and the phase of the sampler's clock (always zero at the start).
///
/// # Errors
/// [`SensorError`] for an invalid set-up or a motion that is ragged, empty or not finite.
pub fn measure(
    setup: &SensorSetup,
    unit: &SensorUnit,
    motion: &Motion<'_>,
    conditions: &Conditions<'_>,
    noise: &mut ChaCha8Rng,
    jitter: &mut ChaCha8Rng,
) -> Result<Measured, SensorError> {
    setup.validate()?;
    let temperature_c = conditions.temperature_c;
    check(
        "temperature_c",
        temperature_c,
        -60.0,
        150.0,
        "between -60 and 150 degC",
    )?;
    let samples = check_motion(motion)?;
    let range = setup.range()?;
    let factor = unit.rate_factor(temperature_c);
    check(
        "rate_factor",
        factor,
        0.5,
        2.0,
        "between 0.5 and 2 (rate error and drift too large)",
    )?;
    let true_rate_hz = setup.output_rate_hz * factor;
    let step = motion.rate_hz / true_rate_hz; // motion samples per output sample
    let outputs = ((samples - 1) as f64 / step + 1e-9) as usize + 1;

    let to_sensor = setup.mounting.to_sensor();
    let gravity = [0, 1, 2].map(|axis| to_sensor[axis][2] * G_M_S2);
    let mut body = turn(motion, to_sensor);
    let truth = output_band(true_rate_hz, motion.rate_hz).resample(&body, 0.0, step, outputs);
    setup.mounting.transmit(&mut body, motion.rate_hz);

    let chain = Chain::new(setup)?;
    let inner_step = motion.rate_hz / (chain.inner_hz * factor);
    let start = -(chain.inner_lead() as f64) * inner_step;
    let inner_samples = chain.inner_samples(outputs);
    let mut inner = interpolator(motion.rate_hz).resample(&body, start, inner_step, inner_samples);
    drop(body);
    chain.sense(&mut inner, setup.part.noise_g_rt_hz, factor, noise);
    let mut data = chain.sample(&inner, outputs);
    drop(inner);

    let scale_m_s2_per_lsb = range.scale_g_per_lsb * G_M_S2;
    let reading = Reading::new(unit, temperature_c, gravity, setup.part.senses);
    let (low, high) = (f64::from(-range.max_count - 1), f64::from(range.max_count));
    for sample in &mut data {
        *sample = reading
            .of(*sample)
            .map(|a| (a / scale_m_s2_per_lsb).round().clamp(low, high));
    }
    let (mut counts, clipped_samples) = chain.decimate(&data, outputs, range.max_count);
    apply(
        conditions.faults,
        &mut counts,
        scale_m_s2_per_lsb,
        range.max_count,
    );
    let silent_from = (counts.len() < outputs).then_some(counts.len());
    let stamps = stamps(
        setup,
        counts.len(),
        true_rate_hz,
        conditions.start_us,
        unit.stamp_clock_error,
        jitter,
    );
    Ok(Measured {
        stamps,
        counts,
        fifo_batch: setup.fifo_batch,
        stamp_tick_s: setup.part.stamp_tick_s,
        nominal_rate_hz: setup.output_rate_hz,
        true_rate_hz,
        scale_m_s2_per_lsb,
        range_m_s2: setup.range_g * G_M_S2,
        bits: setup.part.link_bits,
        senses: setup.part.senses,
        truth_m_s2: truth
            .iter()
            .map(|s| [0, 1, 2].map(|k| s[k] + gravity[k]))
            .collect(),
        gravity_m_s2: gravity,
        clipped_samples,
        silent_from,
    })
}

/// Number of samples per axis of a sound motion.
fn check_motion(motion: &Motion<'_>) -> Result<usize, SensorError> {
    check(
        "motion rate_hz",
        motion.rate_hz,
        20_000.0,
        1.0e6,
        "between 20 kHz (mounting resonances reach 8 kHz) and 1 MHz",
    )?;
    let [x, y, z] = motion.acceleration_m_s2.map(<[f64]>::len);
    if x != y || y != z || x < 2 {
        return Err(SensorError::RaggedMotion { x, y, z });
    }
    for (axis, values) in ['x', 'y', 'z'].into_iter().zip(motion.acceleration_m_s2) {
        if let Some(sample) = values.iter().position(|a| !a.is_finite()) {
            return Err(SensorError::MotionNotFinite {
                axis,
                sample,
                value: values[sample],
            });
        }
    }
    Ok(x)
}

fn turn(motion: &Motion<'_>, to_sensor: [[f64; 3]; 3]) -> Vec<Lanes> {
    let [x, y, z] = motion.acceleration_m_s2;
    let row = |r: [f64; 3], i: usize| r[0] * x[i] + r[1] * y[i] + r[2] * z[i];
    (0..x.len())
        .map(|i| {
            [
                row(to_sensor[0], i),
                row(to_sensor[1], i),
                row(to_sensor[2], i),
                0.0,
            ]
        })
        .collect()
}

/// Sensitivity, cross-axis coupling and offset at one temperature.
struct Reading {
    matrix: [[f64; 3]; 3],
    constant: [f64; 3],
}

impl Reading {
    fn new(unit: &SensorUnit, temperature_c: f64, gravity: [f64; 3], senses: [bool; 3]) -> Self {
        let warm = temperature_c - 25.0;
        let mut matrix = [[0.0; 3]; 3];
        let mut constant = [0.0; 3];
        for axis in (0..3).filter(|axis| senses[*axis]) {
            let gain = 1.0 + unit.sensitivity_drift_per_k[axis] * warm;
            matrix[axis] = unit.sensitivity[axis].map(|s| s * gain);
            constant[axis] = unit.offset_m_s2[axis] + unit.offset_drift_m_s2_per_k[axis] * warm;
            constant[axis] += (0..3).map(|k| matrix[axis][k] * gravity[k]).sum::<f64>();
        }
        Self { matrix, constant }
    }

    fn of(&self, a: Lanes) -> Lanes {
        let axis = |k: usize| {
            let m = self.matrix[k];
            self.constant[k] + m[0] * a[0] + m[1] * a[1] + m[2] * a[2]
        };
        [axis(0), axis(1), axis(2), 0.0]
    }
}

#[cfg(test)]
#[path = "measure_tests.rs"]
mod tests;
