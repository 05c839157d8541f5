//! The reference track and the runs that several sections share.

use super::ValidateError;
use crate::passage::{Band, Cusp, ReferenceRecord, ReferenceRun, Rider, run_reference, zero_phase};
use crate::track::{BallastLaw, BeamTheory, RailSection, Support, Track};

/// Time step of the model, s.
pub(super) const STEP_S: f64 = 5e-5;
/// Place of the dip and of the reported sleeper, m.
pub(super) const DIP_M: f64 = 30.0;
/// Hertz constant of a 0.46 m wheel on a 0.3 m rail head, N/m^1.5.
pub(super) const HERTZ_N_M15: f64 = 9.37e10;
/// Unsprung mass of the wheel, kg.
pub(super) const WHEEL_KG: f64 = 600.0;
/// Static wheel load, N.
pub(super) const STATIC_N: f64 = 1e5;

/// 60E1 rail of the reference case.
pub fn rail_60e1() -> RailSection {
    RailSection {
        bending_stiffness_n_m2: 6.3798e6,
        mass_kg_m: 60.21,
        area_m2: 76.70e-4,
        shear_modulus_pa: 8.08e10,
        shear_coefficient: 0.41,
    }
}

/// Support of the reference case.
pub const SUPPORT: Support = Support {
    pad_stiffness_n_m: 150e6,
    pad_damping_n_s_m: 30e3,
    sleeper_mass_kg: 150.0,
    ballast_stiffness_n_m: 60e6,
    ballast_damping_n_s_m: 80e3,
    gap_m: 0.0,
};

/// Reference track: 60 m, Euler-Bernoulli, linear ballast, free ends.
pub fn reference_track() -> Track {
    Track {
        rail: vec![rail_60e1(); 100],
        beam: BeamTheory::EulerBernoulli,
        bay_m: 0.6,
        elements_per_bay: 4,
        supports: vec![SUPPORT; 101],
        ballast: BallastLaw::Linear,
        gravity_m_s2: 0.0,
    }
}

/// A wheel of 600 kg and 100 kN from 24 m to 33 m over a dip at 30 m.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WheelOverDip {
    /// Speed, m/s.
    pub speed_m_s: f64,
    /// Total angle of the dip, rad; 0 for smooth rail.
    pub angle_rad: f64,
    /// Time step, s.
    pub step_s: f64,
}

impl WheelOverDip {
    pub(super) fn new(speed_m_s: f64, angle_rad: f64) -> Self {
        Self {
            speed_m_s,
            angle_rad,
            step_s: STEP_S,
        }
    }

    /// Runs it over a track of at least 55 bays of 0.6 m.
    pub fn run(self, track: &Track) -> Result<Strike, ValidateError> {
        let record = run_reference(&ReferenceRun {
            track,
            rider: Rider::Wheel {
                mass_kg: WHEEL_KG,
                static_n: STATIC_N,
                hertz_n_m15: HERTZ_N_M15,
                suspension: None,
            },
            cusp: (self.angle_rad > 0.0).then_some(Cusp {
                at_m: DIP_M,
                total_angle_rad: self.angle_rad,
                half_length_m: 1.0,
            }),
            speed_m_s: self.speed_m_s,
            start_m: 24.0,
            end_m: 33.0,
            unloaded_s: 0.0,
            step_s: self.step_s,
            sleepers: &[50],
            energy: false,
        })?;
        Ok(Strike {
            record,
            speed_m_s: self.speed_m_s,
        })
    }
}

/// The record of a wheel over a dip.
#[derive(Debug, Clone, PartialEq)]
pub struct Strike {
    /// The record, of the sleeper at the dip.
    pub record: ReferenceRecord,
    speed_m_s: f64,
}

impl Strike {
    /// Values from `from_s` to `to_s` after the wheel is over the dip.
    pub(super) fn window<'a>(
        &'a self,
        values: &'a [f64],
        from_s: f64,
        to_s: f64,
    ) -> impl Iterator<Item = f64> + 'a {
        let places = self.record.position_m.iter().zip(values);
        places.filter_map(move |(x, v)| {
            let time_s = (x - DIP_M) / self.speed_m_s;
            (time_s > from_s && time_s < to_s).then_some(*v)
        })
    }

    /// Largest contact force from 0.5 ms before to 2.5 ms after the dip, kN.
    pub(super) fn p1_kn(&self) -> f64 {
        super::max(self.window(&self.record.force_n, -0.5e-3, 2.5e-3)) / 1e3
    }

    /// Largest force within 30 ms of the dip, low-passed at 90 Hz by a Butterworth filter of `order`
    /// run forward and backward, kN.
    pub(super) fn p2_kn(&self, order: usize) -> f64 {
        let rate_hz = 1.0 / self.record.step_s;
        let slow = zero_phase(&self.record.force_n, rate_hz, 90.0, Band::LowPass, order);
        super::max(self.window(&slow, -0.5e-3, 30e-3)) / 1e3
    }

    /// Largest acceleration of the sleeper from 0.5 ms before to 50 ms after the dip, g.
    pub(super) fn sleeper_g(&self) -> f64 {
        let acceleration = &self.record.sleepers[0].acceleration_m_s2;
        super::max(self.window(acceleration, -0.5e-3, 50e-3).map(f64::abs)) / 9.81
    }
}
