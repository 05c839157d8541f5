//! An accelerometer as data.

/// Standard gravity, m/s2 (exact by definition, 3rd CGPM 1901).
pub const G_M_S2: f64 = 9.806_65;

/// One selectable measuring range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The range as the datasheet names it, g (16 means +-16 g).
    pub range_g: f64,
    /// Nominal acceleration per count, g.
    pub scale_g_per_lsb: f64,
    /// Largest count; the smallest is `-max_count - 1`. Readings saturate there.
    pub max_count: i32,
}

/// Analog (or always-on internal) band limit ahead of the sampler: a Butterworth low-pass.
///
/// **Ignores** the part's own sensor resonance above the band and any non-Butterworth shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BandLimit {
    /// Fixed -3 dB corner, Hz, and number of poles.
    Fixed {
        /// -3 dB corner, Hz.
        corner_hz: f64,
        /// Number of poles.
        poles: u8,
    },
    /// Selectable corner that the driver sets to this fraction of the output data rate.
    FollowsRate {
        /// Corner over output data rate.
        fraction: f64,
        /// Number of poles.
        poles: u8,
    },
}

impl BandLimit {
    /// The -3 dB corner (Hz) and the number of poles at output data rate `odr_hz`.
    pub fn at(self, odr_hz: f64) -> (f64, u8) {
        match self {
            Self::Fixed { corner_hz, poles } => (corner_hz, poles),
            Self::FollowsRate { fraction, poles } => (fraction * odr_hz, poles),
        }
    }
}

/// What produces the output data rate inside the part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OutputFilter {
    /// The band-limited signal is sampled as it is: what lies above half the rate folds in.
    Sampled,
    /// An oversampled converter with a digital low-pass, edges as fractions of the data rate.
    Digital {
        /// Pass band edge over data rate.
        pass: f64,
        /// Stop band edge over data rate.
        stop: f64,
        /// Stop band attenuation, dB.
        attenuation_db: f64,
    },
}

/// Datasheet figures of one accelerometer. See `catalogue.rs` for values and sources.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Name used in scenario files, lower case.
    pub name: &'static str,
    /// Where the figures come from, and which are to be confirmed.
    pub source: &'static str,
    /// Which of x, y, z the part senses. Axes that it lacks read zero counts.
    pub senses: [bool; 3],
    /// Noise density per axis, g/sqrt(Hz).
    pub noise_g_rt_hz: [f64; 3],
    /// Selectable ranges.
    pub ranges: &'static [Range],
    /// Bits per axis on the bench link: 16 or 24.
    pub link_bits: u8,
    /// Output data rates offered, Hz, highest first.
    pub rates_hz: &'static [f64],
    /// Largest relative error of the data rate between units at 25 degC.
    pub rate_error_max: f64,
    /// Relative change of the data rate per kelvin.
    pub rate_drift_per_k: f64,
    /// Band limit ahead of the sampler.
    pub band: BandLimit,
    /// What makes the output data rate.
    pub output: OutputFilter,
    /// Largest zero-g offset at 25 degC, per axis, g.
    pub offset_max_g: [f64; 3],
    /// Largest change of the offset per kelvin, g.
    pub offset_drift_max_g_per_k: f64,
    /// Largest relative sensitivity error at 25 degC.
    pub sensitivity_error_max: f64,
    /// Largest relative sensitivity change per kelvin.
    pub sensitivity_drift_max_per_k: f64,
    /// Largest coupling from one axis into another, relative.
    pub cross_axis_max: f64,
    /// FIFO depth in samples of all axes.
    pub fifo_samples: u16,
    /// Tick of the time stamps delivered with a FIFO batch, s.
    pub stamp_tick_s: f64,
}

/// How far, relatively, a stated data rate may be from one that a part offers and still mean it: people write 26666.7 Hz
/// where the part divides 80 kHz by three. No two rates of a part are nearer to each other than a factor of two.
pub(crate) const RATE_AGREES: f64 = 1.0e-4;

impl Part {
    /// The data rate on offer, Hz, that `rate_hz` means: the one within 0.01 % of it.
    pub fn rate(&self, rate_hz: f64) -> Option<f64> {
        let meant = |offered: &f64| (rate_hz / offered - 1.0).abs() <= RATE_AGREES;
        self.rates_hz.iter().copied().find(meant)
    }

    /// The range that the datasheet calls +-`range_g`.
    pub fn range(&self, range_g: f64) -> Option<Range> {
        self.ranges
            .iter()
            .copied()
            .find(|r| (r.range_g - range_g).abs() < 1e-9)
    }

    /// RMS noise of `axis` after a one-pole low-pass of `bandwidth_hz`, m/s2.
    ///
    /// The datasheets' rule density * sqrt(1.6 BW); 1.6 rounds pi/2, the equivalent noise bandwidth
    /// of one pole.
    pub fn noise_rms_m_s2(&self, axis: usize, bandwidth_hz: f64) -> f64 {
        self.noise_g_rt_hz[axis] * G_M_S2 * (1.6 * bandwidth_hz).sqrt()
    }
}
