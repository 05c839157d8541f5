//! Analog Devices ADXL355, registers and FIFO.
//!
//! After the ADXL354/ADXL355 data sheet (Rev. B: "Register map" table and the register descriptions that
//! follow it, sections "FIFO", "Interrupts" and "Serial communications"). The first byte of a transfer is
//! the address in bits 7:1 and 1 for a read in bit 0; the address counts up, except at `FIFO_DATA`, which
//! gives entry after entry of three bytes.
//!
//! Stored without effect: activity detection (`ACT_*`), high-pass corner, external clock and
//! synchronisation (`SYNC`), interrupt polarity, `DRDY_OFF`, `TEMP_OFF`. The output filter is the sensor
//! chain's; the data rate that the firmware selects has to be the one that the chain runs at.

use super::fifo::{Fifo, WhenFull};
use super::{Look, RegisterModel, shifted};

const STATUS: u8 = 0x04;
const FIFO_ENTRIES: u8 = 0x05;
const TEMP2: u8 = 0x06;
const TEMP1: u8 = 0x07;
const XDATA3: u8 = 0x08;
const ZDATA1: u8 = 0x10;
const FIFO_DATA: u8 = 0x11;
const OFFSET_X_H: u8 = 0x1e;
const FILTER: u8 = 0x28;
const FIFO_SAMPLES: u8 = 0x29;
const INT_MAP: u8 = 0x2a;
const RANGE: u8 = 0x2c;
const POWER_CTL: u8 = 0x2d;
const SELF_TEST: u8 = 0x2e;
const RESET: u8 = 0x2f;
const RESET_CODE: u8 = 0x52;

const DATA_RDY: u8 = 0x01;
const FIFO_FULL: u8 = 0x02;
const FIFO_OVR: u8 = 0x04;

/// 96 locations and three more that bridge the clock domains: an overrun is an attempt to write beyond.
const FIFO_SLOTS: usize = 33;
const FIFO_ENTRIES_MAX: u8 = 96;
const MAX_COUNT: i32 = 524_287;
/// Typical output change in self-test, g ("Specifications" table: 0.3, 0.3, 1.5 g).
const SELF_TEST_G: [f64; 3] = [0.3, 0.3, 1.5];
/// Temperature output: 1885 counts at 25 degC, -9.05 counts per kelvin.
const TEMP_AT_25: f64 = 1885.0;
const TEMP_SLOPE: f64 = -9.05;

/// Configuration registers 0x1e..=0x2f after reset.
const RESET_VALUES: [u8; 18] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0x60, 0, 0, 0x81, 0x01, 0, 0,
];

#[derive(Debug)]
pub(super) struct Adxl355 {
    config: [u8; RESET_VALUES.len()],
    identity: u8,
    latest: [i32; 3],
    fifo: Fifo<[i32; 3]>,
    /// Entry that is being read out: its three axes, and the next byte of nine.
    open: Option<([i32; 3], usize)>,
    /// Byte of an empty entry, 0..3.
    empty_byte: usize,
    flags: u8,
    lost: u64,
    temperature: u16,
}

impl Adxl355 {
    pub(super) fn new() -> Self {
        Self {
            config: RESET_VALUES,
            identity: 0xed,
            latest: [0; 3],
            fifo: Fifo::new(FIFO_SLOTS),
            open: None,
            empty_byte: 0,
            flags: 0,
            lost: 0,
            temperature: TEMP_AT_25 as u16,
        }
    }

    fn reg(&self, address: u8) -> u8 {
        self.config[usize::from(address - OFFSET_X_H)]
    }

    fn samples(&self) -> usize {
        self.fifo.len() + usize::from(self.open.is_some())
    }

    /// Axis values that are left in the FIFO.
    fn entries(&self) -> usize {
        self.fifo.len() * 3 + self.open.map_or(0, |(_, byte)| 3 - byte / 3)
    }

    fn watermark(&self) -> usize {
        usize::from(self.reg(FIFO_SAMPLES)).max(1).div_ceil(3)
    }

    fn status(&self) -> u8 {
        let full = self.entries() >= usize::from(self.reg(FIFO_SAMPLES)) && self.measuring();
        self.flags | if full { FIFO_FULL } else { 0 }
    }

    fn fifo_byte(&mut self) -> u8 {
        if self.open.is_none() {
            self.open = self.fifo.pop().map(|sample| (sample, 0));
        }
        let Some((sample, byte)) = self.open else {
            // Bit 1: an attempt to read an empty FIFO; the data are not valid.
            self.empty_byte = (self.empty_byte + 1) % 3;
            return if self.empty_byte == 0 { 0x02 } else { 0 };
        };
        self.empty_byte = 0;
        self.open = (byte < 8).then_some((sample, byte + 1));
        let value = (sample[byte / 3] as u32) << 4; // 20 bits, left-justified in 24
        match byte % 3 {
            0 => (value >> 16) as u8,
            1 => (value >> 8) as u8,
            _ => value as u8 | u8::from(byte / 3 == 0), // bit 0 marks the x axis
        }
    }

