//! The rail's matrices, and where things are on it.

use super::band::BlockTridiagonal;
use super::element::BeamElement;
use super::{BallastLaw, Support, Track, TrackError};

/// A place on the rail: an element and the fraction of its length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    /// Element, also the index of its left node.
    pub(crate) element: usize,
    /// 0 at the left node, 1 at the right one.
    pub(crate) fraction: f64,
}

/// A rail of beam elements over supports: the rail's own matrices (two unknowns per node) and the
/// supports, which the solvers condense onto the rail nodes above them.
#[derive(Debug, Clone)]
pub(crate) struct Assembly {
    /// One element per bay: all elements of a bay are equal.
    elements: Vec<BeamElement>,
    elements_per_bay: usize,
    element_m: f64,
    /// Stiffness of the rail alone.
    pub(crate) stiffness: BlockTridiagonal<2>,
    /// Mass of the rail alone.
    pub(crate) mass: BlockTridiagonal<2>,
    /// Weight of the rail on its nodes, N and N m.
    pub(crate) rail_weight: Vec<[f64; 2]>,
    /// Supports from left to right.
    pub(crate) supports: Vec<Support>,
    /// Ballast law.
    pub(crate) law: BallastLaw,
    /// Gravity, m/s2.
    pub(crate) gravity_m_s2: f64,
}

impl Assembly {
    /// Checks and assembles a track.
    pub(crate) fn new(track: &Track) -> Result<Self, TrackError> {
        track.check()?;
        let per_bay = track.elements_per_bay;
        let element_m = track.bay_m / per_bay as f64;
        let nodes = track.rail.len() * per_bay + 1;
        let elements: Vec<BeamElement> = track
            .rail
            .iter()
            .map(|section| BeamElement::new(section, track.beam, element_m))
            .collect();
        let mut stiffness = BlockTridiagonal::zeros(nodes);
        let mut mass = BlockTridiagonal::zeros(nodes);
        let mut rail_weight = vec![[0.0; 2]; nodes];
        for node in 0..nodes - 1 {
            let element = &elements[node / per_bay];
            add_element(&mut stiffness, node, &element.stiffness());
            add_element(&mut mass, node, &element.mass());
            let weight = element.weight_load(track.gravity_m_s2);
            rail_weight[node][0] += weight[0];
            rail_weight[node][1] += weight[1];
            rail_weight[node + 1][0] += weight[2];
            rail_weight[node + 1][1] += weight[3];
        }
        Ok(Self {
            elements,
            elements_per_bay: per_bay,
            element_m,
            stiffness,
            mass,
            rail_weight,
            supports: track.supports.clone(),
            law: track.ballast,
            gravity_m_s2: track.gravity_m_s2,
        })
    }

    /// Rail elements in each bay.
    pub(crate) fn elements_per_bay(&self) -> usize {
        self.elements_per_bay
    }

    /// See [`BeamElement::strain_stiffness`]; one entry for each element.
    pub(crate) fn strain_stiffness(&self) -> Vec<[f64; 2]> {
        (0..self.nodes() - 1)
            .map(|element| self.elements[element / self.elements_per_bay].strain_stiffness())
            .collect()
    }

    /// Number of rail nodes.
    pub(crate) fn nodes(&self) -> usize {
        self.rail_weight.len()
    }

    /// Rail node above a support.
    #[inline]
    pub(crate) fn node_of(&self, support: usize) -> usize {
        support * self.elements_per_bay
    }

    /// Track coordinate of a node, m.
    pub(crate) fn node_x_m(&self, node: usize) -> f64 {
        node as f64 * self.element_m
    }

    /// Length of the rail, m.
    pub(crate) fn length_m(&self) -> f64 {
        self.node_x_m(self.nodes() - 1)
    }

    /// Element and fraction at `x_m`; places outside the rail are moved to its ends.
    #[inline]
    pub(crate) fn place(&self, x_m: f64) -> Place {
        let position = (x_m / self.element_m).max(0.0);
        let element = (position as usize).min(self.nodes() - 2);
        Place {
            element,
            fraction: (position - element as f64).min(1.0),
        }
    }

    /// Like [`Self::place`], but a place outside the rail is an error.
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

    #[inline]
    fn element_at(&self, place: Place) -> &BeamElement {
        &self.elements[place.element / self.elements_per_bay]
    }

    /// Shape functions of the deflection at a place: for the unknowns of the left and right node.
    #[inline]
    pub(crate) fn shape(&self, place: Place) -> [[f64; 2]; 2] {
        let [a, b, c, d] = self.element_at(place).deflection_shape(place.fraction);
        [[a, b], [c, d]]
    }

    /// See [`BeamElement::local_compliance`].
    #[inline]
    pub(crate) fn local_compliance(&self, place: Place) -> f64 {
        self.element_at(place).local_compliance(place.fraction)
    }
}

pub(crate) fn add_element(matrix: &mut BlockTridiagonal<2>, node: usize, element: &[[f64; 4]; 4]) {
    for i in 0..2 {
        for j in 0..2 {
            matrix.diagonal[node][i][j] += element[i][j];
            matrix.diagonal[node + 1][i][j] += element[i + 2][j + 2];
            matrix.lower[node][i][j] += element[i + 2][j];
        }
    }
}

/// Deflection at a place from the unknowns of the nodes.
#[inline]
pub(crate) fn interpolate(rail: &[[f64; 2]], element: usize, shape: &[[f64; 2]; 2]) -> f64 {
    let (left, right) = (&rail[element], &rail[element + 1]);
    shape[0][0] * left[0] + shape[0][1] * left[1] + shape[1][0] * right[0] + shape[1][1] * right[1]
}

/// Adds a load at a place to the nodes' loads.
#[inline]
pub(crate) fn add_load(rail: &mut [[f64; 2]], element: usize, shape: &[[f64; 2]; 2], force_n: f64) {
    for (node, part) in rail[element..element + 2].iter_mut().zip(shape) {
        node[0] += force_n * part[0];
        node[1] += force_n * part[1];
    }
}
