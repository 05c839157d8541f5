//! A replayed recording as text for a person.

use anstyle::{AnsiColor, Style};

use super::report::{AxisFigures, RecordingReport, TrainFigures};
use crate::report::{SummaryOptions, count_of, figure};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const WARN: Style = AnsiColor::Yellow.on_default().bold();

/// The report as text: trains first, then what the recording and the device say.
pub fn recording_summary(report: &RecordingReport, options: SummaryOptions) -> String {
    let paint = |style: Style, text: &str| {
        if options.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    };
    let mut lines = vec![headline(report, &paint), String::new()];
    let mut field = |name: &str, text: String| {
        lines.push(format!("  {}  {text}", paint(DIM, &format!("{name:<9}"))));
    };
    for (index, train) in report.trains.iter().enumerate() {
        field(if index == 0 { "trains" } else { "" }, train_line(train));
    }
    field("recording", timing_line(report));
    for (index, axis) in report.axes.iter().enumerate() {
        field(if index == 0 { "noise" } else { "" }, axis_line(axis));
    }
    field("device", device_line(report));
    field("link", link_line(report));
    for note in &report.notes {
        field("note", note.clone());
    }
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn headline(report: &RecordingReport, paint: &dyn Fn(Style, &str) -> String) -> String {
    let figures = &report.recording;
    let verdict = if report.is_valid() {
        paint(BOLD, &count_of(report.trains.len() as u64, "train"))
    } else {
        paint(WARN, "INVALID")
    };
    format!(
        "{verdict}  {}  ({} on {}, {} s, device {})",
        paint(BOLD, &report.file),
        count_of(figures.samples, "sample"),
        axes(report),
        figure(figures.duration_s),
        report.device.tier,
    )
}

fn axes(report: &RecordingReport) -> String {
    let names: Vec<&str> = report.axes.iter().map(|axis| axis.axis.as_str()).collect();
    names.join(", ")
}

fn train_line(train: &TrainFigures) -> String {
    let speed = train
        .speed_km_h
        .map_or_else(|| "speed unknown".to_owned(), |v| format!("{v:.0} km/h"));
    format!(
        "at {:.2} s for {:.2} s: {}, {speed}, {}",
        train.onset_s,
        train.duration_s,
        count_of(u64::from(train.axles), "axle"),
        train.class
    )
}

fn timing_line(report: &RecordingReport) -> String {
    let figures = &report.recording;
    let missing = match figures.missing_samples {
        0 => String::new(),
        missing => format!(" with {} missing", count_of(missing, "sample")),
    };
    let clock = match figures.interval_deviation_s {
        Some(deviation) => format!(
            "by its time stamps (jitter {:.1} us, {}{missing})",
            deviation * 1e6,
            count_of(figures.gaps, "gap")
        ),
        None => "as stated (no time stamps)".to_owned(),
    };
    let clipped = match figures.clipped_samples {
        0 => String::new(),
        clipped => format!(", {} clipped", count_of(clipped, "sample")),
    };
    let told = format!(
        "the device was told {:.2} Hz ({:+.2} %)",
        figures.nominal_rate_hz,
        100.0 * (figures.nominal_rate_hz / figures.rate_hz - 1.0)
    );
    format!("{:.2} Hz {clock}; {told}{clipped}", figures.rate_hz)
}

fn axis_line(axis: &AxisFigures) -> String {
    let density = axis
        .density_ug_rt_hz
        .map_or_else(String::new, |d| format!(", {d:.0} ug/rtHz"));
    format!(
        "{}  {:.4} m/s2 RMS{density}, peak {:.3}, mean {:+.3} m/s2",
        axis.axis, axis.noise_rms_m_s2, axis.peak_m_s2, axis.mean_m_s2
    )
}

fn device_line(report: &RecordingReport) -> String {
    let device = &report.device;
    let mut parts = vec![format!("{} {}", device.name, device.build)];
    if let Some(rate) = device.rate_hz {
        parts.push(format!("measured {rate:.2} Hz"));
    }
    if let Some([x, y, z]) = device.noise_rms_m_s2 {
        parts.push(format!("noise {x:.4}, {y:.4}, {z:.4} m/s2 RMS at rest"));
    }
    if report.other_passages > 0 {
        parts.push(format!(
            "{} that were no train",
            count_of(report.other_passages, "wake-up")
        ));
    }
    if !device.flags.is_empty() {
        parts.push(format!("flags {}", device.flags.join(" ")));
    }
    parts.join(", ")
}

fn link_line(report: &RecordingReport) -> String {
    match &report.link.violated {
        Some(reason) => reason.clone(),
        None => format!(
            "{} of {} lost, {} by radio",
            report.link.frames_lost,
            count_of(report.link.frames_sent, "frame"),
            count_of(report.link.uplink_bytes, "byte"),
        ),
    }
}
