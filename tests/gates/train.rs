//! Trains over a modelled stretch: entry and exit leave no trace, both directions agree, speed.

use crate::support::{SUPPORT, max, rail_60e1};
use frogbench::passage::{Passage, PassageError, PassageInput, simulate};
use frogbench::track::{BallastLaw, BeamTheory, Direction, Profile, Track};
use frogbench::train::{Consist, catalogue::consist};

const SPEED_M_S: f64 = 140.0 / 3.6;

fn production_track(bays: usize) -> Track {
    Track {
        rail: vec![rail_60e1(); bays],
        beam: BeamTheory::Timoshenko,
        bay_m: 0.6,
        elements_per_bay: 4,
        supports: vec![SUPPORT; bays + 1],
        ballast: BallastLaw::Unilateral,
        gravity_m_s2: 9.81,
    }
}

fn train(entries: &[&str]) -> Consist {
    consist(&entries.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>()).unwrap()
}

/// A dip of `angle_rad` at `at_m`, the same for every wheel.
fn dip(track: &Track, at_m: f64, angle_rad: f64, axles: usize) -> Vec<Profile> {
    let step_m = 0.002;
    let count = (track.length_m() / step_m) as usize + 1;
    let height_m = (0..count)
        .map(|i| {
            let inside = (1.0 - (i as f64 * step_m - at_m).abs()).max(0.0);
            0.25 * angle_rad * inside * inside
        })
        .collect();
    vec![
        Profile {
            start_m: 0.0,
            step_m,
            height_m
        };
        axles
    ]
}

fn input<'a>(
    track: &'a Track,
    consist: &'a Consist,
    excitation: &'a [Profile],
    sleepers: &'a [usize],
) -> PassageInput<'a> {
    PassageInput {
        track,
        consist,
        speed_m_s: SPEED_M_S,
        direction: Direction::Facing,
        excitation,
        hertz_n_m15: 9.37e10,
        sleepers,
        before_s: 0.4,
        after_s: 0.4,
        step_s: 5e-5,
    }
}

fn peak(passage: &Passage) -> f64 {
    max(passage.sleepers[0]
        .acceleration_m_s2
        .iter()
        .map(|a| a.abs()))
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    max(a.iter().zip(b).map(|(x, y)| (x - y).abs()))
}

/// The sensor's sleeper in a stretch of 40 bays and in one three times as long moves alike: where
/// wheels enter and leave is not seen there.
#[test]
fn entry_and_exit_leave_no_trace_at_the_sensor() {
    let train = train(&["manchester-passenger"]);
    let run = |bays: usize| {
        let track = production_track(bays);
        let at_m = track.length_m() / 2.0;
        let excitation = dip(&track, at_m, 0.010, 4);
        let sensor = [bays / 2];
        simulate(&input(&track, &train, &excitation, &sensor)).unwrap()
    };
    let (short, usual, long) = (run(40), run(60), run(120));
    for (name, passage) in [("40 bays", &short), ("60 bays", &usual)] {
        let acceleration = largest_difference(
            &passage.sleepers[0].acceleration_m_s2,
            &long.sleepers[0].acceleration_m_s2,
        ) / peak(&long);
        let displacement = largest_difference(
            &passage.sleepers[0].displacement_m,
            &long.sleepers[0].displacement_m,
        ) / max(long.sleepers[0].displacement_m.iter().copied());
        println!(
            "{name} against 120: acceleration {acceleration:.2e}, displacement {displacement:.2e} of the peak"
        );
        assert!(acceleration < 0.01, "{name}: {acceleration}");
        assert!(displacement < 0.01, "{name}: {displacement}");
    }
}

/// On smooth rail the wheels enter so softly that the sensor sees nothing before the first axle.
#[test]
fn nothing_is_felt_before_the_train_is_near() {
    let train = train(&["manchester-passenger"]);
    let track = production_track(60);
    let excitation = vec![Profile::default(); 4];
    let passage = simulate(&input(&track, &train, &excitation, &[30])).unwrap();
    // The first axle is 8 m or more away until 0.2 s before it is over the sensor.
    let quiet = ((0.4 - 0.2) / passage.step_s) as usize;
    let early = max(passage.sleepers[0].acceleration_m_s2[..quiet]
        .iter()
        .map(|a| a.abs()));
    println!(
        "peak {:.3} m/s2, before the train {early:.2e} m/s2",
        peak(&passage)
    );
    assert!(early < 0.02 * peak(&passage), "{early}");
}

