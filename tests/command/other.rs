//! The small subcommands.

use crate::support::{fixture, folder_with, frogbench};

#[test]
fn a_new_scenario_is_a_right_one_and_nothing_is_overwritten() {
    let folder = folder_with(&[]);
    frogbench(folder.path(), &["new", "mine"]).expect(0, &["frogbench run mine.toml"]);
    frogbench(folder.path(), &["check", "mine.toml"]).expect(0, &[]);
    frogbench(folder.path(), &["new", "mine.toml"]).expect(2, &["exists already"]);
    frogbench(folder.path(), &["new", "no/where"]).expect(2, &["does not exist"]);
}

#[test]
fn check_names_every_problem_with_its_place() {
    let folder = folder_with(&["calm.toml"]);
    let text = std::fs::read_to_string(fixture("calm.toml")).unwrap();
    let wrong = text
        .replace("seed = 11", "sed = 11")
        .replace("days = 1", "days = -1");
    std::fs::write(folder.path().join("wrong.toml"), wrong).unwrap();
    let ran = frogbench(folder.path(), &["check", "calm.toml", "wrong.toml"]);
    ran.expect(3, &["wrong.toml:4:1", "sed", "wrong.toml:9:8"]);
    assert!(ran.out.starts_with("calm.toml: ok"), "{}", ran.out);
    let ran = frogbench(folder.path(), &["check", "wrong.toml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.code, &json["valid"]), (Some(3), &false.into()));
    assert_eq!(json["files"][0]["problems"].as_array().unwrap().len(), 2);
}

#[test]
fn schema_lists_and_completions_are_data_on_standard_output() {
    let folder = folder_with(&[]);
    let schema = frogbench(folder.path(), &["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema.out).unwrap();
    assert!(schema["properties"]["turnout"].is_object());
    for command in ["devices", "doctor"] {
        let ran = frogbench(folder.path(), &[command, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(
            (ran.code, &json["format_version"]),
            (Some(0), &1.into()),
            "{}",
            ran.err
        );
    }
    for shell in ["bash", "zsh", "fish"] {
        let ran = frogbench(folder.path(), &["completions", shell]);
        ran.expect(0, &[]);
        assert!(ran.out.contains("session-log"), "{shell}");
        assert!(
            !ran.out.contains("native-device"),
            "{shell}: hidden commands stay hidden"
        );
    }
}

#[test]
fn help_documents_the_exit_codes_and_the_metrics() {
    let folder = folder_with(&[]);
    let help = frogbench(folder.path(), &["run", "--help"]);
    help.expect(0, &[]);
    for part in [
        "train_f1",
        "102  the link between bench and device",
        "--session-log <WHEN>",
    ] {
        assert!(help.out.contains(part), "{part}");
    }
    frogbench(folder.path(), &["repaly"])
        .expect(2, &["unrecognized subcommand 'repaly'", "'replay'"]);
}
