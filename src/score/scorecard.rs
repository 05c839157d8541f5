//! The scorecard: every headline, computed from the ledger alone.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::event::EventCounts;
use super::interval::{block_bootstrap, poisson_bounds, wilson};
use super::judge::{ScoreError, ScoreInput, judge};
use super::ledger::{Family, Kind, LedgerRow};
use super::signal::relative_error;
use super::sum::{mean, quantile, sum};
use super::{Score, ScoreList};

/// Days per microsecond.
const DAYS_PER_US: f64 = 1.0 / 86_400e6;

/// Scores by level.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scorecard {
    /// Facts of the truth that an expectation may name.
    pub truth: ScoreList,
    /// L0 link. Any failure makes the run invalid.
    pub l0: ScoreList,
    /// L1 signal and features.
    pub l1: ScoreList,
    /// L2 trains, axles, speed.
    pub l2: ScoreList,
    /// L3 alarms against developing faults.
    pub l3: ScoreList,
}

/// A scorecard with the ledger that it was computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The scores.
    pub scorecard: Scorecard,
    /// The rows behind them.
    pub ledger: Vec<LedgerRow>,
}

/// Judges a run and scores it; `bootstrap` is the random stream of the intervals.
pub fn score(input: &ScoreInput<'_>, bootstrap: &ChaCha8Rng) -> Result<Scored, ScoreError> {
    let ledger = judge(input)?;
    Ok(Scored {
        scorecard: Scorecard::from_ledger(&ledger, bootstrap),
        ledger,
    })
}

impl Scorecard {
    /// Computes every score from the ledger; each interval starts from the same random stream, so
    /// that adding a metric moves no other.
    pub fn from_ledger(rows: &[LedgerRow], bootstrap: &ChaCha8Rng) -> Self {
        let view = View::new(rows, bootstrap);
        Self {
            truth: view.truth(),
            l0: view.link(),
            l1: view.signal(),
            l2: view.event(),
            l3: view.detection(),
        }
    }

    /// The levels by name, in order.
    pub fn levels(&self) -> [(&'static str, &ScoreList); 5] {
        [
            ("truth", &self.truth),
            ("l0", &self.l0),
            ("l1", &self.l1),
            ("l2", &self.l2),
            ("l3", &self.l3),
        ]
    }

    /// The score of that name, on whatever level.
    pub fn score(&self, metric_name: &str) -> Option<&Score> {
        self.levels()
            .into_iter()
            .find_map(|(_, list)| list.get(metric_name))
    }

    /// The value of that name; `None` if it is undefined or unknown.
    pub fn value(&self, metric_name: &str) -> Option<f64> {
        self.score(metric_name)?.value
    }

    /// Why the run is invalid: every failure of the link, empty for a valid run.
    pub fn invalid_reasons(&self) -> Vec<String> {
        [
            ("frames_lost", "frames lost"),
            ("frames_duplicated", "frames duplicated"),
            ("frames_corrupt", "frames corrupt"),
            ("frames_reordered", "frames out of order"),
            ("samples_lost", "samples lost in the device"),
        ]
        .into_iter()
        .filter_map(|(name, what)| {
            let count = self.value(name).filter(|count| *count > 0.0)?;
            Some(format!("{count} {what}"))
        })
        .collect()
    }
}

/// The ledger, with its turnouts as the blocks of the bootstrap.
struct View<'a> {
    rows: &'a [LedgerRow],
    turnouts: Vec<u32>,
    bootstrap: &'a ChaCha8Rng,
}

impl<'a> View<'a> {
    fn new(rows: &'a [LedgerRow], bootstrap: &'a ChaCha8Rng) -> Self {
        let mut turnouts: Vec<u32> = rows.iter().map(|row| row.turnout).collect();
        turnouts.sort_unstable();
        turnouts.dedup();
        Self {
            rows,
            turnouts,
            bootstrap,
        }
    }

    fn of(&self, family: Family) -> impl Iterator<Item = &'a LedgerRow> + use<'a> {
        self.rows.iter().filter(move |row| row.family == family)
    }

