//! What the device needed in each window, where its tier can tell.

use serde::{Deserialize, Serialize};

use super::row::{Row, optional};

/// Needs of one window on an emulated device.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceRow {
    /// Name of the scenario.
    pub scenario: String,
    /// Index of the turnout.
    pub turnout: u32,
    /// Index of the window.
    pub window: u32,
    /// Whether a train passes in it.
    pub passage: bool,
    /// Length of the signal in us.
    pub duration_us: u64,
    /// Sample frames that the device took.
    pub frames: u64,
    /// Instructions for all of them: a count of the emulator, not cycles of a silicon. 0 on a tier that does not count.
    pub instructions: u64,
    /// Instructions for the frame that took most.
    pub frame_instructions_max: u32,
    /// Bytes of stack in use at most since the device's start.
    pub stack_peak_bytes: u32,
    /// Bytes of stack that there are.
    pub stack_bytes: u32,
    /// Messages by radio.
    pub radio_messages: u64,
    /// Their bytes.
    pub radio_bytes: u64,
    /// Energy by the currents per state in mJ; `None` where instructions are not counted.
    pub energy_mj: Option<f64>,
}

impl Row for ResourceRow {
    const FILE: &'static str = "resources.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "turnout",
        "window",
        "kind",
        "duration_us",
        "frames",
        "instructions",
        "frame_instructions_max",
        "stack_peak_bytes",
        "stack_bytes",
        "radio_messages",
        "radio_bytes",
        "energy_mj",
    ];

    fn cells(&self) -> Vec<String> {
        vec![
            self.scenario.clone(),
            self.turnout.to_string(),
            self.window.to_string(),
            if self.passage { "passage" } else { "quiet" }.to_owned(),
            self.duration_us.to_string(),
            self.frames.to_string(),
            self.instructions.to_string(),
            self.frame_instructions_max.to_string(),
            self.stack_peak_bytes.to_string(),
            self.stack_bytes.to_string(),
            self.radio_messages.to_string(),
            self.radio_bytes.to_string(),
            optional(self.energy_mj),
        ]
    }
}

/// Needs of a whole run: per passage, and the worst of all windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    /// Passages that the means are over.
    pub passages: u64,
    /// Instructions per passage, mean; 0 on a tier that does not count.
    pub instructions_per_passage: f64,
    /// Instructions for the frame that took most.
    pub frame_instructions_max: u32,
    /// Bytes of stack in use at most.
    pub stack_peak_bytes: u32,
    /// Bytes of stack that there are.
    pub stack_bytes: u32,
    /// Bytes by radio per passage, mean.
    pub radio_bytes_per_passage: f64,
    /// Energy per passage in mJ, mean; absent where instructions are not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_per_passage_mj: Option<f64>,
    /// Where the currents are from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub energy_source: Option<String>,
}

impl Resources {
    /// Of the rows of a run, in their order; `None` without any.
    pub fn of(rows: &[ResourceRow], energy_source: Option<&str>) -> Option<Self> {
        let passages: Vec<&ResourceRow> = rows.iter().filter(|row| row.passage).collect();
        let mean = |of: &dyn Fn(&ResourceRow) -> f64| {
            let sum: f64 = passages.iter().map(|row| of(row)).sum();
            sum / passages.len().max(1) as f64
        };
        let most = |of: fn(&ResourceRow) -> u32| rows.iter().map(of).max();
        let has_energy = !passages.is_empty() && passages.iter().all(|row| row.energy_mj.is_some());
        Some(Self {
            passages: passages.len() as u64,
            instructions_per_passage: mean(&|row| row.instructions as f64),
            frame_instructions_max: most(|row| row.frame_instructions_max)?,
            stack_peak_bytes: most(|row| row.stack_peak_bytes)?,
            stack_bytes: most(|row| row.stack_bytes)?,
            radio_bytes_per_passage: mean(&|row| row.radio_bytes as f64),
            energy_per_passage_mj: has_energy
                .then(|| mean(&|row| row.energy_mj.unwrap_or_default())),
            energy_source: energy_source.filter(|_| has_energy).map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(passage: bool, instructions: u64, stack: u32, energy: Option<f64>) -> ResourceRow {
        ResourceRow {
            scenario: "s".to_owned(),
            turnout: 0,
            window: 3,
            passage,
            duration_us: 4_000_000,
            frames: 500,
            instructions,
            frame_instructions_max: (instructions / 100) as u32,
            stack_peak_bytes: stack,
            stack_bytes: 8192,
            radio_messages: 1,
            radio_bytes: instructions / 1000,
            energy_mj: energy,
        }
    }

    #[test]
    fn means_are_over_passages_and_the_worst_over_all_windows() {
        let rows = [
            row(true, 1000, 100, Some(2.0)),
            row(true, 3000, 90, Some(4.0)),
            row(false, 9000, 300, Some(9.0)),
        ];
        let all = Resources::of(&rows, Some("a data sheet")).unwrap();
        assert_eq!(all.passages, 2);
        assert_eq!(all.instructions_per_passage.to_bits(), 2000f64.to_bits());
        assert_eq!(
            (all.frame_instructions_max, all.stack_peak_bytes),
            (90, 300)
        );
        assert_eq!(all.radio_bytes_per_passage.to_bits(), 2f64.to_bits());
        assert_eq!(all.energy_per_passage_mj, Some(3.0));
        assert_eq!(all.energy_source.as_deref(), Some("a data sheet"));
        assert_eq!(Resources::of(&[], None), None);
        let without = Resources::of(&[row(true, 0, 1, None)], Some("x")).unwrap();
        assert_eq!(
            (without.energy_per_passage_mj, without.energy_source),
            (None, None)
        );
        assert_eq!(rows[0].cells().len(), ResourceRow::COLUMNS.len());
    }
}
