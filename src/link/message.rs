//! Message types, and payloads that are no message.

use super::samples::SamplesError;

/// Message types: the first byte of a frame.
pub mod kind {
    /// Set in every type that the device sends.
    pub const FROM_DEVICE: u8 = 0x80;
    /// Start of a session, both directions (the device adds [`FROM_DEVICE`]).
    pub const HELLO: u8 = 0x01;
    /// A batch of samples.
    pub const SAMPLES: u8 = 0x02;
    /// Device time, temperature, skip of a quiet stretch.
    pub const TIMESYNC: u8 = 0x03;
    /// Bytes to be sent back.
    pub const ECHO: u8 = 0x04;
    /// Asks for the device's link counters.
    pub const STATS_REQUEST: u8 = 0x05;
    /// End of the session.
    pub const BYE: u8 = 0x06;
    /// Has the device's test hook do something bad: see [`crate::device::Misfortune`].
    pub const PROVOKE: u8 = 0x0a;
    /// Answer to HELLO.
    pub const DEVICE_HELLO: u8 = 0x81;
    /// Answer to SAMPLES; gives its credit back.
    pub const RESULT: u8 = 0x82;
    /// What the firmware would send by radio.
    pub const UPLINK: u8 = 0x83;
    /// Answer to ECHO.
    pub const DEVICE_ECHO: u8 = 0x84;
    /// The device's link counters.
    pub const STATS: u8 = 0x85;
    /// Answer to BYE.
    pub const DEVICE_BYE: u8 = 0x86;
    /// Answer to TIMESYNC.
    pub const TIMESYNC_ACK: u8 = 0x87;
    /// A line of text for the log.
    pub const LOG: u8 = 0x88;
    /// SPI transfer of firmware that keeps its sensor driver.
    pub const SPI: u8 = 0x8b;
    /// Answer to SPI: time, and the bytes received.
    pub const SPI_ANSWER: u8 = 0x0b;
    /// Something that the device could not do.
    pub const FAULT: u8 = 0x89;
}

/// A frame with a right CRC whose payload is no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// A type that this end does not know.
    #[error("unknown message type {0:#04x}")]
    UnknownKind(u8),
    /// A field is missing at the end.
    #[error("payload of {got} bytes is too short for message type {kind:#04x}")]
    TooShort {
        /// Message type.
        kind: u8,
        /// Bytes received.
        got: usize,
    },
    /// A SAMPLES payload that cannot be packed or unpacked.
    #[error(transparent)]
    Samples(#[from] SamplesError),
}
