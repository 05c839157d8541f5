//! The device under test: one file per tier, one session for all.
