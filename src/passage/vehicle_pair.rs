//! A vehicle over both rails.
//!
//! It is the same on the left and on the right. So its motion is the sum of two that do not know of one
//! another: a **symmetric** one, in which both halves do the same (bounce and pitch of the body, bounce
//! and pitch of every bogie, bounce of every wheelset: 10 degrees of freedom for a bogie vehicle), and an
//! **antisymmetric** one, in which they do the opposite (roll of the body, of every bogie and of every
//! wheelset: 7 more). Half the sum of the forces of an axle drives the first, half their difference
//! the second. A wheelset is rigid, so a wheel feels as heavy as `1/(1/m + y^2/I)`: 949 kg of 1813 kg
//! with a roll inertia of 1120 kg m2, where half of it is 907 kg. Lateral motion is left out: vehicles roll
//! about the middle of their springs.
//!
//! Same scheme as the track's, see [`super::kernel`].

// Kernels are inlined into one function for each instruction set, or they would run without it.
#![allow(clippy::inline_always)]

use pulp::{Simd, f64x4};

use super::error::PassageError;
use super::kernel::lanes::{Four, Kernel, Level, Ops};
use super::vehicle_dynamics::{VehicleDynamics, invert};
use crate::train::Vehicle;

/// Constants of a vehicle type; pairs are `[symmetric, antisymmetric]`.
#[derive(Debug, Clone)]
pub(crate) struct VehicleFactor {
    size: usize,
    /// `b` from predictors: by columns, displacement and velocity, in vectors of two unknowns.
    stiff: Vec<Four>,
    damp: Vec<Four>,
    /// `b` of all unknowns from a unit force up on each wheel.
    column: Vec<Vec<Four>>,
    /// Compliance of a wheel over one step, and what a unit force on it moves the other of its axle, m/N.
    compliance_m_n: Vec<[f64; 2]>,
    /// Unknown of each wheel.
    wheels: Vec<usize>,
    /// Static load of each wheel, N.
    pub(crate) static_n: Vec<f64>,
}

/// One of the two motions as constants of a step.
struct Motion {
    stiff: Vec<f64>,
    damp: Vec<f64>,
    inverse: Vec<f64>,
}

impl Motion {
    fn new(system: &VehicleDynamics, step_s: f64) -> Self {
        let (mass, damping, stiffness, _) = system.matrices();
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
        Self {
            stiff: times(stiffness, 1.0),
            damp: times(damping, 1.0 / step_s),
            inverse,
        }
    }
}

impl VehicleFactor {
    /// A vehicle whose wheels touch the rails at `contact_y_m` from the middle.
    pub(crate) fn new(
        vehicle: &Vehicle,
        contact_y_m: f64,
        step_s: f64,
    ) -> Result<Self, PassageError> {
        let half = VehicleDynamics::from_vehicle(vehicle, step_s)?;
        let rolling = VehicleDynamics::rolling(vehicle, contact_y_m, step_s);
        let (mass, _, _, wheels) = half.matrices();
        let n = mass.len();
        let same = Motion::new(&half, step_s);
        let opposite = Motion::new(&rolling, step_s);
        let pairs = |a: &[f64], b: &[f64]| -> Vec<[f64; 2]> {
            a.iter().zip(b).map(|(a, b)| [*a, *b]).collect()
        };
        let columns = |a: &[f64], b: &[f64]| -> Vec<Four> {
            let columns = a.chunks_exact(n).zip(b.chunks_exact(n));
            columns.flat_map(|(a, b)| fours(&pairs(a, b))).collect()
        };
        Ok(Self {
            size: n,
            stiff: columns(&same.stiff, &opposite.stiff),
            damp: columns(&same.damp, &opposite.damp),
            column: wheels
                .iter()
                .map(|w| {
                    let row = w * n..(w + 1) * n;
                    fours(&pairs(&same.inverse[row.clone()], &opposite.inverse[row]))
                })
                .collect(),
            compliance_m_n: wheels
                .iter()
                .map(|w| {
                    let (same, opposite) = (same.inverse[w * n + w], opposite.inverse[w * n + w]);
                    [0.125 * (same + opposite), 0.125 * (same - opposite)]
                })
                .collect(),
            wheels: wheels.to_vec(),
            static_n: half.static_loads_n().to_vec(),
        })
    }

