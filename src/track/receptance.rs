//! Response to harmonic forces, and closed forms of the rail on its supports.

use std::f64::consts::PI;

use super::assembly::{Assembly, add_load, interpolate};
use super::band::{BlockTridiagonal, Factor};
use super::complex::Complex;
use super::element::BeamElement;
use super::{BeamTheory, RailSection, Track, TrackError};

/// Displacement per harmonic force, m/N, as a complex number (time factor `exp(+i w t)`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Receptance {
    /// In phase with the force, m/N.
    pub real_m_n: f64,
    /// In quadrature, m/N; negative for a passive track.
    pub imaginary_m_n: f64,
}

impl Receptance {
    /// Magnitude, m/N.
    pub fn magnitude_m_n(&self) -> f64 {
        (self.real_m_n * self.real_m_n + self.imaginary_m_n * self.imaginary_m_n).sqrt()
    }
}

/// Receptance of the rail at `response_m` for a unit force at `force_m`, with every sleeper in
/// bearing: the linear track that a loaded train sees.
///
/// Complex symmetric equations `(A + i B)(u + i v) = f` are written as the real symmetric system
/// `[[A, -B], [-B, -A]] [u; v] = [f; 0]`, four unknowns per node, for the same banded solver.
pub fn receptance(
    track: &Track,
    force_m: f64,
    response_m: f64,
    frequency_hz: f64,
) -> Result<Receptance, TrackError> {
    let model = Assembly::new(track)?;
    super::check::positive("frequency (Hz)", "the receptance", frequency_hz)?;
    let omega = 2.0 * PI * frequency_hz;
    let real = model.stiffness.combine(1.0, &model.mass, -omega * omega);
    let mut matrix = BlockTridiagonal::<4>::zeros(model.nodes());
    for (block, a) in matrix.diagonal.iter_mut().zip(&real.diagonal) {
        *block = real_block(a);
    }
    for (block, a) in matrix.lower.iter_mut().zip(&real.lower) {
        *block = real_block(a);
    }
    for (i, s) in model.supports.iter().enumerate() {
        let pad = Complex(s.pad_stiffness_n_m, omega * s.pad_damping_n_s_m);
        let below = Complex(
            s.ballast_stiffness_n_m - omega * omega * s.sleeper_mass_kg,
            omega * s.ballast_damping_n_s_m,
        );
        let Complex(a, b) = pad.in_series_with(below);
        let block = &mut matrix.diagonal[model.node_of(i)];
        block[0][0] += a;
        block[2][2] -= a;
        block[0][2] -= b;
        block[2][0] -= b;
    }
    let (force, response) = (
        model.place_inside(force_m)?,
        model.place_inside(response_m)?,
    );
    let mut load = vec![[0.0; 2]; model.nodes()];
    add_load(&mut load, force.element, &model.shape(force), 1.0);
    let mut unknowns: Vec<[f64; 4]> = load.iter().map(|f| [f[0], f[1], 0.0, 0.0]).collect();
    Factor::new(&matrix)
        .map_err(|singular| TrackError::NotSupported {
            at_m: model.node_x_m(singular.0),
        })?
        .solve(&mut unknowns);
    let part = |k: usize| -> f64 {
        let rail: Vec<[f64; 2]> = unknowns.iter().map(|u| [u[k], u[k + 1]]).collect();
        interpolate(&rail, response.element, &model.shape(response))
    };
    let local = if force == response {
        model.local_compliance(force)
    } else {
        0.0
    };
    Ok(Receptance {
        real_m_n: part(0) + local,
        imaginary_m_n: part(2),
    })
}

fn real_block(a: &[[f64; 2]; 2]) -> [[f64; 4]; 4] {
    [
        [a[0][0], a[0][1], 0.0, 0.0],
        [a[1][0], a[1][1], 0.0, 0.0],
        [0.0, 0.0, -a[0][0], -a[0][1]],
        [0.0, 0.0, -a[1][0], -a[1][1]],
    ]
}

