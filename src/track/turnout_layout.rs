//! Where the bearers of a turnout lie, and where the rails of a route are on them.
//!
//! The branch leaves to the **right** of the straight (a right-hand turnout, seen in facing direction).
//! The crossing is where the straight's right rail meets the branch's left one: it lies in the right
//! rail of the through route and in the left rail of the diverging one, there the outer rail.
//! A left-hand turnout is its mirror image, with the same vertical motion.
//!
//! Bearers are square to both tracks (they turn by 1 in 2N at most). Each reaches from 1.3 m outside the
//! centre of the straight to 1.3 m outside the centre of the branch, until it would be longer than
//! 4.8 m; from there on each track has sleepers of its own.

use super::{Route, Side, Turnout};

/// Length of a plain concrete sleeper, m.
pub(crate) const SLEEPER_M: f64 = 2.6;
/// Longest bearer under both tracks, m; beyond, the tracks part on sleepers of their own.
const LONGEST_BEARER_M: f64 = 4.8;
/// Distance of the two track centre lines at the theoretical point, m: one gauge, since there the
/// left rail of one route meets the right rail of the other.
const GAUGE_M: f64 = 1.435;
/// Distance of the rails from the centre of their track, m.
pub(crate) const RAIL_Y_M: f64 = 0.75;

/// Distance of a housing beside a rail from the middle of the rail, m: clear of foot and fastening.
const BESIDE_RAIL_M: f64 = 0.25;
/// Distance of a housing at the end of a bearer from its end face, m.
const FROM_END_M: f64 = 0.10;

/// Where on its bearer a sensor sits; the bearer's two ends are told apart by the track they lie at.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum BearerPlace {
    /// Beside the seat of the straight's right rail (the one with the crossing), 0.25 m towards the
    /// middle of the straight: in reach of the impact, and clear of the fastening.
    #[default]
    RailSeat,
    /// Half way along the bearer.
    Middle,
    /// 0.1 m from the end at the outer side of the straight.
    End,
    /// So far from that end, m.
    Along(f64),
}

/// A bearer under one route, across the track of that route.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BearerReach {
    /// `y` of its end at the outer side of the straight, m; of the left end of a sleeper.
    pub(crate) left_end_y_m: f64,
    /// Length, m.
    pub(crate) length_m: f64,
    /// Whether it carries both tracks.
    pub(crate) shared: bool,
}

impl BearerReach {
    /// Distance of `place` from the left end, m.
    pub(crate) fn along_m(&self, place: BearerPlace) -> f64 {
        match place {
            BearerPlace::RailSeat => 0.5 * SLEEPER_M + RAIL_Y_M - BESIDE_RAIL_M,
            BearerPlace::Middle => 0.5 * self.length_m,
            BearerPlace::End => FROM_END_M,
            BearerPlace::Along(along_m) => along_m,
        }
    }
}

/// The rail in which `route` has the crossing.
pub fn crossing_side(route: Route) -> Side {
    match route {
        Route::Through => Side::Right,
        Route::Diverging => Side::Left,
    }
}

impl Turnout {
    /// Distance of the two track centre lines at `s_m` from the theoretical point, m.
    ///
    /// Behind the theoretical point the branch is straight and parts by 1 m in N; ahead of it the branch is an arc
    /// of the turnout's radius, tangent to that, down to where it has joined the straight.
    pub(crate) fn parting_m(&self, s_m: f64) -> f64 {
        let slope = 1.0 / self.through.number;
        if s_m >= 0.0 {
            return GAUGE_M + slope * s_m;
        }
        // The arc is at its nearest where its tangent is along the straight.
        let s_m = s_m.max(-slope * self.radius_m);
        let root = slope * slope - 2.0 * GAUGE_M / self.radius_m;
        if root > 0.0 && s_m < self.radius_m * (root.sqrt() - slope) {
            return 0.0;
        }
        (GAUGE_M + slope * s_m + 0.5 * s_m * s_m / self.radius_m).max(0.0)
    }

    /// The bearer at `s_m` from the theoretical point, as it lies under `route`.
    pub(crate) fn bearer_reach(&self, s_m: f64, route: Route) -> BearerReach {
        let parting = self.parting_m(s_m);
        let length = SLEEPER_M + parting;
        if length > LONGEST_BEARER_M || parting == 0.0 {
            return BearerReach {
                left_end_y_m: 0.5 * SLEEPER_M,
                length_m: SLEEPER_M,
                shared: false,
            };
        }
        let beyond_m = match route {
            Route::Through => 0.0,
            Route::Diverging => parting,
        };
        BearerReach {
            left_end_y_m: 0.5 * SLEEPER_M + beyond_m,
            length_m: length,
            shared: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tangent arc of 245 m that ends at an angle of 1:9.25 has come 1.432 m off the straight, one
    /// gauge within 3 mm: the turnout's own numbers agree.
    #[test]
    fn the_branch_joins_the_straight_one_arc_ahead_of_the_crossing() {
        let turnout = Turnout::by_name("56E1-R245-1:9.25").unwrap();
        let toe = -245.0 / 9.25;
        assert!(turnout.parting_m(toe) < 0.004);
        assert!((turnout.parting_m(0.0) - 1.435).abs() < 1e-12);
        let mut last = 0.0;
        for i in -60..=60 {
            let parting = turnout.parting_m(f64::from(i));
            assert!(parting >= last, "{i}");
            last = parting;
        }
        // Chord of the arc half way, 13.243 m from either end: 245 - sqrt(245^2 - 13.243^2) = 0.3582 m.
        assert!((turnout.parting_m(0.5 * toe) - 0.3582 - 0.0033).abs() < 2e-3);
    }

    #[test]
    fn bearers_grow_through_the_turnout_and_part_behind_it() {
        for name in crate::track::TURNOUT_TYPES {
            let turnout = Turnout::by_name(name).unwrap();
            let at = |s: f64| turnout.bearer_reach(s, Route::Through);
            assert!((at(0.0).length_m - 4.035).abs() < 1e-9);
            assert!(at(-20.0).length_m < at(-10.0).length_m);
            assert!(at(-10.0).length_m < at(0.0).length_m && at(0.0).length_m < at(3.0).length_m);
            let behind = at(20.0);
            assert!((behind.length_m - 2.6).abs() < 1e-12 && !behind.shared);
            assert!((at(-60.0).length_m - 2.6).abs() < 0.01);
        }
    }

    #[test]
    fn a_place_on_a_bearer_is_the_same_for_both_routes() {
        let turnout = Turnout::by_name("60E1-R760-1:15").unwrap();
        let (through, branch) = (
            turnout.bearer_reach(0.0, Route::Through),
            turnout.bearer_reach(0.0, Route::Diverging),
        );
        assert_eq!(through.length_m.to_bits(), branch.length_m.to_bits());
        // The crossing's seat, from either track: one gauge apart, with rails 1.5 m apart.
        let from_straight = through.left_end_y_m + RAIL_Y_M;
        let from_branch = branch.left_end_y_m - RAIL_Y_M;
        assert!((from_straight - from_branch - 0.065).abs() < 1e-9);
        assert!((through.along_m(BearerPlace::RailSeat) - 1.8).abs() < 1e-12);
        assert!((through.along_m(BearerPlace::Middle) - 2.0175).abs() < 1e-12);
        assert!((branch.along_m(BearerPlace::Along(0.4)) - 0.4).abs() < 1e-15);
    }
}
