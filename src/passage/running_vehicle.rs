//! The vehicles of a train on two rails: their state from step to step, and their start.

use super::approach::{Approach, BedRate};
use super::contact::static_approach_m;
use super::error::PassageError;
use super::two_rails::TwoRailInput;
use super::vehicle_pair::{VehicleFactor, VehiclePair};

/// One axle of the train.
pub(super) struct Axle {
    /// Distance behind the first axle of the train, m.
    pub(super) behind_m: f64,
    pub(super) wheels: [Wheel; 2],
}

/// One wheel of it.
#[derive(Clone, Copy, Default)]
pub(super) struct Wheel {
    /// Position in static equilibrium on the approach, m.
    pub(super) static_m: f64,
    /// Deflection of the approach under it, m.
    pub(super) approach_m: f64,
    pub(super) force_n: f64,
}

/// A vehicle on its way.
pub(super) struct RunningVehicle {
    pub(super) factor: usize,
    pub(super) pair: VehiclePair,
    /// Index of its first axle in the train.
    pub(super) first_axle: usize,
    pub(super) axles: Vec<Axle>,
    /// Approaches under its wheels over a step: of each rail, entry and exit.
    pub(super) beds: [[BedRate; 2]; 2],
    wheel_mass_kg: f64,
    pub(super) static_n: Vec<[f64; 2]>,
    pub(super) forces_n: Vec<[f64; 2]>,
    /// Changes of the forces down on the wheels.
    pub(super) changes_n: Vec<[f64; 2]>,
}

impl RunningVehicle {
    /// Ends the last step and begins the next, from equilibrium with the own static loads.
    pub(super) fn step(&mut self, factor: &VehicleFactor) {
        let loads = self.forces_n.iter().zip(&self.static_n);
        for ((change, (force, own)), type_n) in
            self.changes_n.iter_mut().zip(loads).zip(&factor.static_n)
        {
            // From what the force would be if the static one were that of the vehicle type.
            *change = [0, 1].map(|side: usize| type_n - (force[side] + (type_n - own[side])));
        }
        self.pair.step(factor, &self.changes_n);
    }
}

/// Vehicles at their static loads; equal vehicles share their constants.
pub(super) fn vehicles_of(
    input: &TwoRailInput<'_>,
) -> Result<(Vec<VehicleFactor>, Vec<RunningVehicle>), PassageError> {
    let mut factors: Vec<VehicleFactor> = Vec::new();
    let mut known: Vec<&crate::train::Vehicle> = Vec::new();
    let mut vehicles = Vec::with_capacity(input.consist.vehicles.len());
    let mut first_axle = 0;
    for placed in &input.consist.vehicles {
        let factor = if let Some(index) = known.iter().position(|v| **v == placed.vehicle) {
            index
        } else {
            let [left_m, right_m] = input.track.seats_y_m;
            let contact_y_m = 0.5 * (left_m - right_m);
            let factor = VehicleFactor::new(&placed.vehicle, contact_y_m, input.step_s)?;
            factors.push(factor);
            known.push(&placed.vehicle);
            known.len() - 1
        };
        let axles: Vec<Axle> = placed
            .vehicle
            .bogies
            .iter()
            .flat_map(|b| &b.axles_m)
            .map(|axle_m| Axle {
                behind_m: placed.first_axle_m + axle_m,
                wheels: [Wheel::default(); 2],
            })
            .collect();
        let count = axles.len();
        let static_n: Vec<[f64; 2]> = factors[factor]
            .static_n
            .iter()
            .enumerate()
            .map(|(axle, n)| {
                let relative = input.wheel_load.get(first_axle + axle);
                relative.map_or([*n; 2], |pair| [n * pair[0], n * pair[1]])
            })
            .collect();
        vehicles.push(RunningVehicle {
            factor,
            pair: VehiclePair::at_rest(&factors[factor]),
            first_axle,
            axles,
            beds: [[BedRate::default(); 2]; 2],
            wheel_mass_kg: placed.vehicle.wheelset_mass_kg / 2.0,
            forces_n: static_n.clone(),
            changes_n: vec![[0.0; 2]; count],
            static_n,
        });
        first_axle += count;
    }
    Ok((factors, vehicles))
}

/// Puts every wheel in static equilibrium on the approach.
pub(super) fn settle_vehicles(
    vehicles: &mut [RunningVehicle],
    approaches: &[Approach; 2],
    hertz: f64,
    step_s: f64,
) {
    for vehicle in vehicles {
        let mass_kg = vehicle.wheel_mass_kg;
        vehicle.beds = approaches.map(|a| [a.entry, a.exit].map(|bed| bed.rate(mass_kg, step_s)));
        for (axle, forces) in vehicle.axles.iter_mut().zip(&vehicle.forces_n) {
            for side in 0..2 {
                let bed = approaches[side].entry;
                let wheel = &mut axle.wheels[side];
                wheel.force_n = forces[side];
                wheel.approach_m = forces[side] / bed.stiffness_n_m;
                wheel.static_m =
                    bed.rest_m + wheel.approach_m + static_approach_m(hertz, forces[side]);
            }
        }
    }
}
