//! A moment in the past, as people say it: so long ago, or a date.

use std::time::SystemTime;

/// Reads `2h`, `3days`, `2026-11-26`, `2026-11-26 09:30:00`, `2026-11-26T09:30:00Z`; dates are of UTC.
pub fn parse(text: &str) -> Result<SystemTime, &'static str> {
    let text = text.trim();
    if let Ok(ago) = humantime::parse_duration(text) {
        let then = SystemTime::now().checked_sub(ago).filter(|then| *then >= SystemTime::UNIX_EPOCH);
        return then.ok_or("that is too long ago");
    }
    let date = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    humantime::parse_rfc3339_weak(&date)
        .map_err(|_| "expected a time such as 2h, 3days, 2026-11-26 or 2026-11-26T09:30:00Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_people_say_it() {
        let date = parse("2026-11-26").expect("a date");
        assert_eq!(humantime::format_rfc3339_seconds(date).to_string(), "2026-11-26T00:00:00Z");
        assert_eq!(parse("2026-11-26 00:00:00"), parse("2026-11-26T00:00:00Z"));
        let then = parse("2h").expect("a time");
        let ago = SystemTime::now().duration_since(then).expect("in the past");
        assert!((7200..7260).contains(&ago.as_secs()), "{ago:?}");
        assert_eq!(parse("1day 2h").map(|_| ()), Ok(()));
        for text in ["", "yesterday", "2026-13-01", "99999999999years", &"9".repeat(40)] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