    fn count(&self, family: Family, kind: Kind) -> u64 {
        self.of(family).filter(|row| row.kind == kind).count() as u64
    }

    /// Total of the values of a family that holds counts.
    fn total(&self, family: Family) -> f64 {
        sum(self.of(family).filter_map(|row| row.got))
    }

    /// A statistic of values over all switches, with its interval by resampling switches.
    fn pooled(
        &self,
        values: impl Fn(&LedgerRow) -> Option<f64>,
        statistic: impl Fn(&[f64]) -> Option<f64>,
        undefined: &str,
    ) -> Score {
        let blocks: Vec<Vec<f64>> = self
            .turnouts
            .iter()
            .map(|&turnout| {
                self.rows
                    .iter()
                    .filter(|row| row.turnout == turnout)
                    .filter_map(&values)
                    .collect()
            })
            .collect();
        let all: Vec<f64> = blocks.concat();
        let score = Score::from_option(statistic(&all), all.len() as u64, undefined);
        let mut pool = Vec::with_capacity(all.len());
        let mut rng = self.bootstrap.clone();
        let interval = block_bootstrap(&blocks, &mut rng, |sample| {
            pool.clear();
            pool.extend(sample.iter().flat_map(|block| block.iter().copied()));
            statistic(&pool)
        });
        match interval {
            Ok(interval) => score.with_interval(interval, "95 %, bootstrap by switch"),
            Err(reason) => score.without_interval(&reason),
        }
    }

    /// A share of independent trials with Wilson's interval.
    fn share(hits: u64, n: u64, undefined: &str) -> Score {
        let value = (n > 0).then(|| hits as f64 / n as f64);
        let score = Score::from_option(value, n, undefined);
        match wilson(hits, n) {
            Some(interval) => score.with_interval(interval, "95 %, Wilson"),
            None => score,
        }
    }

    /// The mean absolute relative error of a family.
    fn relative(&self, family: Family, channel: &str, undefined: &str) -> Score {
        self.pooled(
            |row| {
                let wanted = row.family == family && row.channel == channel;
                let error = wanted
                    .then(|| relative_error(row.expected?, row.got?))
                    .flatten();
                error.map(f64::abs)
            },
            mean,
            undefined,
        )
    }

    fn truth(&self) -> ScoreList {
        let mut list = ScoreList::default();
        let n = self.of(Family::ContactLoss).count() as u64;
        if n > 0 {
            list.push(
                "contact_loss",
                Score::new(self.total(Family::ContactLoss), n),
            );
        }
        list
    }

    fn link(&self) -> ScoreList {
        let mut list = ScoreList::default();
        let reason = "no frame was sent to a device";
        for (name, family, sent) in [
            ("frames_lost", Family::FramesLost, Family::FramesSent),
            (
                "frames_duplicated",
                Family::FramesDuplicated,
                Family::FramesSent,
            ),
            ("frames_corrupt", Family::FramesCorrupt, Family::FramesSent),
            (
                "frames_reordered",
                Family::FramesReordered,
                Family::FramesSent,
            ),
            ("samples_lost", Family::SamplesLost, Family::SamplesSent),
        ] {
            let known = self.of(family).next().is_some();
            let value = known.then(|| self.total(family));
            list.push(
                name,
                Score::from_option(value, self.total(sent) as u64, reason),
            );
        }
        for (name, family) in [
            ("replay_jitter_s", Family::ReplayJitter),
            ("clock_drift_ppm", Family::ClockDrift),
        ] {
            let values: Vec<f64> = self.of(family).filter_map(|row| row.got).collect();
            let worst = values
                .iter()
                .copied()
                .max_by(|a, b| a.abs().total_cmp(&b.abs()));
            if let Some(worst) = worst {
                list.push(name, Score::new(worst, values.len() as u64));
            }
        }
        list
    }

