//! Whole runs of the binary on the emulated tier.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::skipped;

/// The binary, run in `folder`, free of the caller's settings.
fn frogbench(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frogbench"));
    command.current_dir(folder).env("NO_COLOR", "1").args(args);
    for name in ["FROGBENCH_DEVICE", "FROGBENCH_FORMAT"] {
        command.env_remove(name);
    }
    command.output().unwrap()
}

fn passes(folder: &Path, args: &[&str]) {
    let output = frogbench(folder, args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
}

fn bytes(folder: &Path, file: &str) -> Vec<u8> {
    let path = folder.join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn a_run_on_the_emulator_has_the_output_of_a_native_one_and_its_resources() {
    if skipped("a_run_on_the_emulator_has_the_output_of_a_native_one_and_its_resources") {
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/command/pair.toml");
    std::fs::copy(scenario, folder.join("pair.toml")).unwrap();
    // The physics once, then the same counts on the other tier, twice.
    passes(folder, &["run", "pair.toml"]);
    let log = "runs/pair/session.jsonl.zst";
    for out in ["first", "second"] {
        passes(folder, &["replay", log, "--device", "qemu", "--out", out]);
    }
    let output = bytes(folder, "runs/pair/output.csv");
    assert_eq!(bytes(folder, "first/pair/output.csv"), output);
    for file in ["output.csv", "resources.csv", "result.json"] {
        let same = bytes(folder, &format!("first/pair/{file}"));
        assert_eq!(
            bytes(folder, &format!("second/pair/{file}")),
            same,
            "{file}"
        );
    }
    assert!(
        !folder.join("runs/pair/resources.csv").exists(),
        "a native device counts nothing"
    );
    resources_fit_together(folder);
}

fn resources_fit_together(folder: &Path) {
    let result: serde_json::Value =
        serde_json::from_slice(&bytes(folder, "first/pair/result.json")).unwrap();
    let resources = &result["scenarios"][0]["resources"];
    assert!(
        resources["energy_source"]
            .as_str()
            .unwrap()
            .contains("DS10198")
    );
    let mut table = csv::Reader::from_path(folder.join("first/pair/resources.csv")).unwrap();
    let header = table.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    let cell = |row: &csv::StringRecord, name: &str| {
        let column = header.iter().position(|column| column == name).unwrap();
        row[column].to_owned()
    };
    let number = |row: &csv::StringRecord, name: &str| cell(row, name).parse::<f64>().unwrap();
    let mut energy_mj = Vec::new();
    for row in &rows {
        assert!(number(row, "stack_peak_bytes") > 64.0);
        assert!(number(row, "stack_peak_bytes") < number(row, "stack_bytes"));
        assert!(number(row, "instructions") >= number(row, "frame_instructions_max"));
        // By the currents of the reference design: 80 MHz, 1.5 cycles per instruction, 3 V, 50 kbit/s.
        let total_s = number(row, "duration_us") * 1e-6;
        let run_s = number(row, "instructions") * 1.5 / 80e6;
        let air_bytes = number(row, "radio_bytes") + 11.0 * number(row, "radio_messages");
        let charge_mc = 8.0 * run_s
            + 0.0014 * (total_s - run_s)
            + 1.1 * total_s
            + 25.5 * air_bytes * 8.0 / 50e3;
        let expected = 3.0 * charge_mc;
        let got = number(row, "energy_mj");
        assert!(
            (got / expected - 1.0).abs() < 1e-9,
            "{got} mJ instead of {expected} mJ"
        );
        if cell(row, "kind") == "passage" {
            assert!(number(row, "radio_bytes") > 20.0);
            energy_mj.push(got);
        }
    }
    let mean = energy_mj.iter().sum::<f64>() / energy_mj.len() as f64;
    let told = resources["energy_per_passage_mj"].as_f64().unwrap();
    assert!(
        (told / mean - 1.0).abs() < 1e-9,
        "{told} mJ instead of {mean} mJ"
    );
    assert_eq!(resources["passages"], energy_mj.len());
}

/// The shipped scenarios of device faults, without their passage: what happens then happens in quiet.
fn fault_scenarios(folder: &Path, names: &[&str]) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/device-faults");
    for name in names {
        let text = std::fs::read_to_string(shipped.join(name)).unwrap();
        let quick = text
            .replace("passages = 1", "passages = 0")
            .replace("quiet_windows = 1", "quiet_windows = 2");
        std::fs::write(folder.join(name), quick).unwrap();
    }
}

#[test]
fn a_crash_and_a_hang_end_with_101_and_the_next_scenario_has_its_turn() {
    if skipped("a_crash_and_a_hang_end_with_101_and_the_next_scenario_has_its_turn") {
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path();
    fault_scenarios(folder, &["hard-fault.toml", "hang.toml", "watchdog.toml"]);
    for (device, place) in [
        ("qemu", "firmware-fixtures/ports/cortex-m4/provoke.c:"),
        ("native", "signal: 11 (SIGSEGV)"),
    ] {
        // In the order of names: the hang, the crash, and the scenario that passes.
        let output = frogbench(folder, &["run", ".", "--device", device, "--out", device]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(101), "{said}");
        let result = |name: &str| -> serde_json::Value {
            serde_json::from_slice(&bytes(folder, &format!("{device}/{name}/result.json"))).unwrap()
        };
        let why = |name: &str| result(name)["scenarios"][0]["invalid"][0].to_string();
        let crash = why("hard-fault");
        for part in [
            place,
            "boot count: 1",
            "last messages:",
            "instant: 2026-01-05T",
        ] {
            assert!(crash.contains(part), "{part} is not in: {crash}");
        }
        let hang = why("hang");
        for part in [
            "stopped answering at sample",
            "instant: 2026-01-05T",
            "> SAMPLES",
        ] {
            assert!(hang.contains(part), "{part} is not in: {hang}");
        }
        let passed = &result("watchdog")["scenarios"][0];
        assert_eq!(passed["verdict"], "pass", "{passed}");
    }
}
