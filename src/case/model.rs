//! The file format of reference cases.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A reference case: one rail on linear supports, one force or wheel moving over it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceCase {
    /// Version of the file format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub format: u32,
    /// What the case is about, in a sentence.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub description: String,
    /// The track: one rail on linear supports, both ends free.
    pub track: ReferenceTrack,
    /// What moves over it.
    pub load: ReferenceLoad,
    /// A dip in the running surface: a quadratic cusp; none by default.
    #[serde(default)]
    pub dip: Option<ReferenceDip>,
    /// Speed, way and time step.
    pub run: ReferenceMotion,
    /// Where and over which part of the way results are taken.
    pub report: ReferenceReport,
}

/// Beam theory of the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RailTheory {
    /// No shear: a verification option.
    EulerBernoulli,
    /// Shear-flexible with rotary inertia.
    Timoshenko,
}

/// The track of a reference case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceTrack {
    /// Beam theory of the rail: "euler-bernoulli" or "timoshenko".
    pub rail: RailTheory,
    /// Vertical bending stiffness E I of the rail, N m2.
    #[schemars(range(max = 1e10), extend("exclusiveMinimum" = 0))]
    pub bending_stiffness_n_m2: f64,
    /// Mass of the rail per length, kg/m.
    #[schemars(range(max = 1e4), extend("exclusiveMinimum" = 0))]
    pub mass_kg_m: f64,
    /// Shear area (kappa times the section's) of a Timoshenko rail, m2; or give `kappa`.
    #[serde(default)]
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    pub shear_area_m2: Option<f64>,
    /// Shear coefficient of a Timoshenko rail: the shear area over `area_m2`.
    #[serde(default)]
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    pub kappa: Option<f64>,
    /// Area of the rail's section, m2; by default its mass over 7850 kg/m3, the density of steel.
    #[serde(default)]
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    pub area_m2: Option<f64>,
    /// Shear modulus of the rail, Pa; 8.08e10, that of rail steel, by default.
    #[serde(default)]
    #[schemars(range(max = 1e13), extend("exclusiveMinimum" = 0))]
    pub shear_modulus_pa: Option<f64>,
    /// Stiffness of a rail pad, N/m.
    #[schemars(range(max = 1e13), extend("exclusiveMinimum" = 0))]
    pub pad_stiffness_n_m: f64,
    /// Damping of a rail pad, N s/m.
    #[schemars(range(min = 0, max = 1e9))]
    pub pad_damping_n_s_m: f64,
    /// Mass of the share of a sleeper that this rail carries, kg.
    #[schemars(range(max = 1e5), extend("exclusiveMinimum" = 0))]
    pub sleeper_mass_kg: f64,
    /// Stiffness of the ballast under that share, N/m.
    #[schemars(range(max = 1e13), extend("exclusiveMinimum" = 0))]
    pub ballast_stiffness_n_m: f64,
    /// Damping of the ballast under that share, N s/m.
    #[schemars(range(min = 0, max = 1e9))]
    pub ballast_damping_n_s_m: f64,
    /// Sleeper spacing, m.
    #[schemars(range(max = 10), extend("exclusiveMinimum" = 0))]
    pub bay_m: f64,
    /// Number of bays; there is a sleeper at either end.
    #[schemars(range(min = 4, max = 2000))]
    pub bays: u32,
    /// Rail elements in each bay, all equal.
    #[schemars(range(min = 1, max = 64))]
    pub elements_per_bay: u32,
}

/// What moves over the track of a reference case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceLoad {
    /// A constant force, or a wheel on a Hertzian contact: "force" or "wheel".
    pub kind: LoadKind,
    /// The constant force, N; with `kind = "force"`.
    #[serde(default)]
    #[schemars(range(max = 1e7), extend("exclusiveMinimum" = 0))]
    pub force_n: Option<f64>,
    /// Time over which the force is raised as (1 - cos)/2 from a track at rest, s; with `kind =
    /// "force"`. 0 by default: applied at once.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1000))]
    pub ramp_s: Option<f64>,
    /// Unsprung mass of the wheel, kg; with `kind = "wheel"`.
    #[serde(default)]
    #[schemars(range(max = 1e5), extend("exclusiveMinimum" = 0))]
    pub mass_kg: Option<f64>,
    /// Static wheel load, N; with `kind = "wheel"`.
    #[serde(default)]
    #[schemars(range(max = 1e7), extend("exclusiveMinimum" = 0))]
    pub static_n: Option<f64>,
    /// Hertz constant of the contact, N/m^1.5; with `kind = "wheel"`.
    #[serde(default)]
    #[schemars(range(max = 1e15), extend("exclusiveMinimum" = 0))]
    pub hertz_n_m15: Option<f64>,
}

/// Kind of a moving load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LoadKind {
    /// A constant force.
    Force,
    /// A wheel that starts in static equilibrium.
    Wheel,
}

/// A quadratic cusp in the running surface.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceDip {
    /// Place of the cusp, m.
    #[schemars(range(min = 0, max = 20_000))]
    pub at_m: f64,
    /// Total angle, rad: the slope is half of it on either side.
    #[schemars(range(min = 0, max = 0.2))]
    pub total_angle_rad: f64,
    /// Half the length of the dip, m: it ends there with neither depth nor slope.
    #[schemars(range(max = 1000), extend("exclusiveMinimum" = 0))]
    pub half_length_m: f64,
}

/// Speed, way and time step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceMotion {
    /// Speed, m/s; below the critical speed of the track.
    #[schemars(range(max = 10_000), extend("exclusiveMinimum" = 0))]
    pub speed_m_s: f64,
    /// Where the load starts, m.
    #[schemars(range(min = 0, max = 20_000))]
    pub start_m: f64,
    /// Where the run ends, m.
    #[schemars(range(max = 20_000), extend("exclusiveMinimum" = 0))]
    pub end_m: f64,
    /// Time step, s; 5e-5 gives P1 within 0.1 %.
    #[schemars(range(max = 2e-4), extend("exclusiveMinimum" = 0))]
    pub step_s: f64,
    /// Frequency up to which the rail elements must carry bending waves, Hz: four to a wave. 2000 Hz
    /// by default.
    #[serde(default = "band_hz")]
    #[schemars(range(max = 100_000), extend("exclusiveMinimum" = 0))]
    pub bandwidth_hz: f64,
}

fn band_hz() -> f64 {
    crate::passage::BAND_HZ
}

/// Where results are taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceReport {
    /// Place of the sleeper that is reported, m.
    #[schemars(range(min = 0, max = 20_000))]
    pub at_m: f64,
    /// First and last place of the load, m, between which the deflection under it and the sleeper's
    /// acceleration are taken; with a dip under a wheel that is from 0.5 ms before to 50 ms after it.
    #[schemars(extend(
        "items" = { "type": "number", "minimum": 0, "maximum": 20_000 },
        "minItems" = 2,
        "maxItems" = 2
    ))]
    pub window_m: [f64; 2],
}
