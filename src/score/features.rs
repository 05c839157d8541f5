//! Features of one passage, true or reported, in the same definition.

use serde::{Deserialize, Serialize};

use super::row::{number, optional};

/// Names of the axes, in the order of every array of three.
pub const AXES: [&str; 3] = ["x", "y", "z"];
/// Index of the vertical axis.
pub const VERTICAL: usize = 2;
/// Names of the bands in Hz, in the order of every array of six.
pub const BANDS: [&str; 6] = [
    "5-20 Hz",
    "20-60 Hz",
    "60-150 Hz",
    "150-350 Hz",
    "350-700 Hz",
    "700-1500 Hz",
];

/// Features of one passage; arrays of three are the sensor's x, y, z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Features {
    /// Largest absolute acceleration without its mean, m/s^2.
    pub peak_m_s2: [f64; 3],
    /// RMS of the acceleration without its mean, m/s^2.
    pub rms_m_s2: [f64; 3],
    /// Peak over RMS.
    pub crest: [f64; 3],
    /// Kurtosis, 3 for a normal distribution.
    pub kurtosis: [f64; 3],
    /// RMS of the vertical acceleration in each of [`BANDS`], m/s^2; `None` where the band was not
    /// measured.
    pub band_rms_m_s2: [Option<f64>; 6],
    /// Peak-to-peak vertical displacement in the quasi-static band, m: see [`super::displacement`].
    pub displacement_pp_m: Option<f64>,
}

impl Features {
    /// Column names of [`Features::cells`].
    pub(crate) const COLUMNS: [&'static str; 19] = [
        "peak_x_m_s2",
        "peak_y_m_s2",
        "peak_z_m_s2",
        "rms_x_m_s2",
        "rms_y_m_s2",
        "rms_z_m_s2",
        "crest_x",
        "crest_y",
        "crest_z",
        "kurtosis_x",
        "kurtosis_y",
        "kurtosis_z",
        "band_5_20_hz_rms_m_s2",
        "band_20_60_hz_rms_m_s2",
        "band_60_150_hz_rms_m_s2",
        "band_150_350_hz_rms_m_s2",
        "band_350_700_hz_rms_m_s2",
        "band_700_1500_hz_rms_m_s2",
        "displacement_pp_m",
    ];

    pub(crate) fn cells(&self) -> Vec<String> {
        let per_axis = [self.peak_m_s2, self.rms_m_s2, self.crest, self.kurtosis];
        let mut cells: Vec<String> = per_axis.iter().flatten().map(|v| number(*v)).collect();
        cells.extend(self.band_rms_m_s2.iter().map(|v| optional(*v)));
        cells.push(optional(self.displacement_pp_m));
        cells
    }

    /// The name of the first feature that is not a finite number.
    pub(crate) fn not_finite(&self) -> Option<&'static str> {
        let per_axis = [self.peak_m_s2, self.rms_m_s2, self.crest, self.kurtosis];
        let values = per_axis.iter().flatten().copied().map(Some);
        values
            .chain(self.band_rms_m_s2)
            .chain([self.displacement_pp_m])
            .zip(Self::COLUMNS)
            .find_map(|(value, name)| value.is_some_and(|v| !v.is_finite()).then_some(name))
    }
}
