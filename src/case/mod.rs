//! Passage cases: one passage as a file, its results and its waveform.
//!
//! A **turnout case** is a full train over a turnout as a scenario describes it. A **reference case** is one force or one wheel over one rail on linear supports, the form in which
//! closed forms and independent codes state their results.

mod load;
mod model;
mod reference;
mod rules;
mod turnout;
mod turnout_run;
mod waveform;

pub use load::{Case, load, parse};
pub use model::{
    LoadKind, RailTheory, ReferenceCase, ReferenceDip, ReferenceLoad, ReferenceMotion,
    ReferenceReport, ReferenceTrack,
};
pub use reference::{ReferenceResult, UnderLoad};
pub use turnout::{DirectionName, OutputCase, RouteName, TrainCase, TurnoutCase, TurnoutRun};
pub use turnout_run::{AxleResult, OutputResult, TurnoutCaseError, TurnoutResult};
pub use waveform::{Column, WAV_FULL_SCALE_M_S2, Waveform, WaveformError, WaveformFormat};
