//! Values that stand for a secret: examples, masks, and stanch's own placeholders.

/// Words that nobody has in a secret, and everybody in an example. Matched in any case.
const WORDS: &[&[u8]] = &[
    b"example",
    b"placeholder",
    b"changeme",
    b"change_me",
    b"change-me",
    b"redacted",
    b"your_",
    b"your-",
    b"yourpass",
    b"yourkey",
    b"yourtoken",
    b"yoursecret",
    b"yourapi",
    b"my_secret",
    b"mysecret",
    b"my-secret",
    b"insert_",
    b"insert-",
    b"replace_",
    b"replace-",
    b"replaceme",
    b"dummy",
    b"masked",
    b"xxxx",
    b"****",
    b"....",
    b"____",
    b"<secret",
    b"notreal",
    b"not-real",
    b"not_real",
    b"todo:",
    b"some_secret",
    b"some-secret",
    b"fake-",
    b"fake_",
    b"undefined",
    b"testpassword",
    b"test_password",
    b"test-password",
    b"correct-horse-battery",
    b"{your",
    b"mock-",
    b"mock_",
    b"sample_",
    b"sample-",
];

/// Runs that hands make on a keyboard.
const SEQUENCES: &[&[u8]] = &[
    b"0123456789",
    b"1234567890",
    b"123456789",
    b"abcdefgh",
    b"9876543210",
    b"qwertyui",
    b"asdfghjk",
    b"00000000",
    b"11111111",
    b"deadbeef",
    b"cafebabe",
];

/// What every placeholder of stanch begins with.
pub(crate) const OURS: &[u8] = b"stanch_";
/// No placeholder is longer.
const LONGEST: usize = 96;

/// Whether a value stands for a secret instead of being one.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    is_ours(value) || is_monotonous(value) || says_so(value)
}

/// Whether the value carries a placeholder that stanch wrote.
///
/// The kind must look like a rule's id: a real secret is not hidden by writing `stanch_` before it.
pub(crate) fn is_ours(value: &[u8]) -> bool {
    let Some(at) = memchr::memmem::find(value, OURS) else { return false };
    let kind = &value[at + OURS.len()..];
    let length = kind.iter().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || **b == b'_').count();
    // What stands around it belongs to a value that was redacted in parts: a little, never a secret's worth.
    crate::mask::is_kind(&kind[..length]) && value.len() - OURS.len() - length < 8
}

/// Whether the text begins with a placeholder of stanch.
pub(crate) fn begins(text: &[u8]) -> bool {
    let Some(kind) = text.strip_prefix(OURS) else { return false };
    crate::mask::is_kind(&kind[..kind.iter().take_while(|b| in_kind(**b)).count()])
}

/// Whether the span is a placeholder of stanch or a part of one: a pattern of any twenty letters may end inside.
pub(crate) fn fills(text: &[u8], span: &std::ops::Range<usize>) -> bool {
    let floor = span.start.saturating_sub(LONGEST);
    let end = text.len().min(span.start + 2 * LONGEST);
    memchr::memmem::find_iter(&text[floor..end], OURS).map(|at| floor + at).take_while(|at| *at <= span.start).any(
        |at| {
            let length = OURS.len() + text[at + OURS.len()..].iter().take_while(|b| in_kind(**b)).count();
            span.end <= at + length && begins(&text[at..])
        },
    )
}

/// How many bytes at the start of the text would make one word with a placeholder before them.
pub(crate) fn runs_into(text: &[u8]) -> usize {
    text.iter().take_while(|b| in_kind(**b)).count()
}

/// Whether a placeholder of stanch stands anywhere in the text.
pub(crate) fn stands_in(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, OURS).any(|at| begins(&text[at..]))
}

/// Whether the word around `at` is a placeholder of stanch.
pub(crate) fn is_around(text: &[u8], at: usize) -> bool {
    let floor = at.saturating_sub(64);
    let start = text[floor..at].iter().rposition(|b| !in_kind(*b)).map_or(floor, |i| floor + i + 1);
    memchr::memmem::find(&text[start..at], OURS).is_some_and(|i| begins(&text[start + i..]))
}

fn in_kind(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

fn says_so(value: &[u8]) -> bool {
    if value.ends_with(b"...") || value.ends_with("…".as_bytes()) {
        return true; // the rest has been left out already
    }
    let lower = value.to_ascii_lowercase();
    let has = |words: &[&[u8]]| words.iter().any(|w| memchr::memmem::find(&lower, w).is_some());
    // In a long random value a sequence of eight is no accident either, but it hides nothing: leave it at half.
    has(WORDS) || has(SEQUENCES) && value.len() <= 40
}

/// One or two characters, or one that makes up most of it.
fn is_monotonous(value: &[u8]) -> bool {
    let mut counts = [0u32; 256];
    value.iter().for_each(|b| counts[*b as usize] += 1);
    let kinds = counts.iter().filter(|n| **n > 0).count();
    let most = counts.iter().max().copied().unwrap_or(0) as usize;
    value.len() >= 4 && (kinds <= 2 || value.len() >= 8 && most * 2 > value.len())
}
