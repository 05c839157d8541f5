//! The wheels of a kind of train.

use rand_chacha::ChaCha8Rng;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::train::{Consist, Wheel, WheelFleet, WheelLoadScatter};

/// What the wheels of a train are like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WheelsSpec {
    /// Tread profiles: `"mixed"` (as found in service: 37 % new, 5 % hollow, the rest worn), or all `"new"`, `"worn"` or
    /// `"hollow"`.
    pub tread: Tread,
    /// Roughness relative to the EN ISO 3095 rail limit, dB: about 0 with disc brakes, +10 with cast-iron blocks.
    #[schemars(range(min = -30, max = 30))]
    pub roughness_db: f64,
    /// Multiplies roughness and out-of-roundness; 0 gives perfectly round wheels.
    #[schemars(range(min = 0, max = 10))]
    pub deviation_factor: f64,
    /// Standard deviation of the wheel loads, of the vehicle's lean to one side and of each wheel by itself: 0.02 by
    /// default.
    #[schemars(range(min = 0, max = 0.1))]
    pub load_scatter: f64,
    /// A polygonal wheelset; none by default.
    pub polygon: Option<PolygonSpec>,
    /// How many vehicles of a type differ in wheels and loads; further ones of the train take turns with theirs. Each has
    /// its own by default. What the fast engine has simulated once it need not simulate again.
    #[schemars(range(min = 1, max = 100))]
    pub variants: Option<u32>,
}

impl Default for WheelsSpec {
    fn default() -> Self {
        Self {
            tread: Tread::Mixed,
            roughness_db: 0.0,
            deviation_factor: 1.0,
            load_scatter: 0.02,
            polygon: None,
            variants: None,
        }
    }
}

/// Tread profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Tread {
    /// As found in service.
    #[default]
    Mixed,
    /// Newly turned.
    New,
    /// Worn.
    Worn,
    /// Hollow.
    Hollow,
}

/// A polygonal wheelset: both wheels have the same periodic deviation of their radius.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolygonSpec {
    /// Share of the trains that have one, 0..1. All by default.
    #[serde(default = "all")]
    #[schemars(range(min = 0, max = 1))]
    pub share: f64,
    /// Corners: periods per revolution. High-speed wheels have been found with 18 to 24, locomotives with 2 to 5.
    #[schemars(range(min = 2, max = 40))]
    pub order: u32,
    /// Amplitude, um: half of crest to trough.
    #[schemars(range(min = 0, max = 1000))]
    pub amplitude_um: f64,
}

fn all() -> f64 {
    1.0
}

impl WheelsSpec {
    /// The fleet that they are drawn from.
    pub fn fleet(&self) -> WheelFleet {
        let mixed = WheelFleet::default();
        let (new_share, hollow_share) = match self.tread {
            Tread::Mixed => (mixed.new_share, mixed.hollow_share),
            Tread::New => (1.0, 0.0),
            Tread::Worn => (0.0, 0.0),
            Tread::Hollow => (0.0, 1.0),
        };
        WheelFleet {
            new_share,
            hollow_share,
            roughness_offset_db: self.roughness_db,
            deviation_factor: self.deviation_factor,
            ..mixed
        }
    }

    /// Draws the wheels of a train, `[left, right]` of each axle from front to rear.
    pub fn draw_wheels(&self, consist: &Consist, rng: &mut ChaCha8Rng) -> Vec<[Wheel; 2]> {
        let mut wheels = self.fleet().draw(consist, rng);
        self.take_turns(consist, &mut wheels);
        wheels
    }

    /// Draws the relative loads of the wheels of a train, likewise.
    pub fn draw_loads(&self, consist: &Consist, rng: &mut ChaCha8Rng) -> Vec<[f64; 2]> {
        let mut loads = self.loads().draw(consist, rng);
        self.take_turns(consist, &mut loads);
        loads
    }

    fn take_turns<T: Clone>(&self, consist: &Consist, per_axle: &mut [T]) {
        if let Some(variants) = self.variants {
            consist.take_turns(variants as usize, per_axle);
        }
    }

    /// The scatter of their loads.
    pub fn loads(&self) -> WheelLoadScatter {
        WheelLoadScatter {
            side: self.load_scatter,
            wheel: self.load_scatter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::train::catalogue;

    /// Median conicity by tread state: new, worn, hollow.
    #[test]
    fn treads_are_those_asked_for() {
        let train = catalogue::consist(&["manchester-passenger x 40".to_owned()]).unwrap();
        let median = |tread: Tread| {
            let spec = WheelsSpec {
                tread,
                ..WheelsSpec::default()
            };
            let drawn = spec
                .fleet()
                .draw(&train, &mut stream(1, 0, Purpose::Wheels, 0));
            let mut values: Vec<f64> = drawn.iter().flatten().map(|w| w.conicity).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        for (tread, wanted) in [
            (Tread::New, 0.045),
            (Tread::Worn, 0.075),
            (Tread::Hollow, 0.13),
        ] {
            let got = median(tread);
            assert!((got / wanted - 1.0).abs() < 0.1, "{tread:?}: {got}");
        }
    }
}
