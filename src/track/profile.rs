//! A vertical profile sampled along the track.

/// Height of a running surface along the track: samples `height_m[i]` at `start_m + i * step_m`.
///
/// **Positive is down** (a drop of the rail, or a hollow in the wheel), as in the contact law
/// `F = C_H max(0, z_wheel - u_rail - r)^1.5`. Outside the samples the height is zero.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// Track coordinate of the first sample, m.
    pub start_m: f64,
    /// Distance between samples, m.
    pub step_m: f64,
    /// Heights, m, positive down.
    pub height_m: Vec<f64>,
}

impl Profile {
    /// Height at `x_m`, by linear interpolation, m, positive down; zero outside the samples.
    pub fn at(&self, x_m: f64) -> f64 {
        if self.height_m.is_empty() || x_m < self.start_m {
            return 0.0;
        }
        let position = (x_m - self.start_m) / self.step_m;
        let index = position as usize;
        let fraction = position - index as f64;
        match (self.height_m.get(index), self.height_m.get(index + 1)) {
            (Some(a), Some(b)) => a + fraction * (b - a),
            (Some(a), None) if fraction == 0.0 => *a,
            _ => 0.0,
        }
    }
}
