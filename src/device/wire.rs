//! Frames over a line: sequence numbers, decoding, and the book-keeping of both.

use std::collections::VecDeque;
use std::io;
use std::time::{Duration, Instant};

use super::error::DeviceError;
use super::line::{Incoming, Line};
use super::log::{LinkLog, LinkRecord};
use super::report::DirectionReport;
use crate::link::{
    CRC_BYTES, Decoder, DecoderCounters, DeviceMessage, HEADER_BYTES, encode_frame, kind,
};

/// Largest frame that the bench takes from a device.
pub(super) const BENCH_MAX_FRAME: u16 = 4096;

/// Something that came over the wire.
#[derive(Debug)]
pub(super) enum Received {
    Message(DeviceMessage),
    /// A frame that is no message, or was seen before; counted.
    Rejected,
    Nothing,
    HangUp,
}

/// Frames in both directions of one line.
#[derive(Debug)]
pub(super) struct Wire {
    /// `None` only while it is closed to be opened again.
    line: Option<Line>,
    decoder: Decoder,
    inbox: VecDeque<Received>,
    outbox: Vec<u8>,
    next_sequence: u16,
    expected: Option<u16>,
    hung_up: bool,
    faults: DirectionReport,
    base: DecoderCounters,
    bytes_up: u64,
    log: Option<LinkLog>,
}

impl Wire {
    pub(super) fn new(line: Line) -> Self {
        Self {
            line: Some(line),
            decoder: Decoder::new(usize::from(BENCH_MAX_FRAME)),
            inbox: VecDeque::new(),
            outbox: Vec::new(),
            next_sequence: 0,
            expected: None,
            hung_up: false,
            faults: DirectionReport::default(),
            base: DecoderCounters::default(),
            bytes_up: 0,
            log: None,
        }
    }

    /// Keeps a record of everything that crosses the line, with host times since `since`.
    pub(super) fn keep_log(&mut self, since: Instant) {
        self.log = Some(LinkLog::new(since));
    }

    /// What crossed the line since the last call; empty without [`Self::keep_log`].
    pub(super) fn take_log(&mut self) -> Vec<LinkRecord> {
        self.log.as_mut().map(LinkLog::take).unwrap_or_default()
    }

    /// Whether the device's time does not depend on the host's: then nothing may be sent that depends on
    /// how fast the host is.
    pub(super) fn is_lockstep(&self) -> bool {
        self.line.as_ref().is_some_and(Line::is_lockstep)
    }

    /// Puts a frame into the outbox; returns its sequence number.
    pub(super) fn post(&mut self, kind: u8, payload: &[u8]) -> u16 {
        let sequence = self.take_sequence();
        encode_frame(kind, 0, sequence, payload, &mut self.outbox);
        if let Some(log) = &mut self.log {
            log.sent(kind, sequence, payload);
        }
        sequence
    }

    /// Puts ready-made bytes, which are no frame, into the outbox.
    pub(super) fn post_raw(&mut self, bytes: &[u8]) {
        self.outbox.extend_from_slice(bytes);
    }

    /// Puts `bytes` into the outbox in place of a frame with the sequence number given.
    pub(super) fn post_damaged(&mut self, kind: u8, sequence: u16, payload: &[u8], bytes: &[u8]) {
        self.outbox.extend_from_slice(bytes);
        if let Some(log) = &mut self.log {
            log.sent(kind, sequence, payload);
            log.damaged(bytes);
        }
    }

    /// The next sequence number, used up.
    pub(super) fn take_sequence(&mut self) -> u16 {
        let sequence = self.next_sequence;
        self.next_sequence = sequence.wrapping_add(1);
        sequence
    }

    /// Sequence number of the last frame posted.
    pub(super) const fn last_sequence(&self) -> u16 {
        self.next_sequence.wrapping_sub(1)
    }

