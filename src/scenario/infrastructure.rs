//! The turnout and the track around it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BallastSpec, CorrugationSpec, SquatSpec, SwitchTransferSpec};

/// Turnout types whose geometry and supports are built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub enum TurnoutType {
    /// 60E1 rail, radius 760 m, crossing 1:15.
    #[serde(rename = "60E1-R760-1:15")]
    R760,
    /// 56E1 rail, radius 245 m, crossing 1:9.25.
    #[serde(rename = "56E1-R245-1:9.25")]
    R245,
}

impl TurnoutType {
    /// The designation as written in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::R760 => "60E1-R760-1:15",
            Self::R245 => "56E1-R245-1:9.25",
        }
    }
}

/// The turnout and its condition at the start of the period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnoutSpec {
    /// Type of turnout.
    #[serde(rename = "type")]
    pub kind: TurnoutType,
    /// Turnouts in this scenario, each with its own sensor, device and random streams.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10_000))]
    pub count: u32,
    /// What differs from the type's crossing.
    #[serde(default)]
    pub crossing: CrossingSpec,
    /// What differs from the type's supports.
    #[serde(default)]
    pub support: SupportSpec,
}

fn one() -> u32 {
    1
}

/// What differs from the type's crossing; an absent field keeps the type's value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CrossingSpec {
    /// How it was found: `"new"`, `"worn"` or `"repaired"` (built up by welding and ground). New by default; the fields
    /// below count from there.
    pub condition: Option<CrossingConditionName>,
    /// Total angle by which the path of a nominal wheel kinks in the transfer zone, mrad; rescales the dip.
    #[schemars(range(min = 0, max = 100))]
    pub kink_angle_mrad: Option<f64>,
    /// Height by which the nose lies below the wing rails at the theoretical point, mm.
    #[schemars(range(min = 0, max = 30))]
    pub nose_height_mm: Option<f64>,
    /// Length over which the nose rises to running height, m.
    #[schemars(range(max = 3), extend("exclusiveMinimum" = 0))]
    pub nose_ramp_m: Option<f64>,
    /// Height by which the wing rails are raised, mm.
    #[schemars(range(min = 0, max = 20))]
    pub wing_raise_mm: Option<f64>,
}

/// Condition of a crossing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CrossingConditionName {
    /// As installed.
    New,
    /// Late in life: nose battered, wing grooved.
    Worn,
    /// Built up by welding and ground.
    Repaired,
}

impl From<CrossingConditionName> for crate::track::CrossingCondition {
    fn from(name: CrossingConditionName) -> Self {
        match name {
            CrossingConditionName::New => Self::New,
            CrossingConditionName::Worn => Self::Worn,
            CrossingConditionName::Repaired => Self::Repaired,
        }
    }
}

/// What differs from the type's supports, per rail seat and half sleeper; an absent field keeps the type's value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SupportSpec {
    /// Rail pad stiffness, MN/m.
    #[schemars(range(min = 5, max = 5000))]
    pub pad_stiffness_mn_m: Option<f64>,
    /// Rail pad damping, kN s/m.
    #[schemars(range(min = 0, max = 1000))]
    pub pad_damping_kn_s_m: Option<f64>,
    /// Mass of half a sleeper, kg.
    #[schemars(range(min = 10, max = 2000))]
    pub sleeper_mass_kg: Option<f64>,
    /// Ballast stiffness under half a sleeper, MN/m.
    #[schemars(range(min = 1, max = 2000))]
    pub ballast_stiffness_mn_m: Option<f64>,
    /// Ballast damping under half a sleeper, kN s/m.
    #[schemars(range(min = 0, max = 2000))]
    pub ballast_damping_kn_s_m: Option<f64>,
    /// Relative standard deviation of the ballast stiffness along the track.
    #[schemars(range(min = 0, max = 0.5))]
    pub stiffness_scatter: Option<f64>,
}

