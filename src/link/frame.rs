//! One frame: header, payload, CRC, COBS.

use crc::{CRC_16_IBM_3740, Crc};

/// Major version of the bench link; a peer with another one is refused.
pub const PROTOCOL_MAJOR: u8 = 1;
/// Minor version of the bench link; additions that an older peer may ignore.
pub const PROTOCOL_MINOR: u8 = 1;
/// Ends every frame; COBS keeps it out of the coded bytes.
pub const DELIMITER: u8 = 0;
/// Type, flags and sequence number.
pub const HEADER_BYTES: usize = 4;
/// CRC-16 behind the payload.
pub const CRC_BYTES: usize = 2;

// "CCITT-FALSE" in most firmware sources; the catalogue of parametrised CRC algorithms lists it as
// IBM-3740: polynomial 0x1021, start value 0xffff, no reflection, no final inversion.
const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);

/// CRC-16/CCITT-FALSE of header and payload; its check value over `123456789` is 0x29b1.
pub fn crc16(bytes: &[u8]) -> u16 {
    CRC.checksum(bytes)
}

/// A received frame whose CRC was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Message type; bit 7 set from device to bench (see [`super::kind`]).
    pub kind: u8,
    /// Reserved, sent as zero and ignored.
    pub flags: u8,
    /// Counts the sender's frames, wraps.
    pub sequence: u16,
    /// What follows the header, without the CRC.
    pub payload: &'a [u8],
    /// Offset of the frame's first coded byte in the stream since the decoder started.
    pub position: u64,
}

/// Appends one coded frame and its delimiter to `out`.
pub fn encode_frame(kind: u8, flags: u8, sequence: u16, payload: &[u8], out: &mut Vec<u8>) {
    let mut plain = Vec::with_capacity(HEADER_BYTES + payload.len() + CRC_BYTES);
    plain.extend_from_slice(&[kind, flags]);
    plain.extend_from_slice(&sequence.to_le_bytes());
    plain.extend_from_slice(payload);
    let crc = crc16(&plain);
    plain.extend_from_slice(&crc.to_le_bytes());

    let start = out.len();
    out.resize(start + cobs::max_encoding_length(plain.len()), 0);
    let coded = cobs::encode(&plain, &mut out[start..]);
    out.truncate(start + coded);
    out.push(DELIMITER);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_has_the_published_check_value() {
        assert_eq!(crc16(b"123456789"), 0x29b1);
    }

    #[test]
    fn a_frame_has_the_documented_bytes() {
        // 06 00 01 02 (BYE, sequence 0x0201) with CRC 0x7384, worked out by a separate bitwise CRC.
        let mut bitwise = 0xffff_u16;
        for byte in [0x06_u8, 0x00, 0x01, 0x02] {
            bitwise ^= u16::from(byte) << 8;
            for _ in 0..8 {
                bitwise = (bitwise << 1) ^ if bitwise & 0x8000 == 0 { 0 } else { 0x1021 };
            }
        }
        let [low, high] = bitwise.to_le_bytes();
        assert!(
            low != 0 && high != 0,
            "the expected bytes below assume no zero in the CRC"
        );

        let mut out = Vec::new();
        encode_frame(0x06, 0x00, 0x0201, &[], &mut out);
        assert_eq!(out, [2, 0x06, 5, 0x01, 0x02, low, high, 0]);
    }
}
