//! What a scenario's faults do to one window on its way to the device.

use super::window::Reading;
use crate::conduct::Facts;
use crate::device::{LinkFault, LinkFaultKind, Misfortune};
use crate::scenario::{FaultKind, FaultSpec, Scenario};
use crate::sensor::Measured;

/// Something that happens between two FIFO batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    /// Batches before it.
    pub(super) batch: usize,
    /// Batches that it swallows.
    pub(super) skipped: usize,
    pub(super) kind: TurnKind,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TurnKind {
    /// The sensor's FIFO runs over.
    Overrun,
    /// The device starts anew.
    Reset,
    /// The session starts anew.
    Reconnect,
    /// The device is asked for so many heartbeats.
    Poll(u32),
    /// The device meets with something on command.
    Provoke(Misfortune),
}

/// The damage of one window.
#[derive(Debug, Default)]
pub(super) struct Damage {
    /// Number of the first sample, where a fault prescribes it.
    pub(super) first_number: Option<u32>,
    /// Added to every time stamp.
    pub(super) stamp_offset: u32,
    /// In order.
    pub(super) turns: Vec<Turn>,
    /// First frame in the window, frames, and what happens to them.
    frames: Vec<(u64, u64, LinkFaultKind)>,
    lost: Vec<(u64, u64)>,
    stuck_from: Option<u64>,
    moved: bool,
    first_sample: bool,
    /// Heartbeats that are asked for after the usual one.
    pub(super) polls: u32,
    polls_within: u32,
}

impl Damage {
    /// What the faults of `scenario` do to `window`.
    pub(super) fn of(scenario: &Scenario, window: u32, measured: &Measured) -> Self {
        let mut damage = Self::default();
        for fault in scenario.fault.iter().filter(|f| f.window == window) {
            damage.add(fault, measured);
        }
        damage.turns.sort_by_key(|turn| turn.batch);
        damage
    }

    fn add(&mut self, fault: &FaultSpec, measured: &Measured) {
        let batch = u64::from(measured.fifo_batch.max(1));
        let at_s = fault.at_s.unwrap_or(0.0);
        let sample = (at_s * measured.true_rate_hz) as u64;
        let turn = |skipped, kind| Turn {
            batch: (sample / batch) as usize,
            skipped,
            kind,
        };
        let provoke = TurnKind::Provoke;
        match fault.kind {
            FaultKind::IndexWrap => self.first_number = Some(0u32.wrapping_sub(sample as u32)),
            FaultKind::StampWrap => {
                let near = measured.stamps.get((sample / batch) as usize);
                self.stamp_offset = 0u32.wrapping_sub(near.copied().unwrap_or(0));
            }
            FaultKind::SensorOverrun => {
                let skipped = u64::from(fault.count.unwrap_or(1)).div_ceil(batch);
                self.turns.push(turn(skipped as usize, TurnKind::Overrun));
                let first = sample / batch * batch;
                self.lost.push((first, first + skipped * batch));
            }
            FaultKind::DeviceReset => self.turns.push(turn(0, TurnKind::Reset)),
            FaultKind::DeviceWatchdog => self.turns.push(turn(0, provoke(Misfortune::Reset))),
            FaultKind::DeviceBrownOut => self.turns.push(turn(0, provoke(Misfortune::BrownOut))),
            FaultKind::DeviceHang => self.turns.push(turn(0, provoke(Misfortune::Hang))),
            FaultKind::DeviceHardFault => self.turns.push(turn(0, provoke(Misfortune::HardFault))),
            FaultKind::LinkReconnect => self.turns.push(turn(0, TurnKind::Reconnect)),
            FaultKind::StuckAxis | FaultKind::SensorSilent => {
                self.stuck_from = Some(sample);
                self.moved = true;
            }
            FaultKind::SensorOffset | FaultKind::SensorDrift => self.moved = true,
            FaultKind::SensorFirstSample => self.first_sample = true,
            FaultKind::HeartbeatPoll => {
                let count = fault.count.unwrap_or(1);
                if fault.at_s.is_some() {
                    self.polls_within += count;
                    self.turns.push(turn(0, TurnKind::Poll(count)));
                } else {
                    self.polls += count;
                }
            }
            kind if kind.hits_frames() => self.hit(fault, batch),
            _ => {}
        }
    }

