//! Streaming decoder: untrusted bytes to frames, in bounded memory.

use cobs::{DecodeResult, DecoderState};
use serde::Serialize;

use super::frame::{CRC_BYTES, DELIMITER, Frame, HEADER_BYTES, crc16};

/// Why bytes between two delimiters are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadFrameReason {
    /// Header or payload changed on the way.
    #[error("CRC {got:#06x} instead of {expected:#06x}")]
    Crc {
        /// CRC computed over what arrived.
        expected: u16,
        /// CRC that the frame carries.
        got: u16,
    },
    /// Decoded, but shorter than header and CRC.
    #[error("only {0} bytes")]
    TooShort(usize),
    /// The delimiter came inside a COBS block: bytes are missing.
    #[error("cut off inside a COBS block")]
    Truncated,
    /// Longer than the agreed largest frame; the rest up to the delimiter was discarded.
    #[error("longer than the largest frame of {0} bytes")]
    Overlong(usize),
}

/// Bytes that were no frame; the decoder goes on behind their delimiter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad frame of {bytes} bytes at byte {position} of the stream: {reason}")]
pub struct BadFrame {
    /// Offset of the first byte in the stream since the decoder started.
    pub position: u64,
    /// Coded bytes without the delimiter.
    pub bytes: u64,
    /// What is wrong.
    pub reason: BadFrameReason,
}

/// What a decoder has seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct DecoderCounters {
    /// Frames with a right CRC.
    pub frames: u64,
    /// Frames with a wrong CRC.
    pub crc_errors: u64,
    /// Frames too short or cut off.
    pub length_errors: u64,
    /// Frames longer than the agreed limit.
    pub overlong: u64,
    /// Coded bytes inside all bad frames.
    pub garbage_bytes: u64,
}

impl DecoderCounters {
    /// Bad frames of every sort.
    pub const fn bad_frames(&self) -> u64 {
        self.crc_errors + self.length_errors + self.overlong
    }

    /// What came after `earlier`.
    #[must_use]
    pub const fn since(&self, earlier: &Self) -> Self {
        Self {
            frames: self.frames.saturating_sub(earlier.frames),
            crc_errors: self.crc_errors.saturating_sub(earlier.crc_errors),
            length_errors: self.length_errors.saturating_sub(earlier.length_errors),
            overlong: self.overlong.saturating_sub(earlier.overlong),
            garbage_bytes: self.garbage_bytes.saturating_sub(earlier.garbage_bytes),
        }
    }
}

/// Splits a byte stream into frames. Memory is bounded by the largest frame; any bytes are accepted,
/// and every piece that is no frame is returned as a [`BadFrame`] and counted.
#[derive(Debug)]
pub struct Decoder {
    state: DecoderState,
    plain: Vec<u8>,
    max_frame: usize,
    overlong: bool,
    position: u64,
    coded: u64,
    counters: DecoderCounters,
}

impl Decoder {
    /// `max_frame`: largest header + payload + CRC in bytes.
    pub fn new(max_frame: usize) -> Self {
        Self {
            state: DecoderState::default(),
            plain: Vec::with_capacity(max_frame),
            max_frame,
            overlong: false,
            position: 0,
            coded: 0,
            counters: DecoderCounters::default(),
        }
    }

