//! Firmware that keeps its register-level driver and sends its SPI transfers over the bench link: a host
//! process, no emulator.
#![allow(clippy::unwrap_used)] // helpers of tests, too, may panic

#[path = "registers/statistics.rs"]
mod statistics;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use frogbench::device::{
    DeviceError, DeviceSpec, NativeOptions, Session, SessionOptions, StreamConfig,
};
use statistics::{decode, sine};

const G: f64 = 9.806_65;

/// Builds the register-level driver for this host, with the link as its bus.
fn device(part: &str, defines: &[&str]) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware-fixtures");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bus-link");
    std::fs::create_dir_all(&folder).unwrap();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let program = folder.join(format!("{part}-{}-{number}", std::process::id()));
    let driver = root.join("register-driver");
    let mut compiler = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".to_owned()));
    compiler.args([
        "-std=c11",
        "-O2",
        "-ffp-contract=off",
        "-Wall",
        "-Wextra",
        "-Werror",
    ]);
    compiler.args(["-DFB_LINK_MAX_FRAME=4096", "-DRD_STATISTICS"]);
    compiler.args(defines.iter().map(|define| format!("-D{define}")));
    for folder in ["core", "shim", "register-driver"] {
        compiler.arg("-I").arg(root.join(folder));
    }
    for file in std::fs::read_dir(root.join("core")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|e| e == "c") {
            compiler.arg(path);
        }
    }
    compiler.arg(root.join("shim/fb_link.c"));
    compiler.arg(driver.join(format!("{part}.c")));
    compiler.args([driver.join("rd_app.c"), driver.join("boards/link/board.c")]);
    let output = compiler.arg("-o").arg(&program).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    program
}

fn stream() -> StreamConfig {
    StreamConfig {
        nominal_rate_hz: 4000.0,
        axes: 3,
        bits: 24,
        scale_m_s2_per_lsb: G / 256_000.0,
        range_m_s2: 2.0 * G,
        timestamp_tick_ns: 30_518,
        fifo_batch: 32,
        epoch_us: 1_700_000_000_000_000,
        run_id: 1,
    }
}

fn open(program: PathBuf, config: &StreamConfig) -> Result<Session, DeviceError> {
    let executable = Some(program);
    let spec = DeviceSpec::Native(NativeOptions { executable });
    let options = SessionOptions {
        hello_timeout: Duration::from_secs(10),
        reply_timeout: Duration::from_secs(10),
        ..SessionOptions::default()
    };
    Session::open(&spec, config, options)
}

fn stamps(config: &StreamConfig, samples: usize) -> Vec<u32> {
    (0..samples.div_ceil(32))
        .map(|batch| {
            let last = ((batch + 1) * 32).min(samples) - 1;
            let seconds = last as f64 / config.nominal_rate_hz;
            (seconds * 1e9 / f64::from(config.timestamp_tick_ns)) as u32
        })
        .collect()
}

#[test]
fn the_driver_reads_the_emulated_part_over_the_link() {
    let config = stream();
    let axes = [(-0.5, 0.0), (0.0, 3.0), (G, 1.0)];
    let mut session = open(device("adxl355", &[]), &config).unwrap();
    assert!(session.identity().spi);
    // Three stretches; the second begins a month later.
    let mut all = Vec::new();
    for (stretch, month) in [
        (0_u64, 0_u64),
        (1, 2_592_000_000_000),
        (2, 2_592_000_000_000),
    ] {
        let next = session.next_t0();
        let time_us = config.epoch_us + month + stretch * 2_000_000;
        assert!(session.skip(next, time_us, 2000, false).unwrap().is_empty());
        let counts = sine(4400, 4000.0, config.scale_m_s2_per_lsb, axes);
        all.extend(session.feed(&counts, &stamps(&config, 4400)).unwrap());
    }
    assert_eq!(all.len(), 3);
    for message in &all {
        let one = decode(message);
        assert_eq!((one.samples, one.overruns, one.misaligned), (4000, 0, 0));
        assert!((one.axes[0].mean + 0.5).abs() < 2e-3, "{one:?}");
        assert!((one.axes[2].mean - G).abs() < 2e-2, "{one:?}");
        assert!(
            (one.axes[1].rms - 3.0 / 2.0_f64.sqrt()).abs() < 2e-2,
            "{one:?}"
        );
    }
    // The last sample of the batch that made the report: 4000 is not a multiple of 24.
    assert_eq!(all[0].t0, 4008);
    let report = session.finish().unwrap();
    report.require_clean().unwrap();
    assert_eq!((report.samples_sent, report.uplinks), (13_200, 3));
    let line = &report.logs.last().unwrap().text;
    assert!(line.contains(" 0 lost to a full FIFO"), "{line}");
}

#[test]
fn a_driver_for_another_part_refuses_it_and_the_bench_says_why() {
    let error = open(device("iis3dwb", &[]), &stream())
        .unwrap_err()
        .to_string();
    assert!(error.contains("SPI"), "{error}");
}

#[test]
fn the_part_follows_the_scenario() {
    let config = StreamConfig {
        nominal_rate_hz: 80_000.0 / 3.0,
        bits: 16,
        scale_m_s2_per_lsb: G * 0.488e-3,
        range_m_s2: 16.0 * G,
        timestamp_tick_ns: 25_000,
        ..stream()
    };
    let mut session = open(device("iis3dwb", &["RD_RANGE_G=16"]), &config).unwrap();
    let axes = [(-20.0, 0.0), (0.0, 50.0), (G, 100.0)];
    let counts = sine(
        8300,
        config.nominal_rate_hz,
        config.scale_m_s2_per_lsb,
        axes,
    );
    let messages = session.feed(&counts, &stamps(&config, 8300)).unwrap();
    assert_eq!(messages.len(), 2);
    let one = decode(&messages[0]);
    assert_eq!((one.samples, one.overruns), (4000, 0));
    assert!((one.axes[0].mean + 20.0).abs() < 1e-2, "{one:?}");
    session.finish().unwrap().require_clean().unwrap();
    // A part without a register model is refused.
    let analog = StreamConfig {
        bits: 16,
        scale_m_s2_per_lsb: 1e-3,
        ..stream()
    };
    let error = open(device("adxl355", &[]), &analog)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no register model"), "{error}");
}
