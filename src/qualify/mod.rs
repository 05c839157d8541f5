//! Qualification: does the suite tell good firmware from bad, and is this firmware good?
//!
//! The reference firmware is built once as it is and once per seeded defect; every build is a device of its
//! own, to which the same taped scenarios are played. A defect is *caught* where an expectation fails, the
//! link is violated or the device is lost; the same on good firmware is a *false alarm*.

mod build;
mod defect;
mod embedded;
mod error;
mod maker;
mod matrix;
mod play;
mod runner;
mod summary;
mod tapes;

pub use build::{Firmware, Workshop};
pub use defect::{Defect, defects, defects_of};
pub use embedded::{suite, suite_of};
pub use error::QualifyError;
pub use matrix::{Catch, Cell, DefectRow, Qualification};
pub use runner::{QualifyOptions, QualifyProgress, QualifyTier, qualify};
pub use summary::qualification_summary;
