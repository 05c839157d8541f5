//! From truth and output to the ledger.

use serde::{Deserialize, Serialize};

use super::features::{AXES, BANDS};
use super::ledger::{Family, Kind, LedgerRow};
use super::link::LinkSummary;
use super::matching::match_times;
use super::output::{OutputKind, OutputRow};
use super::signal::Fidelity;
use super::truth::{TruthKind, TruthRow};
use super::validate::{ScoreError, validate};

/// Tolerances of the comparison. All bounds count as inside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Largest difference between true and reported onset of a train, microseconds.
    ///
    /// 2 s: rails carry a train ahead of its first axle for about a second, and two trains over one
    /// turnout are minutes apart.
    pub train_collar_us: u64,
    /// Largest distance between true and reported place of an axle, m, turned into a time by the
    /// true speed.
    ///
    /// 0.8 m: less than half of the shortest usual wheel base (1.8 m, Y25 bogie), so no axle is
    /// credited with its neighbour's report.
    pub axle_tolerance_m: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            train_collar_us: 2_000_000,
            axle_tolerance_m: 0.8,
        }
    }
}

/// Fidelity of the signal of one window and axis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SignalWindow {
    /// Index of the turnout.
    pub turnout: u32,
    /// Index of the observed window.
    pub window: u32,
    /// Index of the axis (x, y, z).
    pub axis: usize,
    /// The comparison.
    pub fidelity: Fidelity,
}

/// The period for which one turnout was under observation; the observed windows are a sample of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exposure {
    /// Index of the turnout.
    pub turnout: u32,
    /// Begin in microseconds since 1970-01-01T00:00:00Z.
    pub begin_us: i64,
    /// End in microseconds since 1970-01-01T00:00:00Z.
    pub end_us: i64,
}

/// Everything that one scenario is scored on.
#[derive(Debug, Clone, Copy)]
pub struct ScoreInput<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// What happened.
    pub truth: &'a [TruthRow],
    /// What was reported.
    pub output: &'a [OutputRow],
    /// The link to each device.
    pub link: &'a [LinkSummary],
    /// Fidelity of the signal, where it was compared.
    pub signal: &'a [SignalWindow],
    /// One period per turnout.
    pub exposure: &'a [Exposure],
    /// Rows about the firmware's conduct, ready for the ledger.
    pub conduct: &'a [LedgerRow],
    /// Tolerances.
    pub settings: Settings,
}

/// Compares output with truth; the rows come by level, then turnout, then time.
pub fn judge(input: &ScoreInput<'_>) -> Result<Vec<LedgerRow>, ScoreError> {
    validate(input)?;
    let mut rows = Vec::new();
    for (index, truth) in input.truth.iter().enumerate() {
        let facts = [
            (Family::ContactLoss, truth.contact_loss),
            (Family::LeftToFullEngine, truth.left_to_full_engine),
        ];
        for (family, is) in facts {
            let Some(is) = is else { continue };
            rows.push(LedgerRow {
                window: truth.window,
                time_us: Some(truth.onset_us),
                truth_row: Some(index as u64 + 1),
                got: Some(f64::from(u8::from(is))),
                note: truth.label.clone(),
                ..LedgerRow::new(input.scenario, family, Kind::Value, truth.turnout)
            });
        }
    }
    for link in input.link {
        rows.extend(link.rows(input.scenario));
    }
    for window in input.signal {
        rows.extend(signal_rows(input.scenario, window));
    }
    rows.extend(input.conduct.iter().cloned());
    let (mut features, mut events) = (Vec::new(), Vec::new());
    for turnout in turnouts(input) {
        judge_trains(input, turnout, &mut features, &mut events);
    }
    rows.append(&mut features);
    rows.append(&mut events);
    for exposure in input.exposure {
        let span_us = exposure.end_us.saturating_sub(exposure.begin_us).max(0);
        rows.push(LedgerRow {
            got: Some(span_us as f64 / (super::decision::YEAR_S * 1e6)),
            ..LedgerRow::new(
                input.scenario,
                Family::Exposure,
                Kind::Value,
                exposure.turnout,
            )
        });
    }
    for turnout in turnouts(input) {
        super::detection::judge_alarms(input, turnout, &mut rows);
    }
    Ok(rows)
}

/// Every turnout that anything is known of, ascending.
pub(crate) fn turnouts(input: &ScoreInput<'_>) -> Vec<u32> {
    let mut turnouts: Vec<u32> = input
        .truth
        .iter()
        .map(|row| row.turnout)
        .chain(input.output.iter().map(|row| row.turnout))
        .chain(input.exposure.iter().map(|row| row.turnout))
        .collect();
    turnouts.sort_unstable();
    turnouts.dedup();
    turnouts
}

