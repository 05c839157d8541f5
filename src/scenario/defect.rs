//! Defects of the rails.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::DefectRail;

/// A squat: a short hollow from rolling contact fatigue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SquatSpec {
    /// Place relative to the theoretical point of the crossing, m; positive in facing direction.
    #[schemars(range(min = -30, max = 30))]
    pub at_m: f64,
    /// Depth under a straight edge, mm.
    #[schemars(range(min = 0, max = 10))]
    pub depth_mm: f64,
    /// Length along the rail, mm. 40 mm by default: a medium squat.
    #[serde(default = "forty")]
    #[schemars(range(min = 5, max = 300))]
    pub length_mm: f64,
    /// Rail that has it; that with the crossing by default.
    #[serde(default = "crossing")]
    pub rail: DefectRail,
}

fn forty() -> f64 {
    40.0
}

fn crossing() -> DefectRail {
    DefectRail::Crossing
}

/// A corrugated stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrugationSpec {
    /// Begin relative to the theoretical point of the crossing, m; positive in facing direction.
    #[schemars(range(min = -30, max = 30))]
    pub from_m: f64,
    /// End, m; behind `from_m`.
    #[schemars(range(min = -30, max = 30))]
    pub to_m: f64,
    /// Wavelength, mm.
    #[schemars(range(min = 20, max = 1000))]
    pub wavelength_mm: f64,
    /// Depth from crest to trough, mm.
    #[schemars(range(min = 0, max = 2))]
    pub depth_mm: f64,
    /// Rail that has it. Both by default.
    #[serde(default)]
    pub rail: DefectRail,
}

/// The transfer from stock rail to switch blade, in the rail with the crossing: the closed blade lies there for either
/// route. Switches lie tens of metres ahead of the crossing, mostly outside the modelled stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchTransferSpec {
    /// Place of the transfer relative to the theoretical point of the crossing, m; negative ahead of it.
    #[schemars(range(min = -100, max = 0))]
    pub at_m: f64,
    /// Depth of the wheel's path at the transfer, mm. 1 mm by default.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 10))]
    pub depth_mm: f64,
    /// Length over which the wheel sinks on the stock rail, m. 2 m by default.
    #[serde(default = "two")]
    #[schemars(range(min = 0.2, max = 10))]
    pub sink_m: f64,
    /// Length over which it rises on the blade, m. 1 m by default.
    #[serde(default = "one")]
    #[schemars(range(min = 0.2, max = 10))]
    pub rise_m: f64,
}

fn one() -> f64 {
    1.0
}

fn two() -> f64 {
    2.0
}

/// State of the ballast.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BallastSpec {
    /// Frozen part of the ballast bed, 0..1: stiffer, less damping.
    #[schemars(range(min = 0, max = 1))]
    pub frost: f64,
    /// Part of the voids that wet fines fill, 0..1: softer, more damping.
    #[schemars(range(min = 0, max = 1))]
    pub fouling: f64,
}
