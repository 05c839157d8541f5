//! Which trains pass when: a stated sample of a timetable.
//!
//! A scenario of months has thousands of passages, of which it observes a stated number. The
//! expected arrivals of the whole period, busy by day and quiet by night, are cut into as many
//! parts of equal traffic as there are passages to observe, and one is drawn from each: the sample
//! covers the period evenly and every hour with its share.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use crate::track::{Direction, Route};

/// Speeds of a kind of train: a normal distribution cut off at both ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpeedLaw {
    /// Mean, m/s.
    pub mean_m_s: f64,
    /// Standard deviation, m/s; 0 gives the mean every time.
    pub sd_m_s: f64,
    /// Lowest speed, m/s.
    pub min_m_s: f64,
    /// Highest speed, m/s.
    pub max_m_s: f64,
}

/// A kind of train in the mix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainKind {
    /// Weight in the mix; shares need not add up to 1.
    pub share: f64,
    /// Speeds on the through route.
    pub speed: SpeedLaw,
    /// Share of passages in facing direction, 0 to 1.
    pub facing_share: f64,
    /// Share of passages on the diverging route, 0 to 1.
    pub diverging_share: f64,
    /// Share of passages with one flat wheel, 0 to 1.
    pub wheel_flat_share: f64,
}

/// What passes a turnout, and how much of it is observed.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    /// Kinds of train.
    pub kinds: Vec<TrainKind>,
    /// Mean passages per day.
    pub passages_per_day: f64,
    /// Length of the period, days.
    pub days: f64,
    /// Time of day at which the period starts, h (0 to 24).
    pub start_hour: f64,
    /// Passages to observe.
    pub observed: usize,
    /// Highest speed on the diverging route, m/s.
    pub diverging_speed_m_s: f64,
}

/// One passage to simulate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlannedPassage {
    /// Index in the sample, in order of time.
    pub index: usize,
    /// Time since the start of the period, s.
    pub at_s: f64,
    /// Index of the kind of train.
    pub kind: usize,
    /// Speed, m/s.
    pub speed_m_s: f64,
    /// Direction.
    pub direction: Direction,
    /// Route.
    pub route: Route,
    /// Whether one of its wheels has a flat.
    pub wheel_flat: bool,
}

/// A sample of the passages of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct TrafficSample {
    /// Observed passages in order of time.
    pub passages: Vec<PlannedPassage>,
    /// Passages expected in the whole period; each observed one stands for
    /// `expected / passages.len()` of them.
    pub expected: f64,
}

/// Traffic that cannot be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrafficError {
    /// No kinds of train although passages are asked for.
    #[error("{observed} passages are to be observed, but there is no train in the mix")]
    NoTrains {
        /// Passages asked for.
        observed: usize,
    },
    /// A number out of range.
    #[error("traffic {field} is {value}, it must be {wanted}")]
    Field {
        /// Field name.
        field: &'static str,
        /// Offending value in SI units.
        value: f64,
        /// What would be accepted.
        wanted: &'static str,
    },
    /// A number of one kind of train out of range.
    #[error("train {kind} of the mix: {field} is {value}, it must be {wanted}")]
    Kind {
        /// Index of the kind, from 0.
        kind: usize,
        /// Field name.
        field: &'static str,
        /// Offending value in SI units.
        value: f64,
        /// What would be accepted.
        wanted: &'static str,
    },
    /// More passages asked for than there are.
    #[error(
        "{observed} passages are to be observed, but only {expected:.1} are expected in the \
         period; observe fewer or raise passages_per_day"
    )]
    TooFew {
        /// Passages asked for.
        observed: usize,
        /// Passages expected.
        expected: f64,
    },
    /// Passages would overlap.
    #[error(
        "{observed} passages do not fit into {days} days with {HEADWAY_S} s between them; \
         observe fewer or lengthen the period"
    )]
    TooDense {
        /// Passages asked for.
        observed: usize,
        /// Length of the period.
        days: f64,
    },
}

/// Least time between two observed passages, s: a common block headway.
pub const HEADWAY_S: f64 = 180.0;

/// Whether so many passages find room in a period of so many days, with a third of it to spare.
pub fn find_room(passages: usize, days: f64) -> bool {
    passages as f64 * HEADWAY_S * 1.5 <= days * 86_400.0
}

/// Pushes ascending times (s) apart to [`HEADWAY_S`] and more, forwards, then back from the end of the period, which is long enough
/// ([`find_room`]). Their order stays.
pub fn keep_apart(times: &mut [f64], end_s: f64) {
    let mut earliest = f64::NEG_INFINITY;
    for time in times.iter_mut() {
        *time = time.max(earliest);
        earliest = *time + HEADWAY_S;
    }
    let mut latest = end_s - HEADWAY_S;
    for time in times.iter_mut().rev() {
        *time = time.min(latest);
        latest = *time - HEADWAY_S;
    }
}

