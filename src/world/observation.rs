//! What a run leaves behind to be scored.

use crate::device::{DeviceIdentity, LinkReport};
use crate::score::{
    Exposure, LedgerRow, LinkSummary, OutputRow, ResourceRow, ScoreInput, Settings, SignalWindow,
    TruthRow,
};

/// Everything that was true and everything that was said, in order of turnout and time.
#[derive(Debug, Default)]
pub struct Observations {
    /// What happened.
    pub truth: Vec<TruthRow>,
    /// What device and pipeline reported.
    pub output: Vec<OutputRow>,
    /// What the devices needed, where their tier can tell.
    pub resources: Vec<ResourceRow>,
    /// Where the currents of the energy estimate are from.
    pub energy_source: Option<String>,
    /// The link to each device.
    pub link: Vec<LinkSummary>,
    /// Fidelity of the signal of each passage.
    pub signal: Vec<SignalWindow>,
    /// The period of each turnout.
    pub exposure: Vec<Exposure>,
    /// What the devices said against what is true, ready for the ledger.
    pub conduct: Vec<LedgerRow>,
    /// Who the devices said they are.
    pub identities: Vec<DeviceIdentity>,
    /// The full reports of the links, with figures in host time that differ from run to run.
    pub link_reports: Vec<LinkReport>,
    /// Windows observed.
    pub windows: u64,
    /// Trains in them.
    pub trains: u64,
    /// Seconds of signal.
    pub signal_s: f64,
    /// Samples sent to the devices.
    pub samples: u64,
    /// Remarks that a reader must know.
    pub notes: Vec<String>,
}

impl Observations {
    /// What the scores are made of, under the name of the scenario.
    pub fn score_input<'a>(&'a self, scenario: &'a str) -> ScoreInput<'a> {
        ScoreInput {
            scenario,
            truth: &self.truth,
            output: &self.output,
            link: &self.link,
            signal: &self.signal,
            exposure: &self.exposure,
            conduct: &self.conduct,
            settings: Settings::default(),
        }
    }
}
