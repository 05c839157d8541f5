//! `--device`: which device, on which tier.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::energy::EnergySpec;
use super::registers::RegistersOptions;

/// Baud rate of a serial device unless the specification says another one: 3 axes x 4 kHz x 24 bit
/// take 39 % of it.
pub const DEFAULT_BAUD: u32 = 921_600;
/// Machine that QEMU emulates on the `qemu` tier: a Cortex-M4F with 4 MB of SRAM.
pub const DEFAULT_MACHINE: &str = "mps2-an386";
/// Machine that QEMU emulates on the `qemu-serial` tier: it has the one fast UART model (PL011).
pub const DEFAULT_SERIAL_MACHINE: &str = "lm3s6965evb";
/// Symbol of the firmware's SPI transfer function unless the device file names another one.
pub const DEFAULT_SPI_SYMBOL: &str = "spi_transfer";

/// Options of the native tier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NativeOptions {
    /// The program to run as the device. `None`: this program starts itself with the hidden
    /// subcommand [`super::NATIVE_SUBCOMMAND`], which any other program is given as well.
    pub executable: Option<PathBuf>,
}

/// Options of the emulated tiers that run firmware with the bench-link shim.
#[derive(Debug, Clone, PartialEq)]
pub struct QemuOptions {
    /// The firmware. `None`: the reference firmware, built with the cross-compiler and kept.
    pub elf: Option<PathBuf>,
    /// QEMU's name of the machine.
    pub machine: String,
    /// Currents per state, for the energy estimate. `None`: those of the reference design.
    pub energy: Option<EnergySpec>,
}

impl QemuOptions {
    /// The reference firmware on `machine`.
    pub fn reference(machine: &str) -> Self {
        Self {
            elf: None,
            machine: machine.to_owned(),
            energy: None,
        }
    }
}

/// Which device to test.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DeviceSpec {
    /// The reference firmware built for this host, as its own process.
    Native(NativeOptions),
    /// A device on a terminal.
    Serial {
        /// Path of the terminal, such as `/dev/ttyACM0`.
        path: String,
        /// Baud rate.
        baud: u32,
    },
    /// Firmware in QEMU, in lockstep over semihosting.
    Qemu(QemuOptions),
    /// Firmware in QEMU behind its emulated UART, reached through a pseudo-terminal.
    QemuSerial(QemuOptions),
    /// Unmodified firmware in QEMU; the bench answers its SPI transfers.
    QemuRegisters(Box<RegistersOptions>),
    /// A device file that has not been read yet: see [`DeviceSpec::resolve`].
    File(PathBuf),
}

/// A text that names no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceSpecError {
    /// The tier is not known.
    #[error("unknown device `{0}`: expected {KNOWN}")]
    Unknown(String),
    /// `serial:` without a path.
    #[error(
        "`{0}` names no terminal: expected `serial:PATH[@BAUD]`, such as `serial:/dev/ttyACM0`"
    )]
    NoPath(String),
    /// `qemu-registers:` without a file.
    #[error("`{0}` names no firmware: expected `qemu-registers:ELF`")]
    NoElf(String),
    /// What follows `@` is no baud rate.
    #[error("`{baud}` in `{spec}` is no baud rate")]
    Baud {
        /// The whole text.
        spec: String,
        /// The part behind `@`.
        baud: String,
    },
}

/// What a device may be, for messages.
pub(crate) const KNOWN: &str = "`native`, `qemu`, `qemu-serial`, `qemu-registers:ELF`, \
                                `serial:PATH[@BAUD]` or a device file `FILE.toml`";

impl Default for DeviceSpec {
    fn default() -> Self {
        Self::Native(NativeOptions::default())
    }
}

impl DeviceSpec {
    /// Whether it makes the bench run a program or firmware, or read a file, that its text names: a
    /// scenario file may not do that unless the command line allows it.
    pub const fn names_a_program(&self) -> bool {
        match self {
            Self::Native(NativeOptions { executable }) => executable.is_some(),
            Self::Qemu(options) | Self::QemuSerial(options) => options.elf.is_some(),
            Self::QemuRegisters(_) | Self::File(_) => true,
            Self::Serial { .. } => false,
        }
    }

    /// Whether there can be only one of it at a time.
    pub const fn is_single(&self) -> bool {
        matches!(self, Self::Serial { .. })
    }
}

impl FromStr for DeviceSpec {
    type Err = DeviceSpecError;

