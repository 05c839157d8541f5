//! The running surfaces of both rails, from the description of the track.

use rand_chacha::ChaCha8Rng;

use crate::scenario::{DefectRail, Irregularity, Roughness, TrackSpec};
use crate::track::{
    Corrugation, CosineSum, IrregularityLevel, Joint, RailDefect, Squat, SwitchTransfer,
    rail_roughness,
};
use crate::train::{ProfileGrid, RailSurface};

/// The rail with the crossing and the one beside the check rail, without the crossing itself.
///
/// Long waves are those of the track (the mean of both rails and the cross level), roughness is each rail's
/// own. Both routes have the same surfaces: the two crossing rails share the crossing, and what lies farther
/// off is drawn from the same population anyway.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackSurface {
    /// Rail with the crossing.
    pub(super) crossing: RailSurface,
    /// The other rail, smooth at the crossing.
    pub(super) check: RailSurface,
}

impl TrackSurface {
    /// Draws and samples the surfaces; `crossing_m` is the theoretical point on the grid.
    pub(super) fn new(
        spec: &TrackSpec,
        grid: ProfileGrid,
        crossing_m: f64,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let level = match spec.irregularity {
            Irregularity::None => None,
            Irregularity::Low => Some(IrregularityLevel::Low),
            Irregularity::High => Some(IrregularityLevel::High),
        };
        let long = level.map(|level| (level.realise(rng), level.realise_cross_level(rng)));
        let rough: [Option<CosineSum>; 2] = std::array::from_fn(|_| match spec.roughness {
            Roughness::None => None,
            Roughness::Iso3095 => Some(rail_roughness(0.0, true, rng)),
        });
        let surface = |index: usize, half_cross_level: f64, this: DefectRail| {
            let mut waves: Vec<(f64, &CosineSum)> = Vec::new();
            if let Some((mean, cross)) = &long {
                waves.push((1.0, mean));
                waves.push((half_cross_level, cross));
            }
            waves.extend(rough[index].as_ref().map(|rough| (1.0, rough)));
            RailSurface::new(grid, &waves, &defects(spec, this, crossing_m))
        };
        Self {
            crossing: surface(0, 1.0, DefectRail::Crossing),
            check: surface(1, -1.0, DefectRail::Check),
        }
    }
}

/// The defects of one rail; `crossing_m` is the theoretical point.
fn defects(spec: &TrackSpec, this: DefectRail, crossing_m: f64) -> Vec<RailDefect> {
    let here = |rail: DefectRail| rail == this || rail == DefectRail::Both;
    let mut defects = Vec::new();
    for joint in spec.joint.iter().filter(|joint| here(joint.rail)) {
        defects.push(RailDefect::Joint(Joint {
            at_m: crossing_m + joint.at_m,
            depth_m: joint.depth_mm * 1e-3,
            width_m: joint.width_m,
            shape: joint.shape.into(),
        }));
    }
    for squat in spec.squat.iter().filter(|squat| here(squat.rail)) {
        defects.push(RailDefect::Squat(Squat {
            at_m: crossing_m + squat.at_m,
            depth_m: squat.depth_mm * 1e-3,
            length_m: squat.length_mm * 1e-3,
        }));
    }
    for waves in spec.corrugation.iter().filter(|waves| here(waves.rail)) {
        defects.push(RailDefect::Corrugation(Corrugation {
            from_m: crossing_m + waves.from_m,
            to_m: crossing_m + waves.to_m,
            wavelength_m: waves.wavelength_mm * 1e-3,
            depth_m: waves.depth_mm * 1e-3,
        }));
    }
    let transfer = spec.switch_transfer.iter();
    for transfer in transfer.filter(|_| here(DefectRail::Crossing)) {
        defects.push(RailDefect::SwitchTransfer(SwitchTransfer {
            at_m: crossing_m + transfer.at_m,
            depth_m: transfer.depth_mm * 1e-3,
            sink_m: transfer.sink_m,
            rise_m: transfer.rise_m,
        }));
    }
    defects
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use crate::track::Direction;
    use crate::train::Wheel;

    fn heights(surface: &RailSurface) -> Vec<f64> {
        let wheel = Wheel::round(0.46, 0.05);
        surface.under(&wheel, None, Direction::Facing).height_m
    }

    /// Rails are alike but not equal; a joint in one rail is in that one only.
    #[test]
    fn rails_correlate_and_joints_stay_in_their_rail() {
        let grid = ProfileGrid::over(400.0);
        let rng = || stream(3, 0, Purpose::Irregularity, 0);
        let even = TrackSpec::default();
        let plain = TrackSurface::new(&even, grid, 200.0, &mut rng());
        let (a, b) = (heights(&plain.crossing), heights(&plain.check));
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let r = dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt();
        assert!((0.3..0.99).contains(&r), "correlation {r}");
        let mut jointed = even.clone();
        jointed.joint = vec![crate::scenario::JointSpec {
            at_m: 2.0,
            depth_mm: 1.0,
            width_m: 1.0,
            rail: DefectRail::Check,
            shape: crate::scenario::JointShapeSpec::Dipped,
        }];
        let joint = TrackSurface::new(&jointed, grid, 200.0, &mut rng());
        assert_eq!(heights(&joint.crossing), a);
        let with = heights(&joint.check);
        let deepest = with.iter().zip(&b).map(|(x, y)| x - y).fold(0.0, f64::max);
        assert!((deepest - 1e-3).abs() < 1e-9);
    }

    /// Every kind of defect that a description can name changes the surface of its rail.
    #[test]
    fn every_defect_reaches_its_rail() {
        let text = r#"
            squat = [{ at_m = -3.0, depth_mm = 0.3, rail = "check" }]
            corrugation = [{ from_m = 4.0, to_m = 8.0, wavelength_mm = 60.0, depth_mm = 0.1 }]
            switch_transfer = { at_m = -20.0 }
        "#;
        let spec: TrackSpec = toml::from_str(text).unwrap();
        let grid = ProfileGrid::over(60.0);
        let rng = || stream(3, 0, Purpose::Irregularity, 0);
        let plain = TrackSurface::new(&TrackSpec::default(), grid, 30.0, &mut rng());
        let with = TrackSurface::new(&spec, grid, 30.0, &mut rng());
        let change = |a: &RailSurface, b: &RailSurface, x: f64| {
            let i = (x / 0.002).round() as usize;
            heights(a)[i] - heights(b)[i]
        };
        assert!(change(&with.check, &plain.check, 27.0) > 0.2e-3);
        assert!(change(&with.crossing, &plain.crossing, 27.0).abs() < 1e-15);
        assert!((change(&with.crossing, &plain.crossing, 10.0) - 1e-3).abs() < 1e-12);
        assert!(change(&with.check, &plain.check, 10.0).abs() < 1e-15);
        for (a, b) in [
            (&with.crossing, &plain.crossing),
            (&with.check, &plain.check),
        ] {
            let swing = (0..100).map(|i| change(a, b, 36.0 + 0.002 * f64::from(i)));
            let (low, high) = swing.fold((f64::MAX, f64::MIN), |m, d| (m.0.min(d), m.1.max(d)));
            assert!(high - low > 0.05e-3, "{}", high - low);
        }
    }
}
