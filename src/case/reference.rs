//! A reference case as a track and a run, and what is read from its record.

use serde::Serialize;

use super::model::{LoadKind, RailTheory, ReferenceCase, ReferenceDip, ReferenceTrack};
use super::rules::P2_S;
use super::waveform::{Column, Waveform};
use crate::passage::{
    Band, Cusp, PassageError, ReferenceRecord, ReferenceRun, Rider, run_reference_to, zero_phase,
};
use crate::track::{BallastLaw, BeamTheory, RailSection, Support, Track, statics};

/// Density of rail steel, kg/m3: area from mass where the file does not say.
const STEEL_KG_M3: f64 = 7850.0;
/// Shear modulus of rail steel, Pa.
const SHEAR_MODULUS_PA: f64 = 80.8e9;
/// Time around a dip in which deflection and acceleration are taken, s.
const STRIKE_S: [f64; 2] = [-0.5e-3, 50e-3];
/// Time after a dip in which P1 is sought, s.
const P1_S: f64 = 2.5e-3;
/// Corner of the low pass that makes P2 of a force, Hz, and order of the filter in each direction.
const P2_CORNER_HZ: f64 = 90.0;
const P2_ORDER: usize = 2;
/// Rounding of places, m.
const SLACK_M: f64 = 1e-9;

/// Deflection of the rail under the load, mm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct UnderLoad {
    /// Mean over the steps in the window.
    pub mean: f64,
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

/// What a reference case gives. Displacements are positive down.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReferenceResult {
    /// Largest deflection of the rail over the reported sleeper, over the run, mm.
    pub rail_peak_mm: f64,
    /// Largest displacement of that sleeper, over the run, mm.
    pub sleeper_peak_mm: f64,
    /// Deflection under the load over the window; of a Timoshenko rail with the deflection of the
    /// element between its nodes.
    pub under_load_mm: UnderLoad,
    /// Largest magnitude of that sleeper's acceleration over the window, m/s2.
    pub sleeper_acceleration_peak_m_s2: f64,
    /// Static deflection of the rail with the load over the reported sleeper, mm.
    pub static_over_sleeper_mm: f64,
    /// Static deflection of the rail with the load half a bay further, mm.
    pub static_midspan_mm: f64,
    /// Static displacement of the reported sleeper with the load over it, mm.
    pub static_sleeper_mm: f64,
    /// Largest contact force within 2.5 ms after the dip, kN; none without a wheel over a dip.
    pub p1_kn: Option<f64>,
    /// Largest contact force within 30 ms after the dip, low-passed at 90 Hz by a Butterworth filter
    /// of second order run forward and backward over the whole record, kN.
    pub p2_kn: Option<f64>,
    /// Processor time of the simulation, s; to be filled in by the caller, who has a clock.
    pub cpu_s: f64,
    /// Time steps.
    pub steps: usize,
}

impl ReferenceTrack {
    /// Length of the rail, m.
    pub fn length_m(&self) -> f64 {
        f64::from(self.bays) * self.bay_m
    }

    /// Area of the rail's section, m2.
    pub fn area_m2(&self) -> f64 {
        self.area_m2.unwrap_or(self.mass_kg_m / STEEL_KG_M3)
    }

    /// The track for the model.
    pub fn track(&self) -> Track {
        let area_m2 = self.area_m2();
        let kappa = match (self.shear_area_m2, self.kappa) {
            (Some(shear_area_m2), _) => shear_area_m2 / area_m2,
            (None, kappa) => kappa.unwrap_or(1.0),
        };
        let section = RailSection {
            bending_stiffness_n_m2: self.bending_stiffness_n_m2,
            mass_kg_m: self.mass_kg_m,
            area_m2,
            shear_modulus_pa: self.shear_modulus_pa.unwrap_or(SHEAR_MODULUS_PA),
            shear_coefficient: kappa,
        };
        let support = Support {
            pad_stiffness_n_m: self.pad_stiffness_n_m,
            pad_damping_n_s_m: self.pad_damping_n_s_m,
            sleeper_mass_kg: self.sleeper_mass_kg,
            ballast_stiffness_n_m: self.ballast_stiffness_n_m,
            ballast_damping_n_s_m: self.ballast_damping_n_s_m,
            gap_m: 0.0,
        };
        Track {
            rail: vec![section; self.bays as usize],
            beam: match self.rail {
                RailTheory::EulerBernoulli => BeamTheory::EulerBernoulli,
                RailTheory::Timoshenko => BeamTheory::Timoshenko,
            },
            bay_m: self.bay_m,
            elements_per_bay: self.elements_per_bay as usize,
            supports: vec![support; self.bays as usize + 1],
            ballast: BallastLaw::Linear,
            gravity_m_s2: 0.0,
        }
    }
}