    /// Compliance of a wheel over one step, m/N.
    #[inline]
    pub(crate) fn compliance_m_n(&self, wheel: usize) -> f64 {
        self.compliance_m_n[wheel][0]
    }

    /// What a unit force on one wheel of an axle moves the other over one step, m/N.
    #[inline]
    pub(crate) fn cross_compliance_m_n(&self, wheel: usize) -> f64 {
        self.compliance_m_n[wheel][1]
    }
}

/// Unknowns two by two, in vectors; the last may be half empty.
fn fours(pairs: &[[f64; 2]]) -> Vec<Four> {
    pairs
        .chunks(2)
        .map(|rows| {
            let [a, b] = rows.get(1).copied().unwrap_or_default();
            Four::from_array([rows[0][0], rows[0][1], a, b])
        })
        .collect()
}

/// A vehicle in motion: `[symmetric, antisymmetric]` of two unknowns in each vector.
#[derive(Debug, Clone)]
pub(crate) struct VehiclePair {
    u: Vec<Four>,
    v: Vec<Four>,
    b: Vec<Four>,
    level: Level,
}

/// The free motion of a vehicle over a step.
struct Free<'a>(&'a mut VehiclePair, &'a VehicleFactor);

impl Kernel for Free<'_> {
    #[inline(always)]
    fn run<S: Simd<f64s = f64x4>>(self, o: Ops<S>) {
        let VehiclePair { u, v, b, .. } = self.0;
        for ((u, v), b) in u.iter_mut().zip(v.iter_mut()).zip(b.iter_mut()) {
            *v = Four(o.add(v.0, b.0));
            *u = Four(o.add(u.0, v.0));
            *b = Four::ZERO;
        }
        let columns = self.1.stiff.chunks_exact(b.len());
        let columns = columns.zip(self.1.damp.chunks_exact(b.len()));
        for (unknown, (stiff, damp)) in columns.enumerate() {
            let (u, v) = (
                spread(u[unknown / 2], unknown),
                spread(v[unknown / 2], unknown),
            );
            for (b, (s, d)) in b.iter_mut().zip(stiff.iter().zip(damp)) {
                *b = Four(o.sub(b.0, o.add(o.mul(s.0, u), o.mul(d.0, v))));
            }
        }
    }
}

/// Changes of the forces down on the wheels of all axles, `[left, right]`, of a vehicle.
struct Push<'a>(&'a mut VehiclePair, &'a VehicleFactor, &'a [[f64; 2]]);

impl Kernel for Push<'_> {
    #[inline(always)]
    fn run<S: Simd<f64s = f64x4>>(self, o: Ops<S>) {
        let Self(pair, factor, forces_n) = self;
        for (column, [left, right]) in factor.column.iter().zip(forces_n) {
            let (same, opposite) = (0.5 * (left + right), 0.5 * (left - right));
            let parts = f64x4(same, opposite, same, opposite);
            for (b, c) in pair.b.iter_mut().zip(column) {
                *b = Four(o.add(b.0, o.mul(c.0, parts)));
            }
        }
    }
}

/// The pair of one unknown in both halves of a vector.
#[inline(always)]
fn spread(Four(a): Four, unknown: usize) -> f64x4 {
    if unknown.is_multiple_of(2) {
        f64x4(a.0, a.1, a.0, a.1)
    } else {
        f64x4(a.2, a.3, a.2, a.3)
    }
}

impl VehiclePair {
    pub(crate) fn at_rest(factor: &VehicleFactor) -> Self {
        let zero = vec![Four::ZERO; factor.size.div_ceil(2)];
        Self {
            u: zero.clone(),
            v: zero.clone(),
            b: zero,
            level: Level::best(),
        }
    }

