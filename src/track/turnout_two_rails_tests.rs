use super::*;
use crate::random::{Purpose, stream};
use crate::track::{BearerSupport, TURNOUT_TYPES, bearer_frequencies_hz};

fn rng() -> ChaCha8Rng {
    stream(1, 0, Purpose::Supports, 0)
}

fn r760() -> Turnout {
    Turnout::by_name("60E1-R760-1:15").unwrap()
}

#[test]
fn every_type_builds_both_routes() {
    for name in TURNOUT_TYPES {
        let turnout = Turnout::by_name(name).unwrap();
        for route in [Route::Through, Route::Diverging] {
            let built = turnout.build_route(route, 60, &mut rng()).unwrap();
            built.track.check().unwrap();
            assert_eq!(built.track.bearers.len(), 61);
            assert_eq!(built.index_of(0), Some(30));
            assert_eq!(built.index_of(31), None);
            let element = 30 * ELEMENTS_PER_BAY;
            let masses = [0, 1].map(|side| built.track.rails[side][element].mass_kg_m);
            let plain = turnout.rail.mass_kg_m;
            let expected = match route {
                Route::Through => [plain, 1.8 * plain],
                Route::Diverging => [1.8 * plain, plain],
            };
            for (mass, expected) in masses.iter().zip(expected) {
                assert!((mass - expected).abs() < 1e-9, "{name} {route:?}");
            }
        }
    }
}

/// Both routes run over the same concrete and the same ballast, from two centre lines; each has pads of its
/// own.
#[test]
fn routes_share_their_bearers() {
    let through = r760().build_route(Route::Through, 60, &mut rng()).unwrap();
    let branch = r760()
        .build_route(Route::Diverging, 60, &mut rng())
        .unwrap();
    let apart = r760().parting_m(0.0);
    let (a, b) = (&through.track.bearers[30], &branch.track.bearers[30]);
    assert!((b.left_end_y_m - a.left_end_y_m - apart).abs() < 1e-12);
    assert!((b.length_m() - a.length_m()).abs() < 1e-12);
    assert_eq!(
        a.ballast_stiffness_n_m2.to_bits(),
        b.ballast_stiffness_n_m2.to_bits()
    );
    assert!(a.pads != b.pads);
    for place in [
        BearerPlace::RailSeat,
        BearerPlace::Middle,
        BearerPlace::End,
        BearerPlace::Along(3.0),
    ] {
        let (p, q) = (
            through.point(0, place).unwrap(),
            branch.point(0, place).unwrap(),
        );
        assert!((q.y_m - p.y_m - apart).abs() < 1e-12, "{place:?}");
    }
    assert_eq!(through.point(0, BearerPlace::Along(4.1)), None);
    assert_eq!(through.point(31, BearerPlace::Middle), None);
}

/// Inside the sensor's band: a plain sleeper on its ballast near 157 Hz, the long bearer lower.
#[test]
fn bearers_bend_where_they_are_known_to() {
    let mut turnout = r760();
    turnout.stiffness_scatter = 0.0;
    let built = turnout.build_route(Route::Through, 80, &mut rng()).unwrap();
    let free = |index: usize| {
        let bearer = &built.track.bearers[index];
        bearer_frequencies_hz(bearer, built.track.seats_y_m, BearerSupport::Free, 4)[2]
    };
    let (long, sleeper) = (free(40), free(79));
    assert!((sleeper - 120.1).abs() < 0.2, "{sleeper}");
    // f = 22.373 / (2 pi) sqrt(EI / (m L^4)), with 10.38 MN m2, 140.1 kg/m and 4.035 m.
    assert!((long - 59.5).abs() < 0.3, "{long}");
}

#[test]
fn sections_taper_over_the_crossing() {
    let built = r760().build_route(Route::Through, 60, &mut rng()).unwrap();
    let masses: Vec<f64> = built.track.rails[1].iter().map(|s| s.mass_kg_m).collect();
    let steps = masses.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    assert!(steps.fold(0.0, f64::max) < 0.2 * 60.21);
    let heavy = masses.iter().filter(|mass| **mass > 60.22).count();
    assert_eq!(heavy, 24, "3.6 m of elements of 0.15 m");
}

#[test]
fn voids_may_open_towards_one_end() {
    let mut turnout = r760();
    turnout.voids = vec![
        Void {
            bearer: -2,
            gap_m: 1e-3,
            far_gap_m: None,
        },
        Void {
            bearer: 1,
            gap_m: 0.0,
            far_gap_m: Some(4e-3),
        },
    ];
    let built = turnout.build_route(Route::Through, 60, &mut rng()).unwrap();
    let even = &built.track.bearers[28];
    assert!((even.gap.at(1.0) - 1e-3).abs() < 1e-15 && (even.gap.at(-2.0) - 1e-3).abs() < 1e-15);
    let tilted = &built.track.bearers[31];
    let middle = 0.5 * (tilted.left_end_y_m + tilted.right_end_y_m);
    assert!(tilted.gap.at(tilted.left_end_y_m).abs() < 1e-15);
    assert!((tilted.gap.at(middle) - 2e-3).abs() < 1e-12);
    assert!(built.track.bearers[30].gap.is_closed());
    turnout.voids[0].bearer = 40;
    assert!(matches!(
        turnout.build_route(Route::Through, 60, &mut rng()),
        Err(TurnoutError::VoidOutside {
            bearer: 40,
            bays: 60
        })
    ));
}

#[test]
fn scatter_is_as_asked_and_reproducible() {
    let mut turnout = r760();
    turnout.stiffness_scatter = 0.2;
    let built = turnout
        .build_route(Route::Through, 2000, &mut rng())
        .unwrap();
    assert_eq!(
        built,
        turnout
            .build_route(Route::Through, 2000, &mut rng())
            .unwrap()
    );
    let pads: Vec<f64> = built
        .track
        .bearers
        .iter()
        .flat_map(|bearer| bearer.pads.map(|pad| pad.stiffness_n_m / 150.0e6))
        .collect();
    let mean = pads.iter().sum::<f64>() / pads.len() as f64;
    let sd = (pads.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / pads.len() as f64).sqrt();
    assert!(
        (mean - 1.0).abs() < 0.02 && (sd - 0.2).abs() < 0.015,
        "{mean} {sd}"
    );
}
