//! A whole train over both rails of a modelled stretch: the full engine.

use super::approach::{Bed, WayIn};
use super::error::{PassageError, positive};
use super::kernel::agreement::Agreement;
use super::kernel::stepper::{TrackFactor, TrackMotion};
use super::moving_forces::MODES;
use super::two_rail_check::check;
use super::two_rail_run::{Run, empty_passage};
use super::two_rails::{TwoRailInput, TwoRailPassage};
use crate::track::two_rail_model::{Probe, TwoRailModel, interpolate};
use crate::track::{BearerPoint, RailForce, Side, TwoRailState, TwoRailTrack, two_rail_statics_of};

/// A track in one condition, ready for any number of passages: assembled, in equilibrium, factorised.
///
/// Making one is what a change of the track's condition costs.
#[derive(Debug, Clone)]
pub struct PreparedTrack {
    track: TwoRailTrack,
    pub(super) model: TwoRailModel,
    pub(super) rest: TwoRailState,
    pub(super) factor: TrackFactor<2>,
    step_s: f64,
}

impl PreparedTrack {
    /// Prepares a track for time steps of `step_s`.
    pub fn new(track: &TwoRailTrack, step_s: f64) -> Result<Self, PassageError> {
        Self::with_modes(track, step_s, MODES, Agreement::CLOSE)
    }

    /// The same with another number of modes of each bearer, and ballast and rails in another agreement.
    pub(super) fn with_modes(
        track: &TwoRailTrack,
        step_s: f64,
        modes: usize,
        agreement: Agreement,
    ) -> Result<Self, PassageError> {
        positive("time step (s)", "the passage", step_s)?;
        let model = TwoRailModel::new(track, modes)?;
        let rest = two_rail_statics_of(&model, &[])?;
        let factor = TrackFactor::two_rails(&model, &rest, step_s)?.in_agreement(agreement);
        Ok(Self {
            track: track.clone(),
            model,
            rest,
            factor,
            step_s,
        })
    }

    /// Simulates one passage. `input.track` and `input.step_s` have to be those prepared.
    pub fn simulate(&self, input: &TwoRailInput<'_>) -> Result<TwoRailPassage, PassageError> {
        let mut results = self.simulate_all(std::slice::from_ref(input));
        results.pop().unwrap_or(Err(PassageError::NoOutput))
    }

