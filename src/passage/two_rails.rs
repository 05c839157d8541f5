//! What a passage over two rails needs and gives.

use super::Counters;
use crate::track::{BearerPoint, Direction, Profile, TwoRailTrack};
use crate::train::Consist;

/// One train over a stretch of track with both rails, recorded at points of bearers.
#[derive(Debug, Clone, Copy)]
pub struct TwoRailInput<'a> {
    /// The modelled stretch: at least 30 bays, 60 to 100 for a train.
    pub track: &'a TwoRailTrack,
    /// Vehicles from front to rear.
    pub consist: &'a Consist,
    /// Speed, m/s.
    pub speed_m_s: f64,
    /// Direction of running.
    pub direction: Direction,
    /// Vertical excitation `[left wheel, right wheel]` of each axle along the track, front to rear,
    /// positive down: everything that the wheel meets there, its own shape included. Left and right
    /// are those of the **track**, whatever the direction of running. Outside its samples a profile
    /// is zero.
    pub excitation: &'a [[Profile; 2]],
    /// Static load `[left, right]` of each wheel relative to that of its vehicle type, front to rear: uneven
    /// loading, and the shift between the rails by cant deficiency. Empty means 1 everywhere. Masses stay as they
    /// are: a shift is a force.
    pub wheel_load: &'a [[f64; 2]],
    /// Hertz constant `C_H` of `F = C_H d^1.5`, N/m^1.5 (9.37e10 for a 0.46 m wheel on 60E1).
    pub hertz_n_m15: f64,
    /// Points of bearers to record. Times refer to the bearer of the first.
    pub points: &'a [BearerPoint],
    /// Recorded time before the first axle is over the first output bearer, s.
    pub before_s: f64,
    /// Recorded time after the last axle was over it, s.
    pub after_s: f64,
    /// Time step and interval of the samples, s; 5e-5 gives P1 within 0.1 %.
    pub step_s: f64,
}

/// Motion of one point of a bearer, positive down; one value per sample.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PointMotion {
    /// Acceleration, m/s2.
    pub acceleration_m_s2: Vec<f64>,
    /// Displacement from the state where a healthy bearer just touches unloaded ballast, m; at rest
    /// it is the sag under the dead weight.
    pub displacement_m: Vec<f64>,
}

/// A simulated passage over two rails.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TwoRailPassage {
    /// Time between samples, s.
    pub step_s: f64,
    /// Time of sample 0, s; zero is when the first axle is over the first output bearer.
    pub start_s: f64,
    /// Output points, in the order asked for.
    pub points: Vec<PointMotion>,
    /// When each axle is over the first output bearer, s.
    pub axle_times_s: Vec<f64>,
    /// Largest contact force `[left, right]` of each axle while it is fully on the modelled track, N.
    pub peak_contact_force_n: Vec<[f64; 2]>,
    /// Time without contact `[left, right]` of each axle while it is fully on the modelled track, s.
    pub contact_loss_s: Vec<[f64; 2]>,
    /// Largest force between each bearer of the track and its ballast, N (drives settlement).
    pub peak_ballast_force_n: Vec<f64>,
    /// What the solver met on its way.
    pub counters: Counters,
}
