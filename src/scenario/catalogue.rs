//! What the parts of frogbench further down the flow can build, so that a scenario naming anything else is refused.

use super::SensorPart;

/// Vehicles and sensor parts that exist. The scenario knows only their names and limits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    /// The vehicles.
    pub vehicles: Vec<VehicleLimits>,
    /// Most axles of one train.
    pub axles_max: usize,
    /// Limits of the sensor parts.
    pub parts: Vec<PartLimits>,
}

/// A vehicle, or a fixed set of vehicles, that a train may be made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VehicleLimits {
    /// Name as written in a scenario.
    pub name: String,
    /// Its axles.
    pub axles: usize,
}

/// What a sensor part can be set to.
#[derive(Debug, Clone, PartialEq)]
pub struct PartLimits {
    /// The part.
    pub part: SensorPart,
    /// Its measuring ranges, g, plus and minus.
    pub ranges_g: Vec<f64>,
    /// Lowest output rate that the driver decimates to, Hz.
    pub rate_min_hz: f64,
    /// Highest output data rate, Hz.
    pub rate_max_hz: f64,
    /// How far, relatively, a stated rate may be from a data rate of the part and still mean it.
    pub rate_agrees: f64,
    /// Depth of its FIFO, samples.
    pub fifo_samples: u32,
}

impl Catalogue {
    /// The limits of a part.
    pub(crate) fn part(&self, part: SensorPart) -> Option<&PartLimits> {
        self.parts.iter().find(|limits| limits.part == part)
    }
}
