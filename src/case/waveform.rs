//! Waveforms of a passage as Parquet, CSV or WAV.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, Repetition, Type as PhysicalType, ZstdLevel};
use parquet::data_type::DoubleType;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use thiserror::Error;

/// Acceleration at digital full scale (1.0) of a WAV file, m/s2: above any impact on a bearer.
pub const WAV_FULL_SCALE_M_S2: f64 = 1000.0;

/// One quantity over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name, with its unit as last part.
    pub name: String,
    /// One value per step.
    pub values: Vec<f64>,
}

/// Quantities over time, all of one length; the time comes first.
#[derive(Debug, Clone, PartialEq)]
pub struct Waveform {
    /// Time between two values, s.
    pub step_s: f64,
    /// The columns.
    pub columns: Vec<Column>,
    /// Those that are accelerations in m/s2: the channels of a WAV file.
    pub acceleration: Vec<usize>,
}

/// Form of a waveform file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaveformFormat {
    /// Apache Parquet, compressed with zstd.
    Parquet,
    /// Comma-separated values with a header.
    Csv,
    /// 32-bit float WAV of the accelerations; 1.0 is [`WAV_FULL_SCALE_M_S2`].
    Wav,
}

impl WaveformFormat {
    /// By the extension of a file name.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "parquet" => Some(Self::Parquet),
            "csv" => Some(Self::Csv),
            "wav" => Some(Self::Wav),
            _ => None,
        }
    }
}

