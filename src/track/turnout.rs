//! Turnout types and the track that they make.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::turnout_layout::SLEEPER_M;
use super::{
    BallastLaw, BeamTheory, BearerSection, Crossing, CrossingCondition, CrossingError, RailSection,
    Support, Track,
};

/// Route through a turnout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// The straight.
    #[default]
    Through,
    /// The branch.
    Diverging,
}

/// Direction of travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// From the switch to the crossing, towards +x.
    #[default]
    Facing,
    /// From the crossing to the switch, towards -x.
    Trailing,
}

impl Direction {
    /// +1 for facing, -1 for trailing.
    pub fn sign(self) -> f64 {
        match self {
            Self::Facing => 1.0,
            Self::Trailing => -1.0,
        }
    }
}

/// A void under one bearer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Void {
    /// Bearer, counted from the one at the theoretical point, positive in facing direction.
    pub bearer: i32,
    /// Gap between unloaded bearer and ballast, m; at the outer side of the straight if it varies.
    pub gap_m: f64,
    /// Gap at the other end of the bearer, m, if it is another one: linear in between.
    pub far_gap_m: Option<f64>,
}

/// A turnout at its crossing panel: what the passage model needs to know about it.
///
/// [`Turnout::build_route`] makes two rails on flexible bearers of it; [`Turnout::build`] one rail, a verification
/// option, in which a bearer is rigid and gives each rail of the track that is run over half of its mass.
#[derive(Debug, Clone, PartialEq)]
pub struct Turnout {
    /// Name of the type.
    pub name: String,
    /// Plain rail.
    pub rail: RailSection,
    /// Bending stiffness of the crossing (nose and wings together) relative to the plain rail.
    pub crossing_stiffness_factor: f64,
    /// Mass and area of the crossing relative to the plain rail.
    pub crossing_mass_factor: f64,
    /// Range around the theoretical point over which the crossing's section holds, m.
    pub crossing_extent_m: (f64, f64),
    /// Radius of the diverging route, m.
    pub radius_m: f64,
    /// Highest speed on the diverging route, m/s.
    pub diverging_speed_m_s: f64,
    /// Crossing as the through route sees it.
    pub through: Crossing,
    /// Crossing as the diverging route sees it.
    pub diverging: Crossing,
    /// Spacing of sleepers and bearers, m.
    pub bay_m: f64,
    /// Support of one rail on a plain sleeper of 2.6 m.
    pub support: Support,
    /// Section of bearers that carry both tracks.
    pub bearer_section: BearerSection,
    /// Relative standard deviation of ballast and pad stiffness from bearer to bearer.
    pub stiffness_scatter: f64,
    /// Voids.
    pub voids: Vec<Void>,
    /// Gravity, m/s2.
    pub gravity_m_s2: f64,
}

/// A track with the place of the theoretical point in it.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossingTrack {
    /// Track for the passage model.
    pub track: Track,
    /// Track coordinate of the theoretical point, m.
    pub crossing_m: f64,
    /// Support under the theoretical point: bearer 0.
    pub crossing_support: usize,
}

impl CrossingTrack {
    /// Index of the support of bearer `bearer`, if it lies within the track.
    pub fn support_of(&self, bearer: i32) -> Option<usize> {
        let index = i64::try_from(self.crossing_support).ok()? + i64::from(bearer);
        usize::try_from(index)
            .ok()
            .filter(|index| *index < self.track.supports.len())
    }
}

/// Why a turnout cannot be found or built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TurnoutError {
    /// No such type.
    #[error("there is no turnout type `{name}`; known types are {known}")]
    UnknownType {
        /// What was asked for.
        name: String,
        /// The types, separated by commas.
        known: String,
    },
    /// A crossing is out of range.
    #[error("{route} route: {problem}")]
    Crossing {
        /// Which route.
        route: &'static str,
        /// What is wrong with it.
        problem: CrossingError,
    },
    /// A number is out of range.
    #[error("turnout {field} is {value}, it must be {wanted}")]
    Field {
        /// Field name.
        field: &'static str,
        /// Offending value in SI units.
        value: f64,
        /// What would be accepted.
        wanted: &'static str,
    },
    /// A void outside the modelled track.
    #[error("the void under bearer {bearer} lies outside the modelled track of {bays} bays")]
    VoidOutside {
        /// Bearer.
        bearer: i32,
        /// Number of bays.
        bays: usize,
    },
}

/// Names of the built-in turnout types.
pub const TURNOUT_TYPES: [&str; 2] = ["60E1-R760-1:15", "56E1-R245-1:9.25"];

