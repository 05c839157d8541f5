//! L2 event: axles and speed of matched trains.

use super::matching::match_times;
use super::points::{PointErrors, point_errors};

/// A true train and what was reported of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainPair {
    /// True times of the axles in microseconds.
    pub axles_true_us: Vec<i64>,
    /// Reported times of the axles in microseconds.
    pub axles_reported_us: Vec<i64>,
    /// True speed in m/s, positive.
    pub speed_true_m_s: f64,
    /// Reported speed in m/s, if there was one.
    pub speed_reported_m_s: Option<f64>,
}

/// Scores of axles and speed over a set of matched trains.
#[derive(Debug, Clone, PartialEq)]
pub struct AxleSpeed {
    /// Axles found within the tolerance, one to one.
    pub matched: u64,
    /// True axles that were not found.
    pub missed: u64,
    /// Reported axles that do not exist.
    pub extra: u64,
    /// Share of trains with exactly the true number of axles; `None` without a train.
    pub count_exact_rate: Option<f64>,
    /// Relative errors of the speed, as points (1, reported / true); `None` if no speed was reported.
    pub speed: Option<PointErrors>,
    /// Share of reported speeds within the given relative error (inclusive).
    pub speed_within: Option<f64>,
    /// Trains without a reported speed.
    pub speed_missing: u64,
}

/// Matches axles within `tolerance_us` and compares speeds; `within` is a relative error.
pub fn axle_speed(trains: &[TrainPair], tolerance_us: u64, within: f64) -> AxleSpeed {
    let (mut matched, mut missed, mut extra, mut exact) = (0, 0, 0, 0_u64);
    let mut ratios = Vec::new();
    let mut inside = 0_u64;
    for train in trains {
        let pairs = match_times(&train.axles_true_us, &train.axles_reported_us, tolerance_us).len();
        matched += pairs as u64;
        missed += (train.axles_true_us.len() - pairs) as u64;
        extra += (train.axles_reported_us.len() - pairs) as u64;
        exact += u64::from(train.axles_true_us.len() == train.axles_reported_us.len());
        if let Some(speed) = train.speed_reported_m_s {
            ratios.push((
                1.0,
                1.0 + (speed - train.speed_true_m_s) / train.speed_true_m_s,
            ));
            inside += u64::from(
                (speed - train.speed_true_m_s).abs() <= within * train.speed_true_m_s.abs(),
            );
        }
    }
    let share = |hits: u64, n: usize| (n > 0).then(|| hits as f64 / n as f64);
    AxleSpeed {
        matched,
        missed,
        extra,
        count_exact_rate: share(exact, trains.len()),
        speed: point_errors(&ratios).ok(),
        speed_within: share(inside, ratios.len()),
        speed_missing: (trains.len() - ratios.len()) as u64,
    }
}
