//! A part on its bus: the register model, the counts to come, and sensor time.

use std::collections::VecDeque;

use super::super::catalogue::PARTS;
use super::super::part::Part;
use super::{Look, RegisterModel, looks, model_of, shifted, transfer};

/// Longest transfer served, bytes: more than any FIFO holds.
const TRANSFER_MAX: usize = 8192;

/// How a transfer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusOutcome {
    /// The answer stands in the receive buffer.
    Done,
    /// Firmware waits for a sample that has not been loaded yet: nothing has happened; ask again after
    /// [`SensorBus::load`].
    Starved,
}

/// What happened on the bus so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BusReport {
    /// Transfers.
    pub transfers: u64,
    /// Samples that the part converted.
    pub converted: u64,
    /// Samples that passed while the part was not measuring.
    pub unmeasured: u64,
    /// Samples lost to a full FIFO: the firmware came too late.
    pub overrun: u64,
    /// Samples that were still in the FIFO when a stretch ended.
    pub left_in_fifo: u64,
    /// Transfers longer than 8192 bytes, cut to that.
    pub overlong: u64,
}

impl std::fmt::Display for BusReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "SPI: {} transfers, {} samples converted, {} lost to a full FIFO, {} left in the FIFO at the \
             end of a stretch, {} while not measuring",
            self.transfers, self.converted, self.overrun, self.left_in_fifo, self.unmeasured
        )
    }
}

/// A register model fed from a queue of counts.
///
/// Sensor time stands still while the firmware works, and moves on when it looks for data that are not
/// there yet: to the next sample, or to the watermark of the FIFO, whichever it waits for. So polling
/// firmware meets what interrupts would have told it, at the cost of one transfer. [`Self::advance`] lets
/// time run regardless of the firmware, which may overrun the FIFO.
///
/// What a look waits for:
/// * FIFO level: the watermark; the next sample where there is no FIFO;
/// * status: an active interrupt or the watermark where an interrupt source is enabled, otherwise the
///   next sample; at a second look without having read any data, the watermark;
/// * data registers: a sample that has not been read;
/// * FIFO data: nothing, an empty FIFO answers as such; at a second look in a row, the watermark.
///
/// A second look at the same thing lets at least one sample pass, so that no polling loop hangs.
#[derive(Debug)]
pub struct SensorBus {
    part: &'static Part,
    model: Box<dyn RegisterModel>,
    /// Acceleration per count of what is loaded, g.
    source_scale_g: f64,
    queue: VecDeque<[i32; 3]>,
    /// Looks since data were read last: at the status, at the level, into an empty FIFO.
    looked: [bool; 3],
    /// The look at work has let its first sample pass.
    stepped: bool,
    /// The latest conversion has been read from the data registers.
    data_read: bool,
    report: BusReport,
}

impl SensorBus {
    /// The bus of a part of the catalogue, whose loaded counts are `source_scale_g` each; `None` if the
    /// part has no register model.
    pub fn new(part: &'static Part, source_scale_g: f64) -> Option<Self> {
        Some(Self {
            part,
            model: model_of(part.name)?,
            source_scale_g,
            queue: VecDeque::new(),
            looked: [false; 3],
            stepped: false,
            data_read: true,
            report: BusReport::default(),
        })
    }

