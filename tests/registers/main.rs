//! Unmodified firmware with a register-level sensor driver of its own, in QEMU.
#![allow(clippy::unwrap_used)] // helpers of tests, too, may panic

mod fixture;
mod statistics;

use std::path::PathBuf;

use fixture::{adxl355_stream, elf, iis3dwb_stream, patience, skipped, stamps, usual};
use frogbench::device::{
    DeviceError, DeviceSpec, LinkReport, RegistersOptions, SensorTime, Session, StreamConfig,
    UplinkMessage,
};
use statistics::{Statistics, decode, sine};

const G: f64 = 9.806_65;

fn open(options: RegistersOptions, config: &StreamConfig) -> Result<Session, DeviceError> {
    let spec = DeviceSpec::QemuRegisters(Box::new(options));
    Session::open(&spec, config, patience())
}

fn feed(
    options: RegistersOptions,
    config: &StreamConfig,
    counts: &[[i32; 3]],
) -> (Vec<UplinkMessage>, LinkReport) {
    let mut session = open(options, config).unwrap();
    let messages = session.feed(counts, &stamps(config, counts.len())).unwrap();
    (messages, session.finish().unwrap())
}

fn statistics(messages: &[UplinkMessage]) -> Vec<Statistics> {
    messages.iter().map(decode).collect()
}

fn error(
    elf: PathBuf,
    change: impl FnOnce(&mut RegistersOptions),
    config: &StreamConfig,
) -> String {
    let mut options = usual(elf);
    change(&mut options);
    let spec = DeviceSpec::QemuRegisters(Box::new(options));
    let mut limits = patience();
    limits.hello_timeout = std::time::Duration::from_secs(4);
    Session::open(&spec, config, limits)
        .unwrap_err()
        .to_string()
}

#[test]
fn adxl355_driver_finds_dc_level_and_sine_rms() {
    if skipped("adxl355_driver_finds_dc_level_and_sine_rms") {
        return;
    }
    let config = adxl355_stream();
    let axes = [(-0.5, 0.0), (0.0, 3.0), (G, 1.0)];
    let counts = sine(12_100, 4000.0, config.scale_m_s2_per_lsb, axes);
    let (messages, report) = feed(usual(elf("adxl355", &["RD_STATISTICS"])), &config, &counts);
    let all = statistics(&messages);
    assert_eq!(all.len(), 3);
    for one in &all {
        assert_eq!((one.samples, one.overruns, one.misaligned), (4000, 0, 0));
        for (got, (mean, amplitude)) in one.axes.iter().zip(axes) {
            // The driver's scale has five digits; 4000 samples are 50 whole periods.
            assert!((got.mean - mean).abs() < 2e-5 * G, "{one:?}");
            let rms = amplitude / 2.0_f64.sqrt();
            assert!((got.rms - rms).abs() < 2e-5 * G, "{one:?}");
        }
    }
    assert!(report.is_clean());
    assert_eq!(report.samples_sent, 12_100);
}

#[test]
fn iis3dwb_driver_finds_dc_level_and_sine_rms() {
    if skipped("iis3dwb_driver_finds_dc_level_and_sine_rms") {
        return;
    }
    let config = iis3dwb_stream();
    let axes = [(-20.0, 0.0), (0.0, 50.0), (G, 100.0)];
    let counts = sine(8_300, 80_000.0 / 3.0, config.scale_m_s2_per_lsb, axes);
    let defines = ["RD_STATISTICS", "RD_RANGE_G=16", "RD_REPORT_SAMPLES=1600"];
    let (messages, _) = feed(usual(elf("iis3dwb", &defines)), &config, &counts);
    let all = statistics(&messages);
    assert_eq!(all.len(), 5);
    for one in &all {
        assert_eq!((one.samples, one.overruns, one.misaligned), (1600, 0, 0));
        for (got, (mean, amplitude)) in one.axes.iter().zip(axes) {
            // A count is 4.8e-3 m/s2; 1600 samples are three whole periods.
            assert!((got.mean - mean).abs() < 1e-3, "{one:?}");
            assert!(
                (got.rms - amplitude / 2.0_f64.sqrt()).abs() < 5e-3,
                "{one:?}"
            );
        }
    }
}

