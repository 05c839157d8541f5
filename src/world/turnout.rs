//! The turnout entities: one site each, with its sensor, as the scenario describes it.

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::error::RunError;
use crate::random::{Purpose, stream};
use crate::scenario::{
    Irregularity, Loaded, MountingSpec, Roughness, Scenario, SensorSpec, WearQuantity,
};
use crate::sensor::{self, Mounting, Resonance, SensorSetup, SensorUnit};
use crate::track::{
    CrossingTrack, IrregularityLevel, Joint, JointShape, Turnout, Void, rail_roughness,
};
use crate::train::{ProfileGrid, RailSurface};
use crate::wear::Weather;

/// Bays of the modelled track: 24 m on either side of the crossing. Bending waves that a wheel sends
/// out have died away after a few metres; the rest lets a wheel settle before it matters.
const TRACK_BAYS: usize = 80;
/// Default measuring range, g: impacts at worn crossings reach tens of g.
const DEFAULT_RANGE_G: f64 = 16.0;
/// Default output rate, Hz.
const DEFAULT_RATE_HZ: f64 = 4000.0;

/// The random streams of one turnout.
#[derive(Component, Debug, Clone, Copy)]
pub(super) struct Streams {
    seed: u64,
    turnout: u32,
}

impl Streams {
    pub(super) fn new(seed: u64, turnout: u32) -> Self {
        Self { seed, turnout }
    }

    /// The stream of one purpose; `index` selects a window.
    pub(super) fn open(self, purpose: Purpose, index: u64) -> ChaCha8Rng {
        stream(self.seed, self.turnout, purpose, index)
    }
}

/// One turnout with its running surface, before any wear.
#[derive(Component, Debug)]
pub(super) struct Site {
    turnout: Turnout,
    surface: RailSurface,
    weather: Weather,
    /// Days from 1 January to the start of the period.
    start_day_of_year: f64,
    /// Bearer that carries the sensor, from the theoretical point.
    pub(super) sensor_bearer: i32,
}

/// The sensor on its bearer.
#[derive(Component, Debug)]
pub(super) struct Instrument {
    pub(super) setup: SensorSetup,
    pub(super) unit: SensorUnit,
}

/// A turnout in the condition of one day.
pub(super) struct WornSite {
    pub(super) turnout: Turnout,
    pub(super) built: CrossingTrack,
    /// Support under the sensor's bearer.
    pub(super) sensor_support: usize,
    /// The condition by name, for the truth table.
    pub(super) condition: Vec<(String, f64)>,
}

impl Site {
    /// The site of one turnout.
    pub(super) fn new(loaded: &Loaded, streams: Streams) -> Result<Self, RunError> {
        let scenario = &loaded.scenario;
        let turnout = turnout(scenario)?;
        let mut rng = streams.open(Purpose::Irregularity, 0);
        let mut waves = Vec::new();
        match scenario.track.irregularity {
            Irregularity::None => {}
            Irregularity::Low => waves.push(IrregularityLevel::Low.realise(&mut rng)),
            Irregularity::High => waves.push(IrregularityLevel::High.realise(&mut rng)),
        }
        match scenario.track.roughness {
            Roughness::None => {}
            Roughness::Iso3095 => waves.push(rail_roughness(0.0, true, &mut rng)),
        }
        let length_m = TRACK_BAYS as f64 * turnout.bay_m;
        let crossing_m = (TRACK_BAYS / 2) as f64 * turnout.bay_m;
        let joints: Vec<Joint> = scenario
            .track
            .joint
            .iter()
            .map(|joint| Joint {
                at_m: crossing_m + joint.at_m,
                depth_m: joint.depth_mm * 1e-3,
                width_m: joint.width_m,
                shape: JointShape::default(),
            })
            .collect();
        let waves: Vec<_> = waves.iter().collect();
        let surface = RailSurface::new(ProfileGrid::over(length_m), &waves, &joints);
        Ok(Self {
            turnout,
            surface,
            weather: weather(&scenario.sensor),
            start_day_of_year: day_of_year(scenario),
            sensor_bearer: scenario.sensor.bearer,
        })
    }

