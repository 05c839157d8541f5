//! Documented process exit codes.

/// Every expectation held.
pub const PASS: u8 = 0;
/// A defect of frogbench itself.
pub const INTERNAL: u8 = 1;
/// The command line could not be understood.
pub const USAGE: u8 = 2;
/// A scenario or another input file is invalid: never retry.
pub const SCENARIO_INVALID: u8 = 3;
/// Nothing was selected.
pub const NOTHING_SELECTED: u8 = 4;
/// The environment failed (disk full, resource busy): retrying may help.
pub const RETRYABLE: u8 = 75;
/// An expectation failed.
pub const EXPECTATION_FAILED: u8 = 100;
/// The device under test could not be reached, or stopped answering.
pub const DEVICE_UNREACHABLE: u8 = 101;
/// The link between bench and device was violated: the run is invalid.
pub const PROTOCOL_ERROR: u8 = 102;

/// Codes from the gravest on. What kept a scenario from being run at all outweighs what a run showed.
const GRAVITY: [u8; 7] = [
    INTERNAL,
    RETRYABLE,
    SCENARIO_INVALID,
    DEVICE_UNREACHABLE,
    PROTOCOL_ERROR,
    EXPECTATION_FAILED,
    PASS,
];

/// The code of several scenarios together: that of the gravest outcome.
pub fn gravest(codes: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: &u8| {
        let place = GRAVITY.iter().position(|known| known == code);
        place.unwrap_or(0)
    };
    codes
        .into_iter()
        .min_by_key(rank)
        .unwrap_or(NOTHING_SELECTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_outcome_counts() {
        assert_eq!(gravest([PASS, EXPECTATION_FAILED, PASS]), 100);
        assert_eq!(gravest([PROTOCOL_ERROR, EXPECTATION_FAILED]), 102);
        assert_eq!(gravest([PROTOCOL_ERROR, SCENARIO_INVALID]), 3);
        assert_eq!(
            gravest([RETRYABLE, DEVICE_UNREACHABLE, SCENARIO_INVALID]),
            75
        );
        assert_eq!(gravest([]), NOTHING_SELECTED);
    }
}
