//! `stanch scan --format sarif` against the parts of SARIF 2.1.0's schema that it uses.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Home, token};
use serde_json::Value;

#[test]
fn it_is_what_the_schema_asks_for() {
    let home = Home::new();
    home.write("src/a b#é.py", format!("x\nA = \"é{}\"\n", token()));
    home.write("b.json", format!("{{\"password\":\"{}\"}}", ["h4Zk9", "pQmW2s"].concat()));
    let said = home.scan(&[".", "nowhere", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(said.code, 2);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let said = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(said.contains("nowhere"));
    let driver = &run["tool"]["driver"];
    assert!(driver["name"] == "stanch" && driver["informationUri"].as_str().unwrap().starts_with("https://"));
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        assert!(rule["id"].is_string() && rule["shortDescription"]["text"].is_string());
        assert!(rule.get("helpUri").is_none_or(|uri| uri.as_str().unwrap().starts_with("http")));
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!((rules.len(), results.len()), (2, 2));
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string() && result["level"] == "error");
        assert!(result.get("partialFingerprints").is_none());
    }
    let place = |number: usize| &results[number]["locations"][0]["physicalLocation"];
    assert_eq!(place(0)["artifactLocation"]["uri"], "b.json");
    assert_eq!(place(1)["artifactLocation"]["uri"], "src/a%20b%23%C3%A9.py");
    assert_eq!((&place(1)["region"]["startLine"], &place(1)["region"]["startColumn"]), (&2.into(), &7.into()));
    assert_eq!(results[0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"], "password");
}

#[test]
fn without_findings_it_is_a_run_without_results() {
    let home = Home::new();
    home.write("a", "x\n");
    let said = home.scan(&["a", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, &log["runs"][0]["results"]), (0, &serde_json::json!([])));
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);
}
