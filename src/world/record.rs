//! Record stage: rows of truth and output, and the end of a batch's windows.

use std::collections::BTreeMap;

use bevy_app::{App, Plugin, Update};
use bevy_ecs::prelude::*;

use super::app::{Setting, TurnoutIndex};
use super::log::LoggedWindow;
use super::observation::Observations;
use super::pipeline::Judge;
use super::stage::{Stage, healthy};
use super::window::{Radio, Reading, Window};
use crate::pipeline::{PassageReport, PipelineEvent, TrainEvent, Uplink, decode};
use crate::score::{Features, OutputKind, OutputRow, ResourceRow, TruthKind};

/// Records.
pub(super) struct RecordPlugin;

impl Plugin for RecordPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Recorded>();
        app.add_systems(Update, record.in_set(Stage::Record).run_if(healthy));
    }
}

/// What has been observed so far.
#[derive(Resource, Debug, Default)]
pub(super) struct Recorded {
    pub(super) observations: Observations,
    /// Windows of this batch for the session log, in order; empty unless the run keeps one.
    pub(super) logged: Vec<LoggedWindow>,
    /// Whether it does.
    pub(super) keep_log: bool,
    /// Sample rate that the devices measured over the true one, minus 1, by turnout.
    pub(super) rate_errors: BTreeMap<u32, Vec<f64>>,
}

impl Observations {
    /// Adds what is true of one window.
    fn count(&mut self, reading: &Reading) {
        self.windows += 1;
        let trains = reading
            .truth
            .iter()
            .filter(|row| row.kind == TruthKind::Train);
        self.trains += trains.count() as u64;
        if let Some(measured) = &reading.measured {
            self.samples += measured.counts.len() as u64;
            self.signal_s += measured.counts.len() as f64 / measured.true_rate_hz;
        }
        self.truth.extend(reading.truth.iter().cloned());
        self.signal.extend(reading.signal.iter().copied());
    }
}

fn record(
    mut commands: Commands<'_, '_>,
    setting: Res<'_, Setting>,
    mut recorded: ResMut<'_, Recorded>,
    mut judges: Query<'_, '_, (&TurnoutIndex, &mut Judge)>,
    mut windows: Query<'_, '_, (Entity, &Window, &mut Reading, &mut Radio)>,
) {
    let mut ordered: Vec<_> = windows.iter_mut().collect();
    ordered.sort_by_key(|(_, window, ..)| (window.turnout_index, window.index));
    let mut reports = BTreeMap::new();
    for (entity, window, mut reading, mut radio) in ordered {
        let place = (window.turnout_index, window.index);
        let decoded = Decoded::of(&radio);
        if let (Some(measured), Some(report)) =
            (&reading.measured, decoded.passages.values().next())
        {
            let error = report.report.rate_hz / measured.true_rate_hz - 1.0;
            recorded.rate_errors.entry(place.0).or_default().push(error);
        }
        recorded
            .observations
            .output
            .extend(decoded.heartbeats(&setting, place));
        reports.insert(place, decoded.passages);
        recorded.observations.count(&reading);
        let resources = radio.resources.take().map(|row| ResourceRow {
            scenario: setting.name().to_owned(),
            ..row
        });
        recorded.observations.resources.extend(resources);
        if recorded.keep_log {
            recorded.logged.push(LoggedWindow {
                window: *window,
                reading: std::mem::take(&mut reading),
                frames: std::mem::take(&mut radio.log),
            });
        }
        commands.entity(entity).despawn();
    }
    for (turnout, mut judge) in &mut judges {
        for (window, event) in judge.events.drain(..) {
            let place = (turnout.0, window);
            let output = &mut recorded.observations.output;
            output.extend(output_row(&setting, place, &event, reports.get(&place)));
        }
    }
}

/// A passage as the device reported it, and the bytes that this took.
struct Reported {
    report: PassageReport,
    bytes: u32,
}

/// The uplinks of one window.
struct Decoded {
    passages: BTreeMap<u16, Reported>,
    beats: Vec<(u64, u32, crate::pipeline::Heartbeat)>,
}

