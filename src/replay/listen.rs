//! One recording through one device and the pipeline.

use std::time::Duration;

use super::error::ReplayError;
use super::report::{
    AxisFigures, DeviceFigures, LinkFigures, RecordingFigures, RecordingReport, TrainFigures,
};
use crate::device::{
    DeviceError, DeviceSpec, LinkReport, Session, SessionOptions, StreamConfig, UplinkMessage,
};
use crate::pipeline::{
    Heartbeat, Pipeline, PipelineEvent, PipelineSettings, TrainEvent, Uplink, decode,
};
use crate::recording::Recording;
use crate::sensor::Measured;

/// Samples per frame: a usual FIFO watermark.
const FIFO_BATCH: u16 = 32;
/// What the device is told of a temperature that nobody recorded, 0.01 degrees Celsius.
const ROOM_CDEG: i16 = 2000;

/// Choices of the caller.
#[derive(Debug, Clone)]
pub struct ListenOptions {
    /// The device under test.
    pub device: DeviceSpec,
    /// How long to wait for a device to say HELLO.
    pub hello_timeout: Duration,
    /// Full scale that the device is told, m/s2; what the counts can hold by default.
    pub range_m_s2: Option<f64>,
}

/// Replays `recording` into the device and the pipeline. Time begins at 0 with the first sample.
///
/// # Errors
/// [`ReplayError`] for a recording that cannot be sent and a device that fails. A link that lost or
/// damaged frames is no error here: see [`RecordingReport::is_valid`].
pub fn listen(
    recording: &Recording,
    options: &ListenOptions,
) -> Result<RecordingReport, ReplayError> {
    let mut measured = recording.to_measured(FIFO_BATCH, 0)?;
    measured.range_m_s2 = options.range_m_s2.unwrap_or(measured.range_m_s2);
    let failed = |source| ReplayError::Device {
        file: recording.file.clone(),
        source,
    };
    let heard = converse(recording, &measured, options).map_err(failed)?;
    let judged = judge(&heard.messages).map_err(|source| ReplayError::Pipeline {
        file: recording.file.clone(),
        source,
    })?;
    let mut device = heard.device;
    device.describe(judged.beat.as_ref());
    Ok(RecordingReport {
        file: recording.file.clone(),
        recording: RecordingFigures::of(recording, &measured),
        axes: AxisFigures::of(recording),
        device,
        trains: judged.trains,
        other_passages: judged.other_passages,
        link: LinkFigures::of(&heard.link),
        notes: recording.notes.clone(),
        ..RecordingReport::default()
    })
}

struct Heard {
    device: DeviceFigures,
    /// Arrival, us after the first sample, and message.
    messages: Vec<(u64, UplinkMessage)>,
    link: LinkReport,
}

fn converse(
    recording: &Recording,
    measured: &Measured,
    options: &ListenOptions,
) -> Result<Heard, DeviceError> {
    let config = StreamConfig {
        nominal_rate_hz: measured.nominal_rate_hz,
        axes: 3,
        bits: measured.bits,
        scale_m_s2_per_lsb: measured.scale_m_s2_per_lsb,
        range_m_s2: measured.range_m_s2,
        timestamp_tick_ns: libm::round(measured.stamp_tick_s * 1e9) as u32,
        fifo_batch: FIFO_BATCH as u8,
        epoch_us: 0,
        run_id: 0,
    };
    let session_options = SessionOptions {
        hello_timeout: options.hello_timeout,
        ..SessionOptions::default()
    };
    let mut session = Session::open(&options.device, &config, session_options)?;
    let identity = session.identity();
    let device = DeviceFigures {
        tier: options.device.to_string(),
        name: identity.name.clone(),
        build: identity.build.clone(),
        ..DeviceFigures::default()
    };
    let end = measured.counts.len();
    let at_us = |sample: usize| libm::round(recording.time_s(sample.min(end - 1)) * 1e6) as u64;
    let uplinks = session.feed(&measured.counts, &measured.stamps)?;
    let mut messages: Vec<(u64, UplinkMessage)> = uplinks
        .into_iter()
        .map(|message| (at_us(message.t0 as usize + usize::from(message.n)), message))
        .collect();
    // The end of the file is not the end of the world: whatever is still open is asked for.
    let next_t0 = session.next_t0();
    let last = session.skip(next_t0, at_us(end), ROOM_CDEG, true)?;
    messages.extend(last.into_iter().map(|message| (at_us(end), message)));
    Ok(Heard {
        device,
        messages,
        link: session.finish()?,
    })
}

#[derive(Default)]
struct Judged {
    trains: Vec<TrainFigures>,
    other_passages: u64,
    beat: Option<Heartbeat>,
}

fn judge(messages: &[(u64, UplinkMessage)]) -> Result<Judged, crate::pipeline::PipelineError> {
    let mut pipeline = Pipeline::new(PipelineSettings::default())?;
    let mut judged = Judged::default();
    let mut events = Vec::new();
    for (arrival_us, message) in messages {
        events.extend(pipeline.push(*arrival_us, &message.bytes)?);
        if let Ok(Uplink::Heartbeat(beat)) = decode(&message.bytes) {
            // Wake-ups that were no train are told once each, in the next heartbeat.
            judged.other_passages += u64::from(beat.wakeups);
            judged.beat = Some(beat);
        }
    }
    if let Some((end_us, _)) = messages.last() {
        events.extend(pipeline.finish(*end_us)?);
    }
    for event in &events {
        match event {
            PipelineEvent::Train(train) => judged.trains.push(train_figures(train)),
            PipelineEvent::Disregarded { .. } => judged.other_passages += 1,
            _ => {}
        }
    }
    Ok(judged)
}

fn train_figures(train: &TrainEvent) -> TrainFigures {
    TrainFigures {
        onset_s: train.onset_us as f64 * 1e-6,
        duration_s: train.duration_s,
        axles: train.axle_count,
        speed_km_h: train.speed_m_s.map(|speed| speed * 3.6),
        class: train.class.name().to_owned(),
    }
}
