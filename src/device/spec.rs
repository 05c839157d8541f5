//! `--device`: which device, on which tier.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Baud rate of a serial device unless the specification says another one: 3 axes x 4 kHz x 24 bit
/// take 39 % of it.
pub const DEFAULT_BAUD: u32 = 921_600;

/// Options of the native tier.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NativeOptions {
    /// The program to run as the device. `None`: this program starts itself with the hidden
    /// subcommand [`super::NATIVE_SUBCOMMAND`], which any other program is given as well.
    pub executable: Option<PathBuf>,
}

/// Which device to test.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// A text that names no device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceSpecError {
    /// The tier is not known.
    #[error("unknown device `{0}`: expected `native` or `serial:PATH[@BAUD]`")]
    Unknown(String),
    /// `serial:` without a path.
    #[error(
        "`{0}` names no terminal: expected `serial:PATH[@BAUD]`, such as `serial:/dev/ttyACM0`"
    )]
    NoPath(String),
    /// What follows `@` is no baud rate.
    #[error("`{baud}` in `{spec}` is no baud rate")]
    Baud {
        /// The whole text.
        spec: String,
        /// The part behind `@`.
        baud: String,
    },
}

impl Default for DeviceSpec {
    fn default() -> Self {
        Self::Native(NativeOptions::default())
    }
}

impl FromStr for DeviceSpec {
    type Err = DeviceSpecError;

    fn from_str(spec: &str) -> Result<Self, Self::Err> {
        if spec == "native" {
            return Ok(Self::default());
        }
        let Some(line) = spec.strip_prefix("serial:") else {
            return Err(DeviceSpecError::Unknown(spec.to_owned()));
        };
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
        Ok(Self::Serial {
            path: path.to_owned(),
            baud,
        })
    }
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
        }
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
            ("serial:", "no terminal"),
            ("serial:@115200", "no terminal"),
            ("serial:/dev/ttyS0@fast", "`fast`"),
            ("serial:/dev/ttyS0@0", "`0`"),
        ] {
            let message = text.parse::<DeviceSpec>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
