//! The learned baseline of one feature: what it should be at a speed, for a class of train.
//!
//! `log y = a + a_class + b log(v / 30 m/s) + scatter`, fitted by Bayesian linear regression with
//! Huber weights (iterated). The priors do the shrinkage: a class with few trains borrows from all of
//! them, and where the speeds hardly differ the exponent stays at what physics suggests. The
//! uncertainty of the fit is kept and enters every later score.

use super::TrainClass;
use super::robust::{huber_weight, invert_spd, median, robust_sigma};

/// Intercept, exponent of speed, one offset per class.
pub(crate) const PARAMETERS: usize = 2 + TrainClass::ALL.len();
/// Speed at which the intercept holds, m/s.
const REFERENCE_SPEED_M_S: f64 = 30.0;
/// Prior scatter of the classes about the common intercept, natural log units.
const CLASS_SIGMA: f64 = 0.4;
/// Prior scatter of the intercept: knows nothing.
const INTERCEPT_SIGMA: f64 = 30.0;
/// Iterations of the reweighting; it settles in fewer than ten.
const ITERATIONS: usize = 30;
/// Fewest samples to learn from.
pub(crate) const MIN_SAMPLES: usize = 8;

/// One train's value of a feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Speed, m/s, above 0.
    pub speed_m_s: f64,
    /// Class of the train.
    pub class: TrainClass,
    /// Natural logarithm of the feature.
    pub log_value: f64,
}

/// A value relative to the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Residual {
    /// Observed minus expected, natural log units.
    pub log_ratio: f64,
    /// Scatter of single trains about the expectation, natural log units.
    pub sigma: f64,
    /// Standard error of the expectation itself, natural log units.
    pub model_sigma: f64,
}

/// The learned baseline of one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    coefficients: [f64; PARAMETERS],
    covariance: [[f64; PARAMETERS]; PARAMETERS],
    sigma: f64,
}

/// What the coefficients multiply.
pub(crate) fn regressors(speed_m_s: f64, class: TrainClass) -> [f64; PARAMETERS] {
    let mut x = [0.0; PARAMETERS];
    x[0] = 1.0;
    x[1] = libm::log(speed_m_s / REFERENCE_SPEED_M_S);
    x[2 + class as usize] = 1.0;
    x
}

