use super::*;
use crate::random::{Purpose, stream};
use crate::sensor::{BandLimit, Mounting, Part, part};
use std::f64::consts::PI;

const RATE: f64 = 20_000.0;

fn silent(name: &str) -> Part {
    Part {
        noise_g_rt_hz: [0.0; 3],
        ..*part(name).unwrap()
    }
}

fn run_with(
    setup: &SensorSetup,
    unit: &SensorUnit,
    z: &[f64],
    conditions: &Conditions,
) -> Measured {
    let none = vec![0.0; z.len()];
    let motion = Motion {
        rate_hz: RATE,
        acceleration_m_s2: [&none, &none, z],
    };
    let mut noise = stream(11, 0, Purpose::SensorNoise, 0);
    let mut jitter = stream(11, 0, Purpose::TimeStamp, 0);
    measure(setup, unit, &motion, conditions, &mut noise, &mut jitter).unwrap()
}

const MILD: Conditions = Conditions {
    temperature_c: 25.0,
    start_us: 0,
    faults: &[],
};

fn run(setup: &SensorSetup, unit: &SensorUnit, z: &[f64]) -> Measured {
    run_with(setup, unit, z, &MILD)
}

fn tone(f: f64, amplitude: f64, seconds: f64) -> Vec<f64> {
    let n = (seconds * RATE) as usize;
    (0..n)
        .map(|i| amplitude * libm::sin(2.0 * PI * f * i as f64 / RATE))
        .collect()
}

/// RMS about the mean of `axis`, m/s2, without the first and last tenth.
fn ac_rms(measured: &Measured, axis: usize) -> f64 {
    let n = measured.counts.len();
    let mid = &measured.counts[n / 10..9 * n / 10];
    let mean = mid.iter().map(|c| f64::from(c[axis])).sum::<f64>() / mid.len() as f64;
    let power = mid
        .iter()
        .map(|c| (f64::from(c[axis]) - mean).powi(2))
        .sum::<f64>();
    (power / mid.len() as f64).sqrt() * measured.scale_m_s2_per_lsb
}

fn level_db(part: Part, range_g: f64, rate: f64, f: f64, amplitude: f64) -> f64 {
    let setup = SensorSetup::new(part, range_g, rate);
    let measured = run(&setup, &SensorUnit::IDEAL, &tone(f, amplitude, 1.0));
    20.0 * libm::log10(ac_rms(&measured, 2) * 2.0_f64.sqrt() / amplitude + 1e-12)
}

#[test]
fn tones_above_half_the_output_rate_do_not_fold_in() {
    // Full-scale-like tones; 16-bit rounding alone leaves about -90 dB.
    for f in [
        2000.0, 2100.0, 2400.0, 3000.0, 3900.0, 4100.0, 6000.0, 7900.0,
    ] {
        let db = level_db(silent("iis3dwb"), 16.0, 4000.0, f, 120.0);
        assert!(db < -78.0, "iis3dwb {f} Hz: {db} dB");
        let db = level_db(silent("adxl1002"), 50.0, 4000.0, f, 400.0);
        assert!(db < -78.0, "adxl1002 {f} Hz: {db} dB");
        let db = level_db(silent("adxl355"), 8.0, 4000.0, f, 60.0);
        assert!(db < -78.0, "adxl355 {f} Hz: {db} dB");
    }
    for f in [250.0, 300.0, 700.0, 1100.0] {
        let db = level_db(silent("adxl355"), 8.0, 500.0, f, 60.0);
        assert!(db < -78.0, "adxl355 at 500 Hz, {f} Hz: {db} dB");
    }
}

#[test]
fn the_pass_band_is_flat() {
    for f in [20.0, 160.0, 640.0, 1200.0, 1580.0] {
        let db = level_db(silent("iis3dwb"), 16.0, 4000.0, f, 100.0);
        assert!(db.abs() < 0.02, "iis3dwb {f} Hz: {db} dB");
    }
    let db = level_db(silent("adxl355"), 8.0, 4000.0, 200.0, 50.0);
    assert!(db.abs() < 0.05, "adxl355 200 Hz: {db} dB");
}

#[test]
fn the_adxl355_filter_is_down_three_decibels_near_a_quarter_of_its_rate() {
    // At 1 kHz data rate the analog corner of 1.5 kHz is far away.
    let (below, above) = (0.235, 0.265);
    let at = |fraction: f64| level_db(silent("adxl355"), 8.0, 1000.0, 1000.0 * fraction, 50.0);
    assert!(
        at(below) > -3.01 && at(above) < -3.01,
        "{} and {} dB",
        at(below),
        at(above)
    );
}

