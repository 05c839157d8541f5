//! Two rails against one, alone against side by side, and refusals.

use crate::support::rail_60e1;
use frogbench::passage::{
    PassageInput, PreparedTrack, ReferenceRun, Rider, TwoRailInput, TwoRailPassage,
    run_forces_side_by_side, run_reference, simulate, simulate_two_rails,
};
use frogbench::random::{Purpose, stream};
use frogbench::track::{
    BallastLaw, BeamTheory, Bearer, BearerPlace, BearerPoint, Direction, GapProfile, Pad, Profile,
    Route, Support, Track, Turnout, TwoRailTrack, Void, sections_of_bays,
};
use frogbench::train::{Consist, catalogue::consist};

const SUPPORT: Support = Support {
    pad_stiffness_n_m: 150e6,
    pad_damping_n_s_m: 30e3,
    sleeper_mass_kg: 150.0,
    ballast_stiffness_n_m: 60e6,
    ballast_damping_n_s_m: 80e3,
    gap_m: 0.0,
};
const BAYS: usize = 50;

fn bearer(bending_stiffness_n_m2: f64) -> Bearer {
    let length_m = 2.6;
    Bearer {
        left_end_y_m: 1.3,
        right_end_y_m: -1.3,
        bending_stiffness_n_m2,
        mass_kg_m: 2.0 * SUPPORT.sleeper_mass_kg / length_m,
        ballast_stiffness_n_m2: 2.0 * SUPPORT.ballast_stiffness_n_m / length_m,
        ballast_damping_n_s_m2: 2.0 * SUPPORT.ballast_damping_n_s_m / length_m,
        gap: GapProfile::default(),
        pads: [Pad {
            stiffness_n_m: SUPPORT.pad_stiffness_n_m,
            damping_n_s_m: SUPPORT.pad_damping_n_s_m,
        }; 2],
    }
}

fn two_rails(bending_stiffness_n_m2: f64) -> TwoRailTrack {
    let rail = sections_of_bays(&[rail_60e1(); BAYS], 4);
    TwoRailTrack {
        rails: [rail.clone(), rail],
        beam: BeamTheory::Timoshenko,
        rotary_second_moment_m4: None,
        bay_m: 0.6,
        elements_per_bay: 4,
        seats_y_m: [0.75, -0.75],
        bearers: vec![bearer(bending_stiffness_n_m2); BAYS + 1],
        ballast: BallastLaw::Unilateral,
        gravity_m_s2: 9.81,
    }
}

fn one_rail() -> Track {
    Track {
        rail: vec![rail_60e1(); BAYS],
        beam: BeamTheory::Timoshenko,
        bay_m: 0.6,
        elements_per_bay: 4,
        supports: vec![SUPPORT; BAYS + 1],
        ballast: BallastLaw::Unilateral,
        gravity_m_s2: 9.81,
    }
}

/// A dip of 10 mrad in the middle.
fn dip() -> Profile {
    let step_m = 0.002;
    Profile {
        start_m: 0.0,
        step_m,
        height_m: (0..=15_000)
            .map(|i| {
                let inside = (1.0 - (f64::from(i) * step_m - 15.0).abs()).max(0.0);
                0.0025 * inside * inside
            })
            .collect(),
    }
}

fn one_coach() -> Consist {
    consist(&["manchester-passenger".to_owned()]).unwrap()
}

fn input<'a>(
    track: &'a TwoRailTrack,
    train: &'a Consist,
    excitation: &'a [[Profile; 2]],
    points: &'a [BearerPoint],
    speed_m_s: f64,
) -> TwoRailInput<'a> {
    TwoRailInput {
        track,
        consist: train,
        speed_m_s,
        direction: Direction::Facing,
        excitation,
        wheel_load: &[],
        hertz_n_m15: 9.37e10,
        points,
        before_s: 0.1,
        after_s: 0.1,
        step_s: 5e-5,
    }
}

const MIDDLE: BearerPoint = BearerPoint {
    bearer: 25,
    y_m: 0.75,
};

fn rms_difference(a: &[f64], b: &[f64]) -> f64 {
    let sum = |f: &dyn Fn(usize) -> f64| (0..a.len()).map(|i| f(i) * f(i)).sum::<f64>();
    (sum(&|i| a[i] - b[i]) / sum(&|i| b[i])).sqrt()
}

