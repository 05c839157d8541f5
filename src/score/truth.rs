//! The truth table: what really happened.

use serde::{Deserialize, Serialize};

use super::features::Features;
use super::row::{Row, list, optional, text};

/// What a row of the truth is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TruthKind {
    /// A train passed.
    Train,
    /// Nothing passed in this window.
    Quiet,
    /// Something other than a train shook the sensor.
    Disturbance,
    /// A fault develops: from `onset_us`, to be warned of by `end_us`.
    Fault,
}

impl TruthKind {
    /// The word in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Quiet => "quiet",
            Self::Disturbance => "disturbance",
            Self::Fault => "fault",
        }
    }
}

/// One true event. All times are microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TruthRow {
    /// Name of the scenario.
    pub scenario: String,
    /// Index of the turnout.
    pub turnout: u32,
    /// Index of the observed window; `None` for what is not bound to one (a fault).
    pub window: Option<u32>,
    /// What the row is about.
    pub kind: TruthKind,
    /// Begin. Of a train: its first axle over the sensor's bearer.
    pub onset_us: i64,
    /// End. Of a train: its last axle over the sensor's bearer; of a fault: the time by which the
    /// pipeline must have warned.
    pub end_us: i64,
    /// Train name, kind of disturbance or fault label.
    pub label: String,
    /// Times of the axles over the sensor's bearer.
    pub axle_times_us: Vec<i64>,
    /// Speed in m/s, positive in either direction.
    pub speed_m_s: Option<f64>,
    /// `facing` or `trailing`; empty where it has no meaning.
    pub direction: String,
    /// `through` or `diverging`; empty where it has no meaning.
    pub route: String,
    /// Temperature of the sensor in degrees Celsius.
    pub temperature_c: Option<f64>,
    /// Condition of the turnout at that time: name with unit, and value.
    pub condition: Vec<(String, f64)>,
    /// Whether a wheel lost contact with the rail.
    pub contact_loss: Option<bool>,
    /// Whether the fast engine left the passage to the full one; `None` if it was not asked.
    #[serde(default)]
    pub left_to_full_engine: Option<bool>,
    /// True features of the passage.
    pub features: Option<Features>,
}

impl TruthRow {
    /// A row of `kind` over the given time, with everything else unknown.
    pub fn new(scenario: &str, turnout: u32, kind: TruthKind, onset_us: i64, end_us: i64) -> Self {
        Self {
            scenario: scenario.to_owned(),
            turnout,
            window: None,
            kind,
            onset_us,
            end_us,
            label: String::new(),
            axle_times_us: Vec::new(),
            speed_m_s: None,
            direction: String::new(),
            route: String::new(),
            temperature_c: None,
            condition: Vec::new(),
            contact_loss: None,
            left_to_full_engine: None,
            features: None,
        }
    }
}

impl Row for TruthRow {
    const FILE: &'static str = "truth.csv";
    const COLUMNS: &'static [&'static str] = &[
        "scenario",
        "turnout",
        "window",
        "kind",
        "onset_us",
        "end_us",
        "label",
        "axles",
        "axle_times_from_onset_us",
        "speed_m_s",
        "direction",
        "route",
        "temperature_c",
        "condition",
        "contact_loss",
        "left_to_full_engine",
        Features::COLUMNS[0],
        Features::COLUMNS[1],
        Features::COLUMNS[2],
        Features::COLUMNS[3],
        Features::COLUMNS[4],
        Features::COLUMNS[5],
        Features::COLUMNS[6],
        Features::COLUMNS[7],
        Features::COLUMNS[8],
        Features::COLUMNS[9],
        Features::COLUMNS[10],
        Features::COLUMNS[11],
        Features::COLUMNS[12],
        Features::COLUMNS[13],
        Features::COLUMNS[14],
        Features::COLUMNS[15],
        Features::COLUMNS[16],
        Features::COLUMNS[17],
        Features::COLUMNS[18],
    ];

    fn cells(&self) -> Vec<String> {
        let is_train = self.kind == TruthKind::Train;
        let condition: Vec<String> = self
            .condition
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut cells = vec![
            self.scenario.clone(),
            self.turnout.to_string(),
            text(self.window),
            self.kind.name().to_owned(),
            self.onset_us.to_string(),
            self.end_us.to_string(),
            self.label.clone(),
            text(is_train.then_some(self.axle_times_us.len())),
            list(
                self.axle_times_us
                    .iter()
                    .map(|time| time.saturating_sub(self.onset_us)),
            ),
            optional(self.speed_m_s),
            self.direction.clone(),
            self.route.clone(),
            optional(self.temperature_c),
            condition.join(" "),
            text(self.contact_loss),
            text(self.left_to_full_engine),
        ];
        cells.extend(feature_cells(self.features.as_ref()));
        cells
    }
}

/// The cells of the features, or as many empty ones.
pub(crate) fn feature_cells(features: Option<&Features>) -> Vec<String> {
    features.map_or_else(
        || vec![String::new(); Features::COLUMNS.len()],
        Features::cells,
    )
}
