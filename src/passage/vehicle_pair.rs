//! Both halves of a vehicle, one on each rail.
//!
//! A vehicle is modelled as two halves, left and right, each with half of every mass and inertia:
//! bounce and pitch of the body, bounce and pitch of every bogie, bounce of every wheelset (10 degrees
//! of freedom a side for a bogie vehicle). The halves share the track, not the axle. For a wheelset
//! that leaves out little: its mass at one wheel is `1/(1/m + y^2/J)`, 949 kg of 1813 kg with a
//! roll inertia of 1120 kg m2, against the 907 kg of half of it, and the other wheel feels 10 % of an impact
//! at most. Roll of body and bogies, below 2 Hz, is left out altogether.
//!
//! Same scheme as the track's, see [`super::kernel`].

use super::error::PassageError;
use super::vehicle_dynamics::{VehicleDynamics, invert};
use crate::train::Vehicle;

/// Constants of a vehicle type.
#[derive(Debug, Clone)]
pub(crate) struct VehicleFactor {
    size: usize,
    /// `b` from predictors: by columns, displacement and velocity.
    stiff: Vec<f64>,
    damp: Vec<f64>,
    /// `b` of all unknowns from a unit force up on each wheel.
    column: Vec<Vec<f64>>,
    /// Unknown of each wheel.
    wheels: Vec<usize>,
    /// Static load of each wheel, N.
    pub(crate) static_n: Vec<f64>,
}

impl VehicleFactor {
    pub(crate) fn new(vehicle: &Vehicle, step_s: f64) -> Result<Self, PassageError> {
        let half = VehicleDynamics::from_vehicle(vehicle, step_s)?;
        let (mass, damping, stiffness, wheels) = half.matrices();
        let n = mass.len();
        let mut matrix: Vec<f64> = damping
            .iter()
            .zip(stiffness)
            .map(|(c, k)| 0.5 / step_s * c + 0.25 * k)
            .collect();
        for (i, m) in mass.iter().enumerate() {
            matrix[i * n + i] += m / (step_s * step_s);
        }
        let inverse = invert(&matrix, n);
        let times = |a: &[f64], scale: f64| -> Vec<f64> {
            let mut out = vec![0.0; n * n];
            for column in 0..n {
                for row in 0..n {
                    let sum: f64 = (0..n)
                        .map(|k| inverse[row * n + k] * a[k * n + column])
                        .sum();
                    out[column * n + row] = scale * sum;
                }
            }
            out
        };
        Ok(Self {
            size: n,
            stiff: times(stiffness, 1.0),
            damp: times(damping, 1.0 / step_s),
            column: wheels
                .iter()
                .map(|w| inverse[w * n..(w + 1) * n].to_vec())
                .collect(),
            wheels: wheels.to_vec(),
            static_n: half.static_loads_n().to_vec(),
        })
    }

    /// Compliance of a wheel over one step, m/N.
    #[inline]
    pub(crate) fn compliance_m_n(&self, wheel: usize) -> f64 {
        0.25 * self.column[wheel][self.wheels[wheel]]
    }
}

/// Both halves in motion, `[left, right]`.
#[derive(Debug, Clone)]
pub(crate) struct VehiclePair {
    u: Vec<[f64; 2]>,
    v: Vec<[f64; 2]>,
    b: Vec<[f64; 2]>,
}

impl VehiclePair {
    pub(crate) fn at_rest(factor: &VehicleFactor) -> Self {
        let zero = vec![[0.0; 2]; factor.size];
        Self {
            u: zero.clone(),
            v: zero.clone(),
            b: zero,
        }
    }

    /// Ends the last step and solves the next for the given contact forces.
    #[inline]
    pub(crate) fn step(&mut self, factor: &VehicleFactor, forces_n: &[[f64; 2]]) {
        for ((u, v), b) in self.u.iter_mut().zip(&mut self.v).zip(&mut self.b) {
            for side in 0..2 {
                v[side] += b[side];
                u[side] += v[side];
                b[side] = 0.0;
            }
        }
        let n = factor.size;
        let columns = factor
            .stiff
            .chunks_exact(n)
            .zip(factor.damp.chunks_exact(n));
        for ((u, v), (stiff, damp)) in self.u.iter().zip(&self.v).zip(columns) {
            for (b, (k, d)) in self.b.iter_mut().zip(stiff.iter().zip(damp)) {
                for side in 0..2 {
                    b[side] -= k * u[side] + d * v[side];
                }
            }
        }
        for (wheel, force) in forces_n.iter().enumerate() {
            let static_n = factor.static_n[wheel];
            self.push(factor, wheel, [static_n - force[0], static_n - force[1]]);
        }
    }

    /// Adds a change of the force down on a wheel.
    #[inline]
    pub(crate) fn push(&mut self, factor: &VehicleFactor, wheel: usize, force_n: [f64; 2]) {
        for (b, c) in self.b.iter_mut().zip(&factor.column[wheel]) {
            for side in 0..2 {
                b[side] += c * force_n[side];
            }
        }
    }

    /// Displacement of a wheel at the end of the step from its static position, m.
    #[inline]
    pub(crate) fn wheel_m(&self, factor: &VehicleFactor, wheel: usize) -> [f64; 2] {
        let unknown = factor.wheels[wheel];
        let (u, b) = (self.u[unknown], self.b[unknown]);
        [u[0] + 0.25 * b[0], u[1] + 0.25 * b[1]]
    }
}
