//! The binary in a folder of its own, and what it left there.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A scenario file of `tests/data/command`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/command")
        .join(name)
}

/// An empty folder with copies of the scenarios named.
pub(crate) fn folder_with(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        std::fs::copy(fixture(name), folder.path().join(name)).unwrap();
    }
    folder
}

/// The binary, to be run in `folder`, free of the caller's settings.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_frogbench"));
    command.current_dir(folder).env("NO_COLOR", "1");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("FROGBENCH_") {
            command.env_remove(name);
        }
    }
    command
}

/// What a run of the binary gave.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// Standard error on one line: reports are wrapped where a word ends.
    pub(crate) fn said(&self) -> String {
        let words = self.err.replace(['│', '×'], " ");
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Fails unless the exit code is `code` and standard error has every part.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, parts: &[&str]) {
        let said = self.said();
        assert_eq!(
            self.code,
            Some(code),
            "stderr: {}\nstdout: {}",
            self.err,
            self.out
        );
        for part in parts {
            assert!(said.contains(part), "`{part}` is missing in: {}", self.err);
        }
    }
}

/// Runs the binary in `folder`.
pub(crate) fn frogbench(folder: &Path, args: &[&str]) -> Ran {
    Ran::of(&command(folder).args(args).output().unwrap())
}

/// Text with decimal fractions and percentages hidden, signs and all: figures of the physics, which the tests of the physics
/// hold, not these.
pub(crate) fn without_figures(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(at);
        shown.push_str(before);
        let end = number
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == 'e'))
            .unwrap_or(number.len());
        let (number, after) = number.split_at(end);
        let fraction = number.contains('.') && !number.ends_with('.');
        let figure = fraction || after.starts_with(" %") || after.starts_with(" clipped");
        if figure {
            shown.truncate(shown.trim_end_matches(['+', '-']).len());
        }
        shown.push_str(if figure { "#" } else { number });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// The only child process of `parent`.
pub(crate) fn child_of(parent: u32) -> Option<u32> {
    let children = format!("/proc/{parent}/task");
    let threads = std::fs::read_dir(children).ok()?;
    threads.flatten().find_map(|thread| {
        let list = std::fs::read_to_string(thread.path().join("children")).ok()?;
        list.split_whitespace().next()?.parse().ok()
    })
}

/// Whether a process is there and not merely waiting to be reaped.
pub(crate) fn is_running(process: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or("")
            .trim()
            .starts_with('Z')
    })
}