/// Equal loads on rigid bearers are two copies of the one-rail model, over a void too.
#[test]
fn equal_loads_on_rigid_bearers_are_the_one_rail_model() {
    let (mut both, mut one) = (two_rails(1e11), one_rail());
    for (bearer, gap_m) in [(24, 0.5e-3), (25, 1e-3), (26, 0.5e-3)] {
        both.bearers[bearer].gap = GapProfile::uniform(gap_m);
        one.supports[bearer].gap_m = gap_m;
    }
    let train = one_coach();
    let profiles = vec![[dip(), dip()]; 4];
    let got = simulate_two_rails(&input(&both, &train, &profiles, &[MIDDLE], 30.0)).unwrap();
    let expected = simulate(&PassageInput {
        track: &one,
        consist: &train,
        speed_m_s: 30.0,
        direction: Direction::Facing,
        excitation: &vec![dip(); 4],
        hertz_n_m15: 9.37e10,
        sleepers: &[25],
        before_s: 0.1,
        after_s: 0.1,
        step_s: 5e-5,
    })
    .unwrap();
    let (a, b) = (&got.points[0], &expected.sleepers[0]);
    let displacement = rms_difference(&a.displacement_m, &b.displacement_m);
    let acceleration = rms_difference(&a.acceleration_m_s2, &b.acceleration_m_s2);
    println!("displacement {displacement:.2e}, acceleration {acceleration:.2e}");
    println!("{:?} {:?}", got.counters, expected.counters);
    assert!(displacement < 1e-4, "{displacement:.2e}");
    assert!(acceleration < 5e-3, "{acceleration:.2e}");
    for (pair, single) in got
        .peak_contact_force_n
        .iter()
        .zip(&expected.peak_contact_force_n)
    {
        for force in pair {
            assert!((force / single - 1.0).abs() < 2e-4, "{force} {single}");
        }
    }
    let (whole, half) = (
        got.peak_ballast_force_n[24],
        expected.peak_ballast_force_n[24],
    );
    assert!((whole / (2.0 * half) - 1.0).abs() < 1e-3, "{whole} {half}");
}

fn bits(passage: &TwoRailPassage) -> Vec<u64> {
    let motion = passage.points.iter().flat_map(|p| {
        p.acceleration_m_s2
            .iter()
            .chain(&p.displacement_m)
            .map(|v| v.to_bits())
    });
    let forces = passage.peak_contact_force_n.iter().flatten();
    let ballast = passage.peak_ballast_force_n.iter();
    motion
        .chain(forces.chain(ballast).map(|v| v.to_bits()))
        .collect()
}

/// Passages side by side get the bits that they get alone, whatever runs beside them.
#[test]
fn lanes_equal_a_single_passage_bit_for_bit() {
    let mut track = two_rails(6e6);
    track.bearers[25].gap = GapProfile {
        points: vec![(-1.3, 0.0), (0.5, 0.0), (1.3, 1e-3)],
    };
    let train = one_coach();
    let smooth = vec![[Profile::default(), Profile::default()]; 4];
    let dipped = vec![[Profile::default(), dip()]; 4];
    let points = [
        MIDDLE,
        BearerPoint {
            bearer: 24,
            y_m: -1.3,
        },
    ];
    let inputs: Vec<TwoRailInput<'_>> = [
        (&smooth, 40.0),
        (&dipped, 25.0),
        (&dipped, 50.0),
        (&smooth, 20.0),
        (&dipped, 40.0),
        (&smooth, 33.0),
        (&dipped, 33.0),
    ]
    .iter()
    .map(|(profiles, speed)| input(&track, &train, profiles, &points, *speed))
    .collect();
    let prepared = PreparedTrack::new(&track, 5e-5).unwrap();
    let together = prepared.simulate_all(&inputs);
    assert_eq!(together.len(), inputs.len());
    for (input, together) in inputs.iter().zip(together) {
        let alone = simulate_two_rails(input).unwrap();
        let together = together.unwrap();
        assert_eq!(alone.counters, together.counters);
        let (a, b) = (bits(&alone), bits(&together));
        assert_eq!(a.len(), b.len());
        let other = a.iter().zip(&b).position(|(a, b)| a != b);
        assert!(other.is_none(), "{other:?} of {}", a.len());
    }
}

/// A bearer that hangs at one end is pressed there later, and hammers; the other rail hardly feels
/// it.
#[test]
fn a_gap_under_one_end_is_a_gap_under_that_rail() {
    let mut track = two_rails(6e6);
    let train = one_coach();
    let smooth = vec![[Profile::default(), Profile::default()]; 4];
    let points = [1.3, 0.75, 0.0, -0.75, -1.3].map(|y_m| BearerPoint { bearer: 25, y_m });
    let peaks = |track: &TwoRailTrack| -> Vec<f64> {
        let passage = simulate_two_rails(&input(track, &train, &smooth, &points, 40.0)).unwrap();
        let peak = |v: &Vec<f64>| v.iter().fold(0.0, |m: f64, a| m.max(a.abs()));
        passage
            .points
            .iter()
            .map(|p| peak(&p.displacement_m))
            .collect()
    };
    let healthy = peaks(&track);
    assert!((healthy[0] / healthy[4] - 1.0).abs() < 1e-9, "{healthy:?}");
    track.bearers[25].gap = GapProfile {
        points: vec![(0.0, 0.0), (1.3, 1.5e-3)],
    };
    let hanging = peaks(&track);
    assert!(hanging[0] > 1.5 * healthy[0], "{healthy:?} {hanging:?}");
    assert!(
        (hanging[3] / healthy[3] - 1.0).abs() < 0.25,
        "{healthy:?} {hanging:?}"
    );
}

