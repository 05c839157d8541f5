//! The force of the ballast on a sleeper.
//!
//! With `d = u - gap` and `v = du/dt` (down), the force is `N = k d + c v` as long as the sleeper is
//! **in bearing**, and zero otherwise. The laws differ in when that is. None of them remembers
//! anything: the force jumps by `c v` at touchdown.

use super::{BallastLaw, Support};

/// Whether the ballast carries the sleeper at displacement `u` (m) and velocity `v` (m/s), both down.
#[inline]
pub(crate) fn in_bearing(law: BallastLaw, support: &Support, u: f64, v: f64) -> bool {
    let d = u - support.gap_m;
    match law {
        BallastLaw::Linear => true,
        BallastLaw::Unilateral => {
            d > 0.0 && support.ballast_stiffness_n_m * d + support.ballast_damping_n_s_m * v > 0.0
        }
        BallastLaw::UnilateralUnclipped => d > 0.0,
    }
}

/// Upward force of the ballast on the sleeper, N.
#[inline]
pub(crate) fn force_n(law: BallastLaw, support: &Support, u: f64, v: f64) -> f64 {
    if in_bearing(law, support, u, v) {
        support.ballast_stiffness_n_m * (u - support.gap_m) + support.ballast_damping_n_s_m * v
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUPPORT: Support = Support {
        pad_stiffness_n_m: 150e6,
        pad_damping_n_s_m: 30e3,
        sleeper_mass_kg: 150.0,
        ballast_stiffness_n_m: 60e6,
        ballast_damping_n_s_m: 80e3,
        gap_m: 1e-3,
    };

    #[test]
    fn only_the_linear_law_pulls_at_rest() {
        assert!(force_n(BallastLaw::Linear, &SUPPORT, 0.0, 0.0) < 0.0);
        assert_eq!(
            force_n(BallastLaw::Unilateral, &SUPPORT, 0.9e-3, 5.0).to_bits(),
            0
        );
    }

    #[test]
    fn clipped_law_lets_go_where_spring_and_damper_cancel() {
        let (u, v) = (1.1e-3, -0.1); // spring 6 kN, damper -8 kN
        assert_eq!(force_n(BallastLaw::Unilateral, &SUPPORT, u, v).to_bits(), 0);
        let unclipped = force_n(BallastLaw::UnilateralUnclipped, &SUPPORT, u, v);
        assert!((unclipped + 2000.0).abs() < 1e-6);
    }
}
