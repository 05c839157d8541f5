//! Reports of passages against the facts.

use super::counts::{axis, bands, clipped, clipped_of, trace};
use super::{Conduct, Facts};
use crate::pipeline::{AxleReport, BAND_EDGES_HZ, PassageReport};
use crate::score::{AXES, BANDS, Family, TruthRow, VERTICAL};

/// A peak is compared from so many counts on, an RMS from so many.
pub(super) const PEAK_LSB: f64 = 20.0;
pub(super) const RMS_LSB: f64 = 4.0;
/// A band is compared with at least this share of the whole RMS.
const BAND_SHARE: f64 = 0.05;

impl Conduct {
    pub(super) fn judge_passages(&mut self, facts: &Facts<'_>) {
        let reports = std::mem::take(&mut self.reports);
        for (_, report, _) in &reports {
            self.rate("report", facts, report.rate_hz);
            self.temperature("report", facts, report.temperature_c);
            self.flags(facts, report);
            if !facts.moved {
                self.features(facts, report);
            }
        }
        // Of several reports none can be called the train's: the detection scores tell that.
        if let (Some(train), [(arrival_us, report, axles)]) = (facts.train(), reports.as_slice()) {
            self.train(facts, train, report, axles, *arrival_us);
        }
    }

    /// First sample and one past the last of a reported passage.
    fn span(facts: &Facts<'_>, report: &PassageReport) -> (usize, usize) {
        let onset_us = report.onset_us as f64;
        let from = facts.sample_at(onset_us);
        let to = facts.sample_at(onset_us + report.duration_s * 1e6);
        (from, to.max(from))
    }

    fn flags(&mut self, facts: &Facts<'_>, report: &PassageReport) {
        let flag = |set: bool| f64::from(u8::from(set));
        let (from, to) = Self::span(facts, report);
        let within = |&(first, end): &(u64, u64)| end as usize > from && (first as usize) < to;
        let gap = facts.lost.iter().any(within);
        if gap || (facts.lost.is_empty() && !facts.disturbed_link) {
            let told = flag(report.flags.sample_gap);
            self.counted(Family::GapFlagErrors, "report", flag(gap), told);
        }
        let (surely, _) = clipped(facts, from, to);
        let (_, perhaps) = clipped(facts, 0, facts.measured.counts.len());
        // Samples that were lost on the way may have been the clipped ones.
        let told = flag(report.flags.clipped);
        if (surely > 0 && !gap) || (perhaps == 0 && !facts.first_sample) {
            self.counted(Family::ClipFlagErrors, "report", flag(surely > 0), told);
        } else {
            self.counted(Family::ClipFlagErrors, "report, in doubt", told, told);
        }
        let margin = facts.measured.true_rate_hz as u64;
        let stuck = facts.stuck_from.map(|first| first + margin < from as u64);
        if stuck != Some(false) {
            let told = flag(report.flags.bad_sensor);
            self.counted(
                Family::SensorFlagErrors,
                "report",
                flag(stuck.is_some()),
                told,
            );
        }
    }

