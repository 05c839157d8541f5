//! The matrices of two rails on modal bearers.
//!
//! A rail node carries four unknowns: deflection and rotation of the left rail, then of the right
//! one. Rails are coupled only where a bearer joins them.

use super::assembly::Place;
use super::band::BlockTridiagonal;
use super::bearer_modes::{modal_shape, omega_squared};
use super::element::BeamElement;
use super::quadrature::gauss_legendre;
use super::two_rails::{Bearer, BearerPoint, Side, TwoRailTrack};
use super::{BallastLaw, Pad, TrackError};

/// Modes of a bearer where accuracy counts and time does not: statics and receptance.
pub(crate) const MODES_FINE: usize = 44;
/// Points along a bearer at which the law of unilateral ballast is evaluated.
pub(crate) const BALLAST_POINTS: usize = 16;
/// Modes of a bearer that the law of unilateral ballast sees: the rigid ones and seven in bending, up
/// to 3 kHz for a sleeper. Gauss' rule of [`BALLAST_POINTS`] integrates the products of these to
/// 5e-5, so that ballast which lets go takes away the spring and the damper that it was. With the
/// modes above, whose products the rule overestimates twice, it would take away more than was there
/// and leave a negative damper. Those keep their linear ballast: a spring of less than 1 % of their own.
pub(crate) const BALLAST_MODES: usize = 9;
/// Modes summed up for the static flexibility of those left out.
const MODES_OF_RESIDUAL: usize = 60;

/// A bearer in its modes, of unit modal mass.
#[derive(Debug, Clone)]
pub(crate) struct ModalBearer {
    /// Squared frequencies without ballast, 1/s2.
    pub(crate) omega2: Vec<f64>,
    /// Ballast stiffness and damping per mass, 1/s2 and 1/s.
    pub(crate) ballast_1_s2: f64,
    pub(crate) damping_1_s: f64,
    /// Shapes at the left and right seat.
    pub(crate) seats: [Vec<f64>; 2],
    /// Pads; each a little softer than the pad itself by the static flexibility that the modes left
    /// out would add at its seat, in series.
    pub(crate) pads: [Pad; 2],
    /// Weight on mode 0.
    pub(crate) weight: f64,
    /// Points of the ballast.
    pub(crate) points: Vec<BallastPoint>,
}

/// A piece of the ballast under a bearer.
#[derive(Debug, Clone)]
pub(crate) struct BallastPoint {
    /// Shapes there of the modes that the law sees.
    pub(crate) shape: Vec<f64>,
    /// Stiffness and damping of the piece, N/m and N s/m.
    pub(crate) stiffness_n_m: f64,
    pub(crate) damping_n_s_m: f64,
    /// Gap, m.
    pub(crate) gap_m: f64,
}

impl ModalBearer {
    fn new(bearer: &Bearer, track: &TwoRailTrack, modes: usize) -> Self {
        let shape_at =
            |y: f64| -> Vec<f64> { (0..modes).map(|j| modal_shape(bearer, j, y)).collect() };
        let ballast_1_s2 = bearer.ballast_stiffness_n_m2 / bearer.mass_kg_m;
        let pads = [0, 1].map(|side| {
            let y = track.seats_y_m[side];
            let missing: f64 = (modes..MODES_OF_RESIDUAL)
                .map(|j| {
                    let shape = modal_shape(bearer, j, y);
                    shape * shape / (omega_squared(bearer, j) + ballast_1_s2)
                })
                .sum();
            let pad = bearer.pads[side];
            let softer = 1.0 / (1.0 + pad.stiffness_n_m * missing);
            Pad {
                stiffness_n_m: pad.stiffness_n_m * softer,
                damping_n_s_m: pad.damping_n_s_m * softer * softer,
            }
        });
        let points = if track.ballast == BallastLaw::Linear {
            Vec::new()
        } else {
            gauss_legendre(BALLAST_POINTS)
                .iter()
                .map(|&(x, weight)| {
                    let y = bearer.left_end_y_m - x * bearer.length_m();
                    let length_m = weight * bearer.length_m();
                    BallastPoint {
                        shape: (0..modes.min(BALLAST_MODES))
                            .map(|j| modal_shape(bearer, j, y))
                            .collect(),
                        stiffness_n_m: bearer.ballast_stiffness_n_m2 * length_m,
                        damping_n_s_m: bearer.ballast_damping_n_s_m2 * length_m,
                        gap_m: bearer.gap.at(y),
                    }
                })
                .collect()
        };
        Self {
            omega2: (0..modes).map(|j| omega_squared(bearer, j)).collect(),
            ballast_1_s2,
            damping_1_s: bearer.ballast_damping_n_s_m2 / bearer.mass_kg_m,
            seats: track.seats_y_m.map(shape_at),
            pads,
            weight: track.gravity_m_s2 * bearer.mass_kg().sqrt(),
            points,
        }
    }
}

