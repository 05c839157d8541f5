//! Figures of the counts themselves: what a firmware can be held to.

use super::Facts;
use crate::biquad::Biquad;
use crate::pipeline::BAND_EDGES_HZ;
use crate::score::AXES;
use std::ops::Range;

/// A firmware may take features from so long before the onset that it reports, s: its pre-trigger history.
const PRE_TRIGGER_S: f64 = 2.0;
/// Corner of the impact envelope, Hz: as in the message layout's axle peaks.
const IMPACT_HZ: f64 = 60.0;
/// Qualities of the sections of Butterworth filters: 1 / (2 cos(angle of the poles)).
const SECOND_ORDER: [f64; 1] = [std::f64::consts::FRAC_1_SQRT_2];
const FOURTH_ORDER: [f64; 2] = [0.541_196_100_146_197, 1.306_562_964_876_376_5];
/// Share of the range from which a count may pass for clipped.
const NEARLY_CLIPPED: f64 = 0.98;

/// Bounds between which a figure lies, whatever part of the pre-trigger history it takes in, up to 2 s of it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Bounds {
    fn of(a: f64, b: f64) -> Self {
        Self {
            low: a.min(b),
            high: a.max(b),
        }
    }

    /// Around all of some figures; both 0 if there is none.
    pub(super) fn around(figures: impl Iterator<Item = f64>) -> Self {
        figures
            .map(|x| Self::of(x, x))
            .reduce(|a, b| Self {
                low: a.low.min(b.low),
                high: a.high.max(b.high),
            })
            .unwrap_or_default()
    }

    /// Distance of `got` from the bounds, relative to the nearer one or `least`, whichever is larger.
    pub(super) fn error(self, got: f64, least: f64) -> f64 {
        let nearest = got.clamp(self.low, self.high);
        (got - nearest) / nearest.abs().max(least).max(f64::MIN_POSITIVE)
    }

    /// The bound nearest to `got`.
    pub(super) fn nearest(self, got: f64) -> f64 {
        got.clamp(self.low, self.high)
    }
}

/// Features of one axis over a reported passage.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct AxisCounts {
    pub(super) peak: Bounds,
    pub(super) rms: Bounds,
    pub(super) kurtosis: Bounds,
}

/// One axis of a window in m/s2 by the nominal scale, its rest taken off.
pub(super) fn trace(facts: &Facts<'_>, axis: usize, onset: usize) -> Vec<f64> {
    let measured = facts.measured;
    let scale = measured.scale_m_s2_per_lsb;
    let counts = || measured.counts.iter().map(|c| f64::from(c[axis]) * scale);
    let skip = usize::from(facts.first_sample);
    // Rest: what came before the train, a second of it if there is as much.
    let second = measured.true_rate_hz as usize;
    let rest = onset
        .saturating_sub(second / 2)
        .clamp(1 + skip, second.max(2 + skip));
    let taken = rest - skip;
    let mean = counts().skip(skip).take(taken).sum::<f64>() / taken as f64;
    counts()
        .enumerate()
        .map(|(i, x)| if i < skip { 0.0 } else { x - mean })
        .collect()
}

/// Means of figures from every start within `pre` samples before `from`, and from `from` itself, to `to`.
fn over<const N: usize>(values: [&[f64]; N], from: usize, to: usize, pre: usize) -> Vec<[f64; N]> {
    let to = values.iter().fold(to, |to, part| to.min(part.len()));
    let first = from.saturating_sub(pre);
    let mut sums = [0.0; N];
    let mut means = Vec::with_capacity(pre + 1);
    for start in (first..to).rev() {
        for (sum, part) in sums.iter_mut().zip(values) {
            *sum += part.get(start).copied().unwrap_or_default();
        }
        if start <= from {
            means.push(sums.map(|sum| sum / (to - start) as f64));
        }
    }
    means
}

fn pre_trigger(facts: &Facts<'_>) -> usize {
    (PRE_TRIGGER_S * facts.measured.true_rate_hz) as usize
}

