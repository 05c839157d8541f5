//! `frogbench qualify` as its users run it, on a few defects and scenarios.
#![allow(clippy::unwrap_used)] // tests may panic

use std::path::Path;
use std::process::{Command, Output};

fn qualify(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_frogbench"))
        .arg("qualify")
        .args(args)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// A copy of the reference firmware's core, with `from` replaced by `to` in `file`.
fn firmware(file: &str, from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("firmware-fixtures/core");
    std::fs::create_dir(folder.path().join("core")).unwrap();
    for entry in std::fs::read_dir(core).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let mut text = std::fs::read_to_string(&path).unwrap();
            if !file.is_empty() && name == file {
                assert!(text.contains(from), "{from} is not in {file}");
                text = text.replace(from, to);
            }
            std::fs::write(folder.path().join("core").join(name), text).unwrap();
        }
    }
    folder
}

#[test]
fn seeded_defects_are_caught_the_good_firmware_is_not_and_threads_make_no_difference() {
    let run = |threads: &str| {
        let args = "--format json --scenario main-line --scenario weak-after-strong --defect byte-order \
                    --defect sign-extension --defect cold-sign";
        let mut args: Vec<&str> = args.split_whitespace().collect();
        args.extend(["--threads", threads]);
        qualify(&args)
    };
    let ran = run("2");
    let found = json(&ran);
    // The sign of 24-bit samples does not show with a 16-bit part, nor that of the temperature above 0 degC.
    assert_eq!(found["defects"], 3, "{found:#}");
    assert_eq!(found["caught"], 1, "{found:#}");
    assert_eq!(found["false_alarms"], 0, "{found:#}");
    assert_eq!(found["seeds"], 1);
    assert_eq!(found["scenarios"].as_array().unwrap().len(), 2);
    let row = found["matrix"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["defect"] == "byte-order")
        .unwrap();
    assert_eq!(row["caught"], true);
    let by = |cell: &serde_json::Value| cell["caught_by"].as_array().unwrap().len();
    assert!(row["cells"].as_array().unwrap().iter().any(|c| by(c) > 0));
    assert_eq!(ran.status.code(), Some(100), "defects survived");
    assert_eq!(ran.stdout, run("1").stdout);
}

#[test]
fn a_firmware_folder_is_built_and_judged_with_its_own_defects() {
    let folder = firmware(
        "fb_report.c",
        "c->passage++;",
        "c->passage++;\n#ifdef FB_DEFECT_PASSAGES_TWICE\n    c->passage++;\n#endif",
    );
    let path = folder.path().to_str().unwrap();
    let list = "[[defect]]\nname = \"passages-twice\"\nwhat = \"Every passage counts twice.\"\n";
    std::fs::write(folder.path().join("defects.toml"), list).unwrap();
    let device = "format = 1\ntier = \"native\"\n";
    std::fs::write(folder.path().join("device.toml"), device).unwrap();
    let args = ["--firmware", path, "--scenario", "main-line", "--format"];
    let ran = qualify(&[&args[..], &["json"]].concat());
    let found = json(&ran);
    assert_eq!(ran.status.code(), Some(0), "{found:#}");
    assert_eq!(
        (&found["caught"], &found["defects"]),
        (&1.into(), &1.into())
    );
    let said = qualify(&[&args[..], &["human"]].concat());
    let text = String::from_utf8(said.stdout).unwrap();
    assert!(text.contains("passages-twice"), "{text}");
    assert!(text.contains("passage_number_errors == 0"), "{text}");
    assert!(text.contains("Kill rate 100 % (1 of 1 defects)"), "{text}");
}

