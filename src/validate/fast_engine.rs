//! The fast engine against the full one, bogie by bogie.
//!
//! The passages are cases of `frogbench passage`, run by both engines.

use std::ops::Range;

use super::{Gates, ValidateError};
use crate::case::TurnoutCase;
use crate::passage::{Band, CONTACT_LOSS_S, FastFigures, zero_phase};
use crate::scenario::PassageEngine;
use crate::site::SitePassage;
use crate::train::catalogue;

/// Compared below this frequency.
const BELOW_HZ: f64 = 1000.0;
/// What belongs to a bogie: from this far before its first axle to as far behind the last, m.
const REACH_M: f64 = 3.0;
/// Largest relative RMS of the error of a bogie, and error of its peak.
const RMS_TOLERANCE: f64 = 0.03;
const PEAK_TOLERANCE: f64 = 0.05;

/// The stated passages, each with what it is called: speeds, vehicles, both directions, new, repaired, worn, equal coaches, and over
/// a void. All over a 60E1-R760-1:15, heard beside the rail seats of two bearers.
const PASSAGES: [(&str, &str); 7] = [
    (
        "two coaches at 144 km/h, facing, new",
        r#"
        seed = 1
        train = { vehicles = ["manchester-passenger x 2"], speed_km_h = 144 }
        "#,
    ),
    (
        "two coaches at 90 km/h, trailing, new",
        r#"
        seed = 2
        train = { vehicles = ["manchester-passenger x 2"], speed_km_h = 90, direction = "trailing" }
        "#,
    ),
    (
        "multiple unit at 119 km/h, trailing, repaired",
        r#"
        seed = 3
        turnout.crossing.condition = "repaired"
        train = { vehicles = ["multiple-unit-motor", "multiple-unit-trailer"], speed_km_h = 119, direction = "trailing" }
        "#,
    ),
    (
        "locomotive and wagon at 79 km/h, facing, new",
        r#"
        seed = 4
        train = { vehicles = ["locomotive", "freight-wagon"], speed_km_h = 79 }
        "#,
    ),
    (
        "coach at 144 km/h, facing, worn",
        r#"
        seed = 5
        turnout.crossing.condition = "worn"
        train = { vehicles = ["manchester-passenger"], speed_km_h = 144 }
        "#,
    ),
    (
        "coach at 90 km/h, trailing, new, void of 1 mm",
        r#"
        seed = 6
        track.void = [{ bearer = 0, gap_mm = 1.0 }]
        train = { vehicles = ["manchester-passenger"], speed_km_h = 90, direction = "trailing" }
        "#,
    ),
    (
        "locomotive and five equal coaches at 90 km/h, facing, new",
        r#"
        seed = 7
        train = { vehicles = ["locomotive", "manchester-passenger x 5"], speed_km_h = 90, wheels.variants = 1 }
        "#,
    ),
];

/// What all passages have in common.
const COMMON: &str = r#"
    format = 1
    turnout.type = "60E1-R760-1:15"
    output = [{ bearer = 0 }, { bearer = 1 }]
    "#;

pub(super) fn gates(gates: &mut Gates) -> Result<(), ValidateError> {
    let (mut reasons, mut expected) = (Vec::new(), 0);
    for (name, text) in &PASSAGES {
        let compared = Compared::run(name, text)?;
        let lost = compared.full.contact_loss_s.iter().flatten();
        let lost_s = lost.fold(0.0, |m: f64, s| m.max(*s));
        expected += u32::from(compared.void || lost_s > CONTACT_LOSS_S);
        if let Some(why) = compared.figures.fallback {
            // Both are the full engine's: nothing to compare.
            reasons.push(format!("{name}: {why}"));
            continue;
        }
        for (index, place) in ["", ", next bearer"].into_iter().enumerate() {
            compared.judge(gates, index, &format!("{name}{place}"));
        }
    }
    gates.absolute(
        format!("passages of {} left to the full engine", PASSAGES.len()),
        "1",
        (f64::from(expected), reasons.len() as f64),
        0.0,
        format!(
            "those with a void or, in the full engine, contact lost for over {CONTACT_LOSS_S} s; {}",
            reasons.join("; ")
        ),
    );
    Ok(())
}

