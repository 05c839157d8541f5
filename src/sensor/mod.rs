//! What a MEMS accelerometer on a bearer puts out.
//!
//! The chain, in the order of the real one: bearer motion -> mounting ([`Mounting`]: orientation,
//! resonance, looseness) -> the part's band limit and self-noise -> sampling at the unit's *true*
//! rate -> scale error, offset, clipping, counts -> the driver's decimation -> FIFO batches with
//! time stamps. [`measure()`] runs it for one observation window and keeps the truth beside.
//!
//! Axes: x along the track in facing direction, y to the left, z up; at rest z reads +1 g.

mod catalogue;
mod chain;
mod disturbance;
mod error;
mod fault;
mod filter;
mod lateral;
mod measure;
mod mounting;
mod part;
mod registers;
mod resample;
mod setup;
mod stamp;
mod unit;

pub use catalogue::{PARTS, part};
pub use disturbance::{Disturbance, DisturbanceKind, ground_vibration};
pub use error::SensorError;
pub use fault::SensorFault;
pub use lateral::{HorizontalTransfer, horizontal_from_vertical};
pub use measure::{Conditions, Measured, Motion, measure};
pub use mounting::{Mounting, Resonance};
pub(crate) use part::RATE_AGREES;
pub use part::{BandLimit, G_M_S2, OutputFilter, Part, Range};
pub use registers::{BusOutcome, BusReport, SensorBus};
pub use setup::SensorSetup;
pub use unit::SensorUnit;
