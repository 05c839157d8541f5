//! The half of a vehicle that runs on one rail, as a linear multibody system.
//!
//! Unknowns, positive down, are measured from the static position, so that gravity and the static
//! forces of the springs drop out: bounce and pitch of the body, bounce and pitch of every bogie,
//! bounce of every wheelset. The same Newmark scheme as the track's advances them; the contact
//! force over one step sees the compliance `h^2/4 (A^-1)_ww` of its wheel.

use super::error::{PassageError, not_negative, positive};
use crate::train::Vehicle;

/// Standard gravity that makes the static wheel loads, m/s2.
pub(super) const GRAVITY_M_S2: f64 = 9.81;

/// A vehicle in motion.
#[derive(Debug, Clone)]
pub(crate) struct VehicleDynamics {
    size: usize,
    stiffness: Vec<f64>,
    damping: Vec<f64>,
    mass: Vec<f64>,
    /// Inverse of `M + h/2 C + h^2/4 K`.
    inverse: Vec<f64>,
    step_s: f64,
    /// Unknown of each wheel.
    wheels: Vec<usize>,
    static_load_n: Vec<f64>,
    displacement: Vec<f64>,
    velocity: Vec<f64>,
    acceleration: Vec<f64>,
    right: Vec<f64>,
}

/// A spring and damper in parallel between combinations of unknowns.
struct Link<'a> {
    stiffness_n_m: f64,
    damping_n_s_m: f64,
    /// Elongation per unknown.
    ends: &'a [(usize, f64)],
}

impl VehicleDynamics {
    /// Half a vehicle: half of every mass and inertia; springs are published per side already.
    pub(crate) fn from_vehicle(vehicle: &Vehicle, step_s: f64) -> Result<Self, PassageError> {
        check(vehicle)?;
        let bogies = vehicle.bogies.len();
        let axles: usize = vehicle.bogies.iter().map(|b| b.axles_m.len()).sum();
        let mut system = Self::empty(2 + 2 * bogies + axles, step_s);
        system.mass[0] = vehicle.body_mass_kg / 2.0;
        system.mass[1] = vehicle.body_pitch_inertia_kg_m2 / 2.0;
        // The body's centre of mass is in the middle of its bogies.
        let centre_m = vehicle.bogies.iter().map(|b| b.centre_m).sum::<f64>() / bogies as f64;
        let mut wheel = 2 + 2 * bogies;
        for (index, bogie) in vehicle.bogies.iter().enumerate() {
            let (bounce, pitch) = (2 + 2 * index, 3 + 2 * index);
            system.mass[bounce] = vehicle.bogie_mass_kg / 2.0;
            system.mass[pitch] = vehicle.bogie_pitch_inertia_kg_m2 / 2.0;
            system.add(&Link {
                stiffness_n_m: vehicle.secondary_stiffness_n_m,
                damping_n_s_m: vehicle.secondary_damping_n_s_m,
                ends: &[(bounce, 1.0), (0, -1.0), (1, -(bogie.centre_m - centre_m))],
            });
            for axle_m in &bogie.axles_m {
                system.mass[wheel] = vehicle.wheelset_mass_kg / 2.0;
                system.add(&Link {
                    stiffness_n_m: vehicle.primary_stiffness_n_m,
                    damping_n_s_m: vehicle.primary_damping_n_s_m,
                    ends: &[
                        (wheel, 1.0),
                        (bounce, -1.0),
                        (pitch, -(axle_m - bogie.centre_m)),
                    ],
                });
                system.wheels.push(wheel);
                wheel += 1;
            }
        }
        system.weigh();
        system.finish()?;
        Ok(system)
    }

