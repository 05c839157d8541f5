//! The file format of a full train on a real turnout.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scenario::{BearerPosition, FlatState, PassageSpec, TrackSpec, TurnoutSpec, WheelsSpec};
use crate::track::{Direction, Route};

/// One train over one turnout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnoutCase {
    /// Version of the file format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub format: u32,
    /// What the case is about, in a sentence.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub description: String,
    /// Seed of the random streams: supports, surfaces, wheels.
    #[serde(default)]
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    pub seed: u64,
    /// The turnout, as in a scenario; its `count` stays 1.
    pub turnout: TurnoutSpec,
    /// The track around the crossing, as in a scenario; bearers are counted from the theoretical point.
    #[serde(default)]
    pub track: TrackSpec,
    /// The passage model, as in a scenario.
    #[serde(default)]
    pub passage: PassageSpec,
    /// The train.
    pub train: TrainCase,
    /// Points of bearers to be recorded; times refer to the first. Beside the rail seat of the bearer under the
    /// theoretical point by default.
    #[serde(default = "one_output")]
    #[schemars(length(min = 1, max = 100))]
    pub output: Vec<OutputCase>,
    /// Recorded time and time step.
    #[serde(default)]
    pub run: TurnoutRun,
}

/// A train and how it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainCase {
    /// Catalogue names from front to rear; `"NAME x N"` repeats a vehicle.
    #[schemars(
        length(min = 1, max = 100),
        extend("items" = { "type": "string", "format": "vehicles", "maxLength": 100 })
    )]
    pub vehicles: Vec<String>,
    /// Speed, km/h.
    #[schemars(range(min = 5, max = 400))]
    pub speed_km_h: f64,
    /// `"facing"` (from the switch to the crossing) by default, or `"trailing"`.
    #[serde(default)]
    pub direction: DirectionName,
    /// `"through"` by default, or `"diverging"`.
    #[serde(default)]
    pub route: RouteName,
    /// Its wheels, as in a scenario.
    #[serde(default)]
    pub wheels: WheelsSpec,
    /// Length of flats on one wheelset, mm; none by default.
    #[serde(default)]
    #[schemars(range(max = 120), extend("exclusiveMinimum" = 0))]
    pub wheel_flat_mm: Option<f64>,
    /// `"worn"` by default, or `"fresh"`.
    #[serde(default)]
    pub wheel_flat: FlatState,
}

/// Direction of travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DirectionName {
    /// From the switch to the crossing.
    #[default]
    Facing,
    /// From the crossing to the switch.
    Trailing,
}

impl From<DirectionName> for Direction {
    fn from(name: DirectionName) -> Self {
        match name {
            DirectionName::Facing => Self::Facing,
            DirectionName::Trailing => Self::Trailing,
        }
    }
}

/// Route through the turnout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RouteName {
    /// The straight.
    #[default]
    Through,
    /// The branch.
    Diverging,
}

impl From<RouteName> for Route {
    fn from(name: RouteName) -> Self {
        match name {
            RouteName::Through => Self::Through,
            RouteName::Diverging => Self::Diverging,
        }
    }
}

/// A point to be recorded.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OutputCase {
    /// Bearer, counted from the one under the theoretical point; positive in facing direction.
    #[schemars(range(min = -20, max = 20))]
    pub bearer: i32,
    /// Where along the bearer: `"rail-seat"`, `"middle"` or `"end"`, as of a scenario's sensor.
    pub position: BearerPosition,
    /// The same in m from the end at the outer side of the straight; replaces `position`.
    #[schemars(range(min = 0, max = 5))]
    pub position_m: Option<f64>,
}

fn one_output() -> Vec<OutputCase> {
    vec![OutputCase::default()]
}

/// Recorded time and time step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TurnoutRun {
    /// Recorded time before the first and after the last axle is over the first output, s.
    #[schemars(range(min = 0, max = 60))]
    pub margin_s: f64,
    /// Time step, s; 5e-5 by default, which gives P1 within 0.1 %.
    #[schemars(range(max = 2e-4), extend("exclusiveMinimum" = 0))]
    pub step_s: f64,
}

impl Default for TurnoutRun {
    fn default() -> Self {
        Self {
            margin_s: 1.0,
            step_s: 5e-5,
        }
    }
}
