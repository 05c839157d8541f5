//! Acoustic roughness of rail and wheel by third octaves of wavelength.

use std::f64::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::cosines::{Cosine, CosineSum};

/// Limit spectrum of rail roughness of EN ISO 3095:2013: (nominal wavelength m, level dB re 1 um).
///
/// Third octaves from 400 mm to 10 mm; the limit above 315 mm is 17.1 dB, that below 63 mm falls
/// from -5 dB by 0.6 dB per band.
const LIMIT: [(f64, f64); 17] = [
    (0.400, 17.1),
    (0.315, 15.0),
    (0.250, 13.0),
    (0.200, 11.0),
    (0.160, 9.0),
    (0.125, 7.0),
    (0.100, 4.9),
    (0.080, 2.9),
    (0.063, 0.9),
    (0.050, -1.1),
    (0.040, -3.2),
    (0.0315, -5.0),
    (0.025, -5.6),
    (0.020, -6.2),
    (0.016, -6.8),
    (0.0125, -7.4),
    (0.010, -8.0),
];

/// Longest wavelength of roughness, m: longer ones belong to irregularity and out-of-roundness.
pub const ROUGHNESS_LONGEST_M: f64 = 1.0;
/// Shortest wavelength of roughness that a realisation contains, m (2 kHz at 40 m/s).
pub const ROUGHNESS_SHORTEST_M: f64 = 0.020;
/// Cosines per third octave of a rail realisation.
const LINES_PER_BAND: u32 = 8;
/// Half length of the contact patch of the roughness filter, m; typical of a 0.46 m wheel at 50-100
/// kN.
const PATCH_M: f64 = 0.006;

/// Level of the EN ISO 3095:2013 limit at `wavelength_m`, dB re 1 um RMS per third octave; linear
/// in the logarithm of the wavelength between bands and constant beyond the ends.
pub fn iso3095_level_db(wavelength_m: f64) -> f64 {
    let mut previous = LIMIT[0];
    if wavelength_m >= previous.0 {
        return previous.1;
    }
    for band in LIMIT {
        if wavelength_m >= band.0 {
            let part = libm::log(wavelength_m / band.0) / libm::log(previous.0 / band.0);
            return band.1 + part * (previous.1 - band.1);
        }
        previous = band;
    }
    previous.1
}

/// RMS amplitude of a level, m.
pub(crate) fn level_to_rms_m(level_db: f64) -> f64 {
    1e-6 * libm::pow(10.0, level_db / 20.0)
}

/// What the contact patch passes of a roughness amplitude of wavenumber `k`, dimensionless:
/// `(1 + (pi/4) (k a)^3)^(-1/2)`, Remington's analytic filter, with a = 6 mm.
pub(crate) fn contact_filter(wavenumber_rad_m: f64) -> f64 {
    let ka = wavenumber_rad_m * PATCH_M;
    1.0 / (1.0 + std::f64::consts::FRAC_PI_4 * ka * ka * ka).sqrt()
}

/// A realisation of rail roughness `offset_db` above (or below) the EN ISO 3095:2013 limit.
///
/// Third octaves whose nominal wavelength lies between 20 mm and 1 m; each is a handful of cosines
/// of random wavenumber and phase that share the band's mean square. With `filtered` the contact
/// patch filter is applied, as the passage model with its point contact needs; without it the
/// surface itself results.
pub fn rail_roughness(offset_db: f64, filtered: bool, rng: &mut ChaCha8Rng) -> CosineSum {
    let mut lines = Vec::new();
    for band in -20..=0 {
        let centre = third_octave_m(band);
        if !(ROUGHNESS_SHORTEST_M * 0.99..=ROUGHNESS_LONGEST_M * 1.01).contains(&centre) {
            continue;
        }
        let rms = level_to_rms_m(iso3095_level_db(centre) + offset_db);
        let amplitude = rms * (2.0 / f64::from(LINES_PER_BAND)).sqrt();
        for i in 0..LINES_PER_BAND {
            // The middle halves of strata across the band: no two lines beat slowly, so that the
            // band has its level on a short track too.
            let place = f64::from(i) + 0.25 + 0.5 * rng.random::<f64>();
            let part = place / f64::from(LINES_PER_BAND);
            let wavelength = centre * libm::exp2((part - 0.5) / 3.0);
            let wavenumber_rad_m = TAU / wavelength;
            let filter = if filtered {
                contact_filter(wavenumber_rad_m)
            } else {
                1.0
            };
            lines.push(Cosine {
                wavenumber_rad_m,
                phase_rad: TAU * rng.random::<f64>(),
                amplitude_m: amplitude * filter,
            });
        }
    }
    CosineSum::new(lines)
}

/// Exact centre of the third octave `index` of wavelength, m: 10^(index/10), 0 being 1 m.
pub(crate) fn third_octave_m(index: i32) -> f64 {
    libm::pow(10.0, f64::from(index) / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn limit_is_met_at_its_nominal_wavelengths() {
        for (wavelength, level) in LIMIT {
            assert!((iso3095_level_db(wavelength) - level).abs() < 1e-9);
        }
        assert!((iso3095_level_db(2.0) - 17.1).abs() < 1e-12);
        assert!((iso3095_level_db(0.001) + 8.0).abs() < 1e-12);
    }

    /// RMS of every band, measured on the sampled surface by projection on its own lines.
    #[test]
    fn rms_of_every_third_octave_is_the_limit() {
        let sum = rail_roughness(0.0, false, &mut stream(7, 0, Purpose::Irregularity, 1));
        let (step, count) = (0.004, 100_000);
        let surface = sum.sample(0.0, step, count);
        for band in -16..=0 {
            let centre = third_octave_m(band);
            let (low, high) = (
                TAU / centre * libm::exp2(-1.0 / 6.0),
                TAU / centre * libm::exp2(1.0 / 6.0),
            );
            let mut mean_square = 0.0;
            for line in sum
                .lines()
                .iter()
                .filter(|l| (low..high).contains(&l.wavenumber_rad_m))
            {
                let (mut c, mut s) = (0.0, 0.0);
                for (i, height) in surface.iter().enumerate() {
                    let (sine, cosine) = libm::sincos(line.wavenumber_rad_m * step * i as f64);
                    c += height * cosine;
                    s += height * sine;
                }
                let scale = 2.0 / count as f64;
                mean_square += 0.5 * scale * scale * (c * c + s * s);
            }
            let level = 10.0 * libm::log10(mean_square / 1e-12);
            let wanted = iso3095_level_db(centre);
            assert!(
                (level - wanted).abs() < 0.5,
                "{centre} m: {level} dB, limit {wanted} dB"
            );
        }
    }

    #[test]
    fn total_rms_counts_every_band_once() {
        let sum = rail_roughness(6.0, false, &mut stream(8, 0, Purpose::Irregularity, 1));
        let surface = sum.sample(0.0, 0.003, 200_000);
        let got = surface.iter().map(|h| h * h).sum::<f64>() / surface.len() as f64;
        let wanted: f64 = (-17..=0)
            .map(|band| level_to_rms_m(iso3095_level_db(third_octave_m(band)) + 6.0))
            .map(|rms| rms * rms)
            .sum();
        assert!((got / wanted - 1.0).abs() < 0.03, "{got} vs {wanted}");
    }

    #[test]
    fn the_contact_patch_takes_short_waves_and_leaves_long_ones() {
        assert!(contact_filter(TAU / 1.0) > 0.999);
        assert!(contact_filter(TAU / 0.02) < 0.5);
    }
}
