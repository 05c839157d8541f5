//! What a report says of single wheels, of its speed and of itself.

use super::counts::{Bounds, envelopes, trace};
use super::passage::{PEAK_LSB, RMS_LSB};
use super::{Conduct, Facts};
use crate::pipeline::{AxleReport, PassageReport};
use crate::score::{Family, TruthRow, VERTICAL};

/// The peak of a wheel is at least the largest so near it and at most the largest so far from it, m: half a short wheelbase,
/// and a long one.
const PEAK_NEAR_M: f64 = 0.25;
const PEAK_FAR_M: f64 = 2.8;
/// Stretches over which the kurtosis around an axle may be taken, s: 50 ms of the layout, in whole frames of a firmware.
const KURTOSIS_S: [f64; 3] = [0.04, 0.05, 0.06];
/// Their middle may be so far from the wheel: half a metre, and half their length.
const KURTOSIS_PLACE_M: f64 = 0.5;
const KURTOSIS_PLACE_S: f64 = 0.025;
/// Between two middles that are tried, s.
const KURTOSIS_STEP_S: f64 = 0.0025;
/// From so many axles on a train has bogies enough that its speed does not rest on a single one.
const MANY_AXLES: usize = 8;
/// Below this length nobody needs to cut a passage short, s.
const NOT_LONG_S: f64 = 90.0;
/// Of one axle in a hundred too many or too few the places of the others can still be told.
const NEXT_TO_ALL: f64 = 0.01;
/// Longest history before the onset that a firmware may want, s.
const HISTORY_S: f64 = 2.5;

impl Conduct {
    /// Places and peaks of the axles, and what is told of all of them together.
    pub(super) fn wheels(
        &mut self,
        facts: &Facts<'_>,
        train: &TruthRow,
        report: &PassageReport,
        axles: &[AxleReport],
        speed_m_s: f64,
    ) {
        let vertical = trace(facts, VERTICAL, facts.sample_at(report.onset_us as f64));
        if !facts.moved && facts.lost.is_empty() {
            self.impact_kurtosis(facts, train, report, &vertical, speed_m_s);
        }
        let envelopes = envelopes(facts, &vertical);
        if !facts.moved && facts.lost.is_empty() {
            self.loudest(facts, train, report, axles, &envelopes, speed_m_s);
        }
        if axles.len() != train.axle_times_us.len() {
            self.places_of_most(train, report, axles, speed_m_s);
            return; // which is which cannot be told; the count says what is wrong
        }
        let least = PEAK_LSB * facts.measured.scale_m_s2_per_lsb;
        for (number, (axle, true_us)) in axles.iter().zip(&train.axle_times_us).enumerate() {
            if facts.lost_at(*true_us, speed_m_s) {
                continue;
            }
            let told_us = report.onset_us as f64 + axle.time_s * 1e6;
            let error = (told_us - *true_us as f64) * 1e-6 * speed_m_s;
            let channel = format!("axle {}", number + 1);
            self.compared(Family::AxlePlaceErrorMaxM, &channel, 0.0, error, error);
            if facts.moved || !facts.lost.is_empty() {
                continue;
            }
            let at = [told_us, *true_us as f64];
            let bounds = peak(facts, &envelopes, at, speed_m_s);
            let got = axle.peak_m_s2;
            let error = bounds.error(got, least);
            let want = bounds.nearest(got);
            self.compared(Family::AxlePeakErrorMax, &channel, want, got, error);
        }
    }

    /// Places where next to all axles were told: each true axle's nearest, without as many as were told too many or too few.
    fn places_of_most(
        &mut self,
        train: &TruthRow,
        report: &PassageReport,
        axles: &[AxleReport],
        speed_m_s: f64,
    ) {
        let differ = axles.len().abs_diff(train.axle_times_us.len());
        if differ as f64 > NEXT_TO_ALL * train.axle_times_us.len() as f64 {
            return;
        }
        let told = |axle: &AxleReport| report.onset_us as f64 + axle.time_s * 1e6;
        let nearest = |us: &i64| {
            let metres = axles
                .iter()
                .map(|axle| (told(axle) - *us as f64) * 1e-6 * speed_m_s);
            metres.fold(
                f64::INFINITY,
                |least: f64, m| if m.abs() < least.abs() { m } else { least },
            )
        };
        let mut errors: Vec<f64> = train.axle_times_us.iter().map(nearest).collect();
        errors.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
        if let Some(worst) = errors.get(errors.len().saturating_sub(differ + 1)) {
            let channel = "nearest axles";
            self.compared(Family::AxlePlaceErrorMaxM, channel, 0.0, *worst, *worst);
        }
    }