#[test]
fn the_adxl372_folds_as_its_four_poles_let_it() {
    // 3.8 kHz at 6.4 kHz lands on 2.6 kHz with the filter's own loss at 3.8 kHz: 6.9 dB for the
    // analog prototype, 7.6 dB under the bilinear transform at 25.6 kHz.
    let f = 3800.0;
    let warp = |f: f64| libm::tan(PI * f / 25_600.0);
    let expected = -10.0 * libm::log10(1.0 + libm::pow(warp(f) / warp(3200.0), 8.0));
    let db = level_db(silent("adxl372"), 200.0, 6400.0, f, 1500.0);
    assert!(
        (db - expected).abs() < 0.6,
        "{db} dB, expected {expected} dB"
    );
}

#[test]
fn noise_is_density_times_root_of_the_noise_bandwidth() {
    let rest = vec![0.0; 400_000];
    for (name, range, rate, bandwidth) in [
        // FIR from 0.4 to 0.5 of 4 kHz: the noise bandwidth lies in the transition band.
        ("iis3dwb", 2.0, 4000.0, 0.445 * 4000.0),
        ("adxl1002", 50.0, 4000.0, 0.445 * 4000.0),
        // Sampled straight behind 4 poles at 3.2 kHz: folded, so all of 1.026 * 3.2 kHz.
        ("adxl372", 200.0, 6400.0, 1.026 * 3200.0),
    ] {
        let p = *part(name).unwrap();
        let measured = run(&SensorSetup::new(p, range, rate), &SensorUnit::IDEAL, &rest);
        let lsb = measured.scale_m_s2_per_lsb;
        let density = p.noise_g_rt_hz[2] * G_M_S2;
        let expected = (density * density * bandwidth + lsb * lsb / 12.0).sqrt();
        let got = ac_rms(&measured, 2);
        assert!(
            (got / expected - 1.0).abs() < 0.03,
            "{name}: {got} instead of {expected}"
        );
    }
}

#[test]
fn one_pole_gives_the_datasheet_rule_of_1_6_times_the_bandwidth() {
    let mut p = *part("iis3dwb").unwrap();
    p.band = BandLimit::Fixed {
        corner_hz: 500.0,
        poles: 1,
    };
    let setup = SensorSetup::new(p, 2.0, p.rates_hz[0]);
    let measured = run(&setup, &SensorUnit::IDEAL, &vec![0.0; 400_000]);
    // pi/2 instead of the rounded 1.6, and what the bilinear transform takes off the tail.
    let ratio = ac_rms(&measured, 0) / p.noise_rms_m_s2(0, 500.0);
    assert!((0.96..1.01).contains(&ratio), "{ratio}");
}

#[test]
fn noise_fills_the_band_evenly_and_nothing_above_it() {
    let setup = SensorSetup::new(*part("iis3dwb").unwrap(), 2.0, 4000.0);
    let measured = run(&setup, &SensorUnit::IDEAL, &vec![0.0; 200_000]);
    // Mean power of single frequencies, by correlation.
    let power = |from: f64, to: f64| {
        let lines = 60;
        let one = |k: i32| {
            let f = from + (to - from) * f64::from(k) / f64::from(lines);
            let (mut c, mut s) = (0.0, 0.0);
            for (i, count) in measured.counts.iter().enumerate() {
                let (sin, cos) = libm::sincos(2.0 * PI * f * i as f64 / 4000.0);
                c += f64::from(count[0]) * cos;
                s += f64::from(count[0]) * sin;
            }
            c * c + s * s
        };
        (0..lines).map(one).sum::<f64>() / f64::from(lines)
    };
    let (low, high, beyond) = (
        power(100.0, 700.0),
        power(900.0, 1500.0),
        power(1930.0, 1999.0),
    );
    assert!(libm::log(low / high).abs() < 0.5, "{low} {high}");
    assert!(beyond < 0.1 * high, "{beyond} {high}");
}

#[test]
fn overload_ends_at_the_rail_and_is_counted() {
    let setup = SensorSetup::new(*part("iis3dwb").unwrap(), 2.0, 4000.0);
    let measured = run(&setup, &SensorUnit::IDEAL, &tone(50.0, 30.0, 1.0));
    let most = measured.counts.iter().map(|c| c[2]).max();
    let least = measured.counts.iter().map(|c| c[2]).min();
    assert_eq!((most, least), (Some(32_767), Some(-32_768)));
    let at_rail = measured
        .counts
        .iter()
        .filter(|c| c[2] == 32_767 || c[2] == -32_768)
        .count() as u64;
    assert_eq!(measured.clipped_samples, at_rail);
    // Above 2 g - 1 g for 39 % of the time, below -2 g - 1 g only at the very bottom.
    assert!((1600..2200).contains(&at_rail), "{at_rail}");
    let calm = run(&setup, &SensorUnit::IDEAL, &tone(50.0, 5.0, 1.0));
    assert_eq!(calm.clipped_samples, 0);
}