fn dot(a: &[f64; PARAMETERS], b: &[f64; PARAMETERS]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Baseline {
    /// Learns from samples, whose order does not matter (to the bit). `exponent` is the prior mean
    /// and standard deviation of the exponent of speed, `sigma_floor` the least scatter to assume.
    ///
    /// `None` for fewer than 8 usable samples (finite, speed above 0).
    pub fn learn(samples: &[Sample], exponent: (f64, f64), sigma_floor: f64) -> Option<Self> {
        let mut samples: Vec<Sample> = samples
            .iter()
            .filter(|s| s.log_value.is_finite() && s.speed_m_s.is_finite() && s.speed_m_s > 0.0)
            .copied()
            .collect();
        samples.sort_by(|a, b| {
            (a.log_value.total_cmp(&b.log_value))
                .then(a.speed_m_s.total_cmp(&b.speed_m_s))
                .then(a.class.cmp(&b.class))
        });
        if samples.len() < MIN_SAMPLES {
            return None;
        }
        let mut precision = [1.0 / (CLASS_SIGMA * CLASS_SIGMA); PARAMETERS];
        precision[0] = 1.0 / (INTERCEPT_SIGMA * INTERCEPT_SIGMA);
        precision[1] = 1.0 / (exponent.1 * exponent.1);
        let x: Vec<_> = samples
            .iter()
            .map(|s| regressors(s.speed_m_s, s.class))
            .collect();
        let y: Vec<f64> = samples.iter().map(|s| s.log_value).collect();

        // Start: prior exponent, median intercept.
        let mut theta = [0.0; PARAMETERS];
        theta[1] = exponent.0;
        let detrended: Vec<f64> = x.iter().zip(&y).map(|(x, y)| y - dot(x, &theta)).collect();
        theta[0] = median(&detrended)?;
        let mut fit = Self {
            coefficients: theta,
            covariance: Default::default(),
            sigma: 0.0,
        };
        let mut parameters = 1.0;
        for _ in 0..ITERATIONS {
            let residuals: Vec<f64> = x
                .iter()
                .zip(&y)
                .map(|(x, y)| y - dot(x, &fit.coefficients))
                .collect();
            fit.sigma = robust_sigma(&residuals, parameters)?.max(sigma_floor);
            parameters = fit.solve(&x, &y, &residuals, &precision, exponent.0)?;
        }
        Some(fit)
    }

    /// One weighted solve at the present sigma; gives the effective number of parameters.
    fn solve(
        &mut self,
        x: &[[f64; PARAMETERS]],
        y: &[f64],
        residuals: &[f64],
        precision: &[f64; PARAMETERS],
        exponent: f64,
    ) -> Option<f64> {
        let mut normal = [[0.0; PARAMETERS]; PARAMETERS];
        let mut right = [0.0; PARAMETERS];
        for ((x, y), residual) in x.iter().zip(y).zip(residuals) {
            let weight = huber_weight(residual / self.sigma) / (self.sigma * self.sigma);
            for i in 0..PARAMETERS {
                right[i] += weight * x[i] * y;
                for j in 0..PARAMETERS {
                    normal[i][j] += weight * x[i] * x[j];
                }
            }
        }
        right[1] += precision[1] * exponent;
        for (i, (row, precision)) in normal.iter_mut().zip(precision).enumerate() {
            row[i] += precision;
        }
        self.covariance = invert_spd(&normal)?;
        let mut effective = 0.0;
        for (i, (row, precision)) in self.covariance.iter().zip(precision).enumerate() {
            self.coefficients[i] = dot(row, &right);
            effective += 1.0 - precision * row[i];
        }
        Some(effective)
    }

    /// Compares a value with the baseline. `None` for values that are not finite or a speed that is
    /// not positive.
    pub fn residual(&self, sample: &Sample) -> Option<Residual> {
        if !(sample.log_value.is_finite() && sample.speed_m_s.is_finite() && sample.speed_m_s > 0.0)
        {
            return None;
        }
        let x = regressors(sample.speed_m_s, sample.class);
        Some(Residual {
            log_ratio: sample.log_value - dot(&x, &self.coefficients),
            sigma: self.sigma,
            model_sigma: libm::sqrt(self.model_variance(&x)),
        })
    }

    /// Variance of the expectation at a point, or of a mean of expectations at the mean point.
    pub(crate) fn model_variance(&self, x: &[f64; PARAMETERS]) -> f64 {
        x.iter()
            .zip(&self.covariance)
            .map(|(xi, row)| xi * dot(row, x))
            .sum::<f64>()
            .max(0.0)
    }

    /// Exponent of speed.
    pub fn speed_exponent(&self) -> f64 {
        self.coefficients[1]
    }

    /// Scatter of single trains, natural log units.
    pub fn sigma(&self) -> f64 {
        self.sigma
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FLOOR: f64 = 0.05;

    fn sample(speed_m_s: f64, class: TrainClass, log_value: f64) -> Sample {
        Sample {
            speed_m_s,
            class,
            log_value,
        }
    }

    /// 60 trains of two classes; a deterministic zero-mean scatter of +-0.1.
    fn trains(exponent: f64, freight_offset: f64) -> Vec<Sample> {
        (0..60_u32)
            .map(|i| {
                let freight = i % 3 == 0;
                let speed = 20.0 + f64::from(i * 7 % 60) / 3.0;
                let scatter = 0.1 * (f64::from(i * 37 % 60) / 29.5 - 1.0);
                let class = if freight {
                    TrainClass::Freight
                } else {
                    TrainClass::HauledPassenger
                };
                let offset = if freight { freight_offset } else { 0.0 };
                let log = 2.0 + offset + exponent * libm::log(speed / 30.0) + scatter;
                sample(speed, class, log)
            })
            .collect()
    }

    #[test]
    fn exponent_and_class_offset_are_recovered_in_spite_of_outliers() {
        let mut samples = trains(1.4, 0.5);
        for i in [5, 17, 40] {
            samples[i].log_value += 3.0;
        }
        let baseline = Baseline::learn(&samples, (1.0, 0.6), FLOOR).unwrap();
        assert!(
            (baseline.speed_exponent() - 1.4).abs() < 0.12,
            "{}",
            baseline.speed_exponent()
        );
        let expect = |speed: f64, class, truth: f64| {
            let residual = baseline.residual(&sample(speed, class, truth)).unwrap();
            assert!(
                residual.log_ratio.abs() < 0.06,
                "{class:?} {speed}: {residual:?}"
            );
        };
        expect(30.0, TrainClass::HauledPassenger, 2.0);
        expect(30.0, TrainClass::Freight, 2.5);
        expect(40.0, TrainClass::Freight, 2.5 + 1.4 * libm::log(4.0 / 3.0));
    }

    #[test]
    fn equal_speeds_leave_the_exponent_at_its_prior_and_say_so_elsewhere() {
        let samples: Vec<Sample> = (0..20_u32)
            .map(|i| sample(30.0, TrainClass::MultipleUnit, 1.0 + 0.01 * f64::from(i)))
            .collect();
        let baseline = Baseline::learn(&samples, (1.0, 0.6), FLOOR).unwrap();
        assert!((baseline.speed_exponent() - 1.0).abs() < 1e-9);
        let near = baseline
            .residual(&sample(30.0, TrainClass::MultipleUnit, 1.1))
            .unwrap();
        let far = baseline
            .residual(&sample(45.0, TrainClass::MultipleUnit, 1.1))
            .unwrap();
        assert!(
            near.model_sigma < 0.05 && far.model_sigma > 0.2,
            "{near:?} {far:?}"
        );
    }

    #[test]
    fn a_class_never_seen_is_expected_at_the_pool_with_a_wide_margin() {
        let baseline = Baseline::learn(&trains(1.0, 0.0), (1.0, 0.6), FLOOR).unwrap();
        let unseen = baseline
            .residual(&sample(30.0, TrainClass::MultipleUnit, 2.0))
            .unwrap();
        assert!(unseen.log_ratio.abs() < 0.1, "{unseen:?}");
        assert!(unseen.model_sigma > 0.35, "{unseen:?}");
    }

    #[test]
    fn identical_values_keep_the_floor_and_too_few_are_refused() {
        let same = vec![sample(30.0, TrainClass::Freight, 1.0); 10];
        assert!((Baseline::learn(&same, (1.0, 0.6), FLOOR).unwrap().sigma() - FLOOR).abs() < 1e-15);
        assert_eq!(Baseline::learn(&same[..7], (1.0, 0.6), FLOOR), None);
        let mut broken = same;
        broken[0].log_value = f64::NAN;
        broken[1].speed_m_s = 0.0;
        broken[2].speed_m_s = f64::INFINITY;
        assert_eq!(Baseline::learn(&broken, (1.0, 0.6), FLOOR), None);
    }

    fn any_sample() -> impl Strategy<Value = Sample> {
        (0.01..200.0_f64, 0..5_usize, -40.0..40.0_f64).prop_map(|(speed, class, log)| Sample {
            speed_m_s: speed,
            class: TrainClass::ALL[class],
            log_value: log,
        })
    }

    proptest! {
        #[test]
        fn the_order_of_the_trains_does_not_matter_to_the_bit(
            samples in prop::collection::vec(any_sample(), 8..40),
            turn in 0..40_usize,
        ) {
            let first = Baseline::learn(&samples, (1.0, 0.6), FLOOR);
            let mut turned = samples.clone();
            turned.rotate_left(turn % samples.len());
            turned.reverse();
            prop_assert_eq!(first, Baseline::learn(&turned, (1.0, 0.6), FLOOR));
        }

        #[test]
        fn whatever_the_samples_a_baseline_is_finite(
            samples in prop::collection::vec(any_sample(), 8..40),
            probe in any_sample(),
        ) {
            let baseline = Baseline::learn(&samples, (1.0, 0.6), FLOOR).unwrap();
            let residual = baseline.residual(&probe).unwrap();
            prop_assert!(residual.log_ratio.is_finite());
            prop_assert!(residual.sigma >= FLOOR && residual.sigma.is_finite());
            prop_assert!(residual.model_sigma >= 0.0 && residual.model_sigma.is_finite());
        }
    }
}