/// Why a waveform could not be written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WaveformError {
    /// The file or its directory.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The CSV writer.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// The Parquet writer.
    #[error("{0}")]
    Parquet(#[from] ParquetError),
    /// The WAV writer.
    #[error("{0}")]
    Wav(#[from] hound::Error),
    /// WAV headers hold whole sample rates only.
    #[error("a WAV file cannot state a sample rate of {rate_hz} Hz: it has to be a whole number")]
    Rate {
        /// The rate, Hz.
        rate_hz: f64,
    },
    /// A value that is no number: a defect of the model, never written.
    #[error("{column} is not finite at {time_s} s")]
    NotFinite {
        /// Name of the column.
        column: String,
        /// Its time, s.
        time_s: f64,
    },
}

impl Waveform {
    /// Writes a file of the form that its extension says. The file appears complete or not at all.
    pub fn write(&self, path: &Path, format: WaveformFormat) -> Result<(), WaveformError> {
        self.check()?;
        let directory = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let partial = directory.join(format!(".{name}.{}.part", std::process::id()));
        let written = std::fs::File::create(&partial)
            .map_err(WaveformError::from)
            .and_then(|file| match format {
                WaveformFormat::Parquet => self.parquet(file),
                WaveformFormat::Csv => self.csv(file),
                WaveformFormat::Wav => self.wav(file),
            })
            .and_then(|()| Ok(std::fs::rename(&partial, path)?));
        if written.is_err() {
            // What is left is of no use; the first error is the one to show.
            let _ = std::fs::remove_file(&partial);
        }
        written
    }

    fn check(&self) -> Result<(), WaveformError> {
        for column in &self.columns {
            if let Some(index) = column.values.iter().position(|v| !v.is_finite()) {
                return Err(WaveformError::NotFinite {
                    column: column.name.clone(),
                    time_s: index as f64 * self.step_s,
                });
            }
        }
        Ok(())
    }

    fn csv(&self, file: std::fs::File) -> Result<(), WaveformError> {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(self.columns.iter().map(|column| &column.name))?;
        let rows = self.columns.first().map_or(0, |time| time.values.len());
        for row in 0..rows {
            // The shortest text that reads back as the same number.
            writer.write_record(
                self.columns
                    .iter()
                    .map(|column| format!("{:?}", column.values[row])),
            )?;
        }
        writer.flush()?;
        Ok(())
    }

    fn parquet(&self, file: std::fs::File) -> Result<(), WaveformError> {
        let fields = self.columns.iter().map(|column| {
            Type::primitive_type_builder(&column.name, PhysicalType::DOUBLE)
                .with_repetition(Repetition::REQUIRED)
                .build()
                .map(Arc::new)
        });
        let schema = Type::group_type_builder("waveform")
            .with_fields(fields.collect::<Result<Vec<_>, _>>()?)
            .build()?;
        let notes = vec![
            KeyValue::new(
                "creator".to_owned(),
                concat!("frogbench ", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
            KeyValue::new("step_s".to_owned(), format!("{:?}", self.step_s)),
        ];
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_dictionary_enabled(false)
            .set_key_value_metadata(Some(notes))
            .build();
        let mut writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?;
        let mut group = writer.next_row_group()?;
        for column in &self.columns {
            let Some(mut target) = group.next_column()? else {
                break;
            };
            target
                .typed::<DoubleType>()
                .write_batch(&column.values, None, None)?;
            target.close()?;
        }
        group.close()?;
        writer.close()?;
        Ok(())
    }

    fn wav(&self, file: std::fs::File) -> Result<(), WaveformError> {
        let rate_hz = 1.0 / self.step_s;
        let whole = rate_hz.round();
        if (rate_hz - whole).abs() > 1e-6 * whole || whole < 1.0 {
            return Err(WaveformError::Rate { rate_hz });
        }
        let spec = hound::WavSpec {
            channels: self.acceleration.len() as u16,
            sample_rate: whole as u32,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let channels: Vec<&[f64]> = self
            .acceleration
            .iter()
            .filter_map(|&index| self.columns.get(index))
            .map(|column| column.values.as_slice())
            .collect();
        let mut buffer = std::io::BufWriter::new(file);
        let mut writer = hound::WavWriter::new(&mut buffer, spec)?;
        for row in 0..channels.first().map_or(0, |first| first.len()) {
            for channel in &channels {
                writer.write_sample((channel[row] / WAV_FULL_SCALE_M_S2) as f32)?;
            }
        }
        writer.finalize()?;
        buffer.flush()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{CsvOptions, WavOptions, read_csv, read_wav};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    fn waveform() -> Waveform {
        let column = |name: &str, f: fn(f64) -> f64| Column {
            name: name.to_owned(),
            values: (0..2000).map(|i| f(f64::from(i) * 5e-5)).collect(),
        };
        Waveform {
            step_s: 5e-5,
            columns: vec![
                column("time_s", |t| t),
                column("a_z_m_s2", |t| 100.0 * libm::sin(600.0 * t)),
            ],
            acceleration: vec![1],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let written = waveform();
        for name in ["w.parquet", "w.csv", "w.wav"] {
            let format = WaveformFormat::of(&path(name)).unwrap();
            written.write(&path(name), format).unwrap();
        }
        let expected = &written.columns[1].values;
        let csv = read_csv(&path("w.csv"), &CsvOptions::default()).unwrap();
        assert_eq!(&csv.axes_m_s2[2], expected);
        assert!((csv.rate_hz - 20_000.0).abs() < 1e-3);
        let wav = read_wav(
            &path("w.wav"),
            &WavOptions {
                full_scale_m_s2: WAV_FULL_SCALE_M_S2,
                channels: None,
            },
        )
        .unwrap();
        for (a, b) in wav.axes_m_s2[2].iter().zip(expected) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
        let file = std::fs::File::open(path("w.parquet")).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let values: Vec<f64> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().get_double(1).unwrap())
            .collect();
        assert_eq!(&values, expected);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 3);
    }

    #[test]
    fn nothing_that_is_not_finite_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("w.csv");
        let mut broken = waveform();
        broken.columns[1].values[7] = f64::NAN;
        let error = broken.write(&path, WaveformFormat::Csv).unwrap_err();
        assert!(error.to_string().contains("a_z_m_s2"), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn rates_that_a_wav_header_cannot_hold_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("w.wav");
        let odd = Waveform {
            step_s: 7e-5,
            ..waveform()
        };
        let error = odd.write(&path, WaveformFormat::Wav).unwrap_err();
        assert!(matches!(error, WaveformError::Rate { .. }), "{error}");
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
