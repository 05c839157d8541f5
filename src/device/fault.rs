//! Damage that the bench does to the link on purpose.

use crate::link::{DELIMITER, encode_frame};

/// What happens to one SAMPLES frame on its way to the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkFaultKind {
    /// It never arrives.
    Drop,
    /// It arrives twice.
    Duplicate,
    /// One bit of it changes.
    Corrupt,
    /// It is cut in the middle.
    Truncate,
    /// It goes out after the frame that follows it.
    Late,
    /// The line stops in the middle of it, for so many milliseconds of host time.
    Stall(u32),
}

/// One fault of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkFault {
    /// Which SAMPLES frame of the session, counted from 0.
    pub frame: u64,
    /// What happens to it.
    pub kind: LinkFaultKind,
}

/// The bytes that go out instead of one frame.
pub(super) fn damaged_frame(
    fault: LinkFaultKind,
    kind: u8,
    sequence: u16,
    payload: &[u8],
) -> Vec<u8> {
    let mut out = Vec::new();
    match fault {
        LinkFaultKind::Drop => {}
        LinkFaultKind::Duplicate => {
            encode_frame(kind, 0, sequence, payload, &mut out);
            out.extend_from_within(..);
        }
        LinkFaultKind::Truncate => {
            encode_frame(kind, 0, sequence, payload, &mut out);
            out.truncate(out.len() / 2);
            out.push(DELIMITER);
        }
        // Whole, but at another time.
        LinkFaultKind::Late | LinkFaultKind::Stall(_) => {
            encode_frame(kind, 0, sequence, payload, &mut out);
        }
        LinkFaultKind::Corrupt => {
            encode_frame(kind, 0, sequence, payload, &mut out);
            let middle = out.len() / 2;
            // Never into a delimiter: that would be two faults, a truncated frame and garbage.
            let bit = if out[middle] ^ 0x10 == DELIMITER {
                0x20
            } else {
                0x10
            };
            out[middle] ^= bit;
        }
    }
    out
}
