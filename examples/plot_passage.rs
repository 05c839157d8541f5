//! Pictures of simulated passages: acceleration over time, one bogie of it, spectra, and the track's receptance.
//!
//! ```text
//! cargo run --release --example plot_passage -- OUT.svg SCENARIO.toml[@DAY] ...
//! ```
//!
//! Every scenario's site is taken in its condition on that day (0 unless given), and one and the same train runs over it: a
//! multiple unit at 120 km/h, facing, through, with wheels and loads as drawn for the first window of seed 1. What is drawn is the
//! vertical acceleration of the sensor's bearer before any sensor, up positive, at 20 kHz.

use std::error::Error;
use std::f64::consts::TAU;
use std::path::Path;

use frogbench::cli::builtin;
use frogbench::random::{Purpose, stream};
use frogbench::scenario::{Loaded, load};
use frogbench::site::{Condition, Output, Site, SitePassage, SiteSpec, TrainRun};
use frogbench::track::{Direction, Route, crossing_side, two_rail_receptance};
use frogbench::train::{WheelFleet, WheelLoadScatter, catalogue};
use plotters::coord::Shift;
use plotters::prelude::*;

const RATE_HZ: f64 = 20_000.0;
const SPEED_M_S: f64 = 120.0 / 3.6;
const TRAIN: &str = "multiple-unit";
/// Points across a trace: more cannot be told apart.
const COLUMNS: usize = 900;
/// Length of a segment of the spectrum, samples: 4.9 Hz between its lines.
const SEGMENT: usize = 4_096;
const SPECTRUM_HZ: std::ops::Range<f64> = 5.0..3_000.0;
const RECEPTANCE_HZ: std::ops::Range<f64> = 5.0..2_000.0;
const COLOURS: [RGBColor; 4] = [
    RGBColor(0, 90, 160),
    RGBColor(200, 80, 0),
    RGBColor(0, 130, 70),
    RGBColor(130, 50, 140),
];

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Line = Vec<(f64, f64)>;

struct Picture {
    name: String,
    passage: SitePassage,
    /// Amplitude spectral density over frequency, m/s2 per root Hz.
    spectrum: Line,
    /// Rail receptance over the sensor's bearer, m/N.
    receptance: Line,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: plot_passage OUT.svg SCENARIO.toml[@DAY] ...";
    let out = arguments.next().ok_or(usage)?;
    let pictures: Vec<Picture> = arguments
        .map(|case| picture(&case))
        .collect::<Result<_>>()?;
    if pictures.is_empty() {
        return Err(usage.into());
    }
    draw(&out, &pictures)
}

fn picture(case: &str) -> Result<Picture> {
    let (file, day) = match case.rsplit_once('@') {
        Some((file, day)) => (file, day.parse()?),
        None => (case, 0.0),
    };
    let loaded = load(Path::new(file), &[], &builtin())?;
    let scenario = &loaded.scenario;
    let site = Site::new(&SiteSpec {
        turnout: &scenario.turnout,
        track: &scenario.track,
        model: scenario.passage.model,
        reference_bearer: scenario.sensor.bearer,
        seed: 1,
        index: 0,
    })?;
    let condition = site.on_day(day, &scenario.wear);
    let passage = run(&site, &condition, &loaded)?;
    let up: Vec<f64> = passage.points[0]
        .acceleration_m_s2
        .iter()
        .map(|a| -a)
        .collect();
    let named = condition.named.iter();
    let state: Vec<String> = named
        .map(|(name, value)| format!("{name} {value:.1}"))
        .collect();
    let stem = Path::new(file).file_stem().unwrap_or_default();
    Ok(Picture {
        name: format!(
            "{}, day {day:.0} {}",
            stem.to_string_lossy(),
            state.join(" ")
        ),
        spectrum: spectrum(&up),
        receptance: receptance(&site, &condition, &loaded)?,
        passage,
    })
}

