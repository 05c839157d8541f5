//! The reference gates: closed forms and independent solutions with their source beside them.
//! Every line prints reference, ours and deviation (`cargo nextest run --test gates --no-capture`).
#![allow(clippy::unwrap_used)] // helpers of tests are not marked as tests themselves

mod energy;
mod impact;
mod moving_load;
mod statics;
mod support;
mod train;
mod two_rails;
