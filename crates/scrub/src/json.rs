//! Redaction inside a JSON document.