/// The track around the crossing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrackSpec {
    /// Long-wave irregularity. Low by default: a main line in order.
    pub irregularity: Irregularity,
    /// Short-wave roughness of the rail. The limit curve of ISO 3095 by default: a ground rail.
    pub roughness: Roughness,
    /// Dipped joints and welds; none by default.
    #[schemars(length(max = 100))]
    pub joint: Vec<JointSpec>,
    /// Squats; none by default.
    #[schemars(length(max = 100))]
    pub squat: Vec<SquatSpec>,
    /// Corrugated stretches; none by default.
    #[schemars(length(max = 100))]
    pub corrugation: Vec<CorrugationSpec>,
    /// The transfer from stock rail to switch blade; none by default.
    pub switch_transfer: Option<SwitchTransferSpec>,
    /// State of the ballast at the start: clean and thawed by default.
    pub ballast: BallastSpec,
    /// Voids under bearers at the start; none by default.
    #[schemars(length(max = 100))]
    pub void: Vec<VoidSpec>,
}

impl Default for TrackSpec {
    fn default() -> Self {
        Self {
            irregularity: Irregularity::Low,
            roughness: Roughness::Iso3095,
            joint: Vec::new(),
            squat: Vec::new(),
            corrugation: Vec::new(),
            switch_transfer: None,
            ballast: BallastSpec::default(),
            void: Vec::new(),
        }
    }
}

/// Long-wave irregularity of the track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Irregularity {
    /// A perfectly level track.
    None,
    /// The German low-disturbance spectrum.
    Low,
    /// The German high-disturbance spectrum.
    High,
}

/// Short-wave roughness of the rail head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Roughness {
    /// A perfectly smooth rail.
    None,
    /// The limit curve of ISO 3095.
    Iso3095,
}

/// A dipped joint or weld.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JointSpec {
    /// Place relative to the theoretical point of the crossing, m; positive in facing direction.
    #[schemars(range(min = -30, max = 30))]
    pub at_m: f64,
    /// Depth of the dip, mm.
    #[schemars(range(min = 0, max = 20))]
    pub depth_mm: f64,
    /// Length of the dip, m. 1 m by default: the usual reach of a dipped weld.
    #[serde(default = "one_metre")]
    #[schemars(range(min = 0.05, max = 5))]
    pub width_m: f64,
    /// Rail that has it. Both by default: joints lie opposite one another.
    #[serde(default)]
    pub rail: DefectRail,
    /// `"dipped"` (two rail ends bent down to a cusp: an insulated or fishplated joint) or `"weld"` (a smooth hollow).
    #[serde(default)]
    pub shape: JointShapeSpec,
}

/// Rails of the route that is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DefectRail {
    /// Both rails.
    #[default]
    Both,
    /// The rail with the crossing.
    Crossing,
    /// The other rail, beside the check rail.
    Check,
}

/// Shape of a dipped joint or weld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum JointShapeSpec {
    /// A cusp.
    #[default]
    Dipped,
    /// A smooth hollow.
    Weld,
}

impl From<JointShapeSpec> for crate::track::JointShape {
    fn from(shape: JointShapeSpec) -> Self {
        match shape {
            JointShapeSpec::Dipped => Self::Dipped,
            JointShapeSpec::Weld => Self::Weld,
        }
    }
}

fn one_metre() -> f64 {
    1.0
}

/// A void between a bearer and its ballast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoidSpec {
    /// Bearer, counted from the sensor's; positive in facing direction.
    #[schemars(range(min = -20, max = 20))]
    pub bearer: i32,
    /// Gap under the unloaded bearer, mm; at its end on the outer side of the straight if `far_gap_mm` is given.
    #[schemars(range(min = 0, max = 20))]
    pub gap_mm: f64,
    /// Gap under the other end, mm, linear in between; the same gap all along by default. With one rail the larger of
    /// the two counts.
    #[serde(default)]
    #[schemars(range(min = 0, max = 20))]
    pub far_gap_mm: Option<f64>,
}
