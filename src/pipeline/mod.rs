//! The reference pipeline: from uplink bytes to trains, health features and alarms.

mod uplink;

pub use uplink::{
    AxisFeatures, AxleReport, AxlesReport, BAND_EDGES_HZ, Heartbeat, PassageFlags, PassageReport, UPLINK_MAX_BYTES,
    UPLINK_VERSION, Uplink, UplinkError, decode,
};
