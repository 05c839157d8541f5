//! The device under test: one file per tier, one session for all.
//!
//! Whatever the tier, the bench talks to a terminal: the native tier puts the firmware process
//! behind a pseudo-terminal, and a serial device is a terminal already.
mod config;
mod conversation;
mod error;
mod fault;
mod flow;
mod handshake;
mod latency;
mod line;
mod log;
mod native;
mod report;
mod serial;
mod session;
mod spec;
mod wire;

pub use config::StreamConfig;
pub use conversation::UplinkMessage;
pub use error::DeviceError;
pub use fault::{LinkFault, LinkFaultKind};
pub use handshake::DeviceIdentity;
pub use latency::LatencyFigures;
pub use log::{LinkItem, LinkRecord, Way};
pub use native::{NATIVE_SUBCOMMAND, native_device_main};
pub use report::{DeviceNote, DirectionReport, LinkReport};
pub use session::{Session, SessionOptions};
pub use spec::{DEFAULT_BAUD, DeviceSpec, DeviceSpecError, NativeOptions};
