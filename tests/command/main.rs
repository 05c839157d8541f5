//! The `frogbench` command as its users run it: exit codes, messages, files.
#![allow(clippy::unwrap_used, clippy::expect_used)] // tests may panic

mod failures;
mod other;
mod replay;
mod run;
mod support;
