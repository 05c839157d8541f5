//! Defects of a running surface: what a wheel meets in one rail besides waves and the crossing.

use super::{Corrugation, Joint, Squat, SwitchTransfer};

/// A defect at its place on a rail.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RailDefect {
    /// A dipped joint or weld.
    Joint(Joint),
    /// A squat.
    Squat(Squat),
    /// A corrugated stretch.
    Corrugation(Corrugation),
    /// The transfer from stock rail to switch blade.
    SwitchTransfer(SwitchTransfer),
}

impl RailDefect {
    /// First and last place that it changes, m.
    pub fn extent_m(&self) -> (f64, f64) {
        match self {
            Self::Joint(joint) => {
                let half = 0.5 * joint.width_m;
                (joint.at_m - half, joint.at_m + half)
            }
            Self::Squat(squat) => {
                let half = 0.5 * squat.length_m;
                (squat.at_m - half, squat.at_m + half)
            }
            Self::Corrugation(corrugation) => (corrugation.from_m, corrugation.to_m),
            Self::SwitchTransfer(transfer) => transfer.extent_m(),
        }
    }

    /// Drop of the centre of a wheel of radius `radius_m` at `x_m`, m, positive down.
    pub fn drop(&self, x_m: f64, radius_m: f64) -> f64 {
        match self {
            Self::Joint(joint) => joint.drop(x_m),
            Self::Squat(squat) => squat.rolling_drop(x_m, radius_m),
            Self::Corrugation(corrugation) => corrugation.drop(x_m),
            Self::SwitchTransfer(transfer) => transfer.drop(x_m),
        }
    }
}
