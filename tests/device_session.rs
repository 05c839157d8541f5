//! Sessions with real child processes, and with devices that misbehave.
#![allow(clippy::unwrap_used, clippy::cast_possible_wrap)] // helpers of tests, too, may panic
mod device_support;

use std::io::Write;
use std::time::{Duration, Instant};

use device_support::{
    Puppet, bare_hello, built_core, config, frame, is_running, kill, ramp, reference, stamps,
};
use frogbench::device::{DeviceError, LinkFault, LinkFaultKind, Session, SessionOptions};
use frogbench::exit;
use frogbench::link::{DeviceMessage, DeviceStats};
use proptest::prelude::*;

fn quick() -> SessionOptions {
    SessionOptions {
        hello_timeout: Duration::from_secs(5),
        reply_timeout: Duration::from_millis(800),
        probe_after: Duration::from_millis(100),
        ..SessionOptions::default()
    }
}

#[test]
fn the_reference_firmware_answers_every_frame_and_leaves_no_process() {
    let config = config(24, 32);
    let mut session = Session::open(&reference(), &config, SessionOptions::default()).unwrap();
    let id = session.process_id().unwrap();
    assert_eq!(session.identity().protocol, (1, 1));
    assert!(!session.identity().name.is_empty());
    assert!(is_running(id));
    for window in 0..3_u32 {
        let samples = ramp(4000, 1 << 16);
        session
            .feed(&samples, &stamps(session.next_t0(), samples.len(), &config))
            .unwrap();
        let next = session.next_t0() + 1_000_000;
        session
            .skip(next, u64::from(window + 1) * 3_600_000_000, 2150, true)
            .unwrap();
    }
    let report = session.finish().unwrap();
    report.require_clean().unwrap();
    assert_eq!((report.frames_sent, report.results), (375, 375));
    assert_eq!(report.samples_sent, 12_000);
    assert_eq!(report.latency.count(), 375);
    assert!(!is_running(id));
}

#[test]
fn the_firmware_sees_the_very_counts_stamps_and_clock_that_were_sent() {
    let Some(core) = built_core("identity", &[], true) else {
        return;
    };
    for (bits, batch) in [(16, 64), (24, 33), (24, 1), (16, 167), (24, 111)] {
        let config = config(bits, batch);
        let mut session = Session::open(&core, &config, SessionOptions::default()).unwrap();
        let limit = 1 << (bits - 1);
        let mut samples = ramp(1000, limit);
        samples.extend([[-limit, limit - 1, 0], [-1, 1, -limit], [limit - 1; 3]]);
        let ticks = stamps(0, samples.len(), &config);
        let uplinks = session.feed(&samples, &ticks).unwrap();
        let mut seen = Vec::new();
        for uplink in &uplinks {
            let ticks = &ticks[uplink.t0 as usize / usize::from(batch)];
            let words: Vec<u32> = uplink.bytes[1..]
                .chunks_exact(4)
                .map(|b| u32::from_le_bytes(b.try_into().unwrap()))
                .collect();
            assert_eq!(uplink.bytes[0], b'S');
            assert_eq!(Some(words[0]), uplink.tick_ms);
            assert_eq!(words[1], *ticks);
            seen.extend(
                words[2..]
                    .chunks_exact(3)
                    .map(|w| [w[0], w[1], w[2]].map(|v| v as i32)),
            );
            // Lockstep: 4 kHz and 1 us ticks, so the clock stands at the end of the span.
            let end_ms = (f64::from(uplink.t0) + f64::from(uplink.n)) / 4.0;
            assert!(
                (f64::from(words[0]) - end_ms).abs() <= 1.0,
                "{} at {end_ms} ms",
                words[0]
            );
        }
        assert_eq!(seen, samples, "{bits} bits, batches of {batch}");
        let report = session.finish().unwrap();
        report.require_clean().unwrap();
        assert_eq!(
            report.uplink_bytes,
            uplinks.iter().map(|u| u.bytes.len() as u64).sum::<u64>()
        );
    }
}

