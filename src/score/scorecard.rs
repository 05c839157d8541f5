//! The scorecard: every headline, computed from the ledger alone.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::event::EventCounts;
use super::features::{AXES, BANDS, VERTICAL};
use super::interval::poisson_bounds;
use super::judge::{ScoreInput, judge};
use super::ledger::{Conduct, Family, Kind, LedgerRow, Level};
use super::link::ReplayJitter;
use super::sum::{mean, quantile, sum};
use super::validate::ScoreError;
use super::view::{View, relative};
use super::{Score, ScoreList};

/// Microseconds per day.
const US_PER_DAY: f64 = 86_400e6;

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
#[derive(Debug, Clone, Default, PartialEq)]
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
        let mut card = Self {
            truth: truth(&view),
            l0: link(&view),
            l1: signal(&view),
            l2: event(&view),
            l3: detection(&view),
        };
        card.conduct(&view);
        card
    }

    /// The scores of the firmware's conduct; those of which nothing was observed are left out.
    fn conduct(&mut self, view: &View<'_>) {
        for &family in Family::ALL {
            let Some(conduct) = family.conduct() else {
                continue;
            };
            let n = view.of(family).count() as u64;
            if n == 0 {
                continue;
            }
            let errors = view.of(family).filter_map(|row| row.error).map(f64::abs);
            let score = match conduct {
                Conduct::Misses => Score::count(view.count(family, Kind::Miss), n),
                Conduct::Total => Score::new(sum(errors), n),
                Conduct::Largest => Score::new(errors.fold(0.0, f64::max), n)
                    .without_interval("an extreme: no interval"),
            };
            let list = match family.level() {
                Level::Link => &mut self.l0,
                Level::Event => &mut self.l2,
                _ => &mut self.l1,
            };
            list.push(family.name(), score);
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

    /// Why the run is invalid: every failure of the link, empty for a valid run. As many frames as the bench
    /// damaged on purpose may be lost; the samples in them are then the firmware's to report.
    pub fn invalid_reasons(&self) -> Vec<String> {
        let damaged = self.value("frames_damaged").unwrap_or(0.0);
        [
            ("frames_lost", "frames lost"),
            ("frames_duplicated", "frames duplicated"),
            ("frames_corrupt", "frames corrupt"),
            ("frames_reordered", "frames out of order"),
            ("samples_lost", "samples lost in the device"),
        ]
        .into_iter()
        .filter_map(|(name, what)| {
            let count = self.value(name).filter(|count| *count > damaged)?;
            let excused = name == "samples_lost" && damaged > 0.0;
            (!excused).then(|| match damaged {
                0.0 => format!("{count} {what}"),
                _ => format!("{count} {what}, but only {damaged} damaged on purpose"),
            })
        })
        .collect()
    }
}

fn truth(view: &View<'_>) -> ScoreList {
    let mut list = ScoreList::default();
    for (family, reason) in [
        (
            Family::ContactLoss,
            "no passage of a model with contact was observed",
        ),
        (Family::LeftToFullEngine, "no passage by the fast engine"),
    ] {
        let n = view.of(family).count() as u64;
        let value = (n > 0).then(|| view.total(family));
        list.push(family.name(), Score::from_option(value, n, reason));
    }
    list
}

/// A total over all devices; undefined if no device was there.
fn device_total(view: &View<'_>, family: Family, out_of: Family) -> Score {
    let known = view.of(family).next().is_some();
    let value = known.then(|| view.total(family));
    Score::from_option(value, view.total(out_of) as u64, "no device was connected")
}

fn link(view: &View<'_>) -> ScoreList {
    let mut list = ScoreList::default();
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
        list.push(name, device_total(view, family, sent));
    }
    if view.of(Family::FramesDamaged).next().is_some() {
        let damaged = device_total(view, Family::FramesDamaged, Family::FramesSent);
        list.push("frames_damaged", damaged);
    }
    for (name, channel) in [
        "replay_jitter_p50_s",
        "replay_jitter_p99_s",
        "replay_jitter_max_s",
    ]
    .into_iter()
    .zip(ReplayJitter::CHANNELS)
    {
        let late = |row: &LedgerRow| got(row, Family::ReplayJitter, Some(channel));
        list.push(
            name,
            view.extreme(late, f64::abs, "lockstep: no frame has a due time"),
        );
    }
    list.push(
        "clock_drift_ppm",
        view.extreme(
            |row| got(row, Family::ClockDrift, None),
            f64::abs,
            "no device measured its sample rate",
        ),
    );
    list
}

