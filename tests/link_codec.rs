//! The codec of the bench link under any bytes.
use frogbench::link::{
    BadFrame, BenchHello, BenchMessage, Decoder, DeviceHello, DeviceMessage, DeviceStats,
    DeviceUsage, Samples, TimeSync, encode_frame,
};
use proptest::collection::vec;
use proptest::prelude::*;

const MAX_FRAME: usize = 4096;

type Decoded = Result<(u8, u16, Vec<u8>), BadFrame>;

fn decode(decoder: &mut Decoder, mut bytes: &[u8]) -> Vec<Decoded> {
    let mut out = Vec::new();
    while let Some(frame) = decoder.next_frame(&mut bytes) {
        out.push(frame.map(|f| (f.kind, f.sequence, f.payload.to_vec())));
    }
    out
}

fn bench_hello() -> impl Strategy<Value = BenchMessage> {
    let small = any::<(u8, u8, u16, u8, u8, u8)>();
    let large = any::<(u32, u32, u32, u32, u64, u32)>();
    (small, large).prop_map(|(small, large)| {
        let (major, minor, max_frame, axes, bits, fifo_batch) = small;
        let (
            nominal_rate_mhz,
            scale_nm_s2_per_lsb,
            range_mm_s2,
            timestamp_tick_ns,
            epoch_us,
            run_id,
        ) = large;
        BenchMessage::Hello(BenchHello {
            major,
            minor,
            max_frame,
            axes,
            bits,
            fifo_batch,
            nominal_rate_mhz,
            scale_nm_s2_per_lsb,
            range_mm_s2,
            timestamp_tick_ns,
            epoch_us,
            run_id,
        })
    })
}

/// A message and the width of its values.
fn bench_message() -> impl Strategy<Value = (u8, BenchMessage)> {
    let samples = prop_oneof![Just(16_u8), Just(24)].prop_flat_map(|bits| {
        let limit = 1_i32 << (bits - 1);
        (
            Just(bits),
            any::<u32>(),
            any::<u32>(),
            vec([-limit..limit, -limit..limit, -limit..limit], 0..300),
        )
    });
    prop_oneof![
        bench_hello().prop_map(|m| (16, m)),
        samples.prop_map(|(bits, t0, fifo_ticks, samples)| {
            (
                bits,
                BenchMessage::Samples(Samples {
                    t0,
                    fifo_ticks,
                    samples,
                }),
            )
        }),
        any::<(u32, u64, i16, u8)>().prop_map(|(next_t0, time_us, temperature_cdeg, flags)| {
            (
                16,
                BenchMessage::TimeSync(TimeSync {
                    next_t0,
                    time_us,
                    temperature_cdeg,
                    flags,
                }),
            )
        }),
        vec(any::<u8>(), 0..1000).prop_map(|bytes| (16, BenchMessage::Echo(bytes))),
        Just((16, BenchMessage::StatsRequest)),
        Just((16, BenchMessage::Bye)),
    ]
}

