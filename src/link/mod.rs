//! The bench link: frames, codec and messages.
//!
//! Pure functions over bytes: no I/O and no clocks. A frame is COBS-coded, ends with a zero byte and
//! carries a four-byte header and a CRC-16; `firmware-fixtures/shim/README.md` is the description
//! that firmware engineers implement from.
mod bench_message;
mod bytes;
mod decoder;
mod device_message;
mod frame;
mod message;
mod samples;
mod text;

pub(crate) use text::printable;

pub use bench_message::{BenchHello, BenchMessage, TimeSync};
pub use decoder::{BadFrame, BadFrameReason, Decoder, DecoderCounters};
pub use device_message::{DeviceHello, DeviceMessage, DeviceStats, DeviceUsage};
pub use frame::{
    CRC_BYTES, DELIMITER, Frame, HEADER_BYTES, PROTOCOL_MAJOR, PROTOCOL_MINOR, crc16, encode_frame,
};
pub use message::{MessageError, kind};
pub use samples::{SAMPLES_HEADER_BYTES, Samples, SamplesError, encode_samples, sample_bytes};
