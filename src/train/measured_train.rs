//! A train from the measured times of its axles.
//!
//! **Two geometries, one choice.** A measured train changes its speed while it passes. Integrating
//! the speed over the axle times gives its true dimensions (`physical_axles_m`, `wheelbases_m`), by
//! which bogies and vehicles are recognised. The passage model runs at constant speed, and a train
//! of true dimensions would then miss the measured times by up to some 20 ms in its middle. Since
//! the times are what was measured, and what a sensor's output is compared with, the consist is
//! placed so that it reproduces the **times**: its axles lie at `speed * time` with the mean speed
//! of the pass, which also keeps the overall length true. Its bogies come out long or short by as
//! much as the speed deviated from the mean there (1-2 % in the field); the vehicle data are not
//! affected.
//!
//! **Speed.** Each bogie's speed in the file assumes the reference wheelbase, so a bogie of another
//! wheelbase reads a wrong speed. The speed of the train is the straight line over time on which
//! the most bogies agree (within 1.2 %), fitted to these; a motor bogie of 2.8 m among carriers of
//! 2.5 m then falls off the line and shows its own wheelbase. **Assumption**: the reference
//! wheelbase is that of the most common bogie.

use super::axle_times::{FieldProblem, MeasuredPass};
use super::catalogue::{
    freight_wagon, locomotive, manchester_passenger, multiple_unit_motor, multiple_unit_trailer,
};
use super::{Bogie, Consist, PlacedVehicle, Vehicle};

/// A measured pass as a train for the simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredTrain {
    /// The pass as read.
    pub pass: MeasuredPass,
    /// Mean speed over the pass, m/s; at this constant speed the consist reproduces the axle times.
    pub speed_m_s: f64,
    /// Acceleration along the pass, m/s2, by the fitted line.
    pub acceleration_m_s2: f64,
    /// Vehicles, their axles at `speed_m_s` times the axle times.
    pub consist: Consist,
    /// Axles at their true distances from the first, m, by integrating the speed.
    pub physical_axles_m: Vec<f64>,
    /// True wheelbase of every bogie, m.
    pub wheelbases_m: Vec<f64>,
}

/// Relative deviation up to which a bogie's speed counts as agreeing.
const AGREEMENT: f64 = 0.012;
/// Highest acceleration of a train, m/s2.
const ACCELERATION_MAX: f64 = 1.5;
/// Wheelbases of two-axle bogies, m.
const WHEELBASES_M: std::ops::RangeInclusive<f64> = 1.0..=4.5;
/// Longest train, m.
const LENGTH_MAX_M: f64 = 5_000.0;
/// A vehicle with pivots nearer than this on long bogies is a locomotive, m.
const LOCOMOTIVE_PIVOTS_M: f64 = 13.0;
/// Least wheelbase of a locomotive's bogie, m.
const LOCOMOTIVE_WHEELBASE_M: f64 = 2.3;
/// Least wheelbase of a motor bogie in a multiple unit, m.
const MOTOR_WHEELBASE_M: f64 = 2.6;
/// Overhang beyond the end axles of a train, m.
const END_OVERHANG_M: f64 = 2.3;

/// Speed as a line over time.
#[derive(Debug, Clone, Copy)]
struct SpeedLine {
    at_zero_m_s: f64,
    acceleration_m_s2: f64,
}

impl SpeedLine {
    fn speed(&self, time_s: f64) -> f64 {
        self.at_zero_m_s + self.acceleration_m_s2 * time_s
    }

    fn distance(&self, time_s: f64) -> f64 {
        (self.at_zero_m_s + 0.5 * self.acceleration_m_s2 * time_s) * time_s
    }
}

