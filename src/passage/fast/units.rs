//! Bogies of a train that run together.

use std::ops::Range;

use super::UNIT_GAP_M;
use crate::passage::error::PassageError;
use crate::passage::two_rails::TwoRailInput;
use crate::passage::vehicle_dynamics::{GRAVITY_M_S2, VehicleDynamics};
use crate::train::{Bogie, Consist, PlacedVehicle, Vehicle};

/// Bogies that are simulated together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unit {
    /// Vehicles all of whose bogies belong to the unit, and bogies that carry their share of a body that rests on
    /// another unit too; places count from the unit's first axle.
    pub(super) bogies: Consist,
    /// Axles of the train.
    pub(super) axles: Range<usize>,
    /// Its first axle behind that of the train, m.
    pub(super) behind_m: f64,
}

/// Cuts a train into units, from front to rear.
pub(super) fn of_train(input: &TwoRailInput<'_>) -> Result<Vec<Unit>, PassageError> {
    let mut units: Vec<Unit> = Vec::new();
    let mut last_m = f64::NEG_INFINITY;
    let mut axle = 0;
    for placed in &input.consist.vehicles {
        let bogies = &placed.vehicle.bogies;
        // A unit begins before each bogie that is far behind the last axle.
        let mut begins = Vec::with_capacity(bogies.len());
        for bogie in bogies {
            let place = |at: Option<&f64>| placed.first_axle_m + at.copied().unwrap_or(0.0);
            let first_m = place(bogie.axles_m.first());
            begins.push(units.is_empty() && begins.is_empty() || first_m - last_m >= UNIT_GAP_M);
            last_m = place(bogie.axles_m.last());
        }
        let whole = !begins.iter().skip(1).any(|begin| *begin);
        let parts = if whole {
            vec![PlacedVehicle {
                first_axle_m: 0.0,
                ..placed.clone()
            }]
        } else {
            bogies_of(&placed.vehicle, input.step_s)?
        };
        for (part, begins) in parts.into_iter().zip(begins) {
            let first_m = placed.first_axle_m + part.first_axle_m;
            if begins {
                units.push(Unit {
                    bogies: Consist::default(),
                    axles: axle..axle,
                    behind_m: first_m,
                });
            }
            axle += part.vehicle.axle_count();
            if let Some(unit) = units.last_mut() {
                unit.axles.end = axle;
                unit.bogies.vehicles.push(PlacedVehicle {
                    vehicle: part.vehicle,
                    first_axle_m: without_rounding(first_m - unit.behind_m),
                });
            }
        }
    }
    Ok(units)
}

/// A place or a mass to a millionth, without the rounding of where the train has it, or equal units would differ
/// by it.
fn without_rounding(value: f64) -> f64 {
    libm::round(value * 1e6) / 1e6
}

/// The bogies of a vehicle, each with the share of the body that rests on it.
fn bogies_of(vehicle: &Vehicle, step_s: f64) -> Result<Vec<PlacedVehicle>, PassageError> {
    let whole = VehicleDynamics::from_vehicle(vehicle, step_s)?;
    let mut loads = whole.static_loads_n().iter();
    let mut bogies = Vec::with_capacity(vehicle.bogies.len());
    for bogie in &vehicle.bogies {
        let half_load_n: f64 = loads.by_ref().take(bogie.axles_m.len()).sum();
        let own_kg = vehicle.bogie_mass_kg + bogie.axles_m.len() as f64 * vehicle.wheelset_mass_kg;
        let first_m = bogie.axles_m[0];
        let mut alone = vehicle.clone();
        alone.body_mass_kg = without_rounding(2.0 * half_load_n / GRAVITY_M_S2 - own_kg);
        alone.roll.body_kg_m2 *= alone.body_mass_kg / vehicle.body_mass_kg;
        alone.bogies = vec![Bogie {
            centre_m: without_rounding(bogie.centre_m - first_m),
            axles_m: (bogie.axles_m.iter())
                .map(|m| without_rounding(m - first_m))
                .collect(),
        }];
        bogies.push(PlacedVehicle {
            vehicle: alone,
            first_axle_m: first_m,
        });
    }
    Ok(bogies)
}

