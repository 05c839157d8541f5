//! CSV recordings.

use super::error::{RecordingError, RecordingErrorKind as Kind};
use super::numbers::{
    ACCELERATION_LIMIT_M_S2, COUNT_LIMIT, FILE_LIMIT, RATE_LIMITS_HZ, UNIT_SUFFIXES, Unit, axis_of,
    split_unit, time_unit,
};
use super::options::CsvOptions;
use super::replay::{RawCounts, Recording};
use super::timing::Timing;
use crate::sensor::G_M_S2;
use std::io::Read;
use std::path::Path;

/// IIS3DWB at +-2 g, also what the widely used ASM330LHH family delivers there, g per count.
const DEFAULT_SCALE_G_PER_LSB: f64 = 0.061e-3;

/// Read a CSV recording: a header, then one sample per line; comma, semicolon or tab between
/// fields, `.` as decimal sign, lines beginning with `#` are comments.
///
/// # Errors
/// [`RecordingError`] with file, line and column for anything that is not sound.
pub fn read_csv(path: &Path, options: &CsvOptions) -> Result<Recording, RecordingError> {
    let file = path.display().to_string();
    let bytes = read_limited(path).map_err(|kind| RecordingError::new(&file, kind))?;
    read_csv_bytes(&file, &bytes, options)
}

/// As [`read_csv`], from memory; `file` is only quoted in errors.
pub fn read_csv_bytes(
    file: &str,
    bytes: &[u8],
    options: &CsvOptions,
) -> Result<Recording, RecordingError> {
    parse(file, bytes, options).map_err(|kind| RecordingError::new(file, kind))
}

pub(crate) fn read_limited(path: &Path) -> Result<Vec<u8>, Kind> {
    let file = std::fs::File::open(path).map_err(Kind::Io)?;
    let size = file.metadata().map_err(Kind::Io)?.len();
    let too_large = |bytes| Kind::TooLarge {
        bytes,
        limit: FILE_LIMIT,
    };
    if size > FILE_LIMIT {
        return Err(too_large(size));
    }
    let mut bytes = Vec::new();
    // A pipe or device has no size: limit what is really read.
    file.take(FILE_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(Kind::Io)?;
    if bytes.len() as u64 > FILE_LIMIT {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}

/// Which column means what.
struct Columns {
    names: Vec<String>,
    /// Column and seconds per unit.
    time: Option<(usize, f64)>,
    /// Column and unit of x, y, z.
    axes: [Option<(usize, Unit)>; 3],
}

fn parse(file: &str, bytes: &[u8], options: &CsvOptions) -> Result<Recording, Kind> {
    check_options(options)?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(bytes))
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(bytes);
    let header = reader.byte_headers().map_err(Kind::Csv)?.clone();
    let names: Vec<String> = header
        .iter()
        .map(|name| {
            let text = String::from_utf8_lossy(name);
            text.trim_start_matches('\u{feff}').trim().to_owned()
        })
        .collect();
    let columns = Columns::find(names, options)?;
    let scale_g = options.scale_g_per_lsb.unwrap_or(DEFAULT_SCALE_G_PER_LSB);
    let mut table = Table::default();
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(Kind::Csv)? {
        let line = record.position().map_or(0, csv::Position::line);
        table.push(&columns, &record, line, scale_g)?;
    }
    table.finish(file, &columns, options, scale_g)
}

fn check_options(options: &CsvOptions) -> Result<(), Kind> {
    let checks = [
        (
            "the scale in g per count",
            options.scale_g_per_lsb,
            1e-9,
            10.0,
            "between 1e-9 and 10",
        ),
        (
            "the sample rate",
            options.rate_hz,
            RATE_LIMITS_HZ[0],
            RATE_LIMITS_HZ[1],
            "between 1 Hz and 1 MHz",
        ),
    ];
    for (what, value, low, high, expected) in checks {
        if let Some(value) = value.filter(|v| !(low..=high).contains(v)) {
            return Err(Kind::OutOfRange {
                what,
                value,
                expected,
            });
        }
    }
    Ok(())
}

/// The separator that the header line holds most often.
fn delimiter(bytes: &[u8]) -> u8 {
    let is_header = |line: &&[u8]| !line.starts_with(b"#") && !line.trim_ascii().is_empty();
    let header = bytes.split(|b| *b == b'\n').find(is_header).unwrap_or(b"");
    let count = |separator: u8| header.split(|b| *b == separator).count();
    // The last of equals wins in max_by_key: the comma.
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|s| count(*s))
        .unwrap_or(b',')
}

