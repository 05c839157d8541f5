//! The switch: how a wheel goes over from the stock rail to the blade.

/// The vertical path of a wheel from stock rail to switch blade, facing; trailing it is the same path run the other
/// way.
///
/// Kinematic form, as at the crossing: the stock rail leaves outwards, so the contact moves out on the coned tread and
/// the wheel sinks by the cone's slope times the divergence; the blade, planed down at its toe, comes up; the wheel rides
/// on the higher of the two. Angles are those of the switch, 1:50 to 1:100, so the dip is longer and its kink smaller than
/// the crossing's. The two convex ends are rounded over a quarter of each side, the transfer is a corner (see
/// `Crossing`). **Depth and lengths are assumptions** until surveyed: 1 mm over 2 m and 1 m are typical of what the cone
/// gives, g s / N with 1/20, 2 m and 1:80, and of planed blades.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SwitchTransfer {
    /// Place of the transfer, m.
    pub at_m: f64,
    /// Depth of the path there, m, positive down.
    pub depth_m: f64,
    /// Length over which the wheel sinks on the stock rail, towards the toe of the blade, m; positive.
    pub sink_m: f64,
    /// Length over which it rises on the blade, m; positive.
    pub rise_m: f64,
}

/// Part of a side over which its convex end is rounded.
const ROUNDED: f64 = 0.25;

impl SwitchTransfer {
    /// First and last place that it changes, m.
    pub fn extent_m(&self) -> (f64, f64) {
        (self.at_m - self.sink_m, self.at_m + self.rise_m)
    }

    /// Drop at `x_m`, m, positive down.
    pub fn drop(&self, x_m: f64) -> f64 {
        let x = x_m - self.at_m;
        let length = if x < 0.0 { self.sink_m } else { self.rise_m };
        let from_end = 1.0 - x.abs() / length;
        self.depth_m * rounded(from_end)
    }

    /// Kink angle at the transfer, rad.
    pub fn kink_angle_rad(&self) -> f64 {
        let slope = self.depth_m / (1.0 - 0.5 * ROUNDED);
        slope / self.sink_m + slope / self.rise_m
    }
}

/// From 0 at 0 to 1 at 1: a parabola, then its tangent.
fn rounded(t: f64) -> f64 {
    let slope = 1.0 / (1.0 - 0.5 * ROUNDED);
    if t <= 0.0 {
        0.0
    } else if t < ROUNDED {
        0.5 * slope * t * t / ROUNDED
    } else {
        slope * (t - 0.5 * ROUNDED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_kink_and_smooth_ends() {
        let transfer = SwitchTransfer {
            at_m: -20.0,
            depth_m: 1e-3,
            sink_m: 2.0,
            rise_m: 1.0,
        };
        assert!((transfer.drop(-20.0) - 1e-3).abs() < 1e-12);
        let slope = |x: f64| (transfer.drop(x + 1e-6) - transfer.drop(x - 1e-6)) / 2e-6;
        let kink = slope(-20.0 - 1e-3) - slope(-20.0 + 1e-3);
        assert!(
            (kink / transfer.kink_angle_rad() - 1.0).abs() < 1e-6,
            "{kink}"
        );
        // The bends of the convex ends are no steps of slope.
        for x in [-22.0, -21.5, -19.25, -19.0] {
            assert!((slope(x + 1e-4) - slope(x - 1e-4)).abs() < 1e-5, "{x}");
        }
        assert!(transfer.drop(-22.1).abs() < 1e-15 && transfer.drop(-18.9).abs() < 1e-15);
    }
}
