//! Scenario files: their model, parsing, diagnostics and schema.

mod catalogue;
pub(crate) mod check;
mod defect;
pub(crate) mod error;
mod event;
mod expect;
mod fault;
mod format;
mod infrastructure;
mod instrument;
pub(crate) mod load;
mod metric;
mod model;
pub(crate) mod overrides;
mod rules;
pub(crate) mod schema;
pub(crate) mod source;
mod suggest;
mod traffic;
pub(crate) mod tree;
mod wheels;

pub use catalogue::{Catalogue, PartLimits, VehicleLimits};
pub use defect::{BallastSpec, CorrugationSpec, SquatSpec, SwitchTransferSpec};
pub use error::{Problem, ScenarioError, ScenarioErrorKind};
pub use event::{CoursePoint, DisturbanceKind, DisturbanceSpec, WearQuantity, WearSpec};
pub use expect::{Expectation, ExpectationError, Operator};
pub use fault::{Axis, FaultFields, FaultKind, FaultSpec};
pub use infrastructure::{
    CrossingConditionName, CrossingSpec, DefectRail, Irregularity, JointShapeSpec, JointSpec,
    Roughness, SupportSpec, TrackSpec, TurnoutSpec, TurnoutType, VoidSpec,
};
pub use instrument::{BearerPosition, MountingSpec, SensorPart, SensorSpec, TemperatureSpec};
pub use load::{Loaded, load, parse};
pub use metric::Metric;
pub use model::{
    DeviceSpec, FORMAT, Observation, PassageEngine, PassageModel, PassageSpec, Period,
    PipelineSpec, Scenario,
};
pub(crate) use rules::{check_passage, check_track};
pub use schema::{metric_lines, schema};
pub use traffic::{FlatState, SpeedSpec, TrafficSpec, TrainSpec, split_repeat};
pub use wheels::{PolygonSpec, Tread, WheelsSpec};

#[cfg(test)]
mod tests;
