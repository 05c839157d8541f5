//! Credits: which SAMPLES frames are under way, and what their answers say.

use std::collections::VecDeque;
use std::time::Instant;

/// A SAMPLES frame that has not been answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct InFlight {
    pub(super) t0: u32,
    pub(super) n: u16,
    pub(super) sent: Instant,
}

/// Frames under way, oldest first.
#[derive(Debug, Default)]
pub(super) struct Flow {
    frames: VecDeque<InFlight>,
}

/// What a RESULT means.
#[derive(Debug)]
pub(super) enum Answer {
    /// It answers this frame; so many older ones were never answered and never will be, since a
    /// device answers in order.
    Matches {
        /// The frame.
        frame: InFlight,
        /// Older frames given up.
        lost: u64,
    },
    /// It answers no frame under way.
    Stray,
}

impl Flow {
    pub(super) fn len(&self) -> usize {
        self.frames.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    pub(super) fn oldest(&self) -> Option<InFlight> {
        self.frames.front().copied()
    }

    pub(super) fn sent(&mut self, t0: u32, n: u16) {
        self.frames.push_back(InFlight {
            t0,
            n,
            sent: Instant::now(),
        });
    }

    pub(super) fn contains(&self, t0: u32, n: u16) -> bool {
        self.frames
            .iter()
            .any(|frame| frame.t0 == t0 && frame.n == n)
    }

    pub(super) fn answered(&mut self, t0: u32, n: u16) -> Answer {
        let Some(place) = self.frames.iter().position(|f| f.t0 == t0 && f.n == n) else {
            return Answer::Stray;
        };
        let lost = self.frames.drain(..place).count() as u64;
        self.frames
            .pop_front()
            .map_or(Answer::Stray, |frame| Answer::Matches { frame, lost })
    }

    /// The device has answered something sent later: whatever is under way is lost.
    pub(super) fn give_up(&mut self) -> u64 {
        self.frames.drain(..).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_gives_up_the_frames_before_it() {
        let mut flow = Flow::default();
        (0..4).for_each(|i| flow.sent(i * 32, 32));
        assert!(matches!(
            flow.answered(0, 32),
            Answer::Matches { lost: 0, .. }
        ));
        assert!(matches!(flow.answered(0, 32), Answer::Stray));
        assert!(matches!(flow.answered(96, 31), Answer::Stray));
        assert!(matches!(
            flow.answered(96, 32),
            Answer::Matches { lost: 2, .. }
        ));
        assert!(flow.is_empty());
        flow.sent(128, 32);
        assert_eq!(flow.give_up(), 1);
    }
}
