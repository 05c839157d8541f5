//! L3 and L6: alarms against failures, as a ledger of hits, repeats, late and false alarms.

use super::interval::poisson_bounds;
use super::sum::median;

/// Seconds of a year of 365.25 days.
pub const YEAR_S: f64 = 365.25 * 86_400.0;

/// One observed switch; all times in integer seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedSwitch {
    /// Begin of the observation.
    pub begin_s: i64,
    /// End of the observation.
    pub end_s: i64,
    /// Times of the failures.
    pub failures_s: Vec<i64>,
    /// Times at which alarms were raised.
    pub alarms_s: Vec<i64>,
}

/// When an alarm is of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadLimits {
    /// Shortest useful time between alarm and failure in seconds; the bound counts.
    pub min_s: i64,
    /// Longest useful time between alarm and failure in seconds; the bound counts.
    pub max_s: i64,
}

/// What an alarm turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmOutcome {
    /// The earliest eligible alarm of a failure, with the failure's index and the lead in seconds.
    Hit {
        /// Index of the failure in order of time.
        failure: usize,
        /// Failure minus alarm in seconds.
        lead_s: i64,
    },
    /// A further eligible alarm of a failure that had its hit.
    Repeat,
    /// Too short before a failure that had no hit: the failure still counts as missed.
    Late,
    /// None of these.
    False,
}

/// Costs in any one currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Costs {
    /// Planned work after a hit.
    pub planned: f64,
    /// Inspection after a false alarm.
    pub inspection: f64,
    /// Failure that was missed, without its delay.
    pub failure: f64,
    /// Delay of a missed failure in minutes.
    pub delay_min: f64,
    /// Cost of a minute of delay.
    pub delay_per_min: f64,
}

/// The outcome of every alarm, and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decisions {
    /// Per switch, the outcome of each alarm in order of time.
    pub outcomes: Vec<Vec<AlarmOutcome>>,
    /// Failures that were warned of in time.
    pub hits: u64,
    /// False alarms.
    pub false_alarms: u64,
    /// Failures without a hit.
    pub missed: u64,
    /// Missed failures with an alarm that came too late.
    pub late: u64,
    /// Further eligible alarms of a failure that had its hit.
    pub repeats: u64,
    /// Leads of the hits in seconds, ascending.
    pub leads_s: Vec<i64>,
    /// Observation in switch-years.
    pub exposure_years: f64,
}

impl Decisions {
    /// False alarms per switch-year with exact 95 % Poisson bounds; `None` without exposure.
    pub fn false_alarm_rate(&self) -> Option<(f64, (f64, f64))> {
        if self.exposure_years <= 0.0 {
            return None;
        }
        let (low, high) = poisson_bounds(self.false_alarms);
        let years = self.exposure_years;
        Some((
            self.false_alarms as f64 / years,
            (low / years, high / years),
        ))
    }

    /// Median lead in seconds; `None` without a hit.
    pub fn median_lead_s(&self) -> Option<f64> {
        median(
            &self
                .leads_s
                .iter()
                .map(|&lead| lead as f64)
                .collect::<Vec<_>>(),
        )
    }

    /// Hits over hits and false alarms; `None` if there was neither.
    pub fn precision(&self) -> Option<f64> {
        let n = self.hits + self.false_alarms;
        (n > 0).then(|| self.hits as f64 / n as f64)
    }

    /// Hits over failures; `None` without a failure.
    pub fn recall(&self) -> Option<f64> {
        let n = self.hits + self.missed;
        (n > 0).then(|| self.hits as f64 / n as f64)
    }

    /// Hits x planned + false alarms x inspection + missed x (failure + delay).
    pub fn cost(&self, costs: Costs) -> f64 {
        self.hits as f64 * costs.planned
            + self.false_alarms as f64 * costs.inspection
            + self.missed as f64 * (costs.failure + costs.delay_min * costs.delay_per_min)
    }
}

/// Judges every alarm of every switch.
///
/// Failures ascending, each consumes all eligible alarms that no earlier failure consumed: the
/// earliest is its hit, the others repeat it. Of the rest, an alarm less than the shortest lead
/// before a missed failure is late, and any other one is false.
pub fn decide(switches: &[ObservedSwitch], limits: LeadLimits) -> Decisions {
    let mut result = Decisions {
        outcomes: Vec::with_capacity(switches.len()),
        hits: 0,
        false_alarms: 0,
        missed: 0,
        late: 0,
        repeats: 0,
        leads_s: Vec::new(),
        exposure_years: 0.0,
    };
    let mut exposure_s = 0_i64;
    for switch in switches {
        exposure_s = exposure_s.saturating_add(switch.end_s.saturating_sub(switch.begin_s).max(0));
        let outcomes = decide_switch(switch, limits, &mut result);
        result.outcomes.push(outcomes);
    }
    result.leads_s.sort_unstable();
    result.exposure_years = exposure_s as f64 / YEAR_S;
    result
}

fn decide_switch(
    switch: &ObservedSwitch,
    limits: LeadLimits,
    result: &mut Decisions,
) -> Vec<AlarmOutcome> {
    let mut failures = switch.failures_s.clone();
    failures.sort_unstable();
    let mut alarms = switch.alarms_s.clone();
    alarms.sort_unstable();
    let mut outcomes: Vec<Option<AlarmOutcome>> = vec![None; alarms.len()];
    let lead = |failure: i64, alarm: i64| failure.saturating_sub(alarm);
    let mut missed = Vec::new();
    for (index, &failure) in failures.iter().enumerate() {
        let eligible = |alarm: i64| (limits.min_s..=limits.max_s).contains(&lead(failure, alarm));
        let mut hit = false;
        for (alarm, outcome) in alarms.iter().zip(&mut outcomes) {
            if outcome.is_some() || !eligible(*alarm) {
                continue;
            }
            if hit {
                *outcome = Some(AlarmOutcome::Repeat);
                continue;
            }
            hit = true;
            let lead_s = lead(failure, *alarm);
            *outcome = Some(AlarmOutcome::Hit {
                failure: index,
                lead_s,
            });
            result.hits += 1;
            result.leads_s.push(lead_s);
        }
        if !hit {
            missed.push(failure);
        }
    }
    result.missed += missed.len() as u64;
    let is_late = |failure: i64, alarm: i64| (0..limits.min_s).contains(&lead(failure, alarm));
    result.late += missed
        .iter()
        .filter(|&&f| alarms.iter().any(|&a| is_late(f, a)))
        .count() as u64;
    let judged: Vec<AlarmOutcome> = alarms
        .iter()
        .zip(outcomes)
        .map(|(&alarm, outcome)| match outcome {
            Some(outcome) => outcome,
            None if missed.iter().any(|&f| is_late(f, alarm)) => AlarmOutcome::Late,
            None => AlarmOutcome::False,
        })
        .collect();
    let count = |kind: AlarmOutcome| judged.iter().filter(|&&o| o == kind).count() as u64;
    result.repeats += count(AlarmOutcome::Repeat);
    result.false_alarms += count(AlarmOutcome::False);
    judged
}
