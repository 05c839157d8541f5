//! What a passage needs.

use crate::track::{Direction, Profile, Track};
use crate::train::Consist;

/// One train over a stretch of one rail, recorded at some sleepers.
#[derive(Debug, Clone, Copy)]
pub struct PassageInput<'a> {
    /// The modelled stretch: at least 30 bays, 60 to 100 for a train.
    pub track: &'a Track,
    /// Vehicles from front to rear; the model takes the half of each that runs on this rail.
    pub consist: &'a Consist,
    /// Speed, m/s.
    pub speed_m_s: f64,
    /// Direction of running.
    pub direction: Direction,
    /// Vertical excitation of each wheel along the track, front to rear, positive down: everything
    /// that the wheel meets there, its own shape included. One per axle. Outside its samples a
    /// profile is zero, so let it begin and end near zero or before and behind the modelled track.
    pub excitation: &'a [Profile],
    /// Hertz constant `C_H` of `F = C_H d^1.5`, N/m^1.5 (9.37e10 for a 0.46 m wheel on 60E1).
    pub hertz_n_m15: f64,
    /// Sleepers (indices of supports) to record. Times refer to the first of them.
    pub sleepers: &'a [usize],
    /// Recorded time before the first axle is over the first output sleeper, s.
    pub before_s: f64,
    /// Recorded time after the last axle was over it, s.
    pub after_s: f64,
    /// Time step and interval of the samples, s; 5e-5 gives P1 within 0.1 %.
    pub step_s: f64,
}