    /// Simulates any number of passages, four side by side. Each gets the bits that it gets alone,
    /// and fails alone.
    pub fn simulate_all(
        &self,
        inputs: &[TwoRailInput<'_>],
    ) -> Vec<Result<TwoRailPassage, PassageError>> {
        self.simulate_placed(
            inputs,
            Placed {
                shift_m: 0.0,
                way_in: WayIn::LONG,
                side_by_side: 4,
            },
        )
    }

    /// The same for a part of a track.
    pub(super) fn simulate_placed(
        &self,
        inputs: &[TwoRailInput<'_>],
        placed: Placed,
    ) -> Vec<Result<TwoRailPassage, PassageError>> {
        let mut results = Vec::with_capacity(inputs.len());
        for group in inputs.chunks(placed.side_by_side) {
            results.extend(match group.len() {
                1 => self.group::<1>(group, placed),
                2 => self.group::<2>(group, placed),
                _ => self.group::<4>(group, placed),
            });
        }
        results
    }

    /// The track.
    pub(super) fn track(&self) -> &TwoRailTrack {
        &self.track
    }

    /// Length of the rails, m.
    pub(super) fn length_m(&self) -> f64 {
        self.model.length_m()
    }

    /// Refuses a passage over another track or with other steps.
    pub(super) fn check_prepared(&self, input: &TwoRailInput<'_>) -> Result<(), PassageError> {
        if input.track != &self.track || input.step_s.to_bits() != self.step_s.to_bits() {
            return Err(PassageError::OtherTrack);
        }
        Ok(())
    }

    /// Probes of points, and their displacement at rest, m.
    pub(super) fn probes(&self, points: &[BearerPoint]) -> Result<Vec<(Probe, f64)>, PassageError> {
        let mut probes = Vec::with_capacity(points.len());
        for &point in points {
            let probe = self.model.probe(&self.track, point)?;
            let rest = &self.rest;
            let rest_m = probe.rest_m(&rest.modes[point.bearer], rest.seat_force_n[point.bearer]);
            probes.push((probe, rest_m));
        }
        Ok(probes)
    }

    /// A passage in which nothing moves: every sample, and all bearers, at rest.
    pub(super) fn at_rest(&self, input: &TwoRailInput<'_>) -> Result<TwoRailPassage, PassageError> {
        let (mut passage, samples) = empty_passage(input);
        let samples = usize::try_from(samples).unwrap_or(0);
        for (point, (_, rest_m)) in passage.points.iter_mut().zip(self.probes(input.points)?) {
            point.acceleration_m_s2.resize(samples, 0.0);
            point.displacement_m.resize(samples, rest_m);
        }
        passage
            .peak_ballast_force_n
            .clone_from(&self.rest.ballast_force_n);
        Ok(passage)
    }

    /// Up to `P` passages side by side.
    fn group<const P: usize>(
        &self,
        inputs: &[TwoRailInput<'_>],
        placed: Placed,
    ) -> Vec<Result<TwoRailPassage, PassageError>> {
        let mut motion = TrackMotion::<2, P>::at_rest(&self.factor);
        let mut runs: Vec<Result<Run<'_>, PassageError>> = inputs
            .iter()
            .map(|input| Run::new(self, input, placed))
            .collect();
        // The track rests until the first wheel touches it.
        let mut touched = false;
        loop {
            let mut busy = false;
            touched |= runs.iter().flatten().any(Run::touches_track);
            if touched {
                motion.begin(&self.factor);
            }
            for (p, run) in runs.iter_mut().enumerate() {
                if let Ok(run) = run
                    && run.goes_on()
                {
                    busy = true;
                    run.place_wheels(&mut motion, p);
                }
            }
            if !busy {
                break;
            }
            if touched {
                motion.solve(&self.factor);
            }
            let mut change = false;
            for (p, run) in runs.iter_mut().enumerate() {
                if let Ok(run) = run {
                    change |= run.solve_contacts(&mut motion, p);
                }
            }
            if change {
                motion.solve_change(&self.factor);
            }
            let unresolved = if touched {
                motion.settle(&self.factor)
            } else {
                0
            };
            for (p, slot) in runs.iter_mut().enumerate() {
                let error = match slot {
                    Ok(run) if run.goes_on() => {
                        run.end_step(&motion, p, unresolved >> p & 1 == 1).err()
                    }
                    _ => None,
                };
                if let Some(error) = error {
                    *slot = Err(error);
                }
            }
        }
        runs.into_iter()
            .enumerate()
            .map(|(p, run)| {
                run.map(|run| {
                    let mut passage = run.passage;
                    passage.peak_ballast_force_n = motion.bearers.peaks_n(&self.factor.bearers, p);
                    passage
                })
            })
            .collect()
    }

    /// Stiffness and rest of an approach, `[left, right]`, around bay `bay`.
    pub(super) fn bed(&self, bay: usize, mean_load_n: f64) -> Result<[Bed; 2], PassageError> {
        let x = bay as f64 * self.track.bay_m;
        let rest = Side::BOTH.map(|side| {
            let place = self.model.place(x);
            let shape = self.model.shape(side, place);
            interpolate(&self.rest.rails, side, place.element, &shape)
        });
        let mut stiffness = [0.0; 2];
        for x_m in [x, x + 0.5 * self.track.bay_m] {
            let forces = Side::BOTH.map(|side| RailForce {
                side,
                x_m,
                force_n: mean_load_n,
            });
            let loaded = two_rail_statics_of(&self.model, &forces)?;
            for side in Side::BOTH {
                let place = self.model.place(x_m);
                let shape = self.model.shape(side, place);
                let unloaded = interpolate(&self.rest.rails, side, place.element, &shape);
                let i = side.index();
                stiffness[i] += 0.5 * mean_load_n / (loaded.under_load_m[i] - unloaded);
            }
        }
        Ok([0, 1].map(|i| Bed {
            stiffness_n_m: stiffness[i],
            rest_m: rest[i],
        }))
    }
}

/// Simulates a train over a stretch of track with both rails and records points of bearers.
///
/// Every vehicle starts in static equilibrium 30 m before the modelled track; see the module
/// `approach` for how wheels enter and leave it. The result depends on nothing but the input.
pub fn simulate_two_rails(input: &TwoRailInput<'_>) -> Result<TwoRailPassage, PassageError> {
    check(input)?;
    PreparedTrack::new(input.track, input.step_s)?.simulate(input)
}

/// Where a track lies in the coordinate of the excitation, and where vehicles start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    /// Place of its beginning, m.
    pub(super) shift_m: f64,
    /// How vehicles enter and leave the track.
    pub(super) way_in: WayIn,
    /// Passages side by side, 1 to 4.
    pub(super) side_by_side: usize,
}