/// Makes the train of a pass whose counts and order are already checked.
pub(super) fn build(pass: &MeasuredPass) -> Result<MeasuredTrain, FieldProblem> {
    let times = &pass.axle_times_s;
    let line = fit(pass);
    let duration = times.last().copied().unwrap_or(0.0);
    if line.speed(0.0) <= 0.0 || line.speed(duration) <= 0.0 {
        return Err((
            "speed_kmh",
            "the train would come to a stand within the pass".to_owned(),
        ));
    }
    let physical: Vec<f64> = times.iter().map(|time| line.distance(*time)).collect();
    let length = physical.last().copied().unwrap_or(0.0);
    if length > LENGTH_MAX_M {
        let problem = format!("at these speeds the train is {length:.0} m long");
        return Err(("axle_times_s", problem));
    }
    let wheelbases_m = wheelbases(&physical)?;
    let speed_m_s = length / duration;
    let axles: Vec<f64> = times.iter().map(|time| speed_m_s * time).collect();
    Ok(MeasuredTrain {
        speed_m_s,
        acceleration_m_s2: line.acceleration_m_s2,
        consist: place(&axles, &physical, &wheelbases_m, &pass.kind),
        physical_axles_m: physical,
        wheelbases_m,
        pass: pass.clone(),
    })
}

/// Distances within the bogies, refused where no bogie can be.
fn wheelbases(physical: &[f64]) -> Result<Vec<f64>, FieldProblem> {
    let mut result = Vec::with_capacity(physical.len() / 2);
    for (bogie, pair) in physical.chunks_exact(2).enumerate() {
        let wheelbase = pair[1] - pair[0];
        if !WHEELBASES_M.contains(&wheelbase) {
            let problem = format!(
                "axles {} and {} are {wheelbase:.2} m apart, not a bogie (1 to 4.5 m); is an axle \
                 missing or doubled before them?",
                2 * bogie,
                2 * bogie + 1
            );
            return Err(("axle_times_s", problem));
        }
        if let Some(gap) = physical.get(2 * bogie + 2).map(|next| next - pair[1])
            && gap < 1.0
        {
            let problem = format!(
                "axles {} and {} are only {gap:.2} m apart across two bogies",
                2 * bogie + 1,
                2 * bogie + 2
            );
            return Err(("axle_times_s", problem));
        }
        result.push(wheelbase);
    }
    Ok(result)
}

/// The line of speed over time on which the most bogies agree.
fn fit(pass: &MeasuredPass) -> SpeedLine {
    let points: Vec<(f64, f64)> = pass
        .axle_times_s
        .chunks_exact(2)
        .zip(&pass.bogie_speeds_m_s)
        .map(|(pair, speed)| (0.5 * (pair[0] + pair[1]), *speed))
        .collect();
    let mut best = SpeedLine {
        at_zero_m_s: 0.0,
        acceleration_m_s2: 0.0,
    };
    let mut best_score = (0, f64::INFINITY);
    let mut consider = |line: SpeedLine| {
        let score = agreement(&points, line);
        if score.0 > best_score.0 || (score.0 == best_score.0 && score.1 < best_score.1) {
            best_score = score;
            best = line;
        }
    };
    for (i, (time, speed)) in points.iter().enumerate() {
        consider(SpeedLine {
            at_zero_m_s: *speed,
            acceleration_m_s2: 0.0,
        });
        for (other_time, other_speed) in points.get(i + 1..).unwrap_or_default() {
            let acceleration_m_s2 = (other_speed - speed) / (other_time - time);
            if acceleration_m_s2.abs() <= ACCELERATION_MAX {
                let at_zero_m_s = speed - acceleration_m_s2 * time;
                consider(SpeedLine {
                    at_zero_m_s,
                    acceleration_m_s2,
                });
            }
        }
    }
    least_squares(&points, best)
}

/// How many points agree with the line, and their summed relative deviation.
fn agreement(points: &[(f64, f64)], line: SpeedLine) -> (usize, f64) {
    points.iter().fold((0, 0.0), |(count, sum), (time, speed)| {
        let deviation = deviation(line, *time, *speed);
        if deviation <= AGREEMENT {
            (count + 1, sum + deviation)
        } else {
            (count, sum)
        }
    })
}

fn deviation(line: SpeedLine, time_s: f64, speed_m_s: f64) -> f64 {
    (speed_m_s / line.speed(time_s) - 1.0).abs()
}

/// Least squares over the points that agree with `line`; `line` itself where these fix no slope.
fn least_squares(points: &[(f64, f64)], line: SpeedLine) -> SpeedLine {
    let agreeing: Vec<(f64, f64)> = points
        .iter()
        .copied()
        .filter(|(t, v)| deviation(line, *t, *v) <= AGREEMENT)
        .collect();
    let n = agreeing.len() as f64;
    if agreeing.len() < 3 {
        return line;
    }
    let (mean_t, mean_v) = agreeing
        .iter()
        .fold((0.0, 0.0), |(a, b), (t, v)| (a + t / n, b + v / n));
    let (mut tt, mut tv) = (0.0, 0.0);
    for (t, v) in &agreeing {
        tt += (t - mean_t) * (t - mean_t);
        tv += (t - mean_t) * (v - mean_v);
    }
    let acceleration_m_s2 = tv / tt;
    SpeedLine {
        at_zero_m_s: mean_v - acceleration_m_s2 * mean_t,
        acceleration_m_s2,
    }
}

