//! L1 signal: how faithful a measured signal is to the true one.

use serde::{Deserialize, Serialize};

use super::sum::Sum;

/// Why two signals cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignalError {
    /// The signals have different lengths.
    #[error(
        "the true signal has {truth} samples and the measured one {measured}; align them first"
    )]
    Length {
        /// Samples of the true signal.
        truth: usize,
        /// Samples of the measured signal.
        measured: usize,
    },
    /// There is no sample.
    #[error("the signals are empty; nothing was observed in this window")]
    Empty,
    /// A sample is NaN or infinite.
    #[error("sample {index} of the {which} signal is not a finite number")]
    NotFinite {
        /// `true` or `measured`.
        which: &'static str,
        /// Index of the first such sample.
        index: usize,
    },
}

/// Fidelity of a measured signal y to the true signal x, both sampled at the same instants.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fidelity {
    /// Number of samples compared.
    pub n: u64,
    /// Root mean square of y - x, in the unit of the signal.
    pub rmse: f64,
    /// RMSE over the standard deviation (n, not n - 1) of x; `None` for a constant x.
    pub nrmse: Option<f64>,
    /// 10 log10(sum x^2 / sum (y - x)^2) in dB; `None` if y equals x or x is zero throughout.
    pub snr_db: Option<f64>,
    /// Pearson's correlation; `None` if either signal is constant.
    pub correlation: Option<f64>,
    /// Cosine of the angle between the signals; `None` if either is zero throughout.
    pub cosine: Option<f64>,
    /// Largest |y - x|, in the unit of the signal.
    pub max_abs: f64,
    /// The lag k in samples with the largest sum `x[n] y[n + k]`: positive if y comes late. Equal
    /// sums go to the smallest |k|, then to the negative one.
    pub best_lag: i64,
}

/// Root mean square, peak and shape of one signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// Root mean square, in the unit of the signal.
    pub rms: f64,
    /// Largest absolute value, in the unit of the signal.
    pub peak: f64,
    /// Peak over RMS; `None` for a signal that is zero throughout.
    pub crest: Option<f64>,
    /// Fourth central moment over the squared second one (3 for a normal distribution); `None` for a
    /// constant signal.
    pub kurtosis: Option<f64>,
}

fn check(which: &'static str, signal: &[f64]) -> Result<(), SignalError> {
    match signal.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(SignalError::NotFinite { which, index }),
        None => Ok(()),
    }
}

fn total(terms: impl Iterator<Item = f64>) -> f64 {
    super::sum::sum(terms)
}

/// Whether a sum of squares is zero but for the rounding of the mean.
fn vanishes(squares: f64, n: f64, mean: f64) -> bool {
    squares <= n * (mean.abs() * 4.0 * f64::EPSILON) * (mean.abs() * 4.0 * f64::EPSILON)
}

/// Compares `measured` with `truth`; lags up to `max_lag` samples either way are tried.
pub fn fidelity(truth: &[f64], measured: &[f64], max_lag: usize) -> Result<Fidelity, SignalError> {
    if truth.len() != measured.len() {
        return Err(SignalError::Length {
            truth: truth.len(),
            measured: measured.len(),
        });
    }
    if truth.is_empty() {
        return Err(SignalError::Empty);
    }
    check("true", truth)?;
    check("measured", measured)?;
    let n = truth.len() as f64;
    let pairs = || truth.iter().copied().zip(measured.iter().copied());

    let mean_x = total(truth.iter().copied()) / n;
    let mean_y = total(measured.iter().copied()) / n;
    let (mut xx, mut yy, mut xy) = (Sum::new(), Sum::new(), Sum::new());
    let (mut dd, mut sxx, mut syy, mut sxy) = (Sum::new(), Sum::new(), Sum::new(), Sum::new());
    let mut max_abs = 0.0_f64;
    for (x, y) in pairs() {
        let (d, cx, cy) = (y - x, x - mean_x, y - mean_y);
        xx.add(x * x);
        yy.add(y * y);
        xy.add(x * y);
        dd.add(d * d);
        sxx.add(cx * cx);
        syy.add(cy * cy);
        sxy.add(cx * cy);
        max_abs = max_abs.max(d.abs());
    }
    let (xx, yy, xy, dd) = (xx.value(), yy.value(), xy.value(), dd.value());
    let (sxx, syy, sxy) = (sxx.value(), syy.value(), sxy.value());
    let rmse = (dd / n).sqrt();
    let constant_x = vanishes(sxx, n, mean_x);
    let constant_y = vanishes(syy, n, mean_y);
    Ok(Fidelity {
        n: truth.len() as u64,
        rmse,
        nrmse: (!constant_x).then(|| rmse / (sxx / n).sqrt()),
        snr_db: (dd > 0.0 && xx > 0.0).then(|| 10.0 * libm::log10(xx / dd)),
        correlation: (!constant_x && !constant_y)
            .then(|| (sxy / (sxx.sqrt() * syy.sqrt())).clamp(-1.0, 1.0)),
        cosine: (xx > 0.0 && yy > 0.0).then(|| (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0)),
        max_abs,
        best_lag: best_lag(truth, measured, max_lag),
    })
}