    /// Ends the last step and solves the next for the given changes of the contact forces from those of
    /// the vehicle type, down on the wheels, `[left, right]` by axle.
    #[inline]
    pub(crate) fn step(&mut self, factor: &VehicleFactor, forces_n: &[[f64; 2]]) {
        self.level.run(Free(self, factor));
        self.push(factor, forces_n);
    }

    /// Adds changes of the forces down on the wheels, `[left, right]` by axle.
    #[inline]
    pub(crate) fn push(&mut self, factor: &VehicleFactor, forces_n: &[[f64; 2]]) {
        self.level.run(Push(self, factor, forces_n));
    }

    /// Displacements of the wheels of an axle at the end of the step from their static position,
    /// `[left, right]`, m.
    #[inline]
    pub(crate) fn wheel_m(&self, factor: &VehicleFactor, wheel: usize) -> [f64; 2] {
        let unknown = factor.wheels[wheel];
        let pair = |a: &[Four]| [0, 1].map(|k| a[unknown / 2].get(2 * (unknown % 2) + k));
        let (u, b) = (pair(&self.u), pair(&self.b));
        let (same, opposite) = (u[0] + 0.25 * b[0], u[1] + 0.25 * b[1]);
        [same + opposite, same - opposite]
    }
}

#[cfg(test)]
mod tests {
    use super::super::vehicle_dynamics::tests::manchester;
    use super::*;

    const STEP_S: f64 = 5e-5;
    const CONTACT_Y_M: f64 = 0.75;

    /// A step under the given contact forces, `[left, right]` by axle.
    fn step(pair: &mut VehiclePair, factor: &VehicleFactor, forces_n: &[[f64; 2]]) {
        let forces = forces_n.iter().zip(&factor.static_n);
        let changes: Vec<[f64; 2]> = forces.map(|(force, n)| force.map(|f| n - f)).collect();
        pair.step(factor, &changes);
    }

    fn factor() -> VehicleFactor {
        VehicleFactor::new(&manchester(), CONTACT_Y_M, STEP_S).unwrap()
    }

    /// Forces of four axles at step `n`, made up.
    fn forces(n: u32, side: f64) -> [f64; 4] {
        [0.0, 1.0, 2.0, 3.0].map(|axle| {
            54e3 + 2e4
                * libm::sin(0.011 * f64::from(n) + axle + side)
                * libm::sin(0.003 * f64::from(n))
        })
    }

    #[test]
    fn equal_forces_give_the_half_vehicle() {
        let factor = factor();
        let mut pair = VehiclePair::at_rest(&factor);
        let mut half = VehicleDynamics::from_vehicle(&manchester(), STEP_S).unwrap();
        for n in 0..4000 {
            let forces = forces(n, 0.0);
            step(&mut pair, &factor, &forces.map(|f| [f; 2]));
            half.predict(&forces);
            for axle in 0..4 {
                let [left, right] = pair.wheel_m(&factor, axle);
                let expected = half.wheel_m(axle);
                assert!(left.to_bits() == right.to_bits());
                assert!((left - expected).abs() < 1e-12, "{left} {expected}");
            }
            half.correct(&[0.0; 4]);
        }
        assert!(pair.wheel_m(&factor, 0)[0].abs() > 1e-3);
    }

    /// A vehicle at rest under its static loads stays there, and these are what they were.
    #[test]
    fn static_loads_are_those_of_the_half_vehicle() {
        let factor = factor();
        let mut pair = VehiclePair::at_rest(&factor);
        let loads: Vec<[f64; 2]> = factor.static_n.iter().map(|f| [*f; 2]).collect();
        for _ in 0..1000 {
            step(&mut pair, &factor, &loads);
        }
        assert!(
            pair.u
                .iter()
                .all(|u| u.to_array().iter().all(|u| u.abs() < 1e-15))
        );
        let whole = manchester().total_mass_kg() * 9.81 / 8.0;
        assert!(
            factor
                .static_n
                .iter()
                .all(|f| (f / whole - 1.0).abs() < 1e-12)
        );
    }

