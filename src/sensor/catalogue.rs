//! The built-in parts.
//!
//! **\[M\]** marks a figure that was set from general knowledge of the part and has to be confirmed
//! against the current datasheet before it is quoted as fact. Offsets, drifts and tolerances are
//! the spread between units, so a run uses one draw of them, not the limit itself.

use super::error::SensorError;
use super::part::{BandLimit, OutputFilter, Part, Range};

const fn range(range_g: f64, scale_g_per_lsb: f64, max_count: i32) -> Range {
    Range {
        range_g,
        scale_g_per_lsb,
        max_count,
    }
}

const I16: i32 = 32_767;
const I20: i32 = 524_287;

/// A 32 768 Hz watch crystal, which times the FIFO interrupts of parts without a time stamp.
const RTC_TICK_S: f64 = 1.0 / 32_768.0;

/// Every built-in part.
pub static PARTS: &[Part] = &[ADXL355, IIS3DWB, ADXL372, ADXL1002];

/// Analog Devices ADXL355: low noise, low bandwidth, 20 bits.
const ADXL355: Part = Part {
    name: "adxl355",
    source: "ADXL354/ADXL355 data sheet: 22.5 ug/sqrt(Hz), 256 000 LSB/g at 2 g, output filter \
             corner ODR/4, 96-entry FIFO (32 samples of 3 axes). [M]: filter shape, analog corner \
             1.5 kHz, offset +-25 mg, 0.15 mg/K, sensitivity +-8 % and 0.01 %/K, rate tolerance",
    senses: [true; 3],
    noise_g_rt_hz: [22.5e-6; 3],
    ranges: &[
        range(2.0, 1.0 / 256_000.0, I20),
        range(4.0, 1.0 / 128_000.0, I20),
        range(8.0, 1.0 / 64_000.0, I20),
    ],
    link_bits: 24,
    rates_hz: &[4000.0, 2000.0, 1000.0, 500.0, 250.0, 125.0],
    rate_error_max: 0.03,
    rate_drift_per_k: 5.0e-5,
    band: BandLimit::Fixed {
        corner_hz: 1500.0,
        poles: 2,
    },
    output: OutputFilter::Digital {
        pass: 0.185,
        stop: 0.335,
        attenuation_db: 80.0,
    },
    offset_max_g: [0.025; 3],
    offset_drift_max_g_per_k: 0.15e-3,
    sensitivity_error_max: 0.08,
    sensitivity_drift_max_per_k: 1.0e-4,
    cross_axis_max: 0.01,
    fifo_samples: 32,
    stamp_tick_s: RTC_TICK_S,
};

/// ST IIS3DWB: vibration sensor, 6.3 kHz, 16 bits, one fixed data rate.
const IIS3DWB: Part = Part {
    name: "iis3dwb",
    source: "ST DS12569 rev 6 (75 ug/sqrt(Hz) with 3 axes, +-2/4/8/16 g at 0.061..0.488 mg/LSB, \
             26.667 kHz, 3 kB FIFO), AN5444 (6.3 kHz, flat, filtered against aliasing), ST's driver \
             iis3dwb_reg.c (25 us time stamp). [M]: number of poles, offset +-60 mg and 1 mg/K, \
             sensitivity +-5 % and 0.01 %/K, rate tolerance 5 %, FIFO of 512 samples",
    senses: [true; 3],
    noise_g_rt_hz: [75.0e-6; 3],
    ranges: &[
        range(2.0, 0.061e-3, I16),
        range(4.0, 0.122e-3, I16),
        range(8.0, 0.244e-3, I16),
        range(16.0, 0.488e-3, I16),
    ],
    link_bits: 16,
    rates_hz: &[80_000.0 / 3.0],
    rate_error_max: 0.05,
    rate_drift_per_k: 1.0e-4,
    band: BandLimit::Fixed {
        corner_hz: 6300.0,
        poles: 4,
    },
    output: OutputFilter::Sampled,
    offset_max_g: [0.060; 3],
    offset_drift_max_g_per_k: 1.0e-3,
    sensitivity_error_max: 0.05,
    sensitivity_drift_max_per_k: 1.0e-4,
    cross_axis_max: 0.01,
    fifo_samples: 512,
    stamp_tick_s: 25.0e-6,
};

