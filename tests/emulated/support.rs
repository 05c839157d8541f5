//! The reference firmware on its tiers, and one stream for all of them.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use frogbench::device::{
    DeviceSpec, LatencyFigures, LinkReport, NativeOptions, Session, SessionOptions, StreamConfig,
    UplinkMessage, Usage,
};

/// True, with a line that names test and reason, where the tools for Cortex-M are missing.
pub(crate) fn skipped(test: &str) -> bool {
    let missing: Vec<&str> = ["arm-none-eabi-gcc", "qemu-system-arm"]
        .into_iter()
        .filter(|program| Command::new(program).arg("--version").output().is_err())
        .collect();
    if !missing.is_empty() {
        eprintln!("SKIPPED {test}: {} not installed", missing.join(" and "));
    }
    !missing.is_empty()
}

/// Three axes of 16 bit at 4 kHz, 16 g.
pub(crate) fn config() -> StreamConfig {
    StreamConfig {
        nominal_rate_hz: 4000.0,
        axes: 3,
        bits: 16,
        scale_m_s2_per_lsb: 4.786e-3,
        range_m_s2: 156.9064,
        timestamp_tick_ns: 1000,
        fifo_batch: 32,
        epoch_us: 1_700_000_000_000_000,
        run_id: 42,
    }
}

/// The reference firmware as a process of this host: `-ffp-contract=off`, as for the emulator.
pub(crate) fn native() -> DeviceSpec {
    let executable = Some(PathBuf::from(env!("CARGO_BIN_EXE_frogbench")));
    DeviceSpec::Native(NativeOptions { executable })
}

/// Limits that a busy host does not reach.
pub(crate) fn patience() -> SessionOptions {
    SessionOptions {
        hello_timeout: Duration::from_secs(20),
        reply_timeout: Duration::from_mins(1),
        ..SessionOptions::default()
    }
}

/// Eight axles in 4 s over a hum: bursts that decay, different on every axis.
pub(crate) fn passage() -> Vec<[i32; 3]> {
    (0..16_000_i32)
        .map(|n| {
            let hum = 300.0 * libm::sin(f64::from(n) * 0.0785);
            let burst: f64 = (0..8)
                .map(|axle| {
                    let after = f64::from(n - 4000 - axle * 1000) / 4000.0;
                    if after < 0.0 {
                        return 0.0;
                    }
                    12_000.0 * libm::exp(-60.0 * after) * libm::sin(2400.0 * after)
                })
                .sum();
            let z = libm::round(hum + burst) as i32;
            [z / 3 + n % 7, -z / 5 - n % 11, z + 2048]
        })
        .collect()
}

/// Time stamps of the batches from sample `t0` on, at exactly the nominal rate.
pub(crate) fn stamps(t0: u32, count: usize) -> Vec<u32> {
    let batch = usize::from(config().fifo_batch);
    (0..count.div_ceil(batch))
        .map(|i| {
            t0.wrapping_add(((i + 1) * batch).min(count) as u32)
                .wrapping_mul(250)
        })
        .collect()
}

/// All that a session gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) messages: Vec<UplinkMessage>,
    pub(crate) usage: Vec<Option<Usage>>,
    pub(crate) report: LinkReport,
}

impl Outcome {
    /// What the firmware said, and when on its own clock.
    pub(crate) fn said(&self) -> Vec<(u32, Option<u32>, &[u8])> {
        let messages = self.messages.iter();
        messages
            .map(|m| (m.t0, m.tick_ms, m.bytes.as_slice()))
            .collect()
    }
}

/// Two passages with an hour between them, at -10 and at 25 degrees Celsius, and a heartbeat.
pub(crate) fn two_passages(spec: &DeviceSpec) -> Outcome {
    let config = config();
    let mut session = Session::open(spec, &config, patience()).unwrap();
    let samples = passage();
    let (mut messages, mut usage) = (Vec::new(), Vec::new());
    for (hour, temperature) in [(0_u32, -1000), (1, 2500)] {
        let t0 = hour * 14_400_000;
        let time_us = config.epoch_us + u64::from(hour) * 3_600_000_000;
        messages.extend(session.skip(t0, time_us, temperature, false).unwrap());
        messages.extend(session.feed(&samples, &stamps(t0, samples.len())).unwrap());
        let next = session.next_t0();
        messages.extend(
            session
                .skip(next, time_us + 4_000_000, temperature, true)
                .unwrap(),
        );
        usage.push(session.usage().unwrap());
    }
    let mut report = session.finish().unwrap();
    report.require_clean().unwrap();
    // Host time, and the device's name.
    report.latency = LatencyFigures::default();
    report.device.clear();
    Outcome {
        messages,
        usage,
        report,
    }
}
