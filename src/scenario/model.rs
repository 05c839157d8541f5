//! The scenario as a whole, its period, observation, device and pipeline.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    DisturbanceSpec, FaultSpec, SensorSpec, TrackSpec, TrafficSpec, TurnoutSpec, WearSpec,
};

/// Version of the scenario file format that this release reads and writes.
pub const FORMAT: u32 = 1;

/// One scenario: a turnout, what runs over it, what listens to it, and what is expected of the listener.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Version of the file format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub format: u32,
    /// What the scenario is about, in a sentence.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub description: String,
    /// Seed of every random stream. Same scenario, same seed: same bytes out. Below 2^53, so that
    /// every JSON reader keeps it exact.
    #[serde(default)]
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    pub seed: u64,
    /// Conditions on the scores, such as `"train_f1 >= 0.99"`; all must hold for a pass.
    #[serde(default)]
    #[schemars(
        length(max = 100),
        extend("items" = { "type": "string", "format": "expectation", "maxLength": 200 })
    )]
    pub expect: Vec<String>,
    /// The simulated period.
    #[serde(default)]
    pub time: Period,
    /// The stated sample of the period that is simulated in full.
    #[serde(default)]
    pub observe: Observation,
    /// The turnout and its condition at the start.
    pub turnout: TurnoutSpec,
    /// The track around the crossing.
    #[serde(default)]
    pub track: TrackSpec,
    /// What runs over the turnout.
    #[serde(default)]
    pub traffic: TrafficSpec,
    /// The passage model.
    #[serde(default)]
    pub passage: PassageSpec,
    /// The sensor, its mounting and its climate.
    #[serde(default)]
    pub sensor: SensorSpec,
    /// The device under test.
    #[serde(default)]
    pub device: DeviceSpec,
    /// Settings of the reference pipeline.
    #[serde(default)]
    pub pipeline: PipelineSpec,
    /// Prescribed courses of wear; none by default.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub wear: Vec<WearSpec>,
    /// Things other than trains that shake the sensor in a quiet window; none by default.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub disturbance: Vec<DisturbanceSpec>,
    /// Faults that the bench injects; none by default.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub fault: Vec<FaultSpec>,
}

/// The simulated period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Period {
    /// First instant, RFC 3339 with an offset. Day 0 of every course starts here.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub start: Timestamp,
    /// Length of the period, days. Four weeks by default: long enough for a baseline.
    #[schemars(range(max = 36500), extend("exclusiveMinimum" = 0))]
    pub days: f64,
}

impl Default for Period {
    fn default() -> Self {
        // 2026-01-05T00:00:00Z, a Monday.
        Self {
            start: Timestamp::constant(1_767_571_200, 0),
            days: 28.0,
        }
    }
}

/// The stated sample of the period: these windows are simulated, the rest is skipped and the device is told so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Observation {
    /// Passages per turnout, stratified over the period. 24 by default: a minute of work.
    #[schemars(range(max = 100_000))]
    pub passages: u32,
    /// How often each passage is shown, ten minutes apart (or as other passages leave room): the same samples at another time, simulated
    /// once. Counters of hundreds of passages in seconds of work. 1 by default.
    #[schemars(range(min = 1, max = 1000))]
    pub repeat: u32,
    /// Quiet before each train is simulated, s. 2 s by default: the device sees its noise first.
    #[schemars(range(min = 0, max = 3600))]
    pub lead_s: f64,
    /// Quiet after each train, beyond the second that is simulated, s. 6 s by default, longer than the gap between two axles of a slow
    /// train: the device sees that it is over. With less, the stretch ends while it still waits for more.
    #[schemars(range(min = 0, max = 3600))]
    pub tail_s: f64,
    /// Windows without a train, stratified over the period.
    #[schemars(range(max = 10_000))]
    pub quiet_windows: u32,
    /// Length of each quiet window, s. 20 s by default: as long as the longest passage of the built-in trains.
    #[schemars(range(max = 3600), extend("exclusiveMinimum" = 0))]
    pub quiet_s: f64,
}

impl Default for Observation {
    fn default() -> Self {
        Self {
            passages: 24,
            repeat: 1,
            lead_s: 2.0,
            tail_s: 6.0,
            quiet_windows: 2,
            quiet_s: 20.0,
        }
    }
}

impl Observation {
    /// Windows per turnout: passages and quiet windows together.
    pub fn windows(&self) -> u32 {
        self.passages.saturating_mul(self.repeat) + self.quiet_windows
    }
}

/// The passage model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PassageSpec {
    /// `"two-rails"` (two rails on flexible bearers) or `"one-rail"`, a verification option.
    pub model: PassageModel,
    /// `"full"` (the whole train, every non-linearity) or `"fast"`: bogies that differ, near the sensor, superposed along the
    /// train; passages over open voids or with contact lost are left to the full engine, and counted. `frogbench validate
    /// --section fast-engine` states its error.
    pub engine: PassageEngine,
}

/// Engines of the two-rail model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PassageEngine {
    /// The whole train.
    #[default]
    Full,
    /// Unique bogies near the sensor, superposed.
    Fast,
}

/// Passage models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PassageModel {
    /// Two rails on flexible bearers.
    #[default]
    TwoRails,
    /// The rail with the crossing alone, on rigid bearers: a verification option.
    OneRail,
}

/// The device under test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceSpec {
    /// Where the firmware runs: `"native"` (the reference firmware as a process of its own), `"qemu"` or `"qemu-serial"`
    /// (the same in an emulator), `"serial:PATH[@BAUD]"`; and, if the command line allows it with
    /// `--allow-device-files`, `"qemu-registers:ELF"` or a device file `"FILE.toml"`. The option `--device` replaces it.
    #[schemars(
        length(max = 4096),
        regex(pattern = r"^(native|qemu|qemu-serial|qemu-registers:.+|serial:.+|.+\.toml)$"),
        extend("format" = "device")
    )]
    pub tier: String,
}

impl Default for DeviceSpec {
    fn default() -> Self {
        Self {
            tier: "native".to_owned(),
        }
    }
}

/// Settings of the reference pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PipelineSpec {
    /// Passages from which the healthy baseline is learned. 30 by default: the usual floor for a standard deviation.
    #[schemars(range(min = 2, max = 100_000))]
    pub baseline_passages: u32,
    /// An alarm is raised above this many standard deviations of the baseline.
    #[schemars(range(max = 1000), extend("exclusiveMinimum" = 0))]
    pub alarm_sigma: f64,
    /// A raised alarm is cleared below this many standard deviations; at most `alarm_sigma`.
    #[schemars(range(max = 1000), extend("exclusiveMinimum" = 0))]
    pub clear_sigma: f64,
}

impl Default for PipelineSpec {
    fn default() -> Self {
        Self {
            baseline_passages: 30,
            alarm_sigma: 5.0,
            clear_sigma: 3.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_start_is_the_documented_instant() {
        assert_eq!(Period::default().start.to_string(), "2026-01-05T00:00:00Z");
    }
}
