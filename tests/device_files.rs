//! A scenario is data: it makes the bench run nothing that the command line has not allowed.
#![allow(clippy::unwrap_used)] // helpers of tests, too, may panic
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

/// A scenario of one passage whose device is `tier`.
fn scenario(folder: &Path, tier: &str) {
    let text = format!(
        "format = 1\n[observe]\npassages = 0\nquiet_windows = 1\nquiet_s = 1.0\n\
         [turnout]\ntype = \"60E1-R760-1:15\"\n[device]\ntier = \"{tier}\"\n"
    );
    std::fs::write(folder.join("one.toml"), text).unwrap();
}

fn bench(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("frogbench").unwrap();
    command.current_dir(folder).args(["run", "one.toml"]);
    command
}

#[test]
fn a_scenario_runs_no_program_without_leave() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("was-run");
    let program = folder.path().join("program");
    std::fs::write(&program, format!("#!/bin/sh\ntouch {}\n", marker.display())).unwrap();
    let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, permissions).unwrap();
    let file = "format = 1\ntier = \"native\"\nprogram = \"program\"\n";
    std::fs::write(folder.path().join("node.toml"), file).unwrap();

    for tier in ["node.toml", "qemu-registers:program"] {
        scenario(folder.path(), tier);
        bench(folder.path())
            .assert()
            .code(3)
            .stderr(contains(format!("names `{tier}`")).and(contains("--allow-device-files")));
        assert!(!marker.exists(), "{tier}");
    }
    // With leave it runs; it is no firmware, so that the device goes away.
    scenario(folder.path(), "node.toml");
    bench(folder.path())
        .arg("--allow-device-files")
        .assert()
        .code(101);
    assert!(marker.exists());
    std::fs::remove_file(&marker).unwrap();
    // The command line needs no leave from itself.
    bench(folder.path())
        .args(["--device", "node.toml"])
        .assert()
        .code(101);
    assert!(marker.exists());
}

#[test]
fn a_wrong_device_file_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    scenario(folder.path(), "native");
    let file = "format = 1\ntier = \"serial\"\nport = \"/dev/ttyACM0\"\nbuad = 9600\n";
    std::fs::write(folder.path().join("node.toml"), file).unwrap();
    bench(folder.path())
        .args(["--device", "node.toml"])
        .assert()
        .code(3)
        .stderr(contains("node.toml:4:1").and(contains("unknown field `buad`")));
}