    fn signal(&self) -> ScoreList {
        let mut list = ScoreList::default();
        let none = "no window was compared with its true signal";
        let values = |family: Family, channel: Option<&'static str>| {
            move |row: &LedgerRow| {
                let wanted = row.family == family && channel.is_none_or(|c| row.channel == c);
                wanted.then_some(row.got).flatten()
            }
        };
        let largest = |v: &[f64]| v.iter().copied().max_by(f64::total_cmp);
        let smallest = |v: &[f64]| v.iter().copied().min_by(f64::total_cmp);
        list.push(
            "nrmse_max",
            self.pooled(values(Family::Nrmse, None), largest, none),
        );
        list.push(
            "snr_min_db",
            self.pooled(values(Family::Snr, Some("z")), smallest, none),
        );
        list.push(
            "correlation_min",
            self.pooled(values(Family::Correlation, None), smallest, none),
        );
        let lag = |row: &LedgerRow| values(Family::BestLag, None)(row).map(f64::abs);
        list.push("best_lag_max_samples", self.pooled(lag, largest, none));
        let known = self.of(Family::ClippedSamples).next().is_some();
        let clipped = known.then(|| self.total(Family::ClippedSamples));
        let samples = self.total(Family::SamplesSent) as u64;
        let reason = "no sample was sent to a device";
        list.push(
            "clipped_samples",
            Score::from_option(clipped, samples, reason),
        );
        let none = "no matched train with a true value above zero";
        for (name, family) in [
            ("rms_error", Family::Rms),
            ("peak_error", Family::Peak),
            ("crest_error", Family::Crest),
            ("kurtosis_error", Family::Kurtosis),
        ] {
            // The vertical axis is the headline; the others follow with their names.
            list.push(name, self.relative(family, "z", none));
            for axis in ["x", "y"] {
                list.push(&format!("{name}_{axis}"), self.relative(family, axis, none));
            }
        }
        for band in super::features::BANDS {
            let name = band.replace(" Hz", "").replace('-', "_");
            list.push(
                &format!("band_{name}_error"),
                self.relative(Family::BandRms, band, none),
            );
        }
        list.push(
            "displacement_error",
            self.relative(Family::Displacement, "", none),
        );
        list
    }

    fn train_counts(&self, turnout: Option<u32>) -> EventCounts {
        let rows = || {
            self.of(Family::Train)
                .filter(|r| turnout.is_none_or(|t| r.turnout == t))
        };
        let count = |kind| rows().filter(|row| row.kind == kind).count() as u64;
        let matched = count(Kind::Match);
        EventCounts {
            truth: matched + count(Kind::Miss),
            reported: matched + count(Kind::False),
            matched,
            substituted: 0,
        }
    }

    fn event(&self) -> ScoreList {
        let mut list = ScoreList::default();
        let trains = self.train_counts(None);
        list.push("train_f1", self.train_f1(trains));
        list.push(
            "train_precision",
            Self::share(trains.matched, trains.reported, "no train was reported"),
        );
        list.push(
            "train_recall",
            Self::share(trains.matched, trains.truth, "no train passed"),
        );
        list.push("trains_true", Score::count(trains.truth, trains.truth));
        list.push(
            "trains_detected",
            Score::count(trains.reported, trains.truth),
        );
        list.push(
            "false_trains",
            Score::count(trains.false_events(), trains.reported),
        );
        self.axle_scores(&mut list);
        self.speed_and_onset(&mut list);
        list
    }

    fn train_f1(&self, trains: EventCounts) -> Score {
        let n = trains.truth + trains.reported - trains.matched;
        let score = Score::from_option(trains.f1(), n, "no train passed and none was reported");
        let blocks: Vec<EventCounts> = self
            .turnouts
            .iter()
            .map(|&turnout| self.train_counts(Some(turnout)))
            .collect();
        let mut rng = self.bootstrap.clone();
        let interval = block_bootstrap(&blocks, &mut rng, |sample| {
            let add = |part: fn(&EventCounts) -> u64| sample.iter().map(|c| part(c)).sum();
            let pooled = EventCounts {
                truth: add(|c| c.truth),
                reported: add(|c| c.reported),
                matched: add(|c| c.matched),
                substituted: 0,
            };
            pooled.f1()
        });
        match interval {
            Ok(interval) => score.with_interval(interval, "95 %, bootstrap by switch"),
            Err(reason) => score.without_interval(&reason),
        }
    }

    fn axle_scores(&self, list: &mut ScoreList) {
        let exact = self.count(Family::AxleCount, Kind::Match);
        let counted = exact + self.count(Family::AxleCount, Kind::Miss);
        list.push(
            "axle_count_exact",
            Self::share(exact, counted, "no train passed"),
        );
        let matched = self.count(Family::Axle, Kind::Match);
        let axles = matched + self.count(Family::Axle, Kind::Miss);
        let wrong = self.count(Family::Axle, Kind::False);
        list.push("axle_recall", Self::share(matched, axles, "no axle passed"));
        list.push("axle_false", Score::count(wrong, matched + wrong));
    }

    fn speed_and_onset(&self, list: &mut ScoreList) {
        let reason = "no matched train has a reported speed";
        list.push("speed_mape", self.relative(Family::Speed, "", reason));
        let known = self.count(Family::Speed, Kind::Match);
        let asked = known + self.count(Family::Speed, Kind::Miss);
        list.push(
            "speed_reported",
            Self::share(known, asked, "no train was matched"),
        );
        let latency_s = |row: &LedgerRow| {
            let matched = row.family == Family::Train && row.kind == Kind::Match;
            matched
                .then_some(row.error)
                .flatten()
                .map(|error_us| error_us * 1e-6)
        };
        for (name, p) in [("onset_latency_p50_s", 0.5), ("onset_latency_p95_s", 0.95)] {
            let score = self.pooled(latency_s, |v| quantile(v, p), "no train was matched");
            list.push(name, score);
        }
        let bytes = |row: &LedgerRow| {
            (row.family == Family::UplinkBytes)
                .then_some(row.got)
                .flatten()
        };
        let reason = "no train was reported";
        list.push("uplink_bytes_per_train", self.pooled(bytes, mean, reason));
    }

    fn detection(&self) -> ScoreList {
        let mut list = ScoreList::default();
        let alarms = self.of(Family::Alarm).count() as u64;
        let wrong = self.count(Family::Alarm, Kind::False);
        let years = self.total(Family::Exposure);
        let switches = self.of(Family::Exposure).count() as u64;
        list.push("alarms", Score::count(alarms, alarms));
        list.push(
            "repeated_alarms",
            Score::count(self.count(Family::Alarm, Kind::Repeat), alarms),
        );
        list.push("false_alarms", Score::count(wrong, alarms));
        let rate = (years > 0.0).then(|| wrong as f64 / years);
        let (low, high) = poisson_bounds(wrong);
        list.push(
            "false_alarms_per_switch_year",
            Score::from_option(rate, switches, "no period of observation is known")
                .with_interval((low / years, high / years), "95 %, exact Poisson"),
        );
        let in_time = self.count(Family::Fault, Kind::Match);
        let late = self.count(Family::Fault, Kind::Late);
        let missed = self.count(Family::Fault, Kind::Miss);
        let faults = in_time + late + missed;
        list.push("faults_true", Score::count(faults, faults));
        list.push("faults_detected", Score::count(in_time + late, faults));
        list.push("faults_missed", Score::count(missed, faults));
        let delay_days = |row: &LedgerRow| {
            (row.family == Family::Fault)
                .then_some(row.error)
                .flatten()
                .map(|us| us * DAYS_PER_US)
        };
        let reason = if faults == 0 {
            "no fault developed"
        } else {
            "no alarm was raised after the fault began"
        };
        let longest = |v: &[f64]| v.iter().copied().max_by(f64::total_cmp);
        list.push(
            "detection_delay_days",
            self.pooled(delay_days, longest, reason),
        );
        list.push(
            "warned_in_time",
            Self::share(in_time, faults, "no fault developed"),
        );
        list
    }
}