/// Relative traffic of each hour of the day: a mixed line, passenger trains by day and freight at
/// night. **Typical, not measured.**
const HOURLY: [f64; 24] = [
    0.4, 0.3, 0.3, 0.3, 0.5, 0.9, 1.4, 1.6, 1.5, 1.2, 1.1, 1.1, 1.1, 1.1, 1.1, 1.2, 1.4, 1.6, 1.5,
    1.2, 1.0, 0.9, 0.7, 0.6,
];

impl Traffic {
    /// Draws the sample from the stream of purpose `Traffic`.
    pub fn sample(&self, rng: &mut ChaCha8Rng) -> Result<TrafficSample, TrafficError> {
        self.validate()?;
        let expected = self.passages_per_day * self.days;
        let mut kinds = self.quotas();
        shuffle(&mut kinds, rng);
        let times = self.times(rng);
        let passages = times.into_iter().zip(kinds).enumerate();
        let passages = passages.filter_map(|(index, (at_s, kind))| {
            let train = self.kinds.get(kind)?;
            let direction = if chance(train.facing_share, rng) {
                Direction::Facing
            } else {
                Direction::Trailing
            };
            let diverges = chance(train.diverging_share, rng);
            let route = if diverges {
                Route::Diverging
            } else {
                Route::Through
            };
            let wheel_flat = chance(train.wheel_flat_share, rng);
            let speed = train.speed.draw(rng);
            let speed_m_s = if diverges {
                speed.min(self.diverging_speed_m_s)
            } else {
                speed
            };
            Some(PlannedPassage {
                index,
                at_s,
                kind,
                speed_m_s,
                direction,
                route,
                wheel_flat,
            })
        });
        Ok(TrafficSample {
            passages: passages.collect(),
            expected,
        })
    }

    /// Refuses traffic that cannot be drawn.
    pub fn validate(&self) -> Result<(), TrafficError> {
        let check = |field, value: f64, low: f64, high: f64, wanted| {
            if value >= low && value <= high {
                Ok(())
            } else {
                Err(TrafficError::Field {
                    field,
                    value,
                    wanted,
                })
            }
        };
        check(
            "days",
            self.days,
            1e-3,
            36_525.0,
            "between 0.001 and 36525 days",
        )?;
        let per_day = self.passages_per_day;
        check(
            "passages_per_day",
            per_day,
            0.0,
            2_000.0,
            "between 0 and 2000",
        )?;
        check("start_hour", self.start_hour, 0.0, 24.0, "between 0 and 24")?;
        let limit = self.diverging_speed_m_s;
        check(
            "diverging_speed_m_s",
            limit,
            1.0,
            100.0,
            "between 1 and 100 m/s",
        )?;
        for (index, kind) in self.kinds.iter().enumerate() {
            kind.validate(index)?;
        }
        let observed = self.observed;
        if observed == 0 {
            return Ok(());
        }
        if !self.kinds.iter().any(|kind| kind.share > 0.0) {
            return Err(TrafficError::NoTrains { observed });
        }
        let expected = self.passages_per_day * self.days;
        if observed as f64 > expected.ceil() {
            return Err(TrafficError::TooFew { observed, expected });
        }
        if !find_room(observed, self.days) {
            return Err(TrafficError::TooDense {
                observed,
                days: self.days,
            });
        }
        Ok(())
    }

    /// Kinds of the observed passages: shares times number, rounded by largest remainder.
    fn quotas(&self) -> Vec<usize> {
        let total: f64 = self.kinds.iter().map(|kind| kind.share).sum();
        if self.observed == 0 || total <= 0.0 {
            return Vec::new();
        }
        let exact: Vec<f64> = self
            .kinds
            .iter()
            .map(|kind| kind.share / total * self.observed as f64)
            .collect();
        let mut kinds = Vec::with_capacity(self.observed);
        let mut rest: Vec<(usize, f64)> = Vec::new();
        for (kind, exact) in exact.iter().enumerate() {
            kinds.extend(std::iter::repeat_n(kind, exact.floor() as usize));
            rest.push((kind, exact - exact.floor()));
        }
        rest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let missing = self.observed.saturating_sub(kinds.len());
        kinds.extend(rest.iter().map(|(kind, _)| *kind).cycle().take(missing));
        kinds.truncate(self.observed);
        kinds
    }