/// Analog Devices ADXL372: +-200 g, 12 bits, micropower.
///
/// Its 4-pole filter at half the data rate is no brick wall: what lies just above half the rate
/// folds in, and the model lets it.
const ADXL372: Part = Part {
    name: "adxl372",
    source: "ADXL372 data sheet (+-200 g, 12 bits at 100 mg/LSB, 400..6400 Hz, 4-pole filter \
             200..3200 Hz, 512-entry FIFO = 170 samples of 3 axes); noise 3.5 LSB RMS (maker's \
             forum; readings posted there at 3.2 kHz agree) = 6.1 mg/sqrt(Hz). [M]: offset +-1 g \
             and 20 mg/K, sensitivity +-5 % and 0.1 %/K, rate tolerance",
    senses: [true; 3],
    noise_g_rt_hz: [6.1e-3; 3],
    ranges: &[range(200.0, 0.1, 2047)],
    link_bits: 16,
    rates_hz: &[6400.0, 3200.0, 1600.0, 800.0, 400.0],
    rate_error_max: 0.05,
    rate_drift_per_k: 1.0e-4,
    band: BandLimit::FollowsRate {
        fraction: 0.5,
        poles: 4,
    },
    output: OutputFilter::Sampled,
    offset_max_g: [1.0; 3],
    offset_drift_max_g_per_k: 0.020,
    sensitivity_error_max: 0.05,
    sensitivity_drift_max_per_k: 1.0e-3,
    cross_axis_max: 0.025,
    fifo_samples: 170,
    stamp_tick_s: RTC_TICK_S,
};

/// Analog Devices ADXL1002: single axis, analog, with an external 16-bit converter.
///
/// The axis stands upright (z). Converter: 16 bits over 5 V, ratiometric, clocked from a crystal
/// at 64 kHz behind a one-pole filter; 5 V / 65 536 / 40 mV/g = 1.907 mg/LSB. The part ends at
/// +-50 g, before the converter does.
const ADXL1002: Part = Part {
    name: "adxl1002",
    source: "ADXL1001/ADXL1002 data sheet (+-50 g, 40 mV/g at 5 V, 25 ug/sqrt(Hz), 11 kHz); the \
             converter and its one-pole filter at 10 kHz are this model's choice. [M]: offset, \
             drifts, sensitivity +-5 %",
    senses: [false, false, true],
    noise_g_rt_hz: [25.0e-6; 3],
    ranges: &[range(50.0, 5.0 / 65_536.0 / 0.040, 26_214)],
    link_bits: 16,
    rates_hz: &[64_000.0],
    rate_error_max: 50.0e-6,
    rate_drift_per_k: 0.5e-6,
    band: BandLimit::Fixed {
        corner_hz: 10_000.0,
        poles: 1,
    },
    output: OutputFilter::Sampled,
    offset_max_g: [0.5; 3],
    offset_drift_max_g_per_k: 5.0e-3,
    sensitivity_error_max: 0.05,
    sensitivity_drift_max_per_k: 2.0e-4,
    cross_axis_max: 0.01,
    fifo_samples: 512,
    stamp_tick_s: RTC_TICK_S,
};

/// The part called `name` (case does not matter).
///
/// # Errors
/// [`SensorError::UnknownPart`] with the known names and the nearest one.
pub fn part(name: &str) -> Result<&'static Part, SensorError> {
    let wanted = name.trim().to_ascii_lowercase();
    PARTS
        .iter()
        .find(|p| p.name == wanted)
        .ok_or_else(|| SensorError::UnknownPart {
            name: name.chars().take(40).collect(),
            nearest: nearest(&wanted),
            known: PARTS.iter().map(|p| p.name).collect::<Vec<_>>().join(", "),
        })
}

fn nearest(wanted: &str) -> &'static str {
    let short: Vec<char> = wanted.chars().take(40).collect();
    PARTS
        .iter()
        .map(|p| p.name)
        .min_by_key(|known| edit_distance(&short, known))
        .unwrap_or("")
}

/// Levenshtein distance.
fn edit_distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_part_is_answered_with_the_nearest_name() {
        assert_eq!(part("IIS3DWB").unwrap().name, "iis3dwb");
        let error = part("adxl335").unwrap_err().to_string();
        assert!(
            error.contains("adxl335") && error.contains("did you mean \"adxl355\""),
            "{error}"
        );
    }

    #[test]
    fn scale_times_largest_count_is_the_named_range_within_five_percent() {
        for part in PARTS {
            for range in part.ranges {
                let end = range.scale_g_per_lsb * f64::from(range.max_count);
                assert!(
                    (end / range.range_g - 1.0).abs() < 0.05,
                    "{} {end}",
                    part.name
                );
            }
        }
    }

    #[test]
    fn rates_are_listed_from_the_highest_and_fit_the_link() {
        for part in PARTS {
            assert!(
                part.rates_hz.windows(2).all(|w| w[0] > w[1]),
                "{}",
                part.name
            );
            assert!(matches!(part.link_bits, 16 | 24));
            let limit = 1_i32 << (part.link_bits - 1);
            assert!(
                part.ranges.iter().all(|r| r.max_count < limit),
                "{}",
                part.name
            );
        }
    }
}