/// Vehicles of two bogies each, with their axles at `axles`.
fn place(axles: &[f64], physical: &[f64], wheelbases: &[f64], kind: &str) -> Consist {
    let kind = kind.to_lowercase();
    let mut vehicles = Vec::with_capacity(axles.len() / 4);
    let groups = axles
        .chunks_exact(4)
        .zip(physical.chunks_exact(4))
        .zip(wheelbases.chunks_exact(2));
    for (index, ((at, true_at), bases)) in groups.enumerate() {
        let pivots_m = 0.5 * (true_at[2] + true_at[3] - true_at[0] - true_at[1]);
        let mut vehicle = choose(&kind, pivots_m, 0.5 * (bases[0] + bases[1]));
        let first_axle_m = at[0];
        vehicle.bogies = at
            .chunks_exact(2)
            .map(|pair| Bogie {
                centre_m: 0.5 * (pair[0] + pair[1]) - first_axle_m,
                axles_m: vec![pair[0] - first_axle_m, pair[1] - first_axle_m],
            })
            .collect();
        // Couplings half way between the axles of neighbours.
        let ahead = (4 * index).checked_sub(1).and_then(|i| axles.get(i));
        let behind = axles.get(4 * index + 4);
        vehicle.front_overhang_m = ahead.map_or(END_OVERHANG_M, |x| 0.5 * (at[0] - x));
        let rear_overhang_m = behind.map_or(END_OVERHANG_M, |x| 0.5 * (x - at[3]));
        vehicle.length_m = vehicle.front_overhang_m + (at[3] - at[0]) + rear_overhang_m;
        vehicles.push(PlacedVehicle {
            vehicle,
            first_axle_m,
        });
    }
    Consist { vehicles }
}