fn device_message() -> impl Strategy<Value = DeviceMessage> {
    let text = "[a-zA-Z0-9 äß€.:-]{0,60}";
    let hello = (any::<(u8, u8, u16, u8, u8, u8, bool, u32)>(), text, text).prop_map(
        |((major, minor, max_frame, credits, axes, bits, spi, boot_count), name, build)| {
            DeviceMessage::Hello(DeviceHello {
                spi,
                major,
                minor,
                max_frame,
                credits,
                axes,
                bits,
                boot_count,
                name,
                build,
            })
        },
    );
    let usage =
        any::<(u32, u32, u64)>().prop_map(|(stack_peak, stack_size, clock_ns)| DeviceUsage {
            stack_peak,
            stack_size,
            clock_ns,
        });
    let stats = (any::<[u32; 7]>(), proptest::option::of(usage)).prop_map(|(v, usage)| {
        DeviceMessage::Stats(DeviceStats {
            frames_ok: v[0],
            crc_errors: v[1],
            length_errors: v[2],
            overflows: v[3],
            lost_samples: v[4],
            duplicate_frames: v[5],
            missing_frames: v[6],
            usage,
        })
    });
    prop_oneof![
        hello,
        stats,
        any::<(u32, u16, u32, u32)>().prop_map(|(t0, n, tick_ms, cycles)| DeviceMessage::Result {
            t0,
            n,
            tick_ms,
            cycles
        }),
        (any::<u32>(), any::<u16>(), vec(any::<u8>(), 0..1000))
            .prop_map(|(t0, n, bytes)| DeviceMessage::Uplink { t0, n, bytes }),
        (any::<(u8, u16)>(), vec(any::<u8>(), 0..1000)).prop_map(|((part, more), tx)| {
            let length = more.max(tx.len() as u16);
            DeviceMessage::Spi { part, length, tx }
        }),
        vec(any::<u8>(), 0..1000).prop_map(DeviceMessage::Echo),
        Just(DeviceMessage::Bye),
        any::<(u32, u32)>()
            .prop_map(|(next_t0, tick_ms)| DeviceMessage::TimeSyncAck { next_t0, tick_ms }),
        (any::<u8>(), text).prop_map(|(level, text)| DeviceMessage::Log { level, text }),
        (any::<u16>(), text).prop_map(|(code, text)| DeviceMessage::Fault { code, text }),
    ]
}

