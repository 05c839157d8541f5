//! Faults that the bench injects.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What goes wrong: on the link, in the sensor, in the device, or in the numbers that time is kept by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FaultKind {
    /// Sample frames are not sent.
    LinkDrop,
    /// Sample frames are sent twice.
    LinkDuplicate,
    /// Sample frames are sent with a flipped bit.
    LinkCorrupt,
    /// A sample frame is sent after the one that follows it; `count` is even.
    LinkReorder,
    /// Sample frames are cut in the middle.
    LinkTruncate,
    /// The line stops for `value` seconds of host time in the middle of each sample frame.
    LinkStall,
    /// `count` bytes that are no frame come before the first HELLO; `window` is 0.
    LinkGarbage,
    /// The bench ends the session at `at_s` and opens another with the same running device.
    LinkReconnect,
    /// The device loses its supply at `at_s` and starts again.
    DeviceReset,
    /// The device is reset by its watchdog at `at_s`: memory that a reset keeps is kept. This and the three kinds below need
    /// firmware with the shim's test hook (`fb_port.provoke`).
    DeviceWatchdog,
    /// The supply sags at `at_s` and the device starts again.
    DeviceBrownOut,
    /// The device stops answering at `at_s`: the run ends with exit code 101.
    DeviceHang,
    /// The processor faults at `at_s`: the run ends with a report on the crash and exit code 101.
    DeviceHardFault,
    /// One axis of the sensor keeps its last value.
    StuckAxis,
    /// The sensor reads zero on every axis.
    SensorSilent,
    /// The sensor's true rate is off by `value` (0.05: 5 % fast) instead of the drawn error.
    SensorRateError,
    /// The FIFO runs over at `at_s`: `count` samples are lost for the firmware.
    SensorOverrun,
    /// The zero-g offset of `axis` jumps by `value` m/s2 and stays.
    SensorOffset,
    /// The offset of `axis` drifts by `value` m/s2 per minute.
    SensorDrift,
    /// Every axis ends at `value` m/s2 from `at_s` on, as a part with a damaged amplifier does.
    SensorClipping,
    /// The first sample of the window is garbage.
    SensorFirstSample,
    /// The mount comes loose: looseness `value`, 0 firm .. 1 rattling.
    MountLoose,
    /// The mount resonates at `value` Hz instead of the mounting's frequency.
    MountResonance,
    /// The sample number passes its 32-bit end at `at_s`.
    IndexWrap,
    /// The FIFO time stamp passes its 32-bit end at `at_s`.
    StampWrap,
    /// The device is asked for `count` heartbeats at `at_s`, in the midst of whatever happens; without it after the window,
    /// where thousands are messages of years in seconds.
    HeartbeatPoll,
}

/// The optional fields of a fault that a kind uses.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one per optional field of the file format"
)]
pub struct FaultFields {
    /// `frame` has a meaning.
    pub frame: bool,
    /// `count` has a meaning.
    pub count: bool,
    /// `axis` has a meaning.
    pub axis: bool,
    /// `at_s` has a meaning.
    pub at_s: bool,
    /// `value` is needed, within these limits.
    pub value: Option<(f64, f64)>,
}

impl FaultKind {
    /// Whether sample frames are hit (`frame` and `count` apply).
    pub fn hits_frames(self) -> bool {
        matches!(
            self,
            Self::LinkDrop
                | Self::LinkDuplicate
                | Self::LinkCorrupt
                | Self::LinkReorder
                | Self::LinkTruncate
                | Self::LinkStall
        )
    }

    /// Which optional fields this kind takes.
    pub fn fields(self) -> FaultFields {
        let none = FaultFields::default();
        let frames = FaultFields {
            frame: true,
            count: true,
            ..none
        };
        let at = FaultFields { at_s: true, ..none };
        let of_axis = FaultFields { axis: true, ..at };
        let value = |limits, fields| FaultFields {
            value: Some(limits),
            ..fields
        };
        match self {
            Self::LinkDrop
            | Self::LinkDuplicate
            | Self::LinkCorrupt
            | Self::LinkReorder
            | Self::LinkTruncate => frames,
            Self::LinkStall => value((0.0, 1.0), frames),
            Self::LinkGarbage => FaultFields {
                count: true,
                ..none
            },
            Self::LinkReconnect
            | Self::DeviceReset
            | Self::DeviceWatchdog
            | Self::DeviceBrownOut
            | Self::DeviceHang
            | Self::DeviceHardFault
            | Self::SensorSilent
            | Self::IndexWrap
            | Self::StampWrap => at,
            Self::StuckAxis => of_axis,
            Self::SensorRateError => value((-0.05, 0.05), none),
            Self::SensorOverrun | Self::HeartbeatPoll => FaultFields { count: true, ..at },
            Self::SensorOffset => value((-100.0, 100.0), of_axis),
            Self::SensorDrift => value((-10.0, 10.0), of_axis),
            Self::SensorClipping => value((0.5, 2000.0), at),
            Self::SensorFirstSample => none,
            Self::MountLoose => value((0.0, 1.0), none),
            Self::MountResonance => value((50.0, 20_000.0), none),
        }
    }
}

/// An axis of the sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// Along the track.
    X,
    /// Across the track.
    Y,
    /// Up.
    Z,
}

impl Axis {
    /// Place of the axis in a sample: 0, 1, 2.
    pub fn index(self) -> usize {
        match self {
            Self::X => 0,
            Self::Y => 1,
            Self::Z => 2,
        }
    }
}

/// A fault that the bench injects into one window of every turnout. A run with faults on the link is judged all
/// the same: the damage is known, and what the device makes of it is part of the test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultSpec {
    /// What goes wrong.
    pub kind: FaultKind,
    /// Which window, passages and quiet windows counted together from 0 in order of time.
    #[schemars(range(max = 110_000))]
    pub window: u32,
    /// Faults of sample frames: first frame that is hit, counted from 0 within the window; 0 by default.
    #[serde(default)]
    #[schemars(range(max = 10_000_000))]
    pub frame: Option<u32>,
    /// Frames in a row that are hit, samples that an overrun loses, heartbeats, or bytes of garbage; 1 by default.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub count: Option<u32>,
    /// The axis; z by default.
    #[serde(default)]
    pub axis: Option<Axis>,
    /// Start within the window, s; at once by default.
    #[serde(default)]
    #[schemars(range(min = 0, max = 3600))]
    pub at_s: Option<f64>,
    /// Size of the fault, in the unit that its kind states.
    #[serde(default)]
    #[schemars(range(min = -20_000, max = 20_000))]
    pub value: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_frames_take_a_frame_and_others_an_instant() {
        assert!(FaultKind::LinkReorder.hits_frames() && FaultKind::LinkReorder.fields().frame);
        assert!(!FaultKind::DeviceReset.hits_frames() && FaultKind::DeviceReset.fields().at_s);
        assert_eq!(
            FaultKind::SensorRateError.fields().value,
            Some((-0.05, 0.05))
        );
    }
}
