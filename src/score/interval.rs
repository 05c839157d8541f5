//! Intervals: Wilson for shares, exact Poisson bounds for rates, block bootstrap by switch.

use rand::Rng;

use super::sum::quantile;

/// Two-sided 95 % point of the standard normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;
/// Probability left out at each side of a two-sided 95 % interval.
const TAIL: f64 = 0.025;
/// Resamples of a bootstrap: the 2.5 % tail then rests on 50 of them.
const RESAMPLES: usize = 2_000;

/// Wilson's 95 % score interval of the share `hits / n`, `None` for n = 0 or hits > n.
///
/// E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209. Unlike the normal approximation it stays inside
/// 0..=1 and is not empty for 0 or n hits. It treats the trials as independent.
pub fn wilson(hits: u64, n: u64) -> Option<(f64, f64)> {
    if n == 0 || hits > n {
        return None;
    }
    let (p, n_f) = (hits as f64 / n as f64, n as f64);
    let z2 = Z_95 * Z_95;
    let denominator = 1.0 + z2 / n_f;
    let centre = (p + z2 / (2.0 * n_f)) / denominator;
    let half = Z_95 / denominator * (p * (1.0 - p) / n_f + z2 / (4.0 * n_f * n_f)).sqrt();
    // At the ends the bound is exact; rounding must not push it past them.
    let low = if hits == 0 {
        0.0
    } else {
        (centre - half).max(0.0)
    };
    let high = if hits == n {
        1.0
    } else {
        (centre + half).min(1.0)
    };
    Some((low, high))
}

/// Exact 95 % bounds of a Poisson mean after `events` were counted.
///
/// Two-sided after F. Garwood, Biometrika 28 (1936) 437. After zero events the lower bound is 0 for
/// certain, so the whole 5 % go to the upper one: -ln 0.05 = 2.996, the "rule of three". Divide both
/// by the exposure to get bounds of the rate.
pub fn poisson_bounds(events: u64) -> (f64, f64) {
    if events == 0 {
        return (0.0, -libm::log(0.05));
    }
    let k = events as f64;
    // P(X >= k | mean) = P(k, mean) grows with the mean; P(X <= k | mean) = Q(k + 1, mean) falls.
    let low = bisect(0.0, k, |mean| lower_gamma(k, mean) < TAIL);
    let high = bisect(k, k + 10.0 * (k + 1.0).sqrt() + 10.0, |mean| {
        1.0 - lower_gamma(k + 1.0, mean) > TAIL
    });
    (low, high)
}

