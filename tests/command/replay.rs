//! `frogbench replay`: recordings of real accelerations, and runs from their session log.

use std::fmt::Write;
use std::path::Path;

use crate::support::{folder_with, frogbench};

/// Real noise of an accelerometer on a train; source in the folder's README.
const MEASURED: &str = "../shared/data/mems_imu";

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

/// Columns of a CSV file by name.
fn column(text: &str, name: &str) -> Vec<f64> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = header.iter().position(|h| *h == name).unwrap();
    lines
        .map(|line| line.split(',').nth(at).unwrap().parse().unwrap())
        .collect()
}

#[test]
fn measured_noise_holds_no_train() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = here.join(MEASURED);
    if !folder.is_dir() {
        eprintln!("SKIPPED: {MEASURED} is not there");
        return;
    }
    let mut recordings = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        recordings += 1;
        let ran = frogbench(
            here,
            &["replay", file.to_str().unwrap(), "--format", "json"],
        );
        ran.expect(0, &[]);
        let report = json(&ran.out);
        assert_eq!(report["trains"], json("[]"), "{}", file.display());
        let text = std::fs::read_to_string(&file).unwrap();
        let times = column(&text, "t_s");
        let mean_hz = (times.len() - 1) as f64 / (times[times.len() - 1] - times[0]);
        for rate in [
            &report["recording"]["rate_hz"],
            &report["device"]["rate_hz"],
        ] {
            let error = rate.as_f64().unwrap() / mean_hz - 1.0;
            assert!(
                error.abs() < 0.005,
                "{rate} instead of {mean_hz} Hz in {}",
                file.display()
            );
        }
        for (index, name) in ["ax_lsb", "ay_lsb", "az_lsb"].into_iter().enumerate() {
            let values: Vec<f64> = column(&text, name)
                .iter()
                .map(|v| v * 0.061e-3 * 9.806_65)
                .collect();
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
            let rms = (square / values.len() as f64).sqrt();
            let found = report["axes"][index]["noise_rms_m_s2"].as_f64().unwrap();
            // A slow drift is taken out of the noise, so it is never above the plain deviation.
            assert!(
                found <= rms * 1.0001 && found > 0.9 * rms,
                "{name}: {found} of {rms} m/s2"
            );
            let device = report["device"]["noise_rms_m_s2"][index].as_f64().unwrap();
            assert!(
                (device / found - 1.0).abs() < 0.1,
                "{name}: the device says {device}"
            );
        }
    }
    assert_eq!(recordings, 4);
}

/// Counts of a simulated passage, from the session log of a run.
fn passage(folder: &Path) -> (Vec<[i64; 3]>, f64, f64) {
    let args = [
        "-q",
        "run",
        "pair.toml",
        "--set",
        "observe.passages=1",
        "--set",
        "observe.quiet_windows=0",
    ];
    frogbench(folder, &args).expect(0, &[]);
    let log = std::fs::File::open(folder.join("runs/pair/session.jsonl.zst")).unwrap();
    let text = zstd::stream::decode_all(log).unwrap();
    let records: Vec<serde_json::Value> = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    let kind = |kind: &str| {
        records
            .iter()
            .find(|record| record["record"] == kind)
            .unwrap()
    };
    let window = kind("window");
    let axis = |name: &str| -> Vec<i64> {
        let counts = window[name].as_array().unwrap();
        counts.iter().map(|count| count.as_i64().unwrap()).collect()
    };
    let (x, y, z) = (axis("x"), axis("y"), axis("z"));
    let counts = (0..x.len()).map(|i| [x[i], y[i], z[i]]).collect();
    let scale = kind("device")["stream"]["scale_m_s2_per_lsb"]
        .as_f64()
        .unwrap();
    (counts, window["true_rate_hz"].as_f64().unwrap(), scale)
}