#[test]
fn bad_firmware_and_bad_folders_are_told_by_name() {
    let wrong = firmware("fb_report.c", "1.0e3f * f.peak", "0.5e3f * f.peak");
    let path = wrong.path().to_str().unwrap();
    let ran = qualify(&["--firmware", path, "--scenario", "main-line"]);
    assert_eq!(ran.status.code(), Some(100));
    let text = String::from_utf8(ran.stdout).unwrap();
    assert!(text.contains("peak_error_max <= 0.02: 0.5"), "{text}");

    let broken = firmware(
        "fb_report.c",
        "fb_put_u16(m, c->passage);",
        "fb_put_u16(m, ;",
    );
    let told = |path: &Path, code: i32, words: &str| {
        let ran = qualify(&["--firmware", path.to_str().unwrap(), "--scenario", "loss"]);
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{said}");
    };
    told(broken.path(), 3, "fb_report.c does not compile");
    let empty = tempfile::tempdir().unwrap();
    std::fs::create_dir(empty.path().join("core")).unwrap();
    told(empty.path(), 3, "holds no firmware");
    let board = "format = 1\ntier = \"serial\"\nport = \"/dev/ttyACM0\"\n";
    std::fs::write(wrong.path().join("device.toml"), board).unwrap();
    told(wrong.path(), 3, "natively or in QEMU");
    let ran = qualify(&["--scenario", "lost"]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(
        String::from_utf8(ran.stderr)
            .unwrap()
            .contains("no scenario `lost`")
    );
}

#[test]
fn what_a_report_says_of_its_wheels_of_its_speed_and_of_itself_is_checked() {
    let folder = firmware("", "", "");
    // File, expression of the good firmware, that of the defect, and what must catch it.
    let defects = [
        (
            "fb_report.c",
            "100.0f * impact_kurtosis(c)",
            "100.0f * (impact_kurtosis(c) - 3.0f)",
            "impact_kurtosis_error_max",
        ),
        (
            "fb_report.c",
            "fb_put_u8(m, c->train.quality);",
            "fb_put_u8(m, FB_SPEED_SINGLE);",
            "speed_quality_errors",
        ),
        (
            "fb_report.c",
            "    c->flags |= first_message_flag(c);",
            "    c->flags |= (uint16_t)(FB_FLAG_OVERFLOW | first_message_flag(c));",
            "completeness_flag_errors",
        ),
        (
            "fb_report.c",
            "fb_axle_peak_code(peak)",
            "fb_axle_peak_code(i % 2u ? 0.6f * peak : peak)",
            "axle_peak_error_max",
        ),
        (
            "fb_report.c",
            "    c->wakeups = 0;",
            "    c->wakeups += 20u;",
            "false_wakeup_errors",
        ),
        (
            "fb_settings.h",
            "#define FB_HEARTBEAT_S 3600u",
            "#define FB_HEARTBEAT_S 3u",
            "heartbeats_surplus",
        ),
    ];
    let mut list = String::new();
    for (number, (file, good, bad, _)) in defects.iter().enumerate() {
        use std::fmt::Write;
        let path = folder.path().join("core").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().find(|line| line.contains(good)).unwrap();
        let wrong = line.replace(good, bad);
        let both = format!("#ifdef FB_DEFECT_D{number}\n{wrong}\n#else\n{line}\n#endif");
        std::fs::write(&path, text.replace(line, &both)).unwrap();
        let _ = writeln!(
            list,
            "[[defect]]\nname = \"d{number}\"\nwhat = \"{number}.\""
        );
    }
    std::fs::write(folder.path().join("defects.toml"), list).unwrap();
    let path = folder.path().to_str().unwrap();
    let args = ["--firmware", path, "--scenario", "disturbances", "--format"];
    let found = json(&qualify(&[&args[..], &["json"]].concat()));
    assert_eq!(found["false_alarms"], 0, "{found:#}");
    for (row, (.., by)) in found["matrix"].as_array().unwrap().iter().zip(&defects) {
        let caught = row["cells"][0]["caught_by"].as_array().unwrap();
        let named = |c: &serde_json::Value| c["by"].as_str().unwrap().starts_with(by);
        assert!(caught.iter().any(named), "{by}: {row:#}");
    }
}

#[test]
fn kept_tapes_give_the_same_matrix() {
    let folder = tempfile::tempdir().unwrap();
    let args = "--format json --scenario rails --scenario dead-sensor --defect clip-one-sided --until-caught --tapes";
    let mut args: Vec<&str> = args.split_whitespace().collect();
    args.push(folder.path().to_str().unwrap());
    let first = qualify(&args);
    assert_eq!(json(&first)["caught"], 1);
    // One folder for this physics, a tape per scenario in it.
    let physics: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(physics.len(), 1);
    let tapes = physics[0].as_ref().unwrap().path();
    assert_eq!(std::fs::read_dir(tapes).unwrap().count(), 2);
    assert_eq!(first.stdout, qualify(&args).stdout);
    args.truncate(args.len() - 2);
    assert_eq!(first.stdout, qualify(&args).stdout);
}
