//! What runs over the turnout.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::WheelsSpec;

/// What runs over the turnout: trains built from the catalogue, or measured ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrafficSpec {
    /// Passages per day over each turnout. 62 by default: a train every quarter of an hour by day.
    #[schemars(range(max = 2000), extend("exclusiveMinimum" = 0))]
    pub passages_per_day: f64,
    /// A file of measured axle times; then `train` must be absent. Relative to the scenario file, or to the
    /// current directory when given by `--set`.
    #[schemars(length(min = 1, max = 4096), extend("format" = "file"))]
    pub measured: Option<String>,
    /// Kinds of train.
    #[schemars(length(max = 100))]
    pub train: Vec<TrainSpec>,
}

impl Default for TrafficSpec {
    fn default() -> Self {
        Self {
            passages_per_day: 62.0,
            measured: None,
            train: Vec::new(),
        }
    }
}

/// One kind of train.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainSpec {
    /// Catalogue names from front to rear; `"NAME x N"` repeats a vehicle.
    #[schemars(
        length(min = 1, max = 100),
        extend("items" = { "type": "string", "format": "vehicles", "maxLength": 100 })
    )]
    pub vehicles: Vec<String>,
    /// Weight of this kind among all kinds; the shares are divided by their sum.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 1_000_000))]
    pub share: f64,
    /// Speeds at which it passes, km/h.
    pub speed_km_h: SpeedSpec,
    /// Share that runs from the switch toes towards the crossing's nose, 0..1. Half by default.
    #[serde(default = "half")]
    #[schemars(range(min = 0, max = 1))]
    pub facing_share: f64,
    /// Share that takes the diverging route, 0..1. None by default: a main line.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub diverging_share: f64,
    /// Share that has a wheelset with flats, 0..1. None by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub wheel_flat_share: f64,
    /// Length of those flats, mm. 40 mm by default: where many rules begin to slow the train down.
    #[serde(default = "forty")]
    #[schemars(range(max = 120), extend("exclusiveMinimum" = 0))]
    pub wheel_flat_mm: f64,
    /// `"worn"` (edges rolled round, depth L^2/16R) or `"fresh"` (sharp, L^2/8R). Worn by default: a fresh flat lasts for
    /// hours, what remains of it for weeks.
    #[serde(default)]
    pub wheel_flat: FlatState,
    /// Its wheels.
    #[serde(default)]
    pub wheels: WheelsSpec,
}

/// State of a wheel flat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FlatState {
    /// Edges rolled round.
    #[default]
    Worn,
    /// Just slid.
    Fresh,
}

fn one() -> f64 {
    1.0
}

fn half() -> f64 {
    0.5
}

fn forty() -> f64 {
    40.0
}

impl TrainSpec {
    /// Vehicle names from front to rear with repeats written out; entries that cannot be read are left as they are.
    pub fn vehicle_names(&self) -> Vec<&str> {
        self.vehicles
            .iter()
            .flat_map(|entry| {
                let (name, count) = split_repeat(entry).unwrap_or((entry, 1));
                std::iter::repeat_n(name, count as usize)
            })
            .collect()
    }
}

/// Most repeats of one vehicle in a train.
const REPEAT_MAX: u32 = 100;

/// Splits `"NAME x N"` into name and count (1 without `x N`); `None` if N is no count of 1..100 or the name is empty.
pub fn split_repeat(entry: &str) -> Option<(&str, u32)> {
    // Before trimming: ` x 3` repeats a vehicle without a name.
    if let Some((name, count)) = entry.rsplit_once(" x ") {
        let count: u32 = count.trim().parse().ok()?;
        let name = name.trim();
        return (!name.is_empty() && (1..=REPEAT_MAX).contains(&count)).then_some((name, count));
    }
    let entry = entry.trim();
    (!entry.is_empty()).then_some((entry, 1))
}

/// A truncated normal distribution of speeds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpeedSpec {
    /// Mean before truncation, km/h.
    #[schemars(range(min = 5, max = 400))]
    pub mean: f64,
    /// Standard deviation before truncation, km/h. 0 by default: every train at the mean.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100))]
    pub sd: f64,
    /// Slowest, km/h; three standard deviations below the mean by default, but at least 5.
    #[serde(default)]
    #[schemars(range(min = 5, max = 400))]
    pub min: Option<f64>,
    /// Fastest, km/h; three standard deviations above the mean by default, but at most 400.
    #[serde(default)]
    #[schemars(range(min = 5, max = 400))]
    pub max: Option<f64>,
}

impl SpeedSpec {
    /// Slowest and fastest, km/h, defaults filled in.
    pub fn bounds_km_h(&self) -> (f64, f64) {
        (
            self.min
                .unwrap_or_else(|| (self.mean - 3.0 * self.sd).max(5.0)),
            self.max
                .unwrap_or_else(|| (self.mean + 3.0 * self.sd).min(400.0)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_split_and_bad_counts_refused() {
        assert_eq!(split_repeat("locomotive"), Some(("locomotive", 1)));
        assert_eq!(
            split_repeat(" manchester-passenger x 4 "),
            Some(("manchester-passenger", 4))
        );
        for bad in [
            "",
            "  ",
            " x 3",
            "wagon x 0",
            "wagon x -1",
            "wagon x 101",
            "wagon x many",
        ] {
            assert_eq!(split_repeat(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn speed_bounds_default_to_three_deviations() {
        let speed = SpeedSpec {
            mean: 20.0,
            sd: 10.0,
            min: None,
            max: None,
        };
        assert_eq!(speed.bounds_km_h(), (5.0, 50.0));
    }
}