    /// The running surface without wheels and crossing.
    pub(super) fn surface(&self) -> &RailSurface {
        &self.surface
    }

    /// Highest speed over the diverging route, m/s.
    pub(super) fn diverging_speed_m_s(&self) -> f64 {
        self.turnout.diverging_speed_m_s
    }

    /// Temperature of the sensor, degrees Celsius.
    pub(super) fn temperature_c(&self, day: f64) -> f64 {
        self.weather.at(self.start_day_of_year + day)
    }

    /// The turnout as it is on `day` of the period.
    pub(super) fn on(
        &self,
        day: f64,
        scenario: &Scenario,
        streams: Streams,
    ) -> Result<WornSite, RunError> {
        let mut turnout = self.turnout.clone();
        let mut condition = Vec::new();
        let mut ballast = Vec::new();
        let mut pad_factor = 1.0;
        for wear in &scenario.wear {
            let Some(value) = wear.value_on(day) else {
                continue;
            };
            condition.push((wear.quantity.name().to_owned(), value));
            let bearer = self.sensor_bearer + wear.bearer;
            match wear.quantity {
                WearQuantity::KinkAngleMrad => {
                    turnout.through = turnout.through.with_kink_angle(value * 1e-3);
                    turnout.diverging = turnout.diverging.with_kink_angle(value * 1e-3);
                }
                WearQuantity::VoidGapMm => {
                    turnout.voids.retain(|void| void.bearer != bearer);
                    turnout.voids.push(Void {
                        bearer,
                        gap_m: value * 1e-3,
                    });
                }
                WearQuantity::BallastStiffnessFactor => ballast.push((bearer, value)),
                WearQuantity::PadStiffnessFactor => pad_factor *= value,
            }
        }
        let scenario_error = |reason: String| RunError::Scenario {
            field: "[turnout]",
            reason,
        };
        let mut built = turnout
            .build(TRACK_BAYS, &mut streams.open(Purpose::Supports, 0))
            .map_err(|error| scenario_error(error.to_string()))?;
        for (bearer, factor) in ballast {
            let support = built
                .support_of(bearer)
                .and_then(|index| built.track.supports.get_mut(index));
            let support = support.ok_or_else(|| {
                scenario_error(format!("bearer {bearer} is outside the modelled track"))
            })?;
            support.ballast_stiffness_n_m *= factor;
        }
        for support in &mut built.track.supports {
            support.pad_stiffness_n_m *= pad_factor;
        }
        let sensor_support = built.support_of(self.sensor_bearer).ok_or_else(|| {
            scenario_error(format!(
                "the sensor's bearer {} is outside the modelled track",
                self.sensor_bearer
            ))
        })?;
        Ok(WornSite {
            turnout,
            built,
            sensor_support,
            condition,
        })
    }
}

impl Instrument {
    /// The sensor of one turnout, its unit drawn from the turnout's own stream.
    pub(super) fn new(scenario: &Scenario, streams: Streams) -> Result<Self, RunError> {
        let spec = &scenario.sensor;
        let part = *sensor::part(spec.part.name())?;
        let range_g = spec.range_g.unwrap_or_else(|| {
            // The smallest range that holds the default, else the part's largest.
            let mut ranges: Vec<f64> = part.ranges.iter().map(|range| range.range_g).collect();
            ranges.sort_by(f64::total_cmp);
            let wide = ranges
                .iter()
                .copied()
                .find(|range| *range >= DEFAULT_RANGE_G);
            wide.or(ranges.last().copied()).unwrap_or(DEFAULT_RANGE_G)
        });
        let rate_hz = spec.output_rate_hz.unwrap_or(DEFAULT_RATE_HZ);
        let mut setup = SensorSetup::new(part, range_g, rate_hz);
        if let Some(batch) = spec.fifo_batch {
            setup.fifo_batch = batch as u16;
        }
        setup.mounting = mounting(&spec.mounting);
        setup.validate()?;
        let unit = SensorUnit::draw(&part, &mut streams.open(Purpose::SensorUnit, 0));
        Ok(Self { setup, unit })
    }
}

