//! Time stamps of FIFO batches.

use super::setup::SensorSetup;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Exp1};

/// One stamp per FIFO batch, including a last partial one: the instant of the batch's **last**
/// sample in whole ticks of the device's clock, wrapping at 32 bits.
///
/// The clock is the crystal that captures the FIFO interrupt. It is set to `start_us` at the window's
/// first sample, runs with the relative error `clock_error`, and is what firmware can measure the
/// sensor's true rate with (a counter inside the sensor would share the sensor's own rate error).
pub(crate) fn stamps(
    setup: &SensorSetup,
    samples: usize,
    true_rate_hz: f64,
    start_us: u64,
    clock_error: f64,
    jitter: &mut ChaCha8Rng,
) -> Vec<u32> {
    let batch = usize::from(setup.fifo_batch.max(1));
    (0..samples.div_ceil(batch))
        .map(|k| {
            let last = ((k + 1) * batch).min(samples) - 1;
            let latency: f64 = Exp1.sample(jitter);
            let since = last as f64 / true_rate_hz + latency * setup.stamp_latency_s;
            ticks(
                start_us,
                since * (1.0 + clock_error),
                setup.part.stamp_tick_s,
            )
        })
        .collect()
}

/// Whole ticks at `since_s` after `start_us`, wrapping.
pub(crate) fn ticks(start_us: u64, since_s: f64, tick_s: f64) -> u32 {
    // Seconds and microseconds apart: a device time of years would cost an f64 its last digits.
    let seconds = (start_us / 1_000_000) as f64;
    let rest = (start_us % 1_000_000) as f64 * 1e-6 + since_s;
    let whole = (seconds / tick_s).floor();
    let fraction = seconds / tick_s - whole;
    (whole as u64).wrapping_add((fraction + rest / tick_s).floor() as u64) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::sensor::part;

    fn run(latency: f64, start_us: u64, seed: u64) -> Vec<u32> {
        let mut setup = SensorSetup::new(*part("iis3dwb").unwrap(), 16.0, 4000.0);
        setup.stamp_latency_s = latency;
        let mut rng = stream(seed, 0, Purpose::TimeStamp, 0);
        stamps(&setup, 40_010, 4100.0, start_us, 0.0, &mut rng)
    }

    #[test]
    fn stamps_belong_to_the_last_sample_of_each_batch_even_of_a_partial_one() {
        let all = run(0.0, 0, 1);
        assert_eq!(all.len(), 1251);
        assert_eq!(all[0], (31.0 / 4100.0 / 25e-6) as u32);
        assert_eq!(all[1250], (40_009.0 / 4100.0 / 25e-6) as u32);
        assert_eq!(run(5e-6, 0, 7), run(5e-6, 0, 7));
        assert_ne!(run(5e-5, 0, 7), run(5e-5, 0, 8));
    }

    #[test]
    fn the_true_rate_can_be_measured_from_them_and_jitter_is_a_fraction_of_a_tick() {
        let all = run(3e-6, 123_456_789, 3);
        let n = 1250;
        let slope = f64::from(all[n - 1] - all[0]) * 25e-6 / (n - 1) as f64;
        assert!((32.0 / slope / 4100.0 - 1.0).abs() < 1e-5);
        let step = 32.0 / 4100.0 / 25e-6;
        let residual: Vec<f64> = (0..n)
            .map(|k| f64::from(all[k] - all[0]) - k as f64 * step)
            .collect();
        let mean = residual.iter().sum::<f64>() / n as f64;
        let rms = (residual
            .iter()
            .map(|r| (r - mean) * (r - mean))
            .sum::<f64>()
            / n as f64)
            .sqrt();
        assert!((0.27..0.36).contains(&rms), "{rms} ticks");
    }

    #[test]
    fn ticks_wrap_at_32_bits_and_stay_exact_after_years() {
        let wrap_us = (1_u64 << 32) * 25;
        assert_eq!(ticks(wrap_us - 50, 100e-6 + 1e-9, 25e-6), 2);
        let year_us = 31_557_600_000_000;
        let later = ticks(year_us, 1.0 + 1e-9, 25e-6).wrapping_sub(ticks(year_us, 1e-9, 25e-6));
        assert_eq!(later, 40_000);
    }
}