/// The counter-check of measured noise: where a train is, it is found, from a CSV as from a WAV file.
#[test]
fn a_recorded_train_is_found_in_csv_and_wav() {
    let folder = folder_with(&["pair.toml"]);
    let (counts, rate_hz, scale_m_s2) = passage(folder.path());
    let truth = std::fs::read_to_string(folder.path().join("runs/pair/truth.csv")).unwrap();
    let axles = column(&truth, "axles")[0];

    // Columns without a unit, so that names, unit and scale have to be said.
    let mut csv = "clock_s,lateral,along,up\n".to_owned();
    for (index, [x, y, z]) in counts.iter().enumerate() {
        writeln!(csv, "{:.6},{y},{x},{z}", index as f64 / rate_hz).unwrap();
    }
    std::fs::write(folder.path().join("train.csv"), csv).unwrap();
    let scale_g = format!("{}", scale_m_s2 / 9.806_65);
    let args = [
        "replay",
        "train.csv",
        "--columns",
        "along,lateral,up",
        "--time-column",
        "clock_s",
        "--unit",
        "lsb",
        "--scale",
        &scale_g,
        "--rate",
        "4000",
        "--format",
        "json",
    ];
    let ran = frogbench(folder.path(), &args);
    ran.expect(0, &[]);
    let from_csv = json(&ran.out);
    assert_eq!(
        from_csv["trains"].as_array().unwrap().len(),
        1,
        "{}",
        ran.out
    );
    assert_eq!(
        from_csv["trains"][0]["axles"].as_f64().unwrap().to_bits(),
        axles.to_bits()
    );
    let measured_hz = from_csv["device"]["rate_hz"].as_f64().unwrap();
    assert!(
        (measured_hz / rate_hz - 1.0).abs() < 0.005,
        "{measured_hz} instead of {rate_hz} Hz"
    );

    let spec = hound::WavSpec {
        channels: 3,
        sample_rate: rate_hz.round() as u32,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(folder.path().join("train.wav"), spec).unwrap();
    for count in counts.iter().flatten() {
        wav.write_sample(i16::try_from(*count).unwrap()).unwrap();
    }
    wav.finalize().unwrap();
    let full_scale = format!("{}", scale_m_s2 * 32_768.0);
    let ran = frogbench(
        folder.path(),
        &[
            "replay",
            "train.wav",
            "--scale",
            &full_scale,
            "--format",
            "json",
        ],
    );
    ran.expect(0, &[]);
    let from_wav = json(&ran.out);
    assert_eq!(
        from_wav["trains"][0]["axles"], from_csv["trains"][0]["axles"],
        "{}",
        ran.out
    );
    assert_eq!(from_wav["recording"]["has_time_stamps"], false);
}

#[test]
fn recordings_that_cannot_be_used_say_why() {
    let folder = folder_with(&[]);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("no-axis.csv", "t_s,speed\n0,1\n1,2\n");
    write("nan.csv", "t_s,az_g\n0,1\n0.001,nan\n");
    write("data.bin", "1");
    write("short.wav", "RIFF");
    for (args, code, parts) in [
        (
            vec!["no-axis.csv"],
            3,
            ["no-axis.csv", "no acceleration column"],
        ),
        (vec!["nan.csv"], 3, ["nan.csv", "line 3"]),
        (vec!["nowhere.csv"], 3, ["nowhere.csv", "No such file"]),
        (vec!["data.bin"], 3, ["data.bin", "name recordings .csv"]),
        (vec!["short.wav"], 2, ["short.wav", "--scale"]),
        (
            vec!["short.wav", "--range-g", "16"],
            3,
            ["short.wav", "not readable as WAV"],
        ),
        (
            vec!["nan.csv", "--part", "adxl999"],
            2,
            ["adxl999", "adxl355"],
        ),
        (
            vec!["nan.csv", "--columns", "a,b"],
            2,
            ["--columns names 2 axes", "x, y and z"],
        ),
    ] {
        let args: Vec<&str> = std::iter::once("replay").chain(args).collect();
        frogbench(folder.path(), &args).expect(code, &parts);
    }
}

#[test]
fn a_run_is_reproduced_from_its_log_byte_for_byte() {
    let folder = folder_with(&["several.toml", "lossy.toml"]);
    for (name, code) in [("several", 0), ("lossy", 100)] {
        let file = format!("{name}.toml");
        let run = frogbench(folder.path(), &["-q", "run", &file, "--format", "json"]);
        run.expect(code, &[]);
        std::fs::remove_file(folder.path().join(&file)).unwrap();
        let log = format!("runs/{name}");
        let replay = frogbench(
            folder.path(),
            &["replay", &log, "--format", "json", "--out", "again"],
        );
        replay.expect(code, &["the same result as the run, byte for byte"]);
        assert!(run.out == replay.out, "JSON of {name}");
        for table in [
            "truth.csv",
            "output.csv",
            "ledger.csv",
            "result.json",
            "session.jsonl.zst",
        ] {
            let read =
                |out: &str| std::fs::read(folder.path().join(out).join(name).join(table)).unwrap();
            assert!(read("runs") == read("again"), "{table} of {name}");
        }
    }
    let over = frogbench(folder.path(), &["replay", "runs/several", "--out", "runs"]);
    over.expect(2, &["would write over the run itself"]);
}

#[test]
fn a_changed_log_shows_and_a_broken_one_is_refused() {
    let folder = folder_with(&["calm.toml"]);
    frogbench(folder.path(), &["-q", "run", "calm.toml"]).expect(0, &[]);
    let path = folder.path().join("runs/calm/session.jsonl.zst");
    let text = zstd::stream::decode_all(std::fs::File::open(&path).unwrap()).unwrap();
    let text = String::from_utf8(text).unwrap();
    let rewrite = |text: &str| {
        std::fs::write(&path, zstd::stream::encode_all(text.as_bytes(), 1).unwrap()).unwrap();
        frogbench(folder.path(), &["replay", "runs/calm"])
    };
    let clipped = text.replace("\"clipped_samples\":0", "\"clipped_samples\":9");
    assert!(clipped != text);
    rewrite(&clipped).expect(0, &["the result differs"]);
    rewrite(&text.replacen("\"format\":1", "\"format\":9", 1))
        .expect(3, &["has format 9", "reads 1"]);
    rewrite(&text.replacen("\"stamps\"", "\"stomps\"", 1))
        .expect(3, &["session.jsonl.zst, line", "stamps"]);
    rewrite("no log\n").expect(3, &["line 1", "no session log"]);
    std::fs::write(&path, &text[..100]).unwrap();
    frogbench(folder.path(), &["replay", "runs/calm"]).expect(3, &["cannot read session log"]);
    std::fs::remove_file(&path).unwrap();
    frogbench(folder.path(), &["replay", "runs/calm"]).expect(3, &["--session-log always"]);
}
