//! One sensor as installed: part, range, rate, mounting.

use super::error::SensorError;
use super::mounting::{Mounting, check};
use super::part::{Part, Range};

/// Lowest output rate that the driver decimates to, as a fraction of the part's lowest data rate.
const DECIMATION_MAX: f64 = 256.0;

/// A sensor as installed and configured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SensorSetup {
    /// The part, from [`super::part()`] or one's own.
    pub part: Part,
    /// Measuring range as the datasheet names it, g.
    pub range_g: f64,
    /// Nominal output rate, Hz. Where the part does not offer it, the driver runs the part at the
    /// next higher data rate and decimates with a FIR (pass band to 0.4, stop band from 0.5 of the
    /// output rate, 80 dB), whose constant delay it takes off the time stamps.
    pub output_rate_hz: f64,
    /// Samples per FIFO batch, each batch with one time stamp.
    pub fifo_batch: u16,
    /// Mean interrupt latency before a time stamp is taken, s (exponential distribution). The stamp
    /// is then cut to whole ticks, which is most of the jitter: in four recordings of a real sensor
    /// the spread about a steady rate is 0.30 ticks RMS, and 0.29 is what cutting alone gives.
    pub stamp_latency_s: f64,
    /// How the sensor sits on its bearer.
    pub mounting: Mounting,
}

impl SensorSetup {
    /// A firm, level set-up of `part` with batches of at most 32 samples. A rate within 0.01 % of a data rate of the
    /// part is that data rate. Not yet validated.
    pub fn new(part: Part, range_g: f64, output_rate_hz: f64) -> Self {
        Self {
            part,
            range_g,
            output_rate_hz: part.rate(output_rate_hz).unwrap_or(output_rate_hz),
            fifo_batch: part.fifo_samples.min(32),
            stamp_latency_s: 3.0e-6,
            mounting: Mounting::default(),
        }
    }

    /// Check every field against the part.
    pub fn validate(&self) -> Result<(), SensorError> {
        self.range()?;
        self.data_rate_hz()?;
        if self.fifo_batch == 0 || self.fifo_batch > self.part.fifo_samples {
            return Err(SensorError::BatchNotPossible {
                part: self.part.name,
                batch: self.fifo_batch,
                max: self.part.fifo_samples,
            });
        }
        check(
            "stamp_latency_s",
            self.stamp_latency_s,
            0.0,
            0.1,
            "between 0 and 0.1 s",
        )?;
        self.mounting.validate()
    }

    /// The selected range.
    pub fn range(&self) -> Result<Range, SensorError> {
        self.part
            .range(self.range_g)
            .ok_or_else(|| SensorError::RangeNotOffered {
                part: self.part.name,
                range_g: self.range_g,
                offered: self
                    .part
                    .ranges
                    .iter()
                    .map(|r| r.range_g.to_string())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// Nominal data rate at which the part itself runs: the lowest offered one that is not below
    /// the output rate.
    pub fn data_rate_hz(&self) -> Result<f64, SensorError> {
        let rates = self.part.rates_hz;
        let max_hz = rates.first().copied().unwrap_or(0.0);
        let min_hz = rates.last().copied().unwrap_or(0.0) / DECIMATION_MAX;
        let refused = SensorError::RateNotOffered {
            part: self.part.name,
            rate_hz: self.output_rate_hz,
            min_hz,
            max_hz,
        };
        if !(self.output_rate_hz >= min_hz && self.output_rate_hz > 0.0) {
            return Err(refused);
        }
        let fits = |rate: &&f64| **rate >= self.output_rate_hz * (1.0 - 1e-9);
        rates.iter().rev().find(fits).copied().ok_or(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensor::part;

    #[test]
    fn the_lowest_sufficient_data_rate_is_chosen() {
        let rate = |name: &str, range, hz| {
            SensorSetup::new(*part(name).unwrap(), range, hz).data_rate_hz()
        };
        assert_eq!(rate("adxl355", 2.0, 4000.0), Ok(4000.0));
        assert_eq!(rate("adxl355", 2.0, 700.0), Ok(1000.0));
        assert_eq!(rate("adxl372", 200.0, 4000.0), Ok(6400.0));
        assert_eq!(rate("iis3dwb", 16.0, 4000.0), Ok(80_000.0 / 3.0));
        assert!(rate("adxl355", 2.0, 4001.0).is_err());
        assert!(rate("adxl355", 2.0, f64::NAN).is_err());
        assert!(rate("adxl355", 2.0, -1.0).is_err());
        assert!(rate("adxl355", 2.0, f64::INFINITY).is_err());
    }

    #[test]
    fn a_rounded_data_rate_is_the_one_of_the_part() {
        let setup = |name: &str, hz| SensorSetup::new(*part(name).unwrap(), 2.0, hz);
        let exact: f64 = 80_000.0 / 3.0;
        for written in [26_666.7, 26_666.67, 26_667.0, 26_666.0, exact] {
            let setup = setup("iis3dwb", written);
            assert_eq!(setup.output_rate_hz.to_bits(), exact.to_bits(), "{written}");
            assert_eq!(setup.data_rate_hz(), Ok(exact), "{written}");
        }
        assert!(setup("iis3dwb", 26_670.0).data_rate_hz().is_err());
        // Further away it is a rate that the driver decimates to.
        let written = |hz: f64| setup("adxl355", hz).output_rate_hz.to_bits();
        assert_eq!(written(1999.0), 1999.0_f64.to_bits());
        assert_eq!(written(2000.1), 2000.0_f64.to_bits());
        assert!(setup("adxl355", f64::NAN).output_rate_hz.is_nan());
    }

    #[test]
    fn a_wrong_set_up_is_refused_with_what_would_be_accepted() {
        let mut setup = SensorSetup::new(*part("iis3dwb").unwrap(), 10.0, 4000.0);
        let text = setup.validate().unwrap_err().to_string();
        assert!(
            text.contains("10 g") && text.contains("2, 4, 8, 16"),
            "{text}"
        );
        setup.range_g = 16.0;
        setup.fifo_batch = 0;
        assert!(setup.validate().is_err());
        setup.fifo_batch = 513;
        assert!(setup.validate().unwrap_err().to_string().contains("512"));
        setup.fifo_batch = 64;
        assert_eq!(setup.validate(), Ok(()));
    }
}