    /// Offset registers (counts of 16) and the self-test force.
    fn adjusted(&self, counts: [i32; 3]) -> [i32; 3] {
        let forced = self.reg(SELF_TEST) & 3 == 3;
        let per_g = 512_000.0 / self.range_g();
        [0, 1, 2].map(|axis| {
            let high = OFFSET_X_H + 2 * axis as u8;
            let offset = i16::from_be_bytes([self.reg(high), self.reg(high + 1)]);
            let force = if forced {
                SELF_TEST_G[axis] * per_g
            } else {
                0.0
            };
            shifted(counts[axis], f64::from(offset) * 16.0 + force, MAX_COUNT)
        })
    }
}

impl RegisterModel for Adxl355 {
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
            0x03 => 0x01,
            STATUS => {
                let status = self.status();
                self.flags = 0;
                status
            }
            FIFO_ENTRIES => (self.entries() as u8).min(FIFO_ENTRIES_MAX),
            TEMP2 => (self.temperature >> 8) as u8 & 0x0f,
            TEMP1 => self.temperature as u8,
            XDATA3..=ZDATA1 => {
                let place = usize::from(address - XDATA3);
                let value = (self.latest[place / 3] as u32) << 4;
                (value >> (16 - 8 * (place % 3))) as u8
            }
            FIFO_DATA => self.fifo_byte(),
            OFFSET_X_H..=SELF_TEST => self.reg(address),
            _ => 0,
        }
    }

    fn write(&mut self, address: u8, value: u8) {
        match address {
            RESET if value == RESET_CODE => {
                let (identity, temperature, lost) = (self.identity, self.temperature, self.lost);
                *self = Self::new();
                (self.identity, self.temperature, self.lost) = (identity, temperature, lost);
            }
            OFFSET_X_H..=SELF_TEST => {
                let was_measuring = self.measuring();
                let value = match address {
                    FIFO_SAMPLES => (value & 0x7f).min(FIFO_ENTRIES_MAX),
                    FILTER => value & 0x7f,
                    _ => value,
                };
                self.config[usize::from(address - OFFSET_X_H)] = value;
                if self.measuring() != was_measuring {
                    self.restart();
                }
            }
            _ => {}
        }
    }

    fn look(&self, address: u8) -> Look {
        match address {
            STATUS => Look::Status,
            FIFO_ENTRIES => Look::Level,
            XDATA3..=ZDATA1 => Look::Data,
            FIFO_DATA => Look::Fifo,
            _ => Look::Not,
        }
    }

    fn convert(&mut self, counts: [i32; 3]) {
        self.latest = self.adjusted(counts);
        self.flags |= DATA_RDY;
        // The entry that is being read out still takes its place.
        let crowded = self.open.is_some() && self.fifo.len() + 1 >= FIFO_SLOTS;
        if crowded {
            self.fifo.pop();
        }
        if self.fifo.push(self.latest, WhenFull::Overwrite) || crowded {
            self.flags |= FIFO_OVR;
            self.lost += 1;
        }
    }

    fn measuring(&self) -> bool {
        self.reg(POWER_CTL) & 1 == 0
    }

    fn rate_hz(&self) -> f64 {
        4000.0 / f64::from(1_u32 << (self.reg(FILTER) & 0x0f).min(10))
    }

    fn range_g(&self) -> f64 {
        match self.reg(RANGE) & 3 {
            2 => 4.0,
            3 => 8.0,
            _ => 2.0,
        }
    }

    fn fresh(&self) -> bool {
        self.flags & DATA_RDY != 0
    }

    fn fifo(&self) -> Option<(usize, usize)> {
        Some((self.samples(), self.watermark().min(32)))
    }

    fn interrupt(&self, pin: u8) -> bool {
        let enabled = self.reg(INT_MAP) >> if pin == 2 { 4 } else { 0 };
        enabled & 0x0f & self.status() != 0
    }

    fn interrupts_on(&self) -> bool {
        self.reg(INT_MAP) & 0x77 != 0
    }

    fn lost(&self) -> u64 {
        self.lost
    }

    fn set_temperature(&mut self, celsius: f64) {
        let counts = TEMP_AT_25 + TEMP_SLOPE * (celsius - 25.0);
        self.temperature = libm::round(counts).clamp(0.0, 4095.0) as u16;
    }

    fn set_identity(&mut self, value: u8) {
        self.identity = value;
    }

    fn restart(&mut self) {
        self.fifo.clear();
        self.open = None;
        self.empty_byte = 0;
        self.flags = 0;
    }
}

#[cfg(test)]
#[path = "adxl355_tests.rs"]
mod tests;
