//! Rails, supports, turnouts and crossings, as plain data.
