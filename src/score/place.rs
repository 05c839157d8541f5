//! Where to look: the row of the ledger that weighs most on a metric.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ledger::{Conduct, Family, Kind, LedgerRow};
use super::signal::relative_error;
use super::view::relative;

/// A pointer to the passage or row that explains a score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// What is wrong there, in a few words.
    pub what: String,
    /// Index of the turnout.
    pub turnout: u32,
    /// Index of the observed window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<u32>,
    /// When, in microseconds since 1970-01-01T00:00:00Z.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_us: Option<i64>,
    /// Train, fault or disturbance.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Row of `ledger.csv`, counted from 1 below its header.
    pub ledger_row: u64,
    /// Row of `truth.csv`, counted from 1 below its header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truth_row: Option<u64>,
    /// Row of `output.csv`, counted from 1 below its header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_row: Option<u64>,
    /// How many rows of the ledger speak against the metric in this way, this one included; 0 if none
    /// does and this is merely the weakest.
    pub alike: u64,
}

/// The place that weighs most on the metric of that name.
///
/// If no row speaks against it (a bound that even a perfect device cannot meet), the weakest row is
/// shown and `alike` is 0. `None` if nothing of the kind was observed at all.
pub fn worst(ledger: &[LedgerRow], metric_name: &str) -> Option<Place> {
    let against = weight_of(metric_name)?;
    let (index, alike) = if let Some(found) = heaviest(ledger, &against) {
        found
    } else {
        let family = fallback(metric_name)?;
        let weakest = wrong(family, &[Kind::Match]);
        (heaviest(ledger, &weakest)?.0, 0)
    };
    let row = &ledger[index];
    let crowd = matches!(metric_name, "axle_recall" | "axle_false") && alike > 0;
    Some(Place {
        what: if crowd {
            describe_crowd(ledger, row)
        } else {
            describe(row)
        },
        turnout: row.turnout,
        window: row.window,
        time_us: row.time_us,
        name: row.note.clone(),
        ledger_row: index as u64 + 1,
        truth_row: row.truth_row,
        output_row: row.output_row,
        alike,
    })
}

/// Index of the heaviest row (of equal ones the first, which is the earliest) and how many rows
/// weigh anything. An axle weighs as much as there are axles wrong in the same way in its train.
fn heaviest(ledger: &[LedgerRow], weight: &Weight) -> Option<(usize, u64)> {
    let mut crowds = BTreeMap::<_, f64>::new();
    for row in ledger.iter().filter(|row| row.family == Family::Axle) {
        *crowds.entry(passage(row)).or_default() += 1.0;
    }
    let mut alike = 0;
    let mut best: Option<(usize, f64)> = None;
    for (index, row) in ledger.iter().enumerate() {
        let Some(mut w) = weight(row).filter(|w| w.is_finite()) else {
            continue;
        };
        if row.family == Family::Axle && row.kind != Kind::Match {
            w = crowds.get(&passage(row)).copied().unwrap_or(w);
        }
        alike += 1;
        if best.is_none_or(|(_, known)| w > known) {
            best = Some((index, w));
        }
    }
    best.map(|(index, _)| (index, alike))
}

/// What the rows of one train that count alike have in common.
fn passage(row: &LedgerRow) -> (u32, Option<u64>, Option<u64>, Kind) {
    (row.turnout, row.truth_row, row.output_row, row.kind)
}

/// The family whose matches may explain a metric against which no row speaks.
fn fallback(metric_name: &str) -> Option<Family> {
    Some(match metric_name {
        "train_f1" | "train_precision" | "train_recall" | "trains_detected" => Family::Train,
        "axle_count_exact" => Family::AxleCount,
        "axle_recall" => Family::Axle,
        "faults_detected" | "warned_in_time" => Family::Fault,
        _ => return None,
    })
}

