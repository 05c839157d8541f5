//! JUnit XML for CI: one suite per scenario, one case per expectation.

use quick_junit::{
    NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite,
};

use super::format;
use super::result::{ExpectationResult, RunResult, ScenarioResult, Verdict};

/// The run as JUnit XML. It holds no times and no identifiers, so that equal runs give equal bytes.
///
/// Every suite begins with the case `run is valid`; if that is an error (violated link, dead device), the
/// expectations are skipped.
pub fn junit(run: &RunResult) -> Result<String, SerializeError> {
    let mut report = Report::new("frogbench");
    report.add_test_suites(run.scenarios.iter().map(suite));
    report.to_string()
}

fn suite(scenario: &ScenarioResult) -> TestSuite {
    let mut suite = TestSuite::new(&scenario.name);
    suite.add_property(Property::new("seed", scenario.seed.to_string()));
    suite.add_property(Property::new("version", &scenario.version));
    suite.add_property(Property::new("device", &scenario.device.tier));
    suite.add_property(Property::new("reproduce", &scenario.reproduce));
    suite.add_test_case(link_case(scenario));
    for expectation in &scenario.expectations {
        suite.add_test_case(expectation_case(scenario, expectation));
    }
    suite
}

fn link_case(scenario: &ScenarioResult) -> TestCase {
    let status = if scenario.verdict == Verdict::Invalid {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status
            .set_type("invalid")
            .set_message(scenario.invalid.join(", "));
        status.set_description(format!("reproduce: {}", scenario.reproduce));
        status
    } else {
        TestCaseStatus::success()
    };
    named(scenario, "run is valid", status)
}

fn expectation_case(scenario: &ScenarioResult, expectation: &ExpectationResult) -> TestCase {
    let status = if scenario.verdict == Verdict::Invalid {
        let mut status = TestCaseStatus::skipped();
        status.set_message("not judged: the run is invalid");
        status
    } else if expectation.pass {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_type("expectation")
            .set_message(message(expectation));
        status.set_description(description(scenario, expectation));
        status
    };
    named(scenario, &expectation.expression, status)
}

fn named(scenario: &ScenarioResult, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(&scenario.name);
    case
}

fn message(expectation: &ExpectationResult) -> String {
    let got = match (expectation.got, &expectation.reason) {
        (Some(got), _) => got.to_string(),
        (None, Some(reason)) => format!("nothing ({reason})"),
        (None, None) => "nothing".to_owned(),
    };
    format!("expected {}, got {got}", expectation.expression)
}

fn description(scenario: &ScenarioResult, expectation: &ExpectationResult) -> String {
    let mut lines = Vec::new();
    if let Some(place) = &expectation.place {
        lines.push(place.what.clone());
        lines.push(format::place(place));
        lines.push(format::rows(place));
    }
    lines.push(format!("reproduce: {}", scenario.reproduce));
    lines.join("\n")
}
