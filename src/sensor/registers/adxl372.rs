//! Analog Devices ADXL372, registers and FIFO.
//!
//! After the ADXL372 data sheet (Rev. B: "Register map" table, "FIFO", "Interrupts" and "Serial
//! communications"). Framing as in the ADXL355: address in bits 7:1 of the first byte, bit 0 is 1 for
//! a read; the address counts up, except at `FIFO_DATA`, which gives entry after entry of two bytes.
//!
//! Stored without effect: activity and inactivity detection, peak registers, high-pass, wake-up and
//! instant-on modes (the part measures in full-bandwidth mode only), user offsets, clock
//! synchronisation. Of the FIFO formats x, y, z together is modelled; the others take no samples.

use super::fifo::{Fifo, WhenFull};
use super::{Look, RegisterModel, shifted};

const STATUS: u8 = 0x04;
const FIFO_ENTRIES2: u8 = 0x06;
const FIFO_ENTRIES: u8 = 0x07;
const XDATA_H: u8 = 0x08;
const ZDATA_L: u8 = 0x0d;
const FIFO_SAMPLES: u8 = 0x39;
const FIFO_CTL: u8 = 0x3a;
const INT1_MAP: u8 = 0x3b;
const INT2_MAP: u8 = 0x3c;
const TIMING: u8 = 0x3d;
const POWER_CTL: u8 = 0x3f;
const SELF_TEST: u8 = 0x40;
const RESET: u8 = 0x41;
const FIFO_DATA: u8 = 0x42;
const RESET_CODE: u8 = 0x52;

const DATA_RDY: u8 = 0x01;
const FIFO_RDY: u8 = 0x02;
const FIFO_FULL: u8 = 0x04;
const FIFO_OVR: u8 = 0x08;
const AWAKE: u8 = 0x40;
const ST_DONE: u8 = 0x02;

/// 512 entries hold 170 samples of three axes.
const FIFO_SLOTS: usize = 170;
const MAX_COUNT: i32 = 2047;
/// Samples until self-test is over: 300 ms, taken at the data rate.
const SELF_TEST_S: f64 = 0.3;
/// Output change in self-test on z, counts of 100 mg: 50 g is within the data sheet's limits.
const SELF_TEST_COUNTS: f64 = 500.0;

#[derive(Debug)]
pub(super) struct Adxl372 {
    registers: [u8; 128],
    identity: u8,
    latest: [i32; 3],
    fifo: Fifo<[i32; 3]>,
    /// Entry that is being read out: its three axes, and the next byte of six.
    open: Option<([i32; 3], usize)>,
    flags: u8,
    lost: u64,
    /// Samples that self-test still takes.
    testing: u32,
}

impl Adxl372 {
    pub(super) fn new() -> Self {
        Self {
            registers: [0; 128],
            identity: 0xfa,
            latest: [0; 3],
            fifo: Fifo::new(FIFO_SLOTS),
            open: None,
            flags: 0,
            lost: 0,
            testing: 0,
        }
    }

    fn reg(&self, address: u8) -> u8 {
        self.registers[usize::from(address & 0x7f)]
    }

    fn entries(&self) -> usize {
        self.fifo.len() * 3 + self.open.map_or(0, |(_, byte)| 3 - byte / 2)
    }

    /// FIFO mode on, format x, y, z.
    fn batching(&self) -> bool {
        self.reg(FIFO_CTL) & 0x06 != 0 && self.reg(FIFO_CTL) & 0x38 == 0
    }

    /// Watermark in entries (axis values).
    fn watermark(&self) -> usize {
        usize::from(self.reg(FIFO_SAMPLES)) | usize::from(self.reg(FIFO_CTL) & 1) << 8
    }

    fn status(&self) -> u8 {
        let entries = self.entries();
        let mut status = self.flags | AWAKE;
        if entries > 0 {
            status |= FIFO_RDY;
        }
        if self.batching() && entries >= self.watermark().max(1) {
            status |= FIFO_FULL;
        }
        status
    }

    fn fifo_byte(&mut self) -> u8 {
        if self.open.is_none() {
            self.open = self.fifo.pop().map(|sample| (sample, 0));
        }
        let Some((sample, byte)) = self.open else {
            return 0;
        };
        self.open = (byte < 5).then_some((sample, byte + 1));
        let value = (sample[byte / 2] as u32) << 4; // 12 bits, left-justified in 16
        if byte.is_multiple_of(2) {
            (value >> 8) as u8
        } else {
            value as u8 | u8::from(byte == 1) // bit 0: start of a series of axes
        }
    }
}

impl RegisterModel for Adxl372 {
    fn command(&self, first: u8) -> (u8, bool) {
        (first >> 1, first & 1 == 1)
    }

