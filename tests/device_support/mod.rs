//! Devices for the tests: the real binary, cores built on the spot, and puppets on a pseudo-terminal.
use std::cell::RefCell;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use frogbench::device::{DeviceSpec, NativeOptions, Session, SessionOptions, StreamConfig};
use frogbench::link::{
    BenchHello, BenchMessage, Decoder, DeviceHello, DeviceMessage, encode_frame, kind,
};
use proptest::prelude::*;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

pub(crate) fn config(bits: u8, fifo_batch: u8) -> StreamConfig {
    StreamConfig {
        nominal_rate_hz: 4000.0,
        axes: 3,
        bits,
        scale_m_s2_per_lsb: 4.786e-3,
        range_m_s2: 156.9064,
        timestamp_tick_ns: 1000,
        fifo_batch,
        epoch_us: 1_700_000_000_000_000,
        run_id: 42,
    }
}

/// The binary under test as a device.
pub(crate) fn reference() -> DeviceSpec {
    let executable = Some(PathBuf::from(env!("CARGO_BIN_EXE_frogbench")));
    DeviceSpec::Native(NativeOptions { executable })
}

/// Counts that differ everywhere, within +-limit.
pub(crate) fn ramp(count: usize, limit: i32) -> Vec<[i32; 3]> {
    let fold = |value: i64| (value % i64::from(limit)) as i32;
    (0..count as i64)
        .map(|i| [fold(i * 7919), -fold(i * 104_729), fold(i) - limit / 2])
        .collect()
}

/// Time stamps at exactly 4 kHz.
pub(crate) fn stamps(t0: u32, count: usize, config: &StreamConfig) -> Vec<u32> {
    let batch = usize::from(config.fifo_batch);
    (0..count.div_ceil(batch))
        .map(|i| {
            t0.wrapping_add(((i + 1) * batch).min(count) as u32)
                .wrapping_mul(250)
        })
        .collect()
}

pub(crate) fn is_running(id: u32) -> bool {
    Path::new(&format!("/proc/{id}/stat")).exists()
}

pub(crate) fn kill(id: u32) {
    let id = rustix::process::Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::KILL).unwrap();
}

/// Builds shim, native port and the loop-back core of `tests/device_core` as a program of its own, as
/// a sensor maker does with another core. `None`, and a line that says so, without a C compiler.
pub(crate) fn built_core(name: &str, flags: &[&str], sanitized: bool) -> Option<DeviceSpec> {
    let program = compile(name, flags, sanitized)?;
    Some(DeviceSpec::Native(NativeOptions {
        executable: Some(program),
    }))
}

fn compile(name: &str, flags: &[&str], sanitized: bool) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixtures = root.join("firmware-fixtures");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("device-{name}"));
    let build = |sanitizers: &[&str]| {
        Command::new("cc")
            .args([
                "-std=c11",
                "-O2",
                "-g",
                "-ffp-contract=off",
                "-Wall",
                "-Wextra",
                "-Werror",
            ])
            .args(sanitizers)
            .args(flags)
            .arg("-D_POSIX_C_SOURCE=200809L")
            .arg("-DFB_NATIVE_MAIN")
            .arg("-I")
            .arg(root.join("tests/device_core"))
            .arg("-I")
            .arg(fixtures.join("shim"))
            .arg(root.join("tests/device_core/fb_core.c"))
            .arg(fixtures.join("shim/fb_link.c"))
            .arg(fixtures.join("ports/native/native.c"))
            .arg("-o")
            .arg(&program)
            .output()
    };
    let sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let first = if sanitized {
        build(&sanitizers)
    } else {
        build(&[])
    };
    let Ok(output) = first else {
        println!("skipped: no C compiler `cc` to build the device `{name}`");
        return None;
    };
    if output.status.success() {
        return Some(program);
    }
    // A compiler without the sanitizers' libraries: the plain build must work then.
    let plain = build(&[]).unwrap();
    assert!(
        plain.status.success(),
        "{}",
        String::from_utf8_lossy(&plain.stderr)
    );
    println!("note: device `{name}` is built without sanitizers");
    Some(program)
}

pub(crate) fn bare_hello() -> DeviceHello {
    DeviceHello {
        spi: false,
        major: 1,
        minor: 0,
        max_frame: 1024,
        credits: 4,
        axes: 3,
        bits: 16,
        boot_count: 7,
        name: "puppet".into(),
        build: "0".into(),
    }
}

pub(crate) fn frame(message: &DeviceMessage, sequence: u16) -> Vec<u8> {
    let (kind, payload) = message.encode();
    let mut out = Vec::new();
    encode_frame(kind, 0, sequence, &payload, &mut out);
    out
}

/// A frame that the bench sent to a puppet.
pub(crate) struct BenchFrame {
    pub(crate) kind: u8,
    pub(crate) payload: Vec<u8>,
}

/// A device on a pseudo-terminal whose answers a closure writes.
pub(crate) struct Puppet {
    pub(crate) path: String,
    master: OwnedFd,
}

impl Puppet {
    /// `answer` gets each frame of the bench; it returns `false` to end.
    pub(crate) fn new(
        mut answer: impl FnMut(&mut File, BenchFrame) -> bool + Send + 'static,
    ) -> Self {
        let puppet = Self::silent();
        let mut line = File::from(puppet.master.try_clone().unwrap());
        std::thread::spawn(move || {
            let mut decoder = Decoder::new(4096);
            let mut bytes = [0; 4096];
            loop {
                match line.read(&mut bytes) {
                    Ok(count @ 1..) => {
                        let mut input = &bytes[..count];
                        while let Some(frame) = decoder.next_frame(&mut input) {
                            let Ok(frame) = frame else { continue };
                            let (kind, payload) = (frame.kind, frame.payload.to_vec());
                            if !answer(&mut line, BenchFrame { kind, payload }) {
                                return;
                            }
                        }
                    }
                    // Nobody has opened the terminal, or nobody has it open any more.
                    _ => return,
                }
            }
        });
        puppet
    }