#[test]
fn one_short_overload_is_still_seen_after_decimation() {
    let mut z = vec![0.0; 20_000];
    z[10_000] = 4000.0; // 50 us: the band limit spreads it, the decimation would average it away
    let setup = SensorSetup::new(silent("iis3dwb"), 16.0, 4000.0);
    let measured = run(&setup, &SensorUnit::IDEAL, &z);
    assert!(
        (1..=4).contains(&measured.clipped_samples),
        "{}",
        measured.clipped_samples
    );
}

#[test]
fn rate_error_shows_in_the_instants_and_not_in_the_values() {
    let unit = SensorUnit {
        rate_error: 0.037,
        ..SensorUnit::IDEAL
    };
    let setup = SensorSetup::new(silent("iis3dwb"), 16.0, 4000.0);
    let measured = run(&setup, &unit, &tone(431.0, 80.0, 2.0));
    assert!((measured.true_rate_hz - 4148.0).abs() < 1e-9);
    assert_eq!(
        measured.counts.len(),
        (39_999.0 / RATE * 4148.0) as usize + 1
    );
    for i in 200..measured.counts.len() - 200 {
        // Four Butterworth poles under the bilinear transform delay by 2.613 / (2 rate tan(w/2)).
        let inner_hz = measured.true_rate_hz * 20.0 / 3.0;
        let warped = libm::tan(PI * 6300.0 / (80_000.0 / 3.0));
        let delay = 2.613_126 / (2.0 * inner_hz * warped);
        let t = measured.sample_time_s(i) - delay;
        let ideal = 80.0 * libm::sin(2.0 * PI * 431.0 * t) + G_M_S2;
        let got = measured.reading_m_s2(i).unwrap()[2];
        assert!(
            (got - ideal).abs() < 0.1,
            "sample {i}: {got} instead of {ideal}"
        );
        let truth = measured.truth_m_s2[i][2];
        let now = 80.0 * libm::sin(2.0 * PI * 431.0 * measured.sample_time_s(i)) + G_M_S2;
        assert!(
            (truth - now).abs() < 0.01,
            "truth {i}: {truth} instead of {now}"
        );
    }
}

#[test]
fn at_rest_every_part_reads_one_g_upwards_within_its_tolerance() {
    for p in crate::sensor::PARTS {
        let unit = SensorUnit::draw(p, &mut stream(5, 0, Purpose::SensorUnit, 0));
        let range = p.ranges[p.ranges.len() - 1].range_g;
        let setup = SensorSetup::new(*p, range, p.rates_hz[0].min(4000.0));
        let cold = Conditions {
            temperature_c: -20.0,
            ..MILD
        };
        let measured = run_with(&setup, &unit, &vec![0.0; 10_000], &cold);
        let n = measured.counts.len() as f64;
        let mean = [0, 1, 2].map(|axis| {
            measured
                .counts
                .iter()
                .map(|c| f64::from(c[axis]))
                .sum::<f64>()
                / n
                * measured.scale_m_s2_per_lsb
        });
        let limit = G_M_S2
            * (p.offset_max_g[2]
                + 45.0 * p.offset_drift_max_g_per_k
                + p.sensitivity_error_max
                + 45.0 * p.sensitivity_drift_max_per_k
                + p.ranges[0].scale_g_per_lsb);
        assert!((mean[2] - G_M_S2).abs() < limit, "{}: {mean:?}", p.name);
        let sensed = [0, 1, 2].map(|axis| measured.counts.iter().any(|c| c[axis] != 0));
        assert_eq!(sensed, p.senses, "{}", p.name);
    }
}

