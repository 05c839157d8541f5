//! Everything that can go wrong: each ends in its documented exit code and names the culprit.

use std::fs::{File, OpenOptions};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{Ran, child_of, command, folder_with, frogbench, is_running};

/// Waits until `what` gives something, at most 60 s.
fn wait_for<T>(what: impl Fn() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(found) = what() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

/// A run with many windows, stopped in the middle: the bench's and the device's process.
fn long_run(folder: &std::path::Path) -> (std::process::Child, u32) {
    let args = ["run", "calm.toml", "--set", "observe.quiet_windows=2000"];
    let bench = command(folder)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let device = wait_for(|| child_of(bench.id()));
    // Well into the run: the log has begun to fill.
    let log = format!(".session.jsonl.zst.{}.part", bench.id());
    let log = folder.join("runs/calm").join(log);
    wait_for(|| {
        std::fs::metadata(&log)
            .ok()
            .filter(|log| log.len() > 20_000)
    });
    (bench, device)
}

#[test]
fn killed_firmware_ends_the_run_with_101_and_leaves_a_log() {
    let folder = folder_with(&["calm.toml"]);
    let (bench, device) = long_run(folder.path());
    signal(device, Signal::KILL);
    let ran = Ran::of(&bench.wait_with_output().unwrap());
    ran.expect(
        101,
        &[
            "calm:",
            "device native went away at sample",
            "signal: 9",
            "last answer was",
        ],
    );
    assert!(ran.out.contains("INVALID  calm"), "{}", ran.out);
    assert!(ran.out.contains("went away"), "{}", ran.out);

    // What was sent before is there, and can be tried again.
    let runs = folder.path().join("runs/calm");
    assert!(!runs.join("truth.csv").exists());
    let again = frogbench(folder.path(), &["replay", "runs/calm"]);
    again.expect(0, &["calm: pass"]);
    assert!(
        again.out.contains("the logged run was not finished"),
        "{}",
        again.out
    );
}

#[test]
fn an_interrupted_bench_leaves_no_device_behind() {
    let folder = folder_with(&["calm.toml"]);
    let (mut bench, device) = long_run(folder.path());
    signal(bench.id(), Signal::INT);
    assert_eq!(bench.wait().unwrap().code(), None, "ended by the signal");
    wait_for(|| (!is_running(device)).then_some(()));
    // The next run clears away what the interrupted one left.
    frogbench(folder.path(), &["-q", "run", "calm.toml"]).expect(0, &[]);
    let files = std::fs::read_dir(folder.path().join("runs/calm")).unwrap();
    let left: Vec<String> = files
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.'))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_device_that_never_says_hello() {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let path = ptsname(&master, Vec::new()).unwrap();
    let device = format!("serial:{}", path.to_str().unwrap());
    let folder = folder_with(&["calm.toml"]);
    let args = [
        "run",
        "calm.toml",
        "--device",
        &device,
        "--hello-timeout",
        "0.4",
    ];
    let ran = frogbench(folder.path(), &args);
    let name = format!("device {device} did not answer HELLO within 0.4 s");
    ran.expect(
        101,
        &[
            &name,
            "check that firmware with the bench-link shim runs on it",
        ],
    );
}

#[test]
fn what_is_no_terminal_is_no_device() {
    let folder = folder_with(&["calm.toml"]);
    std::fs::write(folder.path().join("notes.txt"), "hello").unwrap();
    for (path, part) in [
        ("/dev/null", "not a serial terminal"),
        ("notes.txt", "not a serial terminal"),
        ("/dev/ttyNOPE", "No such file or directory"),
    ] {
        let device = format!("serial:{path}");
        let ran = frogbench(folder.path(), &["run", "calm.toml", "--device", &device]);
        ran.expect(101, &[&format!("cannot open device {device}"), part]);
    }
    let ran = frogbench(
        folder.path(),
        &["run", "calm.toml", "--device", "serail:/dev/ttyS0"],
    );
    ran.expect(2, &["unknown device `serail:/dev/ttyS0`"]);
}

#[test]
fn a_full_disk_is_worth_another_try() {
    let folder = folder_with(&["calm.toml"]);
    let ran = frogbench(
        folder.path(),
        &["-q", "run", "calm.toml", "--junit", "/dev/full"],
    );
    ran.expect(75, &["cannot write /dev/full", "No space left on device"]);

    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let args = ["-q", "run", "calm.toml"];
    let output = command(folder.path())
        .args(args)
        .stdout(full)
        .output()
        .unwrap();
    Ran::of(&output).expect(
        75,
        &[
            "standard output cannot be written",
            "No space left on device",
        ],
    );

    File::create(folder.path().join("taken")).unwrap();
    let ran = frogbench(folder.path(), &["-q", "run", "calm.toml", "--out", "taken"]);
    ran.expect(75, &["taken"]);
}

/// The limit on a file's size stands for a disk that fills up in the middle of a file.
#[test]
fn a_disk_that_fills_up_in_the_middle_names_the_file() {
    let folder = folder_with(&["calm.toml"]);
    let limited = |blocks: u32, log: &str| {
        let binary = env!("CARGO_BIN_EXE_frogbench");
        let run = format!("'{binary}' -q run calm.toml --session-log {log}");
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {run}");
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        Ran::of(&output)
    };
    limited(40, "always").expect(
        75,
        &[
            "cannot write session log runs/calm/session.jsonl.zst",
            "File too large",
        ],
    );
    limited(1, "never").expect(75, &["cannot write runs/calm/", ".csv", "File too large"]);
    let left: Vec<_> = std::fs::read_dir(folder.path().join("runs/calm"))
        .unwrap()
        .collect();
    assert!(left.len() <= 3, "no parts are left: {left:?}");
}

#[test]
fn scenarios_that_cannot_be_run_say_where_and_why() {
    let folder = folder_with(&["calm.toml"]);
    let text = std::fs::read_to_string(folder.path().join("calm.toml")).unwrap();
    let nan = text.replace("quiet_s = 3.0", "quiet_s = nan");
    std::fs::write(folder.path().join("nan.toml"), nan).unwrap();
    frogbench(folder.path(), &["run", "nan.toml"]).expect(3, &["nan.toml:14:11", "finite"]);
    frogbench(folder.path(), &["run", "nowhere.toml"])
        .expect(3, &["nowhere.toml", "No such file or directory"]);
    let args = ["run", "calm.toml", "--set", "traffic.measured=axles.json"];
    frogbench(folder.path(), &args).expect(3, &["axles.json"]);
    frogbench(folder.path(), &["run", "calm.toml", "--set", "seed=x"]).expect(3, &["seed"]);
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    frogbench(folder.path(), &["run", "empty"]).expect(4, &["no scenario was selected"]);
    frogbench(folder.path(), &["run"]).expect(2, &["Usage: frogbench run"]);
    frogbench(folder.path(), &["run", "calm.toml", "./calm.toml"])
        .expect(2, &["two of the scenarios are called `calm`"]);
}

#[test]
fn frames_damaged_on_purpose_are_judged_by_the_expectations() {
    let folder = folder_with(&["lossy.toml"]);
    let ran = frogbench(folder.path(), &["run", "lossy.toml", "--format", "json"]);
    ran.expect(100, &["lossy: fail"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let scenario = &json["scenarios"][0];
    assert_eq!(scenario["verdict"], "fail");
    assert_eq!(scenario["scores"]["l0"]["frames_lost"]["value"], 3.0);
    assert_eq!(scenario["scores"]["l0"]["frames_damaged"]["value"], 3.0);
    assert_eq!(scenario["scores"]["l0"]["samples_lost"]["value"], 96.0);
    assert_eq!(
        scenario["scores"]["l0"]["link_counter_errors"]["value"],
        0.0
    );
    let judged = scenario["expectations"].as_array().unwrap();
    let failed: Vec<_> = judged.iter().filter(|e| e["pass"] == false).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["got"], 3.0);
}