#[test]
fn a_skip_sets_numbering_time_and_temperature_and_is_no_loss() {
    let Some(core) = built_core("skip", &[], true) else {
        return;
    };
    let config = config(16, 32);
    let mut session = Session::open(&core, &config, SessionOptions::default()).unwrap();
    session
        .feed(&ramp(320, 100), &stamps(0, 320, &config))
        .unwrap();
    // Half a millisecond before the millisecond clock wraps.
    let wrap_us = (1_u64 << 32) * 1000 - 500;
    let uplinks = session
        .skip(u32::MAX - 15, config.epoch_us + wrap_us, -1234, true)
        .unwrap();
    let [beat] = &uplinks[..] else {
        panic!("{uplinks:?}")
    };
    assert_eq!(
        (beat.t0, beat.n, beat.tick_ms),
        (u32::MAX - 15, 0, Some(u32::MAX))
    );
    let mut expected = vec![b'T'];
    expected.extend((config.epoch_us + wrap_us).to_le_bytes());
    expected.extend((-1234_i16).to_le_bytes());
    expected.extend(4_000_000_u32.to_le_bytes());
    expected.extend(4_786_000_u32.to_le_bytes());
    expected.extend(156_906_u32.to_le_bytes());
    expected.extend(config.epoch_us.to_le_bytes());
    assert_eq!(beat.bytes, expected);
    // Sample numbers and the millisecond clock wrap in this frame: 32 samples are 8 ms.
    let uplinks = session.feed(&ramp(32, 100), &[5]).unwrap();
    assert_eq!(uplinks[0].tick_ms, Some(7));
    assert_eq!(session.next_t0(), 16);
    session.finish().unwrap().require_clean().unwrap();
}

#[test]
fn a_killed_firmware_ends_the_session_at_once_with_its_signal() {
    let config = config(16, 32);
    let mut session = Session::open(&reference(), &config, SessionOptions::default()).unwrap();
    session
        .feed(&ramp(3200, 500), &stamps(0, 3200, &config))
        .unwrap();
    kill(session.process_id().unwrap());
    let start = Instant::now();
    let error = session
        .feed(&ramp(3200, 500), &stamps(3200, 3200, &config))
        .unwrap_err();
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    let text = error.to_string();
    assert!(
        text.contains("device native") && text.contains("signal: 9"),
        "{text}"
    );
    assert!(
        text.contains("at sample 3200") && text.contains("sample 3168"),
        "{text}"
    );
    assert_eq!(error.exit_code(), exit::DEVICE_UNREACHABLE);
}

#[test]
fn a_crash_is_reported_with_what_the_firmware_wrote() {
    let Some(core) = built_core("crash", &["-DCRASH_AT=640"], false) else {
        return;
    };
    let config = config(16, 32);
    let mut session = Session::open(&core, &config, SessionOptions::default()).unwrap();
    let error = session
        .feed(&ramp(3200, 500), &stamps(0, 3200, &config))
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("SIGABRT") && text.contains("assertion failed: ring index"),
        "{text}"
    );
    // What it answered before the crash is not lost with it.
    assert!(
        text.contains("at sample 640:") && text.contains("frame at sample 608"),
        "{text}"
    );
    assert_eq!(error.exit_code(), exit::DEVICE_UNREACHABLE);
}

#[test]
fn a_hanging_firmware_runs_into_the_time_out_and_is_ended() {
    let Some(core) = built_core("hang", &["-DHANG_AT=640"], false) else {
        return;
    };
    let config = config(16, 32);
    let mut session = Session::open(&core, &config, quick()).unwrap();
    let id = session.process_id().unwrap();
    let start = Instant::now();
    let error = session
        .feed(&ramp(32_000, 500), &stamps(0, 32_000, &config))
        .unwrap_err();
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    let text = error.to_string();
    assert!(text.contains("stopped answering at sample 640"), "{text}");
    assert!(
        text.contains("RESULT for the frame at sample 608"),
        "{text}"
    );
    assert_eq!(error.exit_code(), exit::DEVICE_UNREACHABLE);
    drop(session);
    assert!(!is_running(id));
}

