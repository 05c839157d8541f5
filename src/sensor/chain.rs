//! The sampled part of the chain: grids of samples from the band limit to the link.
//!
//! Three grids share one oscillator, hence one relative rate error: *inner* (an oversampled stand-in
//! for the analog and converter domain, at least 24 kHz), *data* (what the part puts out) and
//! *output* (what the driver hands on). Each begins early enough that no filter sees an edge.

use super::error::SensorError;
use super::filter::{Butterworth, Lanes};
use super::part::{G_M_S2, OutputFilter};
use super::resample::Sinc;
use super::setup::SensorSetup;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// The inner grid is the data rate times the smallest whole number that reaches this rate, Hz:
/// above twice the 10 kHz that motions at 20 kHz can hold, so that it adds no folding of its own.
const INNER_RATE_MIN_HZ: f64 = 24_000.0;
/// Pass and stop band edges of the driver's decimation, over the output rate.
const DRIVER_BAND: [f64; 2] = [0.40, 0.50];
/// Stop band attenuation of all FIR filters of the chain, dB.
const ATTENUATION_DB: f64 = 80.0;
/// Inner samples for the recursive band limit to settle in.
const SETTLE: usize = 256;

/// Nominal rates and the filters between the grids.
pub(crate) struct Chain {
    /// Nominal rate of the inner grid, Hz.
    pub(crate) inner_hz: f64,
    /// Inner samples per data sample.
    oversampling: usize,
    /// Data samples per output sample (1 where the driver passes them on).
    step: f64,
    inner_margin: usize,
    data_margin: usize,
    part_filter: Option<Sinc>,
    driver_filter: Option<Sinc>,
    band: Option<Butterworth>,
}

/// The low-pass that the output band of a sensor at `output_hz` means, for input at `rate_hz`.
///
/// Also defines the truth that signals are compared with. Where the input's own band ends first, it
/// is an interpolator that keeps it.
pub(crate) fn output_band(output_hz: f64, rate_hz: f64) -> Sinc {
    if output_hz >= rate_hz {
        interpolator(rate_hz)
    } else {
        let [pass, stop] = DRIVER_BAND;
        Sinc::low_pass(pass * output_hz, stop * output_hz, ATTENUATION_DB, rate_hz)
    }
}

/// Keeps what lies below 0.4 of the input rate, for evaluation between the samples.
pub(crate) fn interpolator(rate_hz: f64) -> Sinc {
    Sinc::low_pass(0.4 * rate_hz, 0.6 * rate_hz, ATTENUATION_DB, rate_hz)
}

impl Chain {
    pub(crate) fn new(setup: &SensorSetup) -> Result<Self, SensorError> {
        let data_hz = setup.data_rate_hz()?;
        let oversampling = (INNER_RATE_MIN_HZ / data_hz).ceil().max(1.0) as usize;
        let inner_hz = data_hz * oversampling as f64;
        let step = data_hz / setup.output_rate_hz;
        let part_filter = match setup.part.output {
            OutputFilter::Sampled => None,
            OutputFilter::Digital {
                pass,
                stop,
                attenuation_db,
            } => Some(Sinc::low_pass(
                pass * data_hz,
                stop * data_hz,
                attenuation_db,
                inner_hz,
            )),
        };
        let driver_filter = (step > 1.0 + 1e-6).then(|| output_band(setup.output_rate_hz, data_hz));
        let (corner_hz, poles) = setup.part.band.at(data_hz);
        let band = (corner_hz < 0.45 * inner_hz)
            .then(|| Butterworth::low_pass(poles, corner_hz, inner_hz));
        let inner_margin = SETTLE + part_filter.as_ref().map_or(0, Sinc::taps);
        let data_margin = driver_filter.as_ref().map_or(0, Sinc::taps);
        Ok(Self {
            inner_hz,
            oversampling,
            step,
            inner_margin,
            data_margin,
            part_filter,
            driver_filter,
            band,
        })
    }

    /// Inner samples ahead of the first output sample.
    pub(crate) fn inner_lead(&self) -> usize {
        self.inner_margin + self.data_margin * self.oversampling
    }

    fn data_samples(&self, outputs: usize) -> usize {
        ((outputs.saturating_sub(1)) as f64 * self.step).ceil() as usize + 2 * self.data_margin + 1
    }

    /// Length of the inner grid for `outputs` output samples.
    pub(crate) fn inner_samples(&self, outputs: usize) -> usize {
        (self.data_samples(outputs) - 1) * self.oversampling + 2 * self.inner_margin + 1
    }

    /// Add white self-noise over the whole inner band (its variance is density^2 times half the
    /// true inner rate) and limit signal and noise to the part's band, in place.
    pub(crate) fn sense(
        &self,
        inner: &mut [Lanes],
        density_g: [f64; 3],
        rate_factor: f64,
        rng: &mut ChaCha8Rng,
    ) {
        let half_rate_hz = 0.5 * self.inner_hz * rate_factor;
        let sigma = density_g.map(|d| d * G_M_S2 * half_rate_hz.sqrt());
        let mut band = self.band.clone();
        for sample in inner {
            for axis in 0..3 {
                let z: f64 = StandardNormal.sample(rng);
                sample[axis] += sigma[axis] * z;
            }
            if let Some(band) = &mut band {
                *sample = band.step(*sample);
            }
        }
    }

    /// The part's readings before scaling, on the data grid.
    pub(crate) fn sample(&self, inner: &[Lanes], outputs: usize) -> Vec<Lanes> {
        let n = self.data_samples(outputs);
        match &self.part_filter {
            None => {
                let picked = inner[self.inner_margin..].iter().step_by(self.oversampling);
                picked.take(n).copied().collect()
            }
            Some(filter) => {
                filter.resample(inner, self.inner_margin as f64, self.oversampling as f64, n)
            }
        }
    }

    /// From counts on the data grid to counts on the output grid, and how many output samples hold
    /// a saturated axis.
    ///
    /// A decimating driver keeps an overload visible: where any reading in a sample's interval was
    /// at the rail, the sample is put at that rail. Averaging it away would hide the overload.
    pub(crate) fn decimate(
        &self,
        data: &[Lanes],
        outputs: usize,
        max_count: i32,
    ) -> (Vec<[i32; 3]>, u64) {
        let (low, high) = (f64::from(-max_count - 1), f64::from(max_count));
        let filtered;
        let output = if let Some(filter) = &self.driver_filter {
            filtered = filter.resample(data, self.data_margin as f64, self.step, outputs);
            &filtered[..]
        } else {
            &data[..outputs]
        };
        let mut clipped = 0;
        let mut counts = Vec::with_capacity(outputs);
        for (i, sample) in output.iter().enumerate() {
            let centre = self.data_margin as f64 + i as f64 * self.step;
            let from = (centre - 0.5 * self.step).ceil().max(0.0) as usize;
            let to = ((centre + 0.5 * self.step) as usize).min(data.len() - 1);
            let mut any = false;
            let mut count = [0; 3];
            for axis in 0..3 {
                let rail = data[from..=to]
                    .iter()
                    .map(|d| d[axis])
                    .find(|c| *c <= low || *c >= high);
                let value = rail.unwrap_or(sample[axis]).round().clamp(low, high);
                any |= rail.is_some() || value <= low || value >= high;
                count[axis] = value as i32;
            }
            clipped += u64::from(any);
            counts.push(count);
        }
        (counts, clipped)
    }
}
