//! The reference firmware in QEMU: the same bytes and times on every run and on every tier, and what is left of
//! it when it fails.
#![allow(clippy::unwrap_used)] // helpers of tests, too, may panic

mod scenario;
mod support;

use std::time::{Duration, Instant};

use frogbench::device::{
    Board, DeviceError, DeviceSpec, FirmwareSources, Misfortune, Session, SessionOptions,
    cross_build,
};
use frogbench::exit;
use support::{config, native, passage, patience, skipped, stamps, two_passages};

fn tier(name: &str) -> DeviceSpec {
    name.parse().unwrap()
}

#[test]
fn four_emulators_at_once_give_the_bytes_instructions_and_clock_of_one() {
    if skipped("four_emulators_at_once_give_the_bytes_instructions_and_clock_of_one") {
        return;
    }
    let alone = two_passages(&tier("qemu"));
    let again = two_passages(&tier("qemu"));
    assert_eq!(alone, again);
    std::thread::scope(|scope| {
        let side_by_side: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| two_passages(&tier("qemu"))))
            .collect();
        for instance in side_by_side {
            assert_eq!(instance.join().unwrap(), alone);
        }
    });
    assert!(!alone.messages.is_empty());
    for usage in &alone.usage {
        let usage = usage.as_ref().unwrap();
        // A frame each: 500 of them, every one counted.
        assert_eq!(usage.cycles.len(), 500);
        assert!(
            usage
                .cycles
                .iter()
                .all(|count| (100..4_000_000).contains(count))
        );
        let stack = usage.device;
        assert!(
            stack.stack_peak > 64 && stack.stack_peak < stack.stack_size,
            "{stack:?}"
        );
    }
    // The device's own clock: sample time, after a pause of an hour as well.
    // and what it has worked since, at 32 ns per instruction.
    for (usage, sample_s) in alone.usage.iter().zip([4.0, 3604.0]) {
        let usage = usage.as_ref().unwrap();
        let seconds = usage.device.clock_ns as f64 * 1e-9;
        let work_s: f64 = usage.cycles.iter().map(|n| f64::from(*n) * 32e-9).sum();
        assert!(
            seconds >= sample_s && seconds < sample_s + work_s,
            "{seconds} s instead of {sample_s} s, and {work_s} s of work"
        );
    }
}

#[test]
fn native_and_emulated_firmware_say_the_same_bytes_at_the_same_ticks() {
    if skipped("native_and_emulated_firmware_say_the_same_bytes_at_the_same_ticks") {
        return;
    }
    let native = two_passages(&native());
    for name in ["qemu", "qemu-serial"] {
        let emulated = two_passages(&tier(name));
        assert_eq!(emulated.said(), native.said(), "{name}");
    }
    assert!(
        native
            .messages
            .iter()
            .any(|message| message.bytes.len() > 20)
    );
}

#[test]
fn the_emulated_uart_is_a_serial_device_like_any_other() {
    if skipped("the_emulated_uart_is_a_serial_device_like_any_other") {
        return;
    }
    let mut session = Session::open(&tier("qemu-serial"), &config(), patience()).unwrap();
    let id = session.process_id().unwrap();
    assert_eq!(session.identity().credits, 1);
    assert_eq!(session.identity().boot_count, 1);
    let samples = passage();
    session.feed(&samples, &stamps(0, samples.len())).unwrap();
    // A reset goes over the same line, and memory that a reset keeps is kept.
    session.provoke(Misfortune::Reset).unwrap();
    assert_eq!(session.identity().boot_count, 2);
    let next = session.next_t0();
    session
        .feed(&samples, &stamps(next, samples.len()))
        .unwrap();
    let report = session.finish().unwrap();
    assert_eq!((report.frames_sent, report.results), (1000, 1000));
    assert!(!std::path::Path::new(&format!("/proc/{id}")).exists());
}

/// The first 1000 samples, then a misfortune, then the rest: the error of it.
fn failure(spec: &DeviceSpec, misfortune: Misfortune, patience: SessionOptions) -> DeviceError {
    let mut session = Session::open(spec, &config(), patience).unwrap();
    let samples = passage();
    session.skip(0, 1_767_225_600_000_000, 2150, false).unwrap();
    session.feed(&samples[..960], &stamps(0, 960)).unwrap();
    let failed = session
        .provoke(misfortune)
        .and_then(|()| session.feed(&samples[960..], &stamps(960, samples.len() - 960)));
    failed.unwrap_err()
}

/// Line of the first place in a fixture file that holds `text`.
fn line_of(file: &str, text: &str) -> usize {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = std::fs::read_to_string(path).unwrap();
    source.lines().position(|line| line.contains(text)).unwrap() + 1
}