    /// Times of the observed passages, s, ascending, at least the headway apart.
    fn times(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let total = self.traffic_until(self.days * 24.0);
        let end_s = self.days * 86_400.0;
        let n = self.observed as f64;
        let mut times: Vec<f64> = (0..self.observed)
            .map(|i| {
                let share = (i as f64 + rng.random::<f64>()) / n * total;
                3600.0 * self.hour_at(share)
            })
            .collect();
        keep_apart(&mut times, end_s);
        times
    }

    /// Relative traffic from the start to `hours` later.
    fn traffic_until(&self, hours: f64) -> f64 {
        cumulated(self.start_hour + hours) - cumulated(self.start_hour)
    }

    /// Hours after the start at which the relative traffic `share` has passed: inverse of
    /// `traffic_until`.
    fn hour_at(&self, share: f64) -> f64 {
        let wanted = cumulated(self.start_hour) + share;
        let day: f64 = HOURLY.iter().sum();
        let days = (wanted / day).floor();
        let mut rest = wanted - days * day;
        let mut hour = 0.0;
        for weight in HOURLY {
            if rest < weight {
                hour += rest / weight;
                break;
            }
            rest -= weight;
            hour += 1.0;
        }
        (days * 24.0 + hour - self.start_hour).clamp(0.0, self.days * 24.0)
    }
}

/// Relative traffic from midnight of the first day to `hour` (which may exceed 24).
fn cumulated(hour: f64) -> f64 {
    let day: f64 = HOURLY.iter().sum();
    let days = (hour / 24.0).floor();
    let within = hour - 24.0 * days;
    let full = (within as usize).min(23);
    let before: f64 = HOURLY.iter().take(full).sum();
    let part = HOURLY
        .get(full)
        .map_or(0.0, |weight| weight * (within - full as f64));
    days * day + before + part
}

fn chance(share: f64, rng: &mut ChaCha8Rng) -> bool {
    rng.random::<f64>() < share
}

/// Fisher-Yates.
fn shuffle(items: &mut [usize], rng: &mut ChaCha8Rng) {
    for i in (1..items.len()).rev() {
        let j = (rng.random::<f64>() * (i + 1) as f64) as usize;
        items.swap(i, j.min(i));
    }
}

impl TrainKind {
    fn validate(&self, kind: usize) -> Result<(), TrafficError> {
        let check = |field, value: f64, low: f64, high: f64, wanted| {
            if value >= low && value <= high {
                Ok(())
            } else {
                Err(TrafficError::Kind {
                    kind,
                    field,
                    value,
                    wanted,
                })
            }
        };
        check("share", self.share, 0.0, 1e6, "zero or a positive number")?;
        for (field, value) in [
            ("facing_share", self.facing_share),
            ("diverging_share", self.diverging_share),
            ("wheel_flat_share", self.wheel_flat_share),
        ] {
            check(field, value, 0.0, 1.0, "between 0 and 1")?;
        }
        let speed = &self.speed;
        check(
            "speed sd_m_s",
            speed.sd_m_s,
            0.0,
            50.0,
            "between 0 and 50 m/s",
        )?;
        check(
            "speed min_m_s",
            speed.min_m_s,
            1.0,
            110.0,
            "between 1 and 110 m/s",
        )?;
        let above = "between the lowest speed and 110 m/s";
        check("speed max_m_s", speed.max_m_s, speed.min_m_s, 110.0, above)?;
        let within = "between the lowest and the highest speed";
        check(
            "speed mean_m_s",
            speed.mean_m_s,
            speed.min_m_s,
            speed.max_m_s,
            within,
        )
    }
}

