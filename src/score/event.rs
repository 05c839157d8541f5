//! L2 event: detection of labelled events within a collar, in integer microseconds.

use super::matching::{match_times, maximum_matching};

/// One event of the truth or of the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Begin in microseconds.
    pub onset_us: i64,
    /// End in microseconds.
    pub offset_us: i64,
    /// What it is, compared exactly.
    pub label: String,
}

/// When an event counts as found. All bounds are inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Collar {
    /// Largest difference of the onsets in microseconds.
    pub onset_us: u64,
    /// If given, the ends must agree as well, within the larger of the collar and this share of the
    /// true event's length.
    pub offset_share: Option<f64>,
}

/// Counts of a comparison of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventCounts {
    /// True events.
    pub truth: u64,
    /// Reported events.
    pub reported: u64,
    /// Pairs that agree in time and label.
    pub matched: u64,
    /// Pairs of what is left that agree in time but not in label. They are false **and** missed
    /// events in precision, recall and F1.
    pub substituted: u64,
}

impl EventCounts {
    /// Reported events without a partner, substitutions included.
    pub fn false_events(&self) -> u64 {
        self.reported - self.matched
    }

    /// True events without a partner, substitutions included.
    pub fn missed(&self) -> u64 {
        self.truth - self.matched
    }

    /// Matched over reported; `None` if nothing was reported.
    pub fn precision(&self) -> Option<f64> {
        (self.reported > 0).then(|| self.matched as f64 / self.reported as f64)
    }

    /// Matched over true; `None` if there was nothing to find.
    pub fn recall(&self) -> Option<f64> {
        (self.truth > 0).then(|| self.matched as f64 / self.truth as f64)
    }

    /// Harmonic mean of precision and recall as 2 TP / (2 TP + FP + FN): 0 if nothing was reported
    /// although there was something to find, `None` only if both sets are empty.
    pub fn f1(&self) -> Option<f64> {
        let both = self.truth + self.reported;
        (both > 0).then(|| 2.0 * self.matched as f64 / both as f64)
    }

    /// (substitutions + deletions + insertions) over true events, where a substitution counts once;
    /// `None` if there was nothing to find.
    pub fn error_rate(&self) -> Option<f64> {
        let missed = self.missed() - self.substituted;
        let inserted = self.false_events() - self.substituted;
        (self.truth > 0).then(|| (self.substituted + missed + inserted) as f64 / self.truth as f64)
    }
}

/// Matches `reported` with `truth` one to one, as many as possible, and counts.
///
/// Labels are matched first; substitutions are a maximum matching of what is left.
pub fn collar_events(truth: &[Event], reported: &[Event], collar: Collar) -> EventCounts {
    let pairs = match_labelled(truth, reported, collar);
    let mut truth_left: Vec<usize> = (0..truth.len()).collect();
    let mut reported_left: Vec<usize> = (0..reported.len()).collect();
    truth_left.retain(|i| pairs.iter().all(|p| p.0 != *i));
    reported_left.retain(|j| pairs.iter().all(|p| p.1 != *j));
    let rest = match_subset(truth, &truth_left, reported, &reported_left, collar);
    EventCounts {
        truth: truth.len() as u64,
        reported: reported.len() as u64,
        matched: pairs.len() as u64,
        substituted: rest.len() as u64,
    }
}

fn match_labelled(truth: &[Event], reported: &[Event], collar: Collar) -> Vec<(usize, usize)> {
    let mut labels: Vec<&str> = truth.iter().map(|event| event.label.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    let of = |events: &[Event], label: &str| -> Vec<usize> {
        (0..events.len())
            .filter(|&i| events[i].label == label)
            .collect()
    };
    labels
        .into_iter()
        .flat_map(|label| {
            match_subset(
                truth,
                &of(truth, label),
                reported,
                &of(reported, label),
                collar,
            )
        })
        .collect()
}

/// A maximum matching of the events with the given indices, labels ignored.
fn match_subset(
    truth: &[Event],
    truth_indices: &[usize],
    reported: &[Event],
    reported_indices: &[usize],
    collar: Collar,
) -> Vec<(usize, usize)> {
    let Some(share) = collar.offset_share else {
        let onsets = |events: &[Event], indices: &[usize]| -> Vec<i64> {
            indices.iter().map(|&i| events[i].onset_us).collect()
        };
        let (t, r) = (
            onsets(truth, truth_indices),
            onsets(reported, reported_indices),
        );
        return match_times(&t, &r, collar.onset_us)
            .into_iter()
            .map(|(i, j)| (truth_indices[i], reported_indices[j]))
            .collect();
    };
    let agree = |t: &Event, r: &Event| {
        let length = t.offset_us.abs_diff(t.onset_us) as f64;
        let reach = (share * length).max(collar.onset_us as f64);
        t.onset_us.abs_diff(r.onset_us) <= collar.onset_us
            && t.offset_us.abs_diff(r.offset_us) as f64 <= reach
    };
    let neighbours: Vec<Vec<usize>> = truth_indices
        .iter()
        .map(|&i| {
            (0..reported_indices.len())
                .filter(|&j| agree(&truth[i], &reported[reported_indices[j]]))
                .collect()
        })
        .collect();
    maximum_matching(&neighbours, reported_indices.len())
        .into_iter()
        .enumerate()
        .filter_map(|(i, partner)| Some((truth_indices[i], reported_indices[partner?])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(onset_us: i64, offset_us: i64, label: &str) -> Event {
        Event {
            onset_us,
            offset_us,
            label: label.to_owned(),
        }
    }

    const COLLAR: Collar = Collar {
        onset_us: 200_000,
        offset_share: None,
    };

    #[test]
    fn a_silent_device_scores_zero_and_an_empty_night_is_undefined() {
        let missed = collar_events(&[event(0, 1, "train")], &[], COLLAR);
        assert_eq!(
            (missed.precision(), missed.recall(), missed.f1()),
            (None, Some(0.0), Some(0.0))
        );
        let nothing = collar_events(&[], &[], COLLAR);
        assert_eq!((nothing.f1(), nothing.error_rate()), (None, None));
    }

    #[test]
    fn a_repeated_report_is_false_once() {
        let counts = collar_events(
            &[event(0, 9, "train")],
            &[event(0, 9, "train"), event(5, 9, "train")],
            COLLAR,
        );
        assert_eq!(
            (counts.matched, counts.false_events(), counts.missed()),
            (1, 1, 0)
        );
    }
}