fn describe_crowd(ledger: &[LedgerRow], row: &LedgerRow) -> String {
    let of_train = |other: &&LedgerRow| {
        other.family == Family::Axle
            && (other.turnout, other.truth_row, other.output_row)
                == (row.turnout, row.truth_row, row.output_row)
    };
    let alike = ledger
        .iter()
        .filter(of_train)
        .filter(|other| other.kind == row.kind)
        .count();
    let passed = ledger
        .iter()
        .filter(of_train)
        .filter(|other| other.kind != Kind::False)
        .count();
    if row.kind == Kind::Miss {
        format!(
            "{alike} of {passed} axles not reported in their place, first axle {}",
            row.channel
        )
    } else {
        format!(
            "{alike} reported beside the {passed} that passed, first axle {}",
            row.channel
        )
    }
}

type Weight = Box<dyn Fn(&LedgerRow) -> Option<f64>>;

/// How much a row speaks against the metric; `None` if it has nothing to do with it.
fn weight_of(metric_name: &str) -> Option<Weight> {
    use Family as F;
    use Kind as K;
    fn off(family: Family, channel: &'static str) -> Weight {
        Box::new(move |row| relative(row, family, channel).map(f64::abs))
    }
    /// Values count by their size, or by its opposite; an empty channel stands for all.
    fn value(family: Family, channel: &'static str, sign: f64) -> Weight {
        Box::new(move |row| {
            let wanted = row.family == family && (channel.is_empty() || row.channel == channel);
            wanted.then_some(row.got).flatten().map(|got| got * sign)
        })
    }
    Some(match metric_name {
        "train_f1" | "trains_detected" => wrong(F::Train, &[K::Miss, K::False]),
        "train_precision" | "false_trains" => wrong(F::Train, &[K::False]),
        "train_recall" => wrong(F::Train, &[K::Miss]),
        "axle_count_exact" => wrong(F::AxleCount, &[K::Miss]),
        "axle_recall" => wrong(F::Axle, &[K::Miss]),
        "axle_false" => wrong(F::Axle, &[K::False]),
        "speed_mape" => off(F::Speed, ""),
        "onset_latency_p95_s" | "onset_latency_p50_s" => wrong(F::Train, &[K::Match]),
        "rms_error" => off(F::Rms, "z"),
        "peak_error" => off(F::Peak, "z"),
        "displacement_error" => off(F::Displacement, ""),
        "nrmse_max" => value(F::Nrmse, "", 1.0),
        "snr_min_db" => value(F::Snr, "z", -1.0),
        "clipped_samples" => positive(F::ClippedSamples),
        "frames_lost" => positive(F::FramesLost),
        "samples_lost" => positive(F::SamplesLost),
        "contact_loss" => positive(F::ContactLoss),
        "left_to_full_engine" => positive(F::LeftToFullEngine),
        "alarms" => wrong(F::Alarm, &[K::False, K::Late, K::Repeat, K::Match]),
        "false_alarms" | "false_alarms_per_switch_year" => wrong(F::Alarm, &[K::False]),
        "faults_detected" => wrong(F::Fault, &[K::Miss]),
        "warned_in_time" => wrong(F::Fault, &[K::Miss, K::Late]),
        "detection_delay_days" => wrong(F::Fault, &[K::Miss, K::Late, K::Match]),
        _ => return conduct(Family::parse(metric_name)?),
    })
}

/// Rows about the firmware's conduct: the wrong ones, or all by the size of their error.
fn conduct(family: Family) -> Option<Weight> {
    Some(match family.conduct()? {
        Conduct::Misses => wrong(family, &[Kind::Miss]),
        Conduct::Total | Conduct::Largest => Box::new(move |row| {
            let listed = row.family == family;
            listed.then_some(row.error).flatten().map(f64::abs)
        }),
    })
}

/// Rows of given kinds count by the size of their error, rows without one first.
fn wrong(family: Family, kinds: &'static [Kind]) -> Weight {
    Box::new(move |row| {
        let listed = row.family == family && kinds.contains(&row.kind);
        listed.then(|| row.error.map_or(f64::MAX, f64::abs))
    })
}