/// The value of a row of that family and channel.
fn got(row: &LedgerRow, family: Family, channel: Option<&str>) -> Option<f64> {
    let wanted = row.family == family && channel.is_none_or(|channel| row.channel == channel);
    wanted.then_some(row.got).flatten()
}

fn signal(view: &View<'_>) -> ScoreList {
    let mut list = ScoreList::default();
    let none = "no window was compared with its true signal";
    let vertical = Some(AXES[VERTICAL]);
    let nrmse = view.extreme(|row| got(row, Family::Nrmse, None), |v| v, none);
    list.push("nrmse_max", nrmse);
    let snr = view.extreme(|row| got(row, Family::Snr, vertical), |v| -v, none);
    list.push("snr_min_db", snr);
    let correlation = view.extreme(|row| got(row, Family::Correlation, None), |v| -v, none);
    list.push("correlation_min", correlation);
    let lag = view.extreme(|row| got(row, Family::BestLag, None), f64::abs, none);
    list.push("best_lag_samples", lag);
    let clipped = device_total(view, Family::ClippedSamples, Family::SamplesSent);
    list.push("clipped_samples", clipped);
    let none = "no matched train has both a true and a reported value";
    let error = |family, channel: &str| {
        let channel = channel.to_owned();
        view.pooled(
            move |row| Some(relative(row, family, &channel)?.abs()),
            mean,
            none,
        )
    };
    for (name, family) in [
        ("rms_error", Family::Rms),
        ("peak_error", Family::Peak),
        ("crest_error", Family::Crest),
        ("kurtosis_error", Family::Kurtosis),
    ] {
        // The vertical axis is the headline; the others follow under their names.
        list.push(name, error(family, AXES[VERTICAL]));
        for axis in &AXES[..VERTICAL] {
            list.push(&format!("{name}_{axis}"), error(family, axis));
        }
    }
    for band in BANDS {
        let name = band.replace(" Hz", "").replace('-', "_");
        list.push(
            &format!("band_{name}_hz_error"),
            error(Family::BandRms, band),
        );
    }
    list.push("displacement_error", error(Family::Displacement, ""));
    list
}

fn train_counts<'a>(rows: impl Iterator<Item = &'a LedgerRow>) -> EventCounts {
    let mut counts = EventCounts::default();
    for row in rows.filter(|row| row.family == Family::Train) {
        counts.matched += u64::from(row.kind == Kind::Match);
        counts.truth += u64::from(row.kind != Kind::False);
        counts.reported += u64::from(row.kind != Kind::Miss);
    }
    counts
}

