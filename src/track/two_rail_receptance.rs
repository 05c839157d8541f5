//! Response of two rails on bearers to a harmonic force.

use std::f64::consts::PI;

use super::band::{BlockTridiagonal, Factor};
use super::complex::Complex;
use super::two_rail_model::{MODES_FINE, ModalBearer, TwoRailModel, add_load, interpolate};
use super::two_rails::{Side, TwoRailTrack};
use super::{Receptance, TrackError};

/// Receptances at some places for a unit force on one rail at one place, with every bearer in
/// bearing: the linear track that a loaded train sees.
///
/// `force` and `responses` are (rail, x in m). The complex symmetric equations are written as real
/// ones, as in the receptance of one rail, with eight unknowns per node.
pub fn two_rail_receptance(
    track: &TwoRailTrack,
    force: (Side, f64),
    responses: &[(Side, f64)],
    frequency_hz: f64,
) -> Result<Vec<Receptance>, TrackError> {
    let model = TwoRailModel::new(track, MODES_FINE)?;
    super::check::positive("frequency (Hz)", "the receptance", frequency_hz)?;
    let from = model.place_inside(force.1)?;
    let mut load = vec![[0.0; 4]; model.nodes()];
    let shape = model.shape(force.0, from);
    add_load(&mut load, force.0, from.element, &shape, 1.0);
    let mut unknowns: Vec<[f64; 8]> = load
        .iter()
        .map(|f| [f[0], f[1], f[2], f[3], 0.0, 0.0, 0.0, 0.0])
        .collect();
    Factor::new(&dynamic_stiffness(&model, 2.0 * PI * frequency_hz))
        .map_err(|singular| TrackError::NotSupported {
            at_m: model.node_x_m(singular.0),
        })?
        .solve(&mut unknowns);
    let part = |k: usize| -> Vec<[f64; 4]> {
        unknowns
            .iter()
            .map(|u| [u[k], u[k + 1], u[k + 2], u[k + 3]])
            .collect()
    };
    let (real, imaginary) = (part(0), part(4));
    let mut answers = Vec::with_capacity(responses.len());
    for &(side, x_m) in responses {
        let to = model.place_inside(x_m)?;
        let shape = model.shape(side, to);
        let local = if from == to && force.0 == side {
            model.local_compliance(side, from)
        } else {
            0.0
        };
        answers.push(Receptance {
            real_m_n: interpolate(&real, side, to.element, &shape) + local,
            imaginary_m_n: interpolate(&imaginary, side, to.element, &shape),
        });
    }
    Ok(answers)
}

/// `[[A, -B], [-B, -A]]` for the complex dynamic stiffness `A + i B`.
fn dynamic_stiffness(model: &TwoRailModel, omega: f64) -> BlockTridiagonal<8> {
    let real = model.stiffness.combine(1.0, &model.mass, -omega * omega);
    let mut matrix = BlockTridiagonal::<8>::zeros(model.nodes());
    let blocks = |to: &mut Vec<[[f64; 8]; 8]>, from: &[[[f64; 4]; 4]]| {
        for (block, a) in to.iter_mut().zip(from) {
            for i in 0..4 {
                for j in 0..4 {
                    block[i][j] = a[i][j];
                    block[4 + i][4 + j] = -a[i][j];
                }
            }
        }
    };
    blocks(&mut matrix.diagonal, &real.diagonal);
    blocks(&mut matrix.lower, &real.lower);
    for (i, bearer) in model.bearers.iter().enumerate() {
        let support = seat_stiffness(bearer, omega);
        let block = &mut matrix.diagonal[model.node_of(i)];
        for (s, row) in support.iter().enumerate() {
            for (t, Complex(a, b)) in row.iter().enumerate() {
                let (r, c) = (2 * s, 2 * t);
                block[r][c] += a;
                block[4 + r][4 + c] -= a;
                block[r][4 + c] -= b;
                block[4 + r][c] -= b;
            }
        }
    }
    matrix
}

/// Dynamic stiffness that the two rails feel at a bearer: pads in series with the bearer's
/// receptance at its seats.
fn seat_stiffness(bearer: &ModalBearer, omega: f64) -> [[Complex; 2]; 2] {
    let mut flexibility = [[Complex(0.0, 0.0); 2]; 2];
    for (j, w2) in bearer.omega2.iter().enumerate() {
        let mode = Complex(
            w2 + bearer.ballast_1_s2 - omega * omega,
            omega * bearer.damping_1_s,
        )
        .inverse();
        for (s, row) in flexibility.iter_mut().enumerate() {
            for (t, value) in row.iter_mut().enumerate() {
                *value = *value + mode.scale(bearer.seats[s][j] * bearer.seats[t][j]);
            }
        }
    }
    for (s, pad) in bearer.pads.iter().enumerate() {
        let spring = Complex(pad.stiffness_n_m, omega * pad.damping_n_s_m);
        flexibility[s][s] = flexibility[s][s] + spring.inverse();
    }
    let [[a, b], [c, d]] = flexibility;
    let scale = (a * d - b * c).inverse();
    [[d * scale, -b * scale], [-c * scale, a * scale]]
}