    /// Consumes bytes from the front of `input` up to the next frame, good or bad; `None` when the
    /// input is used up. Call it again until then.
    pub fn next_frame(&mut self, input: &mut &[u8]) -> Option<Result<Frame<'_>, BadFrame>> {
        while let Some((&byte, rest)) = input.split_first() {
            *input = rest;
            self.position += 1;
            if byte != DELIMITER {
                self.coded += 1;
            }
            if self.overlong {
                if byte == DELIMITER {
                    return Some(Err(self.bad(BadFrameReason::Overlong(self.max_frame))));
                }
                continue;
            }
            match self.state.feed(byte) {
                Ok(DecodeResult::NoData) => {}
                Ok(DecodeResult::DataStart) => self.plain.clear(),
                Ok(DecodeResult::DataContinue(value)) => {
                    if self.plain.len() < self.max_frame {
                        self.plain.push(value);
                    } else {
                        self.overlong = true;
                        self.state = DecoderState::Idle;
                    }
                }
                Ok(DecodeResult::DataComplete) => return Some(self.complete()),
                Err(_) => return Some(Err(self.bad(BadFrameReason::Truncated))),
            }
        }
        None
    }

    /// Totals since the decoder started.
    pub const fn counters(&self) -> DecoderCounters {
        self.counters
    }

    /// Bytes taken in since the decoder started.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Coded bytes of a frame whose delimiter has not come yet.
    pub const fn pending_bytes(&self) -> u64 {
        self.coded
    }

    fn complete(&mut self) -> Result<Frame<'_>, BadFrame> {
        let length = self.plain.len();
        if length < HEADER_BYTES + CRC_BYTES {
            return Err(self.bad(BadFrameReason::TooShort(length)));
        }
        let (body, tail) = self.plain.split_at(length - CRC_BYTES);
        let expected = crc16(body);
        let got = u16::from_le_bytes([tail[0], tail[1]]);
        if expected != got {
            return Err(self.bad(BadFrameReason::Crc { expected, got }));
        }
        let position = self.position - 1 - self.coded;
        self.coded = 0;
        self.counters.frames += 1;
        Ok(Frame {
            kind: self.plain[0],
            flags: self.plain[1],
            sequence: u16::from_le_bytes([self.plain[2], self.plain[3]]),
            payload: &self.plain[HEADER_BYTES..length - CRC_BYTES],
            position,
        })
    }

    fn bad(&mut self, reason: BadFrameReason) -> BadFrame {
        let counter = match reason {
            BadFrameReason::Crc { .. } => &mut self.counters.crc_errors,
            BadFrameReason::TooShort(_) | BadFrameReason::Truncated => {
                &mut self.counters.length_errors
            }
            BadFrameReason::Overlong(_) => &mut self.counters.overlong,
        };
        *counter += 1;
        self.counters.garbage_bytes += self.coded;
        let bytes = self.coded;
        self.coded = 0;
        self.overlong = false;
        self.plain.clear();
        BadFrame {
            position: self.position - 1 - bytes,
            bytes,
            reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::encode_frame;

    fn all(decoder: &mut Decoder, mut input: &[u8]) -> Vec<Result<(u8, Vec<u8>), BadFrame>> {
        let mut out = Vec::new();
        while let Some(frame) = decoder.next_frame(&mut input) {
            out.push(frame.map(|f| (f.kind, f.payload.to_vec())));
        }
        out
    }

    #[test]
    fn each_kind_of_damage_is_counted_with_its_place() {
        let mut good = Vec::new();
        encode_frame(5, 0, 1, &[7; 3], &mut good);
        let mut stream = good.clone();
        let mut corrupt = good.clone();
        corrupt[5] ^= 0x40;
        let crc_at = stream.len() as u64;
        stream.extend(&corrupt);
        let cut_at = stream.len() as u64;
        stream.extend(&good[..good.len() - 3]);
        stream.push(0);
        let short_at = stream.len() as u64;
        stream.extend([2, 9, 0]);
        let long_at = stream.len() as u64;
        encode_frame(5, 0, 1, &[7; 30], &mut stream);
        stream.extend(&good);

        let mut decoder = Decoder::new(16);
        let got = all(&mut decoder, &stream);
        let places: Vec<u64> = got
            .iter()
            .filter_map(|f| f.as_ref().err())
            .map(|bad| bad.position)
            .collect();
        assert_eq!(places, [crc_at, cut_at, short_at, long_at]);
        assert_eq!(got.iter().filter(|f| f.is_ok()).count(), 2, "{got:?}");
        let counters = decoder.counters();
        assert_eq!(
            (
                counters.crc_errors,
                counters.length_errors,
                counters.overlong,
                counters.frames
            ),
            (1, 2, 1, 2)
        );
        assert_eq!(decoder.pending_bytes(), 0);
    }

    #[test]
    fn an_endless_run_of_non_zero_bytes_takes_no_more_memory() {
        let mut decoder = Decoder::new(64);
        for _ in 0..1000 {
            assert!(all(&mut decoder, &[0xff; 1000]).is_empty());
        }
        assert!(decoder.plain.capacity() <= 128);
        assert_eq!(decoder.pending_bytes(), 1_000_000);
        let end = all(&mut decoder, &[0]);
        assert_eq!(
            end[0].as_ref().unwrap_err().reason,
            BadFrameReason::Overlong(64)
        );
        assert_eq!(decoder.counters().garbage_bytes, 1_000_000);
    }

    #[test]
    fn a_frame_of_the_largest_size_passes_and_one_byte_more_does_not() {
        for (payload, passes) in [(58, true), (59, false)] {
            let mut stream = Vec::new();
            encode_frame(1, 0, 0, &vec![0; payload], &mut stream);
            assert_eq!(all(&mut Decoder::new(64), &stream)[0].is_ok(), passes);
        }
    }
}
