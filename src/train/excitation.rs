//! The profile that one wheel meets along the track: everything that excites it, summed.

use crate::track::{CosineSum, Crossing, CrossingPath, Direction, Profile, RailDefect};

use super::Wheel;

/// Stretch of track and sampling of a profile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProfileGrid {
    /// Track coordinate of the first sample, m.
    pub start_m: f64,
    /// Distance between samples, m: 2 mm resolves roughness of 20 mm wavelength within 5 %.
    pub step_m: f64,
    /// Number of samples.
    pub count: usize,
    /// Length at either end over which the profile is faded in and out, m: a wheel must not meet a
    /// step where it enters the track.
    pub fade_m: f64,
}

impl ProfileGrid {
    /// The grid over `length_m` of track from 0, with 2 mm steps and 3 m of fading.
    pub fn over(length_m: f64) -> Self {
        let step_m = 0.002;
        let count = (length_m / step_m).round().clamp(0.0, 1e7) as usize + 1;
        Self {
            start_m: 0.0,
            step_m,
            count,
            fade_m: 3.0,
        }
    }

    fn end_m(&self) -> f64 {
        self.start_m + self.step_m * self.count.saturating_sub(1) as f64
    }

    /// Indices of the samples within `from_m..=to_m`.
    fn range(&self, from_m: f64, to_m: f64) -> std::ops::Range<usize> {
        let index = |x: f64| ((x - self.start_m) / self.step_m).clamp(0.0, self.count as f64);
        let first = index(from_m).ceil() as usize;
        let last = (index(to_m).floor() as usize + 1).min(self.count);
        first..last.max(first)
    }
}

/// Radius of the wheel that runs over defects of the rail, m: that of coaches; squats alone depend on it.
const DEFECT_RADIUS_M: f64 = 0.46;

/// The running surface of one rail, which all wheels share: irregularity, roughness and defects.
#[derive(Debug, Clone, PartialEq)]
pub struct RailSurface {
    grid: ProfileGrid,
    heights: Vec<f64>,
}

impl RailSurface {
    /// Samples the surface. `waves` are realisations of irregularity and roughness with their factors; defects lie at
    /// track coordinates and are run over by a wheel of 0.46 m radius. Done once per turnout and condition, it serves every wheel.
    pub fn new(grid: ProfileGrid, waves: &[(f64, &CosineSum)], defects: &[RailDefect]) -> Self {
        let mut heights = vec![0.0; grid.count];
        for (factor, wave) in waves {
            wave.add_to(*factor, grid.start_m, grid.step_m, &mut heights);
        }
        for defect in defects {
            let (from_m, to_m) = defect.extent_m();
            let range = grid.range(from_m, to_m);
            let first = range.start;
            if let Some(part) = heights.get_mut(range) {
                for (i, height) in part.iter_mut().enumerate() {
                    let x_m = grid.start_m + (first + i) as f64 * grid.step_m;
                    *height += defect.drop(x_m, DEFECT_RADIUS_M);
                }
            }
        }
        Self { grid, heights }
    }

    /// A perfectly smooth surface.
    pub fn smooth(grid: ProfileGrid) -> Self {
        Self::new(grid, &[], &[])
    }

    /// The profile that `wheel` meets on this surface and over a crossing, if there is one in this rail, with
    /// its theoretical point at so many m of track.
    ///
    /// The path over the crossing is the same for both directions; a wheel turns the other way
    /// round when it trails. Positive is down.
    pub fn under(
        &self,
        wheel: &Wheel,
        crossing: Option<(&Crossing, f64)>,
        direction: Direction,
    ) -> Profile {
        let grid = &self.grid;
        let mut height_m = self.heights.clone();
        if let Some((crossing, crossing_m)) = crossing {
            let path = crossing.path(wheel.conicity);
            add_crossing(grid, &path, crossing_m, wheel, &mut height_m);
        }
        if !wheel.harmonics.is_empty() {
            let revolution = wheel.revolution();
            revolution.add_to(grid.start_m, grid.step_m, direction.sign(), &mut height_m);
        }
        if wheel.flat.is_some() {
            for (i, height) in height_m.iter_mut().enumerate() {
                let x = grid.start_m + i as f64 * grid.step_m;
                *height += wheel.flat_drop(x, direction.sign());
            }
        }
        fade(grid, &mut height_m);
        Profile {
            start_m: grid.start_m,
            step_m: grid.step_m,
            height_m,
        }
    }
}

