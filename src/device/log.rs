//! Everything that crossed the line of one session, for the session log.

use std::time::Instant;

use crate::link::{SAMPLES_HEADER_BYTES, kind};

/// Direction of a [`LinkRecord`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From the bench to the device.
    Down,
    /// From the device to the bench.
    Up,
}

/// What crossed the line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkItem {
    /// A frame. Of a SAMPLES frame only the head is kept: its counts are the caller's.
    Frame {
        /// Message type.
        kind: u8,
        /// Sequence number.
        sequence: u16,
        /// Payload; of SAMPLES its head.
        payload: Vec<u8>,
    },
    /// The bytes that went out instead of the frame before: damage done on purpose.
    Damaged(Vec<u8>),
    /// Something that came and was no acceptable frame, in words.
    Rejected(String),
}

/// One thing that crossed the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRecord {
    /// Direction.
    pub way: Way,
    /// Sample time. Down: index of the next sample. Up: first sample of the frame that the device
    /// answered last.
    pub sample: u32,
    /// Host time since the log was begun, us. Differs from run to run.
    pub host_us: u64,
    /// What crossed.
    pub item: LinkItem,
}

/// Collects records.
#[derive(Debug)]
pub(super) struct LinkLog {
    since: Instant,
    records: Vec<LinkRecord>,
    down: u32,
    up: u32,
}

impl LinkLog {
    pub(super) const fn new(since: Instant) -> Self {
        Self {
            since,
            records: Vec::new(),
            down: 0,
            up: 0,
        }
    }

    pub(super) fn sent(&mut self, kind: u8, sequence: u16, payload: &[u8]) {
        if matches!(kind, kind::SAMPLES | kind::TIMESYNC) {
            self.down = first_sample(payload).unwrap_or(self.down);
        }
        let kept = if kind == kind::SAMPLES {
            payload.get(..SAMPLES_HEADER_BYTES).unwrap_or(payload)
        } else {
            payload
        };
        let payload = kept.to_vec();
        let item = LinkItem::Frame {
            kind,
            sequence,
            payload,
        };
        self.push(Way::Down, item);
    }

    pub(super) fn damaged(&mut self, bytes: &[u8]) {
        self.push(Way::Down, LinkItem::Damaged(bytes.to_vec()));
    }

    pub(super) fn received(&mut self, kind: u8, sequence: u16, payload: &[u8]) {
        if matches!(kind, kind::RESULT | kind::UPLINK | kind::TIMESYNC_ACK) {
            self.up = first_sample(payload).unwrap_or(self.up);
        }
        let payload = payload.to_vec();
        let item = LinkItem::Frame {
            kind,
            sequence,
            payload,
        };
        self.push(Way::Up, item);
    }

    pub(super) fn rejected(&mut self, words: String) {
        self.push(Way::Up, LinkItem::Rejected(words));
    }

    pub(super) fn take(&mut self) -> Vec<LinkRecord> {
        std::mem::take(&mut self.records)
    }

    fn push(&mut self, way: Way, item: LinkItem) {
        let host_us = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        let sample = match way {
            Way::Down => self.down,
            Way::Up => self.up,
        };
        self.records.push(LinkRecord {
            way,
            sample,
            host_us,
            item,
        });
    }
}

/// SAMPLES, TIMESYNC and their answers begin with a sample index.
fn first_sample(payload: &[u8]) -> Option<u32> {
    payload
        .first_chunk()
        .map(|bytes| u32::from_le_bytes(*bytes))
}
