//! Host time between a frame and its answer: for people, never part of a result.

/// Round-trip times in bounded memory: eight bins per octave, hence quantiles within 12.5 %.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatencyFigures {
    bins: Vec<u64>,
    count: u64,
    max_us: u64,
}

const SUB_BITS: u32 = 3;
const BINS: usize = 8 * 62;

impl Default for LatencyFigures {
    fn default() -> Self {
        Self {
            bins: vec![0; BINS],
            count: 0,
            max_us: 0,
        }
    }
}

impl LatencyFigures {
    pub(super) fn record(&mut self, microseconds: u64) {
        self.bins[bin(microseconds)] += 1;
        self.count += 1;
        self.max_us = self.max_us.max(microseconds);
    }

    /// Number of round trips.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Longest round trip in us.
    pub const fn max_us(&self) -> u64 {
        self.max_us
    }

    /// Round-trip time in us that the share `quantile` (0 to 1) of all did not exceed; `None` before
    /// the first.
    pub fn quantile_us(&self, quantile: f64) -> Option<u64> {
        let wanted = (libm::ceil(quantile.clamp(0.0, 1.0) * self.count as f64) as u64).max(1);
        let mut seen = 0;
        self.bins.iter().enumerate().find_map(|(index, n)| {
            seen += n;
            (seen >= wanted).then(|| upper_edge(index).min(self.max_us))
        })
    }
}

fn bin(value: u64) -> usize {
    let Some(octave) = value.checked_ilog2().filter(|o| *o >= SUB_BITS) else {
        return value as usize;
    };
    let sub = (value >> (octave - SUB_BITS)) & 7;
    (((octave - SUB_BITS + 1) << SUB_BITS) + sub as u32) as usize
}

fn upper_edge(bin: usize) -> u64 {
    let (octave, sub) = (bin as u64 >> SUB_BITS, bin as u64 & 7);
    match octave.checked_sub(1) {
        None => sub,
        Some(shift) => (((9 + u128::from(sub)) << shift) - 1).min(u128::from(u64::MAX)) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bin() {
        for value in (0..5000).chain([u64::from(u32::MAX), u64::MAX / 2, u64::MAX]) {
            let at = bin(value);
            assert!(at < BINS, "{value}");
            assert!(value <= upper_edge(at), "{value}");
            assert!(at == 0 || value > upper_edge(at - 1), "{value}");
        }
    }

    #[test]
    fn quantiles_are_within_an_eighth() {
        let mut figures = LatencyFigures::default();
        assert_eq!(figures.quantile_us(0.5), None);
        (1..=1000).for_each(|us| figures.record(us));
        for (quantile, exact) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0)] {
            let got = figures.quantile_us(quantile).unwrap() as f64;
            assert!(got >= exact && got <= exact * 1.125, "{quantile}: {got}");
        }
        assert_eq!(figures.max_us(), 1000);
    }
}
