//! Hysteresis: an alarm is raised and cleared only by several evaluations in a row.

/// What an evaluation changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmChange {
    /// The alarm is on from now.
    Raised,
    /// The alarm is off from now.
    Cleared,
}

/// State of one alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    consecutive: u32,
    on: bool,
    run: u32,
}

impl Alarm {
    /// An alarm, off, that changes after `consecutive` evaluations in a row (at least one).
    pub fn new(consecutive: u32) -> Self {
        Self {
            consecutive: consecutive.max(1),
            on: false,
            run: 0,
        }
    }

    /// Whether the alarm is on.
    pub fn is_on(&self) -> bool {
        self.on
    }

    /// Takes one evaluation: whether the condition to raise holds, and whether the condition to clear
    /// does. Between the two thresholds neither holds and the state stays.
    pub fn evaluate(&mut self, above: bool, below: bool) -> Option<AlarmChange> {
        let wants_change = if self.on { below } else { above };
        self.run = if wants_change { self.run + 1 } else { 0 };
        if self.run < self.consecutive {
            return None;
        }
        self.run = 0;
        self.on = !self.on;
        Some(if self.on {
            AlarmChange::Raised
        } else {
            AlarmChange::Cleared
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(scores: &[f64]) -> Vec<Option<AlarmChange>> {
        let mut alarm = Alarm::new(3);
        scores
            .iter()
            .map(|&s| alarm.evaluate(s > 5.0, s < 3.0))
            .collect()
    }

    #[test]
    fn three_in_a_row_raise_and_three_in_a_row_clear() {
        let changes = course(&[6.0, 6.0, 4.0, 6.0, 6.0, 6.0, 2.0, 2.0, 4.0, 2.0, 2.0, 2.0]);
        let mut expected = vec![None; 12];
        expected[5] = Some(AlarmChange::Raised);
        expected[11] = Some(AlarmChange::Cleared);
        assert_eq!(changes, expected);
    }

    #[test]
    fn between_the_thresholds_nothing_changes() {
        assert!(course(&[4.9; 100]).iter().all(Option::is_none));
        let mut scores = vec![6.0; 3];
        scores.extend([3.1; 100]);
        assert_eq!(course(&scores).iter().flatten().count(), 1);
    }
}
