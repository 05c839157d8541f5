//! How wheels enter and leave the modelled stretch.
//!
//! A wheel before or behind the modelled track runs on an **approach**: a massless spring of the
//! track's own static stiffness with a damper. Over the first and last bays the track takes over:
//! with a weight `w` that rises smoothly from 0 to 1 the modelled rail carries `w F` and the wheel
//! sees `w u_rail` plus the deflection of the approach under `(1 - w^2) F`. Statically that sum is
//! `F / k` for every `w`, so a wheel rolls on without a step; force and displacement carry the same
//! weight, so the transition does no net work on a resting track.
//!
//! The excitation fades in on the approach, some metres before, and out behind the track, so that a
//! profile which does not start at zero makes no step either. Sleepers to be recorded must lie
//! [`OUTPUT_MARGIN_BAYS`] away from the ends.

use std::f64::consts::PI;

/// Bays at either end in which wheels do not touch the modelled track yet: a free rail end is
/// softer.
pub(crate) const REST_BAYS: usize = 2;
/// Bays over which the track takes a wheel over.
pub(crate) const FADE_BAYS: usize = 8;
/// Bays between an end of the track and the first sleeper that may be recorded.
pub(crate) const OUTPUT_MARGIN_BAYS: usize = 13;
/// Length of the approach on which a vehicle starts and its excitation fades in, m.
pub(crate) const APPROACH_M: f64 = 30.0;
/// Part of the approach, before the track, on which the excitation is already in full.
const FULL_EXCITATION: f64 = 1.0 / 3.0;
/// Length behind the track over which the excitation fades out, m.
const FADE_OUT_M: f64 = 10.0;
/// Damping of a wheel bouncing on the approach, relative to critical: that of the P2 resonance on
/// ballasted track.
const DAMPING_RATIO: f64 = 0.35;

/// How vehicles come onto the modelled track and leave it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WayIn {
    /// Distance before the track at which vehicles start and their excitation fades in, m.
    pub(crate) lead_m: f64,
    /// Bays at either end in which wheels do not touch the track yet, and bays over which it takes them over.
    pub(crate) rest_bays: usize,
    pub(crate) fade_bays: usize,
}

impl WayIn {
    /// That of the full engine.
    pub(crate) const LONG: Self = Self {
        lead_m: APPROACH_M,
        rest_bays: REST_BAYS,
        fade_bays: FADE_BAYS,
    };
}

/// Geometry of entry and exit, along the direction of running: `q` = 0 where the track begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Approach {
    way_in: WayIn,
    length_m: f64,
    bay_m: f64,
    /// Static stiffness of track and its deflection under its own weight where wheels enter.
    pub(crate) entry: Bed,
    /// The same where they leave.
    pub(crate) exit: Bed,
}

/// The static bed of an approach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bed {
    /// Stiffness under a wheel, N/m.
    pub(crate) stiffness_n_m: f64,
    /// Deflection without a wheel, m.
    pub(crate) rest_m: f64,
}

impl Approach {
    pub(crate) fn new(length_m: f64, bay_m: f64, entry: Bed, exit: Bed) -> Self {
        Self {
            way_in: WayIn::LONG,
            length_m,
            bay_m,
            entry,
            exit,
        }
    }

    /// The same with another way in and out.
    pub(crate) fn by(mut self, way_in: WayIn) -> Self {
        self.way_in = way_in;
        self
    }

    /// Where vehicles start, as `q` of their first axle.
    pub(crate) fn start_m(&self) -> f64 {
        -self.way_in.lead_m
    }

    /// Where vehicles end, as `q` of their last axle.
    pub(crate) fn end_m(&self) -> f64 {
        self.length_m + FADE_OUT_M
    }

    /// Weight of the modelled track at `q`.
    pub(crate) fn weight(&self, q_m: f64) -> f64 {
        let rest = self.way_in.rest_bays as f64 * self.bay_m;
        let fade = self.way_in.fade_bays as f64 * self.bay_m;
        // Symmetric in q and length - q: same weights for both directions.
        let inward = q_m.min(self.length_m - q_m);
        smooth((inward - rest) / fade)
    }

