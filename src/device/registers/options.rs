//! What the bench has to know of firmware that it may not change.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one argument of a hooked SPI function is, in the order of the C declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SpiArgument {
    /// Pointer to the bytes to send.
    Tx,
    /// Pointer to where the received bytes go.
    Rx,
    /// Pointer to bytes that are sent and replaced by what is received.
    Buffer,
    /// Number of bytes; of `tx`, if `rx-length` is given as well.
    Length,
    /// Number of bytes to receive after `length` bytes were sent.
    RxLength,
    /// Register address or command byte that goes ahead of the data, as the part expects it on the bus.
    Command,
    /// Register address without direction: the bench adds the part's read or write bit, read if there is
    /// an `rx`.
    Register,
    /// Anything else, such as a handle.
    Ignore,
}

/// What a hooked SPI function returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SpiReturn {
    /// 0 for success.
    #[default]
    Zero,
    /// The number of bytes transferred.
    Length,
    /// 1 or `true` for success.
    One,
}

/// A function that the bench answers instead of the hardware.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpiHook {
    /// Its symbol in the ELF. It must be a function of its own, not inlined.
    pub symbol: String,
    /// Its arguments.
    #[serde(default = "SpiHook::usual_arguments")]
    pub arguments: Vec<SpiArgument>,
    /// Its result.
    #[serde(default)]
    pub returns: SpiReturn,
}

impl SpiHook {
    /// `int spi_transfer(const uint8_t *tx, uint8_t *rx, size_t n)`.
    fn usual_arguments() -> Vec<SpiArgument> {
        vec![SpiArgument::Tx, SpiArgument::Rx, SpiArgument::Length]
    }

    /// A function of that name with the usual arguments.
    pub fn usual(symbol: &str) -> Self {
        Self {
            symbol: symbol.to_owned(),
            arguments: Self::usual_arguments(),
            returns: SpiReturn::Zero,
        }
    }
}

/// Result of a hooked clock function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ClockUnit {
    /// 64 bits: microseconds since 1970.
    #[default]
    Us64,
    /// 32 bits: milliseconds since the session began, wraps.
    Ms32,
}

/// What moves sensor time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "by", deny_unknown_fields)]
#[non_exhaustive]
pub enum SensorTime {
    /// The firmware's looks at the part: computing takes no time. See [`crate::sensor::SensorBus`].
    #[default]
    Looks,
    /// The looks, and the emulated instructions in between, counted by a free-running counter of the
    /// machine: firmware that computes too long overruns the FIFO.
    Instructions {
        /// Address of the 32-bit up-counter.
        counter: u32,
        /// Its frequency, Hz.
        counter_hz: u32,
    },
}

impl SensorTime {
    /// By instructions on the Arm MPS2 machines (`mps2-an385`, `mps2-an386`, ...): the 25 MHz counter of
    /// their FPGA registers.
    pub const MPS2: Self = Self::Instructions {
        counter: 0x4002_8018,
        counter_hz: 25_000_000,
    };
}

/// Options of the tier `qemu-registers`.
#[derive(Debug, Clone, PartialEq)]
pub struct RegistersOptions {
    /// The firmware, with symbols.
    pub elf: PathBuf,
    /// QEMU's name of the machine.
    pub machine: String,
    /// The part on the bus. `None`: that of the scenario.
    pub part: Option<String>,
    /// Functions that transfer bytes between firmware and part.
    pub spi: Vec<SpiHook>,
    /// `void f(const uint8_t *bytes, size_t n)` that hands a message to the radio.
    pub uplink_symbol: String,
    /// `f(void)` that reads the clock.
    pub clock_symbol: String,
    /// Its result.
    pub clock_unit: ClockUnit,
    /// `f(void)` that sleeps until the sensor interrupts.
    pub wait_symbol: String,
    /// What moves sensor time.
    pub time: SensorTime,
    /// Value that the part identifies itself by, instead of its own.
    pub identity: Option<u8>,
}

/// `[registers]` of a device file: what the firmware calls its functions. Names that the firmware does not
/// have are ignored, but for those of `spi`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegistersTable {
    /// Functions that transfer bytes between firmware and part; instead of `spi_symbol`.
    #[serde(default)]
    pub spi: Vec<SpiHook>,
    /// `void f(const uint8_t *bytes, size_t n)` that hands a message to the radio; `uplink_send` by
    /// default.
    #[serde(default)]
    pub uplink_symbol: Option<String>,
    /// `f(void)` that reads the clock; `clock_us` by default.
    #[serde(default)]
    pub clock_symbol: Option<String>,
    /// Its result.
    #[serde(default)]
    pub clock_unit: ClockUnit,
    /// `f(void)` that sleeps until the sensor interrupts; `wait_for_sensor` by default.
    #[serde(default)]
    pub wait_symbol: Option<String>,
    /// What moves sensor time.
    #[serde(default)]
    pub time: SensorTime,
    /// Value that the part identifies itself by, to see the firmware refuse it.
    #[serde(default)]
    pub identity: Option<u8>,
}

impl RegistersOptions {
    /// Takes over what a device file says.
    pub(in crate::device) fn apply(&mut self, table: &RegistersTable) {
        if !table.spi.is_empty() {
            self.spi.clone_from(&table.spi);
        }
        let names = [
            (&mut self.uplink_symbol, &table.uplink_symbol),
            (&mut self.clock_symbol, &table.clock_symbol),
            (&mut self.wait_symbol, &table.wait_symbol),
        ];
        for (name, given) in names {
            if let Some(given) = given {
                name.clone_from(given);
            }
        }
        self.clock_unit = table.clock_unit;
        self.time = table.time;
        self.identity = table.identity;
    }

    /// Firmware with the usual names: `spi_transfer`, and where they exist `uplink_send`, `clock_us` and
    /// `wait_for_sensor`; on an `mps2-an386`.
    pub fn usual(elf: PathBuf) -> Self {
        Self {
            elf,
            machine: "mps2-an386".to_owned(),
            part: None,
            spi: vec![SpiHook::usual("spi_transfer")],
            uplink_symbol: "uplink_send".to_owned(),
            clock_symbol: "clock_us".to_owned(),
            clock_unit: ClockUnit::Us64,
            wait_symbol: "wait_for_sensor".to_owned(),
            time: SensorTime::Looks,
            identity: None,
        }
    }
}
