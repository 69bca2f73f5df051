//! What the rest of a name says about its value: `password_file` is a path, `public_key` is no secret.

use crate::assign::Name;

/// Words behind a keyword that make its value something else than the secret.
const TAILS: &[&str] = &[
    "url",
    "uri",
    "endpoint",
    "type",
    "types",
    "name",
    "names",
    "file",
    "filename",
    "path",
    "dir",
    "id",
    "ids",
    "identifier",
    "len",
    "length",
    "size",
    "count",
    "limit",
    "max",
    "min",
    "expiry",
    "expires",
    "expiration",
    "ttl",
    "lifetime",
    "timeout",
    "age",
    "policy",
    "field",
    "fields",
    "label",
    "hint",
    "prompt",
    "placeholder",
    "message",
    "error",
    "regex",
    "regexp",
    "pattern",
    "format",
    "version",
    "algorithm",
    "alg",
    "method",
    "mode",
    "index",
    "idx",
    "offset",
    "position",
    "prefix",
    "suffix",
    "header",
    "column",
    "table",
    "schema",
    "class",
    "provider",
    "manager",
    "service",
    "enabled",
    "required",
    "usage",
    "usages",
    "ref",
    "arn",
    "status",
    "state",
    "date",
    "time",
    "at",
    "fingerprint",
    "thumbprint",
    "link",
    "page",
    "template",
    "kind",
    "scope",
    "scopes",
    "audience",
    "issuer",
    "budget",
    "cost",
    "price",
    "spec",
    "spacing",
    "color",
    "width",
    "selector",
    "test",
    "tests",
    "store",
    "storage",
    "generator",
    "validator",
    "checksum",
    "digest",
    "hash",
    "md5",
    "sha1",
    "sha256",
];

/// Words before a keyword that say its value is meant to be seen, or is a key of another sort.
const HEADS: &[&str] = &[
    "public",
    "pub",
    "publishable",
    "primary",
    "foreign",
    "sort",
    "partition",
    "cache",
    "hash",
    "idempotency",
    "translation",
    "object",
    "map",
    "dict",
    "index",
    "row",
    "column",
    "lookup",
    "group",
    "no",
    "not",
    "has",
    "is",
    "next",
    "page",
    "continuation",
    "pagination",
    "sync",
    "cancellation",
    "cancel",
    "design",
    "react",
    "prop",
    "unique",
    "sorted",
    "composite",
    "natural",
    "host",
    "known",
    "authorized",
    "i18n",
    "locale",
    "query",
    "config",
    "setting",
    "settings",
    "hot",
    "shortcut",
    "keyboard",
    "registry",
];

/// Whether the name around the keyword denies that its value is a secret.
pub(crate) fn denies(name: &Name<'_>) -> bool {
    continues_the_word(name)
        || words(name.tail).any(|w| TAILS.iter().any(|t| w.eq_ignore_ascii_case(t.as_bytes())))
        || words(name.head).last().is_some_and(|w| HEADS.iter().any(|h| w.eq_ignore_ascii_case(h.as_bytes())))
}

/// `tokenizer`, `secretary`, `passport`: the keyword is the start of another word.
fn continues_the_word(name: &Name<'_>) -> bool {
    match name.tail {
        [b's' | b'S', rest @ ..] => rest.first().is_some_and(u8::is_ascii_alphabetic),
        [first, ..] => first.is_ascii_lowercase(),
        [] => false,
    }
}

/// The words of a name in any style: `db_passwordFile` is `db`, `password`, `File`.
fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let start = rest.iter().position(u8::is_ascii_alphanumeric)?;
        rest = &rest[start..];
        let end = (1..rest.len())
            .find(|i| {
                !rest[*i].is_ascii_alphanumeric() || rest[*i].is_ascii_uppercase() && rest[*i - 1].is_ascii_lowercase()
            })
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}
