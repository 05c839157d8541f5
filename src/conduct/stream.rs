//! Follows the messages of one device: numbers, starts, clock.

use super::Facts;
use crate::device::UplinkMessage;
use crate::pipeline::{AxleReport, Heartbeat, PassageReport, Uplink, decode};
use crate::score::{Family, Kind, LedgerRow};

/// What one device has said so far, and the rows of the ledger that come of it.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each true or not"
)]
pub struct Conduct {
    scenario: String,
    turnout: u32,
    window: u32,
    /// Starts of the device by its own HELLO.
    pub(super) boot_count: u32,
    epoch_us: u64,
    next_sequence: Option<u16>,
    pub(super) passages: u16,
    /// Nothing has been heard since the device started.
    fresh: bool,
    /// Samples that the firmware cannot have seen, since HELLO.
    pub(super) lost: u64,
    /// Surely and possibly clipped samples since HELLO.
    pub(super) clipped: (u64, u64),
    /// Since the last heartbeat that was asked for: samples were lost, the link was disturbed, samples clipped.
    pub(super) gap: bool,
    pub(super) link_disturbed: bool,
    pub(super) clip: (bool, bool),
    /// Heartbeats since then have told of a gap, and of clipping.
    pub(super) told: (bool, bool),
    /// For how long something shook the sensor since the last heartbeat that was asked for, s.
    pub(super) shaken_s: f64,
    /// Something that was no train shook it as hard as one.
    pub(super) shaken_hard: bool,
    /// Trains since then, and whether something else shook the sensor.
    pub(super) trains: f64,
    pub(super) disturbed: bool,
    /// Since the start: trains in stretches without anything else, and false wake-ups told of those.
    pub(super) trains_told: (f64, f64),
    /// Since then the sensor itself gave what nobody can tell from shaking: jumps, rubbish, gaps.
    pub(super) undefined_rest: bool,
    /// False wake-ups that heartbeats have told since then.
    pub(super) told_wakeups: f64,
    /// Numbers that are right leave no rows: the device is asked for thousands of messages.
    terse: bool,
    /// Seconds for which an axis has been stuck.
    pub(super) stuck_s: f64,
    pub(super) reports: Vec<(u64, PassageReport, Vec<AxleReport>)>,
    pub(super) beats: Vec<(u64, Heartbeat)>,
    rows: Vec<LedgerRow>,
}