impl ReferenceCase {
    /// The track for the model.
    pub fn track(&self) -> Track {
        self.track.track()
    }

    /// The dip, if a wheel runs over it: a constant force does not feel one.
    pub fn struck_dip(&self) -> Option<&ReferenceDip> {
        self.dip
            .as_ref()
            .filter(|_| self.load.kind == LoadKind::Wheel)
    }

    /// The sleeper that is reported.
    pub fn sleeper(&self) -> usize {
        (self.report.at_m / self.track.bay_m).round() as usize
    }

    /// Static load, N.
    pub fn static_n(&self) -> f64 {
        match self.load.kind {
            LoadKind::Force => self.load.force_n,
            LoadKind::Wheel => self.load.static_n,
        }
        .unwrap_or(0.0)
    }

    /// Whether the load is between two places, m, at the end of any time step.
    pub(super) fn holds_a_step(&self, first_m: f64, last_m: f64) -> bool {
        let run = &self.run;
        let step_m = run.speed_m_s * run.step_s;
        let steps = ((run.end_m - run.start_m) / step_m).round();
        let first = ((first_m - SLACK_M - run.start_m) / step_m).ceil().max(1.0);
        let last = ((last_m + SLACK_M - run.start_m) / step_m)
            .floor()
            .min(steps);
        first <= last
    }

