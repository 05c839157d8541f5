//! Picture of the receptance of a turnout's track: how far a rail moves under a unit force, over frequency.
//!
//! ```text
//! cargo run --release --example plot_receptance -- OUT.svg
//! ```
//!
//! The turnout is 60E1-R760-1:15 without scatter, two rails on flexible bearers with every bearer in bearing. Drawn are places of the
//! right rail, which has the crossing: plain track 9 m ahead of the theoretical point, over a bearer and between two, and
//! the crossing where wheels go over to the nose; and for comparison plain track with a rail that knows no shear.

use std::error::Error;

use frogbench::random::{Purpose, stream};
use frogbench::track::{
    BeamTheory, Route, RouteTrack, Side, Turnout, TwoRailTrack, two_rail_receptance,
};
use plotters::prelude::*;

const LOWEST_HZ: f64 = 20.0;
const HIGHEST_HZ: f64 = 2_000.0;
const LINES: u32 = 300;
/// Bays from the theoretical point to the plain track.
const PLAIN_BAYS: f64 = -15.0;
/// Where wheels go over from the wing to the nose, m from the theoretical point.
const TRANSFER_M: f64 = 0.4;
const COLOURS: [RGBColor; 4] = [
    RGBColor(0, 90, 160),
    RGBColor(200, 80, 0),
    RGBColor(0, 130, 70),
    RGBColor(150, 150, 150),
];

type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Curve {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

fn main() -> Result<()> {
    let out = std::env::args()
        .nth(1)
        .ok_or("usage: plot_receptance OUT.svg")?;
    draw(&out, &curves()?)
}

fn curves() -> Result<Vec<Curve>> {
    let mut turnout = Turnout::by_name("60E1-R760-1:15")?;
    turnout.stiffness_scatter = 0.0;
    let mut rng = stream(1, 0, Purpose::Supports, 0);
    let built: RouteTrack = turnout.build_route(Route::Through, 60, &mut rng)?;
    let plain_m = built.crossing_m + PLAIN_BAYS * turnout.bay_m;
    let between_m = plain_m + 0.5 * turnout.bay_m;
    let stiff_in_shear = TwoRailTrack {
        beam: BeamTheory::EulerBernoulli,
        ..built.track.clone()
    };
    let curve = |name, track: &TwoRailTrack, at_m: f64| -> Result<Curve> {
        let at = (Side::Right, at_m);
        let points = (0..=LINES).map(|i| {
            let hz = LOWEST_HZ * libm::pow(HIGHEST_HZ / LOWEST_HZ, f64::from(i) / f64::from(LINES));
            let answer = two_rail_receptance(track, at, &[at], hz)?;
            Ok((hz, answer[0].magnitude_m_n() * 1e9))
        });
        let points = points.collect::<Result<_>>()?;
        Ok(Curve { name, points })
    };
    let crossing_m = built.crossing_m + TRANSFER_M;
    Ok(vec![
        curve("plain track, over a bearer", &built.track, plain_m)?,
        curve("plain track, between bearers", &built.track, between_m)?,
        curve("crossing, at the transfer", &built.track, crossing_m)?,
        curve("between bearers, without shear", &stiff_in_shear, between_m)?,
    ])
}

fn draw(out: &str, curves: &[Curve]) -> Result<()> {
    let root = SVGBackend::new(out, (1_000, 480)).into_drawing_area();
    root.fill(&WHITE)?;
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let low = points().map(|p| p.1).fold(f64::INFINITY, f64::min);
    let high = points().map(|p| p.1).fold(0.0, f64::max);
    let mut chart = ChartBuilder::on(&root)
        .caption(
            "receptance of the rail, nm/N (um/kN) over Hz",
            ("sans-serif", 16),
        )
        .margin(8)
        .x_label_area_size(30)
        .y_label_area_size(56)
        .build_cartesian_2d(
            (LOWEST_HZ..HIGHEST_HZ).log_scale(),
            (low * 0.8..high * 1.3).log_scale(),
        )?;
    chart.configure_mesh().draw()?;
    for (curve, colour) in curves.iter().zip(COLOURS) {
        let line = LineSeries::new(curve.points.iter().copied(), colour.stroke_width(2));
        chart
            .draw_series(line)?
            .label(curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::LowerLeft)
        .background_style(WHITE.mix(0.8))
        .draw()?;
    root.present()?;
    Ok(())
}
