//! What a run shows: terminal summary, JSON, JUnit, tables.

mod format;
mod junit;
mod progress;
mod result;
mod summary;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use format::{plural as count_of, value as figure};
pub use junit::junit;
pub use progress::{Progress, ProgressMode};
pub use result::{
    Counts, DeviceInfo, ExpectationResult, FORMAT, RunResult, ScenarioInfo, ScenarioResult, Verdict,
};
pub use summary::{SummaryOptions, summary};
pub use write::{WriteError, write_file, write_table};
