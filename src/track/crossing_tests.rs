use super::*;

const TEXTBOOK: Crossing = Crossing {
    number: 15.0,
    nose_height_m: 4.0e-3,
    nose_ramp_m: 0.6,
    nose_blend_m: 0.3,
    wing_raise_m: 0.0,
    wing_ramp_m: 0.2,
    wing_blend_m: 0.2,
    wing_sink_factor: 1.0,
};

fn close(a: f64, b: f64, tolerance: f64) {
    assert!(
        (a - b).abs() <= tolerance,
        "{a} differs from {b} by more than {tolerance}"
    );
}

/// `g` 1/20, `N` 15, `h_n` 4 mm, `L_n` 0.6 m gives transfer 0.4 m, depth 1.3 mm, kink 10 mrad.
#[test]
fn worked_example_of_the_kinematic_form() {
    close(TEXTBOOK.transfer_m(0.05), 0.4, 1e-12);
    close(TEXTBOOK.dip_m(0.05), 4.0e-3 / 3.0, 1e-12);
    close(TEXTBOOK.kink_angle_rad(0.05), 0.010, 1e-12);
}

#[test]
fn conditions_have_the_documented_kink_angles() {
    for (condition, kink) in [
        (CrossingCondition::New, 6.0e-3),
        (CrossingCondition::Worn, 16.0e-3),
        (CrossingCondition::Repaired, 9.0e-3),
    ] {
        let crossing = Crossing::with_condition(15.0, condition);
        assert!(crossing.validate().is_ok());
        close(crossing.kink_angle_rad(NOMINAL_CONICITY), kink, 2e-5);
    }
}

/// Brute force over a fine grid: the definition of the envelope.
fn envelope(crossing: &Crossing, conicity: f64, s: f64, radius: f64) -> f64 {
    let surface = |s: f64| crossing.wing_drop(s, conicity).min(crossing.nose_drop(s));
    let mut best = f64::INFINITY;
    for i in -40_000..=40_000 {
        let q = f64::from(i) * 1e-6;
        let circle = radius - (radius * radius - q * q).sqrt();
        best = best.min(surface(s + q) + circle);
    }
    best
}

#[test]
fn rolling_path_is_the_envelope_of_the_wheel() {
    let raised = Crossing {
        wing_raise_m: 1.0e-3,
        ..TEXTBOOK
    };
    for crossing in [TEXTBOOK, raised] {
        let path = crossing.path(0.08);
        for i in 0..45 {
            let s = -0.05 + 0.0161 * f64::from(i);
            close(
                path.rolling_drop(s, 0.46),
                envelope(&crossing, 0.08, s, 0.46),
                1e-9,
            );
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    /// Slopes stay below 80 mrad, for which the search of `envelope` over 40 mm suffices.
    #[test]
    fn any_crossing_gives_the_envelope_of_its_surface(
        number in 8.0..40.0,
        nose_height_m in 0.0..0.012,
        nose_ramp_m in 0.3..1.5,
        wing_raise_m in 0.0..0.003,
        wing_ramp_m in 0.1..0.5,
        wing_sink_factor in 0.3..1.8,
        wing_blend_m in 0.0..0.4,
        nose_blend in 0.0..1.0,
        conicity in 0.02..0.3,
        part in -0.1..1.2,
    ) {
        let crossing = Crossing {
            number, nose_height_m, nose_ramp_m, nose_blend_m: nose_blend * nose_ramp_m,
            wing_raise_m, wing_ramp_m, wing_blend_m, wing_sink_factor,
        };
        proptest::prop_assert!(crossing.validate().is_ok());
        let s = part * nose_ramp_m.max(crossing.transfer_m(conicity));
        let got = crossing.path(conicity).rolling_drop(s, 0.46);
        let wanted = envelope(&crossing, conicity, s, 0.46);
        proptest::prop_assert!((got - wanted).abs() < 1e-8, "{got} vs {wanted} at {s}");
    }
}

#[test]
fn the_concave_transfer_keeps_its_corner_and_the_shoulders_are_rounded() {
    let path = TEXTBOOK.path(0.05);
    let slope = |s: f64| (path.rolling_drop(s + 1e-6, 0.46) - path.rolling_drop(s, 0.46)) / 1e-6;
    // One micrometre-scale neighbourhood either side of the dip: the whole angle is there.
    let corner = (0..2000)
        .map(|i| 0.39 + 1e-5 * f64::from(i))
        .max_by(|a, b| {
            path.rolling_drop(*a, 0.46)
                .total_cmp(&path.rolling_drop(*b, 0.46))
        })
        .unwrap();
    close(slope(corner - 3e-5) - slope(corner + 3e-5), 0.010, 1e-5);
    // The ramp end is a parabola: half of the ramp's slope where the corner would be, and the
    // slope falls off evenly, without a step.
    let (half, contact) = (0.5 * 4.0e-3 / 0.6, 0.46 * 0.5 * 4.0e-3 / 0.6);
    close(slope(0.6), -half + contact * 2.0 * half / 0.3, 2e-6);
    let steepest = (0..600)
        .map(|i| {
            let s = 0.41 + 0.0006 * f64::from(i);
            (slope(s + 1e-3) - slope(s)).abs()
        })
        .fold(0.0, f64::max);
    close(steepest, 1e-3 * 4.0e-3 / 0.6 / 0.3, 2e-6);
    close(path.rolling_drop(0.76, 0.46), 0.0, 0.0);
    close(path.rolling_drop(-0.11, 0.46), 0.0, 0.0);
}

#[test]
fn override_by_kink_angle_keeps_the_transfer_point() {
    let raised = Crossing {
        wing_raise_m: 1.0e-3,
        ..TEXTBOOK
    };
    for crossing in [TEXTBOOK, raised] {
        for angle in [0.002, 0.006, 0.020] {
            let scaled = crossing.with_kink_angle(angle);
            close(scaled.kink_angle_rad(NOMINAL_CONICITY), angle, 1e-12);
            let (new, old) = (scaled.transfer_m(0.05), crossing.transfer_m(0.05));
            close(new, old, 1e-12);
        }
    }
    let level = TEXTBOOK.with_kink_angle(0.0);
    close(level.path(0.05).rolling_drop(0.3, 0.46), 0.0, 1e-15);
    close(
        level
            .with_kink_angle(0.005)
            .kink_angle_rad(NOMINAL_CONICITY),
        0.005,
        1e-12,
    );
}

#[test]
fn steeper_conicity_means_earlier_transfer_and_a_sharper_kink() {
    let mut last = (f64::INFINITY, 0.0);
    for g in [0.02, 0.05, 0.1, 0.2] {
        let now = (TEXTBOOK.transfer_m(g), TEXTBOOK.kink_angle_rad(g));
        assert!(now.0 < last.0 && now.1 > last.1);
        last = now;
    }
}

#[test]
fn bad_data_is_refused_by_field() {
    let bad = Crossing {
        nose_ramp_m: f64::NAN,
        ..TEXTBOOK
    };
    assert!(
        bad.validate()
            .unwrap_err()
            .to_string()
            .contains("nose_ramp_m")
    );
    let bad = Crossing {
        number: 0.0,
        ..TEXTBOOK
    };
    assert!(bad.validate().unwrap_err().to_string().contains("number"));
}
