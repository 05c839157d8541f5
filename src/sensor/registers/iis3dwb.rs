//! ST IIS3DWB, registers and FIFO.
//!
//! After data sheet DS12569 (register mapping and register description) and application note AN5444
//! (FIFO: tags, modes, watermark). Bit 7 of the first byte of a transfer is 1 for a read; the address
//! counts up while `IF_INC` is set, and within `FIFO_DATA_OUT_TAG..Z_H` (78h..7Eh) it goes round, so
//! that one burst reads many words of seven bytes.
//!
//! Stored without effect: filters (`CTRL8_XL`, `LPF2_XL_EN`), axis selection, user offsets, wake-up,
//! pulsed data-ready, batch counter, temperature batching, interrupt polarity. `INTERNAL_FREQ_FINE` reads
//! 0. The trigger modes of the FIFO (bypass-to-..., continuous-to-...) behave as continuous.

use super::fifo::{Fifo, WhenFull};
use super::{Look, RegisterModel, shifted};

const FIFO_CTRL1: u8 = 0x07;
const FIFO_CTRL2: u8 = 0x08;
const FIFO_CTRL3: u8 = 0x09;
const FIFO_CTRL4: u8 = 0x0a;
const INT1_CTRL: u8 = 0x0d;
const INT2_CTRL: u8 = 0x0e;
const WHO_AM_I: u8 = 0x0f;
const CTRL1_XL: u8 = 0x10;
const CTRL3_C: u8 = 0x12;
const CTRL5_C: u8 = 0x14;
const CTRL10_C: u8 = 0x19;
const STATUS_REG: u8 = 0x1e;
const OUT_TEMP_L: u8 = 0x20;
const OUT_TEMP_H: u8 = 0x21;
const OUTX_L_A: u8 = 0x28;
const OUTZ_H_A: u8 = 0x2d;
const FIFO_STATUS1: u8 = 0x3a;
const FIFO_STATUS2: u8 = 0x3b;
const TIMESTAMP0: u8 = 0x40;
const TIMESTAMP2: u8 = 0x42;
const TIMESTAMP3: u8 = 0x43;
const FIFO_DATA_OUT_TAG: u8 = 0x78;
const FIFO_DATA_OUT_Z_H: u8 = 0x7e;

const SW_RESET: u8 = 0x01;
const IF_INC: u8 = 0x04;
const BOOT: u8 = 0x80;
const XL_EN: u8 = 0xe0;
const XL_ON: u8 = 0xa0;
const TIMESTAMP_EN: u8 = 0x20;
const TIMESTAMP_RESET: u8 = 0xaa;

const OVR_LATCHED: u8 = 0x08;
const FULL_IA: u8 = 0x20;
const OVR_IA: u8 = 0x40;
const WTM_IA: u8 = 0x80;

const TAG_ACCELEROMETER: u8 = 0x02;
const TAG_TIMESTAMP: u8 = 0x04;

/// 3 kB of words of one tag and six data bytes, as the driver counts them.
const FIFO_WORDS: usize = 512;
const MAX_COUNT: i32 = 32_767;
/// Time stamp ticks of 25 us per conversion at 26.667 kHz: both come from the same oscillator.
const TICKS_PER_CONVERSION: f64 = 1.5;
/// Output change in self-test, g: the middle of the data sheet's 0.8 to 3.2 g.
const SELF_TEST_G: f64 = 2.0;

#[derive(Debug)]
pub(super) struct Iis3dwb {
    registers: [u8; 128],
    identity: u8,
    latest: [i32; 3],
    data_ready: bool,
    fifo: Fifo<[u8; 7]>,
    /// Word that is being read out.
    word: Option<[u8; 7]>,
    tag_count: u8,
    latched: bool,
    filled: bool,
    lost: u64,
    conversions: u64,
    temperature: i16,
}

impl Iis3dwb {
    pub(super) fn new() -> Self {
        let mut registers = [0; 128];
        registers[usize::from(CTRL3_C)] = IF_INC;
        Self {
            registers,
            identity: 0x7b,
            latest: [0; 3],
            data_ready: false,
            fifo: Fifo::new(FIFO_WORDS),
            word: None,
            tag_count: 0,
            latched: false,
            filled: false,
            lost: 0,
            conversions: 0,
            temperature: 0,
        }
    }

    fn reg(&self, address: u8) -> u8 {
        self.registers[usize::from(address & 0x7f)]
    }