    /// What the left half of a vehicle does when the right one does the opposite: roll of the body, of
    /// every bogie and of every wheelset, which is rigid. The unknowns are those of
    /// [`Self::from_vehicle`], with the body's and the bogies' roll angles in place of their bounce, no
    /// pitch, and the vertical displacement of a wheelset at `contact_y_m` from its middle.
    pub(crate) fn rolling(vehicle: &Vehicle, contact_y_m: f64, step_s: f64) -> Self {
        let bogies = vehicle.bogies.len();
        let axles: usize = vehicle.bogies.iter().map(|b| b.axles_m.len()).sum();
        let mut system = Self::empty(2 + 2 * bogies + axles, step_s);
        let roll = &vehicle.roll;
        system.mass[0] = roll.body_kg_m2 / 2.0;
        // Pitch takes no part: any mass keeps it at rest.
        system.mass[1] = vehicle.body_pitch_inertia_kg_m2 / 2.0;
        let mut wheel = 2 + 2 * bogies;
        for (index, bogie) in vehicle.bogies.iter().enumerate() {
            let (angle, pitch) = (2 + 2 * index, 3 + 2 * index);
            system.mass[angle] = roll.bogie_kg_m2 / 2.0;
            system.mass[pitch] = vehicle.bogie_pitch_inertia_kg_m2 / 2.0;
            system.add(&Link {
                stiffness_n_m: vehicle.secondary_stiffness_n_m,
                damping_n_s_m: vehicle.secondary_damping_n_s_m,
                ends: &[(angle, roll.secondary_y_m), (0, -roll.secondary_y_m)],
            });
            for _ in &bogie.axles_m {
                system.mass[wheel] = roll.wheelset_kg_m2 / (2.0 * contact_y_m * contact_y_m);
                system.add(&Link {
                    stiffness_n_m: vehicle.primary_stiffness_n_m,
                    damping_n_s_m: vehicle.primary_damping_n_s_m,
                    ends: &[
                        (wheel, roll.primary_y_m / contact_y_m),
                        (angle, -roll.primary_y_m),
                    ],
                });
                system.wheels.push(wheel);
                wheel += 1;
            }
        }
        system
    }

    /// One wheel, alone or under a mass on a spring and damper, that carries `static_n` at rest.
    pub(crate) fn single_wheel(
        wheel_mass_kg: f64,
        static_n: f64,
        suspension: Option<&super::reference::Suspension>,
        step_s: f64,
    ) -> Result<Self, PassageError> {
        positive("wheel mass (kg)", "the wheel", wheel_mass_kg)?;
        positive("static wheel load (N)", "the wheel", static_n)?;
        let mut system = Self::empty(1 + usize::from(suspension.is_some()), step_s);
        system.mass[0] = wheel_mass_kg;
        if let Some(s) = suspension {
            positive("bogie mass (kg)", "the suspension", s.mass_kg)?;
            not_negative("stiffness (N/m)", "the suspension", s.stiffness_n_m)?;
            not_negative("damping (N s/m)", "the suspension", s.damping_n_s_m)?;
            system.mass[1] = s.mass_kg;
            system.add(&Link {
                stiffness_n_m: s.stiffness_n_m,
                damping_n_s_m: s.damping_n_s_m,
                ends: &[(0, 1.0), (1, -1.0)],
            });
        }
        system.wheels.push(0);
        system.static_load_n.push(static_n);
        system.finish()?;
        Ok(system)
    }

    fn empty(size: usize, step_s: f64) -> Self {
        let square = vec![0.0; size * size];
        let vector = vec![0.0; size];
        Self {
            size,
            stiffness: square.clone(),
            damping: square.clone(),
            inverse: square,
            mass: vector.clone(),
            step_s,
            wheels: Vec::new(),
            static_load_n: Vec::new(),
            displacement: vector.clone(),
            velocity: vector.clone(),
            acceleration: vector.clone(),
            right: vector,
        }
    }

    fn add(&mut self, link: &Link<'_>) {
        for &(i, a) in link.ends {
            for &(j, b) in link.ends {
                self.stiffness[i * self.size + j] += link.stiffness_n_m * a * b;
                self.damping[i * self.size + j] += link.damping_n_s_m * a * b;
            }
        }
    }

