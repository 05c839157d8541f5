use super::*;
use crate::recording::Statistics;
use crate::sensor::part;
use proptest::prelude::*;
use std::fmt::Write;

fn read(text: &str) -> Result<Recording, RecordingError> {
    read_csv_bytes("r.csv", text.as_bytes(), &CsvOptions::default())
}

fn refusal(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn columns_units_and_time_come_from_the_header() {
    let recording =
        read("t_ms,gx_lsb,ax_g,ay_mg,az_m_s2\n0,7,0.5,-250,9.8\n0.25,7,0,0,9.7\n").unwrap();
    assert!((recording.axes_m_s2[0][0] - 0.5 * G_M_S2).abs() < 1e-12);
    assert!((recording.axes_m_s2[1][0] + 0.25 * G_M_S2).abs() < 1e-12);
    assert_eq!(recording.axes_m_s2[2], [9.8, 9.7]);
    assert!((recording.rate_hz - 4000.0).abs() < 1e-6);
    assert_eq!(recording.raw, None);
    assert_eq!(recording.notes, ["columns not used: gx_lsb"]);
}

#[test]
fn counts_keep_their_values_and_the_assumed_scale_is_noted() {
    let recording = read("# made by hand\nt_s;z_lsb\n1.0;16384\n1.001;-32768\n").unwrap();
    let raw = recording.raw.as_ref().unwrap();
    assert_eq!(
        (raw.counts.clone(), raw.bits),
        (vec![[0, 0, 16_384], [0, 0, -32_768]], 16)
    );
    assert!(
        recording.notes.iter().any(|n| n.contains("0.061 mg")),
        "{:?}",
        recording.notes
    );
    assert!((recording.axes_m_s2[2][0] - 16_384.0 * 0.061e-3 * G_M_S2).abs() < 1e-12);
    let options = CsvOptions {
        scale_g_per_lsb: Some(1e-3),
        ..CsvOptions::default()
    };
    let text = "t_s,z_lsb\n0,1000\n1e-3,40000\n";
    let other = read_csv_bytes("r.csv", text.as_bytes(), &options).unwrap();
    assert!((other.axes_m_s2[2][0] - G_M_S2).abs() < 1e-12);
    assert_eq!(other.raw.map(|r| r.bits), Some(24));
    assert!(!other.notes.iter().any(|n| n.contains("0.061")));
}

#[test]
fn columns_and_units_can_be_chosen() {
    let options = CsvOptions {
        axis_columns: [None, None, Some("left".to_owned())],
        unit: Some("g".to_owned()),
        rate_hz: Some(2000.0),
        ..CsvOptions::default()
    };
    let text = "left,ax_g,right\n1,2,3\n4,5,6\n";
    let recording = read_csv_bytes("r.csv", text.as_bytes(), &options).unwrap();
    assert_eq!(recording.present, [false, false, true]);
    assert!((recording.axes_m_s2[2][1] - 4.0 * G_M_S2).abs() < 1e-12);
    assert!((recording.rate_hz - 2000.0).abs() < 1e-12);
    let missing = CsvOptions {
        time_column: Some("when".to_owned()),
        ..options
    };
    let error = read_csv_bytes("r.csv", text.as_bytes(), &missing)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("no column \"when\"") && error.contains("left, ax_g, right"),
        "{error}"
    );
}

