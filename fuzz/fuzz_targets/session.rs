//! A hostile device behind a pseudo-terminal: whatever it answers, the session ends in time.
//!
//! The first byte says how far the device behaves (HELLO, ECHO, SPI instead of SAMPLES); the rest is
//! what it sends instead of answers: a byte of length, a byte of message type, and that many bytes, as a
//! frame with a right CRC or as they are.
#![no_main]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use frogbench_fuzz::device::{DeviceSpec, Session, SessionOptions, StreamConfig};
use frogbench_fuzz::link::{Decoder, DeviceHello, DeviceMessage, encode_frame, kind};
use libfuzzer_sys::fuzz_target;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// All time-outs of a session together, with room for a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

fuzz_target!(|bytes: &[u8]| {
    let Some((&manner, script)) = bytes.split_first() else {
        return;
    };
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let path = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    // Opened here as well, so that the master never sees a hang-up before the bench has come.
    let keep = File::options().read(true).write(true).open(&path).unwrap();
    let script = script.to_vec();
    let device = std::thread::spawn(move || play(master, manner, script));
    let begun = Instant::now();
    run(path);
    assert!(begun.elapsed() < LONGEST, "the session hung");
    drop(keep);
    device.join().unwrap();
});

fn run(path: String) {
    let spec = DeviceSpec::Serial { path, baud: 115_200 };
    let config = StreamConfig {
        nominal_rate_hz: 4000.0,
        axes: 3,
        bits: 24,
        scale_m_s2_per_lsb: 9.806_65 / 256_000.0,
        range_m_s2: 19.6,
        timestamp_tick_ns: 1000,
        fifo_batch: 32,
        epoch_us: 1_700_000_000_000_000,
        run_id: 1,
    };
    let options = SessionOptions {
        hello_timeout: Duration::from_millis(20),
        reply_timeout: Duration::from_millis(10),
        probe_after: Duration::from_millis(3),
        ..SessionOptions::default()
    };
    let Ok(mut session) = Session::open(&spec, &config, options) else {
        return;
    };
    for _ in 0..4 {
        let next = session.next_t0();
        if session.skip(next, config.epoch_us, 2500, true).is_err() {
            return;
        }
        let messages = session.feed(&[[1, 2, 3]; 96], &[8000, 16_000, 24_000]);
        if messages.is_err() {
            return;
        }
    }
    if let Ok(report) = session.finish() {
        let _ = report.require_clean();
    }
}

/// The device's side, until the bench hangs up or the script ends.
fn play(master: OwnedFd, manner: u8, script: Vec<u8>) {
    let mut line = File::from(master);
    let mut decoder = Decoder::new(4096);
    let mut sequence = 0;
    let mut rest = &script[..];
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = line.read(&mut bytes) {
        let mut input = &bytes[..count];
        while let Some(frame) = decoder.next_frame(&mut input) {
            let Ok(frame) = frame else { continue };
            let mut out = Vec::new();
            let mut send = |kind: u8, payload: &[u8], out: &mut Vec<u8>| {
                encode_frame(kind, 0, sequence, payload, out);
                sequence = sequence.wrapping_add(1);
            };
            match frame.kind {
                kind::HELLO if manner & 1 == 0 => {
                    let hello = DeviceHello {
                        major: 1,
                        minor: 0,
                        max_frame: 1024,
                        credits: 1 + (manner >> 3),
                        axes: 3,
                        bits: 24,
                        spi: manner & 4 != 0,
                        boot_count: 1,
                        name: "fuzz".into(),
                        build: String::new(),
                    };
                    let (kind, payload) = DeviceMessage::Hello(hello).encode();
                    send(kind, &payload, &mut out);
                }
                kind::ECHO if manner & 2 == 0 => send(kind::DEVICE_ECHO, frame.payload, &mut out),
                _ => {
                    let [length, kind, tail @ ..] = rest else {
                        return;
                    };
                    let (now, later) = tail.split_at(usize::from(*length).min(tail.len()));
                    rest = later;
                    if *kind < 0x40 {
                        out.extend_from_slice(now);
                    } else {
                        send(0x80 | kind, now, &mut out);
                    }
                }
            }
            if line.write_all(&out).is_err() {
                return;
            }
        }
    }
}
