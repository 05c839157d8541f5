//! Device files: one TOML file per board, for `--device FILE.toml`.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::energy::EnergySpec;
use super::registers::{RegistersOptions, RegistersTable, SpiHook};
use super::spec::{
    DEFAULT_BAUD, DEFAULT_MACHINE, DEFAULT_SERIAL_MACHINE, DEFAULT_SPI_SYMBOL, DeviceSpec,
    NativeOptions, QemuOptions,
};

/// Version of the device file format that this release reads.
pub const DEVICE_FORMAT: u32 = 1;

/// Where the firmware of a device file runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Tier {
    /// A program of this host, with the native port of the shim.
    Native,
    /// A board on a serial port.
    Serial,
    /// Firmware with the shim in QEMU, in lockstep over semihosting.
    Qemu,
    /// Firmware with the shim in QEMU behind its emulated UART.
    QemuSerial,
    /// Unmodified firmware in QEMU; the bench answers its SPI transfers.
    QemuRegisters,
}

impl Tier {
    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Serial => "serial",
            Self::Qemu => "qemu",
            Self::QemuSerial => "qemu-serial",
            Self::QemuRegisters => "qemu-registers",
        }
    }
}

/// A device: what it is and how to reach it. Paths are relative to the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceFile {
    /// Version of the file format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub format: u32,
    /// What the device is, for people.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub description: String,
    /// Where the firmware runs.
    pub tier: Tier,
    /// `native`: the program; the reference firmware by default.
    #[serde(default)]
    pub program: Option<PathBuf>,
    /// `serial`: the terminal, such as `/dev/ttyACM0`.
    #[serde(default)]
    pub port: Option<String>,
    /// `serial`: baud rate, 921600 by default.
    #[serde(default)]
    #[schemars(range(min = 1, max = 100_000_000))]
    pub baud: Option<u32>,
    /// `qemu`, `qemu-serial`: the firmware, the reference firmware by default. `qemu-registers`: the
    /// firmware, with symbols.
    #[serde(default)]
    pub elf: Option<PathBuf>,
    /// Emulated tiers: QEMU's name of the machine; `mps2-an386`, or `lm3s6965evb` for `qemu-serial`, by
    /// default.
    #[serde(default)]
    #[schemars(
        length(min = 1, max = 64),
        regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    )]
    pub board: Option<String>,
    /// `qemu-registers`: the function that exchanges bytes with the sensor; `spi_transfer` by default.
    #[serde(default)]
    #[schemars(length(min = 1, max = 256))]
    pub spi_symbol: Option<String>,
    /// `qemu-registers`: the part that the driver expects; that of the scenario by default.
    #[serde(default)]
    #[schemars(length(min = 1, max = 64))]
    pub part: Option<String>,
    /// `qemu-registers`: what the firmware calls its functions, and what moves time.
    #[serde(default)]
    pub registers: Option<RegistersTable>,
    /// `qemu`: currents per state, for the energy estimate.
    #[serde(default)]
    pub energy: Option<EnergySpec>,
}

/// A device file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceFileError {
    /// It cannot be read.
    #[error("device file {path} cannot be read: {reason}")]
    Read {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// It is no TOML, or has unknown or wrong fields.
    #[error("{path}:{line}:{column}: {reason}")]
    Syntax {
        /// The file.
        path: String,
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
        /// In words.
        reason: String,
    },
    /// A field that this tier does not use, lacks, or cannot use with this value.
    #[error("{path}:{line}: {field}: {reason}")]
    Field {
        /// The file.
        path: String,
        /// Line of the field, or of `tier` if it is missing; from 1.
        line: usize,
        /// The field.
        field: &'static str,
        /// In words.
        reason: String,
    },
}

impl DeviceSpec {
    /// Reads the device file if it is one; any other device stays as it is.
    pub fn resolve(self) -> Result<Self, DeviceFileError> {
        match self {
            Self::File(path) => read_device_file(&path),
            other => Ok(other),
        }
    }
}

/// The JSON Schema (draft 2020-12) of device files.
pub fn device_schema() -> serde_json::Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<DeviceFile>()
        .to_value()
}

