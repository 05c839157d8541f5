//! Where to look: the row of the ledger that weighs most on a metric.

use serde::{Deserialize, Serialize};

use super::ledger::{Family, Kind, LedgerRow};
use super::signal::relative_error;

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
    /// How many rows of the ledger are wrong in the same way, this one included.
    pub alike: u64,
}

/// The place that weighs most on the metric of that name, if any row speaks against it.
pub fn worst(ledger: &[LedgerRow], metric_name: &str) -> Option<Place> {
    let weight = weight_of(metric_name)?;
    let mut alike = 0;
    let mut best: Option<(usize, f64)> = None;
    for (index, row) in ledger.iter().enumerate() {
        if let Some(w) = weight(row).filter(|w| w.is_finite()) {
            alike += 1;
            // Of equal rows the first stays: it is the earliest.
            if best.is_none_or(|(_, known)| w > known) {
                best = Some((index, w));
            }
        }
    }
    let (index, _) = best?;
    let row = &ledger[index];
    Some(Place {
        what: describe(row),
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

type Weight = Box<dyn Fn(&LedgerRow) -> Option<f64>>;

/// How much a row speaks against the metric; `None` if it has nothing to do with it.
fn weight_of(metric_name: &str) -> Option<Weight> {
    use Family as F;
    use Kind as K;
    /// Rows of given kinds count by the size of their error, rows without one first.
    fn wrong(family: Family, kinds: &'static [Kind]) -> Weight {
        Box::new(move |row| {
            let listed = row.family == family && kinds.contains(&row.kind);
            listed.then(|| row.error.map_or(f64::MAX, f64::abs))
        })
    }
    fn relative(family: Family, channel: &'static str) -> Weight {
        Box::new(move |row| {
            let wanted = row.family == family && row.channel == channel;
            wanted
                .then(|| relative_error(row.expected?, row.got?))
                .flatten()
                .map(f64::abs)
        })
    }
    /// Values count by their size, or by its opposite.
    fn value(family: Family, sign: f64) -> Weight {
        Box::new(move |row| {
            (row.family == family)
                .then_some(row.got)
                .flatten()
                .map(|got| got * sign)
        })
    }
    Some(match metric_name {
        "train_f1" | "trains_detected" => wrong(F::Train, &[K::Miss, K::False]),
        "train_precision" | "false_trains" => wrong(F::Train, &[K::False]),
        "train_recall" => wrong(F::Train, &[K::Miss]),
        "axle_count_exact" => wrong(F::AxleCount, &[K::Miss]),
        "axle_recall" => wrong(F::Axle, &[K::Miss]),
        "axle_false" => wrong(F::Axle, &[K::False]),
        "speed_mape" => relative(F::Speed, ""),
        "onset_latency_p95_s" | "onset_latency_p50_s" => wrong(F::Train, &[K::Match]),
        "rms_error" => relative(F::Rms, "z"),
        "peak_error" => relative(F::Peak, "z"),
        "displacement_error" => relative(F::Displacement, ""),
        "nrmse_max" => value(F::Nrmse, 1.0),
        "snr_min_db" => Box::new(|row| {
            let wanted = row.family == F::Snr && row.channel == "z";
            wanted.then_some(row.got).flatten().map(|got| -got)
        }),
        "clipped_samples" => positive(F::ClippedSamples),
        "frames_lost" => positive(F::FramesLost),
        "samples_lost" => positive(F::SamplesLost),
        "contact_loss" => positive(F::ContactLoss),
        "alarms" => wrong(F::Alarm, &[K::False, K::Late, K::Repeat, K::Match]),
        "false_alarms" | "false_alarms_per_switch_year" => wrong(F::Alarm, &[K::False]),
        "faults_detected" => wrong(F::Fault, &[K::Miss]),
        "warned_in_time" => wrong(F::Fault, &[K::Miss, K::Late]),
        "detection_delay_days" => wrong(F::Fault, &[K::Miss, K::Late, K::Match]),
        _ => return None,
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
        (F::Axle, _) => format!("{} axle that did not pass", row.channel),
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
        _ => format!("{} {}", row.family.name().replace('_', " "), pair(0, "")),
    }
}