fn mounting(spec: &MountingSpec) -> Mounting {
    let resonance = Some(Resonance {
        frequency_hz: spec.resonance_hz,
        q: spec.resonance_q,
    });
    Mounting {
        yaw_deg: spec.yaw_deg,
        pitch_deg: spec.pitch_deg,
        roll_deg: spec.roll_deg,
        resonance: [resonance; 3],
        looseness: spec.looseness,
    }
}

fn weather(spec: &SensorSpec) -> Weather {
    Weather {
        mean_c: spec.temperature.mean_c,
        daily_c: spec.temperature.daily_c,
        yearly_c: spec.temperature.yearly_c,
    }
}

/// Days from 1 January 0 h (UTC) to the start of the period.
fn day_of_year(scenario: &Scenario) -> f64 {
    let start = scenario.time.start.to_zoned(jiff::tz::TimeZone::UTC);
    let midnight_days = f64::from(start.day_of_year()) - 1.0;
    let seconds = f64::from(start.hour()) * 3600.0
        + f64::from(start.minute()) * 60.0
        + f64::from(start.second());
    midnight_days + seconds / 86_400.0
}

/// The turnout type with the scenario's overrides.
fn turnout(scenario: &Scenario) -> Result<Turnout, RunError> {
    let spec = &scenario.turnout;
    let error = |reason: String| RunError::Scenario {
        field: "[turnout]",
        reason,
    };
    let mut turnout = Turnout::by_name(spec.kind.name()).map_err(|e| error(e.to_string()))?;
    let overrides = &spec.crossing;
    for crossing in [&mut turnout.through, &mut turnout.diverging] {
        if let Some(height) = overrides.nose_height_mm {
            crossing.nose_height_m = height * 1e-3;
        }
        if let Some(ramp) = overrides.nose_ramp_m {
            crossing.nose_ramp_m = ramp;
        }
        if let Some(raise) = overrides.wing_raise_mm {
            crossing.wing_raise_m = raise * 1e-3;
        }
        if let Some(angle) = overrides.kink_angle_mrad {
            *crossing = crossing.with_kink_angle(angle * 1e-3);
        }
    }
    let support = &spec.support;
    let set = |target: &mut f64, value: Option<f64>, factor: f64| {
        if let Some(value) = value {
            *target = value * factor;
        }
    };
    set(
        &mut turnout.support.pad_stiffness_n_m,
        support.pad_stiffness_mn_m,
        1e6,
    );
    set(
        &mut turnout.support.pad_damping_n_s_m,
        support.pad_damping_kn_s_m,
        1e3,
    );
    set(
        &mut turnout.support.sleeper_mass_kg,
        support.sleeper_mass_kg,
        1.0,
    );
    set(
        &mut turnout.support.ballast_stiffness_n_m,
        support.ballast_stiffness_mn_m,
        1e6,
    );
    set(
        &mut turnout.support.ballast_damping_n_s_m,
        support.ballast_damping_kn_s_m,
        1e3,
    );
    set(
        &mut turnout.stiffness_scatter,
        support.stiffness_scatter,
        1.0,
    );
    turnout.voids = scenario
        .track
        .void
        .iter()
        .map(|void| Void {
            bearer: scenario.sensor.bearer + void.bearer,
            gap_m: void.gap_mm * 1e-3,
        })
        .collect();
    turnout.validate().map_err(|e| error(e.to_string()))?;
    Ok(turnout)
}
