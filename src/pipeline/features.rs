//! Health features of one passage.

use super::robust::median;
use super::uplink::{BAND_EDGES_HZ, PassageReport};

/// A health feature. Larger means worse for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Median over axles of the peak vertical acceleration, m/s2.
    AxlePeak,
    /// RMS between the frequencies v/1.0 m and v/0.2 m, m/s2: the condition indicator of Milosevic
    /// et al., Sensors 2022, 22(3), 1012, put together from the device's bands.
    DynamicIndicator,
    /// RMS 60-150 Hz, m/s2.
    BandLow,
    /// RMS 150-350 Hz, m/s2.
    BandMid,
    /// RMS 350-700 Hz, m/s2.
    BandHigh,
    /// Kurtosis around an axle, median over axles, 1.
    ImpactKurtosis,
    /// Peak-to-peak displacement, m.
    Displacement,
    /// RMS from 5 Hz to v/1.0 m, m/s2: the quasi-static response, where the support shows.
    QuasiStatic,
}

/// All features, in the order of [`FeatureValues`].
pub const FEATURES: [Feature; 8] = [
    Feature::AxlePeak,
    Feature::DynamicIndicator,
    Feature::BandLow,
    Feature::BandMid,
    Feature::BandHigh,
    Feature::ImpactKurtosis,
    Feature::Displacement,
    Feature::QuasiStatic,
];

/// What a feature tells about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeatureGroup {
    /// The impact of a wheel on the crossing.
    Impact,
    /// The bearer's support.
    Support,
}

/// What an alarm suggests. A hint by rule, not a classifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// Impacts rose, the bearer moves as before.
    CrossingGeometry,
    /// The bearer moves more than it did. (A hanging bearer hammers the ballast, so impacts may rise
    /// with it.)
    HangingBearer,
}

impl Diagnosis {
    /// Label, as used in scenarios.
    pub fn label(self) -> &'static str {
        match self {
            Self::CrossingGeometry => "crossing-geometry",
            Self::HangingBearer => "hanging-bearer",
        }
    }
}

impl FeatureGroup {
    /// Every group.
    pub const ALL: [Self; 2] = [Self::Impact, Self::Support];

    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Impact => "impact",
            Self::Support => "support",
        }
    }
}

impl Feature {
    /// The group that it belongs to.
    pub fn group(self) -> FeatureGroup {
        match self {
            Self::Displacement | Self::QuasiStatic => FeatureGroup::Support,
            _ => FeatureGroup::Impact,
        }
    }

    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::AxlePeak => "axle-peak",
            Self::DynamicIndicator => "dynamic-indicator",
            Self::BandLow => "band-60-150-hz",
            Self::BandMid => "band-150-350-hz",
            Self::BandHigh => "band-350-700-hz",
            Self::ImpactKurtosis => "impact-kurtosis",
            Self::Displacement => "displacement",
            Self::QuasiStatic => "quasi-static",
        }
    }

    /// What is believed of the exponent of speed before any train: mean and standard deviation.
    /// An impact's acceleration grows with the vertical speed of the wheel, kink angle times v
    /// (Jenkins); the quasi-static displacement hardly depends on v, so its acceleration goes with
    /// the square of frequency.
    pub(crate) fn speed_exponent_prior(self) -> (f64, f64) {
        match self {
            Self::ImpactKurtosis => (0.0, 0.5),
            Self::Displacement => (0.0, 0.3),
            Self::QuasiStatic => (1.5, 0.7),
            _ => (1.0, 0.6),
        }
    }
}

/// Natural logarithms of the features of a passage; `None` where a feature was not measured or is
/// not positive. Always finite.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct FeatureValues([Option<f64>; FEATURES.len()]);

impl FeatureValues {
    /// The natural logarithm of a feature (of its SI value).
    pub fn log(&self, feature: Feature) -> Option<f64> {
        self.0[feature as usize]
    }

    /// The feature in its SI unit.
    pub fn value(&self, feature: Feature) -> Option<f64> {
        self.log(feature).map(libm::exp)
    }

    /// Sets a feature from its SI value.
    pub(crate) fn set(&mut self, feature: Feature, value: Option<f64>) {
        self.0[feature as usize] = value.filter(|v| v.is_finite() && *v > 0.0).map(libm::log);
    }

    /// The features of a passage at a speed, m/s; those tied to a wavelength need the speed.
    pub fn of(report: &PassageReport, speed_m_s: Option<f64>) -> Self {
        let mut values = Self::default();
        let peaks: Vec<f64> = report
            .axles
            .iter()
            .map(|a| a.peak_m_s2)
            .filter(|p| p.is_finite())
            .collect();
        let bands = &report.band_rms_m_s2;
        values.set(Feature::AxlePeak, median(&peaks));
        values.set(Feature::BandLow, bands[2]);
        values.set(Feature::BandMid, bands[3]);
        values.set(Feature::BandHigh, bands[4]);
        values.set(Feature::ImpactKurtosis, Some(report.impact_kurtosis));
        values.set(Feature::Displacement, Some(report.displacement_pp_m));
        if let Some(v) = speed_m_s.filter(|v| v.is_finite() && *v > 0.0) {
            values.set(Feature::DynamicIndicator, rms_between(bands, v, v / 0.2));
            values.set(
                Feature::QuasiStatic,
                rms_between(bands, BAND_EDGES_HZ[0], v),
            );
        }
        values
    }
}

/// RMS between two frequencies, Hz, from band RMS values, the power within a band taken as evenly
/// spread over the band's **logarithmic** width (a spectrum that falls with 1/f); `None` if a band in
/// between was not measured.
fn rms_between(bands: &[Option<f64>; 6], from_hz: f64, to_hz: f64) -> Option<f64> {
    let mut power = 0.0;
    for (edges, band) in BAND_EDGES_HZ.windows(2).zip(bands) {
        let (low, high) = (edges[0].max(from_hz), edges[1].min(to_hz));
        if low < high {
            let share = libm::log(high / low) / libm::log(edges[1] / edges[0]);
            let rms = (*band)?;
            power += share * rms * rms;
        }
    }
    Some(libm::sqrt(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_features_is_their_index() {
        for (index, feature) in FEATURES.iter().enumerate() {
            assert_eq!(*feature as usize, index);
        }
    }

    #[test]
    fn rms_of_whole_bands_adds_up_and_a_missing_band_is_missed() {
        let mut bands = [Some(3.0), Some(4.0), Some(1.0), Some(1.0), Some(1.0), None];
        assert!((rms_between(&bands, 5.0, 60.0).unwrap() - 5.0).abs() < 1e-12);
        // Half of the logarithmic width is half of the power.
        let half = rms_between(&bands, 5.0, 10.0).unwrap();
        assert!((half * half - 4.5).abs() < 1e-12);
        assert_eq!(rms_between(&bands, 300.0, 900.0), None);
        bands[5] = Some(0.0);
        assert!(rms_between(&bands, 300.0, 900.0).is_some());
    }

    #[test]
    fn what_is_not_positive_or_not_finite_has_no_logarithm() {
        let mut values = FeatureValues::default();
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            values.set(Feature::AxlePeak, Some(bad));
            assert_eq!(values.log(Feature::AxlePeak), None);
        }
        values.set(Feature::AxlePeak, Some(2.0));
        assert!((values.value(Feature::AxlePeak).unwrap() - 2.0).abs() < 1e-15);
    }
}