impl ModalBearer {
    /// A sleeper with one rigid mode under one rail.
    pub(crate) fn single_mode(
        shape: f64,
        support: &super::Support,
        pads: [Pad; 2],
        law: BallastLaw,
    ) -> Self {
        let m = support.sleeper_mass_kg;
        let points = if law == BallastLaw::Linear {
            Vec::new()
        } else {
            vec![BallastPoint {
                shape: vec![shape],
                stiffness_n_m: support.ballast_stiffness_n_m,
                damping_n_s_m: support.ballast_damping_n_s_m,
                gap_m: support.gap_m,
            }]
        };
        Self {
            omega2: vec![0.0],
            ballast_1_s2: support.ballast_stiffness_n_m / m,
            damping_1_s: support.ballast_damping_n_s_m / m,
            seats: [vec![shape], Vec::new()],
            pads,
            weight: 0.0,
            points,
        }
    }
}

/// Two rails of beam elements over modal bearers.
#[derive(Debug, Clone)]
pub(crate) struct TwoRailModel {
    /// Elements of the left and the right rail.
    pub(crate) elements: [Vec<BeamElement>; 2],
    pub(crate) elements_per_bay: usize,
    pub(crate) element_m: f64,
    /// Stiffness and mass of the rails alone.
    pub(crate) stiffness: BlockTridiagonal<4>,
    pub(crate) mass: BlockTridiagonal<4>,
    /// Weight of the rails on their nodes.
    pub(crate) rail_weight: Vec<[f64; 4]>,
    pub(crate) bearers: Vec<ModalBearer>,
    pub(crate) law: BallastLaw,
}

impl TwoRailModel {
    /// Checks and assembles a track with `modes` modes for each bearer.
    pub(crate) fn new(track: &TwoRailTrack, modes: usize) -> Result<Self, TrackError> {
        track.check()?;
        let element_m = track.bay_m / track.elements_per_bay as f64;
        let nodes = track.bays() * track.elements_per_bay + 1;
        let elements = [0, 1].map(|side| elements_of(track, side, element_m));
        let mut stiffness = BlockTridiagonal::zeros(nodes);
        let mut mass = BlockTridiagonal::zeros(nodes);
        let mut rail_weight = vec![[0.0; 4]; nodes];
        for (side, list) in elements.iter().enumerate() {
            for (node, element) in list.iter().enumerate() {
                add_element(&mut stiffness, node, side, &element.stiffness());
                add_element(&mut mass, node, side, &element.mass());
                let weight = element.weight_load(track.gravity_m_s2);
                for k in 0..2 {
                    rail_weight[node][2 * side + k] += weight[k];
                    rail_weight[node + 1][2 * side + k] += weight[2 + k];
                }
            }
        }
        let mut bearers: Vec<ModalBearer> = Vec::with_capacity(track.bearers.len());
        for (i, bearer) in track.bearers.iter().enumerate() {
            let same = i > 0 && *bearer == track.bearers[i - 1];
            let modal = if same {
                bearers[i - 1].clone()
            } else {
                ModalBearer::new(bearer, track, modes)
            };
            bearers.push(modal);
        }
        Ok(Self {
            elements,
            elements_per_bay: track.elements_per_bay,
            element_m,
            stiffness,
            mass,
            rail_weight,
            bearers,
            law: track.ballast,
        })
    }

