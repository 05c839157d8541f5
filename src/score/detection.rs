//! L3 detection: alarms of one turnout against its developing faults.

use super::judge::ScoreInput;
use super::ledger::{Family, Kind, LedgerRow};
use super::output::OutputKind;
use super::truth::TruthKind;

/// What an alarm is, given the faults of its turnout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The first alarm of the fault with this index.
    First(usize),
    /// One more alarm while the fault with this index, already alarmed, develops.
    Repeat(usize),
    /// No fault had begun.
    False,
}

/// Assigns alarms to faults, both in order of time.
///
/// An alarm counts for the earliest fault that has begun and has had none; once all that have begun
/// had theirs, it repeats the last of them. An alarm raised before any fault began is false, even if
/// it still stands when the fault begins: it told the maintainer nothing about it.
fn assign(onsets_us: &[i64], alarms_us: &[i64]) -> Vec<Outcome> {
    let mut alarmed = 0;
    alarms_us
        .iter()
        .map(|&alarm| {
            let begun = onsets_us.partition_point(|&onset| onset <= alarm);
            if begun == 0 {
                Outcome::False
            } else if alarmed < begun {
                alarmed += 1;
                Outcome::First(alarmed - 1)
            } else {
                Outcome::Repeat(begun - 1)
            }
        })
        .collect()
}

/// Appends the rows of alarms and faults of one turnout.
pub(crate) fn judge_alarms(input: &ScoreInput<'_>, turnout: u32, rows: &mut Vec<LedgerRow>) {
    let mut faults: Vec<usize> = (0..input.truth.len())
        .filter(|&i| input.truth[i].turnout == turnout && input.truth[i].kind == TruthKind::Fault)
        .collect();
    faults.sort_by_key(|&i| (input.truth[i].onset_us, i));
    let mut alarms: Vec<usize> = (0..input.output.len())
        .filter(|&i| {
            input.output[i].turnout == turnout && input.output[i].kind == OutputKind::AlarmRaised
        })
        .collect();
    alarms.sort_by_key(|&i| (input.output[i].time_us, i));
    let onsets_us: Vec<i64> = faults.iter().map(|&i| input.truth[i].onset_us).collect();
    let alarms_us: Vec<i64> = alarms.iter().map(|&i| input.output[i].time_us).collect();

    let mut first: Vec<Option<usize>> = vec![None; faults.len()];
    for (&alarm, outcome) in alarms.iter().zip(assign(&onsets_us, &alarms_us)) {
        let output = &input.output[alarm];
        let (kind, fault) = match outcome {
            Outcome::First(fault) => {
                first[fault] = Some(alarm);
                let late = output.time_us > input.truth[faults[fault]].end_us;
                (
                    if late { Kind::Late } else { Kind::Match },
                    Some(faults[fault]),
                )
            }
            Outcome::Repeat(fault) => (Kind::Repeat, Some(faults[fault])),
            Outcome::False => (Kind::False, None),
        };
        rows.push(LedgerRow {
            window: output.window,
            channel: output.label.clone(),
            time_us: Some(output.time_us),
            truth_row: fault.map(|index| index as u64 + 1),
            output_row: Some(alarm as u64 + 1),
            got: Some(output.time_us as f64),
            note: fault
                .map(|index| input.truth[index].label.clone())
                .unwrap_or_default(),
            ..LedgerRow::new(input.scenario, Family::Alarm, kind, turnout)
        });
    }
    for (&fault, &alarm) in faults.iter().zip(&first) {
        let truth = &input.truth[fault];
        let alarm_us = alarm.map(|index| input.output[index].time_us);
        let kind = match alarm_us {
            None => Kind::Miss,
            Some(time) if time > truth.end_us => Kind::Late,
            Some(_) => Kind::Match,
        };
        rows.push(LedgerRow {
            window: alarm.and_then(|index| input.output[index].window),
            channel: truth.label.clone(),
            time_us: Some(truth.onset_us),
            truth_row: Some(fault as u64 + 1),
            output_row: alarm.map(|index| index as u64 + 1),
            expected: Some(truth.onset_us as f64),
            got: alarm_us.map(|time| time as f64),
            error: alarm_us.map(|time| time.saturating_sub(truth.onset_us) as f64),
            ..LedgerRow::new(input.scenario, Family::Fault, kind, turnout)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_before_the_onset_is_false_and_one_at_it_is_not() {
        assert_eq!(
            assign(&[100], &[99, 100, 150]),
            [Outcome::False, Outcome::First(0), Outcome::Repeat(0)]
        );
    }

    #[test]
    fn every_fault_takes_one_alarm() {
        assert_eq!(
            assign(&[10, 20, 900], &[25, 30, 40]),
            [Outcome::First(0), Outcome::First(1), Outcome::Repeat(1)]
        );
        assert_eq!(assign(&[], &[1]), [Outcome::False]);
    }
}
