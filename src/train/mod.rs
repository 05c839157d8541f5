//! Vehicles, wheels, consists, traffic and measured axle times.

pub mod axle_times;
pub mod catalogue;
mod consist;
mod excitation;
mod measured_train;
pub mod traffic;
mod vehicle;
mod wheel;
mod wheel_load;

pub use consist::{Consist, PlacedVehicle};
pub use excitation::{ProfileGrid, RailSurface};
pub use measured_train::MeasuredTrain;
pub use vehicle::{Bogie, Roll, Vehicle, VehicleError};
pub use wheel::{Harmonic, Revolution, Wheel, WheelFlat, WheelFleet};
pub use wheel_load::WheelLoadScatter;
