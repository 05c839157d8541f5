//! What a device's bytes reach: the bench link, the session over it, the registers of the part.
//!
//! The modules of frogbench by path, because the whole crate with coverage counters takes ten minutes.
#![allow(dead_code, unused_imports)]

#[path = "../../src/biquad.rs"]
mod biquad;
#[path = "../../src/device/mod.rs"]
pub mod device;
#[path = "../../src/exit.rs"]
pub mod exit;
#[path = "../../src/link/mod.rs"]
pub mod link;
#[path = "../../src/random.rs"]
pub mod random;
#[path = "../../src/sensor/mod.rs"]
pub mod sensor;

/// Stands in for the native port of the firmware, which no target starts.
#[unsafe(no_mangle)]
extern "C" fn fb_native_run(_in_fd: i32, _out_fd: i32) -> i32 {
    1
}