/// The lag with the largest cross-correlation, see [`Fidelity::best_lag`].
fn best_lag(truth: &[f64], measured: &[f64], max_lag: usize) -> i64 {
    let n = truth.len();
    let at = |lag: i64| {
        let shift = lag.unsigned_abs() as usize;
        let (x, y) = if lag >= 0 {
            (&truth[..n - shift], &measured[shift..])
        } else {
            (&truth[shift..], &measured[..n - shift])
        };
        total(x.iter().zip(y).map(|(x, y)| x * y))
    };
    let mut best = (0_i64, at(0));
    let reach = i64::try_from(max_lag.min(n - 1)).unwrap_or(i64::MAX);
    for shift in 1..=reach {
        for lag in [-shift, shift] {
            let value = at(lag);
            if value > best.1 {
                best = (lag, value);
            }
        }
    }
    best.0
}

/// The moments of one signal.
pub fn moments(signal: &[f64]) -> Result<Moments, SignalError> {
    if signal.is_empty() {
        return Err(SignalError::Empty);
    }
    check("measured", signal)?;
    let n = signal.len() as f64;
    let mean = total(signal.iter().copied()) / n;
    let rms = (total(signal.iter().map(|x| x * x)) / n).sqrt();
    let peak = signal.iter().fold(0.0_f64, |peak, x| peak.max(x.abs()));
    let second = total(signal.iter().map(|x| (x - mean) * (x - mean)));
    let fourth = total(signal.iter().map(|x| {
        let square = (x - mean) * (x - mean);
        square * square
    }));
    Ok(Moments {
        rms,
        peak,
        crest: (rms > 0.0).then(|| peak / rms),
        kurtosis: (!vanishes(second, n, mean))
            .then(|| (fourth / n) / ((second / n) * (second / n))),
    })
}

/// (got - expected) / |expected|; `None` where the expected value is zero (never divided by an
/// epsilon) or the quotient is not finite.
pub fn relative_error(expected: f64, got: f64) -> Option<f64> {
    let error = (got - expected) / expected.abs();
    error.is_finite().then_some(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_copy_has_a_positive_lag() {
        let x: Vec<f64> = (0..64_u32)
            .map(|i| libm::sin(f64::from(i * i) * 0.01))
            .collect();
        let mut y = vec![0.0; 3];
        y.extend_from_slice(&x[..61]);
        assert_eq!(fidelity(&x, &y, 8).unwrap().best_lag, 3);
        assert_eq!(fidelity(&y, &x, 8).unwrap().best_lag, -3);
        assert_eq!(
            fidelity(&x, &y, 1000).unwrap().best_lag,
            3,
            "a lag beyond the signal is cut"
        );
    }

    #[test]
    fn half_the_amplitude_is_6_db() {
        let x = [1.0, -1.0, 1.0, -1.0];
        let y = [0.5, -0.5, 0.5, -0.5];
        let f = fidelity(&x, &y, 0).unwrap();
        assert!((f.snr_db.unwrap() - 6.020_6).abs() < 1e-4);
        assert_eq!(f.nrmse, Some(0.5));
        assert_eq!(f.correlation, Some(1.0));
    }

    #[test]
    fn what_cannot_be_compared_is_refused_by_name() {
        assert_eq!(fidelity(&[], &[], 1), Err(SignalError::Empty));
        assert_eq!(
            fidelity(&[1.0], &[1.0, 2.0], 1),
            Err(SignalError::Length {
                truth: 1,
                measured: 2
            })
        );
        let error = fidelity(&[1.0, 2.0], &[1.0, f64::NAN], 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "sample 1 of the measured signal is not a finite number"
        );
    }

    #[test]
    fn a_constant_or_zero_signal_leaves_ratios_undefined() {
        let f = fidelity(&[0.0; 4], &[0.0; 4], 2).unwrap();
        assert_eq!(
            (f.nrmse, f.snr_db, f.correlation, f.cosine),
            (None, None, None, None)
        );
        let m = moments(&[0.1; 7]).unwrap();
        assert_eq!(
            m.kurtosis, None,
            "the rounding of the mean is not a variance"
        );
        assert_eq!(moments(&[0.0; 3]).unwrap().crest, None);
        assert_eq!(relative_error(0.0, 1.0), None);
        assert_eq!(relative_error(-2.0, -1.0), Some(0.5));
    }
}
