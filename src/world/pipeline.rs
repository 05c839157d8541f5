//! Pipeline stage: what the devices sent, judged.

use bevy_app::{App, Plugin, Update};
use bevy_ecs::prelude::*;

use super::app::TurnoutIndex;
use super::error::RunError;
use super::stage::{Failure, Stage, healthy};
use super::window::{Radio, Window};
use crate::pipeline::{Pipeline, PipelineEvent, PipelineSettings};
use crate::scenario::PipelineSpec;

/// Judges.
pub(super) struct PipelinePlugin;

impl Plugin for PipelinePlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, judge.in_set(Stage::Pipeline).run_if(healthy));
    }
}

/// The pipeline of one turnout, and what it said in this batch.
#[derive(Component, Debug)]
pub(super) struct Judge {
    pub(super) pipeline: Pipeline,
    /// Window entity and index, and the event.
    pub(super) events: Vec<(u32, PipelineEvent)>,
}

impl Judge {
    /// A pipeline that knows nothing yet, with the scenario's settings.
    pub(super) fn new(spec: &PipelineSpec) -> Result<Self, RunError> {
        let settings = PipelineSettings {
            baseline_passages: spec.baseline_passages as usize,
            alarm_sigma: spec.alarm_sigma,
            clear_sigma: spec.clear_sigma,
            ..PipelineSettings::default()
        };
        let pipeline = Pipeline::new(settings).map_err(|error| RunError::Scenario {
            field: "[pipeline]",
            reason: error.to_string(),
        })?;
        Ok(Self {
            pipeline,
            events: Vec::new(),
        })
    }
}

fn judge(
    mut failure: ResMut<'_, Failure>,
    mut judges: Query<'_, '_, (Entity, &mut Judge, &TurnoutIndex)>,
    windows: Query<'_, '_, (&Window, &Radio)>,
) {
    let mut ordered: Vec<(&Window, &Radio)> = windows.iter().collect();
    ordered.sort_by_key(|(window, _)| (window.turnout_index, window.index));
    for (turnout, mut judge, index) in &mut judges {
        let own = ordered
            .iter()
            .filter(|(window, _)| window.turnout == turnout);
        for (window, radio) in own {
            for (arrival_us, message) in &radio.messages {
                match judge.pipeline.push(*arrival_us, &message.bytes) {
                    Ok(events) => {
                        let events = events.into_iter().map(|event| (window.index, event));
                        judge.events.extend(events);
                    }
                    Err(source) => {
                        let turnout = index.0;
                        failure
                            .0
                            .get_or_insert(RunError::Pipeline { turnout, source });
                        return;
                    }
                }
            }
        }
    }
}
