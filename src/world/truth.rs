//! What is true of a window: rows of the truth table and the fidelity of the signal.

use super::error::RunError;
use super::window::{BearerMotion, Happening, Plan, TrainPlan, Window};
use crate::score::signal::fidelity;
use crate::score::{Features, SignalWindow, TruthKind, TruthRow, passage_features};
use crate::sensor::Measured;
use crate::track::{Direction, Route};

/// The true features of a passage cover its axles and this much before and after, s. The signal is
/// compared over the same stretch.
const MARGIN_S: f64 = 0.5;
/// Largest lag at which true and measured signal are correlated, samples.
const LAG_MAX: usize = 8;

/// One window as it was simulated.
pub(super) struct Simulated<'a> {
    /// Name of the scenario.
    pub(super) name: &'a str,
    pub(super) window: &'a Window,
    pub(super) plan: &'a Plan,
    pub(super) motion: &'a BearerMotion,
    pub(super) measured: &'a Measured,
    /// Simulated time of sample 0, us since 1970.
    pub(super) start_us: u64,
    pub(super) temperature_c: f64,
}

impl Simulated<'_> {
    /// Rows of the truth table.
    pub(super) fn truth(&self) -> Vec<TruthRow> {
        let motion = self.motion;
        match &self.plan.happening {
            Happening::Train(train) => {
                let first = motion.axle_times_s.first().copied().unwrap_or_default();
                let last = motion.axle_times_s.last().copied().unwrap_or_default();
                let axles = motion.axle_times_s.iter();
                vec![TruthRow {
                    axle_times_us: axles.map(|time| self.at_us(*time)).collect(),
                    contact_loss: motion.contact_loss,
                    left_to_full_engine: motion.left_to_full_engine,
                    features: self.features(),
                    ..named(self.row(TruthKind::Train, first, last), train)
                }]
            }
            Happening::Quiet { seconds, .. } => {
                let quiet = self.row(TruthKind::Quiet, 0.0, *seconds);
                let rows = motion
                    .disturbances
                    .iter()
                    .map(|(name, from_s, to_s)| TruthRow {
                        label: name.clone(),
                        ..self.row(TruthKind::Disturbance, *from_s, *to_s)
                    });
                std::iter::once(quiet).chain(rows).collect()
            }
        }
    }

    /// Compares what the firmware will see of a passage with the true motion, axis by axis.
    pub(super) fn signal(&self) -> Result<Vec<SignalWindow>, RunError> {
        let measured = self.measured;
        let Some(range) = self.around_axles() else {
            return Ok(Vec::new());
        };
        let end = measured.counts.len().min(measured.truth_m_s2.len());
        let range = range.start.min(end)..range.end.min(end);
        let mut windows = Vec::new();
        for axis in (0..3).filter(|axis| measured.senses[*axis]) {
            let (truth, seen) = traces(measured, axis, range.clone());
            if truth.is_empty() {
                continue; // the sensor fell silent before the train came: scored as a missed train
            }
            let place = (self.window.turnout_index, self.window.index);
            let fidelity = fidelity(&truth, &seen, LAG_MAX).map_err(|source| RunError::Signal {
                turnout: place.0,
                window: place.1,
                source,
            })?;
            windows.push(SignalWindow {
                turnout: place.0,
                window: place.1,
                axis,
                fidelity,
            });
        }
        Ok(windows)
    }

    fn features(&self) -> Option<Features> {
        let measured = self.measured;
        let range = self.around_axles()?;
        let range = range.start..range.end.min(measured.truth_m_s2.len());
        passage_features(
            measured.truth_m_s2.get(range).unwrap_or_default(),
            measured.gravity_m_s2,
            measured.true_rate_hz,
            self.motion.displacement_pp_m,
        )
    }

    /// Samples from before the first to after the last axle; `None` where none passed.
    fn around_axles(&self) -> Option<std::ops::Range<usize>> {
        let [first, .., last] = self.motion.axle_times_s.as_slice() else {
            return None;
        };
        let sample = |time_s: f64| (time_s.max(0.0) * self.measured.true_rate_hz) as usize;
        Some(sample(first - MARGIN_S)..sample(last + MARGIN_S))
    }

    fn row(&self, kind: TruthKind, from_s: f64, to_s: f64) -> TruthRow {
        TruthRow {
            window: Some(self.window.index),
            temperature_c: Some(self.temperature_c),
            condition: self.motion.condition.clone(),
            ..TruthRow::new(
                self.name,
                self.window.turnout_index,
                kind,
                self.at_us(from_s),
                self.at_us(to_s),
            )
        }
    }

    fn at_us(&self, after_s: f64) -> i64 {
        self.start_us as i64 + libm::round(after_s * 1e6) as i64
    }
}

fn named(row: TruthRow, train: &TrainPlan) -> TruthRow {
    TruthRow {
        label: train.label.clone(),
        speed_m_s: Some(train.speed_m_s),
        direction: match train.direction {
            Direction::Facing => "facing",
            Direction::Trailing => "trailing",
        }
        .to_owned(),
        route: match train.route {
            Route::Through => "through",
            Route::Diverging => "diverging",
        }
        .to_owned(),
        ..row
    }
}

fn traces(measured: &Measured, axis: usize, range: std::ops::Range<usize>) -> (Vec<f64>, Vec<f64>) {
    let truth = measured.truth_m_s2.get(range.clone()).unwrap_or_default();
    let seen = measured.counts.get(range).unwrap_or_default();
    (
        truth.iter().map(|sample| sample[axis]).collect(),
        seen.iter()
            .map(|counts| f64::from(counts[axis]) * measured.scale_m_s2_per_lsb)
            .collect(),
    )
}
