//! Air temperature as a mean with a yearly and a daily wave.

use std::f64::consts::TAU;

/// Days of a mean year.
const YEAR_DAYS: f64 = 365.2425;
/// Coldest day of a central European year, counted from 1 January.
const COLDEST_DAY: f64 = 19.0;
/// Warmest hour of the day, as a fraction of it (15 h local solar time).
const WARMEST_FRACTION: f64 = 15.0 / 24.0;

/// Temperature climate of a place on the northern hemisphere.
///
/// Two cosines and no weather: **fronts and snaps are not modelled**.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weather {
    /// Mean of the year, degrees Celsius.
    pub mean_c: f64,
    /// Amplitude of the daily wave, K, warmest at 15 h.
    pub daily_c: f64,
    /// Amplitude of the yearly wave, K, coldest on 20 January.
    pub yearly_c: f64,
}

/// A climate outside what electronics and this planet allow.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("temperature {field} is {value}, it must be {wanted}")]
pub struct WeatherError {
    /// Field name.
    pub field: &'static str,
    /// Offending value.
    pub value: f64,
    /// What would be accepted.
    pub wanted: &'static str,
}

impl Weather {
    /// Refuses values that are not finite or not of this planet.
    pub fn validate(&self) -> Result<(), WeatherError> {
        for (field, value, low, high, wanted) in [
            ("mean_c", self.mean_c, -60.0, 60.0, "between -60 and 60"),
            ("daily_c", self.daily_c, 0.0, 40.0, "between 0 and 40"),
            ("yearly_c", self.yearly_c, 0.0, 60.0, "between 0 and 60"),
        ] {
            if !(value >= low && value <= high) {
                return Err(WeatherError {
                    field,
                    value,
                    wanted,
                });
            }
        }
        Ok(())
    }

    /// Temperature, degrees Celsius, at `day_of_year`: days since 1 January 0 h, the fraction being
    /// the time of day; it may run on over the years.
    pub fn at(&self, day_of_year: f64) -> f64 {
        let year = libm::cos(TAU * (day_of_year - COLDEST_DAY) / YEAR_DAYS);
        let day = libm::cos(TAU * (day_of_year - WARMEST_FRACTION));
        self.mean_c - self.yearly_c * year + self.daily_c * day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warm_in_summer_afternoons_and_cold_in_winter_nights() {
        let weather = Weather {
            mean_c: 10.0,
            daily_c: 6.0,
            yearly_c: 10.0,
        };
        weather.validate().unwrap();
        assert!((weather.at(201.625) - 26.0).abs() < 0.1);
        assert!((weather.at(19.125) + 6.0).abs() < 0.1);
        assert!((weather.at(19.625) - 6.0).abs() < 0.1);
        let mean = (0..365 * 24)
            .map(|h| weather.at(f64::from(h) / 24.0))
            .sum::<f64>()
            / 8760.0;
        assert!((mean - 10.0).abs() < 0.01);
    }

    #[test]
    fn nonsense_is_refused() {
        let weather = Weather {
            mean_c: f64::NAN,
            daily_c: 6.0,
            yearly_c: 10.0,
        };
        assert_eq!(weather.validate().unwrap_err().field, "mean_c");
        let weather = Weather {
            mean_c: 0.0,
            daily_c: -1.0,
            yearly_c: 10.0,
        };
        assert_eq!(weather.validate().unwrap_err().field, "daily_c");
    }
}
