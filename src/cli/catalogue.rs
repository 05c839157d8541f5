//! Tells the scenario checker what vehicles and sensor parts exist.

use crate::scenario::{Catalogue, PartLimits, SensorPart, VehicleLimits};
use crate::sensor::{self, Part, SensorError, SensorSetup};
use crate::train::{self, catalogue};

/// The vehicles and parts that are built in.
pub fn builtin() -> Catalogue {
    let vehicles = catalogue::VEHICLES.iter().filter_map(|&name| {
        let vehicles = catalogue::by_name(name).ok()?;
        let axles = vehicles.iter().map(train::Vehicle::axle_count).sum();
        Some(VehicleLimits {
            name: name.to_owned(),
            axles,
        })
    });
    Catalogue {
        vehicles: vehicles.collect(),
        axles_max: catalogue::AXLES_MAX,
        parts: SensorPart::ALL.into_iter().filter_map(part).collect(),
    }
}

fn part(part: SensorPart) -> Option<PartLimits> {
    let data = sensor::part(part.name()).ok()?;
    Some(PartLimits {
        part,
        ranges_g: data.ranges.iter().map(|range| range.range_g).collect(),
        rate_min_hz: rate_min_hz(data),
        rate_max_hz: data.rates_hz.iter().copied().fold(0.0, f64::max),
        rate_agrees: sensor::RATE_AGREES,
        fifo_samples: u32::from(data.fifo_samples),
    })
}

/// Lowest output rate, Hz, that the driver decimates to: the sensor names it when it refuses a rate of 0.
fn rate_min_hz(part: &Part) -> f64 {
    let range_g = part.ranges.first().map_or(0.0, |range| range.range_g);
    match SensorSetup::new(*part, range_g, 0.0).data_rate_hz() {
        Err(SensorError::RateNotOffered { min_hz, .. }) => min_hz,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_format_is_in_the_catalogues() {
        let catalogue = builtin();
        assert_eq!(catalogue.vehicles.len(), catalogue::VEHICLES.len());
        assert_eq!(catalogue.parts.len(), SensorPart::ALL.len());
        assert!(catalogue.vehicles.iter().all(|vehicle| vehicle.axles >= 2));
    }
}