    fn hit(&mut self, fault: &FaultSpec, batch: u64) {
        let first = u64::from(fault.frame.unwrap_or(0));
        let count = u64::from(fault.count.unwrap_or(1));
        let lost = match fault.kind {
            FaultKind::LinkDrop | FaultKind::LinkCorrupt | FaultKind::LinkTruncate => {
                vec![(first, first + count)]
            }
            // The first of each pair comes too late to be taken.
            FaultKind::LinkReorder => (first..first + count)
                .step_by(2)
                .map(|frame| (frame, frame + 1))
                .collect(),
            _ => Vec::new(),
        };
        let samples = |(from, to): (u64, u64)| (from * batch, to * batch);
        self.lost.extend(lost.into_iter().map(samples));
        let kind = match fault.kind {
            FaultKind::LinkDuplicate => LinkFaultKind::Duplicate,
            FaultKind::LinkCorrupt => LinkFaultKind::Corrupt,
            FaultKind::LinkTruncate => LinkFaultKind::Truncate,
            FaultKind::LinkReorder => LinkFaultKind::Late,
            FaultKind::LinkStall => LinkFaultKind::Stall((1e3 * fault.value.unwrap_or(0.0)) as u32),
            _ => LinkFaultKind::Drop,
        };
        self.frames.push((first, count, kind));
    }

    /// The faults of frames, counted from the session's frame `first`.
    pub(super) fn frames(&self, first: u64) -> Vec<LinkFault> {
        let hits = self.frames.iter().flat_map(|&(from, count, kind)| {
            let step = if kind == LinkFaultKind::Late { 2 } else { 1 };
            (from..from + count)
                .step_by(step)
                .map(move |frame| LinkFault {
                    frame: first + frame,
                    kind,
                })
        });
        hits.collect()
    }

    /// What is known of the window.
    pub(super) fn facts<'a>(&'a self, measured: &'a Measured, reading: &'a Reading) -> Facts<'a> {
        Facts {
            measured,
            start_us: reading.start_us,
            temperature_c: reading.temperature_c,
            truth: &reading.truth,
            asked: reading.quiet,
            lost: &self.lost,
            disturbed_link: !self.frames.is_empty()
                || self
                    .turns
                    .iter()
                    .any(|turn| !matches!(turn.kind, TurnKind::Poll(_))),
            stuck_from: self.stuck_from,
            moved: self.moved,
            first_sample: self.first_sample,
            polls: self.polls,
            polls_within: self.polls_within,
        }
    }
}

/// Frames that are damaged on purpose, and what the device's counters must say of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Expected {
    /// Frames damaged in any way.
    pub(super) frames: u64,
    /// Sequence numbers that the device never saw in time.
    pub(super) missing: u64,
    /// Frames with a wrong CRC or length.
    pub(super) corrupt: u64,
    /// Frames that came twice or late.
    pub(super) duplicated: u64,
}

impl Expected {
    /// Of all faults of a scenario.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let mut all = Self::default();
        for fault in &scenario.fault {
            let count = u64::from(fault.count.unwrap_or(1));
            match fault.kind {
                FaultKind::LinkDrop => all.missing += count,
                FaultKind::LinkCorrupt | FaultKind::LinkTruncate => {
                    all.missing += count;
                    all.corrupt += count;
                }
                FaultKind::LinkDuplicate => all.duplicated += count,
                FaultKind::LinkReorder => {
                    all.missing += count / 2;
                    all.duplicated += count / 2;
                }
                FaultKind::LinkStall => {}
                FaultKind::SensorOverrun => {
                    all.frames += 1; // the one whose number jumps
                    continue;
                }
                _ => continue,
            }
            all.frames += count;
        }
        all
    }
}

/// Garbage before HELLO: every byte value but the delimiter, over and over.
pub(super) fn garbage(scenario: &Scenario) -> Vec<u8> {
    let bytes = scenario
        .fault
        .iter()
        .filter(|fault| fault.kind == FaultKind::LinkGarbage)
        .map(|fault| fault.count.unwrap_or(1) as usize)
        .sum();
    (1..=u8::MAX).cycle().take(bytes).collect()
}