fn signal_rows(scenario: &str, window: &SignalWindow) -> Vec<LedgerRow> {
    let f = &window.fidelity;
    let equal = "the measured signal equals the true one, or that one is zero";
    let constant = "a signal is constant";
    [
        (Family::Nrmse, f.nrmse, constant),
        (Family::Snr, f.snr_db, equal),
        (Family::BestLag, Some(f.best_lag as f64), ""),
        (Family::Correlation, f.correlation, constant),
    ]
    .into_iter()
    .map(|(family, value, reason)| LedgerRow {
        window: Some(window.window),
        channel: AXES.get(window.axis).copied().unwrap_or("?").to_owned(),
        got: value,
        note: if value.is_none() {
            reason.to_owned()
        } else {
            String::new()
        },
        ..LedgerRow::new(scenario, family, Kind::Value, window.turnout)
    })
    .collect()
}

fn judge_trains(
    input: &ScoreInput<'_>,
    turnout: u32,
    features: &mut Vec<LedgerRow>,
    events: &mut Vec<LedgerRow>,
) {
    let truth: Vec<usize> = (0..input.truth.len())
        .filter(|&i| input.truth[i].turnout == turnout && input.truth[i].kind == TruthKind::Train)
        .collect();
    let output: Vec<usize> = (0..input.output.len())
        .filter(|&i| {
            input.output[i].turnout == turnout && input.output[i].kind == OutputKind::Train
        })
        .collect();
    let truth_us: Vec<i64> = truth.iter().map(|&i| input.truth[i].onset_us).collect();
    let output_us: Vec<i64> = output.iter().map(|&i| input.output[i].time_us).collect();
    let pairs = match_times(&truth_us, &output_us, input.settings.train_collar_us);

    // By time, a false train before a true one at the same instant.
    let mut order: Vec<(i64, Option<usize>, Option<usize>)> = pairs
        .iter()
        .map(|&(t, o)| (truth_us[t], Some(truth[t]), Some(output[o])))
        .collect();
    let mut missed = vec![true; truth.len()];
    let mut wrong = vec![true; output.len()];
    for &(t, o) in &pairs {
        missed[t] = false;
        wrong[o] = false;
    }
    let indices =
        |flags: &[bool]| -> Vec<usize> { (0..flags.len()).filter(|&index| flags[index]).collect() };
    order.extend(
        indices(&missed)
            .into_iter()
            .map(|i| (truth_us[i], Some(truth[i]), None)),
    );
    order.extend(
        indices(&wrong)
            .into_iter()
            .map(|i| (output_us[i], None, Some(output[i]))),
    );
    order.sort_unstable();
    for (_, t, o) in order {
        let context = Context {
            input,
            turnout,
            truth: t,
            output: o,
        };
        context.event_rows(events);
        context.feature_rows(features);
    }
}

/// One train of the truth, the output, or both.
struct Context<'a> {
    input: &'a ScoreInput<'a>,
    turnout: u32,
    truth: Option<usize>,
    output: Option<usize>,
}

