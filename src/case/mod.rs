//! Passage cases: one passage as a file, its results and its waveform.
//!
//! A **reference case** is one force or one wheel over one rail on linear supports, the form in which
//! closed forms and independent codes state their results.

mod load;
mod model;
mod reference;
mod rules;
mod waveform;

pub use load::{Case, load, parse};
pub use model::{
    LoadKind, RailTheory, ReferenceCase, ReferenceDip, ReferenceLoad, ReferenceMotion,
    ReferenceReport, ReferenceTrack,
};
pub use reference::{ReferenceResult, UnderLoad};
pub use waveform::{Column, WAV_FULL_SCALE_M_S2, Waveform, WaveformError, WaveformFormat};
