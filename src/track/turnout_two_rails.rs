//! A turnout as two rails on flexible bearers, for the full engine.
//!
//! **What is a simplification.** Only the two rails of the route that is run are there: mass and stiffness of the
//! other track's rails, of the check rail and of the points are left out. Ballast is even along a bearer,
//! apart from gaps. A bearer that carries both tracks is one prismatic beam. Behind the last long bearer each
//! route has sleepers of its own, so that a sensor there sits on those of the route that is run.

use rand_chacha::ChaCha8Rng;

use super::turnout_layout::{BearerPlace, BearerReach, RAIL_Y_M, SLEEPER_M, crossing_side};
use super::{
    BallastLaw, BeamTheory, Bearer, BearerPoint, GapProfile, Pad, RailSection, Route, Side,
    Turnout, TurnoutError, TwoRailTrack, Void,
};

/// Rail elements in each bay.
const ELEMENTS_PER_BAY: usize = 4;
/// Part of the crossing's extent over which its section grows from that of the rail, at either end.
const CROSSING_TAPER: f64 = 0.25;

/// Cross section of a sleeper or bearer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BearerSection {
    /// Bending stiffness, N m2.
    pub bending_stiffness_n_m2: f64,
    /// Mass per length, kg/m.
    pub mass_kg_m: f64,
}

impl BearerSection {
    /// A prismatic concrete turnout bearer, 0.26 m wide in the mean and 0.22 m high, with 2 450 kg/m3 and a dynamic
    /// modulus of 4.5e10 Pa: free in bending at 61 Hz when 4 m long. **Textbook-typical dimensions.**
    pub const TURNOUT: Self = Self {
        bending_stiffness_n_m2: 45e9 * 0.26 * 0.22 * 0.22 * 0.22 / 12.0,
        mass_kg_m: 2450.0 * 0.26 * 0.22,
    };
    /// Bending stiffness of a plain concrete sleeper (B70 class), N m2: with 300 kg free in bending at 120, 331 and
    /// 649 Hz, on its ballast from 157 Hz on. Its mass is that of the turnout's support.
    pub const SLEEPER_BENDING_N_M2: f64 = 6.0e6;
}

/// A route of a turnout as a track with the place of the theoretical point in it.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteTrack {
    /// Track for the passage model; `y` counts from the centre of the route.
    pub track: TwoRailTrack,
    /// Track coordinate of the theoretical point, m.
    pub crossing_m: f64,
    /// Bearer under the theoretical point: bearer 0.
    pub crossing_bearer: usize,
    /// Rail with the crossing.
    pub crossing_side: Side,
    reach: Vec<BearerReach>,
}

impl RouteTrack {
    /// Index in the track of bearer `bearer`, if it lies within it.
    pub fn index_of(&self, bearer: i32) -> Option<usize> {
        let index = i64::try_from(self.crossing_bearer).ok()? + i64::from(bearer);
        usize::try_from(index)
            .ok()
            .filter(|index| *index < self.track.bearers.len())
    }

    /// A place on bearer `bearer`, counted from the theoretical point: the same piece of concrete for both
    /// routes. `None` outside the track or the bearer.
    pub fn point(&self, bearer: i32, place: BearerPlace) -> Option<BearerPoint> {
        let index = self.index_of(bearer)?;
        let reach = self.reach.get(index)?;
        let along_m = reach.along_m(place);
        (0.0..=reach.length_m)
            .contains(&along_m)
            .then_some(BearerPoint {
                bearer: index,
                y_m: reach.left_end_y_m - along_m,
            })
    }
}

