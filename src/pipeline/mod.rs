//! The reference pipeline: from uplink bytes to trains, health features and alarms.
