//! Windows: observed stretches of time, and what the stages leave on them.

use std::sync::Arc;

use bevy_ecs::prelude::*;

use crate::device::{LinkRecord, UplinkMessage};
use crate::scenario::WheelsSpec;
use crate::score::{ResourceRow, SignalWindow, TruthRow};
use crate::sensor::Measured;
use crate::track::{Direction, Route};
use crate::train::Consist;

/// A train that passes in a window.
#[derive(Debug, Clone)]
pub(super) struct TrainPlan {
    pub(super) consist: Arc<Consist>,
    pub(super) label: String,
    pub(super) speed_m_s: f64,
    pub(super) direction: Direction,
    pub(super) route: Route,
    /// Length of flats on one wheelset, m.
    pub(super) wheel_flat_m: Option<f64>,
    /// Whether flats have been rolled round.
    pub(super) flat_worn: bool,
    pub(super) wheels: WheelsSpec,
}

/// What happens in a window.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    /// A train passes.
    Train(TrainPlan),
    /// No train for so many seconds; the ordinal counts the quiet windows of the turnout.
    Quiet { ordinal: u32, seconds: f64 },
}

/// One observed stretch of time of one turnout.
#[derive(Component, Debug, Clone, Copy)]
pub(super) struct Window {
    /// The turnout entity.
    pub(super) turnout: Entity,
    /// Index of the turnout.
    pub(super) turnout_index: u32,
    /// Index in order of time, per turnout.
    pub(super) index: u32,
}

/// What is to be simulated in a window.
#[derive(Component, Debug, Clone)]
pub(super) struct Plan {
    /// Begin of the event after the start of the period, s: the first axle over the sensor's bearer, or
    /// the beginning of the quiet.
    pub(super) at_s: f64,
    /// What happens.
    pub(super) happening: Happening,
    /// Of a passage that is shown several times.
    pub(super) showing: Option<Showing>,
}

/// One of the times that a passage is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Showing {
    /// Which passage.
    pub(super) passage: usize,
    /// Which time, from 0: the one that is simulated.
    pub(super) number: u32,
    /// After that one, us.
    pub(super) later_us: u64,
    /// Whether it is shown once more.
    pub(super) more: bool,
}

impl Plan {
    /// Whether what the sensor delivers is known from an earlier window.
    pub(super) fn again(&self) -> bool {
        self.showing.is_some_and(|showing| showing.number > 0)
    }
}

/// Motion of the sensor's bearer, filled by the passage stage.
#[derive(Component, Debug, Default)]
pub(super) struct BearerMotion {
    /// Axes x, y, z (up) without gravity, m/s2.
    pub(super) acceleration_m_s2: [Vec<f64>; 3],
    /// The event's beginning after the first sample, s.
    pub(super) event_after_s: f64,
    /// Axle times after the first sample, s.
    pub(super) axle_times_s: Vec<f64>,
    /// Peak-to-peak displacement of the bearer in the quasi-static band, m: see [`crate::score::displacement`].
    pub(super) displacement_pp_m: Option<f64>,
    /// Whether a wheel lost contact.
    pub(super) contact_loss: Option<bool>,
    /// Whether the fast engine left the passage to the full one; `None` if it was not asked.
    pub(super) left_to_full_engine: Option<bool>,
    /// Kind and extent of the disturbances: name, begin and end after the first sample, s.
    pub(super) disturbances: Vec<(String, f64, f64)>,
    /// Condition of the turnout: name with unit, and value.
    pub(super) condition: Vec<(String, f64)>,
}

/// What the sensor made of it and what was true, filled by the sense stage: all that the later stages
/// know of a window.
#[derive(Component, Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) measured: Option<Measured>,
    pub(super) temperature_c: f64,
    /// Simulated time of sample 0, us since 1970.
    pub(super) start_us: u64,
    /// Whether the device is asked for its state at the end.
    pub(super) quiet: bool,
    /// What happened.
    pub(super) truth: Vec<TruthRow>,
    /// Fidelity of the signal, by axis.
    pub(super) signal: Vec<SignalWindow>,
}

/// What the device sent by radio in this window, filled by the device stage.
#[derive(Component, Debug, Default)]
pub(super) struct Radio {
    /// Messages with the simulated time of their arrival, us since 1970.
    pub(super) messages: Vec<(u64, UplinkMessage)>,
    /// What crossed the line, if the run keeps a log.
    pub(super) log: Vec<LinkRecord>,
    /// What the device needed, where its tier can tell.
    pub(super) resources: Option<ResourceRow>,
}
