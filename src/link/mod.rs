//! The bench link: frames, codec and messages.
//!
//! Pure functions over bytes: no I/O and no clocks. A frame is COBS-coded, ends with a zero byte and
//! carries a four-byte header and a CRC-16; `firmware-fixtures/shim/README.md` is the description
//! that firmware engineers implement from.
mod bytes;
mod decoder;
mod frame;
mod message;
mod samples;
mod text;

pub use decoder::{BadFrame, BadFrameReason, Decoder, DecoderCounters};
pub use frame::{
    CRC_BYTES, DELIMITER, Frame, HEADER_BYTES, PROTOCOL_MAJOR, PROTOCOL_MINOR, crc16, encode_frame,
};
pub use message::{
    BenchHello, BenchMessage, DeviceHello, DeviceMessage, DeviceStats, MessageError, TimeSync, kind,
};
pub use samples::{SAMPLES_HEADER_BYTES, Samples, SamplesError, encode_samples, sample_bytes};
