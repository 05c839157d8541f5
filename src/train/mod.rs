//! Vehicles, wheels, consists and measured axle times.

mod consist;
mod vehicle;

pub use consist::{Consist, PlacedVehicle};
pub use vehicle::{Bogie, Vehicle};
