//! The turnout entities: one site each, with its sensor, as the scenario describes it.

use bevy_ecs::prelude::*;
use rand_chacha::ChaCha8Rng;

use super::error::RunError;
use crate::random::{Purpose, stream};
use crate::scenario::{Loaded, MountingSpec, Scenario, SensorSpec};
use crate::sensor::{self, Mounting, Resonance, SensorSetup, SensorUnit};
use crate::site::{Output, Site, SiteSpec};
use crate::wear::Weather;

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

/// One turnout with its running surface, before any wear, and where its sensor sits.
#[derive(Component, Debug)]
pub(super) struct Installation {
    pub(super) site: Site,
    pub(super) output: Output,
    weather: Weather,
    /// Days from 1 January to the start of the period.
    start_day_of_year: f64,
}

/// The sensor on its bearer.
#[derive(Component, Debug)]
pub(super) struct Instrument {
    pub(super) setup: SensorSetup,
    pub(super) unit: SensorUnit,
}

impl Installation {
    /// The installation of one turnout.
    pub(super) fn new(loaded: &Loaded, streams: Streams) -> Result<Self, RunError> {
        let scenario = &loaded.scenario;
        let sensor = &scenario.sensor;
        let site = Site::new(&SiteSpec {
            turnout: &scenario.turnout,
            track: &scenario.track,
            passage: &scenario.passage,
            reference_bearer: sensor.bearer,
            seed: streams.seed,
            index: streams.turnout,
        })
        .map_err(|error| RunError::of_site(streams.turnout, 0, error))?;
        Ok(Self {
            site,
            output: Output {
                bearer: sensor.bearer,
                place: sensor.position.place(sensor.position_m),
            },
            weather: weather(sensor),
            start_day_of_year: day_of_year(scenario),
        })
    }

    /// Highest speed over the diverging route, m/s.
    pub(super) fn diverging_speed_m_s(&self) -> f64 {
        self.site.turnout().diverging_speed_m_s
    }

    /// Temperature of the sensor, degrees Celsius.
    pub(super) fn temperature_c(&self, day: f64) -> f64 {
        self.weather.at(self.start_day_of_year + day)
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
