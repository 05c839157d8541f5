//! The tier `qemu-registers`: unmodified firmware with a sensor driver of its own.
//!
//! QEMU runs the ELF; the bench stops it at its SPI transfer function through QEMU's GDB stub and answers
//! from the register model of the part. Sensor time follows the firmware's looks at the part
//! ([`crate::sensor::SensorBus`]) or, on request, the emulated instructions as well ([`SensorTime`]).
//! Interrupt lines are not driven: firmware that polls works as it is, firmware that sleeps until the
//! sensor's interrupt has the function that sleeps hooked (`wait_symbol`).
mod call;
mod clock;
mod emulator;
mod gdb;
mod options;
mod part;
mod session;
mod symbols;

pub(super) use clock::SampleClock;
pub use options::{
    ClockUnit, RegistersOptions, RegistersTable, SensorTime, SpiArgument, SpiHook, SpiReturn,
};
pub(super) use part::{bus_for, check_set_up};
pub(super) use session::RegistersSession;
