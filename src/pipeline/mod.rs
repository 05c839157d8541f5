//! The reference pipeline: from uplink bytes to trains, health features and alarms.
//!
//! It is what the bench judges when nothing else is plugged in: deliberately plain, documented, and
//! replaceable. Everything is a function of the messages and the settings: no clock, no random
//! number, no file.
//!
//! ```text
//! bytes -> decode -> assemble -> pattern -> features -> baseline -> alarm
//!          uplink    sequence,   vehicles,  log values  speed and   one per
//!                    axle lists  speed,     by group    class       group, with
//!                                class                  corrected   hysteresis
//! ```

mod alarm;
mod assemble;
mod baseline;
mod event;
mod features;
mod health;
mod pattern;
mod reference;
mod robust;
mod settings;
mod uplink;

#[cfg(test)]
mod message_tests;
#[cfg(test)]
mod monte_carlo;
#[cfg(test)]
mod test_bench;

pub use alarm::{Alarm, AlarmChange};
pub use baseline::{Baseline, Residual, Sample};
pub use event::{DeviceProblem, Disregarded, JudgedAs, PipelineEvent, TrainEvent};
pub use features::{Diagnosis, FEATURES, Feature, FeatureGroup, FeatureValues};
pub use health::FeatureScore;
pub use pattern::{SpeedSource, TrainClass, TrainPattern, VehicleKind, recognise};
pub use reference::{Pipeline, PipelineError};
pub use settings::{PipelineSettings, SettingsError};
pub use uplink::{
    AxisFeatures, AxleReport, AxlesReport, BAND_EDGES_HZ, Heartbeat, PassageFlags, PassageReport,
    UPLINK_MAX_BYTES, UPLINK_VERSION, Uplink, UplinkError, decode,
};