impl Context<'_> {
    fn truth(&self) -> Option<&TruthRow> {
        self.truth.map(|index| &self.input.truth[index])
    }

    fn output(&self) -> Option<&OutputRow> {
        self.output.map(|index| &self.input.output[index])
    }

    fn row(&self, family: Family, kind: Kind) -> LedgerRow {
        let (truth, output) = (self.truth(), self.output());
        LedgerRow {
            window: truth
                .and_then(|t| t.window)
                .or_else(|| output.and_then(|o| o.window)),
            time_us: truth
                .map(|t| t.onset_us)
                .or_else(|| output.map(|o| o.time_us)),
            truth_row: self.truth.map(|index| index as u64 + 1),
            output_row: self.output.map(|index| index as u64 + 1),
            note: truth.map(|t| t.label.clone()).unwrap_or_default(),
            ..LedgerRow::new(self.input.scenario, family, kind, self.turnout)
        }
    }

    /// A row that compares two values in the family's unit.
    fn compared(&self, family: Family, kind: Kind, expected: f64, got: f64) -> LedgerRow {
        LedgerRow {
            expected: Some(expected),
            got: Some(got),
            error: Some(got - expected),
            ..self.row(family, kind)
        }
    }

    /// A row that compares two times, whose difference is exact.
    fn timed(&self, family: Family, channel: String, expected: i64, got: i64) -> LedgerRow {
        LedgerRow {
            channel,
            expected: Some(expected as f64),
            got: Some(got as f64),
            error: Some(got.saturating_sub(expected) as f64),
            ..self.row(family, Kind::Match)
        }
    }

    fn event_rows(&self, rows: &mut Vec<LedgerRow>) {
        match (self.truth(), self.output()) {
            (Some(truth), Some(output)) => {
                rows.push(self.timed(Family::Train, String::new(), truth.onset_us, output.time_us));
                let want = truth.axle_times_us.len() as f64;
                let count = output
                    .axle_count
                    .unwrap_or(output.axle_times_us.len() as u32);
                let got = f64::from(count);
                let exact = truth.axle_times_us.len() as u64 == u64::from(count);
                let kind = if exact { Kind::Match } else { Kind::Miss };
                rows.push(self.compared(Family::AxleCount, kind, want, got));
                rows.push(self.speed_row(truth, output));
            }
            (Some(truth), None) => {
                rows.push(LedgerRow {
                    expected: Some(truth.onset_us as f64),
                    ..self.row(Family::Train, Kind::Miss)
                });
                rows.push(LedgerRow {
                    expected: Some(truth.axle_times_us.len() as f64),
                    ..self.row(Family::AxleCount, Kind::Miss)
                });
            }
            (None, Some(output)) => rows.push(LedgerRow {
                got: Some(output.time_us as f64),
                note: self.inside(output.time_us),
                ..self.row(Family::Train, Kind::False)
            }),
            (None, None) => return,
        }
        self.axle_rows(rows);
        if let Some(bytes) = self.output().and_then(|output| output.uplink_bytes) {
            rows.push(LedgerRow {
                got: Some(f64::from(bytes)),
                ..self.row(Family::UplinkBytes, Kind::Value)
            });
        }
    }

    fn speed_row(&self, truth: &TruthRow, output: &OutputRow) -> LedgerRow {
        let want = truth.speed_m_s.unwrap_or(0.0);
        match output.speed_m_s {
            Some(got) => self.compared(Family::Speed, Kind::Match, want, got),
            None => LedgerRow {
                expected: Some(want),
                ..self.row(Family::Speed, Kind::Miss)
            },
        }
    }

    /// What a false train lies in: a disturbance or a passage that was reported twice.
    fn inside(&self, time_us: i64) -> String {
        let around = |row: &&TruthRow| {
            row.turnout == self.turnout
                && row.kind != TruthKind::Fault
                && (row.onset_us..=row.end_us).contains(&time_us)
        };
        let rows = || self.input.truth.iter().filter(around);
        let found = rows()
            .find(|row| row.kind != TruthKind::Quiet)
            .or_else(|| rows().next());
        found.map_or_else(String::new, |row| match row.kind {
            TruthKind::Train => format!("during train {}", row.label),
            TruthKind::Disturbance => format!("during {}", row.label),
            _ => "in a quiet window".to_owned(),
        })
    }

    fn axle_rows(&self, rows: &mut Vec<LedgerRow>) {
        let want = self.truth().map_or(&[][..], |t| &t.axle_times_us);
        let got = self.output().map_or(&[][..], |o| &o.axle_times_us);
        let speed = self
            .truth()
            .and_then(|t| t.speed_m_s)
            .unwrap_or(f64::INFINITY);
        let tolerance_us = (self.input.settings.axle_tolerance_m / speed * 1e6).floor() as u64;
        let pairs = match_times(want, got, tolerance_us);
        let mut partner: Vec<Option<usize>> = vec![None; want.len()];
        let mut used = vec![false; got.len()];
        for (t, o) in pairs {
            partner[t] = Some(o);
            used[o] = true;
        }
        for (t, partner) in partner.into_iter().enumerate() {
            let channel = (t + 1).to_string();
            rows.push(match partner {
                Some(o) => self.timed(Family::Axle, channel, want[t], got[o]),
                None => LedgerRow {
                    channel,
                    expected: Some(want[t] as f64),
                    ..self.row(Family::Axle, Kind::Miss)
                },
            });
        }
        for (o, _) in used.iter().enumerate().filter(|(_, used)| !**used) {
            rows.push(LedgerRow {
                channel: format!("{} as reported", o + 1),
                got: Some(got[o] as f64),
                ..self.row(Family::Axle, Kind::False)
            });
        }
    }

    fn feature_rows(&self, rows: &mut Vec<LedgerRow>) {
        let (Some(truth), Some(output)) = (
            self.truth().and_then(|t| t.features),
            self.output().and_then(|o| o.features),
        ) else {
            return;
        };
        let mut push = |family, channel: &str, want: Option<f64>, got: Option<f64>| {
            if let Some(want) = want {
                rows.push(LedgerRow {
                    channel: channel.to_owned(),
                    expected: Some(want),
                    got,
                    error: got.map(|got| got - want),
                    ..self.row(
                        family,
                        if got.is_some() {
                            Kind::Match
                        } else {
                            Kind::Miss
                        },
                    )
                });
            }
        };
        for (family, want, got) in [
            (Family::Rms, truth.rms_m_s2, output.rms_m_s2),
            (Family::Peak, truth.peak_m_s2, output.peak_m_s2),
            (Family::Crest, truth.crest, output.crest),
            (Family::Kurtosis, truth.kurtosis, output.kurtosis),
        ] {
            for (axis, name) in AXES.iter().enumerate() {
                push(family, name, Some(want[axis]), Some(got[axis]));
            }
        }
        for (band, name) in BANDS.iter().enumerate() {
            push(
                Family::BandRms,
                name,
                truth.band_rms_m_s2[band],
                output.band_rms_m_s2[band],
            );
        }
        let (want, got) = (truth.displacement_pp_m, output.displacement_pp_m);
        push(Family::Displacement, "", want, got);
    }
}