impl Decoded {
    /// Undecodable messages are left out here: the pipeline reports each as a problem.
    fn of(radio: &Radio) -> Self {
        let mut passages: BTreeMap<u16, Reported> = BTreeMap::new();
        let mut beats = Vec::new();
        for (arrival_us, message) in &radio.messages {
            let bytes = message.bytes.len() as u32;
            match decode(&message.bytes) {
                Ok(Uplink::Passage(report)) => {
                    passages.insert(report.passage, Reported { report, bytes });
                }
                Ok(Uplink::Axles(more)) => {
                    if let Some(reported) = passages.get_mut(&more.passage) {
                        reported.bytes += bytes;
                    }
                }
                Ok(Uplink::Heartbeat(beat)) => beats.push((*arrival_us, bytes, beat)),
                Err(_) => {}
            }
        }
        Self { passages, beats }
    }

    fn heartbeats(&self, setting: &Setting, place: (u32, u32)) -> Vec<OutputRow> {
        let row = |(arrival_us, bytes, beat): &(u64, u32, crate::pipeline::Heartbeat)| OutputRow {
            window: Some(place.1),
            flags: beat.flags.names().into_iter().map(str::to_owned).collect(),
            temperature_c: Some(beat.temperature_c),
            rate_hz: Some(beat.rate_hz),
            uplink_bytes: Some(*bytes),
            ..OutputRow::new(
                setting.name(),
                place.0,
                OutputKind::Heartbeat,
                *arrival_us as i64,
            )
        };
        self.beats.iter().map(row).collect()
    }
}

fn output_row(
    setting: &Setting,
    place: (u32, u32),
    event: &PipelineEvent,
    reports: Option<&BTreeMap<u16, Reported>>,
) -> Option<OutputRow> {
    let row = |kind, time_us: u64| OutputRow {
        window: Some(place.1),
        ..OutputRow::new(setting.name(), place.0, kind, time_us as i64)
    };
    match event {
        PipelineEvent::Train(train) => {
            let reported = reports.and_then(|reports| reports.get(&train.passage));
            Some(train_row(
                row(OutputKind::Train, train.onset_us),
                train,
                reported,
            ))
        }
        PipelineEvent::AlarmRaised {
            time_us,
            group,
            score,
            diagnosis,
            ..
        } => Some(OutputRow {
            label: format!("{}: {}", group.name(), diagnosis.label()),
            deviation_sigma: Some(*score),
            ..row(OutputKind::AlarmRaised, *time_us)
        }),
        PipelineEvent::AlarmCleared { time_us, group, .. } => Some(OutputRow {
            label: group.name().to_owned(),
            ..row(OutputKind::AlarmCleared, *time_us)
        }),
        PipelineEvent::Disregarded {
            onset_us,
            axle_count,
            reason,
            ..
        } => Some(OutputRow {
            label: reason.name().to_owned(),
            axle_count: Some(u32::from(*axle_count)),
            ..row(OutputKind::Disregarded, *onset_us)
        }),
        PipelineEvent::DeviceProblem { time_us, problem } => Some(OutputRow {
            label: problem.to_string(),
            ..row(OutputKind::Problem, *time_us)
        }),
        _ => None,
    }
}

fn train_row(row: OutputRow, train: &TrainEvent, reported: Option<&Reported>) -> OutputRow {
    let onset_us = train.onset_us as i64;
    let place = |time_s: &f64| onset_us + libm::round(time_s * 1e6) as i64;
    let report = reported.map(|reported| &reported.report);
    OutputRow {
        duration_s: Some(train.duration_s),
        axle_count: Some(u32::from(train.axle_count)),
        axle_times_us: train.axle_times_s.iter().map(place).collect(),
        speed_m_s: train.speed_m_s,
        flags: report.map_or_else(Vec::new, |report| {
            report
                .flags
                .names()
                .into_iter()
                .map(str::to_owned)
                .collect()
        }),
        temperature_c: report.map(|report| report.temperature_c),
        rate_hz: report.map(|report| report.rate_hz),
        uplink_bytes: reported.map(|reported| reported.bytes),
        label: train.class.name().to_owned(),
        features: report.map(features),
        ..row
    }
}

/// Reported features in the table's form.
fn features(report: &PassageReport) -> Features {
    Features {
        peak_m_s2: report.axes.map(|axis| axis.peak_m_s2),
        rms_m_s2: report.axes.map(|axis| axis.rms_m_s2),
        crest: report.axes.map(|axis| axis.crest),
        kurtosis: report.axes.map(|axis| axis.kurtosis),
        band_rms_m_s2: report.band_rms_m_s2,
        displacement_pp_m: Some(report.displacement_pp_m).filter(|d| *d > 0.0),
    }
}
