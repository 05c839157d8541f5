//! What the parts of frogbench further down the flow can build, so that a scenario naming anything else is refused.

use super::SensorPart;

/// Vehicles and sensor parts that exist. The scenario knows only their names and limits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    /// Names of the vehicles.
    pub vehicles: Vec<String>,
    /// Limits of the sensor parts.
    pub parts: Vec<PartLimits>,
}

/// What a sensor part can be set to.
#[derive(Debug, Clone, PartialEq)]
pub struct PartLimits {
    /// The part.
    pub part: SensorPart,
    /// Its measuring ranges, g, plus and minus.
    pub ranges_g: Vec<f64>,
    /// Its nominal output data rates, Hz.
    pub output_rates_hz: Vec<f64>,
}

impl Catalogue {
    /// The limits of a part.
    pub(crate) fn part(&self, part: SensorPart) -> Option<&PartLimits> {
        self.parts.iter().find(|limits| limits.part == part)
    }
}
