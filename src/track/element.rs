//! Beam element of the rail: stiffness, consistent mass, shape functions.
//!
//! Unknowns of a node are deflection `w` (down) and section rotation `theta`; without shear
//! `theta = dw/dx`. The two-node element that is exact in statics (Przemieniecki, *Theory of Matrix
//! Structural Analysis*, 1968) has with `phi = 12 E I / (kappa G A L^2)`
//!
//! ```text
//! N = 1/(1+phi) [ 1 - 3 x^2 + 2 x^3 + phi (1 - x),   L (x - 2 x^2 + x^3 + phi/2 (x - x^2)),
//!                 3 x^2 - 2 x^3 + phi x,             L (x^3 - x^2 - phi/2 (x - x^2)) ]       for w
//! R = 1/(1+phi) [ -6 (x - x^2)/L,  1 - 4 x + 3 x^2 + phi (1 - x),
//!                  6 (x - x^2)/L,  3 x^2 - 2 x + phi x ]                                     for theta
//! ```
//!
//! with `x` from 0 to 1. Euler-Bernoulli is `phi = 0` without rotary inertia.

use super::{BeamTheory, RailSection};

/// 4 x 4 element matrix in the order (w, theta) of the left node, then of the right one.
pub(crate) type ElementMatrix = [[f64; 4]; 4];

/// Points and weights of Gauss' rule on 0..1, exact for polynomials of degree 7 (the mass integrand
/// has degree 6).
const GAUSS: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_87, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];

/// One rail element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BeamElement {
    length_m: f64,
    bending_stiffness_n_m2: f64,
    /// Shear parameter; 0 for Euler-Bernoulli.
    phi: f64,
    mass_kg_m: f64,
    /// Rotary inertia per length, kg m; 0 for Euler-Bernoulli.
    rotary_kg_m: f64,
}

impl BeamElement {
    /// Element of `length_m` of a rail section.
    pub(crate) fn new(section: &RailSection, theory: BeamTheory, length_m: f64) -> Self {
        Self::with_rotary(section, theory, length_m, None)
    }

    /// The same with another second moment of area for the rotary inertia, if given.
    pub(crate) fn with_rotary(
        section: &RailSection,
        theory: BeamTheory,
        length_m: f64,
        second_moment_m4: Option<f64>,
    ) -> Self {
        let (phi, rotary_kg_m) = match theory {
            BeamTheory::EulerBernoulli => (0.0, 0.0),
            BeamTheory::Timoshenko => (
                12.0 * section.bending_stiffness_n_m2
                    / (section.shear_stiffness_n() * length_m * length_m),
                section.mass_kg_m * second_moment_m4.unwrap_or_else(|| section.second_moment_m4())
                    / section.area_m2,
            ),
        };
        Self {
            length_m,
            bending_stiffness_n_m2: section.bending_stiffness_n_m2,
            phi,
            mass_kg_m: section.mass_kg_m,
            rotary_kg_m,
        }
    }

    /// Stiffnesses of the two strains of an element, N/m. With `t = theta L/2` its energy is
    /// `k_1/2 (t_2 - t_1)^2 + k_2/2 (t_1 + t_2 + w_1 - w_2)^2`, `k_1 = 4 E I/L^3`,
    /// `k_2 = 12 E I/(L^3 (1 + phi))`.
    pub(crate) fn strain_stiffness(&self) -> [f64; 2] {
        let (l, ei) = (self.length_m, self.bending_stiffness_n_m2);
        let k = 4.0 * ei / (l * l * l);
        [k, 3.0 * k / (1.0 + self.phi)]
    }

