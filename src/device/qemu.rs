//! The `qemu` tier: firmware in an emulated Cortex-M, in lockstep over two named pipes.
//!
//! Under `-icount` the emulator's time is the count of its instructions, and the pipes are read in
//! records of a known length, so that nothing of it depends on the host. An ELF is trusted code:
//! semihosting can reach the files of the user.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use object::{Object, ObjectSymbol};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};

use super::error::DeviceError;
use super::firmware::{Board, FirmwareSources, cross_build};
use super::folder::PrivateFolder;
use super::line::{Lifeline, Line};
use super::native::{NativeProcess, behind_terminal};
use super::spec::QemuOptions;

/// The emulator, looked for on PATH.
pub(super) const QEMU: &str = "qemu-system-arm";

/// How long QEMU may take to set up its standard input.
const SET_UP: Duration = Duration::from_secs(5);

/// Starts the emulator and opens the pipes to it.
pub(super) fn start(
    device: &str,
    options: &QemuOptions,
    elf: &Path,
    boot_count: u32,
) -> Result<(NativeProcess, Line), DeviceError> {
    let fail = |source| DeviceError::Open {
        device: device.to_owned(),
        source,
    };
    let folder = PrivateFolder::new().map_err(fail)?;
    let down = pipe(&folder.path().join("down")).map_err(fail)?;
    let up = pipe(&folder.path().join("up")).map_err(fail)?;
    let child = command(options, elf)
        .args(["-icount", "shift=5,sleep=off", "-serial", "none"])
        .args(["-semihosting-config", "enable=on,target=native"])
        .args(starts_before(elf, boot_count)?)
        .current_dir(folder.path())
        .spawn()
        .map_err(|source| not_started(device, source))?;
    let process = NativeProcess::new(child, Some(folder));
    let lifeline = Lifeline {
        ended: process.end().map_err(fail)?,
        _other_end: None,
    };
    Ok((process, Line::pipes(up, down, lifeline)))
}

/// Starts the emulator with its UART behind a pseudo-terminal: from there on it is a serial device.
pub(super) fn start_serial(
    device: &str,
    options: &QemuOptions,
    elf: &Path,
    boot_count: u32,
) -> Result<(NativeProcess, Line), DeviceError> {
    let folder = PrivateFolder::new().map_err(|source| DeviceError::Open {
        device: device.to_owned(),
        source,
    })?;
    let mut command = command(options, elf);
    command
        .args(["-chardev", "stdio,id=uart,signal=off"])
        .args(["-serial", "chardev:uart"])
        .args(starts_before(elf, boot_count)?)
        .current_dir(folder.path());
    let (mut process, line) = behind_terminal(device, command, Some(folder), |source| {
        not_started(device, source)
    })?;
    let fail = |source| DeviceError::Open {
        device: device.to_owned(),
        source,
    };
    // QEMU sets up its standard input as a terminal for people, before the firmware starts.
    let deadline = Instant::now() + SET_UP;
    while !line.translates_newlines().map_err(fail)? && Instant::now() < deadline {
        if process
            .wait(Duration::from_millis(2))
            .map_err(fail)?
            .is_some()
        {
            break;
        }
    }
    line.make_raw().map_err(fail)?;
    process.goes_on = true;
    Ok((process, line))
}

/// Word of an image that holds the number of starts before this emulator's; it stands for non-volatile memory.
const STARTS_BEFORE: &str = "fb_starts_before";

/// Arguments that put the number of starts before this one into the firmware's memory, at every reset of the emulated
/// board. None for the first start, and where the image has no such word: such firmware counts for itself.
fn starts_before(elf: &Path, boot_count: u32) -> Result<Vec<String>, DeviceError> {
    let before = boot_count.saturating_sub(1);
    if before == 0 {
        return Ok(Vec::new());
    }
    let fail = |reason: String| DeviceError::Image {
        path: elf.display().to_string(),
        reason,
    };
    let bytes = std::fs::read(elf).map_err(|e| fail(e.to_string()))?;
    let file = object::File::parse(&*bytes).map_err(|e| fail(e.to_string()))?;
    let word = file.symbol_by_name(STARTS_BEFORE);
    Ok(word.map_or_else(Vec::new, |word| {
        let address = word.address();
        vec![
            "-device".to_owned(),
            format!("loader,addr={address:#x},data={before},data-len=4"),
        ]
    }))
}

/// The firmware to run: the user's, or the reference firmware.
pub(super) fn firmware(device: &str, options: &QemuOptions) -> Result<PathBuf, DeviceError> {
    if let Some(elf) = &options.elf {
        return elf
            .canonicalize()
            .map_err(|error| DeviceError::NotAvailable {
                device: device.to_owned(),
                reason: format!("its firmware {} cannot be read: {error}", elf.display()),
            });
    }
    let board = Board::of_machine(&options.machine).ok_or_else(|| DeviceError::NotAvailable {
        device: device.to_owned(),
        reason: format!(
            "the reference firmware has no port to machine `{}`, only to {}",
            options.machine,
            Board::ALL.map(Board::machine).join(" and ")
        ),
    })?;
    cross_build(&FirmwareSources::reference(), board, &[]).map_err(|source| DeviceError::Build {
        device: device.to_owned(),
        source,
    })
}

/// The emulator with what every tier needs; no display, no monitor, nothing on its standard input.
pub(super) fn command(options: &QemuOptions, elf: &Path) -> Command {
    let mut command = Command::new(QEMU);
    command
        .args(["-machine", &options.machine, "-display", "none"])
        .args(["-monitor", "none", "-parallel", "none"])
        .arg("-kernel")
        .arg(elf)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

pub(super) fn not_started(device: &str, source: io::Error) -> DeviceError {
    if source.kind() == io::ErrorKind::NotFound {
        return DeviceError::NotAvailable {
            device: device.to_owned(),
            reason: format!("{QEMU} is not on PATH (apt install qemu-system-arm)"),
        };
    }
    DeviceError::Start {
        program: QEMU.to_owned(),
        source,
    }
}

fn pipe(path: &Path) -> io::Result<OwnedFd> {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
    let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(open(path, flags, Mode::empty())?)
}
