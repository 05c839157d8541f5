//! Tracks, trains and runs that `benches/passage.rs` and `examples/speed.rs` measure.
#![allow(dead_code)] // each of the two uses its part
#![allow(clippy::expect_used)] // a measurement that cannot run has to stop

use frogbench::passage::{MovingForces, ReferenceRun, Rider, TwoRailInput};
use frogbench::random::{Purpose, stream};
use frogbench::track::{
    BallastLaw, BeamTheory, Bearer, BearerPoint, Direction, GapProfile, Pad, Profile, RailSection,
    Route, Support, Track, Turnout, TwoRailTrack, sections_of_bays,
};
use frogbench::train::{Consist, catalogue::consist};

/// Time step of all runs, s.
pub(crate) const STEP_S: f64 = 5e-5;
/// Time steps of [`two_forces`].
pub(crate) const TWO_FORCES_STEPS: usize = 10_000;
/// Gaps of `A_5sleepers_40` of `tests/data/voids.json`.
const GAPS: [(usize, f64); 5] = [
    (48, 0.5e-3),
    (49, 1.5e-3),
    (50, 2e-3),
    (51, 1.5e-3),
    (52, 0.5e-3),
];
const POINT_OF_FORCES: [BearerPoint; 1] = [BearerPoint {
    bearer: 50,
    y_m: -0.75,
}];
const POINT_OF_TRAIN: [BearerPoint; 1] = [BearerPoint {
    bearer: 30,
    y_m: -1.3,
}];

/// The reference track of one rail.
pub(crate) fn reference() -> Track {
    one_rail(BallastLaw::Linear, 0.0, &[])
}

/// The same with unilateral ballast, weight and gaps.
pub(crate) fn voids() -> Track {
    one_rail(BallastLaw::Unilateral, 9.81, &GAPS)
}

/// The reference track of two rails.
pub(crate) fn two_rail_reference() -> TwoRailTrack {
    two_rails(100, BeamTheory::EulerBernoulli, BallastLaw::Linear, 0.0)
}

/// Plain track on which trains run.
pub(crate) fn train_track() -> TwoRailTrack {
    two_rails(60, BeamTheory::Timoshenko, BallastLaw::Unilateral, 9.81)
}

/// The same with a void of 1 mm under the bearer of the sensor.
pub(crate) fn void_track() -> TwoRailTrack {
    let mut track = train_track();
    track.bearers[30].gap = GapProfile::uniform(1e-3);
    track
}

/// A turnout, of which every bearer is another one.
pub(crate) fn turnout_track() -> TwoRailTrack {
    let turnout = Turnout::by_name("60E1-R760-1:15").expect("a built-in type");
    let mut rng = stream(1, 0, Purpose::Supports, 0);
    let built = turnout.build_route(Route::Through, 60, &mut rng);
    built.expect("a built-in type makes a track").track
}

fn section() -> RailSection {
    RailSection {
        bending_stiffness_n_m2: 6.3798e6,
        mass_kg_m: 60.21,
        area_m2: 76.70e-4,
        shear_modulus_pa: 8.08e10,
        shear_coefficient: 0.41,
    }
}

fn one_rail(ballast: BallastLaw, gravity_m_s2: f64, gaps: &[(usize, f64)]) -> Track {
    let support = Support {
        pad_stiffness_n_m: 150e6,
        pad_damping_n_s_m: 30e3,
        sleeper_mass_kg: 150.0,
        ballast_stiffness_n_m: 60e6,
        ballast_damping_n_s_m: 80e3,
        gap_m: 0.0,
    };
    let mut supports = vec![support; 101];
    for (index, gap_m) in gaps {
        supports[*index].gap_m = *gap_m;
    }
    Track {
        rail: vec![section(); 100],
        beam: BeamTheory::EulerBernoulli,
        bay_m: 0.6,
        elements_per_bay: 4,
        supports,
        ballast,
        gravity_m_s2,
    }
}

fn two_rails(bays: usize, beam: BeamTheory, ballast: BallastLaw, gravity: f64) -> TwoRailTrack {
    let pad = Pad {
        stiffness_n_m: 150e6,
        damping_n_s_m: 30e3,
    };
    let bearer = Bearer {
        left_end_y_m: 1.3,
        right_end_y_m: -1.3,
        bending_stiffness_n_m2: 6e6,
        mass_kg_m: 300.0 / 2.6,
        ballast_stiffness_n_m2: 120e6 / 2.6,
        ballast_damping_n_s_m2: 160e3 / 2.6,
        gap: GapProfile::default(),
        pads: [pad; 2],
    };
    let rail = sections_of_bays(&vec![section(); bays], 4);
    TwoRailTrack {
        rails: [rail.clone(), rail],
        beam,
        rotary_second_moment_m4: None,
        bay_m: 0.6,
        elements_per_bay: 4,
        seats_y_m: [0.75, -0.75],
        bearers: vec![bearer; bays + 1],
        ballast,
        gravity_m_s2: gravity,
    }
}

/// One simulated second of a force over one rail.
pub(crate) fn force(track: &Track) -> ReferenceRun<'_> {
    ReferenceRun {
        track,
        rider: Rider::Force {
            force_n: 1e5,
            ramp_s: 0.1,
        },
        cusp: None,
        speed_m_s: 40.0,
        start_m: 10.0,
        end_m: 50.0,
        unloaded_s: 0.0,
        step_s: STEP_S,
        sleepers: &[50],
        energy: false,
    }
}

/// Half a simulated second of two forces over two rails.
pub(crate) fn two_forces(track: &TwoRailTrack) -> MovingForces<'_> {
    MovingForces {
        track,
        force_n: [60e3, 100e3],
        start_m: [10.0; 2],
        speed_m_s: 40.0,
        ramp_s: 0.1,
        steps: TWO_FORCES_STEPS,
        step_s: STEP_S,
        points: &POINT_OF_FORCES,
    }
}

/// A locomotive and 12 coaches.
pub(crate) fn train() -> Consist {
    let vehicles = ["locomotive", "manchester-passenger x 12"];
    consist(&vehicles.map(str::to_owned)).expect("built-in vehicles")
}

/// A dip of 10 mrad under both rails and a wave of 10 um, for every axle.
pub(crate) fn dip(axles: usize) -> Vec<[Profile; 2]> {
    let step_m = 0.002;
    let height_m = (0..=18_000_u32)
        .map(|i| {
            let x = f64::from(i) * step_m;
            let inside = (1.0 - (x - 18.0).abs()).max(0.0);
            0.0025 * inside * inside + 1e-5 * libm::sin(x / 0.05)
        })
        .collect();
    let profile = Profile {
        start_m: 0.0,
        step_m,
        height_m,
    };
    vec![[profile.clone(), profile]; axles]
}

/// The train at 140 km/h.
pub(crate) fn passage<'a>(
    track: &'a TwoRailTrack,
    train: &'a Consist,
    excitation: &'a [[Profile; 2]],
) -> TwoRailInput<'a> {
    TwoRailInput {
        track,
        consist: train,
        speed_m_s: 140.0 / 3.6,
        direction: Direction::Facing,
        excitation,
        wheel_load: &[],
        hertz_n_m15: 9.37e10,
        points: &POINT_OF_TRAIN,
        before_s: 0.5,
        after_s: 0.5,
        step_s: STEP_S,
    }
}
