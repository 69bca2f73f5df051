//! Values that stand for a secret: examples, masks, and stanch's own placeholders.

/// Words that are looked for together, 32 at the most.
struct Words {
    all: &'static [&'static [u8]],
    /// Which words have a byte as their first, and as their second: a bit for each word.
    by_first: [u32; 256],
    by_second: [u32; 256],
}

impl Words {
    const fn new(all: &'static [&'static [u8]]) -> Self {
        let (mut by_first, mut by_second) = ([0; 256], [0; 256]);
        let mut i = 0;
        while i < all.len() {
            by_first[all[i][0] as usize] |= 1 << i;
            by_second[all[i][1] as usize] |= 1 << i;
            i += 1;
        }
        Self { all, by_first, by_second }
    }

    /// Where in a text (in lower case) the words stand.
    fn places<'x>(&'static self, lower: &'x [u8]) -> impl Iterator<Item = std::ops::Range<usize>> + use<'x> {
        lower.windows(2).enumerate().flat_map(move |(at, pair)| {
            let mut words = self.by_first[usize::from(pair[0])] & self.by_second[usize::from(pair[1])];
            std::iter::from_fn(move || {
                while words != 0 {
                    let word = self.all[words.trailing_zeros() as usize];
                    words &= words - 1;
                    if lower[at..].starts_with(word) {
                        return Some(at..at + word.len());
                    }
                }
                None
            })
        })
    }

    fn stand_in(&'static self, lower: &[u8]) -> bool {
        self.places(lower).next().is_some()
    }
}

/// Words that say that the value is none. Matched in any case; too long to stand in a random value by accident.
static DECLARED: Words = Words::new(&[
    b"example",
    b"placeholder",
    b"changeme",
    b"change_me",
    b"change-me",
    b"redacted",
    b"yourpass",
    b"yourkey",
    b"yourtoken",
    b"yoursecret",
    b"yourapi",
    b"my_secret",
    b"mysecret",
    b"my-secret",
    b"replaceme",
    b"<secret",
    b"notreal",
    b"not-real",
    b"not_real",
    b"some_secret",
    b"some-secret",
    b"undefined",
    b"testpassword",
    b"test_password",
    b"test-password",
    b"correct-horse-battery",
]);

/// Words and marks that examples have, and a random value by accident or on purpose: they excuse only what is not random
/// without them.
static HINTS: Words = Words::new(&[
    b"your_",
    b"your-",
    b"{your",
    b"insert_",
    b"insert-",
    b"replace_",
    b"replace-",
    b"dummy",
    b"masked",
    b"xxxx",
    b"****",
    b"....",
    b"____",
    b"todo:",
    b"fake-",
    b"fake_",
    b"mock-",
    b"mock_",
    b"sample_",
    b"sample-",
]);

/// Runs that hands make on a keyboard.
static SEQUENCES: Words = Words::new(&[
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
]);

/// What every placeholder of stanch begins with.
pub(crate) const OURS: &[u8] = b"stanch_";
/// No placeholder is longer.
const LONGEST: usize = 96;

/// Whether a value stands for a secret instead of being one.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    is_ours(value) || is_monotonous(value) || is_repetition(value) || is_all_escapes(value) || says_so(value)
}

/// Whether the value carries a placeholder that stanch wrote.
///
/// The kind must look like a rule's id: a real secret is not hidden by writing `stanch_` before it.
pub(crate) fn is_ours(value: &[u8]) -> bool {
    // Values are short: to look is quicker than to prepare a search.
    let Some(at) = value.windows(OURS.len()).position(|part| part == OURS) else { return false };
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
    at - start >= OURS.len() && memchr::memmem::find(&text[start..at], OURS).is_some_and(|i| begins(&text[start + i..]))
}