/// Peak, RMS and kurtosis of one axis from sample `from` to `to`.
pub(super) fn axis(facts: &Facts<'_>, trace: &[f64], from: usize, to: usize) -> AxisCounts {
    let pre = pre_trigger(facts);
    let largest = |from: usize| {
        let part = trace.get(from..to).unwrap_or_default();
        part.iter().fold(0.0, |peak: f64, x| peak.max(x.abs()))
    };
    let squares: Vec<f64> = trace.iter().map(|x| x * x).collect();
    let fourths: Vec<f64> = squares.iter().map(|x| x * x).collect();
    let means = over([&squares, &fourths], from, to, pre);
    let kurtosis = |[second, fourth]: &[f64; 2]| {
        if *second > 0.0 {
            fourth / (second * second)
        } else {
            0.0
        }
    };
    AxisCounts {
        peak: Bounds::of(largest(from), largest(from.saturating_sub(pre))),
        rms: Bounds::around(means.iter().map(|[second, _]| second.sqrt())),
        kurtosis: Bounds::around(means.iter().map(kurtosis)),
    }
}

/// RMS of the vertical axis in the bands of the message layout; `None` where the rate does not reach.
///
/// The layout gives the edges, not the order of the filters: a figure may lie anywhere between those of second
/// and of fourth order. A band with little in it holds much of its neighbours with the former.
pub(super) fn bands(
    facts: &Facts<'_>,
    vertical: &[f64],
    from: usize,
    to: usize,
) -> Vec<Option<Bounds>> {
    let rate_hz = facts.measured.true_rate_hz;
    let pre = pre_trigger(facts);
    let band = |edges: &[f64]| {
        let [low, high] = *edges else { return None };
        // At 0.45 of the rate and beyond, no second-order filter is what its corner says.
        if high > 0.4 * rate_hz {
            return None;
        }
        let figures = [&SECOND_ORDER[..], &FOURTH_ORDER].map(|order| {
            let squares = band_squares(vertical, rate_hz, (low, high), order);
            over([&squares], from, to, pre)
        });
        let figures = figures.iter().flatten();
        Some(Bounds::around(figures.map(|[square]| square.sqrt())))
    };
    BAND_EDGES_HZ.windows(2).map(band).collect()
}

/// Square of every sample in a band, by Butterworth filters whose sections have these qualities.
fn band_squares(values: &[f64], rate_hz: f64, (low, high): (f64, f64), order: &[f64]) -> Vec<f64> {
    let mut sections: Vec<Biquad> = order
        .iter()
        .flat_map(|&q| {
            [
                Biquad::high_pass_of(low, rate_hz, q),
                Biquad::low_pass_of(high, rate_hz, q),
            ]
        })
        .collect();
    let squares = values.iter().map(|x| {
        let y = sections.iter_mut().fold(*x, |x, section| section.step(x));
        y * y
    });
    squares.collect()
}

/// Magnitude above 60 Hz of every sample, by filters of second and of fourth order.
pub(super) fn envelopes(facts: &Facts<'_>, vertical: &[f64]) -> [Vec<f64>; 2] {
    [&SECOND_ORDER[..], &FOURTH_ORDER].map(|order| {
        let mut sections: Vec<Biquad> = order
            .iter()
            .map(|&q| Biquad::high_pass_of(IMPACT_HZ, facts.measured.true_rate_hz, q))
            .collect();
        let steps = vertical.iter();
        steps
            .map(|x| {
                let y = sections.iter_mut().fold(*x, |x, section| section.step(x));
                y.abs()
            })
            .collect()
    })
}

/// Samples of `from..to` that are surely clipped, and those that may pass for it.
pub(super) fn clipped(facts: &Facts<'_>, from: usize, to: usize) -> (u64, u64) {
    clipped_of(facts, 0..AXES.len(), from..to)
}