/// A symmetric vehicle on a symmetric track gives the same in both directions.
#[test]
fn both_directions_agree_on_a_symmetric_track() {
    let train = train(&["manchester-passenger"]);
    let track = production_track(60);
    let excitation = dip(&track, 18.0, 0.010, 4);
    let mut case = input(&track, &train, &excitation, &[30]);
    let facing = simulate(&case).unwrap();
    case.direction = Direction::Trailing;
    let trailing = simulate(&case).unwrap();
    let difference = largest_difference(
        &facing.sleepers[0].acceleration_m_s2,
        &trailing.sleepers[0].acceleration_m_s2,
    );
    println!(
        "facing and trailing differ by {difference:.2e} of {:.1} m/s2",
        peak(&facing)
    );
    assert!(difference < 1e-3 * peak(&facing));
}

#[test]
fn times_and_static_loads_are_those_of_the_train() {
    let train = train(&["manchester-passenger"]);
    let track = production_track(60);
    let excitation = vec![Profile::default(); 4];
    let passage = simulate(&input(&track, &train, &excitation, &[30])).unwrap();
    let expected: Vec<f64> = train.axles_m().iter().map(|d| d / SPEED_M_S).collect();
    assert_eq!(passage.axle_times_s, expected);
    let static_n = 44_482.0 * 9.81 / 8.0;
    for (force, lost) in passage
        .peak_contact_force_n
        .iter()
        .zip(&passage.contact_loss_s)
    {
        assert!(
            (1.0..1.03).contains(&(force / static_n)),
            "{force} of {static_n}"
        );
        assert!(*lost == 0.0);
    }
    // The sleeper is deepest when an axle is over it.
    let motion = &passage.sleepers[0].displacement_m;
    let deepest = (0..motion.len())
        .max_by(|&a, &b| motion[a].total_cmp(&motion[b]))
        .unwrap();
    let time_s = passage.start_s + deepest as f64 * passage.step_s;
    let nearest = expected
        .iter()
        .map(|t| (t - time_s).abs())
        .fold(f64::MAX, f64::min);
    assert!(nearest < 2e-3, "deepest at {time_s} s");
}

#[test]
fn same_input_gives_the_same_bits() {
    let train = train(&["freight-wagon"]);
    let mut track = production_track(40);
    track.supports[20].gap_m = 1e-3;
    let excitation = dip(&track, 12.0, 0.010, 4);
    let run = || simulate(&input(&track, &train, &excitation, &[20, 21])).unwrap();
    assert_eq!(run(), run());
}

#[test]
fn wrong_input_is_refused_with_the_reason() {
    let train = train(&["manchester-passenger"]);
    let good = production_track(60);
    let excitation = vec![Profile::default(); 4];
    let refused = |track: &Track, change: &dyn Fn(&mut PassageInput<'_>)| -> String {
        let mut case = input(track, &train, &excitation, &[30]);
        change(&mut case);
        let error = simulate(&case).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        format!("{error}: {}", source.unwrap_or_default())
    };
    let contains = |text: String, part: &str| assert!(text.contains(part), "{text}");
    contains(refused(&good, &|c| c.speed_m_s = 400.0), "critical speed");
    contains(refused(&good, &|c| c.speed_m_s = f64::NAN), "speed (m/s)");
    contains(refused(&good, &|c| c.excitation = &[]), "4 axles");
    contains(refused(&good, &|c| c.sleepers = &[3]), "output sleeper 3");
    contains(refused(&good, &|c| c.sleepers = &[]), "no output sleeper");
    contains(refused(&good, &|c| c.step_s = 0.0), "time step");
    let mut track = good.clone();
    track.supports[7].sleeper_mass_kg = -1.0;
    contains(refused(&track, &|_| ()), "sleeper mass (kg) of support 7");
    track = good.clone();
    track.bay_m = 0.0;
    contains(refused(&track, &|_| ()), "sleeper spacing");
    track = good.clone();
    track.elements_per_bay = 1;
    contains(refused(&track, &|_| ()), "cannot carry 2000 Hz");
    assert!(matches!(
        simulate(&input(&production_track(20), &train, &excitation, &[10])),
        Err(PassageError::TooShort { .. })
    ));
}

/// A drop of half a metre is no track: the run stops and says when and where.
#[test]
fn diverging_solution_names_time_and_place() {
    let train = train(&["manchester-passenger"]);
    let track = production_track(60);
    let mut excitation = dip(&track, 18.0, 0.010, 4);
    for height in &mut excitation[0].height_m[8000..9000] {
        *height = -0.5;
    }
    let error = simulate(&input(&track, &train, &excitation, &[30])).unwrap_err();
    assert!(matches!(error, PassageError::Diverged { .. }), "{error}");
    println!("{error}");
}