fn in_kind(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

/// Bits by which what is left of a value must look random for it to be a secret in spite of a word that may stand in it
/// by accident: some ten letters and digits, or twenty hex digits.
const RANDOM: f32 = 40.0;
/// The same in spite of a word that says what the value is: examples in documentation keep the length of the real thing.
const FAR_MORE: f32 = 130.0;
/// A value that was cut short has shown this many characters at least before that is a leak.
const SHOWN: usize = 40;

fn says_so(value: &[u8]) -> bool {
    for dots in [&b"..."[..], "…".as_bytes()] {
        if let Some(shown) = value.strip_suffix(dots) {
            return shown.len() < SHOWN || randomness_left(shown, None) < RANDOM; // the rest has been left out already
        }
    }
    let lower = value.to_ascii_lowercase();
    if DECLARED.stand_in(&lower) {
        return randomness_left(value, Some(&DECLARED)) < FAR_MORE;
    }
    let cut = || value.len() - left(value, None).iter().filter(|b| **b != b' ').count();
    (HINTS.stand_in(&lower) || SEQUENCES.stand_in(&lower) || cut() * 2 > value.len())
        && randomness_left(value, Some(&HINTS)) < RANDOM
}

/// How random the value is without the words, sequences and repetitions in it.
fn randomness_left(value: &[u8], words: Option<&'static Words>) -> f32 {
    let rest = left(value, words);
    let parts = rest.split(|b| !b.is_ascii_alphanumeric()).filter(|p| p.len() >= 4);
    // Hex digits at random have two bits a character on the average, and now and then none that shows.
    let of_hex =
        |p: &[u8]| if p.len() >= 8 && p.iter().all(u8::is_ascii_hexdigit) { 2.0 * p.len() as f32 } else { 0.0 };
    parts.map(|p| super::randomness::against_chance(p).max(of_hex(p))).sum()
}

/// The value with blanks in place of `words`, keyboard sequences, `abcd`, `4321` and `xxxx`.
fn left(value: &[u8], words: Option<&'static Words>) -> Vec<u8> {
    let lower = value.to_ascii_lowercase();
    let mut rest = value.to_vec();
    for words in words.into_iter().chain([&SEQUENCES]) {
        words.places(&lower).for_each(|place| rest[place].fill(b' '));
    }
    let (mut start, mut step) = (0, 0);
    for end in 1..=lower.len() {
        let next = lower.get(end).map(|b| i16::from(*b) - i16::from(lower[end - 1]));
        if next != Some(step) {
            if end - start >= 3 && (-1..=1).contains(&step) {
                rest[start..end].fill(b' ');
            }
            (start, step) = (end - 1, next.unwrap_or(0));
        }
    }
    rest
}

/// One or two characters, or one that makes up most of it.
fn is_monotonous(value: &[u8]) -> bool {
    let (mut counts, mut kinds, mut most) = ([0u32; 256], 0, 0);
    for byte in value {
        let count = &mut counts[usize::from(*byte)];
        kinds += usize::from(*count == 0);
        *count += 1;
        most = most.max(*count as usize);
    }
    value.len() >= 4 && (kinds <= 2 || value.len() >= 8 && most * 2 > value.len())
}

/// `keykeykeykey`: a few characters again and again.
fn is_repetition(value: &[u8]) -> bool {
    (1..=value.len() / 3).take(8).any(|period| value.iter().zip(&value[period..]).all(|(a, b)| a == b))
}

/// `%20!%22%24`: characters that need an escape in an address and hardly any that do not, as tests of escaping have them.
fn is_all_escapes(value: &[u8]) -> bool {
    let mut rest = value;
    let (mut escapes, mut plain, mut marks) = (0, 0, 0);
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [a, b, after @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                escapes += 1;
                rest = after;
            }
            (b, _) if b.is_ascii_alphanumeric() => plain += 1,
            _ => marks += 1,
        }
    }
    escapes >= 2 && plain <= (escapes + marks) / 2
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    fn is_one(value: &str) -> bool {
        is_placeholder(value.replace('¦', "").as_bytes())
    }

    #[test]
    fn examples_are_placeholders() {
        for value in [
            "ghp_¦xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "sk-¦your-key-here",
            "AKIA¦IOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/¦K7MDENG/bPxRfiCYEXAMPLEKEY",
            "ghp_¦1234567890abcdefghijklmnopqrstuvwxyz",
            "xoxb-¦123456789012-1234567890123-xxxxxxxxxxxxxxxxxxxxxxxx",
            "mock-token-of-the-tests",
            "keykeykeykeykeykeykeykey",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "%00%01%09%0A%0D%1F%20!%22%23$%&'()*+,-.%2F09%3A%3B",
            "eyJhbGciOiJIUzI1¦NiIs...",
        ] {
            assert!(is_one(value), "{value}");
        }
    }

    #[test]
    fn a_word_in_a_random_value_does_not_excuse_it() {
        for value in [
            "q8Zr2Wm4Tx6Lxxxxk9¦Pb3Nv8Yd5Kj7Hs1Fg6Qw2Zv",
            "k3V9ZpLq____2xRt8W¦bN5mYcD7sFhJ4gKa1vTe6UQm4Xz7LkT2vB9nRs5WcY8pJdF3",
            "Zk3v9QpL2xRt8mock-¦WbN5mYcD7sFhJ4gKa6T",
            "5640611df1485a1674¦06de5cdeadbeef4d015787",
            "k3V9ZpLq2xRt8WbN5m¦YcD7sFhJ4gKa1vTe6UQm4Xz7LkT2vB9nRs5WcY8pexampleZk3v9QpL2xRt8WbN5mYcD7sFhJ4gKa6T",
            "k3V9ZpLq2xRt8WbN5m¦YcD7sFhJ4gKa1vTe6UQm4Xz7LkT2vB9nRs5...",
        ] {
            assert!(!is_one(value), "{value}");
        }
    }
}