fn positive(family: Family) -> Weight {
    Box::new(move |row| {
        (row.family == family)
            .then_some(row.got)
            .flatten()
            .filter(|got| *got > 0.0)
    })
}

/// A few words on what a row says.
fn describe(row: &LedgerRow) -> String {
    use Family as F;
    let day = |us: f64| format!("{:.1} days", us / 86_400e6);
    let percent = || {
        let error = relative_error(row.expected?, row.got?)?;
        Some(format!("{:+.1} %", error * 100.0))
    };
    let pair = |digits: usize, unit: &str| match (row.expected, row.got) {
        (Some(want), Some(got)) => format!(
            "{got:.digits$} instead of {want:.digits$}{unit}{}",
            percent().map(|p| format!(" ({p})")).unwrap_or_default()
        ),
        (Some(want), None) => format!("{want:.digits$}{unit} not reported"),
        (None, Some(got)) => format!("{got:.digits$}{unit}"),
        (None, None) => "undefined".to_owned(),
    };
    match (row.family, row.kind) {
        (F::Train, Kind::Miss) => "train not reported".to_owned(),
        (F::Train, Kind::False) => "train reported that did not pass".to_owned(),
        (F::Train, _) => {
            format!("onset {:+.3} s off", row.error.unwrap_or(0.0) * 1e-6)
        }
        (F::AxleCount, _) => match (row.expected, row.got) {
            (Some(want), Some(got)) => format!("{got} axles instead of {want}"),
            (want, _) => format!("{} axles, train not reported", want.unwrap_or(0.0)),
        },
        (F::Axle, Kind::Miss) => format!("axle {} not reported", row.channel),
        (F::Axle, Kind::False) => format!("axle {} that did not pass", row.channel),
        (F::Axle, _) => format!(
            "axle {} {:+.1} ms off",
            row.channel,
            row.error.unwrap_or(0.0) * 1e-3
        ),
        (F::Speed, _) => format!("speed {}", pair(2, " m/s")),
        (F::Displacement, _) => {
            let millimetres = |v: Option<f64>| v.map(|v| v * 1e3);
            let (want, got) = (millimetres(row.expected), millimetres(row.got));
            match (want, got) {
                (Some(want), Some(got)) => format!(
                    "displacement {got:.3} instead of {want:.3} mm{}",
                    percent().map(|p| format!(" ({p})")).unwrap_or_default()
                ),
                _ => "displacement not reported".to_owned(),
            }
        }
        (F::Rms | F::Peak, _) => {
            format!(
                "{} {} {}",
                row.family.name(),
                row.channel,
                pair(3, " m/s^2")
            )
        }
        (F::Nrmse, _) => format!("NRMSE of axis {}: {}", row.channel, pair(4, "")),
        (F::Snr, _) => format!("SNR of axis {}: {}", row.channel, pair(1, " dB")),
        (F::ContactLoss, _) => "a wheel lost contact".to_owned(),
        (F::LeftToFullEngine, _) => "left to the full engine".to_owned(),
        (F::Alarm, Kind::False) => format!("alarm {} without a fault", row.channel),
        (F::Alarm, Kind::Repeat) => format!("alarm {} repeated", row.channel),
        (F::Alarm, Kind::Late) => format!("alarm {} too late", row.channel),
        (F::Alarm, _) => format!("alarm {}", row.channel),
        (F::Fault, Kind::Miss) => format!("fault {} without an alarm", row.channel),
        (F::Fault, _) => format!(
            "fault {} alarmed after {}",
            row.channel,
            day(row.error.unwrap_or(0.0))
        ),
        (family, _) if family.conduct().is_some() => format!(
            "{}{}{}",
            row.channel,
            if row.channel.is_empty() { "" } else { ": " },
            pair(4, "")
        ),
        _ => format!("{} {}", row.family.name().replace('_', " "), pair(0, "")),
    }
}
