//! Vehicles, wheels, consists and measured axle times.
