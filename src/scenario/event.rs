//! What changes or disturbs during the period: wear and disturbances.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A quantity that a wear course prescribes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum WearQuantity {
    /// Total kink angle of the crossing, mrad.
    KinkAngleMrad,
    /// Gap under `bearer`, mm.
    VoidGapMm,
    /// Factor on the ballast stiffness under `bearer`.
    BallastStiffnessFactor,
    /// Factor on the ballast damping under `bearer`.
    BallastDampingFactor,
    /// Factor on the stiffness of every rail pad.
    PadStiffnessFactor,
    /// Frozen part of the ballast bed of the whole site, 0..1.
    Frost,
    /// Part of the voids of the whole site's ballast that wet fines fill, 0..1.
    Fouling,
}

impl WearQuantity {
    /// The name as written in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::KinkAngleMrad => "kink-angle-mrad",
            Self::VoidGapMm => "void-gap-mm",
            Self::BallastStiffnessFactor => "ballast-stiffness-factor",
            Self::BallastDampingFactor => "ballast-damping-factor",
            Self::PadStiffnessFactor => "pad-stiffness-factor",
            Self::Frost => "frost",
            Self::Fouling => "fouling",
        }
    }

    /// Least and greatest value that a course may take.
    pub fn limits(self) -> (f64, f64) {
        match self {
            Self::KinkAngleMrad => (0.0, 100.0),
            Self::VoidGapMm => (0.0, 20.0),
            Self::BallastStiffnessFactor
            | Self::BallastDampingFactor
            | Self::PadStiffnessFactor => (0.05, 20.0),
            Self::Frost | Self::Fouling => (0.0, 1.0),
        }
    }
}

/// A prescribed course of one quantity, and what the truth says about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WearSpec {
    /// The quantity.
    pub quantity: WearQuantity,
    /// Bearer, counted from the sensor's; for `void-gap-mm`, `ballast-stiffness-factor` and `ballast-damping-factor`.
    #[serde(default)]
    #[schemars(range(min = -20, max = 20))]
    pub bearer: i32,
    /// Points of the course, days ascending; linear between them, constant before the first and after the last.
    #[schemars(length(min = 1, max = 10_000))]
    pub course: Vec<CoursePoint>,
    /// From this day on the truth says that a fault develops; without it the course is no fault.
    #[serde(default)]
    #[schemars(range(min = 0, max = 36500))]
    pub fault_from_day: Option<f64>,
    /// By this day the pipeline must have warned (end of life for scoring); the end of the period by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 36500))]
    pub must_warn_by_day: Option<f64>,
    /// Label of the fault in the truth; the quantity's name by default.
    #[serde(default)]
    #[schemars(length(min = 1, max = 64))]
    pub label: Option<String>,
}

impl WearSpec {
    /// Value on a day (days since the start of the period): linear between points, constant outside them.
    /// `None` only for an empty course, which no checked scenario has.
    pub fn value_on(&self, day: f64) -> Option<f64> {
        let next = self.course.partition_point(|point| point.day <= day);
        let before = next.checked_sub(1).and_then(|index| self.course.get(index));
        match (before, self.course.get(next)) {
            (Some(a), Some(b)) => {
                Some(a.value + (b.value - a.value) * (day - a.day) / (b.day - a.day))
            }
            (Some(only), None) | (None, Some(only)) => Some(only.value),
            (None, None) => None,
        }
    }

    /// Label of the fault in the truth.
    pub fn fault_label(&self) -> &str {
        self.label
            .as_deref()
            .unwrap_or_else(|| self.quantity.name())
    }
}

/// One point of a course.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoursePoint {
    /// Days since the start of the period.
    #[schemars(range(min = 0, max = 36500))]
    pub day: f64,
    /// Value of the quantity, in the unit that its name states.
    pub value: f64,
}

/// Things other than trains that shake a bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DisturbanceKind {
    /// A maintenance crew walking by.
    Footsteps,
    /// A hand-held tamping hammer.
    TampingHammer,
    /// A lorry on a road beside the line.
    RoadVehicle,
}

/// A disturbance in a quiet window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisturbanceSpec {
    /// What it is.
    pub kind: DisturbanceKind,
    /// Which quiet window, counted from 0 in order of time.
    #[schemars(range(max = 10_000))]
    pub window: u32,
    /// Start within the window, s. At once by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 3600))]
    pub at_s: f64,
    /// Duration, s.
    #[schemars(range(max = 3600), extend("exclusiveMinimum" = 0))]
    pub duration_s: f64,
    /// Largest acceleration that it causes at the bearer, m/s2.
    #[schemars(range(max = 1000), extend("exclusiveMinimum" = 0))]
    pub peak_m_s2: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_is_linear_between_points_and_constant_outside() {
        let point = |day, value| CoursePoint { day, value };
        let wear = WearSpec {
            quantity: WearQuantity::KinkAngleMrad,
            bearer: 0,
            course: vec![point(10.0, 6.0), point(20.0, 10.0)],
            fault_from_day: None,
            must_warn_by_day: None,
            label: None,
        };
        let values: Vec<_> = [0.0, 10.0, 15.0, 20.0, 99.0]
            .map(|day| wear.value_on(day))
            .to_vec();
        assert_eq!(
            values,
            [Some(6.0), Some(6.0), Some(8.0), Some(10.0), Some(10.0)]
        );
        assert_eq!(wear.fault_label(), "kink-angle-mrad");
    }
}
