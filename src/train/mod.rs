//! Vehicles, wheels, consists and traffic.

pub mod catalogue;
mod consist;
mod excitation;
pub mod traffic;
mod vehicle;
mod wheel;

pub use consist::{Consist, PlacedVehicle};
pub use excitation::{ProfileGrid, RailSurface};
pub use vehicle::{Bogie, Vehicle, VehicleError};
pub use wheel::{Harmonic, Revolution, Wheel, WheelFlat, WheelFleet};
