//! P1 and P2 of a mass over a dip in closed form: Jenkins, Stephenson, Clayton, Morland, Lyon, *The
//! effect of track and vehicle parameters on wheel/rail vertical dynamic forces*, Railway Engineering
//! Journal 1974.

use std::f64::consts::PI;

use super::case::{
    HERTZ_N_M15, STATIC_N, SUPPORT, WHEEL_KG, WheelOverDip, rail_60e1, reference_track,
};
use super::{Gates, ValidateError};
use crate::track::Zimmermann;

const SOURCE: &str = "Jenkins et al. 1974";

struct Jenkins {
    static_n: f64,
    /// Total angle `2a`.
    angle_rad: f64,
    speed_m_s: f64,
    wheel_kg: f64,
}

/// Mass, stiffness and damping of the track as a single oscillator.
struct Oscillator {
    stiffness_n_m: f64,
    mass_kg: f64,
    damping_n_s_m: f64,
}

impl Jenkins {
    fn p1_n(&self, hertz_n_m: f64, rail_kg: f64) -> f64 {
        let stiffness = hertz_n_m * rail_kg / (1.0 + rail_kg / self.wheel_kg);
        self.static_n + self.angle_rad * self.speed_m_s * stiffness.sqrt()
    }

    fn p2_n(&self, track: &Oscillator) -> f64 {
        let (mu, mt, kt) = (self.wheel_kg, track.mass_kg, track.stiffness_n_m);
        let damping = 1.0 - PI * track.damping_n_s_m / (4.0 * (kt * (mu + mt)).sqrt());
        self.static_n
            + self.angle_rad * self.speed_m_s * (mu / (mu + mt)).sqrt() * damping * (kt * mu).sqrt()
    }
}

pub(super) fn gates(gates: &mut Gates) -> Result<(), ValidateError> {
    let example = Jenkins {
        static_n: 1e5,
        angle_rad: 0.020,
        speed_m_s: 44.7,
        wheel_kg: 600.0,
    };
    let track = Oscillator {
        stiffness_n_m: 62e6,
        mass_kg: 245.0,
        damping_n_s_m: 55.4e3,
    };
    let p2 = example.p2_n(&track) / 1e3;
    gates.relative(
        "formula: P2 of the worked example",
        "kN",
        (217.7, p2),
        1e-3,
        "GM/TT0088",
    );
    let track = reference_track();
    let oscillator = oscillator(&Zimmermann::new(&track)?);
    let rail_kg = rail_on_pads_kg();
    // Linear stiffness of the contact at the static load.
    let hertz = 1.5 * libm::pow(HERTZ_N_M15, 2.0 / 3.0) * libm::cbrt(STATIC_N);
    for (speed_m_s, angle_rad) in [(20.0, 0.010), (40.0, 0.010), (40.0, 0.005)] {
        let formula = Jenkins {
            static_n: STATIC_N,
            angle_rad,
            speed_m_s,
            wheel_kg: WHEEL_KG,
        };
        let strike = WheelOverDip::new(speed_m_s, angle_rad).run(&track)?;
        let case = format!("dip {} mrad at {speed_m_s} m/s", angle_rad * 1e3);
        let p1 = strike.p1_kn() * 1e3 / formula.p1_n(hertz, rail_kg);
        gates.between(
            format!("{case}: model over Jenkins, P1"),
            "1",
            (0.80, 1.05),
            p1,
            SOURCE,
        );
        let p2 = strike.p2_kn(4) * 1e3 / formula.p2_n(&oscillator);
        gates.between(
            format!("{case}: model over Jenkins, P2"),
            "1",
            (0.80, 1.05),
            p2,
            SOURCE,
        );
    }
    Ok(())
}

/// The track under a wheel from the beam on elastic foundation: stiffness `2k / beta`, mass and
/// damping of a length of `1.5 / beta`; pad and ballast in series at low frequency.
fn oscillator(z: &Zimmermann) -> Oscillator {
    let (kp, kb) = (SUPPORT.pad_stiffness_n_m, SUPPORT.ballast_stiffness_n_m);
    let (pad, bed) = (kb / (kp + kb), kp / (kp + kb));
    let damping = SUPPORT.pad_damping_n_s_m * pad * pad + SUPPORT.ballast_damping_n_s_m * bed * bed;
    Oscillator {
        stiffness_n_m: z.point_stiffness_n_m,
        mass_kg: 1.5 * (rail_60e1().mass_kg_m + SUPPORT.sleeper_mass_kg / 0.6) / z.beta_1_m,
        damping_n_s_m: 1.5 * damping / 0.6 / z.beta_1_m,
    }
}

/// Effective rail mass of P1: the rail on its pads.
fn rail_on_pads_kg() -> f64 {
    let rail = rail_60e1();
    let beta = (SUPPORT.pad_stiffness_n_m / 0.6 / (4.0 * rail.bending_stiffness_n_m2))
        .sqrt()
        .sqrt();
    1.5 * rail.mass_kg_m / beta
}