    fn after(&self, address: u8) -> u8 {
        if address == FIFO_DATA {
            address
        } else {
            address.wrapping_add(1) & 0x7f
        }
    }

    fn read(&mut self, address: u8) -> u8 {
        match address {
            0x00 => 0xad,
            0x01 => 0x1d,
            0x02 => self.identity,
            0x03 => 0x02,
            STATUS => {
                let status = self.status();
                self.flags &= !FIFO_OVR;
                status
            }
            FIFO_ENTRIES2 => (self.entries() >> 8) as u8 & 3,
            FIFO_ENTRIES => self.entries() as u8,
            XDATA_H..=ZDATA_L => {
                self.flags &= !DATA_RDY;
                let place = usize::from(address - XDATA_H);
                let value = (self.latest[place / 2] as u32) << 4;
                (value >> (8 - 8 * (place % 2))) as u8
            }
            FIFO_DATA => {
                self.flags &= !DATA_RDY;
                self.fifo_byte()
            }
            _ => self.reg(address),
        }
    }

    fn write(&mut self, address: u8, value: u8) {
        match address {
            RESET if value == RESET_CODE => {
                let (identity, lost) = (self.identity, self.lost);
                *self = Self::new();
                (self.identity, self.lost) = (identity, lost);
            }
            SELF_TEST => {
                self.registers[usize::from(SELF_TEST)] = value & 1;
                if value & 1 == 1 {
                    self.testing = (SELF_TEST_S * self.rate_hz()) as u32;
                }
            }
            0x20..=POWER_CTL => {
                let measured = self.measuring();
                self.registers[usize::from(address)] = value;
                let bypassed = address == FIFO_CTL && value & 0x06 == 0;
                if bypassed || self.measuring() != measured {
                    self.restart();
                }
            }
            _ => {}
        }
    }

    fn look(&self, address: u8) -> Look {
        match address {
            STATUS => Look::Status,
            FIFO_ENTRIES2 | FIFO_ENTRIES => Look::Level,
            XDATA_H..=ZDATA_L => Look::Data,
            FIFO_DATA => Look::Fifo,
            _ => Look::Not,
        }
    }

    fn convert(&mut self, counts: [i32; 3]) {
        self.latest = counts;
        if self.testing > 0 {
            self.latest[2] = shifted(counts[2], SELF_TEST_COUNTS, MAX_COUNT);
            self.testing -= 1;
            if self.testing == 0 {
                self.registers[usize::from(SELF_TEST)] = ST_DONE;
            }
        }
        self.flags |= DATA_RDY;
        if !self.batching() {
            return;
        }
        let oldest_saved = self.reg(FIFO_CTL) & 0x06 == 0x06;
        let when_full = if oldest_saved {
            WhenFull::Keep
        } else {
            WhenFull::Overwrite
        };
        let crowded = self.open.is_some() && self.fifo.len() + 1 >= FIFO_SLOTS;
        if crowded && !oldest_saved {
            self.fifo.pop();
        }
        let full = if crowded && oldest_saved {
            true
        } else {
            self.fifo.push(self.latest, when_full) || crowded
        };
        if full {
            self.flags |= FIFO_OVR;
            self.lost += 1;
        }
    }

    fn measuring(&self) -> bool {
        self.reg(POWER_CTL) & 3 == 3
    }

    fn rate_hz(&self) -> f64 {
        400.0 * f64::from(1_u32 << (self.reg(TIMING) >> 5).min(4))
    }

    fn range_g(&self) -> f64 {
        200.0
    }

    fn fresh(&self) -> bool {
        self.flags & DATA_RDY != 0
    }

    fn fifo(&self) -> Option<(usize, usize)> {
        let samples = self.fifo.len() + usize::from(self.open.is_some());
        let watermark = self.watermark().max(1).div_ceil(3).min(FIFO_SLOTS);
        self.batching().then_some((samples, watermark))
    }

    fn interrupt(&self, pin: u8) -> bool {
        let enabled = self.reg(if pin == 2 { INT2_MAP } else { INT1_MAP });
        enabled & 0x0f & self.status() != 0
    }

    fn interrupts_on(&self) -> bool {
        (self.reg(INT1_MAP) | self.reg(INT2_MAP)) & 0x0f != 0
    }

    fn lost(&self) -> u64 {
        self.lost
    }

    fn set_temperature(&mut self, _celsius: f64) {}

    fn set_identity(&mut self, value: u8) {
        self.identity = value;
    }

    fn restart(&mut self) {
        self.fifo.clear();
        self.open = None;
        self.flags = 0;
    }
}

#[cfg(test)]
#[path = "adxl372_tests.rs"]
mod tests;