    /// The loudest axle: at least what is felt near any wheel, however many were told, where they are or are said to be; at most what
    /// is felt at all.
    fn loudest(
        &mut self,
        facts: &Facts<'_>,
        train: &TruthRow,
        report: &PassageReport,
        axles: &[AxleReport],
        envelopes: &[Vec<f64>; 2],
        speed_m_s: f64,
    ) {
        let onset_us = report.onset_us as f64;
        let end_us = onset_us + report.duration_s * 1e6;
        // Where the wheels are, or where they are said to be.
        let told = axles.iter().map(|axle| onset_us + axle.time_s * 1e6);
        let truly = train.axle_times_us.iter().map(|us| *us as f64);
        let near = |us: f64| peak(facts, envelopes, [us; 2], speed_m_s).low;
        let of_told = told.map(near).fold(0.0, f64::max);
        let of_true = truly
            .filter(|us| *us < end_us)
            .map(near)
            .fold(0.0, f64::max);
        let low = of_told.min(of_true);
        let from = facts.sample_at(onset_us - PEAK_FAR_M / speed_m_s * 1e6);
        let to = facts.sample_at(end_us);
        let felt = envelopes
            .iter()
            .map(|e| e.get(from..to).unwrap_or_default());
        let high = felt.flatten().fold(low, |peak, x| peak.max(*x));
        let bounds = Bounds { low, high };
        let got = axles.iter().fold(0.0, |peak: f64, a| peak.max(a.peak_m_s2));
        let error = bounds.error(got, PEAK_LSB * facts.measured.scale_m_s2_per_lsb);
        self.compared(
            Family::AxlePeakErrorMax,
            "loudest",
            bounds.nearest(got),
            got,
            error,
        );
    }

    /// The median of the kurtosis around the axles lies between the medians of its bounds.
    fn impact_kurtosis(
        &mut self,
        facts: &Facts<'_>,
        train: &TruthRow,
        report: &PassageReport,
        vertical: &[f64],
        speed_m_s: f64,
    ) {
        let sums = Sums::of(vertical);
        let least = RMS_LSB * facts.measured.scale_m_s2_per_lsb;
        let around = |us: &i64| {
            let at = facts.sample_at(*us as f64);
            sums.kurtosis_near(at, facts.measured.true_rate_hz, speed_m_s, least)
        };
        let all: Vec<Bounds> = train.axle_times_us.iter().filter_map(around).collect();
        if all.len() < train.axle_times_us.len() || all.is_empty() {
            return; // too few counts make a kurtosis of rounding
        }
        let bounds = Bounds {
            low: median(all.iter().map(|bounds| bounds.low).collect()),
            high: median(all.iter().map(|bounds| bounds.high).collect()),
        };
        let got = report.impact_kurtosis;
        self.compared(
            Family::ImpactKurtosisErrorMax,
            "",
            bounds.nearest(got),
            got,
            bounds.error(got, 1.0),
        );
    }

    /// Speed, quality and flag say the same; several bogies need their axles, and many axles have several bogies.
    pub(super) fn speed_quality(&mut self, train: &TruthRow, report: &PassageReport) {
        let quality = f64::from(report.speed_quality);
        let known = f64::from(u8::from(report.speed_m_s.is_some()));
        self.counted(Family::SpeedQualityErrors, "known", known, quality.min(1.0));
        let flag = f64::from(u8::from(!report.flags.speed_unknown));
        self.counted(Family::SpeedQualityErrors, "flag", known, flag);
        let (axles, counted) = (train.axle_times_us.len(), usize::from(report.axle_count));
        let want = match quality {
            _ if report.speed_m_s.is_none() => return,
            _ if axles >= MANY_AXLES && counted == axles => 2.0,
            _ if counted < 4 => 1.0,
            _ => quality.clamp(1.0, 2.0),
        };
        self.counted(Family::SpeedQualityErrors, "quality", want, quality);
    }

    /// What a report says of its own completeness.
    pub(super) fn completeness(
        &mut self,
        facts: &Facts<'_>,
        train: &TruthRow,
        report: &PassageReport,
        axles: &[AxleReport],
    ) {
        let flags = report.flags;
        let mut row = |name: &str, want: bool, got: bool| {
            let number = |set: bool| f64::from(u8::from(set));
            self.counted(
                Family::CompletenessFlagErrors,
                name,
                number(want),
                number(got),
            );
        };
        let count = usize::from(report.axle_count);
        if axles.len() < count || count == train.axle_times_us.len() {
            let cut = axles.len() < count;
            row("axle-list-truncated", cut, flags.axle_list_truncated);
        }
        if (train.end_us - train.onset_us) as f64 * 1e-6 < NOT_LONG_S {
            row("truncated", false, flags.truncated);
        }
        if facts.lost.is_empty() {
            row("ring-overflow", false, flags.ring_overflow);
        }
        let history_s = facts.sample_at(train.onset_us as f64) as f64 / facts.measured.true_rate_hz;
        if history_s > HISTORY_S && !facts.disturbed_link && facts.lost.is_empty() {
            let got = flags.pre_trigger_incomplete;
            row("pre-trigger-incomplete", false, got);
        }
    }
}

