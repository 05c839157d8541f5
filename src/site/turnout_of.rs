//! A turnout type with what a description overrides.

use crate::scenario::{TrackSpec, TurnoutSpec};
use crate::track::{Turnout, TurnoutError, Void};

/// The turnout of a description. Bearers of voids are counted from `reference_bearer`.
pub(super) fn turnout_of(
    spec: &TurnoutSpec,
    track: &TrackSpec,
    reference_bearer: i32,
) -> Result<Turnout, TurnoutError> {
    let mut turnout = Turnout::by_name(spec.kind.name())?;
    set_crossing(&mut turnout, spec);
    set_support(&mut turnout, spec);
    turnout.voids = track
        .void
        .iter()
        .map(|void| Void {
            bearer: reference_bearer + void.bearer,
            gap_m: void.gap_mm * 1e-3,
            far_gap_m: void.far_gap_mm.map(|gap| gap * 1e-3),
        })
        .collect();
    turnout.validate()?;
    Ok(turnout)
}

fn set_crossing(turnout: &mut Turnout, spec: &TurnoutSpec) {
    let overrides = &spec.crossing;
    if let Some(condition) = overrides.condition {
        turnout.set_condition(condition.into());
    }
    for crossing in [&mut turnout.through, &mut turnout.diverging] {
        if let Some(height) = overrides.nose_height_mm {
            crossing.nose_height_m = height * 1e-3;
        }
        if let Some(ramp) = overrides.nose_ramp_m {
            crossing.nose_ramp_m = ramp;
        }
        if let Some(raise) = overrides.wing_raise_mm {
            crossing.wing_raise_m = raise * 1e-3;
        }
        if let Some(angle) = overrides.kink_angle_mrad {
            *crossing = crossing.with_kink_angle(angle * 1e-3);
        }
    }
}

fn set_support(turnout: &mut Turnout, spec: &TurnoutSpec) {
    let given = &spec.support;
    let support = &mut turnout.support;
    let fields = [
        (
            &mut support.pad_stiffness_n_m,
            given.pad_stiffness_mn_m,
            1e6,
        ),
        (
            &mut support.pad_damping_n_s_m,
            given.pad_damping_kn_s_m,
            1e3,
        ),
        (&mut support.sleeper_mass_kg, given.sleeper_mass_kg, 1.0),
        (
            &mut support.ballast_stiffness_n_m,
            given.ballast_stiffness_mn_m,
            1e6,
        ),
        (
            &mut support.ballast_damping_n_s_m,
            given.ballast_damping_kn_s_m,
            1e3,
        ),
        (&mut turnout.stiffness_scatter, given.stiffness_scatter, 1.0),
    ];
    for (target, value, unit) in fields {
        if let Some(value) = value {
            *target = value * unit;
        }
    }
}