#[test]
fn every_refusal_names_its_place() {
    for (text, parts) in [
        (
            "t_s,z_g\n0,1\n1e-3,x1\n",
            &["r.csv", "line 3, column 2 (z_g)", "\"x1\""][..],
        ),
        ("t_s,z_g\n0,1\n1e-3,NaN\n", &["line 3", "NaN"]),
        ("t_s,z_g\n0,1\n1e-3,inf\n", &["line 3", "inf"]),
        ("t_s,z_g\n0,1\n1e-3,\n", &["line 3, column 2"]),
        ("t_s,z_g\n0,1\n1e-3,1e300\n", &["line 3", "100 000 g"]),
        ("t_s,z_lsb\n0,1\n1e-3,9000000\n", &["line 3", "24 bits"]),
        ("t_s,z_lsb\n0,1\n1e-3,1.5\n", &["line 3", "no whole count"]),
        (
            "t_s,z_g\n0,1\n1e-3,1,2\n",
            &["line 3 has 3 fields, the header has 2"],
        ),
        ("t_s,z_g\n2,1\n1,1\n", &["line 3", "comes after 2 s"]),
        ("t_s,z_g\n1,1\n1,1\n", &["all time stamps are equal"]),
        (
            "t_s,z_g\n0,1\n1e-9,1\n",
            &["rate by its time column", "unit of time"],
        ),
        ("t_s,z_g\n0,1\n", &["1 samples"]),
        ("t_s,z_g\n", &["0 samples"]),
        ("", &["no acceleration column"]),
        ("t_s,gx_lsb\n0,1\n", &["no acceleration column", "gx_lsb"]),
        ("z_g\n1\n2\n", &["no time column"]),
        ("t_s,z\n0,1\n", &["\"z\" names no unit"]),
        (
            "t_s,z_g,az_g\n0,1,2\n",
            &["\"z_g\" and \"az_g\" both fit z"],
        ),
    ] {
        let error = refusal(text);
        assert!(
            parts.iter().all(|part| error.contains(part)),
            "{text:?}: {error}"
        );
    }
    let missing = read_csv(Path::new("/nowhere/r.csv"), &CsvOptions::default());
    assert!(missing.unwrap_err().to_string().contains("/nowhere/r.csv"));
}

#[test]
fn a_replay_keeps_counts_and_stamps_each_batch_with_the_files_time() {
    let mut text = "t_s,x_lsb,y_lsb,z_lsb\n".to_owned();
    for i in 0..10 {
        let pause = if i > 5 { 0.004 } else { 0.0 };
        writeln!(
            text,
            "{},{i},{},16384",
            50.0 + f64::from(i) * 1e-3 + pause,
            -i
        )
        .unwrap();
    }
    let recording = read(&text).unwrap();
    let measured = recording.to_measured(4, 1_000_000).unwrap();
    assert_eq!(measured.counts[7], [7, -7, 16_384]);
    assert_eq!(measured.stamps, [1_003_000, 1_011_000, 1_013_000]);
    assert_eq!((measured.bits, measured.senses), (16, [true; 3]));
    assert!((measured.true_rate_hz - 1000.0).abs() < 1e-6);
    assert_eq!(recording.timing.unwrap().gaps.len(), 1);
    assert!(read(&text).unwrap().to_measured(0, 0).is_err());
}

#[test]
fn physical_values_become_24_bit_counts_of_the_same_value() {
    let recording = read("t_s,z_m_s2\n0,9.81\n1e-3,-1234.5\n2e-3,0.02\n").unwrap();
    let measured = recording.to_measured(32, 0).unwrap();
    assert_eq!(measured.bits, 24);
    for (i, a) in [9.81, -1234.5, 0.02].into_iter().enumerate() {
        let back = measured.reading_m_s2(i).unwrap()[2];
        assert!(
            (back - a).abs() <= 0.51 * measured.scale_m_s2_per_lsb,
            "{back} {a}"
        );
    }
    let nanometres = measured.scale_m_s2_per_lsb * 1e9;
    assert!((nanometres - nanometres.round()).abs() < 1e-6);
    assert_eq!(measured.clipped_samples, 0);
}