impl SpeedLaw {
    /// A speed, m/s, by rejection; the mean lies within the limits, so few draws are needed.
    fn draw(&self, rng: &mut ChaCha8Rng) -> f64 {
        for _ in 0..256 {
            let deviate: f64 = StandardNormal.sample(rng);
            let speed = self.mean_m_s + self.sd_m_s * deviate;
            if (self.min_m_s..=self.max_m_s).contains(&speed) {
                return speed;
            }
        }
        // Limits far narrower than the deviation: nearly uniform between them.
        self.min_m_s + (self.max_m_s - self.min_m_s) * rng.random::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    fn kind(share: f64) -> TrainKind {
        TrainKind {
            share,
            speed: SpeedLaw {
                mean_m_s: 33.0,
                sd_m_s: 3.0,
                min_m_s: 16.0,
                max_m_s: 39.0,
            },
            facing_share: 0.5,
            diverging_share: 0.25,
            wheel_flat_share: 0.1,
        }
    }

    fn traffic() -> Traffic {
        Traffic {
            kinds: vec![kind(0.5), kind(0.3), kind(0.2)],
            passages_per_day: 62.0,
            days: 28.0,
            start_hour: 0.0,
            observed: 400,
            diverging_speed_m_s: 22.0,
        }
    }

    fn rng(seed: u64) -> ChaCha8Rng {
        stream(seed, 0, Purpose::Traffic, 0)
    }

    #[test]
    fn the_sample_is_stratified_over_time_and_trains() {
        let sample = traffic().sample(&mut rng(1)).unwrap();
        assert!((sample.expected - 62.0 * 28.0).abs() < 1e-9);
        assert_eq!(sample.passages.len(), 400);
        let passages = &sample.passages;
        assert!(
            passages
                .windows(2)
                .all(|w| w[1].at_s - w[0].at_s >= HEADWAY_S - 1e-6)
        );
        assert!(passages[0].at_s >= 0.0 && passages[399].at_s <= 28.0 * 86_400.0);
        for week in 0..4 {
            let days = f64::from(week) * 7.0..f64::from(week + 1) * 7.0;
            let count = passages
                .iter()
                .filter(|p| days.contains(&(p.at_s / 86_400.0)))
                .count();
            assert!((99..=101).contains(&count), "week {week}: {count}");
        }
        let of = |k| passages.iter().filter(|p| p.kind == k).count();
        assert_eq!((of(0), of(1), of(2)), (200, 120, 80));
        // Nights carry less: 0-5 h has 1.8 of 24 parts.
        let night = passages
            .iter()
            .filter(|p| (p.at_s / 3600.0) % 24.0 < 5.0)
            .count();
        assert!((15..=50).contains(&night), "{night}");
    }

    #[test]
    fn shares_and_speeds_are_as_asked() {
        let sample = traffic().sample(&mut rng(2)).unwrap();
        let share = |f: &dyn Fn(&PlannedPassage) -> bool| {
            sample.passages.iter().filter(|p| f(p)).count() as f64 / 400.0
        };
        assert!((share(&|p| p.direction == Direction::Facing) - 0.5).abs() < 0.08);
        assert!((share(&|p| p.route == Route::Diverging) - 0.25).abs() < 0.07);
        assert!((share(&|p| p.wheel_flat) - 0.1).abs() < 0.05);
        for p in &sample.passages {
            let top = if p.route == Route::Diverging {
                22.0
            } else {
                39.0
            };
            assert!(p.speed_m_s >= 16.0 && p.speed_m_s <= top);
        }
        let through: Vec<f64> = sample
            .passages
            .iter()
            .filter(|p| p.route == Route::Through)
            .map(|p| p.speed_m_s)
            .collect();
        let mean = through.iter().sum::<f64>() / through.len() as f64;
        assert!((mean - 33.0).abs() < 0.6, "{mean}");
    }

    #[test]
    fn equal_streams_give_equal_samples() {
        assert_eq!(traffic().sample(&mut rng(3)), traffic().sample(&mut rng(3)));
        assert_ne!(traffic().sample(&mut rng(3)), traffic().sample(&mut rng(4)));
    }

    #[test]
    fn time_and_traffic_are_inverse() {
        let traffic = Traffic {
            start_hour: 7.5,
            days: 3.0,
            ..traffic()
        };
        for i in 0..=72 {
            let hour = f64::from(i);
            let back = traffic.hour_at(traffic.traffic_until(hour));
            assert!((back - hour).abs() < 1e-9, "{hour}: {back}");
        }
    }

    #[test]
    fn a_dense_sample_keeps_the_headway_within_the_period() {
        let dense = Traffic {
            days: 1.0,
            passages_per_day: 380.0,
            observed: 310,
            ..traffic()
        };
        let sample = dense.sample(&mut rng(5)).unwrap();
        assert!(
            sample
                .passages
                .windows(2)
                .all(|w| w[1].at_s - w[0].at_s >= HEADWAY_S - 1e-6)
        );
        assert!(sample.passages[0].at_s >= 0.0 && sample.passages[309].at_s < 86_400.0);
    }

    #[test]
    fn impossible_traffic_is_refused() {
        let message = |t: Traffic| t.sample(&mut rng(1)).unwrap_err().to_string();
        assert!(
            message(Traffic {
                kinds: vec![],
                ..traffic()
            })
            .contains("no train")
        );
        assert!(
            message(Traffic {
                days: f64::NAN,
                ..traffic()
            })
            .contains("days")
        );
        assert!(
            message(Traffic {
                observed: 5000,
                ..traffic()
            })
            .contains("observe fewer")
        );
        let mut slow = traffic();
        slow.kinds[1].speed.mean_m_s = 5.0;
        assert!(message(slow).contains("train 1 of the mix: speed mean_m_s"));
        let none = Traffic {
            kinds: vec![],
            observed: 0,
            ..traffic()
        };
        assert!(none.sample(&mut rng(1)).unwrap().passages.is_empty());
    }
}