/// A passage by both engines.
struct Compared {
    full: SitePassage,
    fast: SitePassage,
    figures: FastFigures,
    /// A bearer hangs.
    void: bool,
    /// Of each bogie, in samples.
    windows: Vec<Range<usize>>,
}

impl Compared {
    fn run(name: &str, text: &str) -> Result<Self, ValidateError> {
        let wrong = |problem: String| ValidateError::Oracle {
            case: name.to_owned(),
            problem,
        };
        let mut case: TurnoutCase =
            toml::from_str(&format!("{COMMON}{text}")).map_err(|e| wrong(e.to_string()))?;
        let full = case.run().map_err(|e| wrong(e.to_string()))?;
        case.passage.engine = PassageEngine::Fast;
        let fast = case.run().map_err(|e| wrong(e.to_string()))?;
        let figures = fast.fast.ok_or_else(|| wrong("no figures".to_owned()))?;
        Ok(Self {
            windows: bogie_windows(&case, &full).map_err(wrong)?,
            void: !case.track.void.is_empty(),
            full,
            fast,
            figures,
        })
    }

    /// RMS of the error and error of the peak of each bogie, at one of the points.
    fn errors(&self, point: usize) -> (Vec<f64>, Vec<f64>) {
        let low = |passage: &SitePassage| {
            let record = &passage.points[point].acceleration_m_s2;
            zero_phase(record, 1.0 / passage.step_s, BELOW_HZ, Band::LowPass, 4)
        };
        let (a, b) = (low(&self.full), low(&self.fast));
        let windows = self.windows.iter();
        windows
            .map(|window| {
                let last = window.end.min(a.len());
                let (a, b) = (&a[window.start..last], &b[window.start..last]);
                (relative_rms(a, b), (largest(b) / largest(a) - 1.0).abs())
            })
            .unzip()
    }

    fn judge(&self, gates: &mut Gates, point: usize, name: &str) {
        let FastFigures { units, unique, .. } = self.figures;
        let engine = format!("{unique} of {units} units simulated");
        let (rms, peak) = self.errors(point);
        for (what, errors, tolerance) in [
            ("RMS error of a bogie", &rms, RMS_TOLERANCE),
            ("error of a bogie's peak", &peak, PEAK_TOLERANCE),
        ] {
            let list: Vec<String> = errors.iter().map(|v| format!("{:.2}", 100.0 * v)).collect();
            let worst = errors
                .iter()
                .fold(0.0, |m: f64, v| if v.is_nan() { *v } else { m.max(*v) });
            gates.at_most(
                format!("{name}: largest {what}"),
                "1",
                worst,
                tolerance,
                format!("full engine; bogies {} %; {engine}", list.join(", ")),
            );
        }
    }
}

/// When each bogie is near the outputs, in samples of a passage.
fn bogie_windows(case: &TurnoutCase, passage: &SitePassage) -> Result<Vec<Range<usize>>, String> {
    let consist = catalogue::consist(&case.train.vehicles).map_err(|e| e.to_string())?;
    let reach_s = REACH_M / (case.train.speed_km_h / 3.6);
    let sample = |time_s: f64| ((time_s - passage.start_s) / passage.step_s).max(0.0) as usize;
    let mut windows = Vec::new();
    let mut times = passage.axle_times_s.iter();
    for bogie in consist.vehicles.iter().flat_map(|v| &v.vehicle.bogies) {
        let axles: Vec<f64> = times.by_ref().take(bogie.axles_m.len()).copied().collect();
        if let (Some(first), Some(last)) = (axles.first(), axles.last()) {
            windows.push(sample(first - reach_s)..sample(last + reach_s));
        }
    }
    Ok(windows)
}

/// RMS of the difference relative to that of `a`.
fn relative_rms(a: &[f64], b: &[f64]) -> f64 {
    let (error, size) = a.iter().zip(b).fold((0.0, 0.0), |(error, size), (a, b)| {
        (error + (a - b) * (a - b), size + a * a)
    });
    (error / size).sqrt()
}

fn largest(record: &[f64]) -> f64 {
    record.iter().fold(0.0, |m: f64, v| m.max(v.abs()))
}