fn event(view: &View<'_>) -> ScoreList {
    let mut list = ScoreList::default();
    let trains = train_counts(view.rows.iter());
    let n = trains.truth + trains.false_events();
    let f1 = Score::from_option(trains.f1(), n, "no train passed and none was reported");
    let blocks: Vec<EventCounts> = view
        .blocks
        .iter()
        .map(|rows| train_counts(rows.iter().copied()))
        .collect();
    let f1 = view.resampled(f1, &blocks, |sample| {
        let total = |part: fn(&EventCounts) -> u64| sample.iter().map(|counts| part(counts)).sum();
        let pooled = EventCounts {
            truth: total(|counts| counts.truth),
            reported: total(|counts| counts.reported),
            matched: total(|counts| counts.matched),
            substituted: 0,
        };
        pooled.f1()
    });
    list.push("train_f1", f1);
    for (name, other, reason) in [
        ("train_precision", Kind::False, "no train was reported"),
        ("train_recall", Kind::Miss, "no train passed"),
    ] {
        list.push(
            name,
            view.share_of(Family::Train, Kind::Match, &[other], reason),
        );
    }
    list.push("trains_true", Score::count(trains.truth, trains.truth));
    list.push(
        "trains_detected",
        Score::count(trains.reported, trains.truth),
    );
    list.push(
        "false_trains",
        Score::count(trains.false_events(), trains.reported),
    );
    for (name, family, reason) in [
        ("axle_count_exact", Family::AxleCount, "no train passed"),
        ("axle_recall", Family::Axle, "no axle passed"),
        ("speed_reported", Family::Speed, "no train was matched"),
    ] {
        list.push(
            name,
            view.share_of(family, Kind::Match, &[Kind::Miss], reason),
        );
    }
    let wrong = view.count(Family::Axle, Kind::False);
    let reported = wrong + view.count(Family::Axle, Kind::Match);
    list.push("axle_false", Score::count(wrong, reported));
    let speed = |row: &LedgerRow| Some(relative(row, Family::Speed, "")?.abs());
    let reason = "no matched train has a reported speed";
    list.push("speed_mape", view.pooled(speed, mean, reason));
    let latency_s = |row: &LedgerRow| {
        let matched = row.family == Family::Train && row.kind == Kind::Match;
        matched
            .then_some(row.error)
            .flatten()
            .map(|error_us| error_us * 1e-6)
    };
    for (name, p) in [("onset_latency_p50_s", 0.5), ("onset_latency_p95_s", 0.95)] {
        list.push(
            name,
            view.pooled(latency_s, |v| quantile(v, p), "no train was matched"),
        );
    }
    let bytes = |row: &LedgerRow| got(row, Family::UplinkBytes, None);
    list.push(
        "uplink_bytes_per_train",
        view.pooled(bytes, mean, "no train was reported"),
    );
    list
}

fn detection(view: &View<'_>) -> ScoreList {
    let mut list = ScoreList::default();
    let alarms = view.of(Family::Alarm).count() as u64;
    let repeated = view.count(Family::Alarm, Kind::Repeat);
    let wrong = view.count(Family::Alarm, Kind::False);
    list.push("alarms", Score::count(alarms, alarms));
    list.push("repeated_alarms", Score::count(repeated, alarms));
    list.push("false_alarms", Score::count(wrong, alarms));
    let years = view.total(Family::Exposure);
    let switches = view.of(Family::Exposure).count() as u64;
    let rate = (years > 0.0).then(|| wrong as f64 / years);
    let (low, high) = poisson_bounds(wrong);
    let rate = Score::from_option(rate, switches, "no period of observation is known")
        .with_interval((low / years, high / years), "95 %, exact Poisson");
    list.push("false_alarms_per_switch_year", rate);
    let count = |kind| view.count(Family::Fault, kind);
    let (in_time, late, missed) = (count(Kind::Match), count(Kind::Late), count(Kind::Miss));
    let faults = in_time + late + missed;
    list.push("faults_true", Score::count(faults, faults));
    list.push("faults_detected", Score::count(in_time + late, faults));
    list.push("faults_missed", Score::count(missed, faults));
    let delay_days = |row: &LedgerRow| {
        let delay_us = (row.family == Family::Fault).then_some(row.error).flatten();
        delay_us.map(|delay_us| delay_us / US_PER_DAY)
    };
    let reason = if faults == 0 {
        "no fault developed"
    } else {
        "no alarm was raised after the fault began"
    };
    list.push(
        "detection_delay_days",
        view.extreme(delay_days, |v| v, reason),
    );
    let others = [Kind::Late, Kind::Miss];
    let warned = view.share_of(Family::Fault, Kind::Match, &others, "no fault developed");
    list.push("warned_in_time", warned);
    list
}
