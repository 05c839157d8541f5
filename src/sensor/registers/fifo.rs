//! A FIFO of whole entries, oldest first.

use std::collections::VecDeque;

/// What happens to a new entry when the FIFO is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenFull {
    /// The oldest entries make room.
    Overwrite,
    /// The new entry is dropped.
    Keep,
}

/// Entries of one type up to a limit.
#[derive(Debug, Clone)]
pub(super) struct Fifo<T> {
    entries: VecDeque<T>,
    capacity: usize,
}

impl<T> Fifo<T> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            entries: VecDeque::with_capacity(capacity),
            capacity,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= self.capacity
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    /// Appends one entry; true if one was lost for it, the new one or the oldest.
    pub(super) fn push(&mut self, entry: T, when_full: WhenFull) -> bool {
        let full = self.is_full();
        if full && when_full == WhenFull::Keep {
            return true;
        }
        if full {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        full
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        self.entries.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_fifo_drops_the_oldest_or_the_newest() {
        let mut fifo = Fifo::new(2);
        assert!(!fifo.push(1, WhenFull::Overwrite) && !fifo.push(2, WhenFull::Overwrite));
        assert!(fifo.is_full() && fifo.push(3, WhenFull::Overwrite));
        assert!(fifo.push(4, WhenFull::Keep));
        assert_eq!(
            (fifo.pop(), fifo.pop(), fifo.pop()),
            (Some(2), Some(3), None)
        );
    }
}
