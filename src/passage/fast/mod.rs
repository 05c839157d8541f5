//! The fast engine: bogies near the sensor, superposed along the train, for data generation.
//!
//! A sensor feels the bogies that are near. So a train is cut into **units**: bogies that follow one another
//! closer than [`UNIT_GAP_M`], such as the two about a coupling of coaches, or a whole train of short wagons. Each
//! unit runs alone, with every non-linearity of the full engine (contact, ballast that only pushes) and at the same
//! time steps, over a short stretch of the same track around the sensor; then accelerations and displacements
//! from rest are added up.
//!
//! **Why not bogie by bogie.** On healthy ballast too bearers lift beside a wheel, and what lifts cannot be superposed: a track
//! of linear ballast is off by 5 to 34 % (RMS up to 1 kHz), bogies 8 m apart that run one by one by 3 to 19 %.
//!
//! **Unique units.** Units that are equal in everything (vehicles, loads, the profile under every wheel) run
//! once; their record is moved to where the others are, by fractions of a sample too. Trains whose wheels all
//! have their own roughness have no equal units, and gain from the short stretch alone.
//!
//! **What is left out**: what a unit does to the track under another one, the half of a vehicle on another unit (each
//! bogie carries its share of the body), and units beyond the stretch.
//!
//! **Where it does not hold** the passage is run by the full engine and counted, see [`Fallback`].

mod shift;
mod stretch;
mod units;

use std::ops::Range;

use super::error::PassageError;
use super::two_rail_check::check;
use super::two_rail_train::PreparedTrack;
use super::two_rails::{TwoRailInput, TwoRailPassage};
use crate::track::{BearerPoint, TwoRailTrack};
use stretch::Stretch;
use units::Unit;

/// Gap between the last axle of a bogie and the first of the next from which on they are units of their
/// own, m.
pub const UNIT_GAP_M: f64 = 12.0;
/// Contact lost by any wheel beyond which a passage is left to the full engine, s: where a wheel that flies
/// comes down depends on everything.
pub const CONTACT_LOSS_S: f64 = 0.005;

/// Why a passage was left to the full engine.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fallback {
    /// A bearer hangs over a void within the stretch around the sensor.
    #[error("void under bearer {bearer} of the track")]
    Void {
        /// Bearer of the track.
        bearer: usize,
    },
    /// A wheel lost contact for longer than [`CONTACT_LOSS_S`].
    #[error("a wheel of axle {} without contact for {:.1} ms", axle + 1, lost_s * 1e3)]
    ContactLoss {
        /// Axle, counted from the front.
        axle: usize,
        /// Longest time without contact of one of its wheels, s.
        lost_s: f64,
    },
}

/// A passage by the fast engine.
#[derive(Debug, Clone, PartialEq)]
pub struct FastPassage {
    /// What the full engine would give. **Contact forces** are those on the stretch around the sensor,
    /// **ballast forces** those of [`Self::bearers`]; others have their force at rest.
    pub passage: TwoRailPassage,
    /// Bearers on which units ran.
    pub bearers: Range<usize>,
    /// How it was made.
    pub figures: FastFigures,
}

/// What the fast engine did with a passage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FastFigures {
    /// Units of the train.
    pub units: usize,
    /// Units that differ from all others: those that were simulated.
    pub unique: usize,
    /// Why the full engine ran instead, if it did.
    pub fallback: Option<Fallback>,
}

/// A track in one condition with the stretch around some points prepared for units.
#[derive(Debug, Clone)]
pub struct FastTrack {
    full: PreparedTrack,
    stretch: Stretch,
    void: Option<usize>,
}

impl FastTrack {
    /// Prepares a track for time steps of `step_s` and records at `points`.
    pub fn new(
        track: &TwoRailTrack,
        points: &[BearerPoint],
        step_s: f64,
    ) -> Result<Self, PassageError> {
        let full = PreparedTrack::new(track, step_s)?;
        let stretch = Stretch::around(track, points, step_s)?;
        let void = stretch
            .bearers
            .clone()
            .find(|i| !track.bearers[*i].gap.is_closed());
        Ok(Self {
            full,
            stretch,
            void,
        })
    }

    /// Simulates one passage.
    ///
    /// `input.track` and `input.step_s` have to be those prepared, and `input.points` to lie on bearers of the
    /// points prepared.
    pub fn simulate(&self, input: &TwoRailInput<'_>) -> Result<FastPassage, PassageError> {
        check(input)?;
        self.full.check_prepared(input)?;
        let units = units::of_train(input)?;
        let mut result = FastPassage {
            passage: TwoRailPassage::default(),
            bearers: self.stretch.bearers.clone(),
            figures: FastFigures {
                units: units.len(),
                unique: 0,
                fallback: self.void.map(|bearer| Fallback::Void { bearer }),
            },
        };
        if result.figures.fallback.is_none() {
            let fallback = self.superpose(input, &units, &mut result)?;
            result.figures.fallback = fallback;
        }
        if result.figures.fallback.is_some() {
            result.passage = self.full.simulate(input)?;
            result.bearers = 0..input.track.bearers.len();
        }
        Ok(result)
    }

    /// Runs unique units and adds them up, as long as there is no reason not to.
    fn superpose(
        &self,
        input: &TwoRailInput<'_>,
        units: &[Unit],
        result: &mut FastPassage,
    ) -> Result<Option<Fallback>, PassageError> {
        let twins = units::twins(input, units);
        let unique: Vec<usize> = (0..units.len()).filter(|u| twins[*u] == *u).collect();
        result.figures.unique = unique.len();
        let mut records = Vec::with_capacity(unique.len());
        for unit in &unique {
            // One by one, so that a wheel that flies ends it.
            let record = self.stretch.run(input, &units[*unit])?;
            for (axle, lost) in record.passage.contact_loss_s.iter().enumerate() {
                let lost_s = lost[0].max(lost[1]);
                if lost_s > CONTACT_LOSS_S {
                    let axle = units[*unit].axles.start + axle;
                    return Ok(Some(Fallback::ContactLoss { axle, lost_s }));
                }
            }
            records.push(record);
        }
        let mut passage = self.full.at_rest(input)?;
        for record in &records {
            passage.counters.add(&record.passage.counters);
        }
        for (unit, twin) in units.iter().zip(&twins) {
            if let Ok(index) = unique.binary_search(twin) {
                self.stretch.add(&mut passage, input, unit, &records[index]);
            }
        }
        result.passage = passage;
        Ok(None)
    }
}
