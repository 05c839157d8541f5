//! Files of reference solutions: forms that the files of the gates do not have, and the example.
//! That every quantity of those files is met is a gate (`tests/gates`).

use frogbench::validate::oracle;
use serde_json::Value;

#[test]
fn every_case_of_the_files_is_found() {
    for (text, count) in [
        (include_str!("data/two-rails.json"), 1),
        (include_str!("data/voids.json"), 23),
    ] {
        let file: Value = serde_json::from_str(text).unwrap();
        assert_eq!(oracle::cases_of(&file).unwrap().len(), count);
    }
}

/// The parts of a case that unknown files may have in another form.
#[test]
fn other_forms_of_a_case_are_read_and_wrong_ones_refused() {
    let mut file: Value = serde_json::from_str(include_str!("data/two-rails.json")).unwrap();
    let case = &mut file["cases"][0];
    let p = &mut case["parameters"];
    p["track"]["n_bays"] = 20.into();
    p["output"]["bearer_index"] = 10.into();
    p["output"]["receptance_frequencies_Hz"] = serde_json::json!([100]);
    p["loads"]["start_x_right_m"] = 2.0.into();
    p["output"]["window_start_x_m"] = 5.0.into();
    p["output"]["window_end_x_m"] = 7.0.into();
    p["rail"]["right_rail_EI_segments"] =
        serde_json::json!([{ "x_start_m": 5.0, "x_end_m": 7.0, "EI_N_m2": 9e6 }]);
    p["bearer"]["taper"] =
        serde_json::json!({ "from_bearer": 5, "to_bearer": 15, "right_end_y_to_m": -2.3 });
    case.as_object_mut().unwrap().remove("expected");
    let solved = oracle::solve(case).unwrap();
    let length = solved["got"]["output_bearer"]["length_m"].as_f64().unwrap();
    assert!((length - 3.1).abs() < 1e-12, "{length}");
    case["parameters"]["bearer"]["taper"] = serde_json::json!({ "colour": 5 });
    let error = oracle::solve(case).unwrap_err().to_string();
    assert!(
        error.contains("public_standard") && error.contains("colour"),
        "{error}"
    );
}
