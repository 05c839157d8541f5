//! The fixed crossing: the vertical path of a wheel from wing rail to nose.
//!
//! Kinematic form. Let `s` be the distance from the theoretical point, positive towards the nose
//! (the facing direction). The contact moves outwards on the coned tread while the wing rail
//! diverges, so the wheel sinks by `d_w(s) = f g s / N - h_w(s)`; the nose comes up as
//! `d_n(s) = h_n (1 - s / L_n)`. The wheel rides on the higher of the two: `d = min(d_w, d_n)`.
//! They meet at the transfer point `s* = h_n / (f g/N + h_n/L_n)` (raise aside) with the kink angle
//! `f g/N + h_n/L_n`.
//!
//! **Rounded shoulders.** Wing rails have a bent knee and noses are ground to run out, so the two
//! convex ends of the dip are no corners: each is a parabola over a blend length, tangent to the
//! straights on both sides. (A corner there would throw a wheel off the rail: the step of slope
//! unloads it by as much as the same kink loads it, tens of kN.) The transfer itself is a corner
//! between two surfaces and stays one. The formulas above hold for a transfer outside the blends.
//!
//! **What the rolling radius does.** The path of the wheel centre is the upper envelope of a circle
//! of radius R rolled over the elevation: `d_R(x) = min_q [d(x + q) + R - sqrt(R^2 - q^2)]`. A
//! convex corner becomes an arc of length R times its angle, a few millimetres. A concave corner,
//! and the transfer from wing to nose is one, is touched on **both** sides at once: it stays a
//! corner, with its full angle, and this is why an impact of P1 type happens there. Both follow
//! from the envelope, which is evaluated for the quadratic pieces of the path, without sampling.
//!
//! **Not modelled**: the lateral motion of the wheelset, flange contact with the check rail, and
//! the exact worn cross sections; a wheel is described by its effective conicity alone.

/// One wing-to-nose transition, as one route sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// Crossing number N of the angle 1:N.
    pub number: f64,
    /// Height of the running surface that the nose lacks at the theoretical point, m.
    pub nose_height_m: f64,
    /// Length over which the nose comes up to the running surface, m.
    pub nose_ramp_m: f64,
    /// Length over which the end of the nose ramp is rounded, m; half of it lies beyond the ramp.
    pub nose_blend_m: f64,
    /// Raise of the wing rail, m; reached over `wing_ramp_m` from the theoretical point, smoothly.
    pub wing_raise_m: f64,
    /// Length over which the wing raise is reached, m; positive.
    pub wing_ramp_m: f64,
    /// Length over which the wheel begins to sink on the wing, m; half of it lies before the
    /// theoretical point (the knee of the wing rail).
    pub wing_blend_m: f64,
    /// Rate at which a wheel sinks on the wing relative to the plain cone, dimensionless: 1 is a
    /// flat wing rail, more is a worn one, less one that is inclined against the cone.
    pub wing_sink_factor: f64,
}

/// Effective conicity of the nominal wheel, for which kink angles of crossings are quoted.
pub const NOMINAL_CONICITY: f64 = 1.0 / 20.0;

/// Condition of a crossing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CrossingCondition {
    /// As installed.
    #[default]
    New,
    /// Late in life: nose battered, wing grooved.
    Worn,
    /// Built up by welding and ground: better than worn, not as new.
    Repaired,
}

/// A crossing whose data make no path.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CrossingError {
    /// A field is not a number or out of its range.
    #[error("crossing {field} is {value}, it must be {wanted}")]
    Field {
        /// Field name.
        field: &'static str,
        /// Offending value in SI units.
        value: f64,
        /// What would be accepted.
        wanted: &'static str,
    },
}

impl Crossing {
    /// A crossing 1:`number` of the given condition.
    ///
    /// The kink angles that follow for a nominal wheel at 1:15 are 6.0, 16.0 and 9.0 mrad. They
    /// span what is reported for crossings in service, but **the single values are assumptions**,
    /// to be replaced by a survey of the crossing at hand, as are the blends.
    pub fn with_condition(number: f64, condition: CrossingCondition) -> Self {
        let (nose_height_m, nose_ramp_m, nose_blend_m, wing_sink_factor) = match condition {
            CrossingCondition::New => (2.4e-3, 0.60, 0.40, 0.6),
            CrossingCondition::Worn => (5.0e-3, 0.46, 0.29, 1.5395),
            CrossingCondition::Repaired => (3.6e-3, 0.60, 0.36, 0.9),
        };
        Self {
            number,
            nose_height_m,
            nose_ramp_m,
            nose_blend_m,
            wing_raise_m: 0.0,
            wing_ramp_m: 0.2,
            wing_blend_m: 0.4,
            wing_sink_factor,
        }
    }

