//! Is what stands behind a keyword a secret, or a word, a path, a reference, code, a placeholder?
//!
//! One question for each way of being harmless, in files of their own; what is left must look made by a machine (or, behind
//! a password's keyword, chosen by a person). How much it must depends on how tightly it is tied to its keyword.

pub(crate) mod name;
pub(crate) mod placeholder;
pub(crate) mod randomness;
pub(crate) mod reference;

use crate::assign::{Name, Slot, Tie};

/// What the keyword promises.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    /// A password: people choose it, so it may be short and made of words.
    Password,
    /// A key or token: machines make it.
    Random,
}

/// Whether the value of `slot` is a secret of the promised sort.
pub(crate) fn is_secret(text: &[u8], name: &Name<'_>, slot: &Slot, promise: Promise) -> bool {
    let value = &text[slot.span.clone()];
    if name::denies(name) || placeholder::is_placeholder(value) || reference::is_reference(text, slot) {
        return false;
    }
    let chance = randomness::against_chance(value);
    match promise {
        Promise::Random => is_machine_made(value, slot.tie, chance),
        Promise::Password => is_password(value, slot.tie, chance),
    }
}

/// Bits by which a value must look random, by how it is tied to its keyword.
fn is_machine_made(value: &[u8], tie: Tie, chance: f32) -> bool {
    let (shortest, bits) = match tie {
        Tie::Quoted | Tie::Flag => (8, 6.0),
        Tie::Assigned => (8, 8.0),
        Tie::Listed => (12, 24.0),
        Tie::Beside => (14, 24.0),
    };
    value.len() >= shortest && chance >= bits && randomness::has_mixture(value)
}

fn is_password(value: &[u8], tie: Tie, chance: f32) -> bool {
    if value.contains(&b' ') {
        return false; // a sentence about passwords; a passphrase in blanks is not told from it
    }
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let marks = value.len() - digits - letters;
    let mixed = digits > 0 && letters > 0 || marks > 0 && letters > 0 && marks + digits < value.len();
    match tie {
        Tie::Quoted | Tie::Flag | Tie::Assigned => {
            let words_with_digits = value.len() >= 12 && digits >= 1 && letters >= 6 && mixed;
            value.len() >= 6
                && mixed
                && (chance >= 2.0 || words_with_digits && tie != Tie::Assigned || digits >= 1 && words_with_digits)
                || value.len() >= 8 && letters == value.len() && chance >= 10.0
        }
        Tie::Listed | Tie::Beside => value.len() >= 8 && mixed && digits > 0 && chance >= 12.0,
    }
}