#[test]
fn temperature_moves_offset_scale_and_rate_by_the_units_constants() {
    let unit = SensorUnit {
        rate_drift_per_k: 1e-3,
        offset_drift_m_s2_per_k: [0.0, 0.0, 0.01],
        sensitivity_drift_per_k: [0.0, 0.0, 2e-3],
        ..SensorUnit::IDEAL
    };
    let setup = SensorSetup::new(silent("adxl355"), 8.0, 4000.0);
    let hot = Conditions {
        temperature_c: 45.0,
        ..MILD
    };
    let measured = run_with(&setup, &unit, &vec![0.0; 2000], &hot);
    let expected = G_M_S2 * 1.04 + 0.2;
    let got = measured.reading_m_s2(100).unwrap()[2];
    assert!(
        (got - expected).abs() < 2.0 * measured.scale_m_s2_per_lsb,
        "{got} {expected}"
    );
    assert!((measured.true_rate_hz - 4080.0).abs() < 1e-9);
}

#[test]
fn a_tilted_sensor_shares_gravity_and_motion_among_its_axes() {
    let mounting = Mounting {
        roll_deg: 10.0,
        pitch_deg: -4.0,
        ..Mounting::default()
    };
    let setup = SensorSetup {
        mounting,
        ..SensorSetup::new(silent("iis3dwb"), 4.0, 4000.0)
    };
    let measured = run(&setup, &SensorUnit::IDEAL, &vec![0.0; 2000]);
    let g = measured.gravity_m_s2;
    let reading = measured.reading_m_s2(200).unwrap();
    for axis in 0..3 {
        assert!((reading[axis] - g[axis]).abs() < measured.scale_m_s2_per_lsb);
        assert!((measured.truth_m_s2[200][axis] - g[axis]).abs() < 1e-12);
    }
    assert!((g.iter().map(|a| a * a).sum::<f64>().sqrt() - G_M_S2).abs() < 1e-12);
    assert!(g[0] > 0.5 && g[1] > 1.5);
}

#[test]
fn the_same_streams_give_the_same_bytes_and_other_streams_do_not() {
    let setup = SensorSetup::new(*part("iis3dwb").unwrap(), 16.0, 4000.0);
    let unit = SensorUnit::draw(&setup.part, &mut stream(1, 0, Purpose::SensorUnit, 0));
    let z = tone(80.0, 20.0, 0.5);
    let motion = Motion {
        rate_hz: RATE,
        acceleration_m_s2: [&z, &z, &z],
    };
    let go = |seed| {
        let mut noise = stream(seed, 0, Purpose::SensorNoise, 3);
        let mut jitter = stream(seed, 0, Purpose::TimeStamp, 3);
        measure(&setup, &unit, &motion, &MILD, &mut noise, &mut jitter).unwrap()
    };
    assert_eq!(go(1), go(1));
    assert_ne!(go(1).counts, go(2).counts);
}

#[test]
fn a_silent_sensor_ends_counts_and_stamps() {
    let setup = SensorSetup::new(*part("iis3dwb").unwrap(), 16.0, 4000.0);
    let faults = [SensorFault::Silent { from: 100 }];
    let conditions = Conditions {
        faults: &faults,
        ..MILD
    };
    let measured = run_with(&setup, &SensorUnit::IDEAL, &vec![0.0; 20_000], &conditions);
    assert_eq!((measured.counts.len(), measured.stamps.len()), (100, 4));
    assert_eq!(measured.silent_from, Some(100));
    assert_eq!(measured.truth_m_s2.len(), 4000);
}

#[test]
fn unsound_motion_is_refused_by_axis_and_sample() {
    let setup = SensorSetup::new(*part("iis3dwb").unwrap(), 16.0, 4000.0);
    let mut bad = vec![0.0; 100];
    bad[42] = f64::NAN;
    let good = vec![0.0; 100];
    let try_it = |rate_hz, axes: [&[f64]; 3]| {
        let mut rng = stream(1, 0, Purpose::SensorNoise, 0);
        let mut jitter = rng.clone();
        let motion = Motion {
            rate_hz,
            acceleration_m_s2: axes,
        };
        measure(
            &setup,
            &SensorUnit::IDEAL,
            &motion,
            &MILD,
            &mut rng,
            &mut jitter,
        )
        .map(|m| m.counts.len())
        .map_err(|e| e.to_string())
    };
    let text = try_it(RATE, [&good, &bad, &good]).unwrap_err();
    assert!(text.contains("sample 42 of axis y"), "{text}");
    assert!(
        try_it(RATE, [&good, &good[..50], &good])
            .unwrap_err()
            .contains("100, 50 and 100")
    );
    assert!(try_it(RATE, [&[], &[], &[]]).is_err());
    assert!(try_it(f64::NAN, [&good, &good, &good]).is_err());
    assert!(try_it(4000.0, [&good, &good, &good]).is_err());
    assert_eq!(try_it(RATE, [&good, &good, &good]), Ok(20));
}
