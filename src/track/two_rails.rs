//! Two rails on flexible bearers, as plain data.
//!
//! Axes: `x` along the track, `y` across it to the **left**, displacement positive **down**. A
//! bearer (a sleeper, or a long bearer of a turnout) is a free Euler-Bernoulli beam across the track
//! on distributed ballast; a rail pad joins it to each rail. Bearers twist freely and do not touch
//! one another.

use super::check::{not_negative, positive};
use super::{BallastLaw, BeamTheory, RailSection, TrackError};

/// One of the two rails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The rail at larger `y`.
    Left,
    /// The rail at smaller `y`.
    Right,
}

impl Side {
    /// Both, left first: the order of every pair `[left, right]`.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// 0 for left, 1 for right.
    pub fn index(self) -> usize {
        match self {
            Self::Left => 0,
            Self::Right => 1,
        }
    }
}

/// A rail pad (with fastening) of one seat: spring and damper in parallel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pad {
    /// Stiffness, N/m.
    pub stiffness_n_m: f64,
    /// Damping, N s/m.
    pub damping_n_s_m: f64,
}

/// Gap between the unloaded bearer and the ballast, along the bearer: linear between points
/// `(y in m, gap in m)` with ascending `y`, constant beyond the first and the last; no point means no
/// gap.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GapProfile {
    /// Points `(y, gap)`, m.
    pub points: Vec<(f64, f64)>,
}

impl GapProfile {
    /// The same gap all along.
    pub fn uniform(gap_m: f64) -> Self {
        if gap_m == 0.0 {
            return Self::default();
        }
        Self {
            points: vec![(0.0, gap_m)],
        }
    }

    /// Gap at `y_m`, m.
    pub fn at(&self, y_m: f64) -> f64 {
        let Some(&(first, gap)) = self.points.first() else {
            return 0.0;
        };
        if y_m <= first {
            return gap;
        }
        for pair in self.points.windows(2) {
            let ((y0, g0), (y1, g1)) = (pair[0], pair[1]);
            if y_m <= y1 {
                return g0 + (g1 - g0) * (y_m - y0) / (y1 - y0);
            }
        }
        self.points.last().map_or(gap, |point| point.1)
    }

    /// No gap anywhere.
    pub fn is_closed(&self) -> bool {
        self.points.iter().all(|(_, gap)| *gap == 0.0)
    }
}

/// One sleeper or bearer with its ballast and both rail pads.
#[derive(Debug, Clone, PartialEq)]
pub struct Bearer {
    /// `y` of its left end, m.
    pub left_end_y_m: f64,
    /// `y` of its right end, m; below the left one.
    pub right_end_y_m: f64,
    /// Bending stiffness, N m2.
    pub bending_stiffness_n_m2: f64,
    /// Mass per length, kg/m.
    pub mass_kg_m: f64,
    /// Ballast stiffness per length of bearer, N/m2.
    pub ballast_stiffness_n_m2: f64,
    /// Ballast damping per length of bearer, N s/m2.
    pub ballast_damping_n_s_m2: f64,
    /// Gap to the ballast.
    pub gap: GapProfile,
    /// Pads of the left and the right seat.
    pub pads: [Pad; 2],
}

impl Bearer {
    /// Length, m.
    pub fn length_m(&self) -> f64 {
        self.left_end_y_m - self.right_end_y_m
    }

    /// Whole mass, kg.
    pub fn mass_kg(&self) -> f64 {
        self.mass_kg_m * self.length_m()
    }
}

/// A vertical force on one rail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RailForce {
    /// Rail.
    pub side: Side,
    /// Place, m.
    pub x_m: f64,
    /// Force, N, positive down.
    pub force_n: f64,
}

/// A point on a bearer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BearerPoint {
    /// Index of the bearer; bearer `i` lies at `x = i * bay_m`.
    pub bearer: usize,
    /// Place across the track, m, positive left.
    pub y_m: f64,
}

/// Two rails on bearers.
#[derive(Debug, Clone, PartialEq)]
pub struct TwoRailTrack {
    /// Sections of the left and of the right rail, one per rail **element** (bays times elements
    /// per bay), see [`sections_of_bays`].
    pub rails: [Vec<RailSection>; 2],
    /// Beam theory of the rail elements.
    pub beam: BeamTheory,
    /// Second moment of area of the rail's rotary inertia, m4; `None` takes that of each section.
    /// Only reference cases, whose bending stiffness varies alone, need it.
    pub rotary_second_moment_m4: Option<f64>,
    /// Bearer spacing, m.
    pub bay_m: f64,
    /// Rail elements in each bay, at least 4 for results up to 2 kHz.
    pub elements_per_bay: usize,
    /// `y` of the left and the right rail, m.
    pub seats_y_m: [f64; 2],
    /// Bearers at `x = i * bay_m` (one more than bays).
    pub bearers: Vec<Bearer>,
    /// Ballast law.
    pub ballast: BallastLaw,
    /// Gravity on rails and bearers, m/s2; 0 only in verification cases.
    pub gravity_m_s2: f64,
}

/// One section per element from one section per bay.
pub fn sections_of_bays(bays: &[RailSection], elements_per_bay: usize) -> Vec<RailSection> {
    bays.iter()
        .flat_map(|section| std::iter::repeat_n(*section, elements_per_bay))
        .collect()
}

