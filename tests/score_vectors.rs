//! The metric kernels against reference answers.
//!
//! `tests/data/vectors` holds cases with the answers of the field's reference libraries (`sed_eval`,
//! scikit-learn) or of a direct evaluation of the definition. Where a reference answers badly
//! (division by a guard, NaN), the case's `policy` says what is wanted instead; each such place is
//! asserted here explicitly, never skipped.
#![allow(
    clippy::unwrap_used,
    reason = "a vector file of another shape must fail the test"
)]

use frogbench::score::axle::{TrainPair, axle_speed};
use frogbench::score::decision::{Costs, LeadLimits, ObservedSwitch, decide};
use frogbench::score::event::{Collar, Event, collar_events};
use frogbench::score::points::{PointError, point_errors};
use frogbench::score::signal::{fidelity, moments};
use serde_json::Value;

struct Vectors {
    cases: Vec<Value>,
    abs: f64,
    rel: f64,
}

fn vectors(metric: &str) -> Vectors {
    let path = format!(
        "{}/tests/data/vectors/{metric}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["schema"], "score-vectors/1");
    let cases = file["cases"].as_array().unwrap().clone();
    assert!(cases.len() > 5, "{metric}: too few cases");
    Vectors {
        cases,
        abs: file["tolerance"]["abs"].as_f64().unwrap(),
        rel: file["tolerance"]["rel"].as_f64().unwrap(),
    }
}

impl Vectors {
    /// Compares a result with the reference; `null` and "nan" want `None`.
    fn agree(&self, case: &Value, name: &str, got: Option<f64>) {
        let want = &case["expected"][name];
        let id = &case["id"];
        assert!(
            case["expected"].get(name).is_some(),
            "{id}: no answer named {name}"
        );
        if want.is_null() || want == "nan" {
            assert_eq!(got, None, "{id} {name}: should be undefined");
            return;
        }
        let want = want
            .as_f64()
            .unwrap_or_else(|| panic!("{id} {name}: {want}"));
        let got = got.unwrap_or_else(|| panic!("{id} {name}: undefined, want {want}"));
        assert!(
            (got - want).abs() <= self.abs + self.rel * want.abs(),
            "{id} {name}: got {got}, want {want}"
        );
    }
}

fn floats(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| {
            if v == "nan" {
                f64::NAN
            } else {
                v.as_f64().unwrap()
            }
        })
        .collect()
}

fn integers(value: &Value) -> Vec<i64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_i64().unwrap())
        .collect()
}

#[test]
fn signal_fidelity() {
    let v = vectors("signal_fidelity");
    for case in &v.cases {
        let (x, y) = (floats(&case["inputs"]["x"]), floats(&case["inputs"]["y"]));
        let max_lag = case["params"]["max_lag"].as_u64().unwrap() as usize;
        let f = fidelity(&x, &y, max_lag).unwrap();
        v.agree(case, "rmse", Some(f.rmse));
        v.agree(case, "nrmse", f.nrmse);
        if case["expected"]["snr_db"] == "inf" {
            // No score is infinite: identical signals have no noise to compare with.
            assert_eq!((f.snr_db, f.rmse.to_bits()), (None, 0.0_f64.to_bits()));
        } else {
            v.agree(case, "snr_db", f.snr_db);
        }
        v.agree(case, "pearson", f.correlation);
        v.agree(case, "cosine", f.cosine);
        v.agree(case, "max_abs", Some(f.max_abs));
        v.agree(case, "best_lag", Some(f.best_lag as f64));
        for (name, signal) in [("x", &x), ("y", &y)] {
            let m = moments(signal).unwrap();
            v.agree(case, &format!("rms_{name}"), Some(m.rms));
            v.agree(case, &format!("crest_{name}"), m.crest);
            v.agree(case, &format!("kurtosis_{name}"), m.kurtosis);
        }
    }
}

fn events(value: &Value) -> Vec<Event> {
    let microseconds = |v: &Value| (v.as_f64().unwrap() * 1e6).round() as i64;
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|e| Event {
            onset_us: microseconds(&e[0]),
            offset_us: microseconds(&e[1]),
            label: e[2].as_str().unwrap().to_owned(),
        })
        .collect()
}

#[test]
fn event_f1_collar() {
    let v = vectors("event_f1_collar");
    let mut optimal = 0;
    for case in &v.cases {
        let params = &case["params"];
        let collar = Collar {
            onset_us: (params["t_collar"].as_f64().unwrap() * 1e6).round() as u64,
            offset_share: (params["offset"] == true)
                .then(|| params["percentage_of_length"].as_f64().unwrap()),
        };
        let (truth, reported) = (
            events(&case["inputs"]["reference"]),
            events(&case["inputs"]["estimated"]),
        );
        let got = collar_events(&truth, &reported, collar);
        let id = case["id"].as_str().unwrap();
        let counts = &case["expected"]["counts"];
        let count = |name: &str| counts[name].as_f64().unwrap() as u64;
        assert_eq!(
            (got.truth, got.reported),
            (count("Nref"), count("Nsys")),
            "{id}"
        );
        if id == "event_f1_collar-014" {
            // Policy: integer microseconds. 3.2 - 3.0 is exactly the collar of 0.2, so it matches.
            assert_eq!((got.matched, got.substituted), (1, 0), "{id}");
            continue;
        }
        if params["matching"] == "greedy" {
            // First-fit matching can only lose pairs against the maximum that we report.
            assert!(got.matched >= count("Ntp"), "{id}");
            continue;
        }
        optimal += 1;
        assert_eq!(
            (got.matched, got.substituted),
            (count("Ntp"), count("Nsubs")),
            "{id}"
        );
        // The reference leaves substitutions out of false and missed events; we report both ways.
        assert_eq!(got.false_events() - got.substituted, count("Nfp"), "{id}");
        assert_eq!(got.missed() - got.substituted, count("Nfn"), "{id}");
        v.agree(case, "precision", got.precision());
        v.agree(case, "recall", got.recall());
        if case["expected"]["f1"] == "nan" {
            // The reference gives NaN when nothing is detected; that is a plain zero, and only two
            // empty sets leave F1 undefined (policy: 0/0 -> null).
            assert_eq!(got.f1(), (got.truth > 0).then_some(0.0), "{id}");
        } else {
            v.agree(case, "f1", got.f1());
        }
        if got.truth > 0 {
            // Within the tolerance of the reference's guarded division.
            v.agree(case, "error_rate", got.error_rate());
        } else {
            assert_eq!(got.error_rate(), None, "{id}");
        }
    }
    assert!(optimal >= 15);
}

