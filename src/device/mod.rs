//! The device under test: one file per tier, one session for all.
//!
//! Whatever the tier, the bench talks to a terminal: the native tier puts the firmware process
//! behind a pseudo-terminal, and a serial device is a terminal already.
mod bus_link;
mod config;
mod conversation;
mod energy;
mod error;
mod fault;
mod file;
mod firmware;
mod flow;
mod folder;
mod handshake;
mod last_words;
mod latency;
mod line;
mod log;
mod misfortune;
mod native;
mod pace;
mod post_mortem;
mod qemu;
mod registers;
mod report;
mod serial;
mod session;
mod spec;
mod tier;
mod wire;

pub use config::StreamConfig;
pub use conversation::UplinkMessage;
pub use energy::{Consumption, EnergySpec};
pub use error::DeviceError;
pub use fault::{LinkFault, LinkFaultKind};
pub use file::{DEVICE_FORMAT, DeviceFile, DeviceFileError, Tier, device_schema, read_device_file};
pub use firmware::{Board, FirmwareError, FirmwareSources, cross_build};
pub use handshake::DeviceIdentity;
pub use last_words::LastWords;
pub use latency::LatencyFigures;
pub use log::{LinkItem, LinkRecord, Way};
pub use misfortune::{Misfortune, Usage};
pub use native::{NATIVE_SUBCOMMAND, native_device_main};
pub use registers::{
    ClockUnit, RegistersOptions, RegistersTable, SensorTime, SpiArgument, SpiHook, SpiReturn,
};
pub use report::{DeviceNote, DirectionReport, LinkReport};
pub use session::SessionOptions;
pub use spec::{
    DEFAULT_BAUD, DEFAULT_MACHINE, DEFAULT_SERIAL_MACHINE, DEFAULT_SPI_SYMBOL, DeviceSpec,
    DeviceSpecError, NativeOptions, QemuOptions,
};
pub use tier::Session;