#[test]
fn another_range_keeps_the_level() {
    if skipped("another_range_keeps_the_level") {
        return;
    }
    let config = adxl355_stream();
    let counts = sine(
        4100,
        4000.0,
        config.scale_m_s2_per_lsb,
        [(0.3, 0.0), (-1.0, 0.0), (G, 0.0)],
    );
    let defines = ["RD_STATISTICS", "RD_RANGE_G=8"];
    let (messages, _) = feed(usual(elf("adxl355", &defines)), &config, &counts);
    let axes = statistics(&messages)[0].axes;
    for (got, want) in axes.iter().zip([0.3, -1.0, G]) {
        assert!((got.mean - want).abs() < 2e-4, "{axes:?}");
    }
}

#[test]
fn firmware_that_computes_too_long_overruns_the_fifo_and_says_so() {
    if skipped("firmware_that_computes_too_long_overruns_the_fifo_and_says_so") {
        return;
    }
    let config = adxl355_stream();
    let counts = sine(12_000, 4000.0, config.scale_m_s2_per_lsb, [(0.0, 0.0); 3]);
    // 24 samples take 6 ms, and the FIFO holds 33: 1 ms of work is harmless, 12 ms are not.
    for (busy, slow) in [("RD_BUSY_US=1000", false), ("RD_BUSY_US=12000", true)] {
        let mut options = usual(elf(
            "adxl355",
            &["RD_STATISTICS", "RD_REPORT_SAMPLES=1000", busy],
        ));
        options.time = SensorTime::MPS2;
        let (messages, report) = feed(options, &config, &counts);
        let last = statistics(&messages).pop().unwrap();
        assert_eq!(last.overruns > 10, slow, "{last:?}");
        assert_eq!(last.misaligned, 0);
        let said = report
            .logs
            .iter()
            .any(|note| note.text.contains("FIFO overrun"));
        assert_eq!(said, slow, "{:?}", report.logs);
        let sum = report.logs.last().unwrap();
        assert_eq!(
            sum.text.contains(" 0 lost to a full FIFO"),
            !slow,
            "{}",
            sum.text
        );
    }
}

#[test]
fn a_wrong_identity_is_refused_by_the_driver() {
    if skipped("a_wrong_identity_is_refused_by_the_driver") {
        return;
    }
    let text = error(
        elf("adxl355", &["RD_STATISTICS"]),
        |options| options.identity = Some(0x7f),
        &adxl355_stream(),
    );
    assert!(text.contains("adxl355: wrong identity 0x7f"), "{text}");
    assert!(text.contains("Reset_Handler"), "{text}");
    // A driver for another part meets other framing and another identity.
    let text = error(
        elf("iis3dwb", &["RD_STATISTICS"]),
        |_| {},
        &adxl355_stream(),
    );
    assert!(text.contains("iis3dwb: wrong identity"), "{text}");
}

#[test]
fn what_cannot_work_is_refused_before_it_runs() {
    if skipped("what_cannot_work_is_refused_before_it_runs") {
        return;
    }
    let image = elf("adxl355", &["RD_STATISTICS"]);
    let text = error(
        image.clone(),
        |o| o.spi[0].symbol = "spi_xfer".into(),
        &adxl355_stream(),
    );
    assert!(text.contains("no function `spi_xfer`"), "{text}");
    let text = error(
        image.clone(),
        |o| o.part = Some("iis3dwb".into()),
        &adxl355_stream(),
    );
    assert!(
        text.contains("iis3dwb") && text.contains("adxl355"),
        "{text}"
    );
    let text = error(
        image.clone(),
        |o| o.machine = "no-such-board".into(),
        &adxl355_stream(),
    );
    assert!(
        text.contains("no-such-board") || text.contains("machine"),
        "{text}"
    );
    let slower = StreamConfig {
        nominal_rate_hz: 2000.0,
        ..adxl355_stream()
    };
    let text = error(image.clone(), |_| {}, &slower);
    assert!(
        text.contains("4000 Hz") && text.contains("2000 Hz"),
        "{text}"
    );
    let between = StreamConfig {
        nominal_rate_hz: 1234.0,
        ..adxl355_stream()
    };
    let text = error(image, |_| {}, &between);
    assert!(text.contains("no data rate of 1234 Hz"), "{text}");
}

