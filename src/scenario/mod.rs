//! Scenario files: their model, parsing, diagnostics and schema.

mod event;
mod expect;
mod infrastructure;
mod instrument;
mod metric;
mod model;
mod traffic;

pub use event::{
    Axis, CoursePoint, DisturbanceKind, DisturbanceSpec, FaultKind, FaultSpec, WearQuantity,
    WearSpec,
};
pub use expect::{Expectation, ExpectationError, Operator};
pub use infrastructure::{
    CrossingSpec, Irregularity, JointSpec, Roughness, SupportSpec, TrackSpec, TurnoutSpec,
    TurnoutType, VoidSpec,
};
pub use instrument::{MountingSpec, SensorPart, SensorSpec, TemperatureSpec};
pub use metric::Metric;
pub use model::{DeviceChoice, DeviceSpec, FORMAT, Observation, Period, PipelineSpec, Scenario};
pub use traffic::{SpeedSpec, TrafficSpec, TrainSpec, split_repeat};
