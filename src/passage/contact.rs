//! Hertzian contact of one wheel, solved implicitly within a time step.
//!
//! Within a step the approach of wheel and rail is linear in the contact force:
//! `d = gap - s F`, where `gap` is the overlap that would result without any force and `s` the
//! compliance of wheel and rail over one step. With `F = C_H d^1.5` for `d > 0` the approach is the
//! root of `f(d) = d + s C_H d^1.5 - gap`, increasing and convex: Newton's iteration from above the
//! root converges without overshoot.

/// How a contact passes its force on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ContactLaw {
    /// The force is given (moving-load cases).
    Prescribed,
    /// Hertz, without tension: the constant `C_H`, N/m^1.5.
    Hertz(f64),
}

/// Contact force for an overlap without force `gap_m` and a compliance `compliance_m_n`; zero when
/// wheel and rail are apart. `near_m` is an approach near the solution, such as that of the last
/// step; any value is allowed.
#[inline]
pub(crate) fn hertz_force_n(hertz_n_m15: f64, compliance_m_n: f64, gap_m: f64, near_m: f64) -> f64 {
    if gap_m <= 0.0 {
        return 0.0;
    }
    let stiff = compliance_m_n * hertz_n_m15;
    // f is convex: from d = gap the iteration converges monotonically in 5 to 7 rounds, from any
    // other positive d after one round that may overshoot.
    let mut d = if near_m > 0.0 && near_m < gap_m {
        near_m
    } else {
        gap_m
    };
    for _ in 0..60 {
        let root = d.sqrt();
        let correction = (d + stiff * d * root - gap_m) / (1.0 + 1.5 * stiff * root);
        d -= correction;
        if correction.abs() <= 4.0 * f64::EPSILON * gap_m {
            break;
        }
    }
    let d = d.max(0.0);
    hertz_n_m15 * d * d.sqrt()
}

/// Approach under a static force, m.
pub(crate) fn static_approach_m(hertz_n_m15: f64, force_n: f64) -> f64 {
    libm::pow(force_n / hertz_n_m15, 2.0 / 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn force_and_approach_satisfy_both_laws() {
        for (gap, s) in [(1e-4, 4e-11), (3e-3, 1e-10), (1e-9, 4e-11), (1e-4, 1e-6)] {
            let c = 9.37e10;
            let force = hertz_force_n(c, s, gap, gap);
            let near = hertz_force_n(c, s, gap, 0.01 * gap);
            assert!((near / force - 1.0).abs() < 1e-12, "{near} {force}");
            let d = gap - s * force;
            let approach = static_approach_m(c, force);
            assert!((d - approach).abs() < 1e-11 * gap, "{d} {approach}");
        }
    }

    #[test]
    fn no_force_without_overlap() {
        assert_eq!(hertz_force_n(9.37e10, 4e-11, 0.0, 1e-4).to_bits(), 0);
        assert_eq!(hertz_force_n(9.37e10, 4e-11, -1e-3, 0.0).to_bits(), 0);
    }
}