impl TwoRailTrack {
    /// Number of bays.
    pub fn bays(&self) -> usize {
        self.bearers.len().saturating_sub(1)
    }

    /// Length of the modelled rails, m.
    pub fn length_m(&self) -> f64 {
        self.bay_m * self.bays() as f64
    }

    /// Checks every parameter; the first one that is not physical is the error.
    pub fn check(&self) -> Result<(), TrackError> {
        let bays = self.bays();
        if bays < 2 {
            return Err(TrackError::Shape {
                bays,
                supports: self.bearers.len(),
            });
        }
        positive("bearer spacing (m)", "the track", self.bay_m)?;
        let per_bay = self.elements_per_bay as f64;
        positive("number of rail elements per bay", "the track", per_bay)?;
        not_negative("gravity (m/s2)", "the track", self.gravity_m_s2)?;
        if let Some(second_moment) = self.rotary_second_moment_m4 {
            positive("rotary second moment (m4)", "the rails", second_moment)?;
        }
        let [left, right] = self.seats_y_m;
        positive(
            "distance from right to left rail (m)",
            "the track",
            left - right,
        )?;
        for (name, sections) in ["left", "right"].iter().zip(&self.rails) {
            if sections.len() != bays * self.elements_per_bay {
                return Err(TrackError::Sections {
                    rail: name,
                    sections: sections.len(),
                    elements: bays * self.elements_per_bay,
                });
            }
            for (element, section) in sections.iter().enumerate() {
                if element == 0 || *section != sections[element - 1] {
                    let place = format!("element {element} of the {name} rail");
                    super::check::check_section(section, self.beam, &place)?;
                }
            }
        }
        (0..self.bearers.len()).try_for_each(|index| self.check_bearer(index))
    }

    fn check_bearer(&self, index: usize) -> Result<(), TrackError> {
        let b = &self.bearers[index];
        let place = format!("bearer {index}");
        positive("length (m)", &place, b.length_m())?;
        positive("bending stiffness (N m2)", &place, b.bending_stiffness_n_m2)?;
        positive("mass per length (kg/m)", &place, b.mass_kg_m)?;
        let stiffness = b.ballast_stiffness_n_m2;
        positive("ballast stiffness per length (N/m2)", &place, stiffness)?;
        let damping = b.ballast_damping_n_s_m2;
        not_negative("ballast damping per length (N s/m2)", &place, damping)?;
        for (pad, y) in b.pads.iter().zip(self.seats_y_m) {
            positive("pad stiffness (N/m)", &place, pad.stiffness_n_m)?;
            not_negative("pad damping (N s/m)", &place, pad.damping_n_s_m)?;
            let margin = (b.left_end_y_m - y).min(y - b.right_end_y_m);
            not_negative("distance from a rail seat to its end (m)", &place, margin)?;
        }
        for (y, gap) in &b.gap.points {
            not_negative("gap (m)", &place, *gap)?;
            not_negative("place of a gap (m), its square", &place, y * y)?;
        }
        for pair in b.gap.points.windows(2) {
            positive(
                "step from one gap point to the next (m)",
                &place,
                pair[1].0 - pair[0].0,
            )?;
        }
        if self.ballast == BallastLaw::Linear && !b.gap.is_closed() {
            let gap_m = b.gap.points.iter().fold(0.0, |m: f64, p| m.max(p.1));
            return Err(TrackError::GapInLinearBallast {
                support: index,
                gap_m,
            });
        }
        Ok(())
    }

    /// Critical speed of a moving load, m/s: as [`crate::track::Track::critical_speed_m_s`], with
    /// half of a bearer and its ballast under each rail.
    pub fn critical_speed_m_s(&self) -> f64 {
        let mut k = f64::MAX;
        let mut sleepers: f64 = 0.0;
        for b in &self.bearers {
            let ballast = b.ballast_stiffness_n_m2 * b.length_m() / 2.0;
            for pad in &b.pads {
                k = k.min(pad.stiffness_n_m * ballast / (pad.stiffness_n_m + ballast) / self.bay_m);
            }
            sleepers = sleepers.max(b.mass_kg() / 2.0 / self.bay_m);
        }
        let (mut rail, mut ei): (f64, f64) = (0.0, f64::MAX);
        for section in self.rails.iter().flatten() {
            rail = rail.max(section.mass_kg_m);
            ei = ei.min(section.bending_stiffness_n_m2);
        }
        let m = rail + sleepers;
        (4.0 * k * ei / (m * m)).sqrt().sqrt()
    }

    /// The point of bearer `bearer` at `y_m`, or why there is none.
    pub(crate) fn check_point(&self, point: BearerPoint) -> Result<(), TrackError> {
        let Some(bearer) = self.bearers.get(point.bearer) else {
            return Err(TrackError::Outside {
                at_m: point.bearer as f64 * self.bay_m,
                length_m: self.length_m(),
            });
        };
        let slack = 1e-9;
        if point.y_m <= bearer.left_end_y_m + slack && point.y_m >= bearer.right_end_y_m - slack {
            return Ok(());
        }
        Err(TrackError::OutsideBearer {
            bearer: point.bearer,
            at_m: point.y_m,
            right_m: bearer.right_end_y_m,
            left_m: bearer.left_end_y_m,
        })
    }
}
