//! A train as the passage model sees it.

use super::Vehicle;

/// A vehicle at its place in the train.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedVehicle {
    /// The vehicle.
    pub vehicle: Vehicle,
    /// Distance of the vehicle's first axle behind the train's first axle, m.
    pub first_axle_m: f64,
}

/// Vehicles from front to rear.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Consist {
    /// Placed vehicles, in running order.
    pub vehicles: Vec<PlacedVehicle>,
}

impl Consist {
    /// Distances of all axles behind the first axle, m, ascending.
    pub fn axles_m(&self) -> Vec<f64> {
        self.vehicles
            .iter()
            .flat_map(|placed| {
                placed
                    .vehicle
                    .bogies
                    .iter()
                    .flat_map(|bogie| bogie.axles_m.iter())
                    .map(|axle| placed.first_axle_m + axle)
            })
            .collect()
    }

    /// Number of axles.
    pub fn axle_count(&self) -> usize {
        self.vehicles
            .iter()
            .map(|placed| placed.vehicle.axle_count())
            .sum()
    }

    /// Distance from the first to the last axle, m.
    pub fn axle_span_m(&self) -> f64 {
        let axles = self.axles_m();
        match (axles.first(), axles.last()) {
            (Some(first), Some(last)) => last - first,
            _ => 0.0,
        }
    }
}