/// Bounds of a wheel's peak, wherever between its true and its reported place it is looked for.
fn peak(facts: &Facts<'_>, envelopes: &[Vec<f64>; 2], at_us: [f64; 2], speed_m_s: f64) -> Bounds {
    let largest = |envelope: &[f64], us: f64, reach_m: f64| {
        let reach_us = reach_m / speed_m_s * 1e6;
        let (from, to) = (
            facts.sample_at(us - reach_us),
            facts.sample_at(us + reach_us),
        );
        let part = envelope.get(from..to).unwrap_or_default();
        part.iter().fold(0.0, |peak: f64, x| peak.max(*x))
    };
    let over = |reach_m: f64| {
        let places = at_us.iter();
        places.flat_map(move |us| envelopes.iter().map(move |e| largest(e, *us, reach_m)))
    };
    Bounds {
        low: over(PEAK_NEAR_M).fold(f64::INFINITY, f64::min),
        high: over(PEAK_FAR_M).fold(0.0, f64::max),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Running sums of the powers of a signal: moments of any stretch.
struct Sums([Vec<f64>; 4]);

impl Sums {
    fn of(values: &[f64]) -> Self {
        let running = |power: i32| {
            let mut sum = 0.0;
            let sums = values.iter().map(|x| {
                sum += x.powi(power);
                sum
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        Self([1, 2, 3, 4].map(running))
    }

    /// Kurtosis from `from` to `to` about rest, and about the mean of this stretch; `None` for an RMS below `least`.
    fn kurtosis(&self, from: usize, to: usize, least: f64) -> Option<[f64; 2]> {
        let n = to.checked_sub(from).filter(|n| *n > 1)? as f64;
        let moment = |sums: &Vec<f64>| Some((sums.get(to)? - sums.get(from)?) / n);
        let [first, second, third, fourth] = &self.0;
        let (m, m2, m3, m4) = (
            moment(first)?,
            moment(second)?,
            moment(third)?,
            moment(fourth)?,
        );
        let variance = m2 - m * m;
        if variance < least * least {
            return None;
        }
        let central = m4 - 4.0 * m * m3 + 6.0 * m * m * m2 - 3.0 * m * m * m * m;
        Some([m4 / (m2 * m2), central / (variance * variance)])
    }

    /// Bounds over all stretches around sample `at` that the layout allows.
    fn kurtosis_near(&self, at: usize, rate_hz: f64, speed_m_s: f64, least: f64) -> Option<Bounds> {
        let reach_s = KURTOSIS_PLACE_S + KURTOSIS_PLACE_M / speed_m_s;
        let steps = (reach_s / KURTOSIS_STEP_S) as i32;
        let mut bounds = Bounds {
            low: f64::INFINITY,
            high: 0.0,
        };
        for length_s in KURTOSIS_S {
            for step in -steps..=steps {
                let middle = at as f64 + f64::from(step) * KURTOSIS_STEP_S * rate_hz;
                let half = 0.5 * length_s * rate_hz;
                let (from, to) = ((middle - half).max(0.0) as usize, (middle + half) as usize);
                for kurtosis in self.kurtosis(from, to, least).into_iter().flatten() {
                    bounds.low = bounds.low.min(kurtosis);
                    bounds.high = bounds.high.max(kurtosis);
                }
            }
        }
        (bounds.low <= bounds.high).then_some(bounds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kurtosis_of_a_stretch_is_that_of_its_samples() {
        // A sine about rest has 1.5, whatever is added when its own mean is taken off.
        let sine = |offset: f64| -> Vec<f64> {
            (0..400)
                .map(|i| offset + libm::sin(std::f64::consts::TAU * f64::from(i) / 40.0))
                .collect()
        };
        let [rest, own] = Sums::of(&sine(0.0)).kurtosis(40, 240, 0.1).unwrap();
        assert!((rest - 1.5).abs() < 1e-9 && (own - 1.5).abs() < 1e-9);
        let [rest, own] = Sums::of(&sine(3.0)).kurtosis(40, 240, 0.1).unwrap();
        assert!((own - 1.5).abs() < 1e-9);
        // Mean of (3 + sin)^4 = 81 + 27 + 3/8, of its square 9.5.
        assert!((rest - (108.375 / 90.25)).abs() < 1e-9);
        assert_eq!(Sums::of(&sine(0.0)).kurtosis(40, 240, 0.8), None);
        assert_eq!(Sums::of(&sine(0.0)).kurtosis(390, 401, 0.1), None);
    }

    #[test]
    fn one_blow_in_a_stretch_has_the_length_of_the_stretch_as_kurtosis() {
        let mut values = vec![0.0; 1000];
        values[500] = 10.0;
        let sums = Sums::of(&values);
        let [rest, _] = sums.kurtosis(480, 520, 0.1).unwrap();
        assert!((rest - 40.0).abs() < 1e-9);
        // Bounds take in every stretch that an axle within half a metre allows, except those that miss the blow.
        assert_eq!(sums.kurtosis_near(100, 1000.0, 20.0, 0.1), None);
        let near = sums.kurtosis_near(500, 1000.0, 20.0, 0.1).unwrap();
        assert!(near.low > 35.0 && near.high < 62.0, "{near:?}");
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
    }
}
