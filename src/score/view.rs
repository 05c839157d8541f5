//! Aggregates of the ledger: counts, shares, means and extremes, with their intervals.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;

use super::Score;
use super::interval::{block_bootstrap, wilson};
use super::ledger::{Family, Kind, LedgerRow};
use super::signal::relative_error;
use super::sum::sum;

/// The ledger, with its switches as the blocks of the bootstrap.
pub(super) struct View<'a> {
    /// All rows.
    pub(super) rows: &'a [LedgerRow],
    /// The rows of each switch, switches ascending.
    pub(super) blocks: Vec<Vec<&'a LedgerRow>>,
    bootstrap: &'a ChaCha8Rng,
}

/// Hits and trials of a share.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    hits: u64,
    n: u64,
}

impl Share {
    fn pool<'a>(shares: impl Iterator<Item = &'a Self>) -> Self {
        shares.fold(Self::default(), |a, b| Self {
            hits: a.hits + b.hits,
            n: a.n + b.n,
        })
    }

    fn ratio(self) -> Option<f64> {
        (self.n > 0).then(|| self.hits as f64 / self.n as f64)
    }
}

/// The relative error of a row of that family and channel.
pub(super) fn relative(row: &LedgerRow, family: Family, channel: &str) -> Option<f64> {
    let wanted = row.family == family && row.channel == channel;
    wanted
        .then(|| relative_error(row.expected?, row.got?))
        .flatten()
}

impl<'a> View<'a> {
    pub(super) fn new(rows: &'a [LedgerRow], bootstrap: &'a ChaCha8Rng) -> Self {
        let mut blocks = BTreeMap::<u32, Vec<&LedgerRow>>::new();
        for row in rows {
            blocks.entry(row.turnout).or_default().push(row);
        }
        Self {
            rows,
            blocks: blocks.into_values().collect(),
            bootstrap,
        }
    }

    pub(super) fn of(&self, family: Family) -> impl Iterator<Item = &'a LedgerRow> + use<'a> {
        self.rows.iter().filter(move |row| row.family == family)
    }

    pub(super) fn count(&self, family: Family, kind: Kind) -> u64 {
        self.of(family).filter(|row| row.kind == kind).count() as u64
    }

    /// Total of the values of a family that holds counts.
    pub(super) fn total(&self, family: Family) -> f64 {
        sum(self.of(family).filter_map(|row| row.got))
    }

    /// A score with the interval that resampling switches gives, or why there is none.
    pub(super) fn resampled<B>(
        &self,
        score: Score,
        blocks: &[B],
        statistic: impl FnMut(&[&B]) -> Option<f64>,
    ) -> Score {
        let mut rng = self.bootstrap.clone();
        match block_bootstrap(blocks, &mut rng, statistic) {
            Ok(interval) => score.with_interval(interval, "95 %, bootstrap by switch"),
            Err(reason) => score.without_interval(&reason),
        }
    }

    fn values(&self, value: impl Fn(&LedgerRow) -> Option<f64>) -> Vec<Vec<f64>> {
        let of = |block: &Vec<&LedgerRow>| block.iter().filter_map(|row| value(row)).collect();
        self.blocks.iter().map(of).collect()
    }

    /// A statistic of values over all switches, with its interval by resampling switches.
    pub(super) fn pooled(
        &self,
        value: impl Fn(&LedgerRow) -> Option<f64>,
        statistic: impl Fn(&[f64]) -> Option<f64>,
        undefined: &str,
    ) -> Score {
        let blocks = self.values(value);
        let all = blocks.concat();
        let score = Score::from_option(statistic(&all), all.len() as u64, undefined);
        let mut pool = Vec::with_capacity(all.len());
        self.resampled(score, &blocks, |sample| {
            pool.clear();
            pool.extend(sample.iter().flat_map(|block| block.iter().copied()));
            statistic(&pool)
        })
    }

    /// The value with the largest `key`. Resampling says nothing about an extreme.
    pub(super) fn extreme(
        &self,
        value: impl Fn(&LedgerRow) -> Option<f64>,
        key: impl Fn(f64) -> f64,
        undefined: &str,
    ) -> Score {
        let all = self.values(value).concat();
        let worst = all
            .iter()
            .copied()
            .max_by(|a, b| key(*a).total_cmp(&key(*b)));
        Score::from_option(worst, all.len() as u64, undefined)
            .without_interval("an extreme: no interval")
    }

    /// The share of `hit` among rows of a family that are either `hit` or one of `others`.
    ///
    /// Several switches are resampled as blocks. One switch, or a share of 0 or 1 (which every
    /// resample repeats), gets Wilson's interval, which takes the trials as independent.
    pub(super) fn share_of(
        &self,
        family: Family,
        hit: Kind,
        others: &[Kind],
        undefined: &str,
    ) -> Score {
        let share = |rows: &Vec<&LedgerRow>| {
            let of = |kind| {
                rows.iter()
                    .filter(|r| r.family == family && r.kind == kind)
                    .count()
            };
            let hits = of(hit) as u64;
            Share {
                hits,
                n: hits + others.iter().map(|&kind| of(kind) as u64).sum::<u64>(),
            }
        };
        let blocks: Vec<Share> = self.blocks.iter().map(share).collect();
        let all = Share::pool(blocks.iter());
        let score = Score::from_option(all.ratio(), all.n, undefined);
        if blocks.len() > 1 && all.hits > 0 && all.hits < all.n {
            return self.resampled(score, &blocks, |sample| {
                Share::pool(sample.iter().copied()).ratio()
            });
        }
        match wilson(all.hits, all.n) {
            Some(interval) => score.with_interval(interval, "95 %, Wilson"),
            None => score,
        }
    }
}