impl Columns {
    fn find(names: Vec<String>, options: &CsvOptions) -> Result<Self, Kind> {
        let lower: Vec<String> = names.iter().map(|n| n.to_lowercase()).collect();
        let time = match &options.time_column {
            Some(wanted) => {
                let column = named(&names, wanted)?;
                let factor = time_unit(&lower[column]).or_else(|| suffix_seconds(&lower[column]));
                Some((
                    column,
                    factor.ok_or_else(|| no_unit(&names[column], "_s, _ms or _us"))?,
                ))
            }
            None => single(&names, "the time", |c| time_unit(&lower[c]))?,
        };
        let default_unit = match &options.unit {
            None => None,
            Some(text) => {
                let unit = Unit::named(&text.to_lowercase());
                Some(unit.ok_or_else(|| no_unit(text, UNIT_SUFFIXES))?)
            }
        };
        let mut axes = [None; 3];
        let explicit = options.axis_columns.iter().any(Option::is_some);
        for (axis, role) in ["x", "y", "z"].into_iter().enumerate() {
            let found = match &options.axis_columns[axis] {
                Some(wanted) => {
                    let column = named(&names, wanted)?;
                    Some((column, split_unit(&lower[column]).1))
                }
                None if explicit => None,
                None => single(&names, role, |c| {
                    let (base, unit) = split_unit(&lower[c]);
                    (axis_of(base) == Some(axis)).then_some(unit)
                })?,
            };
            if let Some((column, unit)) = found {
                let unit = unit.or(default_unit);
                let unit = unit.ok_or_else(|| no_unit(&names[column], UNIT_SUFFIXES))?;
                axes[axis] = Some((column, unit));
            }
        }
        if axes.iter().all(Option::is_none) {
            return Err(Kind::NoAxis {
                columns: list(&names),
            });
        }
        if time.is_none() && options.rate_hz.is_none() {
            return Err(Kind::NoRate);
        }
        Ok(Self { names, time, axes })
    }

    /// The finite number in `column`.
    fn number(&self, record: &csv::ByteRecord, line: u64, column: usize) -> Result<f64, Kind> {
        let field = record.get(column).unwrap_or(b"");
        let value = std::str::from_utf8(field)
            .ok()
            .and_then(|text| text.parse::<f64>().ok());
        value
            .filter(|v| v.is_finite())
            .ok_or_else(|| Kind::NotANumber {
                line,
                column: column + 1,
                name: self.names[column].clone(),
                text: String::from_utf8_lossy(field).chars().take(40).collect(),
            })
    }
}

/// Seconds per unit for a column that the user chose by name.
fn suffix_seconds(name: &str) -> Option<f64> {
    [("_us", 1e-6), ("_ms", 1e-3), ("_s", 1.0)]
        .iter()
        .find(|(suffix, _)| name.ends_with(suffix))
        .map(|(_, factor)| *factor)
}

fn no_unit(name: &str, expected: &'static str) -> Kind {
    Kind::NoUnit {
        name: name.chars().take(60).collect(),
        expected,
    }
}

fn list(names: &[String]) -> String {
    names.join(", ").chars().take(200).collect()
}

fn named(names: &[String], wanted: &str) -> Result<usize, Kind> {
    names
        .iter()
        .position(|n| n == wanted)
        .ok_or_else(|| Kind::NoColumn {
            name: wanted.to_owned(),
            columns: list(names),
        })
}

/// The one column for which `fits` answers.
fn single<T>(
    names: &[String],
    role: &'static str,
    fits: impl Fn(usize) -> Option<T>,
) -> Result<Option<(usize, T)>, Kind> {
    let mut found = (0..names.len()).filter_map(|c| fits(c).map(|v| (c, v)));
    let first = found.next();
    if let (Some((a, _)), Some((b, _))) = (&first, found.next()) {
        let (first, second) = (names[*a].clone(), names[b].clone());
        return Err(Kind::Ambiguous {
            role,
            first,
            second,
        });
    }
    Ok(first)
}

/// The rows read so far.
#[derive(Default)]
struct Table {
    axes: [Vec<f64>; 3],
    counts: Vec<[i32; 3]>,
    times: Vec<f64>,
}

