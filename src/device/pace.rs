//! Samples at the times at which a sensor would have had them: for hardware, whose clock is its own.

use std::time::{Duration, Instant};

use super::conversation::Conversation;
use super::error::DeviceError;
use super::wire::Received;

/// Due times of one stretch of samples.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    start: Instant,
    rate_hz: f64,
    samples: u64,
}

impl Pace {
    /// Sample 0 is now.
    pub(super) fn from_now(rate_hz: f64) -> Self {
        Self {
            start: Instant::now(),
            rate_hz,
            samples: 0,
        }
    }

    /// When a batch of `n` more samples is complete.
    pub(super) fn due(&mut self, n: usize) -> Instant {
        self.samples += n as u64;
        self.start + Duration::from_secs_f64(self.samples as f64 / self.rate_hz)
    }
}

impl Conversation {
    /// Takes what the device says until `due`.
    pub(super) fn listen_until(&mut self, due: Instant) -> Result<(), DeviceError> {
        loop {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            match self.wire.receive(left) {
                Ok(Received::Nothing | Received::Rejected) => {}
                Ok(Received::HangUp) => return Err(self.died()),
                Ok(Received::Message(message)) => self.on_message(message)?,
                Err(e) => return Err(self.line_failed(e)),
            }
        }
    }

    /// Sends the outbox at `due` and keeps how late it was.
    pub(super) fn flush_at(&mut self, due: Instant) -> Result<(), DeviceError> {
        self.listen_until(due)?;
        let late = Instant::now().saturating_duration_since(due).as_micros();
        self.report
            .jitter
            .record(u64::try_from(late).unwrap_or(u64::MAX));
        self.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_due_when_its_last_sample_is_taken() {
        let mut pace = Pace::from_now(4000.0);
        let start = pace.start;
        for (n, milliseconds) in [(32, 8), (32, 16), (8, 18)] {
            let due = pace.due(n).duration_since(start);
            let error = due.as_secs_f64() - f64::from(milliseconds) * 1e-3;
            assert!(error.abs() < 1e-8, "{due:?}");
        }
    }
}