impl Conduct {
    /// Nothing heard yet from the device of `turnout`, whose HELLO told `boot_count`; its clock starts at
    /// `epoch_us`.
    pub fn new(scenario: &str, turnout: u32, boot_count: u32, epoch_us: u64) -> Self {
        Self {
            scenario: scenario.to_owned(),
            turnout,
            window: 0,
            boot_count,
            epoch_us,
            next_sequence: None,
            passages: 0,
            fresh: true,
            lost: 0,
            clipped: (0, 0),
            gap: false,
            link_disturbed: false,
            clip: (false, false),
            told: (false, false),
            shaken_s: 0.0,
            shaken_hard: false,
            trains: 0.0,
            disturbed: false,
            trains_told: (0.0, 0.0),
            undefined_rest: false,
            told_wakeups: 0.0,
            terse: false,
            stuck_s: 0.0,
            reports: Vec::new(),
            beats: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The device has started again, or was greeted again.
    pub fn restarted(&mut self, boot_count: u32, epoch_us: u64) {
        let rows = std::mem::take(&mut self.rows);
        let (scenario, window) = (std::mem::take(&mut self.scenario), self.window);
        *self = Self {
            window,
            rows,
            ..Self::new(&scenario, self.turnout, boot_count, epoch_us)
        };
    }

    /// The rows so far, taken out.
    pub fn take_rows(&mut self) -> Vec<LedgerRow> {
        std::mem::take(&mut self.rows)
    }

    /// A window begins.
    pub fn begin(&mut self, window: u32) {
        self.window = window;
        self.terse = false;
        self.reports.clear();
        self.beats.clear();
    }

    /// From here on the window's messages come by the thousand: rows for what is wrong only.
    pub fn be_terse(&mut self) {
        self.terse = true;
    }

    /// A message that arrived at `arrival_us` (true time at the end of the samples that caused it).
    pub fn hear(&mut self, arrival_us: u64, message: &UplinkMessage) {
        if let Some(tick_ms) = message.tick_ms {
            let true_ms = (arrival_us.wrapping_sub(self.epoch_us) / 1000) as u32;
            let error_ms = tick_ms.wrapping_sub(true_ms) as i32;
            if self.terse && error_ms == 0 {
                return self.hear_bytes(arrival_us, &message.bytes);
            }
            self.compared(
                Family::ClockErrorMaxS,
                "",
                f64::from(true_ms) * 1e-3,
                f64::from(tick_ms) * 1e-3,
                f64::from(error_ms) * 1e-3,
            );
        }
        self.hear_bytes(arrival_us, &message.bytes);
    }

    fn hear_bytes(&mut self, arrival_us: u64, bytes: &[u8]) {
        let decoded = decode(bytes);
        let words = decoded.as_ref().err().map(ToString::to_string);
        self.right(
            Family::MessagesUndecodable,
            decoded.is_ok(),
            words.as_deref().unwrap_or_default(),
        );
        let Ok(uplink) = decoded else { return };
        let sequence = match &uplink {
            Uplink::Passage(report) => report.sequence,
            Uplink::Axles(more) => more.sequence,
            Uplink::Heartbeat(beat) => beat.sequence,
        };
        if let Some(expected) = self.next_sequence {
            self.counted(Family::SequenceErrors, "", expected.into(), sequence.into());
        }
        self.next_sequence = Some(sequence.wrapping_add(1));
        self.take(arrival_us, uplink);
    }

    fn take(&mut self, arrival_us: u64, uplink: Uplink) {
        match uplink {
            Uplink::Passage(report) => {
                self.reset_flag(report.flags.reset);
                self.passages = self.passages.wrapping_add(1);
                let number = report.passage;
                let expected = self.passages.into();
                self.counted(
                    Family::PassageNumberErrors,
                    "report",
                    expected,
                    number.into(),
                );
                self.passages = number;
                let axles = report.axles.clone();
                self.reports.push((arrival_us, report, axles));
            }
            Uplink::Axles(more) => {
                let last = self.reports.last_mut();
                let fits = last.is_some_and(|(_, report, axles)| {
                    let fits = report.passage == more.passage
                        && axles.len() == usize::from(more.first_axle);
                    if fits {
                        axles.extend_from_slice(&more.axles);
                    }
                    fits
                });
                self.right(
                    Family::PassageNumberErrors,
                    fits,
                    "axles that continue no report",
                );
            }
            Uplink::Heartbeat(beat) => {
                self.reset_flag(beat.flags.reset);
                self.counted(
                    Family::PassageNumberErrors,
                    "heartbeat",
                    self.passages.into(),
                    beat.passages.into(),
                );
                let (want, got) = (self.boot_count as u16, beat.boot_count);
                self.counted(Family::BootErrors, "boot count", want.into(), got.into());
                self.beats.push((arrival_us, beat));
            }
        }
    }

    fn reset_flag(&mut self, flagged: bool) {
        let first = std::mem::take(&mut self.fresh);
        self.counted(
            Family::BootErrors,
            "reset flag",
            f64::from(u8::from(first)),
            f64::from(u8::from(flagged)),
        );
    }

    /// The window is over: what was said in it against the facts.
    pub fn end(&mut self, facts: &Facts<'_>) {
        let lost: u64 = facts.lost.iter().map(|(from, to)| to - from).sum();
        self.lost += lost;
        self.gap |= lost > 0;
        self.link_disturbed |= facts.disturbed_link;
        self.shaken_s += facts.shaken_s();
        self.shaken_hard |= facts.shaken_hard();
        self.trains += f64::from(u8::from(facts.train().is_some()));
        self.disturbed |= facts.disturbed_by_others();
        self.undefined_rest |= facts.moved
            || facts.first_sample
            || lost > 0
            || facts.disturbed_link
            || facts.stuck_from.is_some();
        let counted = super::counts::clipped(facts, 0, facts.measured.counts.len());
        self.clipped.0 += counted.0;
        self.clipped.1 += counted.1;
        self.clip.0 |= counted.0 > 0;
        self.clip.1 |= counted.1 > 0 || facts.first_sample;
        if let Some(from) = facts.stuck_from {
            let stuck = facts.measured.counts.len() as f64 - from as f64;
            self.stuck_s += stuck.max(0.0) / facts.measured.true_rate_hz;
        }
        self.judge_passages(facts);
        self.judge_heartbeats(facts);
    }

    fn row(&self, family: Family, kind: Kind, channel: &str) -> LedgerRow {
        LedgerRow {
            window: Some(self.window),
            channel: channel.to_owned(),
            ..LedgerRow::new(&self.scenario, family, kind, self.turnout)
        }
    }

    /// A figure with its error in the family's unit.
    pub(super) fn compared(
        &mut self,
        family: Family,
        channel: &str,
        expected: f64,
        got: f64,
        error: f64,
    ) {
        let row = LedgerRow {
            expected: Some(expected),
            got: Some(got),
            error: Some(error),
            ..self.row(family, Kind::Value, channel)
        };
        self.rows.push(row);
    }

    /// A number that is right or wrong.
    pub(super) fn counted(&mut self, family: Family, channel: &str, expected: f64, got: f64) {
        let equal = (got - expected).abs() < 0.5;
        if equal && self.terse {
            return;
        }
        let kind = if equal { Kind::Match } else { Kind::Miss };
        let row = LedgerRow {
            expected: Some(expected),
            got: Some(got),
            error: Some(got - expected),
            ..self.row(family, kind, channel)
        };
        self.rows.push(row);
    }

    /// Something that holds or does not.
    pub(super) fn right(&mut self, family: Family, holds: bool, words: &str) {
        let channel = if holds { "" } else { words };
        self.counted(family, channel, 1.0, f64::from(u8::from(holds)));
    }
}