    /// Refuses data from which no path follows.
    pub fn validate(&self) -> Result<(), CrossingError> {
        let check = |field, value: f64, low: f64, high: f64, wanted| {
            if value >= low && value <= high {
                Ok(())
            } else {
                Err(CrossingError::Field {
                    field,
                    value,
                    wanted,
                })
            }
        };
        check(
            "number",
            self.number,
            4.0,
            60.0,
            "between 4 and 60 (the N of 1:N)",
        )?;
        check(
            "nose_height_m",
            self.nose_height_m,
            0.0,
            0.03,
            "between 0 and 30 mm",
        )?;
        check(
            "nose_ramp_m",
            self.nose_ramp_m,
            0.05,
            3.0,
            "between 0.05 and 3 m",
        )?;
        check(
            "wing_raise_m",
            self.wing_raise_m,
            0.0,
            0.02,
            "between 0 and 20 mm",
        )?;
        check(
            "wing_ramp_m",
            self.wing_ramp_m,
            0.02,
            3.0,
            "between 0.02 and 3 m",
        )?;
        check(
            "wing_blend_m",
            self.wing_blend_m,
            0.0,
            1.0,
            "between 0 and 1 m",
        )?;
        check(
            "nose_blend_m",
            self.nose_blend_m,
            0.0,
            2.0 * self.nose_ramp_m,
            "between 0 and twice nose_ramp_m",
        )?;
        check(
            "wing_sink_factor",
            self.wing_sink_factor,
            0.0,
            10.0,
            "between 0 and 10",
        )
    }

    /// Rate of sinking on the wing for a wheel of effective conicity `conicity`, rad.
    fn sink_rate(&self, conicity: f64) -> f64 {
        self.wing_sink_factor * conicity / self.number
    }

    /// Drop on the wing at `s_m` from the theoretical point, m, positive down.
    fn wing_drop(&self, s_m: f64, conicity: f64) -> f64 {
        let raise = match s_m / self.wing_ramp_m {
            t if t <= 0.0 => 0.0,
            t if t < 0.5 => 2.0 * t * t,
            t if t < 1.0 => 1.0 - 2.0 * (1.0 - t) * (1.0 - t),
            _ => 1.0,
        };
        self.sink_rate(conicity) * rounded_ramp(s_m, self.wing_blend_m) - self.wing_raise_m * raise
    }

    /// Drop on the nose at `s_m`, m.
    fn nose_drop(&self, s_m: f64) -> f64 {
        self.nose_slope() * rounded_ramp(self.nose_ramp_m - s_m, self.nose_blend_m)
    }

    fn nose_slope(&self) -> f64 {
        self.nose_height_m / self.nose_ramp_m
    }

    /// Where the nose, or the wing above it, has come to running level, m.
    fn end_m(&self, conicity: f64) -> f64 {
        let nose = self.nose_ramp_m + 0.5 * self.nose_blend_m;
        let sink = self.sink_rate(conicity);
        let wing = if sink > 0.0 {
            self.wing_raise_m / sink
        } else {
            0.0
        };
        nose.max(wing).max(self.wing_ramp_m)
    }