#[test]
fn a_device_that_never_says_hello_is_given_up() {
    let puppet = Puppet::silent();
    let options = SessionOptions {
        hello_timeout: Duration::from_millis(300),
        ..quick()
    };
    let error = Session::open(&puppet.spec(), &config(16, 32), options).unwrap_err();
    assert!(matches!(error, DeviceError::NoHello { .. }), "{error}");
    assert!(error.to_string().contains(&puppet.path), "{error}");
    assert!(error.to_string().contains("nothing came at all"), "{error}");
    assert_eq!(error.exit_code(), exit::DEVICE_UNREACHABLE);
}

#[test]
fn a_line_with_nothing_but_noise_is_given_up_and_says_so() {
    let puppet = Puppet::new(|line, _| line.write_all(&[0x55, 0xaa, 0x00, 0x13, 0x37]).is_ok());
    let options = SessionOptions {
        hello_timeout: Duration::from_millis(300),
        ..quick()
    };
    let error = Session::open(&puppet.spec(), &config(16, 32), options).unwrap_err();
    assert!(
        error.to_string().contains("bytes came that are no frames"),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("baud"));
}

#[test]
fn a_device_that_refuses_the_stream_is_quoted() {
    let puppet = Puppet::new(|line, message| match message.kind {
        1 => {
            let fault = DeviceMessage::Fault {
                code: 2,
                text: "only 2 g".into(),
            };
            line.write_all(&frame(&fault, 0)).is_ok()
        }
        _ => true,
    });
    let error = Session::open(&puppet.spec(), &config(16, 32), quick()).unwrap_err();
    assert!(error.to_string().contains("fault 2, only 2 g"), "{error}");
    assert_eq!(error.exit_code(), exit::PROTOCOL_ERROR);
}

#[test]
fn another_major_version_and_misfits_are_refused() {
    type Spoil = fn(&mut frogbench::link::DeviceHello);
    let spoils: [(Spoil, &str); 5] = [
        (|h| h.major = 2, "speaks bench link 2.0, this bench 1."),
        (|h| h.credits = 0, "no credits"),
        (|h| h.bits = 24, "24 bits instead of 3 of 16"),
        (|h| h.axes = 1, "1 axes"),
        (|h| h.max_frame = 200, "it takes 200; lower the FIFO batch"),
    ];
    for (spoil, part) in spoils {
        let puppet = Puppet::new(move |line, message| {
            let mut hello = bare_hello();
            spoil(&mut hello);
            message.kind != 1
                || line
                    .write_all(&frame(&DeviceMessage::Hello(hello), 0))
                    .is_ok()
        });
        let error = Session::open(&puppet.spec(), &config(16, 32), quick()).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert_eq!(error.exit_code(), exit::PROTOCOL_ERROR);
    }
}

#[test]
fn a_line_that_alters_bytes_is_found_before_the_first_sample() {
    // Answers HELLO properly; of an ECHO it drops XON and XOFF, as a terminal with flow control does.
    let puppet = Puppet::new(|line, message| {
        let hello = DeviceMessage::Hello(bare_hello());
        let mut bytes = frame(&hello, 0);
        if message.kind != 1 {
            bytes = frame(&DeviceMessage::Echo(message.payload), 1);
            bytes.retain(|b| *b != 0x11 && *b != 0x13);
        }
        line.write_all(&bytes).is_ok()
    });
    let options = SessionOptions {
        hello_timeout: Duration::from_millis(300),
        ..quick()
    };
    let error = Session::open(&puppet.spec(), &config(16, 32), options).unwrap_err();
    assert!(
        matches!(error, DeviceError::NotTransparent { .. }),
        "{error}"
    );
    assert_eq!(error.exit_code(), exit::PROTOCOL_ERROR);
}

#[test]
fn garbage_before_hello_is_tolerated_and_counted() {
    let mut sequence = 0_u16;
    let puppet = Puppet::new(move |line, message| {
        let answer = match message.kind {
            1 => {
                line.write_all(b"\x00boot: rom v3\r\n\x00\xff\xff\x00")
                    .unwrap();
                DeviceMessage::Hello(bare_hello())
            }
            4 => DeviceMessage::Echo(message.payload),
            5 => DeviceMessage::Stats(DeviceStats::default()),
            _ => DeviceMessage::Bye,
        };
        let done = line.write_all(&frame(&answer, sequence)).is_ok();
        sequence += 1;
        done
    });
    let session = Session::open(&puppet.spec(), &config(16, 32), quick()).unwrap();
    let report = session.finish().unwrap();
    report.require_clean().unwrap();
    assert_eq!(report.garbage_before_hello, 16);
}

