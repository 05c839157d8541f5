//! Puts messages in order and passages together.

use super::DeviceProblem;
use super::uplink::{AxlesReport, Heartbeat, PassageReport, Uplink};

/// What became of a message.
#[derive(Debug, Default)]
pub(crate) struct Assembled {
    /// Passages that are complete, or given up.
    pub(crate) passages: Vec<PassageReport>,
    /// What went wrong.
    pub(crate) problems: Vec<DeviceProblem>,
    /// Whether the message was used at all.
    pub(crate) accepted: bool,
}

/// Sequence numbers this far behind the expected one are old messages; further ones are losses.
const LATE_WINDOW: u16 = 0x4000;

/// Joins PASSAGE messages with their AXLES continuations and watches the sequence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Assembler {
    last_sequence: Option<u16>,
    /// Device time in that message, us.
    last_stamp_us: Option<u64>,
    boot_count: Option<u16>,
    lost_samples: u32,
    open: Option<Open>,
}

/// A passage whose axles are still arriving.
#[derive(Debug, Clone)]
struct Open {
    report: PassageReport,
    /// Number of the axle that comes next.
    next_axle: usize,
}

impl Assembler {
    pub(crate) fn push(&mut self, message: Uplink) -> Assembled {
        let mut out = Assembled::default();
        if !self.check_sequence(&message, &mut out.problems) {
            return out;
        }
        out.accepted = true;
        match message {
            Uplink::Passage(passage) => {
                self.close(&mut out);
                let next_axle = passage.axles.len();
                self.open = Some(Open {
                    report: passage,
                    next_axle,
                });
                self.release_if_complete(&mut out);
            }
            Uplink::Axles(axles) => {
                self.extend(axles, &mut out);
                self.release_if_complete(&mut out);
            }
            // A heartbeat may come between a passage and its axles.
            Uplink::Heartbeat(beat) => self.count_lost(&beat, &mut out.problems),
        }
        out
    }

    /// Gives up waiting for axles.
    pub(crate) fn flush(&mut self) -> Assembled {
        let mut out = Assembled::default();
        self.close(&mut out);
        out
    }

    /// Whether the message is new; reports what is missing before it.
    ///
    /// A restart begins a new sequence. The device announces it in its messages, or its boot count
    /// tells; an announcement that continues the sequence has been heard before.
    fn check_sequence(&mut self, message: &Uplink, problems: &mut Vec<DeviceProblem>) -> bool {
        let (sequence, announced, boot_count) = match message {
            Uplink::Passage(passage) => (passage.sequence, passage.flags.reset, None),
            Uplink::Axles(axles) => (axles.sequence, false, None),
            Uplink::Heartbeat(beat) => (beat.sequence, beat.flags.reset, Some(beat.boot_count)),
        };
        let rebooted =
            boot_count.is_some() && self.boot_count.is_some_and(|b| Some(b) != boot_count);
        let ahead = self
            .last_sequence
            .map_or(0, |last| sequence.wrapping_sub(last).wrapping_sub(1));
        let late = ahead >= u16::MAX - LATE_WINDOW;
        // A repeat of the last message carries its announcement again: not a restart.
        let stamp_us = match message {
            Uplink::Passage(passage) => Some(passage.onset_us),
            Uplink::Axles(_) => None,
            Uplink::Heartbeat(beat) => Some(beat.device_time_us),
        };
        let repeated = self.last_sequence == Some(sequence) && self.last_stamp_us == stamp_us;
        if rebooted || (announced && ahead > 0 && !repeated) {
            problems.push(DeviceProblem::Restarted);
            (self.boot_count, self.lost_samples) = (None, 0);
        } else if late {
            problems.push(DeviceProblem::OutOfSequence { sequence });
            return false;
        } else if ahead > 0 {
            problems.push(DeviceProblem::UplinksLost { count: ahead });
        }
        self.last_sequence = Some(sequence);
        self.last_stamp_us = stamp_us;
        self.boot_count = boot_count.or(self.boot_count);
        true
    }

    /// The device counts lost samples from its start.
    fn count_lost(&mut self, beat: &Heartbeat, problems: &mut Vec<DeviceProblem>) {
        let count = beat.lost_samples.saturating_sub(self.lost_samples);
        self.lost_samples = beat.lost_samples;
        if count > 0 {
            problems.push(DeviceProblem::SamplesLost { count });
        }
    }

    /// Times in a continuation count from the onset, so axles behind a lost message can be used.
    fn extend(&mut self, axles: AxlesReport, out: &mut Assembled) {
        let first = usize::from(axles.first_axle);
        match &mut self.open {
            Some(open) if open.report.passage == axles.passage && first >= open.next_axle => {
                open.next_axle = first + axles.axles.len();
                open.report.axles.extend(axles.axles);
            }
            _ => out.problems.push(DeviceProblem::OrphanAxles {
                passage: axles.passage,
            }),
        }
    }

    fn release_if_complete(&mut self, out: &mut Assembled) {
        let complete = self.open.as_ref().is_some_and(|open| {
            open.report.flags.axle_list_truncated
                || open.next_axle >= usize::from(open.report.axle_count)
        });
        if complete {
            self.close(out);
        }
    }

    fn close(&mut self, out: &mut Assembled) {
        let Some(Open { report, .. }) = self.open.take() else {
            return;
        };
        let (expected, received) = (report.axle_count, report.axles.len());
        // A list that the device itself cut is reported by its flag.
        if received < usize::from(expected) && !report.flags.axle_list_truncated {
            let got = u16::try_from(received).unwrap_or(u16::MAX);
            let passage = report.passage;
            out.problems.push(DeviceProblem::AxlesMissing {
                passage,
                expected,
                got,
            });
        }
        out.passages.push(report);
    }
}
