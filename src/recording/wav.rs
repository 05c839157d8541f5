//! WAV recordings.

use super::error::{RecordingError, RecordingErrorKind as Kind};
use super::numbers::{ACCELERATION_LIMIT_M_S2, RATE_LIMITS_HZ};
use super::options::WavOptions;
use super::replay::Recording;
use super::table::read_limited;
use std::io::Cursor;
use std::path::Path;

/// Read a WAV recording: integer samples of up to 32 bits or 32-bit floats, rate from the header.
///
/// # Errors
/// [`RecordingError`] for a broken file, unclear channels, or samples that are not finite.
pub fn read_wav(path: &Path, options: &WavOptions) -> Result<Recording, RecordingError> {
    let file = path.display().to_string();
    let bytes = read_limited(path).map_err(|kind| RecordingError::new(&file, kind))?;
    read_wav_bytes(&file, &bytes, options)
}

/// As [`read_wav`], from memory; `file` is only quoted in errors.
pub fn read_wav_bytes(
    file: &str,
    bytes: &[u8],
    options: &WavOptions,
) -> Result<Recording, RecordingError> {
    parse(file, bytes, options).map_err(|kind| RecordingError::new(file, kind))
}

fn parse(file: &str, bytes: &[u8], options: &WavOptions) -> Result<Recording, Kind> {
    let full_scale = options.full_scale_m_s2;
    if !(full_scale > 0.0 && full_scale <= ACCELERATION_LIMIT_M_S2) {
        return Err(Kind::OutOfRange {
            what: "the full scale in m/s2",
            value: full_scale,
            expected: "above 0 and at most 1e6",
        });
    }
    let mut reader = hound::WavReader::new(Cursor::new(bytes)).map_err(Kind::Wav)?;
    let spec = reader.spec();
    let rate_hz = f64::from(spec.sample_rate);
    if !(RATE_LIMITS_HZ[0]..=RATE_LIMITS_HZ[1]).contains(&rate_hz) {
        return Err(Kind::OutOfRange {
            what: "the sample rate",
            value: rate_hz,
            expected: "between 1 Hz and 1 MHz",
        });
    }
    let channels = assign(spec.channels, options.channels)?;
    let values: Vec<f64> = match spec.sample_format {
        hound::SampleFormat::Float => {
            let values: Result<Vec<f32>, _> = reader.samples::<f32>().collect();
            values
                .map_err(Kind::Wav)?
                .into_iter()
                .map(f64::from)
                .collect()
        }
        hound::SampleFormat::Int => {
            if !(1..=32).contains(&spec.bits_per_sample) {
                return Err(Kind::Wav(hound::Error::Unsupported));
            }
            let unit = 1.0 / libm::pow(2.0, f64::from(spec.bits_per_sample) - 1.0);
            let values: Result<Vec<i32>, _> = reader.samples::<i32>().collect();
            values
                .map_err(Kind::Wav)?
                .into_iter()
                .map(|v| f64::from(v) * unit)
                .collect()
        }
    };
    let width = usize::from(spec.channels);
    let samples = values.len() / width;
    if samples < 2 {
        return Err(Kind::TooShort { samples, needed: 2 });
    }
    let mut axes = [const { Vec::new() }; 3];
    for (axis, channel) in axes.iter_mut().zip(channels) {
        let Some(channel) = channel else {
            *axis = vec![0.0; samples];
            continue;
        };
        let picked = values
            .iter()
            .skip(usize::from(channel))
            .step_by(width)
            .take(samples);
        *axis = picked.map(|v| v * full_scale).collect();
        let limit = ACCELERATION_LIMIT_M_S2;
        // A float file may exceed full scale; beyond the limit it is as useless as NaN.
        if let Some(sample) = axis.iter().position(|a| !a.is_finite() || a.abs() > limit) {
            return Err(Kind::WavNotFinite { sample, channel });
        }
    }
    Ok(Recording {
        file: file.to_owned(),
        axes_m_s2: axes,
        present: channels.map(|c| c.is_some()),
        times_s: None,
        timing: None,
        rate_hz,
        nominal_rate_hz: rate_hz,
        raw: None,
        notes: vec![format!(
            "{} channels of {} bits at {} Hz; full scale is taken as {full_scale} m/s2",
            spec.channels, spec.bits_per_sample, spec.sample_rate
        )],
    })
}