#[test]
fn a_device_that_restarts_in_mid_run_is_noticed() {
    let mut sequence = 0_u16;
    let puppet = Puppet::new(move |line, message| {
        let answer = match message.kind {
            1 => DeviceMessage::Hello(bare_hello()),
            4 => DeviceMessage::Echo(message.payload),
            _ => DeviceMessage::Fault {
                code: 1,
                text: "no session: HELLO first".into(),
            },
        };
        let done = line.write_all(&frame(&answer, sequence)).is_ok();
        sequence += 1;
        done
    });
    let config = config(16, 32);
    let mut session = Session::open(&puppet.spec(), &config, quick()).unwrap();
    let error = session
        .feed(&ramp(64, 9), &stamps(0, 64, &config))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("restarted in mid-run at sample 0"),
        "{error}"
    );
    assert_eq!(error.exit_code(), exit::DEVICE_UNREACHABLE);
}

#[test]
fn a_device_that_only_talks_and_never_answers_ends_in_a_time_out() {
    let mut sequence = 0_u16;
    let puppet = Puppet::new(move |line, message| {
        let answer = match message.kind {
            1 => DeviceMessage::Hello(bare_hello()),
            4 if sequence < 2 => DeviceMessage::Echo(message.payload),
            _ => {
                // Chatter for longer than the bench's patience.
                for _ in 0..120 {
                    let log = DeviceMessage::Log {
                        level: 2,
                        text: "alive".into(),
                    };
                    if line.write_all(&frame(&log, sequence)).is_err() {
                        return false;
                    }
                    sequence += 1;
                    std::thread::sleep(Duration::from_millis(10));
                }
                return true;
            }
        };
        let done = line.write_all(&frame(&answer, sequence)).is_ok();
        sequence += 1;
        done
    });
    let config = config(16, 32);
    let mut session = Session::open(&puppet.spec(), &config, quick()).unwrap();
    let start = Instant::now();
    let error = session
        .feed(&ramp(64, 9), &stamps(0, 64, &config))
        .unwrap_err();
    assert!(matches!(error, DeviceError::Silent { .. }), "{error}");
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_serial_device_gets_its_samples_at_their_times_and_the_jitter_is_known() {
    // The real firmware at the other end of a terminal that the bench knows by its path alone.
    let line = Puppet::silent();
    let mut firmware = line.attach(env!("CARGO_BIN_EXE_frogbench"));
    let config = config(16, 32);
    let mut session = Session::open(&line.spec(), &config, SessionOptions::default()).unwrap();
    assert_eq!(session.process_id(), None);
    let samples = ramp(2000, 1 << 12);
    let start = Instant::now();
    session.feed(&samples, &stamps(0, 2000, &config)).unwrap();
    // The last sample is due half a second after the first.
    assert!(start.elapsed() >= Duration::from_millis(500));
    let report = session.finish().unwrap();
    report.require_clean().unwrap();
    assert_eq!(report.jitter.count(), 63);
    let [median, late] = [0.5, 0.99].map(|q| report.jitter.quantile_us(q).unwrap());
    assert!(median <= late && late <= report.jitter.max_us());
    // In lockstep there is nothing to be late for.
    assert!(firmware.wait().unwrap().success());
    let mut session = Session::open(&reference(), &config, SessionOptions::default()).unwrap();
    session.feed(&samples, &stamps(0, 2000, &config)).unwrap();
    assert_eq!(session.finish().unwrap().jitter.count(), 0);
}

#[test]
fn a_serial_line_that_is_closed_and_opened_again_goes_on_with_the_same_device() {
    let line = Puppet::silent();
    // The firmware's end stays up while the bench's is closed, as a board's does.
    let kept = std::fs::File::options()
        .read(true)
        .write(true)
        .open(&line.path)
        .unwrap();
    let mut firmware = line.attach(env!("CARGO_BIN_EXE_frogbench"));
    let config = config(16, 32);
    let mut session = Session::open(&line.spec(), &config, SessionOptions::default()).unwrap();
    let samples = ramp(320, 1 << 12);
    session.feed(&samples, &stamps(0, 320, &config)).unwrap();
    session.reconnect(&config, Duration::from_secs(5)).unwrap();
    assert_eq!((session.identity().boot_count, session.next_t0()), (1, 0));
    session.feed(&samples, &stamps(0, 320, &config)).unwrap();
    let report = session.finish().unwrap();
    report.require_clean().unwrap();
    assert_eq!((report.results, report.jitter.count()), (20, 20));
    drop(kept);
    assert!(firmware.wait().unwrap().success());
}

#[test]
fn each_link_fault_is_a_violation_and_none_stops_the_session() {
    let Some(core) = built_core("faults", &[], true) else {
        return;
    };
    let config = config(16, 32);
    // The first, one in the middle, and the last of a feed, where no later RESULT tells.
    for place in [0, 7, 19] {
        for (fault, part) in [
            (LinkFaultKind::Drop, "1 SAMPLES frames without RESULT"),
            (
                LinkFaultKind::Duplicate,
                "1 frames duplicated at the device",
            ),
            (LinkFaultKind::Corrupt, "1 frames corrupt at the device"),
        ] {
            let faults = vec![LinkFault {
                frame: place,
                kind: fault,
            }];
            let options = SessionOptions { faults, ..quick() };
            let mut session = Session::open(&core, &config, options).unwrap();
            let first = session
                .feed(&ramp(640, 900), &stamps(0, 640, &config))
                .unwrap();
            let second = session
                .feed(&ramp(640, 900), &stamps(640, 640, &config))
                .unwrap();
            let lost = u64::from(fault != LinkFaultKind::Duplicate);
            assert_eq!((first.len() + second.len()) as u64, 40 - lost);
            let report = session.finish().unwrap();
            assert_eq!(
                (report.frames_sent, report.results, report.lost),
                (40, 40 - lost, lost)
            );
            assert_eq!(report.down.missing, lost, "{fault:?} at {place}");
            assert_eq!(
                report.device_lost_samples,
                if place == 0 { 0 } else { 32 * lost }
            );
            let error = report.require_clean().unwrap_err();
            assert!(
                error.to_string().contains(part),
                "{fault:?} at {place}: {error}"
            );
            assert_eq!(error.exit_code(), exit::PROTOCOL_ERROR);
        }
    }
}

#[test]
fn counts_that_do_not_fit_are_refused_before_they_are_sent() {
    let mut session = Session::open(&reference(), &config(16, 32), quick()).unwrap();
    let error = session.feed(&[[0, 40_000, 0]], &[1]).unwrap_err();
    assert!(
        error.to_string().contains("40000") && error.to_string().contains("16 bits"),
        "{error}"
    );
    assert_eq!(error.exit_code(), exit::INTERNAL);
    assert!(session.feed(&[[0; 3]; 33], &[1]).is_err());
    session.finish().unwrap().require_clean().unwrap();
}

#[test]
fn two_sessions_at_once_do_not_hold_each_other() {
    let config = config(16, 32);
    let first = Session::open(&reference(), &config, quick()).unwrap();
    let second = Session::open(&reference(), &config, quick()).unwrap();
    // The second firmware must not have inherited the first one's line, or this would time out.
    first.finish().unwrap().require_clean().unwrap();
    second.finish().unwrap().require_clean().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_come_back_from_an_echo(bytes in proptest::collection::vec(any::<u8>(), 0..1018)) {
        device_support::with_echo_session(|session| {
            prop_assert!(session.echo(&bytes).unwrap().is_some());
            Ok(())
        })?;
    }

    /// Whatever came before, garbage or well-formed frames with hostile contents, the C shim answers
    /// the next HELLO. (Built with the address and undefined-behaviour sanitizers where there are.)
    #[test]
    fn the_shim_survives_any_bytes(pieces in proptest::collection::vec(device_support::hostile(), 1..20)) {
        device_support::with_hostile_device(|device| {
            for piece in &pieces {
                device.write(piece);
            }
            prop_assert!(device.answers_hello(), "no HELLO after {pieces:?}");
            Ok(())
        })?;
    }
}
