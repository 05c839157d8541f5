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

/// [`hertz_force_n`] of two contacts at a time: the iterations do not wait for one another.
#[inline]
pub(crate) fn hertz_forces_n(
    hertz_n_m15: f64,
    compliance_m_n: [f64; 2],
    gap_m: [f64; 2],
    near_m: [f64; 2],
) -> [f64; 2] {
    let mut done = gap_m.map(|gap_m| gap_m <= 0.0);
    let mut d = [0, 1].map(|i: usize| {
        if near_m[i] > 0.0 && near_m[i] < gap_m[i] {
            near_m[i]
        } else {
            gap_m[i].max(0.0)
        }
    });
    for _ in 0..60 {
        if done[0] && done[1] {
            break;
        }
        for i in 0..2 {
            let stiff = compliance_m_n[i] * hertz_n_m15;
            let root = d[i].sqrt();
            let correction = (d[i] + stiff * d[i] * root - gap_m[i]) / (1.0 + 1.5 * stiff * root);
            d[i] = if done[i] { d[i] } else { d[i] - correction };
            done[i] |= correction.abs() <= 4.0 * f64::EPSILON * gap_m[i];
        }
    }
    [0, 1].map(|i: usize| {
        let d = d[i].max(0.0);
        if gap_m[i] <= 0.0 {
            0.0
        } else {
            hertz_n_m15 * d * d.sqrt()
        }
    })
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
    fn two_contacts_at_a_time_get_the_bits_of_each_alone() {
        let c = 9.37e10;
        let cases = [
            (1e-4, 4e-11, 2e-5),
            (3e-3, 1e-10, 0.0),
            (-1e-4, 4e-11, 1e-5),
            (2e-5, 1e-6, 1e-3),
        ];
        for a in cases {
            for b in cases {
                let both = hertz_forces_n(c, [a.1, b.1], [a.0, b.0], [a.2, b.2]);
                let alone = [a, b].map(|(gap, s, near)| hertz_force_n(c, s, gap, near).to_bits());
                assert_eq!(both.map(f64::to_bits), alone);
            }
        }
    }

    #[test]
    fn no_force_without_overlap() {
        assert_eq!(hertz_force_n(9.37e10, 4e-11, 0.0, 1e-4).to_bits(), 0);
        assert_eq!(hertz_force_n(9.37e10, 4e-11, -1e-3, 0.0).to_bits(), 0);
    }
}
