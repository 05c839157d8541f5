//! The stages of one update, in the order of the data flow.

use std::sync::{Mutex, PoisonError};

use bevy_app::{App, Update};
use bevy_ecs::prelude::*;

/// System sets; each runs after the one above it.
#[derive(SystemSet, Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// Choose the windows of this batch and the track condition of each.
    Plan,
    /// Simulate the motion of the sensor's bearer.
    Passage,
    /// Turn motion into counts.
    Sense,
    /// Feed the counts to the devices.
    Device,
    /// Let the pipeline judge what the devices sent.
    Pipeline,
    /// Write truth and output rows, and drop the windows of this batch.
    Record,
}

/// Chains the stages.
pub(super) fn chain_stages(app: &mut App) {
    app.configure_sets(
        Update,
        (
            Stage::Plan,
            Stage::Passage,
            Stage::Sense,
            Stage::Device,
            Stage::Pipeline,
            Stage::Record,
        )
            .chain(),
    );
}

/// The first failure of the run; once it is set, the later stages do nothing.
#[derive(Resource, Debug, Default)]
pub(super) struct Failure(pub(super) Option<super::RunError>);

/// Run condition: no stage failed so far.
pub(super) fn healthy(failure: Res<'_, Failure>) -> bool {
    failure.0.is_none()
}

/// Failures of windows that are computed side by side, with (turnout, window) of each.
#[derive(Debug, Default)]
pub(super) struct FailureList(Mutex<Vec<((u32, u32), super::RunError)>>);

impl FailureList {
    /// Adds the failure of one window.
    pub(super) fn push(&self, place: (u32, u32), error: super::RunError) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.push((place, error));
    }
}

impl Failure {
    /// Keeps the failure that comes first in order of turnout and window, whichever thread was first.
    pub(super) fn first_of(&mut self, list: FailureList) {
        let failures = list.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let first = failures.into_iter().min_by_key(|(place, _)| *place);
        if let (None, Some((_, error))) = (&self.0, first) {
            self.0 = Some(error);
        }
    }
}
