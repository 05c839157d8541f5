//! QEMU with its GDB stub on standard input and output and the guest's UART on standard error.
//!
//! No socket and no port: nothing to collide with another instance, nothing for others to connect to.

use std::io;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use super::super::error::DeviceError;
use super::gdb::GdbClient;
use super::options::RegistersOptions;

/// The emulator of QEMU for 32-bit Arm.
pub(super) const QEMU: &str = "qemu-system-arm";
/// Instructions take 32 ns: about 31 million per second.
const ICOUNT: &str = "shift=5,sleep=off";
/// Console text kept, bytes.
const CONSOLE_MAX: usize = 64 * 1024;

/// A QEMU process; killed and reaped when dropped.
#[derive(Debug)]
pub(super) struct Emulator {
    child: Child,
    console: OwnedFd,
    /// Console bytes without a line end yet.
    unfinished: Vec<u8>,
}

impl Emulator {
    /// Starts the firmware, held before its first instruction.
    pub(super) fn start(options: &RegistersOptions) -> Result<(Self, GdbClient), DeviceError> {
        let fail = |source: io::Error| DeviceError::Start {
            program: QEMU.to_owned(),
            source,
        };
        let mut child = Command::new(QEMU)
            .args(["-machine", &options.machine, "-kernel"])
            .arg(&options.elf)
            .args(["-display", "none", "-monitor", "none", "-parallel", "none"])
            .args(["-serial", "file:/dev/stderr", "-gdb", "stdio", "-S"])
            .args(["-icount", ICOUNT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(fail)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(to), Some(from), Some(console)) = pipes else {
            return Err(fail(io::ErrorKind::BrokenPipe.into()));
        };
        let console = OwnedFd::from(console);
        let flags = fcntl_getfl(&console).map_err(|e| fail(e.into()))?;
        fcntl_setfl(&console, flags | OFlags::NONBLOCK).map_err(|e| fail(e.into()))?;
        let mut emulator = Self {
            child,
            console,
            unfinished: Vec::new(),
        };
        match GdbClient::new(to, from) {
            Ok(gdb) => Ok((emulator, gdb)),
            Err(e) => {
                // QEMU says why on its standard error: unknown machine, no such file, ...
                std::thread::sleep(Duration::from_millis(100));
                let said = emulator.console_lines().join("; ");
                let text = if said.is_empty() { e.to_string() } else { said };
                Err(fail(io::Error::other(text)))
            }
        }
    }

    /// Process id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whole lines that the guest (or QEMU) has written since the last call.
    pub(super) fn console_lines(&mut self) -> Vec<String> {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = rustix::io::read(&self.console, &mut bytes) {
            self.unfinished.extend_from_slice(&bytes[..count]);
            if self.unfinished.len() > CONSOLE_MAX {
                self.unfinished.push(b'\n');
                break;
            }
        }
        let Some(end) = self.unfinished.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        let rest = self.unfinished.split_off(end + 1);
        let whole = std::mem::replace(&mut self.unfinished, rest);
        whole
            .split(|byte| *byte == b'\n')
            .map(|line| crate::link::printable(line.trim_ascii_end()))
            .filter(|line| !line.is_empty())
            .collect()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Killing a process that has ended already is no error; a child is always reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