/// Pinned-pinned frequency: the rail swings between sleepers that stand still, with half a wave in a
/// bay. Lowest frequency of one bay of `elements` elements, pinned at both ends, Hz, by inverse
/// iteration; above about 16 elements it is that of the continuous beam.
pub fn pinned_pinned_hz(
    section: &RailSection,
    theory: BeamTheory,
    bay_m: f64,
    elements: usize,
) -> Result<f64, TrackError> {
    super::check::positive("sleeper spacing (m)", "the bay", bay_m)?;
    super::check::positive("number of elements", "the bay", elements as f64)?;
    let element = BeamElement::new(section, theory, bay_m / elements as f64);
    let mut stiffness = BlockTridiagonal::<2>::zeros(elements + 1);
    let mut mass = BlockTridiagonal::<2>::zeros(elements + 1);
    for node in 0..elements {
        super::assembly::add_element(&mut stiffness, node, &element.stiffness());
        super::assembly::add_element(&mut mass, node, &element.mass());
    }
    for matrix in [&mut stiffness, &mut mass] {
        pin(matrix, 0, elements);
        pin(matrix, elements, elements);
    }
    stiffness.diagonal[0][0][0] = 1.0;
    stiffness.diagonal[elements][0][0] = 1.0;
    let factor = Factor::new(&stiffness).map_err(|_| TrackError::NotSupported { at_m: 0.0 })?;
    let mut mode: Vec<[f64; 2]> = (0..=elements)
        .map(|i| [libm::sin(PI * i as f64 / elements as f64), 0.0])
        .collect();
    let mut omega_squared = 0.0;
    for _ in 0..60 {
        let mut next = vec![[0.0; 2]; mode.len()];
        mass.multiply_add(&mode, &mut next);
        factor.solve(&mut next);
        omega_squared = stiffness.quadratic_form(&next) / mass.quadratic_form(&next);
        let largest = next.iter().fold(0.0, |m: f64, u| m.max(u[0].abs()));
        mode = next
            .iter()
            .map(|u| [u[0] / largest, u[1] / largest])
            .collect();
    }
    Ok(omega_squared.sqrt() / (2.0 * PI))
}

/// Removes the deflection of a node from the equations.
fn pin(matrix: &mut BlockTridiagonal<2>, node: usize, last: usize) {
    for j in 0..2 {
        matrix.diagonal[node][0][j] = 0.0;
        matrix.diagonal[node][j][0] = 0.0;
        if node < last {
            matrix.lower[node][j][0] = 0.0;
        }
        if node > 0 {
            matrix.lower[node - 1][0][j] = 0.0;
        }
    }
}

/// Zimmermann's rail on an elastic foundation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zimmermann {
    /// Foundation stiffness per length, N/m2: pad and ballast in series over the bay.
    pub foundation_n_m2: f64,
    /// Inverse characteristic length `(k / (4 E I))^(1/4)`, 1/m.
    pub beta_1_m: f64,
    /// Stiffness under a point load `2 k / beta`, N/m.
    pub point_stiffness_n_m: f64,
}

impl Zimmermann {
    /// From the first bay and the first support of a track.
    pub fn new(track: &Track) -> Result<Self, TrackError> {
        track.check()?;
        let support = &track.supports[0];
        let (p, b) = (support.pad_stiffness_n_m, support.ballast_stiffness_n_m);
        let k = p * b / (p + b) / track.bay_m;
        let beta = (k / (4.0 * track.rail[0].bending_stiffness_n_m2))
            .sqrt()
            .sqrt();
        Ok(Self {
            foundation_n_m2: k,
            beta_1_m: beta,
            point_stiffness_n_m: 2.0 * k / beta,
        })
    }

    /// Deflection under a load, m.
    pub fn deflection_m(&self, force_n: f64) -> f64 {
        force_n / self.point_stiffness_n_m
    }
}