    /// Static wheel loads on level rigid rail: the sprung masses sag on the springs until these
    /// carry their weight. A direction that no spring holds (pitch of a bogie with one axle) and no
    /// weight loads stays at zero.
    fn weigh(&mut self) {
        let sprung = self.wheels[0];
        let n = self.size;
        let mut sag: Vec<f64> = (0..sprung)
            .map(|i| {
                if i % 2 == 0 {
                    self.mass[i] * GRAVITY_M_S2
                } else {
                    0.0
                }
            })
            .collect();
        let mut matrix: Vec<Vec<f64>> = (0..sprung)
            .map(|i| self.stiffness[i * n..i * n + sprung].to_vec())
            .collect();
        let held: Vec<bool> = (0..sprung).map(|i| matrix[i][i] > 0.0).collect();
        for i in (0..sprung).filter(|&i| held[i]) {
            let row = matrix[i].clone();
            for j in (i + 1)..sprung {
                let factor = matrix[j][i] / row[i];
                for (a, b) in matrix[j].iter_mut().zip(&row) {
                    *a -= factor * b;
                }
                sag[j] -= factor * sag[i];
            }
        }
        for i in (0..sprung).rev() {
            let known: f64 = ((i + 1)..sprung).map(|j| matrix[i][j] * sag[j]).sum();
            sag[i] = if held[i] {
                (sag[i] - known) / matrix[i][i]
            } else {
                0.0
            };
        }
        self.static_load_n = self
            .wheels
            .iter()
            .map(|&w| {
                let spring: f64 = (0..sprung)
                    .map(|j| -self.stiffness[w * n + j] * sag[j])
                    .sum();
                self.mass[w] * GRAVITY_M_S2 + spring
            })
            .collect();
    }

    fn finish(&mut self) -> Result<(), PassageError> {
        let n = self.size;
        let (half, quarter) = (self.step_s / 2.0, self.step_s * self.step_s / 4.0);
        let mut matrix: Vec<f64> = self
            .damping
            .iter()
            .zip(&self.stiffness)
            .map(|(c, k)| half * c + quarter * k)
            .collect();
        for i in 0..n {
            matrix[i * n + i] += self.mass[i];
        }
        self.inverse = invert(&matrix, n);
        if self.inverse.iter().all(|v| v.is_finite()) && self.static_load_n.iter().all(|f| *f > 0.0)
        {
            return Ok(());
        }
        let worst = self.static_load_n.iter().copied().fold(f64::MAX, f64::min);
        positive("smallest static wheel load (N)", "a vehicle", worst)
    }

    /// Mass (diagonal), damping and stiffness (by rows), and the unknown of each wheel.
    pub(crate) fn matrices(&self) -> (&[f64], &[f64], &[f64], &[usize]) {
        (&self.mass, &self.damping, &self.stiffness, &self.wheels)
    }

    /// Static load of each wheel, N.
    pub(crate) fn static_loads_n(&self) -> &[f64] {
        &self.static_load_n
    }

    /// Predictors, and accelerations for the given contact forces.
    pub(crate) fn predict(&mut self, forces_n: &[f64]) {
        let h = self.step_s;
        let (half, quarter) = (h / 2.0, h * h / 4.0);
        for ((u, v), a) in self
            .displacement
            .iter_mut()
            .zip(&mut self.velocity)
            .zip(&self.acceleration)
        {
            *u += h * *v + quarter * a;
            *v += half * a;
        }
        let n = self.size;
        for (i, r) in self.right.iter_mut().enumerate() {
            let k = &self.stiffness[i * n..(i + 1) * n];
            let c = &self.damping[i * n..(i + 1) * n];
            let mut force = 0.0;
            for ((k, u), (c, v)) in k
                .iter()
                .zip(&self.displacement)
                .zip(c.iter().zip(&self.velocity))
            {
                force -= k * u + c * v;
            }
            *r = force;
        }
        for ((&wheel, load), force) in self.wheels.iter().zip(&self.static_load_n).zip(forces_n) {
            self.right[wheel] += load - force;
        }
        for (a, row) in self
            .acceleration
            .iter_mut()
            .zip(self.inverse.chunks_exact(n))
        {
            *a = row.iter().zip(&self.right).map(|(m, r)| m * r).sum();
        }
    }