    /// What the results of this case leave out, though it may be asked for: a sentence each.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let run = &self.run;
        if self.dip.is_some() && self.struck_dip().is_none() {
            notes.push("a constant force does not feel the dip; it is left out".to_owned());
        }
        if let Some(dip) = self.struck_dip() {
            let after_s = (run.end_m - dip.at_m) / run.speed_m_s;
            if after_s < STRIKE_S[1] * (1.0 - 1e-9) {
                notes.push(format!(
                    "the run ends {:.1} ms after the dip: deflection and acceleration are those until then, not until 50 ms after it",
                    after_s * 1e3
                ));
            }
        } else {
            let [first, last] = self.report.window_m;
            if first < run.start_m - SLACK_M || last > run.end_m + SLACK_M {
                notes.push(format!(
                    "the window from {first} to {last} m reaches beyond the run: results are those from {} to {} m",
                    first.max(run.start_m),
                    last.min(run.end_m)
                ));
            }
        }
        notes
    }

    fn rider(&self) -> Rider {
        match self.load.kind {
            LoadKind::Force => Rider::Force {
                force_n: self.static_n(),
                ramp_s: self.load.ramp_s.unwrap_or(0.0),
            },
            LoadKind::Wheel => Rider::Wheel {
                mass_kg: self.load.mass_kg.unwrap_or(0.0),
                static_n: self.static_n(),
                hertz_n_m15: self.load.hertz_n_m15.unwrap_or(0.0),
                suspension: None,
            },
        }
    }

    /// Runs the case.
    pub fn run(&self) -> Result<ReferenceRecord, PassageError> {
        let track = self.track();
        run_reference_to(
            &ReferenceRun {
                track: &track,
                rider: self.rider(),
                cusp: self.struck_dip().map(|dip| Cusp {
                    at_m: dip.at_m,
                    total_angle_rad: dip.total_angle_rad,
                    half_length_m: dip.half_length_m,
                }),
                speed_m_s: self.run.speed_m_s,
                start_m: self.run.start_m,
                end_m: self.run.end_m,
                unloaded_s: 0.0,
                step_s: self.run.step_s,
                sleepers: &[self.sleeper()],
                energy: false,
            },
            self.run.bandwidth_hz,
        )
    }

    /// Reads the results from a record of this case; `cpu_s` is left at zero.
    pub fn evaluate(&self, record: &ReferenceRecord) -> Result<ReferenceResult, PassageError> {
        let track = self.track();
        let at_m = self.sleeper() as f64 * track.bay_m;
        let load_n = self.static_n();
        let over = statics(&track, &[(at_m, load_n)])?;
        // Half a bay further; before it where the track ends.
        let further_m = if self.sleeper() < track.rail.len() {
            at_m + 0.5 * track.bay_m
        } else {
            at_m - 0.5 * track.bay_m
        };
        let between = statics(&track, &[(further_m, load_n)])?;
        let sleeper = &record.sleepers[0];
        let window = self.window(record);
        let under = || window.iter().map(|&i| record.under_load_m[i] * 1e3);
        let acceleration = window.iter().map(|&i| sleeper.acceleration_m_s2[i].abs());
        Ok(ReferenceResult {
            rail_peak_mm: max(sleeper.rail_m.iter().copied()) * 1e3,
            sleeper_peak_mm: max(sleeper.displacement_m.iter().copied()) * 1e3,
            under_load_mm: UnderLoad {
                mean: under().sum::<f64>() / window.len() as f64,
                min: -max(under().map(|u| -u)),
                max: max(under()),
            },
            sleeper_acceleration_peak_m_s2: max(acceleration),
            static_over_sleeper_mm: over.under_load_m[0] * 1e3,
            static_midspan_mm: between.under_load_m[0] * 1e3,
            static_sleeper_mm: over.sleeper_m[self.sleeper()] * 1e3,
            p1_kn: self.p1_kn(record),
            p2_kn: self.p2_kn(record),
            cpu_s: 0.0,
            steps: record.position_m.len(),
        })
    }

    /// Steps in the window: those with the load between two places, or those around a strike.
    fn window(&self, record: &ReferenceRecord) -> Vec<usize> {
        let [first, last] = match self.struck_dip() {
            Some(dip) => STRIKE_S.map(|time_s| dip.at_m + time_s * self.run.speed_m_s),
            None => self.report.window_m,
        };
        let inside = first - SLACK_M..=last + SLACK_M;
        let places = record.position_m.iter().enumerate();
        places
            .filter_map(|(i, x)| inside.contains(x).then_some(i))
            .collect()
    }

    /// Largest of `force_n` from the dip to `within_s` after it, kN.
    fn largest_kn(&self, record: &ReferenceRecord, force_n: &[f64], within_s: f64) -> Option<f64> {
        let dip = self.struck_dip()?;
        let last_m = dip.at_m + within_s * self.run.speed_m_s + SLACK_M;
        let inside = dip.at_m - SLACK_M..=last_m;
        let forces = record.position_m.iter().zip(force_n);
        let largest = max(forces.filter_map(|(x, f)| inside.contains(x).then_some(*f)));
        largest.is_finite().then_some(largest / 1e3)
    }

    /// P1, kN.
    pub fn p1_kn(&self, record: &ReferenceRecord) -> Option<f64> {
        self.largest_kn(record, &record.force_n, P1_S)
    }

    /// P2, kN.
    pub fn p2_kn(&self, record: &ReferenceRecord) -> Option<f64> {
        self.struck_dip()?;
        let rate_hz = 1.0 / record.step_s;
        let slow = zero_phase(
            &record.force_n,
            rate_hz,
            P2_CORNER_HZ,
            Band::LowPass,
            P2_ORDER,
        );
        self.largest_kn(record, &slow, P2_S)
    }

    /// The record as columns, time first.
    pub fn waveform(&self, record: &ReferenceRecord) -> Waveform {
        let sleeper = &record.sleepers[0];
        let time_s = (1..=record.position_m.len()).map(|n| n as f64 * record.step_s);
        let scaled = |values: &[f64], factor: f64| values.iter().map(|v| v * factor).collect();
        let column = |name: &str, values: Vec<f64>| Column {
            name: name.to_owned(),
            values,
        };
        Waveform {
            step_s: record.step_s,
            columns: vec![
                column("time_s", time_s.collect()),
                // Like a sensor that reads up: the models' displacements are positive down.
                column("a_z_m_s2", scaled(&sleeper.acceleration_m_s2, -1.0)),
                column("position_m", record.position_m.clone()),
                column("contact_force_n", record.force_n.clone()),
                column("under_load_m", record.under_load_m.clone()),
                column("rail_m", sleeper.rail_m.clone()),
                column("sleeper_m", sleeper.displacement_m.clone()),
                column("sleeper_velocity_m_s", sleeper.velocity_m_s.clone()),
                column("ballast_force_n", sleeper.ballast_force_n.clone()),
            ],
            acceleration: vec![1],
        }
    }
}

fn max(values: impl IntoIterator<Item = f64>) -> f64 {
    values.into_iter().fold(f64::NEG_INFINITY, f64::max)
}
