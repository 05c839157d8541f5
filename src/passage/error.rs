//! Why a passage could not be simulated.

use crate::track::TrackError;

/// Errors of the passage model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PassageError {
    /// The track is not physical, or an output lies outside it.
    #[error("the track cannot be modelled")]
    Track(#[from] TrackError),
    /// A parameter is not physical.
    #[error("{what} of {place} is {value}: {needed}")]
    NotPhysical {
        /// Quantity with its unit.
        what: &'static str,
        /// Whose it is.
        place: String,
        /// The value found.
        value: f64,
        /// What it has to be.
        needed: &'static str,
    },
    /// The train is at or above the speed of waves in the loaded track, where the model ends.
    #[error(
        "speed {speed_m_s} m/s reaches the critical speed of this track, {critical_m_s:.1} m/s"
    )]
    AboveCriticalSpeed {
        /// Speed asked for, m/s.
        speed_m_s: f64,
        /// See [`crate::track::Track::critical_speed_m_s`].
        critical_m_s: f64,
    },
    /// Rail elements too long for the frequencies that the model is meant for.
    #[error(
        "rail elements of {element_m} m cannot carry {band_hz} Hz: at most {longest_m:.3} m (a quarter wave); raise the elements per bay"
    )]
    ElementTooLong {
        /// Element length, m.
        element_m: f64,
        /// Bandwidth that the model is meant for, Hz.
        band_hz: f64,
        /// Longest element that carries it, m.
        longest_m: f64,
    },
    /// Number of excitation profiles and axles differ.
    #[error(
        "{profiles} excitation profiles for {axles} axles: give one for each axle, front to rear"
    )]
    ExcitationCount {
        /// Profiles given.
        profiles: usize,
        /// Axles of the consist.
        axles: usize,
    },
    /// Number of pairs of relative wheel loads and of axles differ.
    #[error(
        "{pairs} pairs of relative wheel loads for {axles} axles: give one for each axle, or none"
    )]
    WheelLoadCount {
        /// Pairs given.
        pairs: usize,
        /// Axles of the consist.
        axles: usize,
    },
    /// The train has no vehicle, or a vehicle no axle.
    #[error("{0}")]
    EmptyTrain(String),
    /// No sleeper to record, or one too near to the ends of the modelled track.
    #[error(
        "output sleeper {sleeper}: record sleepers {first} to {last} of this track (wheels fade in and out beyond)"
    )]
    OutputSleeper {
        /// Sleeper asked for.
        sleeper: usize,
        /// First one that may be recorded.
        first: usize,
        /// Last one that may be recorded.
        last: usize,
    },
    /// A passage over another track than the one prepared.
    #[error("the passage has another track or time step than the one that was prepared for it")]
    OtherTrack,
    /// No output asked for.
    #[error("no output sleeper given")]
    NoOutput,
    /// The modelled track is too short for wheels to enter and leave without traces.
    #[error("the modelled track has {bays} bays: at least {needed} are needed")]
    TooShort {
        /// Bays given.
        bays: usize,
        /// Bays needed.
        needed: usize,
    },
    /// The solution left the physical range.
    #[error(
        "the solution diverged {time_s:.6} s after the start at x = {at_m:.3} m: {what} = {value}"
    )]
    Diverged {
        /// Simulated time since the start, s.
        time_s: f64,
        /// Track coordinate, m.
        at_m: f64,
        /// Quantity that left its range.
        what: &'static str,
        /// Its value.
        value: f64,
    },
}

/// A finite number above zero, or the reason why not.
pub(crate) fn positive(what: &'static str, place: &str, value: f64) -> Result<(), PassageError> {
    check(
        value.is_finite() && value > 0.0,
        what,
        place,
        value,
        "it has to be finite and above zero",
    )
}

/// A finite number, zero or more, or the reason why not.
pub(crate) fn not_negative(
    what: &'static str,
    place: &str,
    value: f64,
) -> Result<(), PassageError> {
    check(
        value.is_finite() && value >= 0.0,
        what,
        place,
        value,
        "it has to be finite, zero or more",
    )
}

/// A finite number, or the reason why not.
pub(crate) fn finite(what: &'static str, place: &str, value: f64) -> Result<(), PassageError> {
    check(value.is_finite(), what, place, value, "it has to be finite")
}

fn check(
    good: bool,
    what: &'static str,
    place: &str,
    value: f64,
    needed: &'static str,
) -> Result<(), PassageError> {
    if good {
        Ok(())
    } else {
        Err(PassageError::NotPhysical {
            what,
            place: place.to_owned(),
            value,
            needed,
        })
    }
}