fn add_crossing(
    grid: &ProfileGrid,
    path: &CrossingPath,
    crossing_m: f64,
    wheel: &Wheel,
    heights: &mut [f64],
) {
    let (first, last) = path.extent(wheel.radius_m);
    let range = grid.range(crossing_m + first, crossing_m + last);
    let start = range.start;
    if let Some(part) = heights.get_mut(range) {
        for (i, height) in part.iter_mut().enumerate() {
            let x = grid.start_m + (start + i) as f64 * grid.step_m;
            *height += path.rolling_drop(x - crossing_m, wheel.radius_m);
        }
    }
}

/// Raised-cosine fading of both ends.
fn fade(grid: &ProfileGrid, heights: &mut [f64]) {
    let end = grid.end_m();
    let weight = |distance: f64| {
        if distance < grid.fade_m {
            0.5 * (1.0 - libm::cos(std::f64::consts::PI * distance / grid.fade_m))
        } else {
            1.0
        }
    };
    for range in [
        grid.range(grid.start_m, grid.start_m + grid.fade_m),
        grid.range(end - grid.fade_m, end),
    ] {
        let first = range.start;
        let from_start = first == 0;
        if let Some(part) = heights.get_mut(range) {
            for (i, height) in part.iter_mut().enumerate() {
                let x = grid.start_m + (first + i) as f64 * grid.step_m;
                *height *= weight(if from_start {
                    x - grid.start_m
                } else {
                    end - x
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::track::{CrossingCondition, IrregularityLevel, Joint, JointShape, rail_roughness};
    use crate::train::{WheelFlat, WheelFleet, catalogue};

    #[test]
    fn all_sources_add_up_and_the_ends_fade() {
        let grid = ProfileGrid::over(40.0);
        let mut rng = stream(1, 0, Purpose::Irregularity, 0);
        let waves = IrregularityLevel::Low.realise(&mut rng);
        let joint = Joint {
            at_m: 12.0,
            depth_m: 1e-3,
            width_m: 1.0,
            shape: JointShape::Dipped,
        };
        let surface = RailSurface::new(grid, &[(1.0, &waves)], &[RailDefect::Joint(joint)]);
        let crossing = Crossing::with_condition(15.0, CrossingCondition::Worn);
        let mut wheel = Wheel::round(0.46, 0.05);
        wheel.flat = Some(WheelFlat {
            length_m: 0.04,
            worn: false,
            at_m: 0.0,
        });
        for direction in [Direction::Facing, Direction::Trailing] {
            let profile = surface.under(&wheel, Some((&crossing, 20.0)), direction);
            assert!(profile.at(0.0).abs() < 1e-15 && profile.at(40.0).abs() < 1e-12);
            let path = crossing.path(0.05);
            for i in 1500..18_500_usize {
                let x = grid.step_m * i as f64;
                let sum = waves.sample(x, 1.0, 1)[0]
                    + joint.drop(x)
                    + path.rolling_drop(x - 20.0, 0.46)
                    + wheel.flat_drop(x, direction.sign());
                if i % 37 == 0 {
                    assert!(
                        (profile.at(x) - sum).abs() < 1e-9,
                        "{x}: {} {sum}",
                        profile.at(x)
                    );
                }
            }
        }
    }

    /// The profiles of a 60-axle train must cost well below its simulation (seconds).
    #[test]
    fn profiles_of_a_long_train_are_finite_and_bounded() {
        let grid = ProfileGrid::over(60.0);
        let mut rng = stream(2, 0, Purpose::Irregularity, 0);
        let waves = IrregularityLevel::High.realise(&mut rng);
        let rough = rail_roughness(0.0, true, &mut rng);
        let surface = RailSurface::new(grid, &[(1.0, &waves), (1.0, &rough)], &[]);
        let train = catalogue::consist(&["manchester-passenger x 15".to_owned()]).unwrap();
        let wheels = WheelFleet::default().draw(&train, &mut stream(2, 0, Purpose::Wheels, 0));
        let crossing = Crossing::with_condition(15.0, CrossingCondition::New);
        assert_eq!(wheels.len(), 60);
        for wheel in wheels.iter().flatten() {
            let profile = surface.under(wheel, Some((&crossing, 30.0)), Direction::Facing);
            assert_eq!(profile.height_m.len(), 30_001);
            assert!(profile.height_m.iter().all(|h| h.abs() < 0.05));
        }
    }
}
