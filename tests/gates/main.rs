//! The reference gates: closed forms and independent solutions with their source beside them.
//! Every line prints reference, ours and deviation (`cargo nextest run --test gates --no-capture`).

mod energy;
mod impact;
mod moving_load;
mod statics;
mod support;
mod train;
mod voids;