    /// Distance from the theoretical point at which the wheel goes over from wing to nose, m.
    ///
    /// `h_n / (f g/N + h_n/L_n)` without raise and outside the blends; found by bisection of the
    /// difference of the two drops, which rises from below zero through its only root.
    pub fn transfer_m(&self, conicity: f64) -> f64 {
        let lead = |s: f64| self.wing_drop(s, conicity) - self.nose_drop(s);
        let mut low = -0.5 * self.wing_blend_m;
        let mut high = self.end_m(conicity);
        if lead(low) >= 0.0 {
            return low; // no dip at all
        }
        if lead(high) < 0.0 {
            return high;
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if lead(middle) < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    }

    /// Drop of the running surface at the transfer, m, positive down: the deepest point of the dip.
    pub fn dip_m(&self, conicity: f64) -> f64 {
        self.nose_drop(self.transfer_m(conicity))
    }

    /// Total kink angle at the transfer, rad.
    pub fn kink_angle_rad(&self, conicity: f64) -> f64 {
        let s = self.transfer_m(conicity);
        let pieces = self.path(conicity).pieces;
        let before = pieces.iter().find(|p| p.to_m >= s - NEAR_M);
        let after = pieces.iter().rev().find(|p| p.from_m <= s + NEAR_M);
        let fall = before.map_or(0.0, |p| p.slope(s));
        let rise = after.map_or(0.0, |p| if p.to_m > s + NEAR_M { p.slope(s) } else { 0.0 });
        (fall - rise).max(0.0)
    }

    /// The crossing scaled so that the nominal wheel sees the kink angle `angle_rad`.
    ///
    /// Nose height, wing sinking and wing raise are scaled alike, so the transfer point stays where
    /// it is and the dip grows in proportion, as a crossing does that wears on wing and nose. A
    /// crossing without any kink cannot be scaled: a third of the angle goes to the wing and two
    /// thirds to the nose, as on a new one.
    #[must_use]
    pub fn with_kink_angle(mut self, angle_rad: f64) -> Self {
        let now = self.kink_angle_rad(NOMINAL_CONICITY);
        if now > 0.0 {
            let factor = angle_rad / now;
            self.nose_height_m *= factor;
            self.wing_sink_factor *= factor;
            self.wing_raise_m *= factor;
        } else {
            self.nose_height_m = angle_rad * self.nose_ramp_m * 2.0 / 3.0;
            self.wing_sink_factor = angle_rad * self.number / (3.0 * NOMINAL_CONICITY);
            self.wing_raise_m = 0.0;
        }
        self
    }

    /// Where wing and nose are level between two places with no break of either in between: the
    /// difference of their drops is a parabola there. A low nose beside a raised wing may give the
    /// wheel back to the wing, so there can be more of these than the transfer.
    fn crossovers(
        &self,
        from_m: f64,
        to_m: f64,
        conicity: f64,
    ) -> impl Iterator<Item = f64> + use<> {
        let lead = |s: f64| self.wing_drop(s, conicity) - self.nose_drop(s);
        let length = to_m - from_m;
        let (a, b, c) = (lead(from_m), lead(from_m + 0.5 * length), lead(to_m));
        // lead = a + p t + q t^2 with t from 0 to 1.
        let (p, q) = (4.0 * b - 3.0 * a - c, 2.0 * (a - 2.0 * b + c));
        let root = (p * p - 4.0 * a * q).max(0.0).sqrt();
        let half = -0.5 * (p + root.copysign(p));
        [half / q, a / half]
            .into_iter()
            .filter(|t| *t > 0.0 && *t < 1.0)
            .map(move |t| from_m + t * length)
    }

    /// The path that a wheel of the given conicity follows, for `rolling_drop`.
    pub fn path(&self, conicity: f64) -> CrossingPath {
        let transfer = self.transfer_m(conicity);
        let (knee, run_out) = (0.5 * self.wing_blend_m, 0.5 * self.nose_blend_m);
        let end = self.end_m(conicity).max(transfer);
        let mut places = [
            -knee,
            0.0,
            knee,
            0.5 * self.wing_ramp_m,
            self.wing_ramp_m,
            self.nose_ramp_m - run_out,
            self.nose_ramp_m + run_out,
            transfer,
            end,
        ];
        places.sort_by(f64::total_cmp);
        let mut places = places.to_vec();
        for pair in places.clone().windows(2) {
            places.extend(self.crossovers(pair[0], pair[1], conicity));
        }
        places.sort_by(f64::total_cmp);
        // The wheel rides on whichever is higher over a piece.
        let drop = |s: f64, middle: f64| {
            if self.wing_drop(middle, conicity) < self.nose_drop(middle) {
                self.wing_drop(s, conicity)
            } else {
                self.nose_drop(s)
            }
        };
        let pieces = places.windows(2).filter_map(|pair| match pair {
            [from, to] if to - from > NEAR_M && *from >= -knee => {
                let length = to - from;
                let middle = from + 0.5 * length;
                let (a, b, c) = (drop(*from, middle), drop(middle, middle), drop(*to, middle));
                Some(Piece {
                    from_m: *from,
                    to_m: *to,
                    height_m: a,
                    slope: (4.0 * b - 3.0 * a - c) / length,
                    bend_1_m: 2.0 * (a - 2.0 * b + c) / (length * length),
                })
            }
            _ => None,
        });
        CrossingPath {
            pieces: pieces.collect(),
        }
    }
}

/// Lengths below this are no lengths, m.
const NEAR_M: f64 = 1e-9;

/// `max(0, x)` with its corner rounded by a parabola over `blend` centred at zero.
fn rounded_ramp(x: f64, blend: f64) -> f64 {
    let into = x + 0.5 * blend;
    if into <= 0.0 {
        0.0
    } else if into < blend {
        into * into / (2.0 * blend)
    } else {
        x
    }
}

/// A stretch of the path: `height + slope q + bend q^2` with q from its beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    from_m: f64,
    to_m: f64,
    height_m: f64,
    slope: f64,
    bend_1_m: f64,
}

