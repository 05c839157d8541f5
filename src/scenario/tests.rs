//! Whole-file checks: what a user gets wrong, and what they are told.

use std::path::Path;

use super::{Catalogue, Loaded, PartLimits, ScenarioError, SensorPart, VehicleLimits, parse};

/// The shape of a full scenario, every table used.
const FULL: &str = include_str!("../../tests/data/scenario/full.toml");

fn catalogue() -> Catalogue {
    Catalogue {
        vehicles: ["locomotive", "manchester-passenger", "freight-wagon"]
            .map(|name| VehicleLimits {
                name: name.to_owned(),
                axles: 4,
            })
            .to_vec(),
        axles_max: 512,
        parts: vec![PartLimits {
            part: SensorPart::Iis3dwb,
            ranges_g: vec![2.0, 4.0, 8.0, 16.0],
            rate_min_hz: 500.0,
            rate_max_hz: 26_666.6,
            rate_agrees: 1.0e-4,
            fifo_samples: 512,
        }],
    }
}

fn check(text: &str, overrides: &[&str]) -> Result<Loaded, ScenarioError> {
    let overrides: Vec<String> = overrides.iter().map(|&text| text.to_owned()).collect();
    parse(Path::new("dir/case.toml"), text, &overrides, &catalogue())
}

/// Place, text and message of each problem.
fn complaints(text: &str, overrides: &[&str]) -> Vec<String> {
    let error = check(text, overrides).expect_err("must be refused");
    error
        .problems()
        .iter()
        .map(|problem| {
            let (line, column) = problem.line_column();
            format!(
                "{line}:{column} `{}` {}",
                problem.offending_text(),
                problem.message()
            )
        })
        .collect()
}

#[test]
fn a_full_scenario_is_accepted() {
    let loaded = check(FULL, &[]).map_err(miette::Report::new).unwrap();
    assert_eq!(loaded.name, "case");
    assert_eq!(loaded.expectations.len(), 4);
    assert_eq!(loaded.scenario.wear[0].course.len(), 3);
}

#[test]
fn a_rounded_output_rate_is_that_of_the_part() {
    for rate in ["26666.7", "26667", "26666.6", "500"] {
        check(FULL, &[&format!("sensor.output_rate_hz={rate}")]).unwrap();
    }
    for rate in ["26670", "499"] {
        let refused = complaints(FULL, &[&format!("sensor.output_rate_hz={rate}")]);
        assert!(
            refused[0].contains(&format!("no output rate of {rate} Hz")),
            "{refused:?}"
        );
    }
}

#[test]
fn every_problem_of_a_file_is_told_at_once() {
    let syntax = complaints("format = \nx = [1,,2]\n[turnout\n", &[]);
    assert_eq!(syntax.len(), 3, "{syntax:?}");
    assert!(
        syntax.iter().all(|c| c.contains("not valid TOML")),
        "{syntax:?}"
    );
    let empty = complaints("", &[]);
    assert!(empty[0].contains("the file is empty"), "{empty:?}");
    let many = complaints(
        "format = 1\npassages = 4\n[turnout]\ntype = '60E1-R760-1:1'\ncuont=1\ncount=0\n[track]\njoint=[{}, {at_m=nan, depth_mm=1e999, widht_m=1}]\n[[traffic.train]]\nvehicles=['locomotiv x 3']\nspeed_km_h={mean=900}\n",
        &["seed=-4", "time.days=x", "expect=['train_f >= 1', 'a']"],
    );
    for part in [
        "`passages`",
        "60E1-R760-1:1",
        "`cuont`",
        "`turnout.count` is 0",
        "`at_m` is missing",
        "`depth_mm` is missing",
        "nan",
    ] {
        assert!(many.iter().any(|c| c.contains(part)), "{part}: {many:#?}");
    }
}

#[test]
fn more_repeats_than_find_room_are_refused() {
    let crowded = ["observe.passages=4", "observe.repeat=900", "time.days=1"];
    let refused = complaints(FULL, &crowded);
    assert!(
        refused.iter().any(|c| c.contains("repeats included")),
        "{refused:?}"
    );
    let fits = ["observe.passages=4", "observe.repeat=2"];
    check(FULL, &fits).map_err(miette::Report::new).unwrap();
}