#[test]
fn axles_and_speed() {
    let v = vectors("axle_speed");
    for case in &v.cases {
        let trains: Vec<TrainPair> = case["inputs"]["trains"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| TrainPair {
                axles_true_us: integers(&t["axles_true_us"]),
                axles_reported_us: integers(&t["axles_pred_us"]),
                speed_true_m_s: t["v_true"].as_f64().unwrap(),
                speed_reported_m_s: t["v_pred"].as_f64(),
            })
            .collect();
        let tolerance_us = case["params"]["tol_us"].as_u64().unwrap();
        let within = case["params"]["pct"].as_f64().unwrap() / 100.0;
        let got = axle_speed(&trains, tolerance_us, within);
        v.agree(case, "matched", Some(got.matched as f64));
        v.agree(case, "missed", Some(got.missed as f64));
        v.agree(case, "extra", Some(got.extra as f64));
        v.agree(case, "count_exact_rate", got.count_exact_rate);
        v.agree(case, "speed_missing", Some(got.speed_missing as f64));
        v.agree(case, "speed_mape", got.speed.as_ref().and_then(|s| s.mape));
        v.agree(case, "speed_bias", got.speed.as_ref().map(|s| s.bias));
        v.agree(case, "speed_rmse_rel", got.speed.as_ref().map(|s| s.rmse));
        v.agree(case, "within_pct", got.speed_within);
    }
}

#[test]
fn rail_decision_ledger() {
    let v = vectors("rail_decision_ledger");
    for case in &v.cases {
        let switches: Vec<ObservedSwitch> = case["inputs"]["switches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| ObservedSwitch {
                begin_s: s["t0"].as_i64().unwrap(),
                end_s: s["t1"].as_i64().unwrap(),
                failures_s: integers(&s["failures"]),
                alarms_s: integers(&s["alarms"]),
            })
            .collect();
        let p = |name: &str| case["params"][name].as_f64().unwrap();
        let limits = LeadLimits {
            min_s: p("min_lead_s") as i64,
            max_s: p("max_lead_s") as i64,
        };
        let got = decide(&switches, limits);
        v.agree(case, "tp", Some(got.hits as f64));
        v.agree(case, "fp", Some(got.false_alarms as f64));
        v.agree(case, "missed", Some(got.missed as f64));
        v.agree(case, "late", Some(got.late as f64));
        v.agree(case, "repeats", Some(got.repeats as f64));
        assert_eq!(
            got.leads_s,
            integers(&case["expected"]["leads_s"]),
            "{}",
            case["id"]
        );
        v.agree(case, "median_lead_s", got.median_lead_s());
        v.agree(case, "exposure_switch_years", Some(got.exposure_years));
        let (rate, (low, high)) = got.false_alarm_rate().unwrap();
        v.agree(case, "fa_per_switch_year", Some(rate));
        assert!(low <= rate && rate <= high && high > 0.0);
        v.agree(case, "precision", got.precision());
        v.agree(case, "recall", got.recall());
        let costs = Costs {
            planned: p("c_planned"),
            inspection: p("c_inspect"),
            failure: p("c_failure"),
            delay_min: p("delay_min"),
            delay_per_min: p("c_delay"),
        };
        v.agree(case, "cost", Some(got.cost(costs)));
    }
}

#[test]
fn point_errors_of_estimates() {
    let v = vectors("point_errors");
    for case in &v.cases {
        let pairs: Vec<(f64, f64)> = floats(&case["inputs"]["y_true"])
            .into_iter()
            .zip(floats(&case["inputs"]["y_pred"]))
            .collect();
        let got = match (point_errors(&pairs), case["expected"].get("error")) {
            (Ok(got), None) => got,
            (Err(PointError::Empty), Some(_)) => {
                assert!(pairs.is_empty());
                continue;
            }
            (Err(PointError::NotFinite { index }), Some(_)) => {
                assert!(pairs[index].0.is_nan() || pairs[index].1.is_nan());
                continue;
            }
            (got, want) => panic!("{}: got {got:?}, want {want:?}", case["id"]),
        };
        v.agree(case, "rmse", Some(got.rmse));
        v.agree(case, "mae", Some(got.mae));
        v.agree(case, "medae", Some(got.median_abs));
        v.agree(case, "max_error", Some(got.max_abs));
        v.agree(case, "bias", Some(got.bias));
        v.agree(case, "r2", got.r2);
        let zeros = pairs.iter().filter(|(t, _)| *t == 0.0).count();
        assert_eq!(got.mape_n as usize, pairs.len() - zeros);
        if zeros == 0 {
            v.agree(case, "mape", got.mape);
        } else {
            // Policy: the reference divides by a guard (1.1e15); we leave the row out and say so.
            assert_eq!((got.mape, got.mape_n), (Some(0.0), 1), "{}", case["id"]);
        }
    }
}