/// The same of some axes.
pub(super) fn clipped_of(
    facts: &Facts<'_>,
    axes: Range<usize>,
    samples: Range<usize>,
) -> (u64, u64) {
    let measured = facts.measured;
    let full = f64::from((1_i32 << (measured.bits.clamp(2, 24) - 1)) - 1);
    let range = (measured.range_m_s2 / measured.scale_m_s2_per_lsb).min(full);
    let from = samples.start.max(usize::from(facts.first_sample));
    let to = samples.end.max(from);
    let part = measured.counts.get(from..to).unwrap_or_default();
    let count = |limit: f64| {
        let over = |v: &i32| f64::from(*v).abs() >= limit;
        let at = |sample: &&[i32; 3]| axes.clone().any(|axis| over(&sample[axis]));
        part.iter().filter(at).count() as u64
    };
    (count(range), count(NEARLY_CLIPPED * range))
}

/// Mean and standard deviation of one axis over the whole window, m/s2.
pub(super) fn at_rest(facts: &Facts<'_>, axis: usize) -> (f64, f64) {
    let skip = usize::from(facts.first_sample);
    let scale = facts.measured.scale_m_s2_per_lsb;
    let values = || {
        let counts = facts.measured.counts.iter().skip(skip);
        counts.map(|c| f64::from(c[axis]) * scale)
    };
    let n = facts.measured.counts.len().saturating_sub(skip).max(1) as f64;
    let mean = values().sum::<f64>() / n;
    let variance = values().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_of_either_order_pass_a_band_and_stop_its_neighbours() {
        let rms = |hz: f64, order: &[f64]| {
            let tone: Vec<f64> = (0..40_000)
                .map(|i| libm::sin(std::f64::consts::TAU * hz * f64::from(i) / 4000.0))
                .collect();
            let squares = band_squares(&tone, 4000.0, (20.0, 60.0), order);
            let settled = &squares[20_000..];
            (2.0 * settled.iter().sum::<f64>() / settled.len() as f64).sqrt()
        };
        // In the middle, an octave and a half wide, either edge takes 1/(1 + 3^-n) of the power; at an edge half of it
        // goes; two octaves above, 1/16 or 1/256 of the amplitude is left.
        for (order, middle) in [
            (&SECOND_ORDER[..], 9.0 / 10.0),
            (&FOURTH_ORDER, 81.0 / 82.0),
        ] {
            let got = rms(1200.0_f64.sqrt(), order);
            assert!((got - middle).abs() < 0.01, "{got}");
            let got = rms(60.0, order);
            assert!((got - 0.5_f64.sqrt()).abs() < 0.01, "{got}");
        }
        assert!((rms(240.0, &SECOND_ORDER) * 16.0 - 1.0).abs() < 0.1);
        assert!((rms(240.0, &FOURTH_ORDER) * 256.0 - 1.0).abs() < 0.1);
    }

    #[test]
    fn a_figure_may_take_in_any_part_of_the_history() {
        // A blow of 8 just before sample 4, within a history of three samples of rest.
        let values = [0.0, 0.0, 0.0, 8.0, 2.0, 2.0];
        let means = over([&values], 4, 6, 3);
        let want = [2.0, 4.0, 3.0, 12.0 / 5.0];
        assert_eq!(means, want.map(|mean| [mean]));
        let bounds = Bounds::around(means.iter().map(|[mean]| *mean));
        assert_eq!(
            bounds,
            Bounds {
                low: 2.0,
                high: 4.0
            }
        );
        // Nothing is reported beyond the end.
        assert!(over([&values], 6, 6, 0).is_empty());
        assert_eq!(over([&values], 5, 9, 0), [[2.0]]);
    }

    #[test]
    fn a_figure_within_its_bounds_has_no_error() {
        let bounds = Bounds::of(2.0, 1.0);
        assert!(bounds.error(1.5, 0.0).abs() < f64::EPSILON);
        assert!((bounds.error(3.0, 0.0) - 0.5).abs() < 1e-12);
        assert!((bounds.error(0.5, 0.0) + 0.5).abs() < 1e-12);
        // Against a bound of next to nothing, the least that can be told counts.
        assert!((Bounds::default().error(0.1, 1.0) - 0.1).abs() < 1e-12);
    }
}
