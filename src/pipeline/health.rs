//! The health of one switch: learns a baseline, then scores every train against it.

use super::alarm::{Alarm, AlarmChange};
use super::baseline::{Baseline, PARAMETERS, Sample, regressors};
use super::{
    Diagnosis, FEATURES, Feature, FeatureGroup, FeatureValues, PipelineSettings, TrainClass,
};

/// Largest deviation of a single train that counts, in its standard deviations: one wheel flat must
/// not raise an alarm.
const WINSOR_SIGMA: f64 = 3.0;

/// Largest change that is told, a factor of a million either way: nonsense must stay finite.
const MAX_LOG_RATIO: f64 = 13.8;

/// Smoothed state of a feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeatureScore {
    /// The feature.
    pub feature: Feature,
    /// Smoothed deviation from the baseline in its standard errors, the baseline's own uncertainty
    /// included. Positive is worse.
    pub score: f64,
    /// Smoothed level relative to the baseline, 1 = unchanged.
    pub change: f64,
}

/// A feature with its baseline and its exponentially weighted means.
///
/// With weights w over the trains so far, the mean deviation is M = sum w (r / s), r the log ratio and
/// s its standard deviation. Its variance has two parts: the scatter of the trains, which averages
/// out, sum w^2 (sigma / s)^2; and the error of the baseline's coefficients, which all trains share
/// and which does not, X' C X with X = sum w (x / s) and C their covariance. A mix of classes has a
/// better known mean than any class alone, and X knows.
#[derive(Debug, Clone)]
struct Monitor {
    baseline: Baseline,
    /// M: mean of the deviations in units of their standard deviation.
    deviation: f64,
    /// Variance of M by the scatter of the trains.
    scatter: f64,
    /// X: mean regressors.
    regressors: [f64; PARAMETERS],
    /// Mean of the log ratio.
    log_ratio: f64,
    /// Weight that the means still give to their starting value, zero.
    start_weight: f64,
}

impl Monitor {
    fn new(baseline: Baseline) -> Self {
        Self {
            baseline,
            deviation: 0.0,
            scatter: 0.0,
            regressors: [0.0; PARAMETERS],
            log_ratio: 0.0,
            start_weight: 1.0,
        }
    }

    fn update(&mut self, sample: &Sample, smoothing: f64) {
        let Some(residual) = self.baseline.residual(sample) else {
            return;
        };
        let total = libm::hypot(residual.sigma, residual.model_sigma);
        let blend = |old: &mut f64, new: f64| *old += smoothing * (new - *old);
        let deviation = (residual.log_ratio / total).clamp(-WINSOR_SIGMA, WINSOR_SIGMA);
        blend(&mut self.deviation, deviation);
        let x = regressors(sample.speed_m_s, sample.class);
        for (mean, x) in self.regressors.iter_mut().zip(x) {
            blend(mean, x / total);
        }
        let share = residual.sigma / total;
        let keep = 1.0 - smoothing;
        self.scatter = keep * keep * self.scatter + smoothing * smoothing * share * share;
        let limit = (WINSOR_SIGMA * total).clamp(core::f64::consts::LN_2, MAX_LOG_RATIO);
        blend(&mut self.log_ratio, residual.log_ratio.clamp(-limit, limit));
        self.start_weight *= keep;
    }

    fn score(&self, feature: Feature) -> FeatureScore {
        let variance = self.scatter + self.baseline.model_variance(&self.regressors);
        let weight = 1.0 - self.start_weight;
        FeatureScore {
            feature,
            score: if variance > 0.0 {
                self.deviation / libm::sqrt(variance)
            } else {
                0.0
            },
            change: if weight > 0.0 {
                libm::exp(self.log_ratio / weight)
            } else {
                1.0
            },
        }
    }
}

/// A change of a group's alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GroupChange {
    pub(crate) group: FeatureGroup,
    pub(crate) change: AlarmChange,
    pub(crate) leading: FeatureScore,
    pub(crate) diagnosis: Diagnosis,
}

/// One train's features with what they depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observation {
    pub(crate) speed_m_s: f64,
    pub(crate) class: TrainClass,
    pub(crate) features: FeatureValues,
}

impl Observation {
    fn sample(&self, feature: Feature) -> Option<Sample> {
        let log_value = self.features.log(feature)?;
        Some(Sample {
            speed_m_s: self.speed_m_s,
            class: self.class,
            log_value,
        })
    }
}