    /// Displacement of a wheel from its static position at the end of the step, for the forces given
    /// to [`Self::predict`], m.
    pub(crate) fn wheel_m(&self, wheel: usize) -> f64 {
        let unknown = self.wheels[wheel];
        self.displacement[unknown] + self.step_s * self.step_s / 4.0 * self.acceleration[unknown]
    }

    /// Compliance of a wheel over one step, m/N.
    pub(crate) fn wheel_compliance_m_n(&self, wheel: usize) -> f64 {
        let unknown = self.wheels[wheel];
        self.step_s * self.step_s / 4.0 * self.inverse[unknown * self.size + unknown]
    }

    /// Ends the step, with the contact forces changed by `changes_n` since [`Self::predict`].
    pub(crate) fn correct(&mut self, changes_n: &[f64]) {
        let (half, quarter) = (self.step_s / 2.0, self.step_s * self.step_s / 4.0);
        let n = self.size;
        for (&wheel, &change) in self.wheels.iter().zip(changes_n) {
            if change != 0.0 {
                // The inverse is symmetric: its row is its column.
                let column = &self.inverse[wheel * n..(wheel + 1) * n];
                for (a, m) in self.acceleration.iter_mut().zip(column) {
                    *a -= m * change;
                }
            }
        }
        for ((u, v), a) in self
            .displacement
            .iter_mut()
            .zip(&mut self.velocity)
            .zip(&self.acceleration)
        {
            *u += quarter * a;
            *v += half * a;
        }
    }
}

fn check(vehicle: &Vehicle) -> Result<(), PassageError> {
    let place = format!("vehicle {:?}", vehicle.name);
    positive("body mass (kg)", &place, vehicle.body_mass_kg)?;
    positive(
        "body pitch inertia (kg m2)",
        &place,
        vehicle.body_pitch_inertia_kg_m2,
    )?;
    positive("bogie mass (kg)", &place, vehicle.bogie_mass_kg)?;
    positive(
        "bogie pitch inertia (kg m2)",
        &place,
        vehicle.bogie_pitch_inertia_kg_m2,
    )?;
    positive("wheelset mass (kg)", &place, vehicle.wheelset_mass_kg)?;
    positive(
        "primary stiffness (N/m)",
        &place,
        vehicle.primary_stiffness_n_m,
    )?;
    not_negative(
        "primary damping (N s/m)",
        &place,
        vehicle.primary_damping_n_s_m,
    )?;
    positive(
        "secondary stiffness (N/m)",
        &place,
        vehicle.secondary_stiffness_n_m,
    )?;
    not_negative(
        "secondary damping (N s/m)",
        &place,
        vehicle.secondary_damping_n_s_m,
    )?;
    positive("wheel radius (m)", &place, vehicle.wheel_radius_m)?;
    let roll = &vehicle.roll;
    positive("body roll inertia (kg m2)", &place, roll.body_kg_m2)?;
    positive("bogie roll inertia (kg m2)", &place, roll.bogie_kg_m2)?;
    positive("wheelset roll inertia (kg m2)", &place, roll.wheelset_kg_m2)?;
    positive(
        "half distance of primary springs (m)",
        &place,
        roll.primary_y_m,
    )?;
    positive(
        "half distance of secondary springs (m)",
        &place,
        roll.secondary_y_m,
    )?;
    if vehicle.bogies.is_empty() || vehicle.bogies.iter().any(|b| b.axles_m.is_empty()) {
        return Err(PassageError::EmptyTrain(format!(
            "{place} has no bogie, or a bogie without an axle"
        )));
    }
    for value in vehicle
        .bogies
        .iter()
        .flat_map(|b| b.axles_m.iter().chain([&b.centre_m]))
    {
        super::error::finite("place of a bogie or axle (m)", &place, *value)?;
    }
    Ok(())
}