    /// Sends the outbox, reading meanwhile so that neither end waits for the other. `false` if the
    /// device did not take it all in time.
    pub(super) fn flush(&mut self, wait: Duration) -> io::Result<bool> {
        let deadline = Instant::now() + wait;
        let mut sent = 0;
        while sent < self.outbox.len() && !self.hung_up {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.line()?.write(&self.outbox[sent..], left) {
                Ok(count) => sent += count,
                // The far end of a pseudo-terminal has closed; reading says so in order.
                Err(e) if e.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error()) => break,
                Err(e) => return Err(e),
            }
            if sent < self.outbox.len() {
                if left.is_zero() {
                    self.outbox.clear();
                    return Ok(false);
                }
                self.pull(Duration::ZERO)?;
            }
        }
        self.outbox.clear();
        Ok(true)
    }

    /// The next thing that the device sent, waiting for it at most for `wait`.
    pub(super) fn receive(&mut self, wait: Duration) -> io::Result<Received> {
        if self.inbox.is_empty() && !self.hung_up {
            self.pull(wait)?;
        }
        Ok(self.inbox.pop_front().unwrap_or(if self.hung_up {
            Received::HangUp
        } else {
            Received::Nothing
        }))
    }

    /// Closes the line, drops what is under way, and goes on with a new one.
    pub(super) fn reopen(
        &mut self,
        open: impl FnOnce() -> Result<Line, DeviceError>,
    ) -> Result<(), DeviceError> {
        self.line = None;
        self.inbox.clear();
        self.outbox.clear();
        self.expected = None;
        self.decoder = Decoder::new(usize::from(BENCH_MAX_FRAME));
        self.line = Some(open()?);
        self.hung_up = false;
        Ok(())
    }

    fn line(&self) -> io::Result<&Line> {
        self.line
            .as_ref()
            .ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// The device starts again, and its sequence numbers with it.
    pub(super) const fn forget_sequence(&mut self) {
        self.expected = None;
    }

    /// From here on counters count: what came before was before the session.
    pub(super) fn start_counting(&mut self) {
        self.base = self.decoder.counters();
        self.faults = DirectionReport::default();
        self.bytes_up = 0;
    }

    /// Bytes so far that were no frame, the unfinished one included.
    pub(super) const fn garbage_bytes(&self) -> u64 {
        self.decoder.counters().garbage_bytes + self.decoder.pending_bytes()
    }

    /// Damage since [`Self::start_counting`].
    pub(super) fn damage(&self) -> DirectionReport {
        let seen = self.decoder.counters().since(&self.base);
        let mut damage = self.faults;
        damage.corrupt += seen.crc_errors + seen.length_errors;
        damage.overflows += seen.overlong;
        damage
    }

    /// Bytes of good frames since [`Self::start_counting`], echoes left out.
    pub(super) const fn bytes_up(&self) -> u64 {
        self.bytes_up
    }

    fn pull(&mut self, wait: Duration) -> io::Result<()> {
        let mut bytes = [0; 8192];
        let count = match self.line()?.read(&mut bytes, wait)? {
            Incoming::Nothing => return Ok(()),
            Incoming::HangUp => {
                self.hung_up = true;
                return Ok(());
            }
            Incoming::Bytes(count) => count,
        };
        let mut input = &bytes[..count];
        while let Some(frame) = self.decoder.next_frame(&mut input) {
            let received = match frame {
                Err(bad) => {
                    tracing::warn!("{bad}");
                    if let Some(log) = &mut self.log {
                        log.rejected(bad.to_string());
                    }
                    Received::Rejected
                }
                Ok(frame) => {
                    if let Some(log) = &mut self.log {
                        log.received(frame.kind, frame.sequence, frame.payload);
                    }
                    if frame.kind != kind::DEVICE_ECHO {
                        self.bytes_up += (HEADER_BYTES + frame.payload.len() + CRC_BYTES) as u64;
                    }
                    let message = DeviceMessage::decode(frame.kind, frame.payload);
                    let (sequence, position) = (frame.sequence, frame.position);
                    let fresh = in_order(&mut self.expected, &mut self.faults, sequence);
                    match message {
                        Ok(message) if fresh => Received::Message(message),
                        Ok(_) => {
                            tracing::warn!(
                                "frame {sequence} at byte {position} came late or twice"
                            );
                            Received::Rejected
                        }
                        Err(error) => {
                            tracing::warn!("frame {sequence} at byte {position}: {error}");
                            self.faults.corrupt += 1;
                            Received::Rejected
                        }
                    }
                }
            };
            self.inbox.push_back(received);
        }
        Ok(())
    }
}

/// Follows the device's sequence numbers; `false` for a frame that was there before or is late.
fn in_order(expected: &mut Option<u16>, faults: &mut DirectionReport, sequence: u16) -> bool {
    let ahead = expected.map_or(0, |e| sequence.wrapping_sub(e));
    if ahead == u16::MAX {
        faults.duplicated += 1;
        return false;
    }
    if ahead >= 0x8000 {
        faults.reordered += 1;
        return false;
    }
    faults.missing += u64::from(ahead);
    *expected = Some(sequence.wrapping_add(1));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequence_numbers_tell_gaps_repeats_and_late_frames() {
        let (mut expected, mut faults) = (None, DirectionReport::default());
        let mut accepted = Vec::new();
        for sequence in [65_534, 65_535, 0, 0, 3, 2, 4] {
            if in_order(&mut expected, &mut faults, sequence) {
                accepted.push(sequence);
            }
        }
        assert_eq!(accepted, [65_534, 65_535, 0, 3, 4]);
        assert_eq!(
            (faults.missing, faults.duplicated, faults.reordered),
            (2, 1, 1)
        );
    }
}