impl Turnout {
    /// Builds the track of one route, of `bays` bays with a bearer right under the theoretical point,
    /// which lies in the middle.
    ///
    /// Ballast of a bearer has the support's stiffness and damping per length of sleeper; both rails have the
    /// support's pads. `rng` draws the scatter of the bearers' ballast and of the pads of both routes: pass the
    /// stream of purpose `Supports` afresh each time, and both routes lie on the same ballast.
    pub fn build_route(
        &self,
        route: Route,
        bays: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<RouteTrack, TurnoutError> {
        self.validate()?;
        super::turnout::check_bays(bays)?;
        let crossing_bearer = bays / 2;
        let place = |index: usize| (index as f64 - crossing_bearer as f64) * self.bay_m;
        let reach: Vec<BearerReach> = (0..=bays)
            .map(|index| self.bearer_reach(place(index), route))
            .collect();
        let mut bearers: Vec<Bearer> = reach
            .iter()
            .map(|reach| self.bearer(reach, route, rng))
            .collect();
        for void in &self.voids {
            let outside = TurnoutError::VoidOutside {
                bearer: void.bearer,
                bays,
            };
            let index = i64::try_from(crossing_bearer).unwrap_or(0) + i64::from(void.bearer);
            let bearer = usize::try_from(index)
                .ok()
                .and_then(|index| bearers.get_mut(index));
            let bearer = bearer.ok_or(outside)?;
            bearer.gap = gap_along(void, bearer);
        }
        let crossing_side = crossing_side(route);
        let element_m = self.bay_m / ELEMENTS_PER_BAY as f64;
        let crossing_m = crossing_bearer as f64 * self.bay_m;
        let rails = Side::BOTH.map(|side| {
            (0..bays * ELEMENTS_PER_BAY)
                .map(|element| {
                    let s_m = (element as f64 + 0.5) * element_m - crossing_m;
                    self.section_of(side == crossing_side, s_m)
                })
                .collect()
        });
        Ok(RouteTrack {
            track: TwoRailTrack {
                rails,
                beam: BeamTheory::Timoshenko,
                rotary_second_moment_m4: None,
                bay_m: self.bay_m,
                elements_per_bay: ELEMENTS_PER_BAY,
                seats_y_m: [RAIL_Y_M, -RAIL_Y_M],
                bearers,
                ballast: BallastLaw::Unilateral,
                gravity_m_s2: self.gravity_m_s2,
            },
            crossing_m,
            crossing_bearer,
            crossing_side,
            reach,
        })
    }

    /// One bearer with its scatter. The pads of both routes are drawn, whichever is asked for.
    fn bearer(&self, reach: &BearerReach, route: Route, rng: &mut ChaCha8Rng) -> Bearer {
        let ballast = self.scatter(rng);
        let pads: [f64; 4] = std::array::from_fn(|_| self.scatter(rng));
        let own = match route {
            Route::Through => [pads[0], pads[1]],
            Route::Diverging => [pads[2], pads[3]],
        };
        let s = &self.support;
        let section = if reach.shared {
            self.bearer_section
        } else {
            BearerSection {
                bending_stiffness_n_m2: BearerSection::SLEEPER_BENDING_N_M2,
                mass_kg_m: 2.0 * s.sleeper_mass_kg / SLEEPER_M,
            }
        };
        Bearer {
            left_end_y_m: reach.left_end_y_m,
            right_end_y_m: reach.left_end_y_m - reach.length_m,
            bending_stiffness_n_m2: section.bending_stiffness_n_m2,
            mass_kg_m: section.mass_kg_m,
            ballast_stiffness_n_m2: 2.0 * s.ballast_stiffness_n_m / SLEEPER_M * ballast,
            ballast_damping_n_s_m2: 2.0 * s.ballast_damping_n_s_m / SLEEPER_M,
            gap: GapProfile::uniform(s.gap_m),
            pads: own.map(|factor| Pad {
                stiffness_n_m: s.pad_stiffness_n_m * factor,
                damping_n_s_m: s.pad_damping_n_s_m,
            }),
        }
    }

    /// Section of a rail at `s_m` from the theoretical point: wing rails and nose together where the
    /// crossing is, growing from the rail's over a quarter of its extent at either end.
    fn section_of(&self, with_crossing: bool, s_m: f64) -> RailSection {
        let (first, last) = self.crossing_extent_m;
        let taper = CROSSING_TAPER * (last - first);
        let inside = ((s_m - first).min(last - s_m) / taper).clamp(0.0, 1.0);
        if !with_crossing || inside <= 0.0 {
            return self.rail;
        }
        let stiffness = 1.0 + inside * (self.crossing_stiffness_factor - 1.0);
        let mass = 1.0 + inside * (self.crossing_mass_factor - 1.0);
        RailSection {
            bending_stiffness_n_m2: self.rail.bending_stiffness_n_m2 * stiffness,
            mass_kg_m: self.rail.mass_kg_m * mass,
            area_m2: self.rail.area_m2 * mass,
            ..self.rail
        }
    }
}

/// Gap from the end at the straight to the other end.
fn gap_along(void: &Void, bearer: &Bearer) -> GapProfile {
    match void.far_gap_m {
        Some(far_m) => GapProfile {
            points: vec![
                (bearer.right_end_y_m, far_m),
                (bearer.left_end_y_m, void.gap_m),
            ],
        },
        None => GapProfile::uniform(void.gap_m),
    }
}

#[cfg(test)]
#[path = "turnout_two_rails_tests.rs"]
mod tests;
