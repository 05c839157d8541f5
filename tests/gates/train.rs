//! Trains over a modelled stretch.