/// Real recordings of an ASM330LHH on a train (nominal 1667 Hz, 62.5 us ticks, +-2 g), when present.
#[test]
fn real_recordings_give_their_rate_gravity_and_noise() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/mems_imu");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not present", folder.display());
        return;
    };
    let mut files: Vec<_> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "csv"));
    files.sort();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in files {
        let recording = read_csv(&file, &CsvOptions::default()).unwrap();
        let timing = recording.timing.clone().unwrap();
        let times = recording.times_s.clone().unwrap();
        let over_span = (times.len() - 1) as f64 / (times[times.len() - 1] - times[0]);
        assert!((recording.rate_hz / over_span - 1.0).abs() < 1e-3);
        assert!(
            (1.005..1.02).contains(&(recording.rate_hz / 1667.0)),
            "{}",
            recording.rate_hz
        );
        assert!(timing.gaps.is_empty() && timing.duplicate_stamps == 0);
        // Intervals alternate between 9 and 10 ticks: half a tick of deviation.
        assert!((0.45..0.52).contains(&(timing.interval_deviation_s / 62.5e-6)));
        let Statistics {
            axes,
            mean_magnitude_m_s2,
            ..
        } = recording.statistics();
        assert!(
            (mean_magnitude_m_s2 / G_M_S2 - 1.0).abs() < 0.02,
            "{mean_magnitude_m_s2}"
        );
        println!("{}: {:.2} Hz, {axes:?}", file.display(), recording.rate_hz);
        for axis in axes.into_iter().flatten() {
            // The part's own noise is about 60 ug/sqrt(Hz); a moving train only adds to it.
            let density_ug = axis.density_m_s2_rt_hz.unwrap() / G_M_S2 * 1e6;
            assert!(
                (40.0..600.0).contains(&density_ug),
                "{density_ug} ug/sqrt(Hz)"
            );
            assert!(
                (0.015..0.1).contains(&axis.noise_rms_m_s2),
                "{}",
                axis.noise_rms_m_s2
            );
        }
        let measured = recording.to_measured(32, 0).unwrap();
        assert_eq!(
            (measured.counts.len(), measured.stamps.len()),
            (times.len(), 63)
        );
        assert_eq!(measured.clipped_samples, 0);
    }
}

#[test]
fn a_simulated_recording_comes_back_with_its_own_rate_and_noise() {
    use crate::random::{Purpose, stream};
    use crate::sensor::{Conditions, Motion, SensorSetup, SensorUnit, measure};
    let setup = SensorSetup::new(*part("iis3dwb").unwrap(), 2.0, 4000.0);
    let unit = SensorUnit {
        rate_error: -0.023,
        ..SensorUnit::IDEAL
    };
    let rest = vec![0.0; 100_000];
    let motion = Motion {
        rate_hz: 20_000.0,
        acceleration_m_s2: [&rest, &rest, &rest],
    };
    let conditions = Conditions {
        temperature_c: 25.0,
        start_us: 0,
        faults: &[],
    };
    let mut noise = stream(1, 0, Purpose::SensorNoise, 0);
    let mut jitter = stream(1, 0, Purpose::TimeStamp, 0);
    let measured = measure(&setup, &unit, &motion, &conditions, &mut noise, &mut jitter).unwrap();
    let mut text = "t_us,x_lsb,y_lsb,z_lsb\n".to_owned();
    for (i, c) in measured.counts.iter().enumerate() {
        let ticks = (measured.sample_time_s(i) / 25e-6).floor();
        writeln!(text, "{},{},{},{}", ticks * 25.0, c[0], c[1], c[2]).unwrap();
    }
    let recording = read(&text).unwrap();
    assert!(
        (recording.rate_hz / 3908.0 - 1.0).abs() < 1e-4,
        "{}",
        recording.rate_hz
    );
    let statistics = recording.statistics();
    assert!((statistics.mean_magnitude_m_s2 - G_M_S2).abs() < 1e-3);
    for axis in statistics.axes.into_iter().flatten() {
        let density_ug = axis.density_m_s2_rt_hz.unwrap() / G_M_S2 * 1e6;
        assert!(
            (density_ug / 75.0 - 1.0).abs() < 0.06,
            "{density_ug} ug/sqrt(Hz)"
        );
    }
    assert_eq!(
        recording.to_measured(32, 0).unwrap().counts,
        measured.counts
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_a_panic(noise: Vec<u8>, text in "[tz_sg,;0-9.eE\n#-]{0,80}") {
        let _ = read_csv_bytes("r.csv", &noise, &CsvOptions::default());
        let _ = read(&format!("t_s,z_g\n{text}"));
        let _ = read(&text);
    }
}
