//! Record stage: rows of truth and output, and the end of a batch's windows.

use std::collections::BTreeMap;

use bevy_app::{App, Plugin, Update};
use bevy_ecs::prelude::*;

use super::app::{Setting, TurnoutIndex};
use super::error::RunError;
use super::observation::Observations;
use super::pipeline::Judge;
use super::stage::{Failure, Stage, healthy};
use super::window::{BearerMotion, Happening, Radio, Reading, TrainPlan, Window};
use crate::pipeline::{PassageReport, PipelineEvent, TrainEvent, Uplink, decode};
use crate::score::signal::fidelity;
use crate::score::{Features, OutputKind, OutputRow, SignalWindow, TruthKind, TruthRow};
use crate::sensor::Measured;
use crate::track::{Direction, Route};

/// Largest lag at which true and measured signal are correlated, samples.
const LAG_MAX: usize = 8;
/// The signal is compared from so long before the first to so long after the last axle, s.
const COMPARE_MARGIN_S: f64 = 0.5;

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
    /// Sample rate that the devices measured over the true one, minus 1, by turnout.
    pub(super) rate_errors: BTreeMap<u32, Vec<f64>>,
}

fn record(
    mut commands: Commands<'_, '_>,
    setting: Res<'_, Setting>,
    mut failure: ResMut<'_, Failure>,
    mut recorded: ResMut<'_, Recorded>,
    mut judges: Query<'_, '_, (&TurnoutIndex, &mut Judge)>,
    windows: Query<'_, '_, (Entity, &Window, &BearerMotion, &Reading, &Radio)>,
) {
    let mut ordered: Vec<_> = windows.iter().collect();
    ordered.sort_by_key(|(_, window, ..)| (window.turnout_index, window.index));
    let mut reports = BTreeMap::new();
    for (entity, window, motion, reading, radio) in ordered {
        let place = (window.turnout_index, window.index);
        let decoded = Decoded::of(radio);
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
        record_truth(
            &setting,
            &mut recorded.observations,
            window,
            motion,
            reading,
        );
        if let Err(error) = record_signal(&mut recorded.observations, window, motion, reading) {
            failure.0.get_or_insert(error);
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
    /// Undecodable messages are the pipeline's to report; here they are left out.
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
        displacement_pp_m: Some(report.displacement_pp_m),
    }
}

fn record_truth(
    setting: &Setting,
    observations: &mut Observations,
    window: &Window,
    motion: &BearerMotion,
    reading: &Reading,
) {
    let at = |after_s: f64| reading.start_us as i64 + libm::round(after_s * 1e6) as i64;
    let new = |kind, from_s, to_s| TruthRow {
        window: Some(window.index),
        temperature_c: Some(reading.temperature_c),
        condition: motion.condition.clone(),
        ..TruthRow::new(
            setting.name(),
            window.turnout_index,
            kind,
            at(from_s),
            at(to_s),
        )
    };
    observations.windows += 1;
    if let Some(measured) = &reading.measured {
        observations.samples += measured.counts.len() as u64;
        observations.signal_s += measured.counts.len() as f64 / measured.true_rate_hz;
    }
    match &window.happening {
        Happening::Train(train) => {
            observations.trains += 1;
            let first = motion.axle_times_s.first().copied().unwrap_or_default();
            let last = motion.axle_times_s.last().copied().unwrap_or_default();
            observations.truth.push(TruthRow {
                axle_times_us: motion.axle_times_s.iter().map(|time| at(*time)).collect(),
                contact_loss: motion.contact_loss,
                features: reading.features,
                ..named(new(TruthKind::Train, first, last), train)
            });
        }
        Happening::Quiet { seconds, .. } => {
            observations
                .truth
                .push(new(TruthKind::Quiet, 0.0, *seconds));
            let rows = motion
                .disturbances
                .iter()
                .map(|(name, from_s, to_s)| TruthRow {
                    label: name.clone(),
                    ..new(TruthKind::Disturbance, *from_s, *to_s)
                });
            observations.truth.extend(rows);
        }
    }
}

fn named(row: TruthRow, train: &TrainPlan) -> TruthRow {
    TruthRow {
        label: train.label.clone(),
        speed_m_s: Some(train.speed_m_s),
        direction: match train.direction {
            Direction::Facing => "facing",
            Direction::Trailing => "trailing",
        }
        .to_owned(),
        route: match train.route {
            Route::Through => "through",
            Route::Diverging => "diverging",
        }
        .to_owned(),
        ..row
    }
}

/// Compares what the firmware saw of a passage with the true motion.
fn record_signal(
    observations: &mut Observations,
    window: &Window,
    motion: &BearerMotion,
    reading: &Reading,
) -> Result<(), RunError> {
    let (Some(measured), [first, .., last]) = (&reading.measured, motion.axle_times_s.as_slice())
    else {
        return Ok(());
    };
    let sample = |time_s: f64| (time_s.max(0.0) * measured.true_rate_hz) as usize;
    let end = measured.counts.len().min(measured.truth_m_s2.len());
    let range = sample(first - COMPARE_MARGIN_S).min(end)..sample(last + COMPARE_MARGIN_S).min(end);
    for axis in (0..3).filter(|axis| measured.senses[*axis]) {
        let (truth, seen) = traces(measured, axis, range.clone());
        if truth.is_empty() {
            continue; // the sensor fell silent before the train came: scored as a missed train
        }
        let fidelity = fidelity(&truth, &seen, LAG_MAX).map_err(|source| RunError::Signal {
            turnout: window.turnout_index,
            window: window.index,
            source,
        })?;
        observations.signal.push(SignalWindow {
            turnout: window.turnout_index,
            window: window.index,
            axis,
            fidelity,
        });
    }
    Ok(())
}

fn traces(measured: &Measured, axis: usize, range: std::ops::Range<usize>) -> (Vec<f64>, Vec<f64>) {
    let truth = measured.truth_m_s2.get(range.clone()).unwrap_or_default();
    let seen = measured.counts.get(range).unwrap_or_default();
    (
        truth.iter().map(|sample| sample[axis]).collect(),
        seen.iter()
            .map(|counts| f64::from(counts[axis]) * measured.scale_m_s2_per_lsb)
            .collect(),
    )
}