/// Least factor that scatter may leave of a stiffness.
const SCATTER_FLOOR: f64 = 0.3;

impl Turnout {
    /// A built-in type, by name.
    ///
    /// Both are those of the S&C simulation benchmark of Bezin and Palsson (Vehicle System
    /// Dynamics, doi 10.1080/00423114.2021.1942079). Rail sections are those of EN 13674-1 (second
    /// moment of area, area and mass per length as in the table below), of steel with an elastic
    /// modulus of 2.1e11 Pa, a shear modulus of 8.08e10 Pa and a shear coefficient of 0.41.
    /// Supports are mid-range values of B70 track. **Textbook-typical, not read from the
    /// benchmark**: sleeper spacing, section factors of the crossing, speed limits of the branch,
    /// and the 56E1 section.
    pub fn by_name(name: &str) -> Result<Self, TurnoutError> {
        let (rail, number, radius_m, speed_km_h, bay_m) = match name {
            "60E1-R760-1:15" => (
                rail_section(3.038e-5, 76.70e-4, 60.21),
                15.0,
                760.0,
                80.0,
                0.60,
            ),
            "56E1-R245-1:9.25" => (
                rail_section(2.321e-5, 71.69e-4, 56.30),
                9.25,
                245.0,
                40.0,
                0.65,
            ),
            _ => {
                return Err(TurnoutError::UnknownType {
                    name: name.to_owned(),
                    known: TURNOUT_TYPES.join(", "),
                });
            }
        };
        let crossing = Crossing::with_condition(number, CrossingCondition::New);
        Ok(Self {
            name: name.to_owned(),
            rail,
            crossing_stiffness_factor: 1.6,
            crossing_mass_factor: 1.8,
            crossing_extent_m: (-1.5, 2.1),
            radius_m,
            diverging_speed_m_s: speed_km_h / 3.6,
            through: crossing,
            diverging: crossing,
            bay_m,
            support: Support {
                pad_stiffness_n_m: 150.0e6,
                pad_damping_n_s_m: 30.0e3,
                sleeper_mass_kg: 150.0,
                ballast_stiffness_n_m: 60.0e6,
                ballast_damping_n_s_m: 80.0e3,
                gap_m: 0.0,
            },
            bearer_section: BearerSection::TURNOUT,
            stiffness_scatter: 0.1,
            voids: Vec::new(),
            gravity_m_s2: 9.81,
        })
    }

    /// Sets both routes' crossings to `condition`.
    pub fn set_condition(&mut self, condition: CrossingCondition) {
        self.through = Crossing::with_condition(self.through.number, condition);
        self.diverging = Crossing::with_condition(self.diverging.number, condition);
    }

    /// The crossing as `route` sees it.
    pub fn crossing(&self, route: Route) -> &Crossing {
        match route {
            Route::Through => &self.through,
            Route::Diverging => &self.diverging,
        }
    }

    /// Factor on the quasi-static wheel load at the crossing from cant deficiency.
    ///
    /// The crossing lies in the outer rail of the branch, which has no cant: with the centre of
    /// gravity 1.8 m above the rail and rails 1.5 m apart the load is `1 + 2 h v^2 / (g b R)` of
    /// the mean. 1 on the through route.
    pub fn load_factor(&self, route: Route, speed_m_s: f64) -> f64 {
        match route {
            Route::Through => 1.0,
            Route::Diverging => {
                1.0 + 2.0 * 1.8 * speed_m_s * speed_m_s / (9.81 * 1.5 * self.radius_m)
            }
        }
    }

