//! Speed of the link, of the tiers in lockstep, and their ratio to real time.
//!
//! `cargo bench --bench link`; the first lines say how many times faster than real time the reference firmware
//! answers 3 axes at 4 kHz: in its own process, in QEMU over pipes (at least 10 is required of both, 60 is the
//! aim for QEMU), and in QEMU over an emulated UART. The tiers are each other's peers in one run.
#![allow(clippy::expect_used, clippy::cast_possible_wrap)] // a benchmark may panic
use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use divan::counter::{BytesCount, ItemsCount};
use frogbench::device::{DeviceSpec, NativeOptions, Session, SessionOptions, StreamConfig};
use frogbench::link::{Decoder, encode_frame, encode_samples, kind};

const RATE_HZ: f64 = 4000.0;
const SECONDS: usize = 20;

fn main() {
    let native = [(16, 32), (24, 32), (24, 64)].map(|(bits, batch)| (native(), bits, batch));
    let emulated = ["qemu", "qemu-serial"].map(emulated);
    let emulated = emulated.into_iter().flatten().map(|spec| (spec, 16, 32));
    for (spec, bits, batch) in native.into_iter().chain(emulated) {
        let mut stream = Stream::open(&spec, bits, batch);
        let start = Instant::now();
        stream.feed();
        let took_s = start.elapsed().as_secs_f64();
        let ratio = SECONDS as f64 / took_s;
        println!(
            "{spec}, 3 axes x 4 kHz x {bits} bit, {batch} samples a frame: {ratio:.1} x real time"
        );
        let usage = stream.session.usage().expect("the device answers");
        let instructions =
            usage.map_or(0, |usage| usage.cycles.iter().map(|n| u64::from(*n)).sum());
        let report = stream.session.finish().expect("the session ends in order");
        report.require_clean().expect("nothing is lost");
        println!(
            "  round trip p50 {} us, p99 {} us; {} bytes up, {} down",
            report.latency.quantile_us(0.5).unwrap_or(0),
            report.latency.quantile_us(0.99).unwrap_or(0),
            report.bytes_up,
            report.bytes_down
        );
        if instructions > 0 {
            println!(
                "  {} instructions per sample",
                instructions / report.samples_sent
            );
        }
    }
    divan::main();
}

struct Stream {
    session: Session,
    samples: Vec<[i32; 3]>,
    batch: usize,
}

fn native() -> DeviceSpec {
    let executable = Some(PathBuf::from(env!("CARGO_BIN_EXE_frogbench")));
    DeviceSpec::Native(NativeOptions { executable })
}

/// The tier, or a line that says what it lacks.
fn emulated(tier: &str) -> Option<DeviceSpec> {
    for program in ["arm-none-eabi-gcc", "qemu-system-arm"] {
        if Command::new(program).arg("--version").output().is_err() {
            println!("SKIPPED {tier}: {program} not installed");
            return None;
        }
    }
    tier.parse().ok()
}

impl Stream {
    fn open(spec: &DeviceSpec, bits: u8, batch: u8) -> Self {
        let config = StreamConfig {
            nominal_rate_hz: RATE_HZ,
            axes: 3,
            bits,
            scale_m_s2_per_lsb: 4.786e-3,
            range_m_s2: 156.9,
            timestamp_tick_ns: 1000,
            fifo_batch: batch,
            epoch_us: 0,
            run_id: 0,
        };
        let options = SessionOptions {
            hello_timeout: Duration::from_secs(20),
            ..SessionOptions::default()
        };
        let session = Session::open(spec, &config, options).expect("the device starts");
        Self {
            session,
            samples: passage(SECONDS * RATE_HZ as usize),
            batch: usize::from(batch),
        }
    }

    fn feed(&mut self) {
        let t0 = self.session.next_t0() as usize;
        let stamps: Vec<u32> = (0..self.samples.len().div_ceil(self.batch))
            .map(|i| ((t0 + ((i + 1) * self.batch).min(self.samples.len())) * 250) as u32)
            .collect();
        let uplinks = self
            .session
            .feed(&self.samples, &stamps)
            .expect("the device answers");
        black_box(uplinks);
    }
}

/// Quiet noise with bursts like axles, so that the firmware has its usual work.
fn passage(count: usize) -> Vec<[i32; 3]> {
    let mut state = 1_u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 27) as i32 - 16
    };
    (0..count)
        .map(|i| {
            let in_train = (4000..40_000).contains(&(i % 60_000));
            let since_axle = i % 800;
            let burst = if in_train && since_axle < 100 {
                (100 - since_axle as i32) * 40
            } else {
                0
            };
            let sign = if i % 2 == 0 { 1 } else { -1 };
            [noise(), noise(), 2048 + noise() + sign * burst]
        })
        .collect()
}

#[divan::bench(args = [16, 24], sample_count = 5)]
fn lockstep(bencher: divan::Bencher, bits: u8) {
    let mut stream = Stream::open(&native(), bits, 32);
    bencher
        .counter(ItemsCount::new(SECONDS * RATE_HZ as usize))
        .bench_local(|| stream.feed());
}

fn coded() -> Vec<u8> {
    let samples = passage(64);
    let mut stream = Vec::new();
    for frame in 0..64_u16 {
        let mut payload = Vec::new();
        encode_samples(u32::from(frame) * 64, 0, 24, &samples, &mut payload)
            .expect("the counts fit");
        encode_frame(kind::SAMPLES, 0, frame, &payload, &mut stream);
    }
    stream
}

#[divan::bench]
fn encode(bencher: divan::Bencher) {
    bencher.counter(BytesCount::new(coded().len())).bench(coded);
}

#[divan::bench]
fn decode(bencher: divan::Bencher) {
    let stream = coded();
    bencher
        .counter(BytesCount::new(stream.len()))
        .bench_local(|| {
            let mut decoder = Decoder::new(1024);
            let mut input = &stream[..];
            let mut frames = 0;
            while let Some(frame) = decoder.next_frame(&mut input) {
                frames += usize::from(frame.is_ok());
            }
            assert_eq!(frames, 64);
        });
}