    pub(crate) fn nodes(&self) -> usize {
        self.rail_weight.len()
    }

    pub(crate) fn node_of(&self, bearer: usize) -> usize {
        bearer * self.elements_per_bay
    }

    pub(crate) fn node_x_m(&self, node: usize) -> f64 {
        node as f64 * self.element_m
    }

    pub(crate) fn length_m(&self) -> f64 {
        self.node_x_m(self.nodes() - 1)
    }

    /// Element and fraction at `x_m`; places outside the rails are moved to their ends.
    pub(crate) fn place(&self, x_m: f64) -> Place {
        let position = (x_m / self.element_m).max(0.0);
        let element = (position as usize).min(self.nodes() - 2);
        Place {
            element,
            fraction: (position - element as f64).min(1.0),
        }
    }

    /// Like [`Self::place`], but a place outside the rails is an error.
    pub(crate) fn place_inside(&self, x_m: f64) -> Result<Place, TrackError> {
        if x_m >= 0.0 && x_m <= self.length_m() * (1.0 + 1e-12) {
            Ok(self.place(x_m))
        } else {
            Err(TrackError::Outside {
                at_m: x_m,
                length_m: self.length_m(),
            })
        }
    }

    /// Shape functions of the deflection of one rail: for the unknowns of the left and right node.
    pub(crate) fn shape(&self, side: Side, place: Place) -> [[f64; 2]; 2] {
        let element = &self.elements[side.index()][place.element];
        let [a, b, c, d] = element.deflection_shape(place.fraction);
        [[a, b], [c, d]]
    }

    /// See [`BeamElement::local_compliance`].
    pub(crate) fn local_compliance(&self, side: Side, place: Place) -> f64 {
        self.elements[side.index()][place.element].local_compliance(place.fraction)
    }

    /// What it takes to look at a point of a bearer.
    pub(crate) fn probe(
        &self,
        track: &TwoRailTrack,
        point: BearerPoint,
    ) -> Result<Probe, TrackError> {
        track.check_point(point)?;
        let bearer = &track.bearers[point.bearer];
        let modal = &self.bearers[point.bearer];
        let modes = modal.omega2.len();
        let shape_at = |j: usize| modal_shape(bearer, j, point.y_m);
        Ok(Probe {
            bearer: point.bearer,
            shape: (0..modes).map(shape_at).collect(),
            residual_m_n: track.seats_y_m.map(|seat_y| {
                (modes..MODES_OF_RESIDUAL)
                    .map(|j| {
                        let stiffness = omega_squared(bearer, j) + modal.ballast_1_s2;
                        shape_at(j) * modal_shape(bearer, j, seat_y) / stiffness
                    })
                    .sum()
            }),
        })
    }
}

/// A point of a bearer: the shapes of its modes there, and the static flexibility between it and the
/// two seats that the modes left out would add.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Probe {
    pub(crate) bearer: usize,
    pub(crate) shape: Vec<f64>,
    pub(crate) residual_m_n: [f64; 2],
}

impl Probe {
    /// Displacement in a static state, m.
    pub(crate) fn rest_m(&self, modes: &[f64], seat_force_n: [f64; 2]) -> f64 {
        let modal: f64 = self.shape.iter().zip(modes).map(|(a, b)| a * b).sum();
        let [left, right] = self.residual_m_n;
        modal + (left * seat_force_n[0] + right * seat_force_n[1])
    }
}

fn elements_of(track: &TwoRailTrack, side: usize, element_m: f64) -> Vec<BeamElement> {
    let rotary = track.rotary_second_moment_m4;
    track.rails[side]
        .iter()
        .map(|section| BeamElement::with_rotary(section, track.beam, element_m, rotary))
        .collect()
}