impl Piece {
    fn drop(&self, s_m: f64) -> f64 {
        let q = s_m - self.from_m;
        self.height_m + q * (self.slope + q * self.bend_1_m)
    }

    fn slope(&self, s_m: f64) -> f64 {
        self.slope + 2.0 * (s_m - self.from_m) * self.bend_1_m
    }
}

/// The running surface through a crossing for one wheel: quadratic pieces, level outside them.
#[derive(Debug, Clone, PartialEq)]
pub struct CrossingPath {
    /// Adjoining pieces, ascending.
    pieces: Vec<Piece>,
}

impl CrossingPath {
    /// Range of `s` outside which a wheel of radius `radius_m` runs level, m.
    pub fn extent(&self, radius_m: f64) -> (f64, f64) {
        let reach = 0.5 * radius_m;
        let first = self.pieces.first().map_or(0.0, |piece| piece.from_m);
        let last = self.pieces.last().map_or(0.0, |piece| piece.to_m);
        (first - reach, last + reach)
    }

    /// Drop of the centre of a wheel of radius `radius_m` at `s_m`, m, positive down.
    ///
    /// Envelope of the pieces: on a piece of slope `t` the centre runs parallel to it, lower
    /// contact offset included; at a corner it moves on a circle about it. The highest candidate
    /// counts.
    pub fn rolling_drop(&self, s_m: f64, radius_m: f64) -> f64 {
        let mut drop = f64::INFINITY;
        let mut corner = |p: f64, height: f64| {
            let q = s_m - p;
            if q.abs() < radius_m {
                drop = drop.min(height + q * q / (radius_m + (radius_m * radius_m - q * q).sqrt()));
            }
        };
        for piece in &self.pieces {
            corner(piece.from_m, piece.height_m);
            corner(piece.to_m, piece.drop(piece.to_m));
        }
        for piece in &self.pieces {
            // The contact lies uphill (towards smaller drop) of the centre by R sin(angle): Newton's
            // method, since a sharp shoulder bends as much as a wheel.
            let mut contact = s_m;
            for _ in 0..if piece.bend_1_m == 0.0 { 1 } else { 5 } {
                let slope = piece.slope(contact);
                let norm = (1.0 + slope * slope).sqrt();
                let miss = contact - s_m + radius_m * slope / norm;
                let rate = 1.0 + 2.0 * radius_m * piece.bend_1_m / (norm * norm * norm);
                if rate <= 0.0 {
                    break; // hollower than the wheel, which then rides on corners
                }
                contact -= miss / rate;
            }
            let slope = piece.slope(contact);
            if contact >= piece.from_m && contact <= piece.to_m {
                let norm = (1.0 + slope * slope).sqrt();
                drop = drop.min(piece.drop(contact) + radius_m * (1.0 - 1.0 / norm));
            }
        }
        let (first, last) = (self.pieces.first(), self.pieces.last());
        if first.is_none_or(|piece| s_m <= piece.from_m)
            || last.is_none_or(|piece| s_m >= piece.to_m)
        {
            drop = drop.min(0.0);
        }
        drop
    }
}

#[cfg(test)]
#[path = "crossing_tests.rs"]
mod tests;
