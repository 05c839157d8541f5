//! The short track around the sensor on which units run.

use std::f64::consts::PI;
use std::ops::Range;

use super::shift::moved;
use super::units::Unit;
use crate::passage::approach::WayIn;
use crate::passage::error::PassageError;
use crate::passage::kernel::agreement::Agreement;
use crate::passage::two_rail_train::{Placed, PreparedTrack};
use crate::passage::two_rails::{TwoRailInput, TwoRailPassage};
use crate::track::{BearerPoint, TwoRailTrack};

/// Bays on either side of the points.
///
/// With 13 bays of them in which wheels are wholly on the track the error of a bogie is at most 2.4 % in 35 passages of
/// all vehicles; with 12 bays it is 2.9 %, with 10 and a heavy locomotive 4.2 %, for bearers lift between its bogies.
const BAYS: usize = 17;
/// Units start in static equilibrium just before the stretch, which takes them over quickly: what comes of that has
/// died away before it is heard.
const WAY_IN: WayIn = WayIn {
    lead_m: 1.0,
    rest_bays: 1,
    fade_bays: 3,
};
/// How far the last axle of a unit is behind the points when its record ends, m.
const BEHIND_M: f64 = 3.8;
/// Length of the end of a record that is faded out, m.
const FADE_M: f64 = 0.8;
/// Modes of a bearer: those above the ones that the law of ballast sees change the error by less than 0.1 %; without
/// the eighth it is 7 %.
const MODES: usize = 10;

/// The stretch, prepared.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    prepared: PreparedTrack,
    /// Its bearers in the whole track.
    pub(super) bearers: Range<usize>,
    bay_m: f64,
}

/// Record of a unit.
pub(super) struct Record {
    pub(super) passage: TwoRailPassage,
    /// Displacement of each point at rest, m.
    rest_m: Vec<f64>,
}

impl Stretch {
    pub(super) fn around(
        track: &TwoRailTrack,
        points: &[BearerPoint],
        step_s: f64,
    ) -> Result<Self, PassageError> {
        let near = points.iter().map(|p| p.bearer);
        let (Some(low), Some(high)) = (near.clone().min(), near.max()) else {
            return Err(PassageError::NoOutput);
        };
        let first = low.saturating_sub(BAYS);
        let last = (high + BAYS).min(track.bays());
        let elements = first * track.elements_per_bay..last * track.elements_per_bay;
        let short = TwoRailTrack {
            rails: track.rails.each_ref().map(|rail| {
                rail.get(elements.clone())
                    .map(<[_]>::to_vec)
                    .unwrap_or_default()
            }),
            bearers: track
                .bearers
                .get(first..=last)
                .map(<[_]>::to_vec)
                .unwrap_or_default(),
            ..track.clone()
        };
        Ok(Self {
            prepared: PreparedTrack::with_modes(&short, step_s, MODES, Agreement::LOOSE)?,
            bearers: first..last + 1,
            bay_m: track.bay_m,
        })
    }

    /// Runs a unit.
    pub(super) fn run(
        &self,
        input: &TwoRailInput<'_>,
        unit: &Unit,
    ) -> Result<Record, PassageError> {
        let points: Vec<BearerPoint> = input
            .points
            .iter()
            .map(|p| BearerPoint {
                bearer: p.bearer.saturating_sub(self.bearers.start),
                ..*p
            })
            .collect();
        let placed = Placed {
            shift_m: self.bearers.start as f64 * self.bay_m,
            way_in: WAY_IN,
            side_by_side: 1,
        };
        let of_unit = self.input_of(input, unit, &points);
        let mut passages = (self.prepared).simulate_placed(std::slice::from_ref(&of_unit), placed);
        let mut passage = passages.pop().unwrap_or(Err(PassageError::NoOutput))?;
        let probes = self.prepared.probes(&points)?;
        let rest_m: Vec<f64> = probes.iter().map(|(_, rest_m)| *rest_m).collect();
        let samples = (FADE_M / input.speed_m_s / input.step_s) as usize;
        fade_out(&mut passage, &rest_m, samples);
        Ok(Record { passage, rest_m })
    }

    fn input_of<'a>(
        &'a self,
        input: &TwoRailInput<'a>,
        unit: &'a Unit,
        points: &'a [BearerPoint],
    ) -> TwoRailInput<'a> {
        // The whole stretch before and between the points, so that nothing is missed.
        let before_m = self.prepared.length_m();
        // Samples fall on those of the train's record.
        let step_s = input.step_s;
        let lead_s = unit.behind_m / input.speed_m_s + input.before_s - before_m / input.speed_m_s;
        let part = lead_s / step_s - (lead_s / step_s).floor();
        TwoRailInput {
            track: self.prepared.track(),
            consist: &unit.bogies,
            excitation: &input.excitation[unit.axles.clone()],
            wheel_load: input.wheel_load.get(unit.axles.clone()).unwrap_or_default(),
            points,
            before_s: before_m / input.speed_m_s + part * step_s,
            after_s: BEHIND_M / input.speed_m_s,
            ..*input
        }
    }

    /// Adds a record as that of `unit`.
    pub(super) fn add(
        &self,
        train: &mut TwoRailPassage,
        input: &TwoRailInput<'_>,
        unit: &Unit,
        record: &Record,
    ) {
        let from = &record.passage;
        let delay = (unit.behind_m / input.speed_m_s + from.start_s - train.start_s) / input.step_s;
        // Rounding of times far from zero is no fraction of a sample.
        let delay = if (delay - delay.round()).abs() < 1e-6 {
            delay.round()
        } else {
            delay
        };
        for ((to, from), rest_m) in train
            .points
            .iter_mut()
            .zip(&from.points)
            .zip(&record.rest_m)
        {
            let count = to.acceleration_m_s2.len() as i64;
            moved(&from.acceleration_m_s2, delay, |i, value| {
                if (0..count).contains(&i) {
                    to.acceleration_m_s2[i as usize] += value;
                }
            });
            let lift: Vec<f64> = from.displacement_m.iter().map(|u| u - rest_m).collect();
            moved(&lift, delay, |i, value| {
                if (0..count).contains(&i) {
                    to.displacement_m[i as usize] += value;
                }
            });
        }
        for (i, axle) in unit.axles.clone().enumerate() {
            train.peak_contact_force_n[axle] = from.peak_contact_force_n[i];
            train.contact_loss_s[axle] = from.contact_loss_s[i];
        }
        for (bearer, force) in self.bearers.clone().zip(&from.peak_ballast_force_n) {
            let peak = &mut train.peak_ballast_force_n[bearer];
            *peak = peak.max(*force);
        }
    }
}

/// Fades the last `count` samples to rest.
fn fade_out(passage: &mut TwoRailPassage, rest_m: &[f64], count: usize) {
    for (point, rest_m) in passage.points.iter_mut().zip(rest_m) {
        let samples = point.acceleration_m_s2.len();
        let count = count.min(samples);
        for k in 0..count {
            let i = samples - 1 - k;
            let weight = 0.5 * (1.0 - libm::cos(PI * k as f64 / count as f64));
            point.acceleration_m_s2[i] *= weight;
            point.displacement_m[i] = rest_m + weight * (point.displacement_m[i] - rest_m);
        }
    }
}
