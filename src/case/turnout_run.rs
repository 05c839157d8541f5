//! Running a train over a turnout, and what is reported of it.

use serde::Serialize;

use super::turnout::{OutputCase, TurnoutCase};
use super::waveform::{Column, Waveform};
use crate::passage::PointMotion;
use crate::random::{Purpose, stream};
use crate::scenario::FlatState;
use crate::site::{Output, Site, SiteError, SitePassage, SiteSpec, TrainRun};
use crate::train::{WheelFleet, catalogue};

/// Why a case cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TurnoutCaseError {
    /// The train cannot be built.
    #[error("train.vehicles: {0}")]
    Train(String),
    /// The site or the passage over it.
    #[error(transparent)]
    Site(#[from] SiteError),
}

/// What a train over a turnout gives.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TurnoutResult {
    /// Points of bearers, in the order of the case.
    pub outputs: Vec<OutputResult>,
    /// Axles, front to rear.
    pub axles: Vec<AxleResult>,
    /// Largest force between a bearer and its ballast, kN; of one rail's share in the one-rail model.
    pub ballast_force_peak_kn: f64,
    /// Bearer under which it was, counted from the theoretical point.
    pub ballast_force_bearer: i64,
    /// Simulated time, s.
    pub simulated_s: f64,
    /// Processor time of preparation and simulation, s; to be filled in by the caller, who has a clock.
    pub cpu_s: f64,
    /// Time steps.
    pub steps: u64,
    /// What the fast engine did; absent by the full one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fast: Option<FastResult>,
}

/// What the fast engine did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FastResult {
    /// Bogies that run together count as a unit.
    pub units: usize,
    /// Units that differ from all others: those that were simulated.
    pub unique: usize,
    /// Why the passage was left to the full engine; `null` if it was not.
    pub left_to_full: Option<String>,
}

/// Motion of one point over the record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputResult {
    /// The point, as in the case.
    #[serde(flatten)]
    pub output: OutputCase,
    /// Largest magnitude of its acceleration, m/s2.
    pub acceleration_peak_m_s2: f64,
    /// RMS of its acceleration from half a second before the first axle to half a second after the last, m/s2.
    pub acceleration_rms_m_s2: f64,
    /// Largest displacement down, mm, and difference to the smallest.
    pub displacement_peak_mm: f64,
    /// From peak to peak, mm.
    pub displacement_peak_to_peak_mm: f64,
}

/// One axle. Pairs are of the left and the right wheel, of the track in facing direction; with one rail
/// both are those of the rail with the crossing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AxleResult {
    /// When it is over the first output, s.
    pub time_s: f64,
    /// Largest contact forces, kN.
    pub contact_force_peak_kn: [f64; 2],
    /// Time without contact, ms.
    pub contact_loss_ms: [f64; 2],
}

impl TurnoutCase {
    /// Runs the train.
    pub fn run(&self) -> Result<SitePassage, TurnoutCaseError> {
        let consist = catalogue::consist(&self.train.vehicles)
            .map_err(|error| TurnoutCaseError::Train(error.to_string()))?;
        let site = Site::new(&SiteSpec {
            turnout: &self.turnout,
            track: &self.track,
            passage: &self.passage,
            reference_bearer: 0,
            seed: self.seed,
            index: 0,
        })?;
        let mut rng = stream(self.seed, 0, Purpose::Wheels, 0);
        let spec = &self.train.wheels;
        let mut wheels = spec.draw_wheels(&consist, &mut rng);
        let wheel_load = spec.draw_loads(&consist, &mut rng);
        if let Some(length_mm) = self.train.wheel_flat_mm {
            let worn = self.train.wheel_flat == FlatState::Worn;
            WheelFleet::add_flat(&mut wheels, length_mm * 1e-3, worn, &mut rng);
        }
        if let Some(polygon) = &spec.polygon {
            let amplitude_m = polygon.amplitude_um * 1e-6;
            WheelFleet::add_polygon(&mut wheels, polygon.order, amplitude_m, &mut rng);
        }
        let outputs: Vec<Output> = self
            .output
            .iter()
            .map(|output| Output {
                bearer: output.bearer,
                place: output.position.place(output.position_m),
            })
            .collect();
        let run = TrainRun {
            consist: &consist,
            wheels: &wheels,
            wheel_load: &wheel_load,
            speed_m_s: self.train.speed_km_h / 3.6,
            direction: self.train.direction.into(),
            route: self.train.route.into(),
            margin_s: self.run.margin_s,
            step_s: self.run.step_s,
        };
        Ok(site.run(&site.as_installed(), &run, &outputs)?)
    }