    /// Shape functions of the deflection at `x` (0 to 1).
    #[inline]
    pub(crate) fn deflection_shape(&self, x: f64) -> [f64; 4] {
        let (l, phi) = (self.length_m, self.phi);
        let scale = 1.0 / (1.0 + phi);
        let x2 = x * x;
        let x3 = x2 * x;
        let shear = 0.5 * phi * (x - x2);
        [
            (1.0 - 3.0 * x2 + 2.0 * x3 + phi * (1.0 - x)) * scale,
            l * (x - 2.0 * x2 + x3 + shear) * scale,
            (3.0 * x2 - 2.0 * x3 + phi * x) * scale,
            l * (x3 - x2 - shear) * scale,
        ]
    }

    /// Shape functions of the section rotation at `x` (0 to 1), 1/m for the deflection unknowns.
    fn rotation_shape(&self, x: f64) -> [f64; 4] {
        let (l, phi) = (self.length_m, self.phi);
        let scale = 1.0 / (1.0 + phi);
        let bend = 6.0 * (x - x * x) / l;
        [
            -bend * scale,
            (1.0 - 4.0 * x + 3.0 * x * x + phi * (1.0 - x)) * scale,
            bend * scale,
            (3.0 * x * x - 2.0 * x + phi * x) * scale,
        ]
    }

    /// Stiffness matrix, N/m and so on.
    pub(crate) fn stiffness(&self) -> ElementMatrix {
        let (l, phi) = (self.length_m, self.phi);
        let k = self.bending_stiffness_n_m2 / (l * l * l * (1.0 + phi));
        let (near, far) = ((4.0 + phi) * l * l, (2.0 - phi) * l * l);
        [
            [12.0 * k, 6.0 * l * k, -12.0 * k, 6.0 * l * k],
            [6.0 * l * k, near * k, -6.0 * l * k, far * k],
            [-12.0 * k, -6.0 * l * k, 12.0 * k, -6.0 * l * k],
            [6.0 * l * k, far * k, -6.0 * l * k, near * k],
        ]
    }

    /// Consistent mass matrix, with rotary inertia for Timoshenko.
    pub(crate) fn mass(&self) -> ElementMatrix {
        let mut mass = [[0.0; 4]; 4];
        for (x, weight) in GAUSS {
            let n = self.deflection_shape(x);
            let r = self.rotation_shape(x);
            let (translation, rotation) = (
                self.mass_kg_m * self.length_m * weight,
                self.rotary_kg_m * self.length_m * weight,
            );
            for i in 0..4 {
                for j in 0..4 {
                    mass[i][j] += translation * n[i] * n[j] + rotation * r[i] * r[j];
                }
            }
        }
        mass
    }

    /// Consistent nodal loads of the element's own weight, N.
    pub(crate) fn weight_load(&self, gravity_m_s2: f64) -> [f64; 4] {
        // The integral of N is L/2, L^2/12, L/2, -L^2/12 for every phi.
        let q = self.mass_kg_m * gravity_m_s2;
        let l = self.length_m;
        [
            q * l / 2.0,
            q * l * l / 12.0,
            q * l / 2.0,
            -q * l * l / 12.0,
        ]
    }