/// Channel of x, y, z.
fn assign(channels: u16, wanted: Option<[Option<u16>; 3]>) -> Result<[Option<u16>; 3], Kind> {
    let chosen = match (wanted, channels) {
        (Some(chosen), _) => chosen,
        (None, 1) => [None, None, Some(0)],
        (None, 3) => [Some(0), Some(1), Some(2)],
        (None, _) => return Err(Kind::Channels { channels }),
    };
    let sound =
        chosen.iter().flatten().all(|c| *c < channels) && chosen.iter().any(Option::is_some);
    if sound {
        Ok(chosen)
    } else {
        Err(Kind::Channels { channels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPTIONS: WavOptions = WavOptions {
        full_scale_m_s2: 160.0,
        channels: None,
    };

    fn file(channels: u16, bits: u16, float: bool, values: &[f64]) -> Vec<u8> {
        let sample_format = if float {
            hound::SampleFormat::Float
        } else {
            hound::SampleFormat::Int
        };
        let spec = hound::WavSpec {
            channels,
            sample_rate: 4000,
            bits_per_sample: bits,
            sample_format,
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).unwrap();
        for value in values {
            if float {
                writer.write_sample(*value as f32).unwrap();
            } else {
                let full = libm::pow(2.0, f64::from(bits) - 1.0);
                writer.write_sample((value * full) as i32).unwrap();
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn integers_and_floats_of_one_or_three_channels_are_read_to_scale() {
        for (bits, float) in [(16, false), (24, false), (32, true)] {
            let mono = file(1, bits, float, &[0.0, 0.5, -0.25]);
            let recording = read_wav_bytes("m.wav", &mono, &OPTIONS).unwrap();
            assert_eq!(recording.present, [false, false, true]);
            assert!((recording.axes_m_s2[2][1] - 80.0).abs() < 0.01);
            assert!((recording.axes_m_s2[2][2] + 40.0).abs() < 0.01);
            assert_eq!(recording.axes_m_s2[0], [0.0; 3]);
            let values = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];
            let three = file(3, bits, float, &values);
            let recording = read_wav_bytes("t.wav", &three, &OPTIONS).unwrap();
            assert!((recording.axes_m_s2[1][1] - 80.0).abs() < 0.01);
            assert!((recording.rate_hz - 4000.0).abs() < 1e-9);
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let text = |bytes: &[u8], options: &WavOptions| {
            read_wav_bytes("r.wav", bytes, options)
                .unwrap_err()
                .to_string()
        };
        let two = file(2, 16, false, &[0.0; 8]);
        assert!(text(&two, &OPTIONS).contains("r.wav: has 2 channels"));
        let chosen = WavOptions {
            channels: Some([None, None, Some(1)]),
            ..OPTIONS
        };
        assert!(read_wav_bytes("r.wav", &two, &chosen).is_ok());
        let nan = file(1, 32, true, &[0.0, f64::NAN, 0.0]);
        assert!(text(&nan, &OPTIONS).contains("sample 1 of channel 0"));
        let zero = WavOptions {
            full_scale_m_s2: 0.0,
            channels: None,
        };
        assert!(text(&two, &zero).contains("full scale"));
        assert!(text(&file(1, 16, false, &[0.0]), &OPTIONS).contains("1 samples"));
        let whole = file(1, 16, false, &[0.5; 100]);
        assert!(text(&whole[..whole.len() - 61], &OPTIONS).contains("WAV"));
        assert!(read_wav(Path::new("/nowhere/x.wav"), &OPTIONS).is_err());
    }

    proptest! {
        #[test]
        fn damaged_files_never_panic(
            at in 0_usize..64, byte: u8, cut in 0_usize..200, noise: Vec<u8>,
        ) {
            let mut bytes = file(3, 16, false, &[0.25; 60]);
            bytes[at % 44] = byte;
            bytes.truncate(cut);
            let _ = read_wav_bytes("r.wav", &bytes, &OPTIONS);
            let _ = read_wav_bytes("r.wav", &noise, &OPTIONS);
        }
    }
}
