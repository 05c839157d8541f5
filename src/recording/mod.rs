//! Recordings of real accelerations (CSV, WAV).