fn add_element(
    matrix: &mut BlockTridiagonal<4>,
    node: usize,
    side: usize,
    element: &[[f64; 4]; 4],
) {
    let o = 2 * side;
    for i in 0..2 {
        for j in 0..2 {
            matrix.diagonal[node][o + i][o + j] += element[i][j];
            matrix.diagonal[node + 1][o + i][o + j] += element[i + 2][j + 2];
            matrix.lower[node][o + i][o + j] += element[i + 2][j];
        }
    }
}

/// Deflection of one rail at a place from the unknowns of the nodes.
pub(crate) fn interpolate(
    rails: &[[f64; 4]],
    side: Side,
    element: usize,
    shape: &[[f64; 2]; 2],
) -> f64 {
    let o = 2 * side.index();
    let (left, right) = (&rails[element], &rails[element + 1]);
    shape[0][0] * left[o]
        + shape[0][1] * left[o + 1]
        + shape[1][0] * right[o]
        + shape[1][1] * right[o + 1]
}

/// Adds a force on one rail to the nodes' loads.
pub(crate) fn add_load(
    rails: &mut [[f64; 4]],
    side: Side,
    element: usize,
    shape: &[[f64; 2]; 2],
    force_n: f64,
) {
    let o = 2 * side.index();
    for (node, part) in rails[element..element + 2].iter_mut().zip(shape) {
        node[o] += force_n * part[0];
        node[o + 1] += force_n * part[1];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{BeamTheory, GapProfile, RailSection, sections_of_bays};

    /// Ballast that lets go all along a bearer must not take away more than it gave, or a damper below
    /// zero is left: no motion of the bearer may be felt by the pieces more than by the bed.
    #[test]
    fn pieces_of_ballast_are_no_more_than_the_bed() {
        let section = RailSection {
            bending_stiffness_n_m2: 6.3798e6,
            mass_kg_m: 60.21,
            area_m2: 76.70e-4,
            shear_modulus_pa: 8.08e10,
            shear_coefficient: 0.41,
        };
        let pad = Pad {
            stiffness_n_m: 150e6,
            damping_n_s_m: 30e3,
        };
        let rail = sections_of_bays(&[section; 4], 4);
        let bearer = Bearer {
            left_end_y_m: 1.3,
            right_end_y_m: -2.4,
            bending_stiffness_n_m2: 6e6,
            mass_kg_m: 115.0,
            ballast_stiffness_n_m2: 46e6,
            ballast_damping_n_s_m2: 61e3,
            gap: GapProfile::uniform(1e-3),
            pads: [pad; 2],
        };
        let track = TwoRailTrack {
            rails: [rail.clone(), rail],
            beam: BeamTheory::Timoshenko,
            rotary_second_moment_m4: None,
            bay_m: 0.6,
            elements_per_bay: 4,
            seats_y_m: [0.75, -0.75],
            bearers: vec![bearer; 5],
            ballast: BallastLaw::Unilateral,
            gravity_m_s2: 9.81,
        };
        for modes in [14, MODES_FINE] {
            let modal = ModalBearer::new(&track.bearers[0], &track, modes);
            let bed = modal.ballast_1_s2;
            // Power iteration for the largest eigenvalue of the pieces over the bed.
            let mut x: Vec<f64> = (0..modes).map(|j| 1.0 + 0.1 * j as f64).collect();
            let mut largest = 0.0;
            for _ in 0..2000 {
                let mut y = vec![0.0; modes];
                for point in &modal.points {
                    let u: f64 = point.shape.iter().zip(&x).map(|(a, b)| a * b).sum();
                    for (y, shape) in y.iter_mut().zip(&point.shape) {
                        *y += point.stiffness_n_m / bed * shape * u;
                    }
                }
                largest = y.iter().map(|v| v * v).sum::<f64>().sqrt();
                x = y.iter().map(|v| v / largest).collect();
            }
            assert!((largest - 1.0).abs() < 1e-4, "{modes} modes: {largest}");
        }
    }
}
