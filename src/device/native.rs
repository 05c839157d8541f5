//! The native tier: the reference firmware as a process of its own behind a pseudo-terminal.

use std::ffi::c_int;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{PidfdFlags, pidfd_open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::error::DeviceError;
use super::folder::PrivateFolder;
use super::line::{Lifeline, Line};
use super::serial::open_line;
use super::spec::{DEFAULT_BAUD, NativeOptions};

/// Hidden subcommand with which the binary runs the firmware instead of the bench.
pub const NATIVE_SUBCOMMAND: &str = "native-device";

/// Environment variable that stands for the counter of starts in a device's non-volatile memory.
const BOOT_COUNT: &str = "FB_BOOT_COUNT";

/// How much of a process's standard error is kept, in bytes.
const STDERR_KEPT: usize = 4096;

/// Runs the firmware on standard input and output until the bench says BYE or goes away; returns the
/// process's exit code. This is the whole of the hidden subcommand [`NATIVE_SUBCOMMAND`].
pub fn native_device_main() -> u8 {
    die_with_the_bench();
    u8::try_from(run_firmware(0, 1)).unwrap_or(crate::exit::INTERNAL)
}

/// The firmware reads end-of-file when the bench is gone, unless it hangs: then this ends it. (Not
/// `PR_SET_PDEATHSIG`: that kills as soon as the *thread* ends that started the process.)
fn die_with_the_bench() {
    let bench = rustix::process::getppid();
    thread::spawn(move || {
        while rustix::process::getppid() == bench {
            thread::sleep(Duration::from_millis(500));
        }
        std::process::exit(i32::from(crate::exit::DEVICE_UNREACHABLE));
    });
}

// The one foreign call of the crate. `fb_native_run` takes two plain integers, keeps no pointer of
// ours and is called once per process, as its static memory demands.
#[allow(unsafe_code)]
fn run_firmware(input: c_int, output: c_int) -> c_int {
    unsafe extern "C" {
        safe fn fb_native_run(in_fd: c_int, out_fd: c_int) -> c_int;
    }
    fb_native_run(input, output)
}

/// A pseudo-terminal: its master, and the path under which the other side opens.
pub(super) fn open_pty() -> io::Result<(OwnedFd, String)> {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let path = ptsname(&master, Vec::new())?;
    Ok((master, path.to_string_lossy().into_owned()))
}

/// A firmware process; ended and reaped when dropped.
#[derive(Debug)]
pub(super) struct NativeProcess {
    child: Child,
    stderr: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
    _folder: Option<PrivateFolder>,
    /// It is a board: it does not end with the session.
    pub(super) goes_on: bool,
}

/// Starts the firmware and opens the line to it.
pub(super) fn start(
    device: &str,
    options: &NativeOptions,
    boot_count: u32,
) -> Result<(NativeProcess, Line), DeviceError> {
    let own = || {
        std::env::current_exe().map_err(|source| DeviceError::Open {
            device: device.to_owned(),
            source,
        })
    };
    let program = options.executable.clone().map_or_else(own, Ok)?;
    let mut command = Command::new(&program);
    command
        .arg(NATIVE_SUBCOMMAND)
        .env(BOOT_COUNT, boot_count.to_string());
    behind_terminal(device, command, None, |source| DeviceError::Start {
        program: program.display().to_string(),
        source,
    })
}

/// Starts a process with a pseudo-terminal as standard input and output, and opens its other side as a
/// serial line.
pub(super) fn behind_terminal(
    device: &str,
    mut command: Command,
    folder: Option<PrivateFolder>,
    not_started: impl FnOnce(io::Error) -> DeviceError,
) -> Result<(NativeProcess, Line), DeviceError> {
    let fail = |source| DeviceError::Open {
        device: device.to_owned(),
        source,
    };
    let (master, path) = open_pty().map_err(fail)?;
    // The bench's side first: it makes the terminal raw before the firmware writes to it, and the
    // firmware never sees a terminal without a bench.
    let mut line = open_line(device, &path, DEFAULT_BAUD)?;
    let input = master.try_clone().map_err(fail)?;
    let output = master.try_clone().map_err(fail)?;
    let child = command
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(output))
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_started)?;
    let process = NativeProcess::new(child, folder);
    let ended = process.end().map_err(fail)?;
    line.watch(Lifeline {
        ended,
        _other_end: Some(master),
    });
    Ok((process, line))
}

fn keep_tail(mut from: ChildStderr, kept: &Mutex<Vec<u8>>) {
    let mut bytes = [0; 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(&bytes[..count]);
        let excess = kept.len().saturating_sub(STDERR_KEPT);
        kept.drain(..excess);
    }
}

impl NativeProcess {
    /// Takes over a process that was just started; `folder` goes when it has ended.
    pub(super) fn new(mut child: Child, folder: Option<PrivateFolder>) -> Self {
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let reader = child.stderr.take().map(|from| {
            let kept = Arc::clone(&stderr);
            thread::spawn(move || keep_tail(from, &kept))
        });
        Self {
            child,
            stderr,
            reader,
            _folder: folder,
            goes_on: false,
        }
    }

    /// A descriptor that is readable as soon as the process has ended.
    pub(super) fn end(&self) -> io::Result<OwnedFd> {
        let id = rustix::process::Pid::from_child(&self.child);
        Ok(pidfd_open(id, PidfdFlags::empty())?)
    }

    /// Process id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end of the process, at most for `wait`; `None` if it goes on.
    pub(super) fn wait(&mut self, wait: Duration) -> io::Result<Option<ExitStatus>> {
        let deadline = Instant::now() + wait;
        loop {
            let status = self.child.try_wait()?;
            if status.is_some() || Instant::now() >= deadline {
                return Ok(status);
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// The end of what the process wrote to its standard error. Call it when the process has ended.
    pub(super) fn stderr_tail(&mut self) -> String {
        // A grandchild could hold the pipe open for ever: look once, wait only for what is on its way.
        let deadline = Instant::now() + Duration::from_millis(200);
        if let Some(reader) = self.reader.take() {
            while !reader.is_finished() && Instant::now() < deadline {
                thread::sleep(Duration::from_millis(1));
            }
        }
        let kept = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&kept).trim().to_owned()
    }
}

impl Drop for NativeProcess {
    fn drop(&mut self) {
        // Killing a process that has ended already is no error; a child is always reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
