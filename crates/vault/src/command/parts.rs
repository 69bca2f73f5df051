//! References taken apart and arguments put together: `{project}/{name}` makes two values of `acme/token`, and
//! `--secret={name}` one argument of them.

use std::collections::BTreeMap;

/// What stands for each placeholder.
pub type Values = BTreeMap<String, String>;

/// Takes a reference apart; `{ref}` is all of it. The last part takes what is left.
pub fn taken_apart(template: &str, text: &str) -> Result<Values, String> {
    check(text)?;
    let mut values = Values::from([("ref".to_owned(), text.to_owned())]);
    let mut rest = text;
    let mut template = template;
    while let Some((before, name, after)) = placeholder(template) {
        rest = rest.strip_prefix(before).ok_or(INCOMPLETE)?;
        let next = &after[..after.find('{').unwrap_or(after.len())];
        let end = if next.is_empty() { rest.len() } else { rest.find(next).ok_or(INCOMPLETE)? };
        let value = &rest[..end];
        check(value)?;
        if value.is_empty() && name != "ref" {
            return Err(INCOMPLETE.to_owned());
        }
        values.insert(name.to_owned(), value.to_owned());
        rest = &rest[end..];
        template = after;
    }
    if rest == template { Ok(values) } else { Err(INCOMPLETE.to_owned()) }
}

const INCOMPLETE: &str = "is incomplete";

/// A text that becomes an argument must not be read as an option, nor end early.
pub fn check(text: &str) -> Result<(), String> {
    if text.starts_with('-') || text.chars().any(char::is_control) {
        return Err("begins with - or holds a control character, which a command could misread".to_owned());
    }
    Ok(())
}

/// A text with its placeholders filled; what is filled in is not looked at again.
pub fn filled(template: &str, values: &Values) -> String {
    let mut out = String::with_capacity(template.len());
    let mut template = template;
    while let Some((before, name, after)) = placeholder(template) {
        out.push_str(before);
        match values.get(name) {
            Some(value) => out.push_str(value),
            None => out.extend(["{", name, "}"]),
        }
        template = after;
    }
    out.push_str(template);
    out
}

/// The names of a template's placeholders.
pub fn names(mut template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    while let Some((_, name, after)) = placeholder(template) {
        names.push(name);
        template = after;
    }
    names
}

/// The first placeholder, with what is before and behind it.
fn placeholder(template: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + template[from..].find('{')?;
        let close = open + template[open..].find('}')?;
        let name = &template[open + 1..close];
        if !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()) {
            return Some((&template[..open], name, &template[close + 1..]));
        }
        from = open + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apart(template: &str, text: &str) -> Result<Vec<(String, String)>, String> {
        Ok(taken_apart(template, text)?.into_iter().filter(|(name, _)| name != "ref").collect())
    }

    #[test]
    fn the_last_part_takes_what_is_left() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(apart("{project}/{name}", "p/a/b"), Ok(vec![pair("name", "a/b"), pair("project", "p")]));
        assert_eq!(apart("//{vault}/{item}", "//v/i"), Ok(vec![pair("item", "i"), pair("vault", "v")]));
        for (template, text) in [("{a}/{b}", "x"), ("{a}/{b}", "x/"), ("{a}/{b}", "/x"), ("//{a}", "a"), ("{a}", "")] {
            assert_eq!(apart(template, text), Err(INCOMPLETE.to_owned()), "{template} {text}");
        }
        assert!(apart("{a}", "-x").is_err() && apart("{a}/{b}", "x/--all").is_err() && apart("{a}", "x\0").is_err());
        assert_eq!(taken_apart("{ref}", "").map(|values| values["ref"].clone()), Ok(String::new()));
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        let values = Values::from([("a".to_owned(), "{b}".to_owned()), ("b".to_owned(), "x".to_owned())]);
        assert_eq!(filled("--{a}={b}{c} {} {A} {", &values), "--{b}=x{c} {} {A} {");
        assert_eq!(names("{a}-{b}{}"), ["a", "b"]);
    }
}