#[test]
fn what_is_not_physical_is_refused_with_the_reason() {
    let train = one_coach();
    let profiles = vec![[Profile::default(), Profile::default()]; 4];
    let refused = |change: fn(&mut TwoRailTrack), speed: f64| -> String {
        let mut track = two_rails(6e6);
        change(&mut track);
        let error = simulate_two_rails(&input(&track, &train, &profiles, &[MIDDLE], speed));
        let error = error.unwrap_err();
        let cause = std::error::Error::source(&error).map_or(String::new(), ToString::to_string);
        format!("{error}: {cause}")
    };
    for (message, text) in [
        (refused(|t| t.bearers[7].mass_kg_m = -1.0, 40.0), "bearer 7"),
        (refused(|t| t.bay_m = 0.0, 40.0), "bearer spacing"),
        (refused(|_| (), 500.0), "critical speed"),
        (
            refused(|t| t.seats_y_m = [1.4, -0.75], 40.0),
            "distance from a rail seat",
        ),
        (
            refused(|t| t.rails[1].truncate(3), 40.0),
            "right rail has 3 sections",
        ),
        (
            refused(
                |t| {
                    t.elements_per_bay = 2;
                    t.rails = [vec![t.rails[0][0]; 100], vec![t.rails[0][0]; 100]];
                    t.bay_m = 1.2;
                },
                40.0,
            ),
            "cannot carry 2000 Hz",
        ),
    ] {
        assert!(message.contains(text), "{message} should say {text}");
    }
}

/// Forces side by side get the bits that they get alone, over voids too.
#[test]
fn forces_side_by_side_equal_single_ones_bit_for_bit() {
    let mut track = one_rail();
    track.elements_per_bay = 5;
    track.supports[30].gap_m = 1e-3;
    let runs: Vec<ReferenceRun<'_>> = (0..7)
        .map(|i| ReferenceRun {
            track: &track,
            rider: Rider::Force {
                force_n: 5e4 + 1e4 * f64::from(i),
                ramp_s: 0.05,
            },
            cusp: None,
            speed_m_s: 40.0,
            start_m: 12.0 + 0.7 * f64::from(i),
            end_m: 22.0 + 0.7 * f64::from(i),
            unloaded_s: 0.0,
            step_s: 5e-5,
            sleepers: &[30],
            energy: false,
        })
        .collect();
    let together = run_forces_side_by_side(&runs).unwrap();
    assert_eq!(together.len(), runs.len());
    for (run, together) in runs.iter().zip(&together) {
        let alone = run_reference(run).unwrap();
        let bits = |v: &[f64]| v.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
        let (a, b) = (&alone.sleepers[0], &together.sleepers[0]);
        assert!(bits(&alone.under_load_m) == bits(&together.under_load_m));
        assert!(bits(&a.acceleration_m_s2) == bits(&b.acceleration_m_s2));
        assert!(bits(&a.ballast_force_n) == bits(&b.ballast_force_n));
        assert_eq!(alone.unresolved_steps, together.unresolved_steps);
    }
}

/// A long crossing bearer that hangs over a gap of a tenth of a millimetre and more: its seats hardly damp some
/// of its higher modes, so ballast that let go of more than it holds would make them grow without bound. The
/// neighbours carry the load, and the bearer moves more the wider its gap.
#[test]
fn a_hanging_crossing_bearer_hammers_but_stays_on_the_track() {
    let mut turnout = Turnout::by_name("60E1-R760-1:15").unwrap();
    turnout.stiffness_scatter = 0.0;
    let train = one_coach();
    let mut last = 0.0;
    for gap_m in [0.0, 0.1e-3, 0.2e-3, 0.5e-3, 2e-3] {
        turnout.voids = vec![Void {
            bearer: 0,
            gap_m,
            far_gap_m: None,
        }];
        let mut rng = stream(1, 0, Purpose::Supports, 0);
        let built = turnout.build_route(Route::Through, 50, &mut rng).unwrap();
        let point = built.point(0, BearerPlace::RailSeat).unwrap();
        let profiles = vec![[Profile::default(), dip()]; 4];
        let passage =
            simulate_two_rails(&input(&built.track, &train, &profiles, &[point], 33.0)).unwrap();
        let displacement = &passage.points[0].displacement_m;
        let (low, high) = displacement
            .iter()
            .fold((f64::MAX, f64::MIN), |m, u| (m.0.min(*u), m.1.max(*u)));
        println!(
            "gap {:.1} mm: {:.3} mm peak to peak, {} unresolved of {} steps",
            gap_m * 1e3,
            (high - low) * 1e3,
            passage.counters.unresolved_steps,
            passage.counters.steps
        );
        assert!(
            high - low > last && high - low < 5e-3,
            "{gap_m}: {low} {high}"
        );
        assert!(
            passage.points[0]
                .acceleration_m_s2
                .iter()
                .all(|a| a.abs() < 1e3)
        );
        last = high - low;
    }
}
