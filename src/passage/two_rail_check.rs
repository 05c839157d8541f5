//! What a passage over two rails has to be before it is simulated.

use super::approach::OUTPUT_MARGIN_BAYS;
use super::error::{PassageError, finite, not_negative, positive};
use super::two_rails::TwoRailInput;

/// Refuses what cannot be simulated, with the reason.
pub(super) fn check(input: &TwoRailInput<'_>) -> Result<(), PassageError> {
    positive("speed (m/s)", "the train", input.speed_m_s)?;
    positive("Hertz constant (N/m^1.5)", "the contact", input.hertz_n_m15)?;
    let place = "the passage";
    not_negative("recorded time before the train (s)", place, input.before_s)?;
    not_negative("recorded time after the train (s)", place, input.after_s)?;
    super::simulate::check_step(input.step_s)?;
    input.track.check()?;
    super::simulate::check_two_rails(input.track, input.speed_m_s, super::BAND_HZ)?;
    check_train(input)?;
    check_points(input)
}

fn check_train(input: &TwoRailInput<'_>) -> Result<(), PassageError> {
    let axles_m = input.consist.axles_m();
    super::simulate::check_axles(&axles_m)?;
    if input.excitation.len() != axles_m.len() {
        return Err(PassageError::ExcitationCount {
            profiles: input.excitation.len(),
            axles: axles_m.len(),
        });
    }
    if !input.wheel_load.is_empty() && input.wheel_load.len() != axles_m.len() {
        return Err(PassageError::WheelLoadCount {
            pairs: input.wheel_load.len(),
            axles: axles_m.len(),
        });
    }
    for (axle, relative) in input.wheel_load.iter().enumerate() {
        let place = format!("axle {axle}");
        for side in relative {
            positive("relative wheel load", &place, *side)?;
        }
    }
    for (axle, pair) in input.excitation.iter().enumerate() {
        for (profile, side) in pair.iter().zip(["left", "right"]) {
            let place = || format!("the excitation of the {side} wheel of axle {axle}");
            if !profile.height_m.is_empty() {
                positive("step (m)", &place(), profile.step_m)?;
                finite("start (m)", &place(), profile.start_m)?;
            }
            if let Some(bad) = profile.height_m.iter().find(|h| !h.is_finite()) {
                finite("height (m)", &place(), *bad)?;
            }
        }
    }
    Ok(())
}

fn check_points(input: &TwoRailInput<'_>) -> Result<(), PassageError> {
    let bays = input.track.bays();
    let needed = 2 * OUTPUT_MARGIN_BAYS + 4;
    if bays < needed {
        return Err(PassageError::TooShort { bays, needed });
    }
    if input.points.is_empty() {
        return Err(PassageError::NoOutput);
    }
    let (first, last) = (OUTPUT_MARGIN_BAYS, bays - OUTPUT_MARGIN_BAYS);
    for point in input.points {
        if point.bearer < first || point.bearer > last {
            return Err(PassageError::OutputSleeper {
                sleeper: point.bearer,
                first,
                last,
            });
        }
        input.track.check_point(*point)?;
    }
    Ok(())
}
