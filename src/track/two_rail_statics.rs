//! Static equilibrium of two rails on bearers, with gaps along the bearers and dead weight.

use super::band::Factor;
use super::dense::Cholesky;
use super::two_rail_model::{MODES_FINE, ModalBearer, TwoRailModel, add_load, interpolate};
use super::two_rails::{BearerPoint, RailForce, TwoRailTrack};
use super::{BallastLaw, TrackError};

/// Largest number of active-set iterations; about ten are needed.
const ITERATIONS_MAX: usize = 500;
/// Refinements of a solution by its residual.
const REFINEMENTS: usize = 3;

/// A static state of two rails on bearers, positive down.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoRailState {
    /// Deflection and rotation of the left, then of the right rail at every node.
    pub(crate) rails: Vec<[f64; 4]>,
    /// Modal unknowns of every bearer.
    pub(crate) modes: Vec<Vec<f64>>,
    /// Pieces of ballast that do not carry their bearer, for each bearer.
    pub(crate) open: Vec<Vec<bool>>,
    /// Force of the ballast on each bearer (up), N.
    pub ballast_force_n: Vec<f64>,
    /// Forces of the left and the right pad on each bearer (down), N.
    pub seat_force_n: Vec<[f64; 2]>,
    /// Deflection of the rail at the place of each load, m.
    pub under_load_m: Vec<f64>,
    /// Displacement of the points asked for, m.
    pub point_m: Vec<f64>,
}

/// Static equilibrium under the dead weight and vertical forces on the rails.
///
/// Gaps close and bearers lift, piece by piece, as the ballast law says, at rest.
pub fn two_rail_statics(
    track: &TwoRailTrack,
    forces: &[RailForce],
    points: &[BearerPoint],
) -> Result<TwoRailState, TrackError> {
    let model = TwoRailModel::new(track, MODES_FINE)?;
    let mut state = solve(&model, forces)?;
    for &point in points {
        let probe = model.probe(track, point)?;
        let u = probe.rest_m(&state.modes[point.bearer], state.seat_force_n[point.bearer]);
        state.point_m.push(u);
    }
    Ok(state)
}

pub(crate) fn solve(
    model: &TwoRailModel,
    forces: &[RailForce],
) -> Result<TwoRailState, TrackError> {
    let mut load = model.rail_weight.clone();
    for force in forces {
        let place = model.place_inside(force.x_m)?;
        let shape = model.shape(force.side, place);
        add_load(&mut load, force.side, place.element, &shape, force.force_n);
    }
    let solution = active_set(model, &load)?;
    let mut under_load_m = Vec::with_capacity(forces.len());
    for force in forces {
        let place = model.place_inside(force.x_m)?;
        let shape = model.shape(force.side, place);
        let local = model.local_compliance(force.side, place) * force.force_n;
        under_load_m.push(interpolate(&solution.rails, force.side, place.element, &shape) + local);
    }
    let mut seat_force_n = Vec::with_capacity(model.bearers.len());
    let mut ballast_force_n = Vec::with_capacity(model.bearers.len());
    for (i, (bearer, q)) in model.bearers.iter().zip(&solution.modes).enumerate() {
        let node = &solution.rails[model.node_of(i)];
        seat_force_n.push(
            [0, 1].map(|s| bearer.pads[s].stiffness_n_m * (node[2 * s] - dot(&bearer.seats[s], q))),
        );
        ballast_force_n.push(ballast_force(bearer, q, &solution.open[i]));
    }
    Ok(TwoRailState {
        rails: solution.rails,
        modes: solution.modes,
        open: solution.open,
        ballast_force_n,
        seat_force_n,
        under_load_m,
        point_m: Vec::new(),
    })
}