    fn features(&mut self, facts: &Facts<'_>, report: &PassageReport) {
        let lsb = facts.measured.scale_m_s2_per_lsb;
        let (from, to) = Self::span(facts, report);
        for (index, name) in AXES.iter().enumerate() {
            let trace = trace(facts, index, from);
            let want = axis(facts, &trace, from, to);
            let got = report.axes[index];
            let error = want.peak.error(got.peak_m_s2, PEAK_LSB * lsb);
            let nearest = want.peak.nearest(got.peak_m_s2);
            self.compared(Family::PeakErrorMax, name, nearest, got.peak_m_s2, error);
            let error = want.rms.error(got.rms_m_s2, RMS_LSB * lsb);
            let nearest = want.rms.nearest(got.rms_m_s2);
            self.compared(Family::RmsErrorMax, name, nearest, got.rms_m_s2, error);
            // Too few counts make a kurtosis of rounding.
            if want.rms.low > RMS_LSB * lsb && got.rms_m_s2 > 0.0 {
                let crest = got.peak_m_s2 / got.rms_m_s2;
                let error = got.crest / crest - 1.0;
                self.compared(Family::CrestErrorMax, name, crest, got.crest, error);
                let error = want.kurtosis.error(got.kurtosis, 1.0);
                let nearest = want.kurtosis.nearest(got.kurtosis);
                self.compared(Family::KurtosisErrorMax, name, nearest, got.kurtosis, error);
            }
            if index == VERTICAL {
                let least = (BAND_SHARE * want.rms.high).max(lsb);
                let wanted = bands(facts, &trace, from, to);
                let told = report.band_rms_m_s2.iter().zip(BAND_EDGES_HZ);
                for (((band, low_hz), want), name) in told.zip(wanted).zip(BANDS) {
                    let got = band.unwrap_or(0.0);
                    if let Some(want) = want {
                        let error = want.error(got, least);
                        self.compared(Family::BandErrorMax, name, want.nearest(got), got, error);
                    } else if low_hz >= 0.5 * facts.measured.true_rate_hz {
                        // Nothing of it is in the counts: any figure is made up, and none is the answer.
                        let made_up = f64::from(u8::from(band.is_some()));
                        self.compared(Family::BandErrorMax, name, 0.0, got, made_up);
                    }
                }
            }
        }
    }

    fn train(
        &mut self,
        facts: &Facts<'_>,
        train: &TruthRow,
        report: &PassageReport,
        axles: &[AxleReport],
        arrival_us: u64,
    ) {
        let seconds = |us: i64| us as f64 * 1e-6;
        let want = seconds(train.onset_us);
        let got = report.onset_us as f64 * 1e-6;
        let error = seconds(report.onset_us as i64 - train.onset_us);
        self.compared(Family::OnsetErrorMaxS, "", want, got, error);
        let want = seconds(train.end_us - train.onset_us);
        let got = report.duration_s;
        self.compared(Family::DurationErrorMaxS, "", want, got, got - want);
        let (want, got) = (
            train.axle_times_us.len() as f64,
            f64::from(report.axle_count),
        );
        self.compared(Family::AxleCountErrorMax, "", want, got, got - want);
        // The list must hold as many as the count says, unless it is flagged as cut.
        if !report.flags.axle_list_truncated {
            let listed = axles.len() as f64;
            self.compared(
                Family::AxleCountErrorMax,
                "listed",
                got,
                listed,
                listed - got,
            );
        }
        let delay = seconds(arrival_us as i64 - train.end_us);
        self.compared(Family::ReportDelayMaxS, "", 0.0, delay, delay);
        if let Some(speed) = train.speed_m_s {
            let got = report.speed_m_s.unwrap_or(0.0);
            let mut axles_us = train.axle_times_us.iter();
            // A speed comes from the places of the axles.
            let (channel, error) = if axles_us.any(|us| facts.lost_at(*us, speed)) {
                ("an axle in a gap", 0.0)
            } else {
                ("", got / speed - 1.0)
            };
            self.compared(Family::SpeedErrorMax, channel, speed, got, error);
            self.wheels(facts, train, report, axles, speed);
        }
        self.speed_quality(train, report);
        self.completeness(facts, train, report, axles);
        if let Some(want) = train.features.and_then(|f| f.displacement_pp_m) {
            let got = report.displacement_pp_m;
            // What is integrated from a clipped signal is wrong: a firmware may leave it out.
            let (_, perhaps) = clipped_of(
                facts,
                VERTICAL..VERTICAL + 1,
                0..facts.measured.counts.len(),
            );
            let (channel, error) = if got <= 0.0 && perhaps > 0 {
                ("left out, clipped", 0.0)
            } else {
                ("", (got - want) / want.max(1e-5))
            };
            self.compared(Family::DisplacementErrorMax, channel, want, got, error);
        }
    }
}