/// The point of `low..=high` up to which `holds` is true.
fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The regularised lower incomplete gamma function P(a, x) for a > 0 and x >= 0.
///
/// Power series below x = a + 1, Lentz's continued fraction of Q above it (Abramowitz and Stegun
/// 6.5.29 and 6.5.31).
fn lower_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let scale = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut total, mut denominator) = (1.0 / a, 1.0 / a, a);
        for _ in 0..100_000 {
            denominator += 1.0;
            term *= x / denominator;
            total += term;
            if term < total * f64::EPSILON {
                break;
            }
        }
        return scale * total;
    }
    let tiny = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for i in 1..100_000_u32 {
        let i = f64::from(i);
        let numerator = -i * (i - a);
        b += 2.0;
        d = numerator * d + b;
        d = if d.abs() < tiny { tiny } else { d };
        c = b + numerator / c;
        c = if c.abs() < tiny { tiny } else { c };
        d = 1.0 / d;
        let step = d * c;
        fraction *= step;
        if (step - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    1.0 - scale * fraction
}

/// A 95 % percentile interval by resampling whole blocks with replacement.
///
/// A block holds everything of one switch: its passages share sensor, track and wear, so they are
/// not independent, switches are. `Err` says why there is no interval: fewer than two blocks, or the
/// statistic undefined in too many resamples.
pub fn block_bootstrap<B>(
    blocks: &[B],
    rng: &mut impl Rng,
    mut statistic: impl FnMut(&[&B]) -> Option<f64>,
) -> Result<(f64, f64), String> {
    match blocks.len() {
        0 => return Err("no switch: no interval".to_owned()),
        1 => return Err("one switch: no interval".to_owned()),
        _ => {}
    }
    let mut values = Vec::with_capacity(RESAMPLES);
    let mut sample = Vec::with_capacity(blocks.len());
    for _ in 0..RESAMPLES {
        sample.clear();
        for _ in 0..blocks.len() {
            sample.push(&blocks[below(blocks.len(), rng)]);
        }
        values.extend(statistic(&sample).filter(|value| value.is_finite()));
    }
    if values.len() * 10 < RESAMPLES * 9 {
        return Err(format!(
            "undefined in {} of {RESAMPLES} resamples of switches: no interval",
            RESAMPLES - values.len()
        ));
    }
    match (quantile(&values, TAIL), quantile(&values, 1.0 - TAIL)) {
        (Some(low), Some(high)) => Ok((low, high)),
        _ => Err("no resample: no interval".to_owned()),
    }
}

/// A uniform index below `n` (which is at least 1); the bias of the multiplication is below n / 2^64.
fn below(n: usize, rng: &mut impl Rng) -> usize {
    ((u128::from(rng.next_u64()) * n as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    fn close(got: f64, want: f64, tolerance: f64) {
        assert!((got - want).abs() <= tolerance, "got {got}, want {want}");
    }

    /// Values of the closed form in 30-digit arithmetic.
    #[test]
    fn wilson_agrees_with_published_values() {
        let (low, high) = wilson(15, 16).unwrap();
        close(low, 0.716_712_624_297, 1e-11);
        close(high, 0.988_880_655_235, 1e-11);
        assert_eq!(wilson(0, 10).unwrap().0.to_bits(), 0.0_f64.to_bits());
        close(wilson(0, 10).unwrap().1, 0.277_532_799_863, 1e-11);
        assert_eq!(wilson(10, 10).unwrap().1.to_bits(), 1.0_f64.to_bits());
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(2, 1), None);
    }

    /// Garwood's table (1936), 95 %.
    #[test]
    fn poisson_bounds_agree_with_garwoods_table() {
        for (events, low, high) in [
            (1, 0.0253, 5.572),
            (2, 0.2422, 7.225),
            (5, 1.6235, 11.668),
            (10, 4.7954, 18.390),
            (50, 37.111, 65.919),
        ] {
            let (got_low, got_high) = poisson_bounds(events);
            close(got_low, low, 1e-3);
            close(got_high, high, 1e-3);
        }
    }

    #[test]
    fn zero_events_follow_the_rule_of_three() {
        let (low, high) = poisson_bounds(0);
        assert_eq!(low.to_bits(), 0.0_f64.to_bits());
        close(high, 2.995_732_273_553_991, 1e-12);
    }

    #[test]
    fn large_counts_approach_the_normal_interval() {
        let (low, high) = poisson_bounds(1_000_000);
        close(low, 1e6 - 1960.0, 3.0);
        close(high, 1e6 + 1960.0, 5.0);
    }

    #[test]
    fn the_bootstrap_covers_the_mean_and_is_repeatable() {
        let blocks: Vec<f64> = (0..30_u32).map(|i| f64::from(i % 10)).collect();
        let run = || {
            let mut rng = stream(7, 0, Purpose::Traffic, 0);
            block_bootstrap(&blocks, &mut rng, |s| {
                Some(s.iter().copied().sum::<f64>() / s.len() as f64)
            })
            .unwrap()
        };
        let (low, high) = run();
        assert!(low < 4.5 && high > 4.5);
        // Standard error of the mean: sqrt(8.25 / 30) = 0.524.
        close(high - low, 2.0 * 1.96 * 0.524, 0.15);
        assert_eq!(run(), (low, high));
    }

    #[test]
    fn one_switch_has_no_interval_and_says_so() {
        let mut rng = stream(7, 0, Purpose::Traffic, 0);
        let reason = block_bootstrap(&[1.0], &mut rng, |s| Some(*s[0])).unwrap_err();
        assert_eq!(reason, "one switch: no interval");
        let reason = block_bootstrap(&[1.0, 2.0], &mut rng, |_| None).unwrap_err();
        assert!(reason.contains("undefined in 2000 of 2000"), "{reason}");
    }
}
