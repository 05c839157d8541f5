//! The register-driver fixture, built from source where the cross-compiler is there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use frogbench::device::{RegistersOptions, SessionOptions, StreamConfig};

/// Whether a program can be started.
fn have(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// True, with a line that names test and reason, where the tools for Cortex-M are missing.
pub(crate) fn skipped(test: &str) -> bool {
    let missing: Vec<&str> = ["arm-none-eabi-gcc", "qemu-system-arm"]
        .into_iter()
        .filter(|program| !have(program))
        .collect();
    if !missing.is_empty() {
        eprintln!("SKIPPED {test}: {} not installed", missing.join(" and "));
    }
    !missing.is_empty()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "c"))
        .collect();
    found.sort();
    found
}

/// Builds the fixture for a part with some defines; the path of its ELF.
pub(crate) fn elf(part: &str, defines: &[&str]) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware-fixtures");
    let driver = root.join("register-driver");
    let board = driver.join("boards/mps2-an386");
    let name: String = std::iter::once(part)
        .chain(defines.iter().copied())
        .collect::<Vec<_>>()
        .join("-")
        .replace('=', "_");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("register-driver");
    std::fs::create_dir_all(&folder).unwrap();
    let elf = folder.join(format!("{name}.elf"));
    // Tests run side by side: each writes a file of its own and moves it into place.
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let own = folder.join(format!("{name}-{}-{number}.tmp", std::process::id()));
    let mut compiler = Command::new("arm-none-eabi-gcc");
    compiler.args([
        "-std=c11",
        "-mcpu=cortex-m4",
        "-mthumb",
        "-mfloat-abi=hard",
        "-mfpu=fpv4-sp-d16",
    ]);
    compiler.args([
        "-O2",
        "-g",
        "-ffp-contract=off",
        "-Wall",
        "-Wextra",
        "-Werror",
    ]);
    compiler.args(["-nostartfiles", "--specs=nano.specs"]);
    compiler.args(["-ffunction-sections", "-Wl,--gc-sections"]);
    compiler.arg("-T").arg(board.join("mps2.ld"));
    compiler
        .arg("-I")
        .arg(root.join("core"))
        .arg("-I")
        .arg(&driver);
    compiler.args(defines.iter().map(|define| format!("-D{define}")));
    compiler.arg(driver.join(format!("{part}.c")));
    compiler.arg(driver.join("rd_app.c"));
    compiler.args(sources(&board));
    compiler.args(sources(&root.join("core")));
    let output = compiler.arg("-o").arg(&own).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    std::fs::rename(&own, &elf).unwrap();
    elf
}

/// ADXL355 at 2 g and 4 kHz.
pub(crate) fn adxl355_stream() -> StreamConfig {
    StreamConfig {
        nominal_rate_hz: 4000.0,
        axes: 3,
        bits: 24,
        scale_m_s2_per_lsb: 9.806_65 / 256_000.0,
        range_m_s2: 2.0 * 9.806_65,
        timestamp_tick_ns: 30_518,
        fifo_batch: 32,
        epoch_us: 1_700_000_000_000_000,
        run_id: 1,
    }
}

/// IIS3DWB at 16 g.
pub(crate) fn iis3dwb_stream() -> StreamConfig {
    StreamConfig {
        nominal_rate_hz: 80_000.0 / 3.0,
        bits: 16,
        scale_m_s2_per_lsb: 9.806_65 * 0.488e-3,
        range_m_s2: 16.0 * 9.806_65,
        timestamp_tick_ns: 25_000,
        ..adxl355_stream()
    }
}

/// Stamps of batches of 32 at the nominal rate.
pub(crate) fn stamps(config: &StreamConfig, samples: usize) -> Vec<u32> {
    (0..samples.div_ceil(32))
        .map(|batch| {
            let last = ((batch + 1) * 32).min(samples) - 1;
            let seconds = last as f64 / config.nominal_rate_hz;
            (seconds * 1e9 / f64::from(config.timestamp_tick_ns)) as u32
        })
        .collect()
}

pub(crate) fn usual(elf: PathBuf) -> RegistersOptions {
    RegistersOptions::usual(elf)
}

/// Short limits, so that a hanging guest does not hold the tests up.
pub(crate) fn patience() -> SessionOptions {
    SessionOptions {
        hello_timeout: std::time::Duration::from_secs(20),
        reply_timeout: std::time::Duration::from_secs(20),
        ..SessionOptions::default()
    }
}