    fn from_str(spec: &str) -> Result<Self, Self::Err> {
        match spec {
            "native" => return Ok(Self::default()),
            "qemu" => return Ok(Self::Qemu(QemuOptions::reference(DEFAULT_MACHINE))),
            "qemu-serial" => {
                let options = QemuOptions::reference(DEFAULT_SERIAL_MACHINE);
                return Ok(Self::QemuSerial(options));
            }
            _ => {}
        }
        if let Some(elf) = spec.strip_prefix("qemu-registers:") {
            if elf.is_empty() {
                return Err(DeviceSpecError::NoElf(spec.to_owned()));
            }
            let options = RegistersOptions::usual(PathBuf::from(elf));
            return Ok(Self::QemuRegisters(Box::new(options)));
        }
        if let Some(line) = spec.strip_prefix("serial:") {
            return serial(spec, line);
        }
        if Path::new(spec).extension().is_some_and(|e| e == "toml") {
            return Ok(Self::File(PathBuf::from(spec)));
        }
        Err(DeviceSpecError::Unknown(spec.to_owned()))
    }
}

fn serial(spec: &str, line: &str) -> Result<DeviceSpec, DeviceSpecError> {
    // The last `@`, because paths below /dev/serial/by-path may hold one themselves; then a baud
    // rate has to be given.
    let (path, baud) = match line.rsplit_once('@') {
        None => (line, DEFAULT_BAUD),
        Some((path, baud)) => {
            let rate = baud.parse().ok().filter(|rate| *rate > 0);
            let error = || DeviceSpecError::Baud {
                spec: spec.to_owned(),
                baud: baud.to_owned(),
            };
            (path, rate.ok_or_else(error)?)
        }
    };
    if path.is_empty() {
        return Err(DeviceSpecError::NoPath(spec.to_owned()));
    }
    Ok(DeviceSpec::Serial {
        path: path.to_owned(),
        baud,
    })
}

impl fmt::Display for DeviceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native(NativeOptions { executable: None }) => f.write_str("native"),
            Self::Native(NativeOptions {
                executable: Some(path),
            }) => {
                write!(f, "native ({})", path.display())
            }
            Self::Serial {
                path,
                baud: DEFAULT_BAUD,
            } => write!(f, "serial:{path}"),
            Self::Serial { path, baud } => write!(f, "serial:{path}@{baud}"),
            Self::Qemu(options) => emulated(f, "qemu", options, DEFAULT_MACHINE),
            Self::QemuSerial(options) => {
                emulated(f, "qemu-serial", options, DEFAULT_SERIAL_MACHINE)
            }
            Self::QemuRegisters(options) => write!(f, "qemu-registers:{}", options.elf.display()),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

fn emulated(
    f: &mut fmt::Formatter<'_>,
    tier: &str,
    options: &QemuOptions,
    usual: &str,
) -> fmt::Result {
    f.write_str(tier)?;
    match (&options.elf, options.machine == usual) {
        (None, true) => Ok(()),
        (None, false) => write!(f, " ({})", options.machine),
        (Some(elf), true) => write!(f, " ({})", elf.display()),
        (Some(elf), false) => write!(f, " ({} on {})", elf.display(), options.machine),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifications_are_read_and_printed_alike() {
        for text in [
            "native",
            "serial:/dev/ttyACM0",
            "serial:/dev/ttyUSB1@115200",
            "qemu",
            "qemu-serial",
            "qemu-registers:build/node.elf",
            "boards/node.toml",
        ] {
            assert_eq!(text.parse::<DeviceSpec>().unwrap().to_string(), text);
        }
        let spec: DeviceSpec = "serial:/dev/serial/by-path/usb@2@9600".parse().unwrap();
        let path = "/dev/serial/by-path/usb@2".to_owned();
        assert_eq!(spec, DeviceSpec::Serial { path, baud: 9600 });
    }

    #[test]
    fn wrong_specifications_are_named() {
        for (text, part) in [
            ("nativ", "unknown device `nativ`"),
            ("qemu:node.elf", "unknown device `qemu:node.elf`"),
            ("serial:", "no terminal"),
            ("serial:@115200", "no terminal"),
            ("serial:/dev/ttyS0@fast", "`fast`"),
            ("serial:/dev/ttyS0@0", "`0`"),
            ("qemu-registers:", "no firmware"),
        ] {
            let message = text.parse::<DeviceSpec>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn only_what_the_bench_brings_itself_needs_no_leave() {
        for (text, named) in [
            ("native", false),
            ("qemu", false),
            ("qemu-serial", false),
            ("serial:/dev/ttyACM0", false),
            ("qemu-registers:node.elf", true),
            ("node.toml", true),
        ] {
            let spec: DeviceSpec = text.parse().unwrap();
            assert_eq!(spec.names_a_program(), named, "{text}");
        }
    }
}
