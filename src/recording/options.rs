//! What the user may say about a recording.

/// How to read a CSV recording. Everything may be left to the header.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CsvOptions {
    /// Name of the time column. Default: the one called `t`, `time` or `timestamp` with `_s`,
    /// `_ms` or `_us`.
    pub time_column: Option<String>,
    /// Names of the x, y, z columns. Default: `ax`, `a_x`, `acc_x`, `accel_x`, `acceleration_x` or
    /// `x` with a unit suffix, and so on. If any is given, only those given are read.
    pub axis_columns: [Option<String>; 3],
    /// Unit of columns whose name has no suffix: `lsb`, `g`, `mg` or `m_s2`.
    pub unit: Option<String>,
    /// Acceleration per count for `_lsb` columns, g. Default: IIS3DWB at +-2 g, with a note.
    pub scale_g_per_lsb: Option<f64>,
    /// Nominal sample rate, Hz: what the device is told. Default: the measured rate.
    pub rate_hz: Option<f64>,
}

/// How to read a WAV recording.
#[derive(Debug, Clone, PartialEq)]
pub struct WavOptions {
    /// Acceleration at digital full scale (1.0 in a float file), m/s2.
    pub full_scale_m_s2: f64,
    /// Channel (from 0) of x, y, z. Default: one channel is z, three are x, y, z.
    pub channels: Option<[Option<u16>; 3]>,
}