    /// Watermark in words of the FIFO.
    fn watermark(&self) -> usize {
        usize::from(self.reg(FIFO_CTRL1)) | usize::from(self.reg(FIFO_CTRL2) & 1) << 8
    }

    fn batching(&self) -> bool {
        self.reg(FIFO_CTRL4) & 7 != 0 && self.reg(FIFO_CTRL3) & 0x0f != 0
    }

    /// Time stamps batched once in so many samples; 0: never.
    fn stamp_every(&self) -> u64 {
        match self.reg(FIFO_CTRL4) >> 6 {
            1 => 1,
            2 => 8,
            3 => 32,
            _ => 0,
        }
    }

    fn timestamp(&self) -> u32 {
        (self.conversions as f64 * TICKS_PER_CONVERSION) as u64 as u32
    }

    /// Flags of `FIFO_STATUS2` without the level.
    fn fifo_flags(&self) -> u8 {
        let watermark = self.watermark();
        let mut flags = 0;
        if watermark > 0 && self.fifo.len() >= watermark {
            flags |= WTM_IA;
        }
        if self.fifo.len() + 1 >= FIFO_WORDS {
            flags |= FULL_IA; // full at the next conversion
        }
        if self.filled {
            flags |= OVR_IA;
        }
        if self.latched {
            flags |= OVR_LATCHED;
        }
        flags
    }

    fn push(&mut self, sensor: u8, data: [u8; 6]) {
        let tag = sensor << 3 | self.tag_count << 1;
        let tag = tag | (tag.count_ones() & 1) as u8; // even parity
        let [a, b, c, d, e, f] = data;
        let stops = self.reg(FIFO_CTRL4) & 7 == 1;
        let when_full = if stops {
            WhenFull::Keep
        } else {
            WhenFull::Overwrite
        };
        if self.fifo.push([tag, a, b, c, d, e, f], when_full) {
            self.lost += u64::from(sensor == TAG_ACCELEROMETER);
            self.latched = true;
        }
        self.filled = self.fifo.is_full();
    }

    /// The tag comes with the next word; data bytes are those of the word whose tag was read last.
    fn fifo_byte(&mut self, address: u8) -> u8 {
        if address == FIFO_DATA_OUT_TAG || self.word.is_none() {
            self.word = self.fifo.pop();
            self.filled = self.fifo.is_full();
        }
        let place = usize::from(address - FIFO_DATA_OUT_TAG);
        let value = self.word.map_or(0, |word| word[place]);
        if address == FIFO_DATA_OUT_Z_H {
            self.word = None;
        }
        value
    }

    fn reset(&mut self) {
        let (identity, temperature, lost) = (self.identity, self.temperature, self.lost);
        *self = Self::new();
        (self.identity, self.temperature, self.lost) = (identity, temperature, lost);
    }
}

impl RegisterModel for Iis3dwb {
    fn command(&self, first: u8) -> (u8, bool) {
        (first & 0x7f, first & 0x80 != 0)
    }

    fn after(&self, address: u8) -> u8 {
        if self.reg(CTRL3_C) & IF_INC == 0 {
            address
        } else if address == FIFO_DATA_OUT_Z_H {
            FIFO_DATA_OUT_TAG
        } else {
            address.wrapping_add(1) & 0x7f
        }
    }

    fn read(&mut self, address: u8) -> u8 {
        match address {
            WHO_AM_I => self.identity,
            // Temperature ready is always set: the model has a value at any time.
            STATUS_REG => u8::from(self.data_ready) | 0x04,
            OUT_TEMP_L | OUT_TEMP_H => {
                self.temperature.to_le_bytes()[usize::from(address - OUT_TEMP_L)]
            }
            OUTX_L_A..=OUTZ_H_A => {
                let place = usize::from(address - OUTX_L_A);
                // Reading the high byte of an axis takes the sample.
                self.data_ready &= place.is_multiple_of(2);
                (self.latest[place / 2] as i16).to_le_bytes()[place % 2]
            }
            FIFO_STATUS1 => self.fifo.len() as u8,
            FIFO_STATUS2 => {
                let value = self.fifo_flags() | (self.fifo.len() >> 8) as u8 & 3;
                self.latched = false;
                value
            }
            TIMESTAMP0..=TIMESTAMP3 if self.reg(CTRL10_C) & TIMESTAMP_EN != 0 => {
                self.timestamp().to_le_bytes()[usize::from(address - TIMESTAMP0)]
            }
            TIMESTAMP0..=TIMESTAMP3 => 0,
            FIFO_DATA_OUT_TAG..=FIFO_DATA_OUT_Z_H => self.fifo_byte(address),
            _ => self.reg(address),
        }
    }

