//! `frogbench export --format resd`, read back by a reader of its own.
#![allow(clippy::unwrap_used)] // helpers of tests, too, may panic

use assert_cmd::Command;
use frogbench::session_log::read_session_log;

/// The layout as Renode documents it, read field by field.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self, bytes: usize) -> u64 {
        let (head, tail) = self.0.split_at(bytes);
        self.0 = tail;
        head.iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte))
    }

    fn signed(&mut self) -> i32 {
        self.number(4) as u32 as i32
    }
}

#[derive(Debug)]
struct Block {
    sample: u64,
    channel: u64,
    start_ns: u64,
    period_ns: u64,
    values: Vec<i32>,
}

fn read(bytes: &[u8]) -> Vec<Block> {
    assert_eq!(&bytes[..4], b"RESD");
    assert_eq!(bytes[4..8], [1, 0, 0, 0]);
    let mut reader = Reader(&bytes[8..]);
    let mut blocks = Vec::new();
    while !reader.0.is_empty() {
        assert_eq!(reader.number(1), 2, "constant rate");
        let (sample, channel, size) = (reader.number(2), reader.number(2), reader.number(8));
        let (start_ns, period_ns) = (reader.number(8), reader.number(8));
        assert_eq!(reader.number(8), 0, "no metadata");
        let values = (0..(size - 24) / 4).map(|_| reader.signed()).collect();
        blocks.push(Block {
            sample,
            channel,
            start_ns,
            period_ns,
            values,
        });
    }
    blocks
}

fn bench(folder: &std::path::Path, arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("frogbench").unwrap();
    command.current_dir(folder).args(arguments).assert()
}

#[test]
fn a_window_of_a_run_becomes_acceleration_and_temperature() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = "format = 1\nseed = 3\n[time]\ndays = 2\n\
        [observe]\npassages = 0\nquiet_windows = 2\nquiet_s = 1.0\n\
        [turnout]\ntype = \"60E1-R760-1:15\"\n\
        [sensor]\npart = \"adxl355\"\nrange_g = 2.0\noutput_rate_hz = 4000.0\n";
    std::fs::write(folder.path().join("quiet.toml"), scenario).unwrap();
    bench(folder.path(), &["run", "quiet.toml", "--out", "runs"]).code(0);
    let export = [
        "export",
        "runs/quiet",
        "--format",
        "resd",
        "--out",
        "one.resd",
    ];
    let selection = ["--window", "1", "--start-ns", "70000", "--channel", "4"];
    bench(folder.path(), &[&export[..], &selection[..]].concat()).code(0);

    let log = read_session_log(&folder.path().join("runs/quiet")).unwrap();
    let window = &log.windows[&0][1];
    let blocks = read(&std::fs::read(folder.path().join("one.resd")).unwrap());
    let [acceleration, temperature] = &blocks[..] else {
        panic!("{blocks:?}")
    };
    assert_eq!((acceleration.sample, temperature.sample), (2, 1));
    assert_eq!((acceleration.channel, acceleration.start_ns), (4, 70_000));
    assert_eq!(
        acceleration.period_ns,
        (1e9 / window.true_rate_hz).round() as u64
    );
    assert!(window.x.len() > 3900);
    assert_eq!(acceleration.values.len(), 3 * window.x.len());
    for (index, sample) in acceleration.values.chunks(3).enumerate() {
        let counts = [window.x[index], window.y[index], window.z[index]];
        // 256 000 counts per g: 3.906 25 micro-g each.
        let want = counts.map(|count| (f64::from(count) / 0.256).round() as i32);
        for (got, want) in sample.iter().zip(want) {
            assert!(
                (got - want).abs() <= 1,
                "sample {index}: {sample:?}, {counts:?}"
            );
        }
    }
    let milli = (window.temperature_c * 1e3).round() as i32;
    assert_eq!(temperature.values, [milli]);

    bench(folder.path(), &[&export[..], &["--window", "9"]].concat())
        .code(4)
        .stderr(predicates::str::contains("no window 9 of turnout 0"));
}
