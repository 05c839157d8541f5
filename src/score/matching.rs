//! One-to-one matching of events in time.

use std::collections::VecDeque;

/// Pairs `truth` with `got` so that as many as possible lie within `tolerance` of each other.
///
/// Times are integer microseconds, so that a difference equal to the tolerance counts on every
/// machine. Both are sorted; of the earliest two that are left, the earlier one is dropped if they
/// are too far apart, else they are paired. For one tolerance this is a maximum matching: the
/// earliest truth has no better partner than the earliest event in its reach.
/// Returns (index in `truth`, index in `got`) in order of time.
pub fn match_times(truth: &[i64], got: &[i64], tolerance: u64) -> Vec<(usize, usize)> {
    let order = |times: &[i64]| {
        let mut order: Vec<usize> = (0..times.len()).collect();
        order.sort_by_key(|&index| (times[index], index));
        order
    };
    let (truth_order, got_order) = (order(truth), order(got));
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < truth_order.len() && j < got_order.len() {
        let (t, g) = (truth[truth_order[i]], got[got_order[j]]);
        if t.abs_diff(g) <= tolerance {
            pairs.push((truth_order[i], got_order[j]));
            i += 1;
            j += 1;
        } else if t < g {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// A maximum one-to-one matching in a bipartite graph, for conditions that have no order.
///
/// `neighbours[i]` lists the right vertices that left vertex i may take. Augmenting paths by breadth
/// first search (Berge, PNAS 43 (1957) 842), left vertices ascending: O(vertices x edges), and the
/// result depends on the order of the input only. Returns the right partner of each left vertex.
pub fn maximum_matching(neighbours: &[Vec<usize>], n_right: usize) -> Vec<Option<usize>> {
    let mut left_partner: Vec<Option<usize>> = vec![None; neighbours.len()];
    let mut right_partner: Vec<Option<usize>> = vec![None; n_right];
    for root in 0..neighbours.len() {
        let mut reached_from: Vec<Option<usize>> = vec![None; n_right];
        let mut queue = VecDeque::from([root]);
        let mut end = None;
        'search: while let Some(left) = queue.pop_front() {
            for &right in neighbours[left].iter().filter(|&&right| right < n_right) {
                if reached_from[right].is_some() {
                    continue;
                }
                reached_from[right] = Some(left);
                let Some(next) = right_partner[right] else {
                    end = Some(right);
                    break 'search;
                };
                queue.push_back(next);
            }
        }
        // Walk back from the free right vertex, flipping the path.
        while let Some(right) = end {
            let Some(left) = reached_from[right] else {
                break;
            };
            end = left_partner[left].replace(right);
            right_partner[right] = Some(left);
        }
    }
    left_partner
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_difference_equal_to_the_tolerance_is_matched() {
        assert_eq!(match_times(&[3_000_000], &[3_200_000], 200_000), [(0, 0)]);
        assert_eq!(match_times(&[3_000_000], &[3_200_001], 200_000), []);
    }

    #[test]
    fn crowded_events_are_shifted_rather_than_lost() {
        assert_eq!(
            match_times(&[1_300, 1_000], &[1_000, 1_150], 200),
            [(1, 0), (0, 1)]
        );
    }

    #[test]
    fn extreme_times_do_not_overflow() {
        assert_eq!(match_times(&[i64::MIN], &[i64::MAX], u64::MAX), [(0, 0)]);
        assert_eq!(match_times(&[i64::MIN], &[i64::MAX], 5), []);
    }

    proptest! {
        /// The two-pointer result is as large as the general maximum matching.
        #[test]
        fn two_pointers_find_a_maximum(
            truth in prop::collection::vec(0_i64..60, 0..14),
            got in prop::collection::vec(0_i64..60, 0..14),
            tolerance in 0_u64..12,
        ) {
            let neighbours: Vec<Vec<usize>> = truth
                .iter()
                .map(|t| (0..got.len()).filter(|&j| t.abs_diff(got[j]) <= tolerance).collect())
                .collect();
            let best = maximum_matching(&neighbours, got.len()).iter().flatten().count();
            let pairs = match_times(&truth, &got, tolerance);
            prop_assert_eq!(pairs.len(), best);
            let mut left: Vec<_> = pairs.iter().map(|p| p.0).collect();
            let mut right: Vec<_> = pairs.iter().map(|p| p.1).collect();
            left.sort_unstable();
            right.sort_unstable();
            left.dedup();
            right.dedup();
            prop_assert!(left.len() == pairs.len() && right.len() == pairs.len());
            prop_assert!(pairs.iter().all(|&(i, j)| truth[i].abs_diff(got[j]) <= tolerance));
        }
    }
}