    /// Whether a wheel that is, or has been, at `q` may have loaded the modelled track.
    pub(crate) fn touches(&self, q_m: f64) -> bool {
        q_m >= self.way_in.rest_bays as f64 * self.bay_m
    }

    /// Weight of the excitation at `q`.
    pub(crate) fn excitation_weight(&self, q_m: f64) -> f64 {
        let (run_in, full_in) = (
            q_m + self.way_in.lead_m,
            self.way_in.lead_m * (1.0 - FULL_EXCITATION),
        );
        let run_out = self.length_m + FADE_OUT_M - q_m;
        if run_in >= full_in && run_out >= FADE_OUT_M {
            return 1.0;
        }
        smooth((run_in / full_in).min(run_out / FADE_OUT_M))
    }

    /// Whether the entry is nearer than the exit.
    pub(crate) fn is_entry(&self, q_m: f64) -> bool {
        2.0 * q_m < self.length_m
    }

    /// Bed of the nearer end.
    pub(crate) fn bed(&self, q_m: f64) -> Bed {
        if self.is_entry(q_m) {
            self.entry
        } else {
            self.exit
        }
    }
}

/// Rises from 0 to 1 as a half cosine wave.
fn smooth(x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else {
        0.5 * (1.0 - libm::cos(PI * x))
    }
}

/// The approach under one wheel during one step: its deflection is `offset + compliance F`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BedStep {
    pub(crate) offset_m: f64,
    pub(crate) compliance_m_n: f64,
}

impl Bed {
    /// What a step under a wheel needs of it.
    pub(crate) fn rate(&self, wheel_mass_kg: f64, step_s: f64) -> BedRate {
        let damping = 2.0 * DAMPING_RATIO * (self.stiffness_n_m * wheel_mass_kg).sqrt() / step_s;
        let total_n_m = self.stiffness_n_m + damping;
        BedRate {
            kept: damping / total_n_m,
            total_n_m,
        }
    }

    /// Spring and damper under the share `1 - w^2` of the force, by backward differences from the
    /// deflection of the last step.
    pub(crate) fn step(
        &self,
        weight: f64,
        wheel_mass_kg: f64,
        last_m: f64,
        step_s: f64,
    ) -> BedStep {
        self.rate(wheel_mass_kg, step_s).step(weight, last_m)
    }
}

/// Spring and damper of an approach over a step.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct BedRate {
    /// What is left of a deflection without force after a step.
    kept: f64,
    /// Stiffness of both within a step, N/m.
    total_n_m: f64,
}

impl BedRate {
    /// See [`Bed::step`].
    #[inline]
    pub(crate) fn step(&self, weight: f64, last_m: f64) -> BedStep {
        BedStep {
            offset_m: self.kept * last_m,
            compliance_m_n: (1.0 - weight * weight) / self.total_n_m,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_zero_outside_and_one_inside() {
        let bed = Bed {
            stiffness_n_m: 1e8,
            rest_m: 0.0,
        };
        let approach = Approach::new(36.0, 0.6, bed, bed);
        for (q, w) in [
            (-5.0, 0.0),
            (1.2, 0.0),
            (6.0, 1.0),
            (18.0, 1.0),
            (30.0, 1.0),
            (34.8, 0.0),
        ] {
            assert!((approach.weight(q) - w).abs() < 1e-12, "q = {q}");
        }
        for (q, w) in [(-30.0, 0.0), (-10.0, 1.0), (36.0, 1.0), (46.0, 0.0)] {
            assert!((approach.excitation_weight(q) - w).abs() < 1e-12, "q = {q}");
        }
    }

    #[test]
    fn resting_wheel_sees_the_same_deflection_for_every_weight() {
        let bed = Bed {
            stiffness_n_m: 1e8,
            rest_m: 0.0,
        };
        for weight in [0.0, 0.3, 0.7, 1.0] {
            let mut u = 0.0;
            for _ in 0..20_000 {
                let step = bed.step(weight, 900.0, u, 5e-5);
                u = step.offset_m + step.compliance_m_n * 1e5;
            }
            let seen = weight * (weight * 1e5 / 1e8) + u;
            assert!((seen - 1e-3).abs() < 1e-9);
        }
    }
}
