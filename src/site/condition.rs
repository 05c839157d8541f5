//! The condition of a site at one time: what wear has made of the turnout.

use super::{Site, SiteError};
use crate::random::{Purpose, stream};
use crate::scenario::{WearQuantity, WearSpec};
use crate::track::{BallastCondition, CrossingTrack, Route, RouteTrack, Turnout, Void};

/// Factors on the ballast under one bearer.
#[derive(Debug, Clone, Copy, PartialEq)]
struct BallastChange {
    /// Bearer, counted from the theoretical point.
    bearer: i32,
    stiffness: f64,
    damping: f64,
}

/// A turnout in one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub(super) turnout: Turnout,
    ballast: Vec<BallastChange>,
    pad_factor: f64,
    bed: BallastCondition,
    /// The values that make it up, by name with unit, for the truth table.
    pub named: Vec<(String, f64)>,
}

impl Site {
    /// The condition before any wear.
    pub fn as_installed(&self) -> Condition {
        Condition {
            turnout: self.turnout.clone(),
            ballast: Vec::new(),
            pad_factor: 1.0,
            bed: self.bed,
            named: Vec::new(),
        }
    }

    /// The condition on `day` of prescribed courses of wear.
    pub fn on_day(&self, day: f64, wear: &[WearSpec]) -> Condition {
        let mut condition = self.as_installed();
        for course in wear {
            if let Some(value) = course.value_on(day) {
                let name = course.quantity.name().to_owned();
                condition.named.push((name, value));
                let bearer = self.reference_bearer + course.bearer;
                condition.set(course.quantity, bearer, value);
            }
        }
        condition
    }

    /// The track of a route in a condition, on two rails.
    pub fn route_track(
        &self,
        route: Route,
        condition: &Condition,
    ) -> Result<RouteTrack, SiteError> {
        let mut rng = stream(self.seed, self.index, Purpose::Supports, 0);
        let mut built = condition.turnout.build_route(route, self.bays, &mut rng)?;
        for change in &condition.ballast {
            let index = built.index_of(change.bearer);
            let bearer = index.and_then(|index| built.track.bearers.get_mut(index));
            let bearer = bearer.ok_or_else(|| self.outside(change.bearer))?;
            bearer.ballast_stiffness_n_m2 *= change.stiffness;
            bearer.ballast_damping_n_s_m2 *= change.damping;
        }
        let (stiffness, damping) = condition.bed.factors();
        for bearer in &mut built.track.bearers {
            bearer.ballast_stiffness_n_m2 *= stiffness;
            bearer.ballast_damping_n_s_m2 *= damping;
            for pad in &mut bearer.pads {
                pad.stiffness_n_m *= condition.pad_factor;
            }
        }
        Ok(built)
    }

    /// The track in a condition, on one rail.
    pub fn one_rail_track(&self, condition: &Condition) -> Result<CrossingTrack, SiteError> {
        let mut rng = stream(self.seed, self.index, Purpose::Supports, 0);
        let mut built = condition.turnout.build(self.bays, &mut rng)?;
        for change in &condition.ballast {
            let index = built.support_of(change.bearer);
            let support = index.and_then(|index| built.track.supports.get_mut(index));
            let support = support.ok_or_else(|| self.outside(change.bearer))?;
            support.ballast_stiffness_n_m *= change.stiffness;
            support.ballast_damping_n_s_m *= change.damping;
        }
        let (stiffness, damping) = condition.bed.factors();
        for support in &mut built.track.supports {
            support.ballast_stiffness_n_m *= stiffness;
            support.ballast_damping_n_s_m *= damping;
            support.pad_stiffness_n_m *= condition.pad_factor;
        }
        Ok(built)
    }

    pub(super) fn outside(&self, bearer: i32) -> SiteError {
        SiteError::BearerOutside {
            bearer,
            reach: self.bays / 2,
        }
    }
}

impl Condition {
    fn set(&mut self, quantity: WearQuantity, bearer: i32, value: f64) {
        let turnout = &mut self.turnout;
        match quantity {
            WearQuantity::KinkAngleMrad => {
                turnout.through = turnout.through.with_kink_angle(value * 1e-3);
                turnout.diverging = turnout.diverging.with_kink_angle(value * 1e-3);
            }
            WearQuantity::VoidGapMm => {
                turnout.voids.retain(|void| void.bearer != bearer);
                turnout.voids.push(Void {
                    bearer,
                    gap_m: value * 1e-3,
                    far_gap_m: None,
                });
            }
            WearQuantity::BallastDampingFactor => self.ballast.push(BallastChange {
                bearer,
                stiffness: 1.0,
                damping: value,
            }),
            WearQuantity::Frost => self.bed.frost = value,
            WearQuantity::Fouling => self.bed.fouling = value,
            WearQuantity::BallastStiffnessFactor => self.ballast.push(BallastChange {
                bearer,
                stiffness: value,
                damping: 1.0,
            }),
            WearQuantity::PadStiffnessFactor => self.pad_factor *= value,
        }
    }
}