fn run(site: &Site, condition: &Condition, loaded: &Loaded) -> Result<SitePassage> {
    let consist = catalogue::consist(&[TRAIN.to_owned()])?;
    let mut rng = stream(1, 0, Purpose::Wheels, 0);
    let wheels = WheelFleet::default().draw(&consist, &mut rng);
    let wheel_load = WheelLoadScatter::default().draw(&consist, &mut rng);
    let sensor = &loaded.scenario.sensor;
    let output = Output {
        bearer: sensor.bearer,
        place: sensor.position.place(sensor.position_m),
    };
    let train = TrainRun {
        consist: &consist,
        wheels: &wheels,
        wheel_load: &wheel_load,
        speed_m_s: SPEED_M_S,
        direction: Direction::Facing,
        route: Route::Through,
        margin_s: 0.6,
        step_s: 1.0 / RATE_HZ,
    };
    Ok(site.run(condition, &train, &[output])?)
}

/// Welch's method: Hann windows that overlap by half, amplitudes per root Hz, about twelve lines per octave.
fn spectrum(signal: &[f64]) -> Line {
    let window: Vec<f64> = (0..SEGMENT)
        .map(|i| 0.5 - 0.5 * libm::cos(TAU * i as f64 / SEGMENT as f64))
        .collect();
    let norm: f64 = window.iter().map(|w| w * w).sum::<f64>() * RATE_HZ;
    let mut lines = Vec::new();
    let mut bin = 1.0_f64;
    while bin * RATE_HZ / (SEGMENT as f64) < SPECTRUM_HZ.end {
        let omega = TAU * bin.round() / SEGMENT as f64;
        let (mut power, mut segments) = (0.0, 0.0_f64);
        for part in signal.windows(SEGMENT).step_by(SEGMENT / 2) {
            let (mut re, mut im) = (0.0, 0.0);
            for (i, (x, w)) in part.iter().zip(&window).enumerate() {
                re += x * w * libm::cos(omega * i as f64);
                im += x * w * libm::sin(omega * i as f64);
            }
            power += 2.0 * (re * re + im * im) / norm;
            segments += 1.0;
        }
        let frequency_hz = bin.round() * RATE_HZ / SEGMENT as f64;
        lines.push((frequency_hz, libm::sqrt(power / segments.max(1.0))));
        bin = (bin * 1.06).max(bin + 1.0);
    }
    lines
}

fn receptance(site: &Site, condition: &Condition, loaded: &Loaded) -> Result<Line> {
    let built = site.route_track(Route::Through, condition)?;
    let bearer = built
        .index_of(loaded.scenario.sensor.bearer)
        .ok_or("the sensor's bearer is outside the track")?;
    let at = (
        crossing_side(Route::Through),
        built.track.bearers[bearer].x_m,
    );
    let mut line = Vec::new();
    let mut frequency_hz = RECEPTANCE_HZ.start;
    while frequency_hz < RECEPTANCE_HZ.end {
        let answers = two_rail_receptance(&built.track, at, &[at], frequency_hz)?;
        let size = libm::hypot(answers[0].real_m_n, answers[0].imaginary_m_n);
        line.push((frequency_hz, size));
        frequency_hz *= 1.03;
    }
    Ok(line)
}

/// Lowest and highest value of every column: what an oscilloscope shows.
fn envelope(passage: &SitePassage, from_s: f64, to_s: f64) -> Line {
    let trace = &passage.points[0].acceleration_m_s2;
    let index = |time_s: f64| {
        let at = ((time_s - passage.start_s) * RATE_HZ).max(0.0) as usize;
        at.min(trace.len())
    };
    let part = &trace[index(from_s)..index(to_s)];
    let width = (part.len() / COLUMNS).max(1);
    let columns = part.chunks(width).enumerate();
    columns
        .flat_map(|(i, column)| {
            let time_s = from_s + (i * width) as f64 / RATE_HZ;
            let low = column.iter().map(|a| -a).fold(f64::INFINITY, f64::min);
            let high = column.iter().map(|a| -a).fold(f64::NEG_INFINITY, f64::max);
            if width == 1 {
                vec![(time_s, low)]
            } else {
                vec![(time_s, low), (time_s, high)]
            }
        })
        .collect()
}

