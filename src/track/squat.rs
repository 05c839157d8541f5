//! Squats: short hollows of the running surface from rolling contact fatigue.

use std::f64::consts::TAU;

/// A squat: the hollow `d/2 (1 + cos(2 pi x / L))`.
///
/// Depth and length are those under a straight edge. A wheel does not reach the bottom of one that is shorter than its
/// own curvature allows: its centre follows the envelope of a circle rolled over the hollow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Squat {
    /// Place of its middle, m.
    pub at_m: f64,
    /// Depth, m, positive down.
    pub depth_m: f64,
    /// Length along the rail, m; positive.
    pub length_m: f64,
}

/// Places of contact that are tried along the hollow.
const PLACES: u32 = 200;

impl Squat {
    /// Drop of the surface at `x_m`, m.
    pub fn drop(&self, x_m: f64) -> f64 {
        let x = x_m - self.at_m;
        if 2.0 * x.abs() >= self.length_m {
            return 0.0;
        }
        0.5 * self.depth_m * (1.0 + libm::cos(TAU * x / self.length_m))
    }

    /// Drop of the centre of a wheel: `min over q of drop(x + q) + q^2 / 2R`, to second order in `q/R`. Outside the
    /// hollow the wheel stands on the plain rail.
    pub fn rolling_drop(&self, x_m: f64, radius_m: f64) -> f64 {
        let half = 0.5 * self.length_m;
        let x = x_m - self.at_m;
        if x.abs() >= half {
            return 0.0;
        }
        let step = self.length_m / f64::from(PLACES);
        let contact = (0..=PLACES).map(|i| self.at_m - half + step * f64::from(i));
        let lowest = |p: f64| {
            let q = p - x_m;
            self.drop(p) + q * q / (2.0 * radius_m)
        };
        contact.map(lowest).fold(self.drop(x_m), f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squat(depth_m: f64) -> Squat {
        Squat {
            at_m: 3.0,
            depth_m,
            length_m: 0.04,
        }
    }

    /// A deep, short squat is bridged: the wheel touches both edges and its centre sinks by L^2 / 8R at most,
    /// the depth of a fresh flat of the same length.
    #[test]
    fn a_wheel_bridges_what_is_too_short_for_it() {
        let chord = 0.04_f64.powi(2) / (8.0 * 0.46);
        let deep = squat(5e-3).rolling_drop(3.0, 0.46);
        assert!(deep <= chord && deep > 0.8 * chord, "{deep} vs {chord}");
        let shallow = squat(0.02e-3).rolling_drop(3.0, 0.46);
        assert!((shallow / 0.02e-3 - 1.0).abs() < 1e-6, "{shallow}");
    }

    #[test]
    fn it_ends_where_it_says() {
        for x in [2.979, 2.98, 3.02, 3.03] {
            assert!(squat(1e-3).rolling_drop(x, 0.46).abs() < 1e-12);
        }
        let flat = Squat {
            length_m: 1.0,
            ..squat(1e-4)
        };
        assert!((flat.rolling_drop(3.1, 0.46) - flat.drop(3.1)).abs() < 1e-6);
    }
}
