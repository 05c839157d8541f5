//! Settings of the reference pipeline.

use thiserror::Error;

/// Settings of the reference pipeline. [`PipelineSettings::default`] suits a sample of some 150 trains
/// a year, as scenarios observe.
///
/// Measured on synthetic features with the scatter of real trains (`monte_carlo.rs`), baseline 30: three false
/// alarms in 1000 switch-years of 150 trains; an impact of twice the energy is found after 22 trains
/// (median; 90 % after 77), of twice the amplitude after 10 (13). For every train of a busy switch
/// (22 600 a year) the same settings give false alarms by the dozen: take a baseline of 400 and a smoothing of
/// 0.02, with which there was none in 20 switch-years.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineSettings {
    /// Good passages that form the baseline; 8 or more. The uncertainty of a short baseline is
    /// part of every score, so a short one costs sensitivity, not false alarms.
    pub baseline_passages: usize,
    /// A feature group alarms when the score of one of its features is above this, standard errors.
    pub alarm_sigma: f64,
    /// The alarm clears when the scores of all its features are below this, standard errors;
    /// below `alarm_sigma`.
    pub clear_sigma: f64,
    /// Judged passages in a row that a condition must hold before an alarm is raised or cleared.
    pub consecutive: u32,
    /// Weight of the newest passage in the exponentially weighted mean, above 0 and up to 1.
    /// 0.15 remembers about 1/0.15 = 7 passages.
    pub smoothing: f64,
    /// Smallest relative rise of a feature over its baseline that is worth an alarm (0.25 = 25 %),
    /// however significant it is statistically.
    pub min_change: f64,
    /// Smallest scatter of a log feature between trains that the baseline may claim, natural log
    /// units: a few passages may agree by chance.
    pub sigma_floor: f64,
    /// Fewest axles that make a train; what has fewer is reported as disregarded.
    pub min_axles: usize,
    /// Longest time between two messages before the device is reported as silent, s; `None`: never
    /// (right when a bench observes only a sample of the period).
    pub max_silence_s: Option<f64>,
}

impl Default for PipelineSettings {
    fn default() -> Self {
        Self {
            baseline_passages: 30,
            alarm_sigma: 5.0,
            clear_sigma: 3.0,
            consecutive: 3,
            smoothing: 0.10,
            min_change: 0.25,
            sigma_floor: 0.08,
            min_axles: 4,
            max_silence_s: None,
        }
    }
}

/// What is wrong with [`PipelineSettings`].
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A setting is outside its range.
    #[error("{name} is {got}, but must be {range}")]
    OutOfRange {
        /// The field.
        name: &'static str,
        /// Its value.
        got: f64,
        /// The range that it must be in.
        range: &'static str,
    },
}

impl PipelineSettings {
    /// Checks every range.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let check = |good: bool, name, got, range| {
            if good {
                Ok(())
            } else {
                Err(SettingsError::OutOfRange { name, got, range })
            }
        };
        let baseline = self.baseline_passages as f64;
        check(
            (8..=100_000).contains(&self.baseline_passages),
            "baseline_passages",
            baseline,
            "8 to 100000",
        )?;
        check(
            self.alarm_sigma.is_finite() && self.alarm_sigma > 0.0,
            "alarm_sigma",
            self.alarm_sigma,
            "finite and above 0",
        )?;
        check(
            self.clear_sigma >= 0.0 && self.clear_sigma < self.alarm_sigma,
            "clear_sigma",
            self.clear_sigma,
            "at least 0 and below alarm_sigma",
        )?;
        check(
            (1..=1_000).contains(&self.consecutive),
            "consecutive",
            f64::from(self.consecutive),
            "1 to 1000",
        )?;
        check(
            self.smoothing > 0.0 && self.smoothing <= 1.0,
            "smoothing",
            self.smoothing,
            "above 0 and at most 1",
        )?;
        check(
            (0.0..=100.0).contains(&self.min_change),
            "min_change",
            self.min_change,
            "0 to 100",
        )?;
        check(
            (0.001..=10.0).contains(&self.sigma_floor),
            "sigma_floor",
            self.sigma_floor,
            "0.001 to 10",
        )?;
        check(
            (1..=1_000).contains(&self.min_axles),
            "min_axles",
            self.min_axles as f64,
            "1 to 1000",
        )?;
        self.max_silence_s.map_or(Ok(()), |silence| {
            check(
                silence.is_finite() && silence > 0.0,
                "max_silence_s",
                silence,
                "finite and above 0",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_valid_and_nan_never_is() {
        assert_eq!(PipelineSettings::default().validate(), Ok(()));
        let broken: [fn(&mut PipelineSettings); 7] = [
            |s| s.alarm_sigma = f64::NAN,
            |s| s.clear_sigma = f64::NAN,
            |s| s.clear_sigma = s.alarm_sigma,
            |s| s.smoothing = 0.0,
            |s| s.min_change = f64::NAN,
            |s| s.sigma_floor = 0.0,
            |s| s.max_silence_s = Some(f64::INFINITY),
        ];
        for break_it in broken {
            let mut settings = PipelineSettings::default();
            break_it(&mut settings);
            assert!(settings.validate().is_err(), "{settings:?}");
        }
    }
}
