//! Register-level models of the parts: what firmware with its own driver sees on the SPI bus.
//!
//! Plain state machines over bytes, fed with the counts of the sensor chain one conversion at a time;
//! they know no clock. [`SensorBus`] joins a model to a queue of counts and decides how far sensor time
//! has run when the firmware looks.
//!
//! Modelled: identity, range, data rate, FIFO level, data, markers and overrun, data-ready, watermark and
//! interrupt outputs, soft reset, self-test shift, temperature, time stamps where the part has them. Each
//! file names what is stored without effect. A multi-byte transfer is one instant: it never sees half of
//! a new sample, whatever the block-data-update bit says.
mod adxl355;
mod adxl372;
mod bus;
mod fifo;
mod iis3dwb;

pub use bus::{BusOutcome, BusReport, SensorBus};

use adxl355::Adxl355;
use adxl372::Adxl372;
use iis3dwb::Iis3dwb;

/// What reading a register tells firmware about new data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Nothing: configuration, identity.
    Not,
    /// Flags: data ready, watermark, overrun.
    Status,
    /// Number of entries in the FIFO.
    Level,
    /// The latest conversion.
    Data,
    /// The oldest entry of the FIFO.
    Fifo,
}

/// One part seen through its registers.
pub(crate) trait RegisterModel: std::fmt::Debug + Send + Sync {
    /// Register address and direction (true: read) of a transfer's first byte.
    fn command(&self, first: u8) -> (u8, bool);
    /// The register that a burst goes on with.
    fn after(&self, address: u8) -> u8;
    /// A read with its side effects.
    fn read(&mut self, address: u8) -> u8;
    /// A write.
    fn write(&mut self, address: u8, value: u8);
    /// What a read of the register is a look at.
    fn look(&self, address: u8) -> Look;
    /// One conversion, in counts of the selected range; three axes.
    fn convert(&mut self, counts: [i32; 3]);
    /// Conversions are running.
    fn measuring(&self) -> bool;
    /// Selected data rate, Hz.
    fn rate_hz(&self) -> f64;
    /// Selected range, g.
    fn range_g(&self) -> f64;
    /// A conversion that no status read has reported yet.
    fn fresh(&self) -> bool;
    /// Three-axis samples in the FIFO, and how many make its watermark; `None` where the FIFO takes none.
    fn fifo(&self) -> Option<(usize, usize)>;
    /// Level of interrupt output 1 or 2 (true: active, whatever the polarity).
    fn interrupt(&self, pin: u8) -> bool;
    /// Any interrupt source is routed to an output.
    fn interrupts_on(&self) -> bool;
    /// Samples lost to a full FIFO.
    fn lost(&self) -> u64;
    /// Temperature of the part, degC.
    fn set_temperature(&mut self, celsius: f64);
    /// Puts another value into the register that identifies the part.
    fn set_identity(&mut self, value: u8);
    /// Empties the FIFO and the flags, as a stop and start of the measurement does.
    fn restart(&mut self);
}

/// The model of a part of the catalogue, `None` for a part without registers or without a model.
pub(crate) fn model_of(part: &str) -> Option<Box<dyn RegisterModel>> {
    Some(match part {
        "adxl355" => Box::new(Adxl355::new()),
        "adxl372" => Box::new(Adxl372::new()),
        "iis3dwb" => Box::new(Iis3dwb::new()),
        _ => return None,
    })
}

/// Runs one transfer (chip select low to high). Bytes of `tx` beyond the end of `rx` are still written,
/// `rx` beyond the end of `tx` clocks zeros.
pub(crate) fn transfer(model: &mut dyn RegisterModel, tx: &[u8], rx: &mut [u8]) {
    let Some((&first, rest)) = tx.split_first() else {
        return;
    };
    let (mut address, read) = model.command(first);
    if let Some(head) = rx.first_mut() {
        *head = 0; // the part drives its output from the second byte on
    }
    let length = rest.len().max(rx.len().saturating_sub(1));
    for index in 0..length {
        if read {
            let value = model.read(address);
            if let Some(slot) = rx.get_mut(index + 1) {
                *slot = value;
            }
        } else {
            model.write(address, rest.get(index).copied().unwrap_or(0));
            if let Some(slot) = rx.get_mut(index + 1) {
                *slot = 0;
            }
        }
        address = model.after(address);
    }
}

/// The strongest look among the registers that a transfer of `length` bytes would read: FIFO and data
/// before level before flags, because what takes data away needs it most.
pub(crate) fn looks(model: &dyn RegisterModel, tx: &[u8], length: usize) -> Look {
    let Some(&first) = tx.first() else {
        return Look::Not;
    };
    let (mut address, read) = model.command(first);
    let mut strongest = Look::Not;
    if !read {
        return strongest;
    }
    // A burst through all 128 addresses has seen every register.
    for _ in 1..length.min(130) {
        let look = model.look(address);
        let rank = |look| match look {
            Look::Not => 0,
            Look::Status => 1,
            Look::Level => 2,
            Look::Data => 3,
            Look::Fifo => 4,
        };
        if rank(look) > rank(strongest) {
            strongest = look;
        }
        address = model.after(address);
    }
    strongest
}

/// Rounds to the nearest count and holds it within the range.
pub(crate) fn shifted(count: i32, shift_counts: f64, max_count: i32) -> i32 {
    let value = f64::from(count) + shift_counts;
    libm::round(value).clamp(f64::from(-max_count - 1), f64::from(max_count)) as i32
}
