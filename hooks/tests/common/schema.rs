//! As much of JSON Schema as Codex's own schemas of hook replies use. A word that it does not know fails the test.

use serde_json::Value;

/// What is wrong with a value, with its place; empty if nothing is.
pub fn problems(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "reply", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    if schema == &Value::Bool(true) {
        return;
    }
    for (word, rule) in schema.as_object().unwrap() {
        let good = match word.as_str() {
            "$schema" | "title" | "description" | "default" | "definitions" => true,
            "$ref" => {
                let name = rule.as_str().unwrap().strip_prefix("#/definitions/").unwrap();
                check(root, &root["definitions"][name], value, at, found);
                true
            }
            "allOf" => {
                rule.as_array().unwrap().iter().for_each(|rule| check(root, rule, value, at, found));
                true
            }
            "type" => match rule {
                Value::Array(kinds) => kinds.iter().any(|kind| is(value, kind.as_str().unwrap())),
                kind => is(value, kind.as_str().unwrap()),
            },
            "enum" => rule.as_array().unwrap().contains(value),
            "const" => rule == value,
            "required" => rule.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "additionalProperties" => {
                assert_eq!(rule, &Value::Bool(false), "{at}");
                let known = schema["properties"].as_object().unwrap();
                value.as_object().is_none_or(|fields| fields.keys().all(|name| known.contains_key(name)))
            }
            "properties" => {
                for (name, rule) in rule.as_object().unwrap() {
                    if let Some(field) = value.get(name) {
                        check(root, rule, field, &format!("{at}.{name}"), found);
                    }
                }
                true
            }
            unknown => panic!("the schema has '{unknown}', which this test does not know"),
        };
        if !good {
            found.push(format!("{at}: {word}"));
        }
    }
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        unknown => panic!("the schema has the type '{unknown}', which this test does not know"),
    }
}