fn draw(out: &str, pictures: &[Picture]) -> Result<()> {
    let rows = pictures.len() as u32;
    let root = SVGBackend::new(out, (1_200, 230 * rows + 340)).into_drawing_area();
    root.fill(&WHITE)?;
    let (traces, bottom) = root.split_vertically(230 * rows);
    for (i, (row, picture)) in traces
        .split_evenly((pictures.len(), 1))
        .iter()
        .zip(pictures)
        .enumerate()
    {
        let (whole, bogie) = row.split_horizontally(780);
        let times = &picture.passage.axle_times_s;
        let (first, last) = (times[0], times[times.len() - 1]);
        trace(
            &whole,
            picture,
            COLOURS[i % 4],
            (first - 0.4, last + 0.5),
            &picture.name,
        )?;
        let zoom = (times[2] - 0.05, times[3] + 0.15);
        trace(&bogie, picture, COLOURS[i % 4], zoom, "second bogie")?;
    }
    let (left, right) = bottom.split_horizontally(600);
    let title = "acceleration of the bearer (m/s2 per root Hz) over frequency (Hz)";
    log_log(&left, pictures, title, |p| &p.spectrum)?;
    let title = "receptance of the rail over the bearer (m/N) over frequency (Hz)";
    log_log(&right, pictures, title, |p| &p.receptance)?;
    root.present()?;
    Ok(())
}

fn trace(
    area: &Area<'_>,
    picture: &Picture,
    colour: RGBColor,
    (from_s, to_s): (f64, f64),
    title: &str,
) -> Result<()> {
    let line = envelope(&picture.passage, from_s, to_s);
    let most = line.iter().map(|p| p.1.abs()).fold(1.0, f64::max) * 1.15;
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 15))
        .margin(6)
        .x_label_area_size(28)
        .y_label_area_size(48)
        .build_cartesian_2d(from_s..to_s, -most..most)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("s after the first axle")
        .y_desc("m/s2")
        .draw()?;
    chart.draw_series(std::iter::once(PathElement::new(
        line,
        colour.stroke_width(1),
    )))?;
    let axles = picture.passage.axle_times_s.iter();
    chart.draw_series(
        axles
            .filter(|t| (from_s..to_s).contains(*t))
            .map(|t| TriangleMarker::new((*t, most * 0.96), -5, BLACK.filled())),
    )?;
    Ok(())
}

fn log_log(
    area: &Area<'_>,
    pictures: &[Picture],
    title: &str,
    of: impl Fn(&Picture) -> &Line,
) -> Result<()> {
    let points = || pictures.iter().flat_map(|p| of(p).iter());
    let low = |f: fn(&(f64, f64)) -> f64| points().map(f).fold(f64::INFINITY, f64::min);
    let high = |f: fn(&(f64, f64)) -> f64| points().map(f).fold(0.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 15))
        .margin(6)
        .x_label_area_size(28)
        .y_label_area_size(64)
        .build_cartesian_2d(
            (low(|p| p.0)..high(|p| p.0)).log_scale(),
            (low(|p| p.1)..high(|p| p.1) * 1.3).log_scale(),
        )?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .y_label_formatter(&|value| format!("{value:.0e}"))
        .draw()?;
    for (i, picture) in pictures.iter().enumerate() {
        let colour = COLOURS[i % 4];
        chart
            .draw_series(LineSeries::new(
                of(picture).iter().copied(),
                colour.stroke_width(2),
            ))?
            .label(&picture.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerLeft)
        .background_style(WHITE.mix(0.8))
        .draw()?;
    Ok(())
}