#[test]
fn a_crash_names_the_line_of_c_the_registers_and_the_last_messages() {
    if skipped("a_crash_names_the_line_of_c_the_registers_and_the_last_messages") {
        return;
    }
    let file = "firmware-fixtures/ports/cortex-m4/provoke.c";
    // The bus of the LM3S6965 swallows the write: there it is the instruction after it.
    let faults = [
        (
            "qemu",
            "0xdffffff0u",
            "BFAR=dffffff0",
            "bus error on a data access",
        ),
        (
            "qemu-serial",
            "udf #0",
            "CFSR=00010000",
            "undefined instruction",
        ),
    ];
    for (name, statement, register, words) in faults {
        let place = format!("{file}:{}", line_of(file, statement));
        let error = failure(&tier(name), Misfortune::HardFault, patience());
        let text = error.to_string();
        let DeviceError::Crashed { sample, last, .. } = &error else {
            panic!("{text}");
        };
        assert_eq!(*sample, 960, "{text}");
        // 960 samples at 4 kHz after New Year.
        assert_eq!(last.instant, "2026-01-01T00:00:00.24Z");
        assert_eq!(last.boot_count, 1);
        for part in [
            place.as_str(),
            "in write_to_nowhere",
            "HFSR=40000000",
            register,
            words,
            "< RESULT for 928, 32 of them, at ",
        ] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
        assert_eq!(error.exit_code(), exit::DEVICE_UNREACHABLE);
    }
}

#[test]
fn a_native_crash_names_the_signal_and_the_last_messages() {
    let error = failure(&native(), Misfortune::HardFault, patience());
    let text = error.to_string();
    assert!(matches!(error, DeviceError::Died { .. }), "{text}");
    for part in [
        "SIGSEGV",
        "instant: 2026-01-01T00:00:00.24Z",
        "boot count: 1",
        "< RESULT for 928",
    ] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

#[test]
fn a_hang_ends_in_a_time_out_that_names_device_frame_and_instant() {
    let mut short = patience();
    short.reply_timeout = Duration::from_secs(3);
    let mut tiers = vec![native()];
    if !skipped("a_hang_ends_in_a_time_out_that_names_device_frame_and_instant (emulated)") {
        tiers.extend([tier("qemu"), tier("qemu-serial")]);
    }
    for spec in tiers {
        let begun = Instant::now();
        let error = failure(&spec, Misfortune::Hang, short.clone());
        assert!(begun.elapsed() < Duration::from_secs(30));
        let text = error.to_string();
        assert!(
            matches!(error, DeviceError::Silent { sample: 960, .. }),
            "{text}"
        );
        for part in [
            spec.to_string().as_str(),
            "RESULT for the frame at sample 928",
            "instant: 2026-01-01T00:00:00.24Z",
            "> SAMPLES 960 to ",
        ] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }
}

#[test]
fn a_restart_on_command_counts_and_the_session_goes_on() {
    let mut tiers = vec![native()];
    if !skipped("a_restart_on_command_counts_and_the_session_goes_on (emulated)") {
        tiers.push(tier("qemu"));
    }
    for spec in tiers {
        let mut session = Session::open(&spec, &config(), patience()).unwrap();
        let samples = passage();
        session.feed(&samples[..3200], &stamps(0, 3200)).unwrap();
        session.provoke(Misfortune::BrownOut).unwrap();
        session.provoke(Misfortune::Reset).unwrap();
        assert_eq!(session.identity().boot_count, 3, "{spec}");
        assert_eq!(session.next_t0(), 3200);
        session
            .feed(&samples[3200..], &stamps(3200, samples.len() - 3200))
            .unwrap();
        let report = session.finish().unwrap();
        assert_eq!((report.results, report.lost), (500, 0), "{spec}");
    }
}

/// Starts of a device outlast its process or emulator, as a counter in flash does, and resets in the next one go on
/// from there.
#[test]
fn the_count_of_starts_outlasts_a_loss_of_power() {
    let mut tiers = vec![native()];
    if !skipped("the_count_of_starts_outlasts_a_loss_of_power (emulated)") {
        tiers.extend([tier("qemu"), tier("qemu-serial")]);
    }
    for spec in tiers {
        let mut session = Session::open(&spec, &config(), patience()).unwrap();
        session.provoke(Misfortune::Reset).unwrap();
        let again = SessionOptions {
            boot_count: 3,
            ..patience()
        };
        session.restart(&spec, &config(), again).unwrap();
        assert_eq!(session.identity().boot_count, 3, "{spec}");
        for expected in [4, 5] {
            session.provoke(Misfortune::Reset).unwrap();
            assert_eq!(session.identity().boot_count, expected, "{spec}");
        }
        let messages = session.skip(0, 1_767_225_600_000_000, 2150, true).unwrap();
        let beat = messages.last().unwrap();
        assert_eq!(beat.bytes[56..58], 5_u16.to_le_bytes(), "{spec}");
        session.finish().unwrap();
    }
}

#[test]
fn firmware_that_does_not_build_says_what_the_compiler_says() {
    if skipped("firmware_that_does_not_build_says_what_the_compiler_says") {
        return;
    }
    let broken = ["fb_init=1+".to_owned()];
    let error = cross_build(&FirmwareSources::reference(), Board::Mps2An386, &broken).unwrap_err();
    assert!(error.to_string().contains("error:"), "{error}");
}