/// Vehicle data by kind of train, pivot distance and wheelbase. A kind that is not known counts as
/// a passenger train.
fn choose(kind: &str, pivots_m: f64, wheelbase_m: f64) -> Vehicle {
    let is = |words: &[&str]| words.iter().any(|word| kind.contains(word));
    if wheelbase_m >= LOCOMOTIVE_WHEELBASE_M && pivots_m < LOCOMOTIVE_PIVOTS_M {
        locomotive()
    } else if is(&["freight", "cargo", "goods", "güter", "gueter"]) {
        freight_wagon(true)
    } else if is(&["regio", "s-bahn", "multiple", "emu"]) {
        if wheelbase_m >= MOTOR_WHEELBASE_M {
            multiple_unit_motor()
        } else {
            multiple_unit_trailer()
        }
    } else {
        manchester_passenger()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::axle_times::parse;

    const SYNTHETIC: &str = include_str!("../../scenarios/synthetic-axle-times.json");

    fn times_are_reproduced(train: &MeasuredTrain) {
        let axles = train.consist.axles_m();
        assert_eq!(axles.len(), train.pass.axle_times_s.len());
        for (axle, time) in axles.iter().zip(&train.pass.axle_times_s) {
            assert!((axle / train.speed_m_s - time).abs() < 1e-9);
        }
        for placed in &train.consist.vehicles {
            placed.vehicle.validate().unwrap();
        }
    }

    fn names(train: &MeasuredTrain) -> Vec<&str> {
        train
            .consist
            .vehicles
            .iter()
            .map(|placed| placed.vehicle.name.as_str())
            .collect()
    }

    #[test]
    fn the_synthetic_file_holds_what_it_was_made_of() {
        let trains = parse("synthetic-axle-times.json", SYNTHETIC).unwrap();
        assert_eq!(trains.len(), 3);
        assert!(trains.iter().all(|train| train.pass.synthetic));
        trains.iter().for_each(times_are_reproduced);
        let coach = "manchester-passenger";
        assert_eq!(names(&trains[0]), ["locomotive", coach, coach, coach]);
        let (motor, trailer) = ("multiple-unit-motor", "multiple-unit-trailer");
        assert_eq!(names(&trains[1]), [motor, trailer, trailer]);
        assert_eq!(names(&trains[2])[0], "locomotive");
        assert_eq!(names(&trains[2])[1..], ["freight-wagon"; 5]);
        // Made with wheelbases 2.8 and 2.5, 2.7 and 2.5, 2.8 and 1.8 m, times rounded to 0.1 ms.
        for (train, powered, carried) in [
            (&trains[0], 2.8, 2.5),
            (&trains[1], 2.7, 2.5),
            (&trains[2], 2.8, 1.8),
        ] {
            for (i, wheelbase) in train.wheelbases_m.iter().enumerate() {
                let wanted = if i < 2 { powered } else { carried };
                assert!((wheelbase - wanted).abs() < 0.015, "bogie {i}: {wheelbase}");
            }
        }
        for (train, acceleration) in trains.iter().zip([0.0, 0.5, -0.2]) {
            assert!((train.acceleration_m_s2 - acceleration).abs() < 0.06);
        }
    }

    #[test]
    fn a_changing_speed_does_not_bend_the_train() {
        // 20 bogies of 2.5 m, 20 m apart, at 30 m/s + 0.4 m/s2.
        let time = |x: f64| ((30.0_f64 * 30.0 + 2.0 * 0.4 * x).sqrt() - 30.0) / 0.4;
        let axles: Vec<f64> = (0..20)
            .flat_map(|b| [20.0 * f64::from(b), 20.0 * f64::from(b) + 2.5])
            .collect();
        let times: Vec<f64> = axles.iter().map(|x| time(*x)).collect();
        let speeds = times
            .chunks(2)
            .map(|pair| 2.5 / (pair[1] - pair[0]))
            .collect();
        let pass = MeasuredPass {
            train: 1,
            kind: "IC".to_owned(),
            section: String::new(),
            axle_times_s: times,
            bogie_speeds_m_s: speeds,
            reference_wheelbase_m: 2.5,
            stated_change_m_s: None,
            synthetic: true,
        };
        let train = build(&pass).unwrap();
        times_are_reproduced(&train);
        assert!((train.acceleration_m_s2 - 0.4).abs() < 1e-3);
        for (got, wanted) in train.physical_axles_m.iter().zip(&axles) {
            assert!((got - wanted).abs() < 0.02, "{got} vs {wanted}");
        }
    }

    /// Real passes of 8 trains at two places (CC0; not part of the project).
    #[test]
    fn real_trains_have_the_dimensions_of_their_vehicles() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../shared/data/measured_axle_times.json"
        );
        let Ok(text) = std::fs::read_to_string(path) else {
            eprintln!("skipped: {path} is not present");
            return;
        };
        let trains = parse(path, &text).unwrap();
        assert_eq!(trains.len(), 16);
        for train in &trains {
            times_are_reproduced(train);
            let regional = train.pass.kind == "Regio";
            let powered = if regional { 2.7 } else { 2.8 };
            for wheelbase in &train.wheelbases_m {
                let known = [2.5, powered].iter().any(|b| (wheelbase - b).abs() < 0.035);
                assert!(known, "train {}: wheelbase {wheelbase}", train.pass.train);
            }
            let locomotives = names(train)
                .iter()
                .filter(|name| **name == "locomotive")
                .count();
            let wanted = match train.pass.train {
                2 | 4 | 8 => 1,
                10 => 2,
                _ => 0,
            };
            assert_eq!(locomotives, wanted, "train {}", train.pass.train);
            let motors = names(train)
                .iter()
                .filter(|name| **name == "multiple-unit-motor")
                .count();
            assert_eq!(motors, if regional { 2 } else { 0 });
        }
        // The same train at two places, at different speed and acceleration, has the same axles.
        for pair in trains.chunks(2) {
            let (a, b) = (&pair[0].physical_axles_m, &pair[1].physical_axles_m);
            let scale = b[b.len() - 1] / a[a.len() - 1];
            assert!((scale - 1.0).abs() < 0.006, "length differs by {scale}");
            for (x, y) in a.iter().zip(b) {
                assert!((x * scale - y).abs() < 0.25, "{x} m and {y} m");
            }
        }
    }
}