    /// Deflection under a unit load at `x` that the nodes do not see, m/N: that of the element with
    /// both ends clamped.
    ///
    /// The interpolated deflection under a wheel is short of the true one by this amount, largest in
    /// the middle of an element and zero at its ends. In a Timoshenko rail the shear part,
    /// `L/(4 kappa G A)` at most, makes a wheel feel a wave of some 15 um under 100 kN at every
    /// element: more than the roughness of a good rail. Adding it makes the static deflection under a load exact
    /// at any place. With `a = x L`, `b = L - a`, from the simply supported beam and the end moments
    /// that clamp it:
    ///
    /// ```text
    /// g = a b / (kappa G A L) + a^2 b^2 / (12 E I L) (1 - (b - a)^2 / (L^2 (1 + phi)))
    /// ```
    ///
    /// Zero for Euler-Bernoulli, which stays the plain Hermite interpolation of the reference
    /// solutions (there it would add 0.3 um).
    #[inline]
    pub(crate) fn local_compliance(&self, x: f64) -> f64 {
        if self.phi == 0.0 {
            return 0.0;
        }
        let (l, ei, phi) = (self.length_m, self.bending_stiffness_n_m2, self.phi);
        let ab = x * (1.0 - x) * l * l;
        let skew = (1.0 - 2.0 * x) * (1.0 - 2.0 * x) / (1.0 + phi);
        // 1/(kappa G A) = phi L^2 / (12 E I)
        phi * l * ab / (12.0 * ei) + ab * ab / (12.0 * ei * l) * (1.0 - skew)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section() -> RailSection {
        RailSection {
            bending_stiffness_n_m2: 6.3798e6,
            mass_kg_m: 60.21,
            area_m2: 76.70e-4,
            shear_modulus_pa: 8.08e10,
            shear_coefficient: 0.41,
        }
    }

    #[test]
    fn euler_bernoulli_mass_is_the_textbook_matrix() {
        let l = 0.15;
        let mass = BeamElement::new(&section(), BeamTheory::EulerBernoulli, l).mass();
        let m = 60.21 * l / 420.0;
        assert!((mass[0][0] / (156.0 * m) - 1.0).abs() < 1e-14);
        assert!((mass[0][3] / (-13.0 * l * m) - 1.0).abs() < 1e-13);
        assert!((mass[1][3] / (-3.0 * l * l * m) - 1.0).abs() < 1e-13);
    }

    #[test]
    fn rigid_motions_cost_no_energy_and_have_the_right_inertia() {
        let l = 0.15;
        for theory in [BeamTheory::EulerBernoulli, BeamTheory::Timoshenko] {
            let element = BeamElement::new(&section(), theory, l);
            let (k, m) = (element.stiffness(), element.mass());
            let translation = [1.0, 0.0, 1.0, 0.0];
            let rotation = [0.0, 1.0, l, 1.0];
            for mode in [translation, rotation] {
                for row in k {
                    let force: f64 = row.iter().zip(mode).map(|(a, b)| a * b).sum();
                    assert!(force.abs() < 1e-5 * k[0][0] * 1e-9);
                }
            }
            let kinetic: f64 = (0..4)
                .map(|i| {
                    (0..4)
                        .map(|j| translation[i] * m[i][j] * translation[j])
                        .sum::<f64>()
                })
                .sum();
            assert!((kinetic / (60.21 * l) - 1.0).abs() < 1e-13);
        }
    }

    /// Clamp-clamp compliance in the middle against the closed form of a clamped Timoshenko beam:
    /// L^3/(192 E I) + L/(4 kappa G A).
    #[test]
    fn local_compliance_is_that_of_a_clamped_beam() {
        let l = 0.15;
        let s = section();
        let element = BeamElement::new(&s, BeamTheory::Timoshenko, l);
        let expected =
            l * l * l / (192.0 * s.bending_stiffness_n_m2) + l / (4.0 * s.shear_stiffness_n());
        assert!((element.local_compliance(0.5) / expected - 1.0).abs() < 1e-12);
        assert_eq!(element.local_compliance(0.0).to_bits(), 0.0f64.to_bits());
    }

    /// Away from the middle: two finer elements, clamped at the outer ends, give the same.
    #[test]
    fn local_compliance_equals_that_of_a_refined_clamped_element() {
        let (l, x) = (0.2, 0.3);
        let s = section();
        let left = BeamElement::new(&s, BeamTheory::Timoshenko, l * x).stiffness();
        let right = BeamElement::new(&s, BeamTheory::Timoshenko, l * (1.0 - x)).stiffness();
        // The node between them, unit force on w: 2 x 2 system.
        let (a, b, d) = (
            left[2][2] + right[0][0],
            left[2][3] + right[0][1],
            left[3][3] + right[1][1],
        );
        let expected = d / (a * d - b * b);
        let got = BeamElement::new(&s, BeamTheory::Timoshenko, l).local_compliance(x);
        assert!((got / expected - 1.0).abs() < 1e-12, "{got} {expected}");
    }
}
