//! Speed of unmodified firmware at the registers of its part, and its ratio to real time.
//!
//! `cargo bench --bench registers`; needs arm-none-eabi-gcc and qemu-system-arm. At least 1 x real time at
//! 4 kHz is required, 3 x is the aim. The peer in the same run is the same firmware with the messages of
//! the reference core instead of statistics, and with time by instructions.
#![allow(clippy::expect_used, clippy::unwrap_used, dead_code)] // a benchmark may panic, and needs half of the fixture

#[path = "../tests/registers/fixture.rs"]
mod fixture;

use std::time::Instant;

use fixture::{adxl355_stream, elf, iis3dwb_stream, patience, skipped, stamps, usual};
use frogbench::device::{DeviceSpec, RegistersOptions, SensorTime, Session, StreamConfig};

const SECONDS: f64 = 20.0;

fn main() {
    if skipped("bench registers") {
        return;
    }
    let statistics = usual(elf("adxl355", &["RD_STATISTICS"]));
    let mut by_instructions = statistics.clone();
    by_instructions.time = SensorTime::MPS2;
    let adxl = adxl355_stream();
    measure("adxl355, 4 kHz, statistics", statistics, &adxl);
    measure(
        "adxl355, 4 kHz, time by instructions",
        by_instructions,
        &adxl,
    );
    measure(
        "adxl355, 4 kHz, reference core",
        usual(elf("adxl355", &[])),
        &adxl,
    );
    let wide = usual(elf("iis3dwb", &["RD_STATISTICS", "RD_RANGE_G=16"]));
    measure("iis3dwb, 26.7 kHz, statistics", wide, &iis3dwb_stream());
}

fn measure(what: &str, options: RegistersOptions, config: &StreamConfig) {
    let spec = DeviceSpec::QemuRegisters(Box::new(options));
    let started = Instant::now();
    let mut session = Session::open(&spec, config, patience()).expect("the firmware starts");
    let start_ms = started.elapsed().as_secs_f64() * 1e3;
    let samples = (SECONDS * config.nominal_rate_hz) as usize;
    let counts: Vec<[i32; 3]> = (0..samples as i32)
        .map(|n| [n % 977, -(n % 411), 20_000])
        .collect();
    let begun = Instant::now();
    session
        .feed(&counts, &stamps(config, samples))
        .expect("the firmware reads its sensor");
    let took_s = begun.elapsed().as_secs_f64();
    println!(
        "{what}: {:.1} x real time, {:.0} samples/s; ready after {start_ms:.0} ms",
        SECONDS / took_s,
        samples as f64 / took_s
    );
    let report = session.finish().expect("the session ends in order");
    if let Some(note) = report.logs.last() {
        println!("  {}", note.text);
    }
}