    /// The part of the catalogue that has `bits` on the link and a range with this scale (within 1e-4),
    /// and a register model.
    pub fn part_of_scale(bits: u8, scale_g: f64) -> Option<&'static Part> {
        PARTS.iter().find(|part| {
            let near = |range: &super::super::part::Range| {
                (range.scale_g_per_lsb / scale_g - 1.0).abs() < 1e-4
            };
            part.link_bits == bits && part.ranges.iter().any(near) && model_of(part.name).is_some()
        })
    }

    /// The part.
    pub const fn part(&self) -> &'static Part {
        self.part
    }

    /// Adds samples to come.
    pub fn load(&mut self, counts: &[[i32; 3]]) {
        self.queue.extend(counts);
    }

    /// Samples loaded and not yet taken.
    pub fn pending(&self) -> usize {
        self.queue.len()
    }

    /// Samples that have gone by since the start, converted or not.
    pub const fn taken(&self) -> u64 {
        self.report.converted + self.report.unmeasured
    }

    /// The firmware has switched the measurement on.
    pub fn measuring(&self) -> bool {
        self.model.measuring()
    }

    /// Data rate that the firmware selected, Hz.
    pub fn rate_hz(&self) -> f64 {
        self.model.rate_hz()
    }

    /// Range that the firmware selected, g.
    pub fn range_g(&self) -> f64 {
        self.model.range_g()
    }

    /// What happened so far.
    pub fn report(&self) -> BusReport {
        BusReport {
            overrun: self.model.lost(),
            ..self.report
        }
    }

    /// Temperature of the part, degC.
    pub fn set_temperature(&mut self, celsius: f64) {
        self.model.set_temperature(celsius);
    }

    /// Has the part identify itself by another value, as a wrong or broken part would.
    pub fn set_identity(&mut self, value: u8) {
        self.model.set_identity(value);
    }

    /// A stretch that nobody looks at begins: what is left in the FIFO is counted and dropped.
    pub fn skip(&mut self) {
        let left = self.model.fifo().map_or(0, |(level, _)| level);
        self.report.left_in_fifo += left as u64;
        self.model.restart();
        self.looked = [false; 3];
        self.data_read = true;
    }

    /// Lets `count` samples go by whatever the firmware does; returns how many were there.
    pub fn advance(&mut self, count: u64) -> u64 {
        (0..count).take_while(|_| self.step()).count() as u64
    }

    /// Serves one transfer: `tx` from chip select low to high, the answer into `rx` (bytes beyond the
    /// longer of the two are cleared).
    pub fn transfer(&mut self, tx: &[u8], rx: &mut [u8]) -> BusOutcome {
        let length = tx.len().max(rx.len());
        let look = looks(&*self.model, tx, length);
        if self.model.measuring() && !self.let_time_pass(look) {
            return BusOutcome::Starved;
        }
        self.stepped = false;
        self.report.transfers += 1;
        let empty = self.model.fifo().is_none_or(|(level, _)| level == 0);
        let (sent, room) = (tx.len().min(TRANSFER_MAX), rx.len().min(TRANSFER_MAX));
        self.report.overlong += u64::from(length > TRANSFER_MAX);
        rx.fill(0);
        transfer(&mut *self.model, &tx[..sent], &mut rx[..room]);
        match look {
            Look::Not => {}
            Look::Status => self.looked[0] = true,
            Look::Level => self.looked[1] = true,
            Look::Fifo if empty => self.looked[2] = true,
            Look::Data | Look::Fifo => {
                self.looked = [false; 3];
                self.data_read = true;
            }
        }
        BusOutcome::Done
    }

    /// Sensor time runs on until an interrupt output is active.
    pub fn wait_for_interrupt(&mut self) -> BusOutcome {
        loop {
            if self.model.interrupt(1) || self.model.interrupt(2) {
                return BusOutcome::Done;
            }
            if !self.step() {
                return BusOutcome::Starved;
            }
            // Without an interrupt source the firmware would sleep for ever: wake it by the sample.
            if !self.model.interrupts_on() {
                return BusOutcome::Done;
            }
        }
    }

    /// True when what the look waits for is there; false when the queue ended before.
    fn let_time_pass(&mut self, look: Look) -> bool {
        let again = match look {
            Look::Status => self.looked[0],
            Look::Level => self.looked[1],
            Look::Fifo => self.looked[2],
            Look::Not | Look::Data => false,
        };
        if again && !self.stepped {
            if !self.step() {
                return false;
            }
            self.stepped = true;
        }
        while !self.answered(look, again) {
            if !self.step() {
                return false;
            }
        }
        true
    }

    fn answered(&self, look: Look, again: bool) -> bool {
        let fifo = self.model.fifo();
        let watermark = fifo.is_some_and(|(level, watermark)| level >= watermark);
        match look {
            Look::Not => true,
            Look::Status if self.model.interrupts_on() => {
                watermark || self.model.interrupt(1) || self.model.interrupt(2)
            }
            Look::Status if again && fifo.is_some() => watermark,
            Look::Status => watermark || self.model.fresh(),
            Look::Level if fifo.is_some() => watermark,
            Look::Level | Look::Data => !self.data_read,
            Look::Fifo => !again || fifo.is_none() || watermark,
        }
    }

    /// One sample instant; false if no sample is loaded.
    fn step(&mut self) -> bool {
        let Some(counts) = self.queue.pop_front() else {
            return false;
        };
        if !self.model.measuring() {
            self.report.unmeasured += 1;
            return true;
        }
        self.model.convert(self.rescaled(counts));
        self.report.converted += 1;
        self.data_read = false;
        true
    }

    /// Counts of the range that the firmware selected.
    fn rescaled(&self, counts: [i32; 3]) -> [i32; 3] {
        let Some(range) = self.part.range(self.model.range_g()) else {
            return counts;
        };
        let ratio = self.source_scale_g / range.scale_g_per_lsb;
        if (ratio - 1.0).abs() < 1e-9 {
            return counts;
        }
        counts.map(|count| {
            let value = f64::from(count) * ratio;
            shifted(0, value, range.max_count)
        })
    }
}

#[cfg(test)]
#[path = "bus_tests.rs"]
mod tests;