    /// What is reported of a passage.
    pub fn evaluate(&self, passage: &SitePassage) -> TurnoutResult {
        let outputs = self.output.iter().zip(&passage.points);
        let forces = passage.peak_ballast_force_n.iter().copied().enumerate();
        let (bearer, force) = forces.fold(
            (0, 0.0),
            |most, this| if this.1 > most.1 { this } else { most },
        );
        let middle = passage.peak_ballast_force_n.len() / 2;
        let axles = passage
            .axle_times_s
            .iter()
            .zip(&passage.peak_contact_force_n)
            .zip(&passage.contact_loss_s);
        TurnoutResult {
            outputs: outputs
                .map(|(output, motion)| output_result(output, motion, passage))
                .collect(),
            axles: axles
                .map(|((time_s, force), loss)| AxleResult {
                    time_s: *time_s,
                    contact_force_peak_kn: force.map(|n| n * 1e-3),
                    contact_loss_ms: loss.map(|s| s * 1e3),
                })
                .collect(),
            ballast_force_peak_kn: force * 1e-3,
            ballast_force_bearer: bearer as i64 - middle as i64,
            simulated_s: simulated_s(passage),
            cpu_s: 0.0,
            steps: passage.steps,
            fast: passage.fast.map(|fast| FastResult {
                units: fast.units,
                unique: fast.unique,
                left_to_full: fast.fallback.map(|why| why.to_string()),
            }),
        }
    }

    /// Acceleration (up) and displacement (down) of every output.
    pub fn waveform(&self, passage: &SitePassage) -> Waveform {
        let samples = passage.points.first().map_or(0, |p| p.displacement_m.len());
        let time = (0..samples).map(|n| passage.start_s + n as f64 * passage.step_s);
        let column = |name: String, values: Vec<f64>| Column { name, values };
        let mut columns = vec![column("time_s".to_owned(), time.collect())];
        let mut acceleration = Vec::new();
        let single = self.output.len() == 1;
        for (index, motion) in passage.points.iter().enumerate() {
            let tail = if single {
                String::new()
            } else {
                format!("{}_", index + 1)
            };
            acceleration.push(columns.len());
            // Like a sensor that reads up: the models' displacements are positive down.
            let up = motion.acceleration_m_s2.iter().map(|a| -a).collect();
            columns.push(column(format!("a_z_{tail}m_s2"), up));
            columns.push(column(
                format!("bearer_{tail}m"),
                motion.displacement_m.clone(),
            ));
        }
        Waveform {
            step_s: passage.step_s,
            columns,
            acceleration,
        }
    }
}

/// Time that was simulated: with the approach of the train by the full engine, the record alone by the fast one, which
/// takes its steps for single bogies.
fn simulated_s(passage: &SitePassage) -> f64 {
    let record = passage.points.first().map_or(0, |p| p.displacement_m.len());
    let left = passage.fast.is_none_or(|fast| fast.fallback.is_some());
    let steps = if left { passage.steps } else { record as u64 };
    steps as f64 * passage.step_s
}

/// Time around the axles over which an RMS is taken, s.
const AROUND_S: f64 = 0.5;

fn output_result(output: &OutputCase, motion: &PointMotion, passage: &SitePassage) -> OutputResult {
    let a = &motion.acceleration_m_s2;
    let last_s = passage.axle_times_s.last().copied().unwrap_or_default();
    let index = |time_s: f64| {
        let place = (time_s - passage.start_s) / passage.step_s;
        (place.max(0.0) as usize).min(a.len())
    };
    let around = a
        .get(index(-AROUND_S)..index(last_s + AROUND_S))
        .unwrap_or_default();
    let square: f64 = around.iter().map(|a| a * a).sum();
    let (low, high) = motion
        .displacement_m
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |m, d| {
            (m.0.min(*d), m.1.max(*d))
        });
    OutputResult {
        output: output.clone(),
        acceleration_peak_m_s2: a.iter().fold(0.0, |m, a| m.max(a.abs())),
        acceleration_rms_m_s2: (square / around.len().max(1) as f64).sqrt(),
        displacement_peak_mm: high * 1e3,
        displacement_peak_to_peak_mm: (high - low) * 1e3,
    }
}