/// For each unit the first one that is equal to it in everything: itself, if it is unique.
pub(super) fn twins(input: &TwoRailInput<'_>, units: &[Unit]) -> Vec<usize> {
    let mut twins: Vec<usize> = Vec::with_capacity(units.len());
    let loads = |unit: &Unit| input.wheel_load.get(unit.axles.clone());
    for (index, unit) in units.iter().enumerate() {
        let equal = |other: &Unit| {
            unit.bogies == other.bogies
                && input.excitation[unit.axles.clone()] == input.excitation[other.axles.clone()]
                && loads(unit) == loads(other)
        };
        let first = (0..index).find(|i| twins[*i] == *i && equal(&units[*i]));
        twins.push(first.unwrap_or(index));
    }
    twins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{BallastLaw, BearerPoint, Direction, Profile, TwoRailTrack};
    use crate::train::catalogue::consist;

    /// Units of a train whose wheels all run on the same profile.
    fn units(entries: &[&str]) -> (Vec<Unit>, Vec<usize>) {
        let entries: Vec<String> = entries.iter().map(|e| (*e).to_owned()).collect();
        let consist = consist(&entries).unwrap();
        let track = TwoRailTrack {
            rails: [Vec::new(), Vec::new()],
            beam: crate::track::BeamTheory::Timoshenko,
            rotary_second_moment_m4: None,
            bay_m: 0.6,
            elements_per_bay: 4,
            seats_y_m: [0.75, -0.75],
            bearers: Vec::new(),
            ballast: BallastLaw::Unilateral,
            gravity_m_s2: 9.81,
        };
        let mut excitation = vec![[Profile::default(), Profile::default()]; consist.axle_count()];
        // One wheel of the last axle but four differs.
        let odd = excitation.len() - 5;
        excitation[odd][1].height_m = vec![1e-5];
        let input = TwoRailInput {
            track: &track,
            consist: &consist,
            speed_m_s: 30.0,
            direction: Direction::Facing,
            excitation: &excitation,
            wheel_load: &[],
            hertz_n_m15: 9.37e10,
            points: &[BearerPoint {
                bearer: 0,
                y_m: 0.0,
            }],
            before_s: 0.0,
            after_s: 0.0,
            step_s: 5e-5,
        };
        let units = of_train(&input).unwrap();
        let twins = twins(&input, &units);
        (units, twins)
    }

    #[test]
    fn coaches_part_between_their_bogies_and_equal_units_are_found() {
        let (units, twins) = units(&["manchester-passenger x 5"]);
        let axles: Vec<_> = units.iter().map(|unit| unit.axles.clone()).collect();
        assert_eq!(axles, [0..2, 2..6, 6..10, 10..14, 14..18, 18..20]);
        // The odd wheel is in the last unit but one.
        assert_eq!(twins, [0, 1, 1, 1, 4, 0]);
        let mass = |unit: &Unit| -> f64 {
            let vehicles = unit.bogies.vehicles.iter();
            vehicles.map(|v| v.vehicle.total_mass_kg()).sum()
        };
        let total: f64 = units.iter().map(mass).sum();
        let coach = 32_000.0 + 2.0 * 2_615.0 + 4.0 * 1_813.0;
        assert!((total / (5.0 * coach) - 1.0).abs() < 1e-9, "{total}");
        assert!((units[1].bogies.vehicles[1].first_axle_m - 7.4).abs() < 1e-9);
    }

    #[test]
    fn freight_wagons_stay_together_and_whole() {
        let (units, _) = units(&["freight-wagon x 4"]);
        assert_eq!(units.len(), 1);
        assert_eq!(units[0].axles, 0..16);
        assert_eq!(units[0].bogies.vehicles.len(), 4);
        assert_eq!(units[0].bogies.vehicles[3].vehicle.bogies.len(), 2);
    }
}
