//! Why a sensor set-up or a motion is refused.

use thiserror::Error;

/// Errors of sensor set-up and measurement. Each text names the field and what would be accepted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SensorError {
    /// No such part.
    #[error("unknown sensor part \"{name}\": did you mean \"{nearest}\"? (known parts: {known})")]
    UnknownPart {
        /// As written.
        name: String,
        /// The known name that is nearest.
        nearest: &'static str,
        /// All known names.
        known: String,
    },
    /// The part has no such range.
    #[error("{part} has no +-{range_g} g range (offered: {offered})")]
    RangeNotOffered {
        /// Part name.
        part: &'static str,
        /// As asked for, g.
        range_g: f64,
        /// Ranges that the part has, g.
        offered: String,
    },
    /// The output rate cannot be made from the part's data rates.
    #[error("{part} cannot deliver {rate_hz} Hz: choose between {min_hz} and {max_hz} Hz")]
    RateNotOffered {
        /// Part name.
        part: &'static str,
        /// As asked for, Hz.
        rate_hz: f64,
        /// Lowest rate, Hz.
        min_hz: f64,
        /// Highest rate, Hz.
        max_hz: f64,
    },
    /// The batch does not fit the FIFO.
    #[error("a FIFO batch of {batch} samples is not possible: {part} holds 1 to {max}")]
    BatchNotPossible {
        /// Part name.
        part: &'static str,
        /// As asked for.
        batch: u16,
        /// FIFO depth in samples.
        max: u16,
    },
    /// A number is outside the range in which the model means something, or not a number.
    #[error("{field} is {value}, which is not {expected}")]
    OutOfRange {
        /// Field name.
        field: &'static str,
        /// As given.
        value: f64,
        /// What is accepted, in words.
        expected: &'static str,
    },
    /// The three axes of a motion differ in length, or are empty.
    #[error("the motion's axes hold {x}, {y} and {z} samples: they must be equal and at least 2")]
    RaggedMotion {
        /// Samples in x.
        x: usize,
        /// Samples in y.
        y: usize,
        /// Samples in z.
        z: usize,
    },
    /// A motion sample is NaN or infinite.
    #[error("motion sample {sample} of axis {axis} is {value}: accelerations must be finite")]
    MotionNotFinite {
        /// x, y or z.
        axis: char,
        /// Index.
        sample: usize,
        /// The value.
        value: f64,
    },
}