/// Inverse of a symmetric positive definite matrix, row by row, by Gauss-Jordan elimination.
pub(crate) fn invert(matrix: &[f64], n: usize) -> Vec<f64> {
    let mut left = matrix.to_vec();
    let mut right = vec![0.0; n * n];
    for i in 0..n {
        right[i * n + i] = 1.0;
    }
    for column in 0..n {
        let pivot = left[column * n + column];
        for j in 0..n {
            left[column * n + j] /= pivot;
            right[column * n + j] /= pivot;
        }
        for i in (0..n).filter(|&i| i != column) {
            let factor = left[i * n + column];
            for j in 0..n {
                left[i * n + j] -= factor * left[column * n + j];
                right[i * n + j] -= factor * right[column * n + j];
            }
        }
    }
    right
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::train::Bogie;

    pub(crate) fn manchester() -> Vehicle {
        Vehicle {
            name: "Manchester passenger".into(),
            body_mass_kg: 32_000.0,
            body_pitch_inertia_kg_m2: 1.97e6,
            bogie_mass_kg: 2_615.0,
            bogie_pitch_inertia_kg_m2: 1_476.0,
            wheelset_mass_kg: 1_813.0,
            primary_stiffness_n_m: 1.22e6,
            primary_damping_n_s_m: 4e3,
            secondary_stiffness_n_m: 430e3,
            secondary_damping_n_s_m: 20e3,
            roll: crate::train::Roll::MANCHESTER,
            wheel_radius_m: 0.46,
            bogies: vec![
                Bogie {
                    centre_m: 1.28,
                    axles_m: vec![0.0, 2.56],
                },
                Bogie {
                    centre_m: 20.28,
                    axles_m: vec![19.0, 21.56],
                },
            ],
            front_overhang_m: 2.0,
            length_m: 25.5,
        }
    }

    #[test]
    fn static_wheel_loads_share_the_weight() {
        let system = VehicleDynamics::from_vehicle(&manchester(), 5e-5).unwrap();
        let whole = 32_000.0 + 2.0 * 2_615.0 + 4.0 * 1_813.0;
        for load in system.static_loads_n() {
            assert!((load / (whole * 9.81 / 8.0) - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn single_axle_bogies_are_allowed() {
        let mut wagon = manchester();
        wagon.bogies = vec![
            Bogie {
                centre_m: 0.0,
                axles_m: vec![0.0],
            },
            Bogie {
                centre_m: 9.0,
                axles_m: vec![9.0],
            },
        ];
        let system = VehicleDynamics::from_vehicle(&wagon, 5e-5).unwrap();
        let whole = 32_000.0 + 2.0 * (2_615.0 + 1_813.0);
        for load in system.static_loads_n() {
            assert!((load / (whole * 9.81 / 4.0) - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn stays_at_rest_under_its_static_loads() {
        let mut system = VehicleDynamics::from_vehicle(&manchester(), 5e-5).unwrap();
        let loads = system.static_loads_n().to_vec();
        for _ in 0..1000 {
            system.predict(&loads);
            system.correct(&[0.0; 4]);
        }
        assert!(system.displacement.iter().all(|u| u.abs() < 1e-15));
    }

    #[test]
    fn free_fall_without_contact() {
        let mut system = VehicleDynamics::single_wheel(600.0, 100e3, None, 5e-5).unwrap();
        for _ in 0..200 {
            system.predict(&[0.0]);
            system.correct(&[0.0]);
        }
        // The first step starts from zero acceleration: half a step behind the parabola.
        let expected = 0.5 * (100e3 / 600.0) * 0.01 * 0.01;
        assert!((system.displacement[0] / expected - 1.0).abs() < 0.01);
    }

    #[test]
    fn negative_mass_is_refused_by_name() {
        let mut vehicle = manchester();
        vehicle.bogie_mass_kg = -1.0;
        let error = VehicleDynamics::from_vehicle(&vehicle, 5e-5).unwrap_err();
        assert!(error.to_string().contains("bogie mass (kg)"), "{error}");
    }
}
