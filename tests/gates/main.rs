//! The gates of `frogbench validate`, one test for each section, and what trains have to obey.
//! Every gate prints reference, ours and deviation (`cargo nextest run --test gates --no-capture`).
#![allow(clippy::unwrap_used)] // helpers of tests are not marked as tests themselves

mod facts;
mod support;
mod train;
mod two_rails;

use frogbench::validate::SECTIONS;

/// Judges a section; fails once, with all gates that failed.
fn judge(name: &str) {
    let section = SECTIONS.iter().find(|s| s.name == name).unwrap();
    let gates = section.gates().unwrap();
    assert!(!gates.is_empty(), "{name} has no gate");
    let mut failed = Vec::new();
    for gate in &gates {
        let line = format!(
            "{}: reference {}, ours {} {}, deviation {:.2e} of {:.0e} [{}]",
            gate.name,
            gate.reference,
            gate.got,
            gate.unit,
            gate.deviation(),
            gate.tolerance,
            gate.source
        );
        println!("{:4} {line}", if gate.pass { "ok" } else { "FAIL" });
        if !gate.pass {
            failed.push(line);
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} gates failed:\n{}",
        failed.len(),
        gates.len(),
        failed.join("\n")
    );
}

macro_rules! sections {
    ($($test:ident = $name:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            judge($name);
        })*

        /// No section of `frogbench validate` goes untested.
        #[test]
        fn every_section_is_a_test() {
            let tested = [$($name),*];
            let known: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
            assert_eq!(known, tested);
        }
    };
}

sections! {
    statics = "statics",
    receptance = "receptance",
    moving_load = "moving-load",
    impact = "impact",
    jenkins = "jenkins",
    convergence = "convergence",
    indicator = "indicator",
    energy = "energy",
    energy_of_two_rails = "energy-two-rails",
    voids = "voids",
    rigid_bearers = "rigid-bearers",
    trains = "trains",
    two_rails_on_bearers = "two-rails",
    the_fast_engine_is_near_the_full_one = "fast-engine",
}
