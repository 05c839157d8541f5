//! Pictures of passages as the sensor saw them: acceleration over time, one bogie of it, and spectra.
//!
//! ```text
//! frogbench run scenarios/healthy-crossing.toml
//! cargo run --release --example plot_passage -- OUT.svg RUN[:WINDOW] ...
//! ```
//!
//! A run is the folder that `frogbench run` leaves, with its session log; the window is the number in its tables, the first
//! with a train unless given. What is drawn are the counts that the device got, as vertical acceleration, with a
//! triangle for every true axle. Several runs stand below one another, their spectra in one diagram.

use std::error::Error;
use std::f64::consts::TAU;
use std::path::Path;

use frogbench::score::TruthKind;
use frogbench::session_log::read_session_log;
use plotters::coord::Shift;
use plotters::prelude::*;

/// Points across a trace: more cannot be told apart.
const COLUMNS: usize = 900;
/// Length of a segment of the spectrum, samples.
const SEGMENT: usize = 1_024;
const LOWEST_HZ: f64 = 4.0;
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
    rate_hz: f64,
    /// Vertical acceleration without its mean, m/s2.
    trace: Vec<f64>,
    /// Time of the first axle after the first sample, s.
    first_s: f64,
    /// Axles after the first one, s.
    axle_times_s: Vec<f64>,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: plot_passage OUT.svg RUN[:WINDOW] ...";
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
    let (folder, wanted) = match case.rsplit_once(':') {
        Some((folder, window)) => (folder, Some(window.parse::<u32>()?)),
        None => (case, None),
    };
    let log = read_session_log(Path::new(folder))?;
    let scale = log
        .devices
        .get(&0)
        .ok_or("no device in the log")?
        .stream
        .scale_m_s2_per_lsb;
    let windows = log.windows.get(&0).ok_or("no window in the log")?;
    let (window, truth) = windows
        .iter()
        .filter(|window| wanted.is_none_or(|wanted| window.window == wanted))
        .find_map(|window| {
            let train = window
                .truth
                .iter()
                .find(|row| row.kind == TruthKind::Train)?;
            Some((window, train))
        })
        .ok_or("no such window, or no train in it")?;
    let counts = window.z.iter().map(|count| f64::from(*count) * scale);
    let mean = counts.clone().sum::<f64>() / window.z.len() as f64;
    let after_s = |us: i64| (us - truth.axle_times_us[0]) as f64 * 1e-6;
    let condition = truth.condition.iter();
    let state: Vec<String> = condition
        .map(|(name, value)| format!("{name} {value:.2}"))
        .collect();
    let speed_km_h = truth.speed_m_s.unwrap_or_default() * 3.6;
    Ok(Picture {
        name: format!(
            "{}, window {}: {} at {speed_km_h:.0} km/h {}",
            log.run.name,
            window.window,
            truth.label,
            state.join(" ")
        ),
        rate_hz: window.true_rate_hz,
        trace: counts.map(|value| value - mean).collect(),
        first_s: (truth.axle_times_us[0] - window.start_us as i64) as f64 * 1e-6,
        axle_times_s: truth.axle_times_us.iter().map(|us| after_s(*us)).collect(),
    })
}

/// Welch's method from before the first to after the last axle: Hann windows that overlap by half, amplitudes per root Hz.
fn spectrum(picture: &Picture) -> Line {
    let window: Vec<f64> = (0..SEGMENT)
        .map(|i| 0.5 - 0.5 * libm::cos(TAU * i as f64 / SEGMENT as f64))
        .collect();
    let norm: f64 = window.iter().map(|w| w * w).sum::<f64>() * picture.rate_hz;
    let last_s = picture.axle_times_s.last().copied().unwrap_or_default();
    let passage = picture.part(-0.3, last_s + 0.3);
    let lines = (1..SEGMENT / 2).map(|bin| {
        let omega = TAU * bin as f64 / SEGMENT as f64;
        let (mut power, mut segments) = (0.0, 0.0_f64);
        for part in passage.windows(SEGMENT).step_by(SEGMENT / 2) {
            let (mut re, mut im) = (0.0, 0.0);
            for (i, (x, w)) in part.iter().zip(&window).enumerate() {
                re += x * w * libm::cos(omega * i as f64);
                im += x * w * libm::sin(omega * i as f64);
            }
            power += 2.0 * (re * re + im * im) / norm;
            segments += 1.0;
        }
        let frequency_hz = bin as f64 * picture.rate_hz / SEGMENT as f64;
        (frequency_hz, libm::sqrt(power / segments.max(1.0)))
    });
    lines.filter(|line| line.0 >= LOWEST_HZ).collect()
}

impl Picture {
    /// Samples between two times after the first axle.
    fn part(&self, from_s: f64, to_s: f64) -> &[f64] {
        let index = |time_s: f64| {
            let at = ((self.first_s + time_s) * self.rate_hz).max(0.0) as usize;
            at.min(self.trace.len())
        };
        &self.trace[index(from_s)..index(to_s)]
    }
}

/// Lowest and highest value of every column: what an oscilloscope shows.
fn envelope(picture: &Picture, from_s: f64, to_s: f64) -> Line {
    let part = picture.part(from_s, to_s);
    let width = part.len().div_ceil(COLUMNS).max(1);
    let columns = part.chunks(width).enumerate();
    columns
        .flat_map(|(i, column)| {
            let time_s = from_s + (i * width) as f64 / picture.rate_hz;
            let low = column.iter().copied().fold(f64::INFINITY, f64::min);
            let high = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            [(time_s, low), (time_s, high)]
                .into_iter()
                .take(if width == 1 { 1 } else { 2 })
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
        let times = &picture.axle_times_s;
        let (first, last) = (times[0], times[times.len() - 1]);
        trace(
            &whole,
            picture,
            COLOURS[i % 4],
            (first - 0.4, last + 0.5),
            &picture.name,
        )?;
        let zoom = (times[2] - 0.05, times[3] + 0.15);
        trace(&bogie, picture, COLOURS[i % 4], zoom, "its second bogie")?;
    }
    let spectra: Vec<Line> = pictures.iter().map(spectrum).collect();
    log_log(&bottom, pictures, &spectra)?;
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
    let line = envelope(picture, from_s, to_s);
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
    let axles = picture.axle_times_s.iter();
    chart.draw_series(
        axles
            .filter(|t| (from_s..to_s).contains(*t))
            .map(|t| TriangleMarker::new((*t, most * 0.96), -5, BLACK.filled())),
    )?;
    Ok(())
}

fn log_log(area: &Area<'_>, pictures: &[Picture], lines: &[Line]) -> Result<()> {
    let title = "vertical acceleration during the passage, m/s2 per root Hz over Hz";
    let points = || lines.iter().flatten();
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
    for (i, (picture, line)) in pictures.iter().zip(lines).enumerate() {
        let colour = COLOURS[i % 4];
        chart
            .draw_series(LineSeries::new(
                line.iter().copied(),
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
