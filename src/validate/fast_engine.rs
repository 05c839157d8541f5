//! The fast engine against the full one, bogie by bogie.

use std::ops::Range;

use super::case::STEP_S;
use super::turnout_passage::Stated;
use super::{Gates, ValidateError};
use crate::passage::{Band, CONTACT_LOSS_S, FastFigures, FastTrack, TwoRailPassage, zero_phase};
use crate::track::{BearerPlace, CrossingCondition, Direction};

/// Compared below this frequency.
const BELOW_HZ: f64 = 1000.0;
/// What belongs to a bogie: from this far before its first axle to as far behind the last, m.
const REACH_M: f64 = 3.0;
/// Largest relative RMS of the error of a bogie, and error of its peak.
const RMS_TOLERANCE: f64 = 0.03;
const PEAK_TOLERANCE: f64 = 0.05;

/// A passage of two coaches over a new crossing, from which the others differ.
const COACHES: Stated = Stated {
    train: &["manchester-passenger x 2"],
    speed_m_s: 40.0,
    direction: Direction::Facing,
    condition: CrossingCondition::New,
    void_m: 0.0,
    seed: 1,
    variants: None,
};

/// The stated passages: speeds, vehicles, both directions, new, worn, equal coaches, and over a void.
const PASSAGES: [Stated; 7] = [
    COACHES,
    Stated {
        speed_m_s: 25.0,
        direction: Direction::Trailing,
        seed: 2,
        ..COACHES
    },
    Stated {
        train: &["multiple-unit-motor", "multiple-unit-trailer"],
        speed_m_s: 33.0,
        direction: Direction::Trailing,
        condition: CrossingCondition::Repaired,
        seed: 3,
        ..COACHES
    },
    Stated {
        train: &["locomotive", "freight-wagon"],
        speed_m_s: 22.0,
        seed: 4,
        ..COACHES
    },
    Stated {
        train: &["manchester-passenger"],
        condition: CrossingCondition::Worn,
        seed: 5,
        ..COACHES
    },
    Stated {
        train: &["manchester-passenger"],
        speed_m_s: 25.0,
        direction: Direction::Trailing,
        void_m: 1e-3,
        seed: 6,
        ..COACHES
    },
    Stated {
        train: &["locomotive", "manchester-passenger x 5"],
        speed_m_s: 25.0,
        seed: 7,
        variants: Some(1),
        ..COACHES
    },
];

pub(super) fn gates(gates: &mut Gates) -> Result<(), ValidateError> {
    let (mut reasons, mut expected) = (Vec::new(), 0);
    for passage in &PASSAGES {
        let compared = Compared::run(passage)?;
        let lost = compared.full.contact_loss_s.iter().flatten();
        let lost_s = lost.fold(0.0, |m: f64, s| m.max(*s));
        expected += u32::from(passage.void_m > 0.0 || lost_s > CONTACT_LOSS_S);
        let name = name_of(passage);
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

fn name_of(passage: &Stated) -> String {
    let equal = passage.variants.map_or("", |_| ", equal wheels");
    format!(
        "{} at {} m/s, {:?}, {:?} crossing{equal}",
        passage.train.join(" + "),
        passage.speed_m_s,
        passage.direction,
        passage.condition,
    )
    .to_lowercase()
}

/// A passage by both engines.
struct Compared {
    full: TwoRailPassage,
    fast: TwoRailPassage,
    figures: FastFigures,
    /// Of each bogie, in samples.
    windows: Vec<Range<usize>>,
}

impl Compared {
    fn run(passage: &Stated) -> Result<Self, ValidateError> {
        let built = passage.build()?;
        let points = [
            built.point(0, BearerPlace::RailSeat)?,
            built.point(1, BearerPlace::RailSeat)?,
        ];
        let input = built.input(&points);
        let engine = FastTrack::new(input.track, &points, STEP_S)?;
        let full = engine.full().simulate(&input)?;
        let fast = engine.simulate(&input)?;
        Ok(Self {
            windows: built.bogie_windows(full.start_s, REACH_M),
            full,
            fast: fast.passage,
            figures: fast.figures,
        })
    }

    /// RMS of the error and error of the peak of each bogie, at one of the points.
    fn errors(&self, point: usize) -> (Vec<f64>, Vec<f64>) {
        let low = |passage: &TwoRailPassage| {
            let record = &passage.points[point].acceleration_m_s2;
            zero_phase(record, 1.0 / STEP_S, BELOW_HZ, Band::LowPass, 4)
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
