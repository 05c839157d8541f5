//! The sensor, its mounting and its climate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::track::BearerPlace;

/// Accelerometers in the parts catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SensorPart {
    /// Analog Devices ADXL355: low noise, 20 bit, narrow band.
    Adxl355,
    /// `STMicroelectronics` IIS3DWB: wide band, digital.
    Iis3dwb,
    /// Analog Devices ADXL372: 200 g, low power.
    Adxl372,
    /// Analog Devices ADXL1002: wide band, analog, with an external converter.
    Adxl1002,
}

impl SensorPart {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Adxl355, Self::Iis3dwb, Self::Adxl372, Self::Adxl1002];

    /// The name as written in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adxl355 => "adxl355",
            Self::Iis3dwb => "iis3dwb",
            Self::Adxl372 => "adxl372",
            Self::Adxl1002 => "adxl1002",
        }
    }
}

/// Places along a bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BearerPosition {
    /// Beside the seat of the rail with the crossing.
    #[default]
    RailSeat,
    /// Half way along.
    Middle,
    /// Near the end at the outer side of the straight.
    End,
}

impl BearerPosition {
    /// The name as written in a scenario.
    pub fn name(self) -> &'static str {
        match self {
            Self::RailSeat => "rail-seat",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }

    /// The place, `along_m` from the end if given.
    pub fn place(self, along_m: Option<f64>) -> BearerPlace {
        match (along_m, self) {
            (Some(along_m), _) => BearerPlace::Along(along_m),
            (None, Self::RailSeat) => BearerPlace::RailSeat,
            (None, Self::Middle) => BearerPlace::Middle,
            (None, Self::End) => BearerPlace::End,
        }
    }
}

/// The sensor at the turnout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SensorSpec {
    /// Part. IIS3DWB by default: a common choice for wide-band monitoring.
    pub part: SensorPart,
    /// Measuring range, g (9.80665 m/s2), plus and minus; the part's widest by default.
    #[schemars(range(max = 1000), extend("exclusiveMinimum" = 0))]
    pub range_g: Option<f64>,
    /// Nominal output data rate, Hz; the part's default rate when absent.
    #[schemars(range(min = 100, max = 30_000))]
    pub output_rate_hz: Option<f64>,
    /// Samples per axis that the device takes from the FIFO at a time; the part's usual watermark by default.
    #[schemars(range(min = 1, max = 255))]
    pub fifo_batch: Option<u32>,
    /// Bearer that carries the sensor, counted from the one nearest the theoretical point; positive in facing
    /// direction.
    #[schemars(range(min = -20, max = 20))]
    pub bearer: i32,
    /// Where along the bearer: `"rail-seat"` (beside the seat of the rail with the crossing, 0.25 m towards the middle
    /// of the straight), `"middle"`, or `"end"` (0.1 m from the end at the outer side of the straight). Beside the rail
    /// seat by default: near the impact, clear of the fastening.
    pub position: BearerPosition,
    /// The same in m from the end at the outer side of the straight; replaces `position`.
    #[schemars(range(min = 0, max = 5))]
    pub position_m: Option<f64>,
    /// Orientation and firmness of the mount.
    pub mounting: MountingSpec,
    /// Temperature at the sensor.
    pub temperature: TemperatureSpec,
}

impl Default for SensorSpec {
    fn default() -> Self {
        Self {
            part: SensorPart::Iis3dwb,
            range_g: None,
            output_rate_hz: None,
            fifo_batch: None,
            bearer: 0,
            position: BearerPosition::RailSeat,
            position_m: None,
            mounting: MountingSpec::default(),
            temperature: TemperatureSpec::default(),
        }
    }
}

/// Orientation and firmness of the mount. The angles turn the part about its vertical, lateral and longitudinal axes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MountingSpec {
    /// Turn about the vertical axis, degrees.
    #[schemars(range(min = -180, max = 180))]
    pub yaw_deg: f64,
    /// Turn about the lateral axis, degrees.
    #[schemars(range(min = -180, max = 180))]
    pub pitch_deg: f64,
    /// Turn about the longitudinal axis, degrees.
    #[schemars(range(min = -180, max = 180))]
    pub roll_deg: f64,
    /// Resonance of the sensor on its mount, Hz. 1800 Hz by default: a housing bolted to a bearer.
    #[schemars(range(min = 50, max = 20_000))]
    pub resonance_hz: f64,
    /// Quality factor of that resonance.
    #[schemars(range(min = 0.5, max = 100))]
    pub resonance_q: f64,
    /// 0 firm .. 1 rattling. 0 by default.
    #[schemars(range(min = 0, max = 1))]
    pub looseness: f64,
}

impl Default for MountingSpec {
    fn default() -> Self {
        Self {
            yaw_deg: 0.0,
            pitch_deg: 0.0,
            roll_deg: 0.0,
            resonance_hz: 1800.0,
            resonance_q: 8.0,
            looseness: 0.0,
        }
    }
}

/// Temperature at the sensor: a mean with a yearly and a daily wave (coldest in mid-January and before dawn).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TemperatureSpec {
    /// Mean over a year, degrees C. 10 by default: central Europe.
    #[schemars(range(min = -40, max = 60))]
    pub mean_c: f64,
    /// Amplitude over a day, K.
    #[schemars(range(min = 0, max = 40))]
    pub daily_c: f64,
    /// Amplitude over a year, K.
    #[schemars(range(min = 0, max = 40))]
    pub yearly_c: f64,
}

impl Default for TemperatureSpec {
    fn default() -> Self {
        Self {
            mean_c: 10.0,
            daily_c: 6.0,
            yearly_c: 10.0,
        }
    }
}
