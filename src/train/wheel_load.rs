//! Scatter of static wheel loads.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::Consist;

/// How unevenly the wheels of a train are loaded.
///
/// A vehicle is loaded more on one side than on the other, and suspensions are never quite level. Loading rules allow
/// 1.25 : 1 between the wheels of an axle (UIC loading guidelines), weighed coaches stay within a few percent.
/// **The standard deviations are assumptions** within those limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WheelLoadScatter {
    /// Standard deviation of the share that a vehicle's load leans to one side.
    pub side: f64,
    /// Standard deviation of each wheel by itself.
    pub wheel: f64,
}

impl Default for WheelLoadScatter {
    fn default() -> Self {
        Self {
            side: 0.02,
            wheel: 0.02,
        }
    }
}

/// Deviations beyond so many standard deviations are cut off.
const CUT: f64 = 3.0;

impl WheelLoadScatter {
    /// Draws the relative load `[left, right]` of the wheels of each axle, front to rear: 1 in the mean.
    pub fn draw(&self, consist: &Consist, rng: &mut ChaCha8Rng) -> Vec<[f64; 2]> {
        let mut deviate = || -> f64 {
            let deviate: f64 = StandardNormal.sample(rng);
            deviate.clamp(-CUT, CUT)
        };
        let mut loads = Vec::with_capacity(consist.axle_count());
        for placed in &consist.vehicles {
            let lean = self.side * deviate();
            for _ in 0..placed.vehicle.axle_count() {
                loads.push([
                    1.0 + lean + self.wheel * deviate(),
                    1.0 - lean + self.wheel * deviate(),
                ]);
            }
        }
        loads
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::train::catalogue;

    /// Over many vehicles: mean 1, the deviation asked for, and the two sides of a vehicle against one another.
    #[test]
    fn loads_scatter_as_asked_and_lean_by_vehicle() {
        let train = catalogue::consist(&["manchester-passenger x 100".to_owned()]).unwrap();
        let scatter = WheelLoadScatter::default();
        let mut loads = Vec::new();
        for seed in 0..10 {
            loads.extend(scatter.draw(&train, &mut stream(seed, 0, Purpose::Wheels, 0)));
        }
        assert_eq!(loads.len(), 4000);
        let n = 2.0 * loads.len() as f64;
        let mean = loads.iter().flatten().sum::<f64>() / n;
        let variance = loads
            .iter()
            .flatten()
            .map(|l| (l - mean).powi(2))
            .sum::<f64>()
            / n;
        assert!((mean - 1.0).abs() < 1e-3, "{mean}");
        let wanted = (2.0 * 0.02_f64 * 0.02).sqrt();
        assert!(
            (variance.sqrt() / wanted - 1.0).abs() < 0.05,
            "{}",
            variance.sqrt()
        );
        let product: f64 = loads.iter().map(|l| (l[0] - 1.0) * (l[1] - 1.0)).sum();
        let r = product / loads.len() as f64 / variance;
        assert!((r + 0.5).abs() < 0.08, "{r}");
    }
}