    fn write(&mut self, address: u8, value: u8) {
        match address {
            TIMESTAMP2 if value == TIMESTAMP_RESET => self.conversions = 0,
            WHO_AM_I | STATUS_REG..=TIMESTAMP3 | FIFO_DATA_OUT_TAG..=FIFO_DATA_OUT_Z_H => {}
            CTRL3_C if value & SW_RESET != 0 => self.reset(),
            CTRL3_C => self.registers[usize::from(CTRL3_C)] = value & !BOOT,
            _ => {
                let measured = self.measuring();
                self.registers[usize::from(address & 0x7f)] = value;
                let bypassed = address == FIFO_CTRL4 && value.trailing_zeros() >= 3; // mode 0
                if bypassed || self.measuring() != measured {
                    self.restart();
                }
            }
        }
    }

    fn look(&self, address: u8) -> Look {
        match address {
            STATUS_REG => Look::Status,
            FIFO_STATUS1 | FIFO_STATUS2 => Look::Level,
            OUTX_L_A..=OUTZ_H_A => Look::Data,
            FIFO_DATA_OUT_TAG => Look::Fifo,
            _ => Look::Not,
        }
    }

    fn convert(&mut self, counts: [i32; 3]) {
        let sign = match self.reg(CTRL5_C) & 3 {
            1 => 1.0,
            2 => -1.0,
            _ => 0.0,
        };
        let per_g = f64::from(MAX_COUNT) / self.range_g();
        self.latest = counts.map(|count| shifted(count, sign * SELF_TEST_G * per_g, MAX_COUNT));
        self.conversions += 1;
        self.data_ready = true;
        if !self.batching() {
            return;
        }
        self.tag_count = (self.tag_count + 1) & 3;
        let mut data = [0; 6];
        for (pair, count) in data.chunks_exact_mut(2).zip(self.latest) {
            pair.copy_from_slice(&(count as i16).to_le_bytes());
        }
        self.push(TAG_ACCELEROMETER, data);
        let every = self.stamp_every();
        if self.reg(CTRL10_C) & TIMESTAMP_EN != 0
            && every > 0
            && self.conversions.is_multiple_of(every)
        {
            let [a, b, c, d] = self.timestamp().to_le_bytes();
            self.push(TAG_TIMESTAMP, [a, b, c, d, 0, 0]);
        }
    }

    fn measuring(&self) -> bool {
        self.reg(CTRL1_XL) & XL_EN == XL_ON
    }

    fn rate_hz(&self) -> f64 {
        80_000.0 / 3.0
    }

    fn range_g(&self) -> f64 {
        match self.reg(CTRL1_XL) >> 2 & 3 {
            1 => 16.0,
            2 => 4.0,
            3 => 8.0,
            _ => 2.0,
        }
    }

    fn fresh(&self) -> bool {
        self.data_ready
    }

    fn fifo(&self) -> Option<(usize, usize)> {
        self.batching()
            .then(|| (self.fifo.len(), self.watermark().max(1)))
    }

    fn interrupt(&self, pin: u8) -> bool {
        let enabled = self.reg(if pin == 2 { INT2_CTRL } else { INT1_CTRL });
        let flags = self.fifo_flags();
        let sources = u8::from(self.data_ready)
            | u8::from(flags & WTM_IA != 0) << 3
            | u8::from(flags & OVR_IA != 0) << 4
            | u8::from(flags & FULL_IA != 0) << 5;
        enabled & sources != 0
    }

    fn interrupts_on(&self) -> bool {
        (self.reg(INT1_CTRL) | self.reg(INT2_CTRL)) & 0x39 != 0
    }

    fn lost(&self) -> u64 {
        self.lost
    }

    fn set_temperature(&mut self, celsius: f64) {
        let counts = libm::round((celsius - 25.0) * 256.0);
        self.temperature = counts.clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16;
    }

    fn set_identity(&mut self, value: u8) {
        self.identity = value;
    }

    fn restart(&mut self) {
        self.fifo.clear();
        self.word = None;
        self.data_ready = false;
        self.latched = false;
        self.filled = false;
    }
}

#[cfg(test)]
#[path = "iis3dwb_tests.rs"]
mod tests;