/// Reads and checks a device file.
pub fn read_device_file(path: &Path) -> Result<DeviceSpec, DeviceFileError> {
    let text = std::fs::read_to_string(path).map_err(|error| DeviceFileError::Read {
        path: path.display().to_string(),
        reason: error.to_string(),
    })?;
    parse(path, &text)
}

fn parse(path: &Path, text: &str) -> Result<DeviceSpec, DeviceFileError> {
    let file: DeviceFile = toml::from_str(text).map_err(|error| {
        let (line, column) = place(text, error.span().map_or(0, |span| span.start));
        DeviceFileError::Syntax {
            path: path.display().to_string(),
            line,
            column,
            reason: error.message().replace('\n', "; "),
        }
    })?;
    Check { path, text, file }.spec()
}

/// Line and column of a byte, from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = 1 + before.matches('\n').count();
    (line, 1 + before[start..].chars().count())
}

/// A file whose fields are right one by one, and may not fit together.
struct Check<'a> {
    path: &'a Path,
    text: &'a str,
    file: DeviceFile,
}

impl Check<'_> {
    fn spec(self) -> Result<DeviceSpec, DeviceFileError> {
        if self.file.format != DEVICE_FORMAT {
            return Err(self.wrong(
                "format",
                format!("this release reads format {DEVICE_FORMAT}"),
            ));
        }
        self.only_fields_of_the_tier()?;
        self.board_is_a_name()?;
        self.energy_is_possible()?;
        let file = &self.file;
        Ok(match file.tier {
            Tier::Native => DeviceSpec::Native(NativeOptions {
                executable: file.program.as_deref().map(|path| self.beside(path)),
            }),
            Tier::Serial => DeviceSpec::Serial {
                path: file.port.clone().ok_or_else(|| self.missing("port"))?,
                baud: match file.baud {
                    Some(0) => return Err(self.wrong("baud", "must not be 0")),
                    baud => baud.unwrap_or(DEFAULT_BAUD),
                },
            },
            Tier::Qemu => DeviceSpec::Qemu(self.emulated(DEFAULT_MACHINE)),
            Tier::QemuSerial => DeviceSpec::QemuSerial(self.emulated(DEFAULT_SERIAL_MACHINE)),
            Tier::QemuRegisters => {
                let elf = file.elf.as_deref().ok_or_else(|| self.missing("elf"))?;
                let symbol = file.spi_symbol.as_deref().unwrap_or(DEFAULT_SPI_SYMBOL);
                let mut options = RegistersOptions::usual(self.beside(elf));
                if let Some(board) = &file.board {
                    options.machine.clone_from(board);
                }
                options.spi = vec![SpiHook::usual(symbol)];
                options.part.clone_from(&file.part);
                if let Some(table) = &file.registers {
                    options.apply(table);
                }
                DeviceSpec::QemuRegisters(Box::new(options))
            }
        })
    }

    fn emulated(&self, usual: &str) -> QemuOptions {
        let file = &self.file;
        QemuOptions {
            elf: file.elf.as_deref().map(|path| self.beside(path)),
            machine: file.board.as_deref().unwrap_or(usual).to_owned(),
            energy: file.energy.clone(),
        }
    }

    /// A path of the file: relative to the folder that the file is in. Never a bare name, which the
    /// system would look for on PATH.
    fn beside(&self, path: &Path) -> PathBuf {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        if folder.as_os_str().is_empty() && path.is_relative() {
            return Path::new(".").join(path);
        }
        folder.join(path)
    }

    fn only_fields_of_the_tier(&self) -> Result<(), DeviceFileError> {
        use Tier::{Native, Qemu, QemuRegisters, QemuSerial, Serial};
        let file = &self.file;
        let given: [(&'static str, bool, &[Tier]); 9] = [
            ("program", file.program.is_some(), &[Native]),
            ("port", file.port.is_some(), &[Serial]),
            ("baud", file.baud.is_some(), &[Serial]),
            (
                "elf",
                file.elf.is_some(),
                &[Qemu, QemuSerial, QemuRegisters],
            ),
            (
                "board",
                file.board.is_some(),
                &[Qemu, QemuSerial, QemuRegisters],
            ),
            ("spi_symbol", file.spi_symbol.is_some(), &[QemuRegisters]),
            ("part", file.part.is_some(), &[QemuRegisters]),
            ("registers", file.registers.is_some(), &[QemuRegisters]),
            ("energy", file.energy.is_some(), &[Qemu]),
        ];
        for (field, is_given, tiers) in given {
            if is_given && !tiers.contains(&file.tier) {
                let tiers: Vec<&str> = tiers.iter().map(|tier| tier.name()).collect();
                let reason = format!(
                    "has no meaning on tier `{}`, only on {}",
                    file.tier.name(),
                    tiers.join(", ")
                );
                return Err(self.wrong(field, reason));
            }
        }
        Ok(())
    }

    /// The board ends up in an option of QEMU, where a comma would begin another one.
    fn board_is_a_name(&self) -> Result<(), DeviceFileError> {
        let Some(board) = &self.file.board else {
            return Ok(());
        };
        let inside = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if board.starts_with(|c: char| c.is_ascii_alphanumeric()) && board.chars().all(inside) {
            return Ok(());
        }
        let reason =
            format!("`{board}` is no machine of QEMU; see `qemu-system-arm -machine help`");
        Err(self.wrong("board", reason))
    }

    fn energy_is_possible(&self) -> Result<(), DeviceFileError> {
        let Some(energy) = &self.file.energy else {
            return Ok(());
        };
        let above_zero = [
            ("supply_v", energy.supply_v),
            ("clock_mhz", energy.clock_mhz),
            ("cycles_per_instruction", energy.cycles_per_instruction),
            ("radio_kbit_s", energy.radio_kbit_s),
        ];
        let not_negative = [
            ("run_ma", energy.run_ma),
            ("sleep_ma", energy.sleep_ma),
            ("sensor_ma", energy.sensor_ma),
            ("radio_ma", energy.radio_ma),
        ];
        for (field, value) in above_zero {
            if !(value > 0.0 && value <= 1e6) {
                return Err(self.wrong(field, "must be above 0 and at most 1e6"));
            }
        }
        for (field, value) in not_negative {
            if !(0.0..=1e6).contains(&value) {
                return Err(self.wrong(field, "must be from 0 to 1e6"));
            }
        }
        Ok(())
    }

    fn missing(&self, field: &'static str) -> DeviceFileError {
        let tier = self.file.tier.name();
        DeviceFileError::Field {
            path: self.path.display().to_string(),
            line: self.line_of("tier"),
            field,
            reason: format!("is missing; tier `{tier}` needs it"),
        }
    }

    fn wrong(&self, field: &'static str, reason: impl Into<String>) -> DeviceFileError {
        DeviceFileError::Field {
            path: self.path.display().to_string(),
            line: self.line_of(field),
            field,
            reason: reason.into(),
        }
    }

    fn line_of(&self, field: &str) -> usize {
        let key = |line: &str| {
            let line = line.trim_start().trim_start_matches('[');
            line.strip_prefix(field)
                .is_some_and(|rest| rest.trim_start().starts_with(['=', ']']))
        };
        self.text.lines().position(key).map_or(1, |index| index + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DeviceSpec, DeviceFileError> {
        parse(Path::new("boards/node.toml"), text)
    }

    #[test]
    fn every_tier_can_be_described() {
        let spec = read("format = 1\ntier = \"native\"\nprogram = \"build/node\"\n").unwrap();
        let executable = Some(PathBuf::from("boards/build/node"));
        assert_eq!(spec, DeviceSpec::Native(NativeOptions { executable }));

        let spec = read("format = 1\ntier = \"serial\"\nport = \"/dev/ttyACM0\"\nbaud = 115200");
        let path = "/dev/ttyACM0".to_owned();
        assert_eq!(
            spec,
            Ok(DeviceSpec::Serial {
                path,
                baud: 115_200
            })
        );

        let spec =
            read("format = 1\ntier = \"qemu\"\nelf = \"/opt/node.elf\"\nboard = \"netduinoplus2\"");
        let DeviceSpec::Qemu(options) = spec.unwrap() else {
            panic!("another tier")
        };
        assert_eq!(options.elf, Some(PathBuf::from("/opt/node.elf")));
        assert_eq!(options.machine, "netduinoplus2");

        let spec = read(
            "format = 1\ntier = \"qemu-registers\"\nelf = \"node.elf\"\npart = \"adxl355\"\nspi_symbol = \"spi_xfer\"",
        );
        let DeviceSpec::QemuRegisters(options) = spec.unwrap() else {
            panic!("another tier")
        };
        assert_eq!(options.elf, PathBuf::from("boards/node.elf"));
        assert_eq!(options.machine, DEFAULT_MACHINE);
        assert_eq!(
            (options.spi[0].symbol.as_str(), options.part.as_deref()),
            ("spi_xfer", Some("adxl355"))
        );
    }

    #[test]
    fn firmware_at_the_registers_may_call_its_functions_anything() {
        let text = "format = 1\ntier = \"qemu-registers\"\nelf = \"a.elf\"\n[registers]\n\
                    clock_symbol = \"HAL_GetTick\"\nclock_unit = \"ms32\"\nidentity = 0x7f\n\
                    time = { by = \"instructions\", counter = 0x40028018, counter_hz = 25_000_000 }\n\
                    [[registers.spi]]\nsymbol = \"platform_read\"\n\
                    arguments = [\"ignore\", \"register\", \"rx\", \"length\"]\n\
                    [[registers.spi]]\nsymbol = \"platform_write\"\nreturns = \"length\"\n\
                    arguments = [\"ignore\", \"register\", \"tx\", \"length\"]\n";
        let DeviceSpec::QemuRegisters(options) = read(text).unwrap() else {
            panic!("another tier")
        };
        assert_eq!(options.clock_symbol, "HAL_GetTick");
        assert_eq!(options.uplink_symbol, "uplink_send");
        assert_eq!((options.spi.len(), options.identity), (2, Some(0x7f)));
        assert_eq!(options.spi[0].arguments.len(), 4);
        assert_eq!(options.time, crate::device::SensorTime::MPS2);
        let text = text.replace("\"register\", \"rx\"", "\"registre\", \"rx\"");
        let message = read(&text).unwrap_err().to_string();
        assert!(
            message.contains("boards/node.toml:11:") && message.contains("registre"),
            "{message}"
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let energy = "[energy]\nsource = \"x\"\nsupply_v = 3.0\nclock_mhz = 0.0\ncycles_per_instruction = 1.0\n\
                      run_ma = 1.0\nsleep_ma = 1.0\nsensor_ma = 1.0\nradio_ma = 1.0\nradio_kbit_s = 1.0\n\
                      radio_overhead_bytes = 0\n";
        let with_energy = format!("format = 1\ntier = \"qemu\"\n{energy}");
        for (text, place) in [
            (
                "format = 1\ntier = \"qemo\"\n",
                "boards/node.toml:2:8: unknown variant `qemo`",
            ),
            (
                "format = 1\ntier = \"qemu\"\n\nbuad = 1\n",
                "boards/node.toml:4:1: unknown field `buad`",
            ),
            (
                "format = 1\ntier = \"serial\nport",
                "boards/node.toml:3:5: key with no value",
            ),
            (
                "format = 2\ntier = \"qemu\"\n",
                "boards/node.toml:1: format: this release reads format 1",
            ),
            (
                "format = 1\ntier = \"serial\"\n",
                "boards/node.toml:2: port: is missing",
            ),
            (
                "format = 1\ntier = \"qemu-registers\"\n",
                "boards/node.toml:2: elf: is missing",
            ),
            (
                "format = 1\ntier = \"serial\"\nport = \"/dev/ttyS0\"\nbaud = 0\n",
                "boards/node.toml:4: baud: must not be 0",
            ),
            (
                "format = 1\ntier = \"native\"\nelf = \"a\"\n",
                "boards/node.toml:3: elf: has no meaning on tier `native`",
            ),
            (
                "format = 1\ntier = \"qemu\"\nboard = \"virt,dumpdtb=x\"\n",
                "boards/node.toml:3: board: `virt,dumpdtb=x`",
            ),
            (
                &with_energy,
                "boards/node.toml:6: clock_mhz: must be above 0",
            ),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(place), "{text:?}: {message}");
        }
        let message = read_device_file(Path::new("no/such.toml"))
            .unwrap_err()
            .to_string();
        assert!(message.contains("no/such.toml cannot be read"), "{message}");
    }

    #[test]
    fn the_schema_describes_every_field() {
        let schema = device_schema();
        let fields = schema["properties"].as_object().unwrap();
        assert!(fields.len() >= 11);
        for (name, field) in fields {
            assert!(field["description"].is_string(), "{name}: {field}");
        }
    }
}