#[test]
fn a_crash_names_the_line_of_c_and_the_fault_registers() {
    if skipped("a_crash_names_the_line_of_c_and_the_fault_registers") {
        return;
    }
    let config = adxl355_stream();
    let image = elf("adxl355", &["RD_STATISTICS", "RD_CRASH_AFTER=1000"]);
    let mut session = open(usual(image), &config).unwrap();
    let counts = sine(4000, 4000.0, config.scale_m_s2_per_lsb, [(0.0, 1.0); 3]);
    let error = session.feed(&counts, &stamps(&config, 4000)).unwrap_err();
    let text = error.to_string();
    let DeviceError::Crashed { sample, .. } = error else {
        panic!("{text}");
    };
    assert!((1000..1100).contains(&sample), "{text}");
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("firmware-fixtures/register-driver/rd_app.c");
    let lines = std::fs::read_to_string(source).unwrap();
    let line = lines
        .lines()
        .position(|line| line.contains("0xdffffff0u"))
        .unwrap()
        + 1;
    for part in [
        format!("rd_app.c:{line})").as_str(),
        "crash_when_due",
        "HardFault_Handler",
        "BFAR=dffffff0",
        "bus error on a",
        "SPI transfer",
        "instant: 2023-11-14T22:13:20.2",
    ] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

#[test]
fn equal_runs_give_equal_messages() {
    if skipped("equal_runs_give_equal_messages") {
        return;
    }
    let config = adxl355_stream();
    let counts = sine(
        8000,
        4000.0,
        config.scale_m_s2_per_lsb,
        [(0.0, 1.0), (0.2, 2.0), (G, 3.0)],
    );
    let mut options = usual(elf("adxl355", &["RD_STATISTICS"]));
    options.time = SensorTime::MPS2;
    let runs: Vec<_> = (0..2)
        .map(|_| feed(options.clone(), &config, &counts))
        .collect();
    assert!(!runs[0].0.is_empty());
    assert_eq!(runs[0].0, runs[1].0);
    assert_eq!(runs[0].1.logs, runs[1].1.logs);
}

/// What scores an unmodified ELF is what scores the reference firmware: its messages enter the pipeline.
#[test]
fn a_scenario_scores_firmware_that_speaks_the_reference_uplink() {
    if skipped("a_scenario_scores_firmware_that_speaks_the_reference_uplink") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let scenario = "format = 1\nseed = 5\nexpect = [\"train_f1 >= 0.99\", \"samples_lost == 0\"]\n\
        [time]\ndays = 3\n[observe]\npassages = 1\nquiet_windows = 1\nquiet_s = 4.0\n\
        [turnout]\ntype = \"60E1-R760-1:15\"\n[traffic]\npassages_per_day = 40.0\n\
        [[traffic.train]]\nvehicles = [\"multiple-unit\"]\nshare = 1.0\n\
        speed_km_h = { mean = 80.0, sd = 5.0, min = 70.0, max = 90.0 }\n\
        [sensor]\npart = \"adxl355\"\nrange_g = 8.0\noutput_rate_hz = 4000.0\n";
    std::fs::write(folder.path().join("one.toml"), scenario).unwrap();
    let image = elf("adxl355", &["RD_RANGE_G=8"]);
    let device = format!("qemu-registers:{}", image.display());
    let run = |device: &str| {
        let mut command = assert_cmd::Command::cargo_bin("frogbench").unwrap();
        command.current_dir(folder.path());
        let output = command
            .args(["run", "one.toml", "--format", "json", "--device", device])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{device}: {text}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let (registers, native) = (run(&device), run("native"));
    let scores = |run: &serde_json::Value| run["scenarios"][0]["scores"].clone();
    let (registers, native) = (scores(&registers), scores(&native));
    assert_eq!(registers["l2"]["trains_detected"]["value"], 1.0);
    // What is seen of trains does not depend on the tier; the clock is read at other instants.
    for metric in [
        "train_f1",
        "axle_count_exact",
        "axle_recall",
        "axle_false",
        "uplink_bytes_per_train",
    ] {
        assert!(native["l2"][metric]["value"].is_number(), "{metric}");
        assert_eq!(registers["l2"][metric], native["l2"][metric], "{metric}");
    }
    for (metric, tolerance) in [("speed_mape", 1e-3), ("onset_latency_p50_s", 1e-3)] {
        let value = |run: &serde_json::Value| run["l2"][metric]["value"].as_f64().unwrap();
        assert!(
            (value(&registers) - value(&native)).abs() < tolerance,
            "{metric}"
        );
    }
}