    /// Refuses data that make no track.
    pub fn validate(&self) -> Result<(), TurnoutError> {
        let crossing = |route, crossing: &Crossing| {
            crossing
                .validate()
                .map_err(|problem| TurnoutError::Crossing { route, problem })
        };
        crossing("through", &self.through)?;
        crossing("diverging", &self.diverging)?;
        let check = |field, value: f64, low: f64, high: f64, wanted| {
            if value >= low && value <= high {
                Ok(())
            } else {
                Err(TurnoutError::Field {
                    field,
                    value,
                    wanted,
                })
            }
        };
        let s = &self.support;
        check("bay_m", self.bay_m, 0.3, 1.5, "between 0.3 and 1.5 m")?;
        check(
            "pad_stiffness_n_m",
            s.pad_stiffness_n_m,
            1e6,
            1e10,
            "between 1 and 10 000 MN/m",
        )?;
        check(
            "pad_damping_n_s_m",
            s.pad_damping_n_s_m,
            0.0,
            1e7,
            "between 0 and 10 000 kN s/m",
        )?;
        check(
            "sleeper_mass_kg",
            s.sleeper_mass_kg,
            10.0,
            2000.0,
            "between 10 and 2000 kg",
        )?;
        let stiffness = s.ballast_stiffness_n_m;
        check(
            "ballast_stiffness_n_m",
            stiffness,
            1e6,
            1e9,
            "between 1 and 1000 MN/m",
        )?;
        let damping = s.ballast_damping_n_s_m;
        check(
            "ballast_damping_n_s_m",
            damping,
            0.0,
            1e7,
            "between 0 and 10 000 kN s/m",
        )?;
        check(
            "stiffness_scatter",
            self.stiffness_scatter,
            0.0,
            0.5,
            "between 0 and 0.5",
        )?;
        let (stiffness, mass) = (self.crossing_stiffness_factor, self.crossing_mass_factor);
        check(
            "crossing_stiffness_factor",
            stiffness,
            0.5,
            10.0,
            "between 0.5 and 10",
        )?;
        check(
            "crossing_mass_factor",
            mass,
            0.5,
            10.0,
            "between 0.5 and 10",
        )?;
        for void in &self.voids {
            for gap_m in [void.gap_m, void.far_gap_m.unwrap_or_default()] {
                check("void gap_m", gap_m, 0.0, 0.05, "between 0 and 50 mm")?;
            }
        }
        Ok(())
    }

    /// Builds a track of `bays` bays with a bearer right under the theoretical point, which lies in
    /// the middle.
    ///
    /// Per rail a bearer counts with half its mass, and with half the ballast under it at half
    /// weight for the part that exceeds a sleeper, since a bearer bends. `rng` draws the scatter of
    /// stiffness: pass the stream of purpose `Supports`, and the same turnout results every time.
    pub fn build(&self, bays: usize, rng: &mut ChaCha8Rng) -> Result<CrossingTrack, TurnoutError> {
        self.validate()?;
        check_bays(bays)?;
        let crossing_support = bays / 2;
        let place = |index: usize| (index as f64 - crossing_support as f64) * self.bay_m;
        let mut supports: Vec<Support> = (0..=bays)
            .map(|index| {
                let reach = self.bearer_reach(place(index), Route::Through);
                let relative = reach.length_m / SLEEPER_M;
                self.scattered(relative, rng)
            })
            .collect();
        for void in &self.voids {
            let outside = TurnoutError::VoidOutside {
                bearer: void.bearer,
                bays,
            };
            let index = i64::try_from(crossing_support).unwrap_or(0) + i64::from(void.bearer);
            let support = usize::try_from(index)
                .ok()
                .and_then(|index| supports.get_mut(index));
            support.ok_or(outside)?.gap_m = void.gap_m.max(void.far_gap_m.unwrap_or_default());
        }
        let rail = (0..bays)
            .map(|bay| self.section_at(place(bay) + 0.5 * self.bay_m))
            .collect();
        let track = Track {
            rail,
            beam: BeamTheory::Timoshenko,
            bay_m: self.bay_m,
            elements_per_bay: 4,
            supports,
            ballast: BallastLaw::Unilateral,
            gravity_m_s2: self.gravity_m_s2,
        };
        let crossing_m = crossing_support as f64 * self.bay_m;
        Ok(CrossingTrack {
            track,
            crossing_m,
            crossing_support,
        })
    }

    /// A factor on a stiffness.
    pub(super) fn scatter(&self, rng: &mut ChaCha8Rng) -> f64 {
        let deviate: f64 = StandardNormal.sample(rng);
        (1.0 + self.stiffness_scatter * deviate).clamp(SCATTER_FLOOR, 2.0 - SCATTER_FLOOR)
    }

    /// The support on a bearer of `relative` length, with its scatter.
    fn scattered(&self, relative: f64, rng: &mut ChaCha8Rng) -> Support {
        let (ballast, pad) = (self.scatter(rng), self.scatter(rng));
        let share = 1.0 + 0.5 * (relative - 1.0);
        let s = &self.support;
        Support {
            pad_stiffness_n_m: s.pad_stiffness_n_m * pad,
            pad_damping_n_s_m: s.pad_damping_n_s_m,
            sleeper_mass_kg: s.sleeper_mass_kg * relative,
            ballast_stiffness_n_m: s.ballast_stiffness_n_m * share * ballast,
            ballast_damping_n_s_m: s.ballast_damping_n_s_m * share,
            gap_m: s.gap_m,
        }
    }

