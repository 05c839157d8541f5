//! frogbench: a hardware-in-the-loop simulator and test bench for railway-switch monitoring sensors.
//!
//! Data flows one way: scenario, world, passage, sensor, device, pipeline, score, report.
//! See `ARCHITECTURE.md` for the map.
mod biquad;
pub mod case;
pub mod cli;
pub mod conduct;
pub mod device;
pub mod exit;
pub mod link;
pub mod passage;
pub mod pipeline;
pub mod qualify;
pub mod random;
pub mod recording;
pub mod replay;
pub mod report;
pub mod scenario;
pub mod score;
pub mod sensor;
pub mod session_log;
pub mod site;
pub mod track;
pub mod train;
pub mod validate;
pub mod wear;
pub mod world;