    /// Over one step only inertia counts: `1/m + y^2/I` at the wheel that is pushed, `1/m - y^2/I` at
    /// the other one, and the wheels of equal and opposite forces are as heavy as `I/y^2` together.
    #[test]
    fn a_wheel_is_as_heavy_as_a_rigid_wheelset_makes_it() {
        let (factor, vehicle) = (factor(), manchester());
        let bounce = 1.0 / vehicle.wheelset_mass_kg;
        let roll = CONTACT_Y_M * CONTACT_Y_M / vehicle.roll.wheelset_kg_m2;
        let quarter = 0.25 * STEP_S * STEP_S;
        let near = |got: f64, mobility: f64| {
            let got = got / quarter;
            assert!((got - mobility).abs() < 1e-3 * bounce, "{got} {mobility}");
        };
        near(factor.compliance_m_n(1), bounce + roll);
        near(factor.cross_compliance_m_n(1), bounce - roll);
        let effective_kg = quarter / factor.compliance_m_n(1);
        assert!((effective_kg / 949.0 - 1.0).abs() < 2e-3, "{effective_kg}");
        let mut pair = VehiclePair::at_rest(&factor);
        let mut loads: Vec<[f64; 2]> = factor.static_n.iter().map(|f| [*f; 2]).collect();
        loads[1][0] -= 1e4;
        step(&mut pair, &factor, &loads);
        let [left, right] = pair.wheel_m(&factor, 1);
        near(left / 1e4, bounce + roll);
        near(right / 1e4, bounce - roll);
        loads[1][1] += 1e4;
        let mut pair = VehiclePair::at_rest(&factor);
        step(&mut pair, &factor, &loads);
        let [left, right] = pair.wheel_m(&factor, 1);
        assert!((left + right).abs() < 1e-18);
        near(left / 1e4, 2.0 * roll);
    }

    /// Kicked and left alone on its wheels' static loads, a vehicle only loses energy.
    #[test]
    fn energy_never_grows() {
        let (factor, vehicle) = (factor(), manchester());
        let systems = [
            VehicleDynamics::from_vehicle(&vehicle, STEP_S).unwrap(),
            VehicleDynamics::rolling(&vehicle, CONTACT_Y_M, STEP_S),
        ];
        let mut pair = VehiclePair::at_rest(&factor);
        let loads: Vec<[f64; 2]> = factor.static_n.iter().map(|f| [*f; 2]).collect();
        // Not held by any track: the energy is that of the springs and of all that moves.
        let energy = |pair: &VehiclePair| -> f64 {
            let mut sum = 0.0;
            for (k, system) in systems.iter().enumerate() {
                let (mass, _, stiffness, _) = system.matrices();
                let n = mass.len();
                let at = |a: &[Four], i: usize| a[i / 2].get(2 * (i % 2) + k);
                let u: Vec<f64> = (0..n)
                    .map(|i| at(&pair.u, i) + 0.25 * at(&pair.b, i))
                    .collect();
                for i in 0..n {
                    let v = (at(&pair.v, i) + 0.5 * at(&pair.b, i)) / STEP_S;
                    let spring: f64 = (0..n).map(|j| stiffness[i * n + j] * u[j]).sum();
                    // Both halves.
                    sum += mass[i] * v * v + u[i] * spring;
                }
            }
            sum
        };
        for n in 0..500 {
            let (left, right) = (forces(n, 0.0), forces(n, 1.5));
            let mixed: Vec<[f64; 2]> = (0..4).map(|i| [left[i], right[i]]).collect();
            step(&mut pair, &factor, &mixed);
        }
        step(&mut pair, &factor, &loads);
        let first = energy(&pair);
        let mut before = first;
        for _ in 0..20_000 {
            step(&mut pair, &factor, &loads);
            let after = energy(&pair);
            assert!(after - before <= 1e-9 * first, "{before} {after}");
            before = after;
        }
        assert!(before < 0.9 * first && first > 10.0, "{first} {before}");
    }
}
