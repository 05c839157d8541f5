//! The time-stepping kernel: rails, bearers, and passages side by side.
//!
//! **Scheme.** Newmark's average acceleration (beta 1/4, gamma 1/2). With the predictors
//! `u* = u + h v + h^2/4 a`, `v* = v + h/2 a` and the unknown `b = h^2 a` one step is
//!
//! ```text
//! (M/h^2 + C/2h + K/4) b = f - K u* - C/h V,    V = h v*,
//! u_new = u* + b/4,   h v_new = V + b/2,        next V = V + b,   next u* = u* + next V,
//! ```
//!
//! so that two additions per unknown advance the state, and no acceleration is stored.
//!
//! **Rails.** A beam element has two strains: with the rotation scaled to `t = theta L/2` they are
//! `t_2 - t_1` and `t_1 + t_2 + w_1 - w_2`, and `K u` costs two multiplications and ten additions per
//! node instead of twelve multiplications. The matrix of a step is factorised once per track
//! condition, from both ends towards the middle node.
//!
//! **Lanes.** The two halves of each rail are independent chains of the substitution, and so are
//! the two rails and any number of passages over the same track. A vector of four lanes holds the four
//! chains of one passage over two rails, or the two chains of two passages over one rail; `K` vectors run side
//! by side. Every lane does the same operations in the same order whatever its neighbours do, so
//! results do not depend on how many passages run side by side, nor on the instruction set.
//!
//! **Bearers** are modal, see [`bearers`].

// Kernels are inlined into one function for each instruction set, or they would run without it; one
// index runs over several arrays at a time.
#![allow(clippy::inline_always, clippy::needless_range_loop)]

pub(crate) mod agreement;
pub(crate) mod bearer_factor;
pub(crate) mod bearers;
pub(crate) mod lanes;
mod pseudo;
pub(crate) mod rail_factor;
pub(crate) mod rails;
pub(crate) mod stepper;