impl Table {
    fn push(
        &mut self,
        columns: &Columns,
        record: &csv::ByteRecord,
        line: u64,
        scale_g: f64,
    ) -> Result<(), Kind> {
        let expected = columns.names.len();
        if record.len() != expected {
            return Err(Kind::Ragged {
                line,
                fields: record.len(),
                expected,
            });
        }
        if let Some((column, factor)) = columns.time {
            let now_s = columns.number(record, line, column)? * factor;
            if let Some(before_s) = self.times.last().copied().filter(|before| now_s < *before) {
                return Err(Kind::TimeRunsBack {
                    line,
                    before_s,
                    now_s,
                });
            }
            self.times.push(now_s);
        }
        let mut counts = [0; 3];
        for (axis, choice) in columns.axes.iter().enumerate() {
            let Some((column, unit)) = *choice else {
                self.axes[axis].push(0.0);
                continue;
            };
            let value = columns.number(record, line, column)?;
            let name = || columns.names[column].clone();
            let too_large = |limit| Kind::TooLargeValue {
                line,
                column: column + 1,
                name: name(),
                value,
                limit,
            };
            if unit == Unit::Counts {
                if value.abs() > COUNT_LIMIT {
                    return Err(too_large("24 bits"));
                }
                if value.fract() != 0.0 {
                    return Err(Kind::NotWhole {
                        line,
                        column: column + 1,
                        name: name(),
                        value,
                    });
                }
                counts[axis] = value as i32;
            }
            let acceleration = value * unit.factor(scale_g);
            if acceleration.abs() > ACCELERATION_LIMIT_M_S2 {
                return Err(too_large("100 000 g"));
            }
            self.axes[axis].push(acceleration);
        }
        self.counts.push(counts);
        Ok(())
    }

    fn finish(
        self,
        file: &str,
        columns: &Columns,
        options: &CsvOptions,
        scale_g: f64,
    ) -> Result<Recording, Kind> {
        let samples = self.counts.len();
        if samples < 2 {
            return Err(Kind::TooShort { samples, needed: 2 });
        }
        let timing = match columns.time {
            Some(_) => Some(Timing::of(&self.times)?),
            None => None,
        };
        let measured = timing.as_ref().map(|t| t.rate_hz);
        let rate_hz = measured.or(options.rate_hz).ok_or(Kind::NoRate)?;
        if !(RATE_LIMITS_HZ[0]..=RATE_LIMITS_HZ[1]).contains(&rate_hz) {
            return Err(Kind::OutOfRange {
                what: "the sample rate by its time column",
                value: rate_hz,
                expected: "between 1 Hz and 1 MHz: wrong unit of time?",
            });
        }
        let all_counts = columns
            .axes
            .iter()
            .flatten()
            .all(|(_, unit)| *unit == Unit::Counts);
        let any_counts = columns
            .axes
            .iter()
            .flatten()
            .any(|(_, unit)| *unit == Unit::Counts);
        let wide = self
            .counts
            .iter()
            .flatten()
            .any(|c| i16::try_from(*c).is_err());
        Ok(Recording {
            file: file.to_owned(),
            present: columns.axes.map(|a| a.is_some()),
            notes: notes(columns, options, any_counts, timing.as_ref()),
            raw: all_counts.then_some(RawCounts {
                counts: self.counts,
                scale_m_s2_per_lsb: scale_g * G_M_S2,
                bits: if wide { 24 } else { 16 },
            }),
            times_s: columns.time.map(|_| self.times),
            timing,
            axes_m_s2: self.axes,
            rate_hz,
            nominal_rate_hz: options.rate_hz.unwrap_or(rate_hz),
        })
    }
}

fn notes(
    columns: &Columns,
    options: &CsvOptions,
    counts: bool,
    timing: Option<&Timing>,
) -> Vec<String> {
    let mut notes = Vec::new();
    if counts && options.scale_g_per_lsb.is_none() {
        notes.push(
            "counts are taken as 0.061 mg each (IIS3DWB at +-2 g); state the scale if that is wrong"
                .to_owned(),
        );
    }
    let used = |c: usize| {
        columns.axes.iter().flatten().any(|(axis, _)| *axis == c)
            || columns.time.is_some_and(|(time, _)| time == c)
    };
    let unused: Vec<&str> = (0..columns.names.len())
        .filter(|c| !used(*c))
        .map(|c| columns.names[c].as_str())
        .collect();
    if !unused.is_empty() {
        notes.push(format!("columns not used: {}", unused.join(", ")));
    }
    for (axis, letter) in columns.axes.iter().zip(["x", "y", "z"]) {
        if axis.is_none() {
            notes.push(format!("no {letter} axis: it reads zero"));
        }
    }
    if let Some(timing) = timing {
        let missing: u64 = timing.gaps.iter().map(|g| g.missing).sum();
        if missing > 0 {
            let gaps = timing.gaps.len();
            notes.push(format!(
                "{missing} samples are missing in {gaps} gaps of the time stamps"
            ));
        }
        if timing.duplicate_stamps > 0 {
            notes.push(format!(
                "{} time stamps repeat the one before",
                timing.duplicate_stamps
            ));
        }
        if timing.short_intervals > 0 {
            notes.push(format!(
                "intervals under half a period: {}",
                timing.short_intervals
            ));
        }
    }
    notes
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