/// Sum of the static ballast forces under a bearer (up), N.
fn ballast_force(bearer: &ModalBearer, q: &[f64], open: &[bool]) -> f64 {
    // Mode 0 is the mean displacement times the root of the mass: k/m q0 root(m).
    let root_mass = 1.0 / bearer.seats[0][0];
    let mut force = bearer.ballast_1_s2 * q[0] * root_mass;
    for (point, open) in bearer.points.iter().zip(open) {
        let u = if *open {
            dot(&point.shape, q)
        } else {
            point.gap_m
        };
        force -= point.stiffness_n_m * u;
    }
    force
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

struct Solution {
    rails: Vec<[f64; 4]>,
    modes: Vec<Vec<f64>>,
    open: Vec<Vec<bool>>,
}

/// Newton's method on the piecewise linear equilibrium; should it cycle, only the worst piece
/// changes.
fn active_set(model: &TwoRailModel, load: &[[f64; 4]]) -> Result<Solution, TrackError> {
    let mut open: Vec<Vec<bool>> = model
        .bearers
        .iter()
        .map(|bearer| vec![false; bearer.points.len()])
        .collect();
    let weightless = load.iter().flatten().all(|f| *f == 0.0)
        && model.bearers.iter().all(|bearer| bearer.weight == 0.0);
    if weightless {
        // Nothing to carry: u = 0 is the reference state, even where no gap is closed.
        for (bearer, open) in model.bearers.iter().zip(&mut open) {
            for (point, open) in bearer.points.iter().zip(open) {
                *open = point.gap_m > 0.0;
            }
        }
        return Ok(Solution {
            rails: vec![[0.0; 4]; load.len()],
            modes: model
                .bearers
                .iter()
                .map(|b| vec![0.0; b.omega2.len()])
                .collect(),
            open,
        });
    }
    let mut bearers: Vec<CondensedBearer> = Vec::with_capacity(model.bearers.len());
    for (i, (bearer, open)) in model.bearers.iter().zip(&open).enumerate() {
        let at_m = model.node_x_m(model.node_of(i));
        bearers.push(CondensedBearer::new(bearer, open, at_m)?);
    }
    for iteration in 0..ITERATIONS_MAX {
        let (rails, modes) = solve_linear(model, load, &bearers)?;
        if model.law == BallastLaw::Linear {
            return Ok(Solution { rails, modes, open });
        }
        let mut worst: Option<(usize, usize, f64)> = None;
        let mut wrong = Vec::new();
        for (i, bearer) in model.bearers.iter().enumerate() {
            for (p, point) in bearer.points.iter().enumerate() {
                let d = dot(&point.shape, &modes[i]) - point.gap_m;
                if (d <= 0.0) != open[i][p] {
                    wrong.push((i, p));
                    let size = d.abs() * point.stiffness_n_m;
                    if worst.is_none_or(|(_, _, largest)| size > largest) {
                        worst = Some((i, p, size));
                    }
                }
            }
        }
        let Some((i, p, _)) = worst else {
            return Ok(Solution { rails, modes, open });
        };
        if iteration >= ITERATIONS_MAX / 10 {
            wrong = vec![(i, p)];
        }
        for &(i, p) in &wrong {
            open[i][p] = !open[i][p];
        }
        wrong.dedup_by_key(|(i, _)| *i);
        for (i, _) in wrong {
            let at_m = model.node_x_m(model.node_of(i));
            bearers[i] = CondensedBearer::new(&model.bearers[i], &open[i], at_m)?;
        }
    }
    Err(TrackError::NoEquilibrium {
        iterations: ITERATIONS_MAX,
    })
}

/// A bearer with its pads, condensed onto the rail nodes over it.
struct CondensedBearer {
    /// Modal stiffness with pads, factorised.
    factor: Cholesky,
    /// `K^-1 [k_L phi_L, k_R phi_R]`.
    columns: [Vec<f64>; 2],
    /// Stiffness that the two rails feel.
    stiffness: [[f64; 2]; 2],
    /// Modal load from weight and gaps.
    load: Vec<f64>,
}

impl CondensedBearer {
    fn new(bearer: &ModalBearer, open: &[bool], at_m: f64) -> Result<Self, TrackError> {
        let n = bearer.omega2.len();
        let mut matrix = vec![0.0; n * n];
        for (j, w2) in bearer.omega2.iter().enumerate() {
            matrix[j * n + j] = w2 + bearer.ballast_1_s2;
        }
        let mut load = vec![0.0; n];
        load[0] = bearer.weight;
        for (point, open) in bearer.points.iter().zip(open) {
            if *open {
                add_outer(&mut matrix, n, &point.shape, -point.stiffness_n_m);
            } else if point.gap_m != 0.0 {
                for (f, shape) in load.iter_mut().zip(&point.shape) {
                    *f += point.stiffness_n_m * point.gap_m * shape;
                }
            }
        }
        for (pad, seat) in bearer.pads.iter().zip(&bearer.seats) {
            add_outer(&mut matrix, n, seat, pad.stiffness_n_m);
        }
        let factor = Cholesky::new(matrix, n).ok_or(TrackError::NotSupported { at_m })?;
        let columns = [0, 1].map(|s| {
            let mut column: Vec<f64> = bearer.seats[s]
                .iter()
                .map(|shape| bearer.pads[s].stiffness_n_m * shape)
                .collect();
            factor.solve(&mut column);
            column
        });
        let mut stiffness = [[0.0; 2]; 2];
        for (s, row) in stiffness.iter_mut().enumerate() {
            for (t, value) in row.iter_mut().enumerate() {
                let k = bearer.pads[s].stiffness_n_m;
                *value = -k * dot(&bearer.seats[s], &columns[t]);
                if s == t {
                    *value += k;
                }
            }
        }
        let mean = 0.5 * (stiffness[0][1] + stiffness[1][0]);
        stiffness[0][1] = mean;
        stiffness[1][0] = mean;
        Ok(Self {
            factor,
            columns,
            stiffness,
            load,
        })
    }
}

/// Adds `scale shape shape^T` to the leading part of a matrix of `n` columns.
fn add_outer(matrix: &mut [f64], n: usize, shape: &[f64], scale: f64) {
    for (row, a) in matrix.chunks_exact_mut(n).zip(shape) {
        for (value, b) in row.iter_mut().zip(shape) {
            *value += scale * a * b;
        }
    }
}

type Unknowns = (Vec<[f64; 4]>, Vec<Vec<f64>>);

/// Equilibrium for given open pieces, refined by the residual of the uncondensed equations: a rail
/// that hangs far out has entries of 2e10 N/m against supports of 4e7 N/m.
fn solve_linear(
    model: &TwoRailModel,
    load: &[[f64; 4]],
    bearers: &[CondensedBearer],
) -> Result<Unknowns, TrackError> {
    let mut matrix = model.stiffness.clone();
    for (i, bearer) in bearers.iter().enumerate() {
        let block = &mut matrix.diagonal[model.node_of(i)];
        for s in 0..2 {
            for t in 0..2 {
                block[2 * s][2 * t] += bearer.stiffness[s][t];
            }
        }
    }
    let not_supported = |node: usize| TrackError::NotSupported {
        at_m: model.node_x_m(node),
    };
    let factor = Factor::new(&matrix).map_err(|singular| not_supported(singular.0))?;
    let mut rails = vec![[0.0; 4]; load.len()];
    let mut modes: Vec<Vec<f64>> = model
        .bearers
        .iter()
        .map(|bearer| vec![0.0; bearer.omega2.len()])
        .collect();
    let mut right = vec![[0.0; 4]; rails.len()];
    for _ in 0..REFINEMENTS {
        model.stiffness.residual(&rails, load, &mut right);
        let mut parts = Vec::with_capacity(bearers.len());
        for (i, (bearer, condensed)) in model.bearers.iter().zip(bearers).enumerate() {
            let node = model.node_of(i);
            // Residual of the modes with the pads open, then what the pads pass on.
            let mut part = condensed.load.clone();
            condensed.factor.subtract_product(&modes[i], &mut part);
            for s in 0..2 {
                let k = bearer.pads[s].stiffness_n_m;
                let w = rails[node][2 * s];
                for (f, shape) in part.iter_mut().zip(&bearer.seats[s]) {
                    *f += k * w * shape;
                }
                right[node][2 * s] -= k * (w - dot(&bearer.seats[s], &modes[i]));
            }
            for s in 0..2 {
                right[node][2 * s] += dot(&condensed.columns[s], &part);
            }
            parts.push(part);
        }
        factor.solve(&mut right);
        for (i, (condensed, mut part)) in bearers.iter().zip(parts).enumerate() {
            condensed.factor.solve(&mut part);
            let change = &right[model.node_of(i)];
            for (j, q) in modes[i].iter_mut().enumerate() {
                *q += part[j]
                    + condensed.columns[0][j] * change[0]
                    + condensed.columns[1][j] * change[2];
            }
        }
        for (u, du) in rails.iter_mut().zip(&right) {
            for (u, du) in u.iter_mut().zip(du) {
                *u += du;
            }
        }
    }
    match rails.iter().position(|u| !u.iter().all(|v| v.is_finite())) {
        Some(node) => Err(not_supported(node)),
        None => Ok((rails, modes)),
    }
}
