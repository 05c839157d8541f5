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