    pub(crate) fn silent() -> Self {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        Self { path, master }
    }

    /// Starts the firmware of the binary under test behind the terminal.
    pub(crate) fn attach(&self, program: &str) -> Child {
        let end = || Stdio::from(self.master.try_clone().unwrap());
        let mut command = Command::new(program);
        command.arg("native-device").stdin(end()).stdout(end());
        command.spawn().unwrap()
    }

    pub(crate) fn spec(&self) -> DeviceSpec {
        format!("serial:{}", self.path).parse().unwrap()
    }
}

thread_local! {
    static ECHO: RefCell<Option<Session>> = const { RefCell::new(None) };
    static HOSTILE: RefCell<Option<HostileDevice>> = const { RefCell::new(None) };
}

/// One session for all cases of a property.
pub(crate) fn with_echo_session(
    run: impl FnOnce(&mut Session) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    ECHO.with_borrow_mut(|slot| {
        run(slot.get_or_insert_with(|| {
            Session::open(&reference(), &config(16, 32), SessionOptions::default()).unwrap()
        }))
    })
}

/// One sanitized device process, talked to over plain pipes, for all cases of a property.
pub(crate) fn with_hostile_device(
    run: impl FnOnce(&mut HostileDevice) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    HOSTILE.with_borrow_mut(|slot| {
        if slot.is_none() {
            let Some(program) = compile("hostile", &[], true) else {
                return Ok(());
            };
            *slot = Some(HostileDevice::start(&program));
        }
        run(slot.as_mut().unwrap())
    })
}

/// Bytes that a shim may meet: noise, or a frame with a right CRC and any contents but BYE and PROVOKE, which end it.
pub(crate) fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..1500);
    let kinds = prop_oneof![
        Just(1_u8),
        Just(2),
        Just(3),
        Just(4),
        Just(5),
        7..=9_u8,
        11..=255_u8
    ];
    let noise = bytes.clone();
    let framed = (kinds.clone(), any::<u16>(), bytes).prop_map(|(kind, sequence, payload)| {
        let mut out = Vec::new();
        encode_frame(kind, 0, sequence, &payload, &mut out);
        out
    });
    // Close to valid: a HELLO that is accepted, then sample counts that lie.
    let lying = (
        any::<u16>(),
        any::<u8>(),
        any::<u8>(),
        any::<u32>(),
        0..1000_usize,
    )
        .prop_map(|(n, batch, bits, tick, length)| {
            let hello = BenchHello {
                bits: if bits & 1 == 0 { 16 } else { 24 },
                fifo_batch: batch,
                timestamp_tick_ns: tick,
                ..accepted_hello()
            };
            let (kind, payload) = BenchMessage::Hello(hello).encode(16).unwrap();
            let mut out = vec![0];
            encode_frame(kind, 0, 0, &payload, &mut out);
            let mut samples = vec![0xa5; 12 + length];
            samples[4..6].copy_from_slice(&(n % 300).to_le_bytes());
            encode_frame(kind::SAMPLES, 0, 1, &samples, &mut out);
            out
        });
    prop_oneof![noise, framed, lying]
}

fn accepted_hello() -> BenchHello {
    BenchHello {
        major: 1,
        minor: 0,
        max_frame: 4096,
        axes: 3,
        bits: 16,
        fifo_batch: 32,
        nominal_rate_mhz: 4_000_000,
        scale_nm_s2_per_lsb: 1,
        range_mm_s2: 1,
        timestamp_tick_ns: 1000,
        epoch_us: 0,
        run_id: 0,
    }
}

pub(crate) struct HostileDevice {
    child: Child,
    input: ChildStdin,
    hellos: Receiver<DeviceHello>,
}

impl HostileDevice {
    fn start(program: &Path) -> Self {
        let mut child = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let mut output = child.stdout.take().unwrap();
        let (sender, hellos) = channel();
        std::thread::spawn(move || {
            let mut decoder = Decoder::new(4096);
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                let mut input = &bytes[..count];
                while let Some(frame) = decoder.next_frame(&mut input) {
                    let frame = frame.unwrap();
                    let message = DeviceMessage::decode(frame.kind, frame.payload).unwrap();
                    if let DeviceMessage::Hello(hello) = message
                        && sender.send(hello).is_err()
                    {
                        return;
                    }
                }
            }
        });
        Self {
            child,
            input,
            hellos,
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.input.write_all(bytes).unwrap();
    }

    /// Sends a HELLO of 24 bits and waits for its answer.
    pub(crate) fn answers_hello(&mut self) -> bool {
        while self.hellos.try_recv().is_ok() {}
        let hello = BenchHello {
            bits: 24,
            ..accepted_hello()
        };
        let (kind, payload) = BenchMessage::Hello(hello).encode(24).unwrap();
        let mut out = vec![0];
        encode_frame(kind, 0, 77, &payload, &mut out);
        self.write(&out);
        // Answers to hostile HELLOs may come first.
        while let Ok(answer) = self.hellos.recv_timeout(Duration::from_secs(10)) {
            if answer.bits == 24 && answer.axes == 3 {
                return true;
            }
        }
        false
    }
}

impl Drop for HostileDevice {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
