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

    /// Gives vehicles the axles of others of their type, so that at most `variants` of a type differ: they take turns from
    /// front to rear. `per_axle` holds something for each axle of the train.
    pub fn take_turns<T: Clone>(&self, variants: usize, per_axle: &mut [T]) {
        let mut first_axle = 0;
        // First axles of the vehicles of each type so far.
        let mut types: Vec<(&Vehicle, Vec<usize>)> = Vec::new();
        for placed in &self.vehicles {
            let index = types.iter().position(|(of, _)| **of == placed.vehicle);
            let index = index.unwrap_or_else(|| {
                types.push((&placed.vehicle, Vec::new()));
                types.len() - 1
            });
            let seen = &mut types[index].1;
            let count = placed.vehicle.axle_count();
            if variants > 0 && seen.len() >= variants {
                let from = seen[seen.len() % variants];
                for axle in 0..count {
                    per_axle[first_axle + axle] = per_axle[from + axle].clone();
                }
            }
            seen.push(first_axle);
            first_axle += count;
        }
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

#[cfg(test)]
mod tests {
    use crate::train::catalogue::consist;

    #[test]
    fn vehicles_of_a_type_take_turns() {
        let names = [
            "manchester-passenger",
            "locomotive",
            "manchester-passenger x 4",
        ];
        let train = consist(&names.map(str::to_owned)).unwrap();
        let mut axles: Vec<usize> = (0..train.axle_count()).collect();
        train.take_turns(2, &mut axles);
        let first: Vec<usize> = axles.iter().step_by(4).copied().collect();
        assert_eq!(first, [0, 4, 8, 0, 8, 0]);
        assert_eq!(axles[12..16], [0, 1, 2, 3]);
    }
}