    /// Rail section of a bay whose middle lies `s_m` from the theoretical point.
    fn section_at(&self, s_m: f64) -> RailSection {
        let (first, last) = self.crossing_extent_m;
        if s_m < first || s_m > last {
            return self.rail;
        }
        RailSection {
            bending_stiffness_n_m2: self.rail.bending_stiffness_n_m2
                * self.crossing_stiffness_factor,
            mass_kg_m: self.rail.mass_kg_m * self.crossing_mass_factor,
            area_m2: self.rail.area_m2 * self.crossing_mass_factor,
            ..self.rail
        }
    }
}

/// Refuses a number of bays of which no track can be made.
pub(super) fn check_bays(bays: usize) -> Result<(), TurnoutError> {
    if (10..=2000).contains(&bays) {
        return Ok(());
    }
    Err(TurnoutError::Field {
        field: "number of bays",
        value: bays as f64,
        wanted: "between 10 and 2000",
    })
}

/// Rail steel section from second moment of area, area and mass per length.
fn rail_section(inertia_m4: f64, area_m2: f64, mass_kg_m: f64) -> RailSection {
    RailSection {
        bending_stiffness_n_m2: 210.0e9 * inertia_m4,
        mass_kg_m,
        area_m2,
        shear_modulus_pa: 80.8e9,
        shear_coefficient: 0.41,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    fn rng() -> ChaCha8Rng {
        stream(1, 0, Purpose::Supports, 0)
    }

    #[test]
    fn every_type_builds_a_centred_track() {
        for name in TURNOUT_TYPES {
            let turnout = Turnout::by_name(name).unwrap();
            let built = turnout.build(60, &mut rng()).unwrap();
            assert_eq!(built.track.rail.len(), 60);
            assert_eq!(built.track.supports.len(), 61);
            assert_eq!(built.support_of(0), Some(30));
            assert_eq!(built.support_of(31), None);
            assert!((built.crossing_m - 30.0 * turnout.bay_m).abs() < 1e-12);
            assert!(built.track.rail[30].mass_kg_m > built.track.rail[0].mass_kg_m);
        }
        let error = Turnout::by_name("60E1").unwrap_err().to_string();
        assert!(error.contains("60E1-R760-1:15"), "{error}");
    }

    #[test]
    fn scatter_is_as_asked_and_reproducible() {
        let mut turnout = Turnout::by_name("60E1-R760-1:15").unwrap();
        turnout.stiffness_scatter = 0.2;
        let built = turnout.build(2000, &mut rng()).unwrap();
        assert_eq!(built, turnout.build(2000, &mut rng()).unwrap());
        let pads: Vec<f64> = built
            .track
            .supports
            .iter()
            .map(|s| s.pad_stiffness_n_m / 150.0e6)
            .collect();
        let mean = pads.iter().sum::<f64>() / pads.len() as f64;
        let sd = (pads.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / pads.len() as f64).sqrt();
        assert!(
            (mean - 1.0).abs() < 0.02 && (sd - 0.2).abs() < 0.015,
            "{mean} {sd}"
        );
        turnout.stiffness_scatter = 0.0;
        let even = turnout.build(40, &mut rng()).unwrap();
        assert!(
            even.track
                .supports
                .iter()
                .all(|s| (s.pad_stiffness_n_m - 150.0e6).abs() < 1e-3)
        );
    }

    #[test]
    fn voids_land_under_their_bearer_or_are_refused() {
        let mut turnout = Turnout::by_name("60E1-R760-1:15").unwrap();
        turnout.voids = vec![Void {
            bearer: -2,
            gap_m: 1e-3,
            far_gap_m: None,
        }];
        let built = turnout.build(60, &mut rng()).unwrap();
        let open: Vec<usize> = (0..61)
            .filter(|i| built.track.supports[*i].gap_m > 0.0)
            .collect();
        assert_eq!(open, [28]);
        turnout.voids[0].bearer = 40;
        assert!(matches!(
            turnout.build(60, &mut rng()),
            Err(TurnoutError::VoidOutside {
                bearer: 40,
                bays: 60
            })
        ));
        turnout.voids[0] = Void {
            bearer: 0,
            gap_m: f64::NAN,
            far_gap_m: None,
        };
        assert!(
            turnout
                .build(60, &mut rng())
                .unwrap_err()
                .to_string()
                .contains("gap")
        );
    }

    #[test]
    fn the_branch_loads_the_crossing_rail() {
        let turnout = Turnout::by_name("60E1-R760-1:15").unwrap();
        assert!((turnout.load_factor(Route::Through, 40.0) - 1.0).abs() < 1e-15);
        let factor = turnout.load_factor(Route::Diverging, turnout.diverging_speed_m_s);
        assert!((1.1..1.25).contains(&factor), "{factor}");
    }
}