proptest! {
    #[test]
    fn a_frame_comes_back_as_it_was_sent(
        kind in any::<u8>(),
        sequence in any::<u16>(),
        // Long runs without a zero and runs of zeros are where COBS has its edges.
        payload in prop_oneof![
            vec(any::<u8>(), 0..MAX_FRAME - 6),
            vec(1..=255_u8, 240..1030),
            vec(Just(0_u8), 0..600),
        ],
        chunk in 1..700_usize,
    ) {
        let mut stream = Vec::new();
        encode_frame(kind, 0, sequence, &payload, &mut stream);
        prop_assert_eq!(stream.iter().position(|b| *b == 0), Some(stream.len() - 1));
        let mut decoder = Decoder::new(MAX_FRAME);
        let mut frames = Vec::new();
        for part in stream.chunks(chunk) {
            frames.extend(decode(&mut decoder, part));
        }
        prop_assert_eq!(frames, vec![Ok((kind, sequence, payload))]);
        prop_assert_eq!(decoder.counters().garbage_bytes, 0);
    }

    /// No panic, and every byte is accounted for: in a good frame, in a bad one, or as unfinished.
    #[test]
    fn any_bytes_are_survived_and_accounted_for(
        bytes in vec(prop_oneof![3 => any::<u8>(), 1 => Just(0_u8), 1 => Just(1_u8)], 0..3000),
        max_frame in 6..200_usize,
    ) {
        let mut decoder = Decoder::new(max_frame);
        let frames = decode(&mut decoder, &bytes);
        let counters = decoder.counters();
        let bad: Vec<&BadFrame> = frames.iter().filter_map(|f| f.as_ref().err()).collect();
        prop_assert_eq!(bad.len() as u64, counters.bad_frames());
        prop_assert_eq!(bad.iter().map(|b| b.bytes).sum::<u64>(), counters.garbage_bytes);
        prop_assert_eq!(decoder.position(), bytes.len() as u64);
        for b in &bad {
            let span = &bytes[b.position as usize..(b.position + b.bytes) as usize];
            prop_assert!(!span.contains(&0), "a bad frame lies between two delimiters");
        }
        if frames.iter().all(Result::is_err) {
            let coded = bytes.iter().filter(|b| **b != 0).count() as u64;
            prop_assert_eq!(counters.garbage_bytes + decoder.pending_bytes(), coded);
        }
    }

    /// One delimiter is all that it takes: the frame after any garbage is received.
    #[test]
    fn the_frame_after_garbage_is_received(
        garbage in vec(any::<u8>(), 0..2000),
        payload in vec(any::<u8>(), 0..300),
    ) {
        let mut stream = garbage;
        stream.push(0);
        encode_frame(2, 0, 9, &payload, &mut stream);
        let frames = decode(&mut Decoder::new(512), &stream);
        prop_assert_eq!(frames.last(), Some(&Ok((2, 9, payload))));
    }

    /// (A changed COBS code byte could yield another frame with a right CRC, once in 65 536 times; the
    /// sequence number or the missing RESULT tells then.)
    #[test]
    fn a_frame_with_a_changed_bit_never_passes_as_itself(
        payload in vec(any::<u8>(), 0..300),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let mut stream = Vec::new();
        encode_frame(2, 0, 9, &payload, &mut stream);
        let at = place.index(stream.len());
        stream[at] ^= 1 << bit;
        stream.push(0);
        let frames = decode(&mut Decoder::new(MAX_FRAME), &stream);
        prop_assert!(!frames.is_empty());
        prop_assert!(!frames.contains(&Ok((2, 9, payload))));
    }

    #[test]
    fn bench_messages_come_back_and_ignore_bytes_behind((bits, message) in bench_message()) {
        let (kind, mut payload) = message.encode(bits).unwrap();
        prop_assert_eq!(BenchMessage::decode(kind, &payload, bits), Ok(message.clone()));
        if !matches!(message, BenchMessage::Echo(_)) {
            payload.extend([1, 2, 3]);
            prop_assert_eq!(BenchMessage::decode(kind, &payload, bits), Ok(message));
        }
    }

    #[test]
    fn device_messages_come_back(message in device_message()) {
        let (kind, payload) = message.encode();
        prop_assert_eq!(DeviceMessage::decode(kind, &payload), Ok(message));
    }

    #[test]
    fn no_payload_makes_the_messages_panic(
        kind in any::<u8>(),
        payload in vec(any::<u8>(), 0..200),
        bits in any::<u8>(),
    ) {
        let _ = BenchMessage::decode(kind, &payload, bits);
        let _ = DeviceMessage::decode(kind, &payload);
        for bits in [16, 24] {
            let _ = BenchMessage::decode(2, &payload, bits);
        }
    }

    /// Each message names its shortest payload: one byte less is an error, never a guess.
    #[test]
    fn a_cut_message_is_refused(message in device_message(), cut in any::<prop::sample::Index>()) {
        let (kind, payload) = message.encode();
        let shortest = match &message {
            DeviceMessage::Hello(_) => payload.len(),
            DeviceMessage::Stats(_) => 24,
            DeviceMessage::Result { .. } => 16,
            DeviceMessage::Uplink { .. } | DeviceMessage::TimeSyncAck { .. } => 8,
            DeviceMessage::Log { .. } => 1,
            DeviceMessage::Fault { .. } => 2,
            DeviceMessage::Spi { .. } => 4,
            DeviceMessage::Echo(_) | DeviceMessage::Bye => return Ok(()),
        };
        let length = cut.index(shortest);
        prop_assert!(DeviceMessage::decode(kind, &payload[..length]).is_err());
        prop_assert!(DeviceMessage::decode(kind, &payload[..shortest]).is_ok());
    }
}

/// Statistics of a 1.0 device end after the duplicates; the field added behind reads as zero.
#[test]
fn trailing_fields_are_optional() {
    let stats = DeviceStats {
        frames_ok: 3,
        missing_frames: 9,
        ..DeviceStats::default()
    };
    let (kind, payload) = DeviceMessage::Stats(stats).encode();
    let old = DeviceMessage::decode(kind, &payload[..24]).unwrap();
    assert_eq!(
        old,
        DeviceMessage::Stats(DeviceStats {
            missing_frames: 0,
            ..stats
        })
    );
}