/// Health of one switch.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    settings: PipelineSettings,
    learning: Vec<Observation>,
    monitors: Vec<(Feature, Monitor)>,
    alarms: [Alarm; FeatureGroup::ALL.len()],
    learned: bool,
}

impl Health {
    /// The settings must be valid.
    pub(crate) fn new(settings: PipelineSettings) -> Self {
        let alarm = Alarm::new(settings.consecutive);
        Self {
            settings,
            learning: Vec::new(),
            monitors: Vec::new(),
            alarms: [alarm; FeatureGroup::ALL.len()],
            learned: false,
        }
    }

    pub(crate) fn is_learned(&self) -> bool {
        self.learned
    }

    /// Passages in the baseline so far.
    pub(crate) fn learned_from(&self) -> usize {
        self.learning.len()
    }

    pub(crate) fn alarm_is_on(&self, group: FeatureGroup) -> bool {
        self.alarms[group as usize].is_on()
    }

    /// Adds a train to the baseline; gives the features that cannot be used when it is complete.
    pub(crate) fn learn(&mut self, observation: Observation) -> Option<Vec<Feature>> {
        self.learning.push(observation);
        if self.learning.len() < self.settings.baseline_passages {
            return None;
        }
        self.learned = true;
        let mut unusable = Vec::new();
        for feature in FEATURES {
            let samples: Vec<Sample> = self
                .learning
                .iter()
                .filter_map(|o| o.sample(feature))
                .collect();
            let enough = samples.len() * 2 >= self.learning.len();
            let prior = feature.speed_exponent_prior();
            match Baseline::learn(&samples, prior, self.settings.sigma_floor) {
                Some(baseline) if enough => {
                    self.monitors.push((feature, Monitor::new(baseline)));
                }
                _ => unusable.push(feature),
            }
        }
        Some(unusable)
    }

    /// Scores a train.
    pub(crate) fn judge(
        &mut self,
        observation: &Observation,
    ) -> (Vec<FeatureScore>, Vec<GroupChange>) {
        let smoothing = self.settings.smoothing;
        let mut scores = Vec::with_capacity(self.monitors.len());
        for (feature, monitor) in &mut self.monitors {
            if let Some(sample) = observation.sample(*feature) {
                monitor.update(&sample, smoothing);
            }
            scores.push(monitor.score(*feature));
        }
        let changes = FeatureGroup::ALL
            .iter()
            .filter_map(|&group| self.evaluate(group, &scores))
            .collect();
        (scores, changes)
    }

    /// Whether a score is worth an alarm.
    fn alarming(&self, score: &FeatureScore) -> bool {
        score.score > self.settings.alarm_sigma && score.change > 1.0 + self.settings.min_change
    }

    fn evaluate(&mut self, group: FeatureGroup, scores: &[FeatureScore]) -> Option<GroupChange> {
        let of_group = || scores.iter().filter(|s| s.feature.group() == group);
        let alarming = of_group().any(|score| self.alarming(score));
        let clear = of_group().all(|score| score.score < self.settings.clear_sigma);
        let leading = *of_group().max_by(|a, b| a.score.total_cmp(&b.score))?;
        let change = self.alarms[group as usize].evaluate(alarming, clear)?;
        let support = scores
            .iter()
            .filter(|s| s.feature.group() == FeatureGroup::Support);
        let diagnosis = if support.clone().any(|score| self.alarming(score)) {
            Diagnosis::HangingBearer
        } else {
            Diagnosis::CrossingGeometry
        };
        Some(GroupChange {
            group,
            change,
            leading,
            diagnosis,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(value: f64) -> Observation {
        let mut features = FeatureValues::default();
        features.set(Feature::AxlePeak, Some(value));
        Observation {
            speed_m_s: 30.0,
            class: TrainClass::MultipleUnit,
            features,
        }
    }

    #[test]
    fn values_from_end_to_end_of_the_number_range_keep_the_change_finite() {
        let settings = PipelineSettings {
            baseline_passages: 8,
            ..Default::default()
        };
        let mut health = Health::new(settings);
        for index in 0..8 {
            health.learn(observation(if index % 2 == 0 { 1e-300 } else { 1e300 }));
        }
        assert!(health.is_learned());
        for _ in 0..50 {
            let (scores, _) = health.judge(&observation(1e308));
            let [score] = scores[..] else {
                panic!("{scores:?}")
            };
            assert!(
                score.score.is_finite() && score.change.is_finite(),
                "{score:?}"
            );
        }
    }
}
