//! What a pattern cannot match without.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};

/// A shorter literal stands in most texts.
const SHORTEST: usize = 3;
/// More literals than this say that the pattern begins with anything.
const MOST: usize = 64;

/// Literals, one of which begins or ends every match, in lower case; none if that cannot be told.
pub(super) fn of(pattern: &str) -> Vec<String> {
    let Ok(hir) = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern) else { return Vec::new() };
    let at = |kind| {
        let mut extractor = Extractor::new();
        // Both cases of a letter are followed; a class of digits is not part of a literal.
        extractor.kind(kind).limit_class(4);
        extractor.extract(&hir)
    };
    usable(&at(ExtractKind::Prefix)).or_else(|| usable(&at(ExtractKind::Suffix))).unwrap_or_default()
}

fn usable(literals: &Seq) -> Option<Vec<String>> {
    let mut usable = Vec::new();
    for literal in literals.literals()? {
        let literal = std::str::from_utf8(literal.as_bytes()).ok()?.to_ascii_lowercase();
        if literal.len() < SHORTEST {
            return None;
        }
        usable.push(literal);
    }
    usable.sort_unstable();
    usable.dedup();
    (usable.len() <= MOST).then_some(usable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_says_what_it_needs() {
        assert_eq!(of("acme_[a-z0-9]{20}"), ["acme_"]);
        assert_eq!(of("(?i)acm[e]_(?:live|test)_[a-z0-9]{20}"), ["acme_"]);
        assert_eq!(of("[0-9]{8,}@acme"), ["@acme"]);
        assert!(of("[a-z]{20}").is_empty());
        assert!(of("a{2}[0-9]").is_empty());
    }
}
