//! What a passage gives.

/// Motion of one sleeper, positive down; one value per sample.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SleeperMotion {
    /// Acceleration, m/s2.
    pub acceleration_m_s2: Vec<f64>,
    /// Displacement from the state where a healthy sleeper just touches unloaded ballast, m; at
    /// rest it is the sag under the dead weight.
    pub displacement_m: Vec<f64>,
}

/// A simulated passage.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Passage {
    /// Time between samples, s.
    pub step_s: f64,
    /// Time of sample 0, s; zero is when the first axle is over the first output sleeper.
    pub start_s: f64,
    /// Output sleepers, in the order asked for.
    pub sleepers: Vec<SleeperMotion>,
    /// When each axle is over the first output sleeper, s.
    pub axle_times_s: Vec<f64>,
    /// Largest contact force of each axle while it is fully on the modelled track, N.
    pub peak_contact_force_n: Vec<f64>,
    /// Time without contact of each axle while it is fully on the modelled track, s.
    pub contact_loss_s: Vec<f64>,
    /// Largest force between each sleeper of the track and its ballast, N (drives settlement).
    pub peak_ballast_force_n: Vec<f64>,
    /// What the solver met on its way.
    pub counters: Counters,
}

/// Counts of what the solver met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Time steps simulated.
    pub steps: u64,
    /// Steps in which sleepers touched down or lifted.
    pub bearing_changes: u64,
    /// Steps that found no consistent set of sleepers in bearing, because the ballast force jumps
    /// at touchdown; the last state is kept. Up to a few per passage over open voids.
    pub unresolved_steps: u64,
}

impl Counters {
    /// Adds those of another simulation.
    pub(super) fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.bearing_changes += other.bearing_changes;
        self.unresolved_steps += other.unresolved_steps;
    }
}
