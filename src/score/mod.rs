//! Scores against the truth, one file per family of metrics.
//!
//! Three tables ([`TruthRow`], [`OutputRow`], [`LedgerRow`]) stand beside every run. [`judge()`]
//! compares the first two and writes the third; [`Scorecard`] is computed from the third alone.

pub mod axle;
pub mod decision;
mod detection;
pub mod displacement;
pub mod event;
mod features;
pub mod interval;
mod judge;
mod ledger;
mod link;
mod list;
pub mod matching;
mod output;
mod passage_features;
mod place;
pub mod points;
mod resource;
mod row;
mod scorecard;
#[cfg(test)]
pub(crate) mod scorecard_tests;
pub mod signal;
pub mod sum;
mod truth;
mod validate;
mod value;
mod view;

pub use features::{AXES, BANDS, Features, VERTICAL};
pub use judge::{Exposure, ScoreInput, Settings, SignalWindow, judge};
pub use ledger::{Conduct, Family, Kind, LedgerError, LedgerRow, Level};
pub use link::{LinkSummary, ReplayJitter};
pub use list::ScoreList;
pub use output::{OutputKind, OutputRow};
pub use passage_features::passage_features;
pub use place::{Place, worst};
pub use resource::{ResourceRow, Resources};
pub use row::Row;
pub use scorecard::{Scorecard, Scored, score};
pub use truth::{TruthKind, TruthRow};
pub use validate::ScoreError;
pub use value::Score;
