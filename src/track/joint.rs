//! Dipped joints and welds.

/// Shape of a dip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JointShape {
    /// Two rail ends bent down to a cusp: `z = d (1 - cos(pi q / w))` with `q` the distance from
    /// the nearer end of the dip, so the depth `d` is reached at the joint with the total angle
    /// `2 pi d / w`.
    #[default]
    Dipped,
    /// A smooth hollow: `z = d/2 (1 + cos(2 pi x / w))`, no angle.
    Weld,
}

/// A dipped (insulated or fishplated) joint or weld.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Joint {
    /// Place of the joint, m, in the coordinate of the profile that it is added to.
    pub at_m: f64,
    /// Depth, m, positive down.
    pub depth_m: f64,
    /// Length of the whole dip, m; positive.
    pub width_m: f64,
    /// Shape.
    pub shape: JointShape,
}

impl Joint {
    /// Drop at `x_m`, m, positive down.
    ///
    /// The cusp is concave: a wheel of any radius touches both sides of it and keeps the angle, so
    /// no rolling radius enters (see `Crossing`).
    pub fn drop(&self, x_m: f64) -> f64 {
        let distance = (x_m - self.at_m).abs();
        let half = 0.5 * self.width_m;
        if distance >= half {
            return 0.0;
        }
        match self.shape {
            JointShape::Dipped => {
                let q = half - distance;
                self.depth_m * (1.0 - libm::cos(std::f64::consts::PI * q / self.width_m))
            }
            JointShape::Weld => {
                0.5 * self.depth_m
                    * (1.0 + libm::cos(std::f64::consts::TAU * distance / self.width_m))
            }
        }
    }

    /// Total dip angle at the joint, rad.
    pub fn angle_rad(&self) -> f64 {
        match self.shape {
            JointShape::Dipped => std::f64::consts::TAU * self.depth_m / self.width_m,
            JointShape::Weld => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_angle_and_ends() {
        let joint = Joint {
            at_m: 2.0,
            depth_m: 3e-3,
            width_m: 1.0,
            shape: JointShape::Dipped,
        };
        assert!((joint.drop(2.0) - 3e-3).abs() < 1e-15);
        assert!(joint.drop(1.5).abs() < 1e-15 && joint.drop(2.6).abs() < 1e-15);
        let slope = (joint.drop(2.0) - joint.drop(2.0 + 1e-7)) / 1e-7;
        assert!((2.0 * slope - joint.angle_rad()).abs() < 1e-6);
        assert!((joint.angle_rad() - 18.85e-3).abs() < 1e-5);
        let weld = Joint {
            shape: JointShape::Weld,
            ..joint
        };
        assert!((weld.drop(2.0) - 3e-3).abs() < 1e-15 && weld.drop(1.500_001) < 1e-12);
        assert!((weld.drop(2.0) - weld.drop(2.0 + 1e-7)).abs() / 1e-7 < 1e-6);
    }
}
