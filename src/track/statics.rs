//! Static equilibrium, with gaps and dead weight.

use super::assembly::{Assembly, add_load, interpolate};
use super::ballast;
use super::band::Factor;
use super::{BallastLaw, Track, TrackError};

/// Largest number of active-set iterations; about ten are needed.
const ITERATIONS_MAX: usize = 500;

/// A static state of the track, positive down.
#[derive(Debug, Clone, PartialEq)]
pub struct StaticState {
    /// Deflection (m) and rotation of every rail node.
    pub(crate) rail: Vec<[f64; 2]>,
    /// Sleeper displacement, m.
    pub sleeper_m: Vec<f64>,
    /// Force of the ballast on each sleeper (up), N.
    pub ballast_force_n: Vec<f64>,
    /// Force of each rail pad on its sleeper (down), N.
    pub seat_force_n: Vec<f64>,
    /// Rail deflection at the place of each load, m.
    pub under_load_m: Vec<f64>,
    /// Rail deflection at the two ends of the track, m.
    pub rail_end_m: [f64; 2],
}

/// Static equilibrium of a track under its dead weight and vertical loads `(x in m, force in N)`.
///
/// Gaps close and sleepers lift as the ballast law says, at rest.
pub fn statics(track: &Track, loads: &[(f64, f64)]) -> Result<StaticState, TrackError> {
    solve(&Assembly::new(track)?, loads)
}

pub(crate) fn solve(model: &Assembly, loads: &[(f64, f64)]) -> Result<StaticState, TrackError> {
    let mut rail_load = model.rail_weight.clone();
    let mut places = Vec::with_capacity(loads.len());
    for &(x_m, force_n) in loads {
        let place = model.place_inside(x_m)?;
        let shape = model.shape(place);
        add_load(&mut rail_load, place.element, &shape, force_n);
        places.push((place, shape, force_n));
    }
    let (rail, sleeper_m) = if rail_load.iter().flatten().all(|f| *f == 0.0) {
        // Nothing to carry: u = 0 is the reference state, even where no gap is closed.
        (rail_load, vec![0.0; model.supports.len()])
    } else {
        active_set(model, &rail_load)?
    };
    let under_load_m = places
        .iter()
        .map(|(place, shape, force_n)| {
            interpolate(&rail, place.element, shape) + model.local_compliance(*place) * force_n
        })
        .collect();
    let supports = || model.supports.iter().zip(&sleeper_m).enumerate();
    Ok(StaticState {
        ballast_force_n: supports()
            .map(|(_, (s, &u))| ballast::force_n(model.law, s, u, 0.0))
            .collect(),
        seat_force_n: supports()
            .map(|(i, (s, &u))| s.pad_stiffness_n_m * (rail[model.node_of(i)][0] - u))
            .collect(),
        under_load_m,
        rail_end_m: [rail[0][0], rail[rail.len() - 1][0]],
        rail,
        sleeper_m,
    })
}

type Displacements = (Vec<[f64; 2]>, Vec<f64>);

/// Newton's method on the piecewise linear equilibrium: the sleepers in bearing are those that the
/// last solution put there. Should it cycle, only the worst offender changes.
fn active_set(model: &Assembly, rail_load: &[[f64; 2]]) -> Result<Displacements, TrackError> {
    let mut bearing = vec![true; model.supports.len()];
    for iteration in 0..ITERATIONS_MAX {
        let (rail, sleepers) = solve_linear(model, rail_load, &bearing)?;
        if model.law == BallastLaw::Linear {
            return Ok((rail, sleepers));
        }
        let mut worst = None;
        let mut wrong = Vec::new();
        for (i, (support, &u)) in model.supports.iter().zip(&sleepers).enumerate() {
            if ballast::in_bearing(model.law, support, u, 0.0) != bearing[i] {
                wrong.push(i);
                let size = (u - support.gap_m).abs();
                if worst.is_none_or(|(_, largest)| size > largest) {
                    worst = Some((i, size));
                }
            }
        }
        let Some((worst, _)) = worst else {
            return Ok((rail, sleepers));
        };
        if iteration < ITERATIONS_MAX / 10 {
            for i in wrong {
                bearing[i] = !bearing[i];
            }
        } else {
            bearing[worst] = !bearing[worst];
        }
    }
    Err(TrackError::NoEquilibrium {
        iterations: ITERATIONS_MAX,
    })
}

/// Equilibrium for a given set of sleepers in bearing.
///
/// Each sleeper is condensed onto its rail node: with pad `p` and ballast `b` (zero when open) in
/// series the node feels `p b / (p + b)` and the share `p / (p + b)` of the sleeper's load. The
/// residual of the uncondensed equations is then solved for twice, which removes the rounding of
/// a rail that hangs far out (stiffness entries of 2e10 N/m against supports of 4e7 N/m).
fn solve_linear(
    model: &Assembly,
    rail_load: &[[f64; 2]],
    bearing: &[bool],
) -> Result<Displacements, TrackError> {
    let stiffness_of = |i: usize| {
        if bearing[i] {
            model.supports[i].ballast_stiffness_n_m
        } else {
            0.0
        }
    };
    let mut matrix = model.stiffness.clone();
    for (i, support) in model.supports.iter().enumerate() {
        let (p, b) = (support.pad_stiffness_n_m, stiffness_of(i));
        matrix.diagonal[model.node_of(i)][0][0] += p * b / (p + b);
    }
    let factor = Factor::new(&matrix).map_err(|singular| TrackError::NotSupported {
        at_m: model.node_x_m(singular.0),
    })?;
    let sleeper_load: Vec<f64> = model
        .supports
        .iter()
        .enumerate()
        .map(|(i, s)| s.sleeper_mass_kg * model.gravity_m_s2 + stiffness_of(i) * s.gap_m)
        .collect();
    let mut rail = vec![[0.0; 2]; rail_load.len()];
    let mut sleepers = vec![0.0; sleeper_load.len()];
    for _ in 0..3 {
        let mut right = vec![[0.0; 2]; rail.len()];
        model.stiffness.multiply_add(&rail, &mut right);
        for (r, f) in right.iter_mut().zip(rail_load) {
            *r = [f[0] - r[0], f[1] - r[1]];
        }
        let mut sleeper_right = sleeper_load.clone();
        for (i, support) in model.supports.iter().enumerate() {
            let (p, b, node) = (support.pad_stiffness_n_m, stiffness_of(i), model.node_of(i));
            let pad = p * (rail[node][0] - sleepers[i]);
            sleeper_right[i] += pad - b * sleepers[i];
            right[node][0] += p / (p + b) * sleeper_right[i] - pad;
        }
        factor.solve(&mut right);
        for (i, support) in model.supports.iter().enumerate() {
            let (p, b) = (support.pad_stiffness_n_m, stiffness_of(i));
            sleepers[i] += (sleeper_right[i] + p * right[model.node_of(i)][0]) / (p + b);
        }
        for (u, du) in rail.iter_mut().zip(&right) {
            *u = [u[0] + du[0], u[1] + du[1]];
        }
    }
    if let Some(node) = rail
        .iter()
        .position(|u| !(u[0].is_finite() && u[1].is_finite()))
    {
        return Err(TrackError::NotSupported {
            at_m: model.node_x_m(node),
        });
    }
    Ok((rail, sleepers))
}
