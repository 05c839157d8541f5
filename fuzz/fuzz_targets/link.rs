//! Any bytes into the link decoder, the messages of both ends, and SPI transfers on to every part.
#![no_main]

use frogbench_fuzz::link::{BenchMessage, Decoder, DeviceMessage};
use frogbench_fuzz::sensor::{SensorBus, part};
use libfuzzer_sys::fuzz_target;

const MAX_FRAME: usize = 4096;

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, stream)) = bytes.split_first() else {
        return;
    };
    let name = ["adxl355", "iis3dwb", "adxl372"][usize::from(first) % 3];
    let mut bus = SensorBus::new(part(name).unwrap(), 1e-3).unwrap();
    // Nothing that looks like a frame may need luck with a CRC: the bytes are a transfer as well.
    bus.load(&[[1, -1, i32::MAX]; 64]);
    bus.transfer(stream, &mut [0; 300]);

    let mut decoder = Decoder::new(MAX_FRAME);
    for piece in stream.chunks(usize::from(first) + 1) {
        let mut input = piece;
        while let Some(frame) = decoder.next_frame(&mut input) {
            let Ok(frame) = frame else { continue };
            assert!(frame.payload.len() < MAX_FRAME);
            if let Ok(DeviceMessage::Spi { length, tx, .. }) =
                DeviceMessage::decode(frame.kind, frame.payload)
            {
                bus.load(&[[0; 3]; 64]);
                bus.transfer(&tx, &mut vec![0; usize::from(length)]);
            }
        }
    }
    let counters = decoder.counters();
    assert!(counters.garbage_bytes + decoder.pending_bytes() <= stream.len() as u64);

    for kind in [first & 0x7f, first | 0x80] {
        if let Ok(message) = DeviceMessage::decode(kind, stream) {
            let (again, payload) = message.encode();
            assert_eq!(again, kind);
            assert!(DeviceMessage::decode(again, &payload).is_ok());
        }
        for bits in [16, 24] {
            if let Ok(message) = BenchMessage::decode(kind, stream, bits) {
                assert!(message.encode(bits).is_ok());
            }
        }
    }
});
