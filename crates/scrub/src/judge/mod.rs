//! Is what stands behind a keyword a secret, or a word, a path, a reference, code, a placeholder?
//!
//! One question for each way of being harmless, in files of their own; what is left must look made by a machine (or, behind
//! a password's keyword, chosen by a person). How much it must depends on how tightly it is tied to its keyword.

pub(crate) mod label;
pub(crate) mod name;
pub(crate) mod open;
pub(crate) mod piece;
pub(crate) mod placeholder;
#[cfg(test)]
mod placeholder_cases;
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
    // In the order of what it costs: nearly all that stands behind a keyword in source code does not look random.
    if value.starts_with(placeholder::OURS) && placeholder::is_ours(value) || name::denies(text, name) {
        return false;
    }
    let looks_like_one = match promise {
        Promise::Random => is_machine_made(value, slot.tie) && !(name::is_vague(text, name) && label::is_id(value)),
        Promise::Password => is_password(value, slot.tie),
    };
    looks_like_one
        && !reference::is_reference(text, slot)
        && !placeholder::is_placeholder(value)
        && !open::is_public_key(value)
        && !label::repeats(value, &text[name.span()])
        && !(slot.tie == Tie::Beside && (name::is_of_a_compound(name) || label::is_identifier(value)))
}

/// Whether a value that stands where a password stands may be one.
pub(crate) fn may_be_password(value: &[u8]) -> bool {
    is_password(value, Tie::Quoted)
        && !reference::is_reference(value, &Slot { span: 0..value.len(), tie: Tie::Quoted })
        && !placeholder::is_placeholder(value)
}

/// Bits by which a value must look random, by how it is tied to its keyword.
fn is_machine_made(value: &[u8], tie: Tie) -> bool {
    let (shortest, bits) = match tie {
        Tie::Quoted | Tie::Flag => (8, 6.0),
        Tie::Assigned => (8, 8.0),
        Tie::Listed => (12, 16.0),
        Tie::Beside => (14, 24.0),
    };
    let chance = randomness::against_chance(value).min(randomness::against_chance_in_parts(value));
    value.len() >= shortest
        && (chance >= bits || label::is_long_hex(value))
        && randomness::has_mixture(value)
        && !label::is_label(value)
        && !label::is_key_id(value)
}

fn is_password(value: &[u8], tie: Tie) -> bool {
    if label::speaks_of_secrets(value) && label::is_label(value) {
        return false;
    }
    let chance = randomness::against_chance(value);
    let Kinds { digits, letters, upper, strange } = Kinds::of(value);
    // `evp_pkey` is a name: the marks that join words do not mix.
    let mixed = letters > 0 && digits + strange > 0;
    // `Summer91!`: what rules for passwords make people choose, and names do not have.
    let obedient = value.len() >= 8 && upper > 0 && letters > upper && digits > 0 && strange > 0;
    match tie {
        Tie::Quoted | Tie::Flag | Tie::Assigned => {
            let words_with_digits = value.len() >= 12 && digits > 0 && letters >= 6;
            value.len() >= 6 && mixed && (chance >= 2.0 || words_with_digits || obedient)
                || value.len() >= 8 && letters == value.len() && chance >= 5.0
                || label::is_long_hex(value)
        }
        Tie::Listed | Tie::Beside => value.len() >= 8 && mixed && digits > 0 && (chance >= 12.0 || obedient),
    }
}

/// How many characters of each kind a value has.
struct Kinds {
    digits: usize,
    letters: usize,
    upper: usize,
    /// Marks that do not stand in names.
    strange: usize,
}

impl Kinds {
    fn of(value: &[u8]) -> Self {
        let count = |is: fn(&u8) -> bool| value.iter().filter(|b| is(b)).count();
        Self {
            digits: count(u8::is_ascii_digit),
            letters: count(u8::is_ascii_alphabetic),
            upper: count(u8::is_ascii_uppercase),
            strange: count(|b| matches!(b, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'?' | b'+' | b'~')),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Scanner;

    fn found(text: &str) -> Vec<String> {
        let text = text.replace('¦', "");
        let findings = Scanner::builtin().and_then(|s| s.findings(text.as_bytes())).expect("the scan is short");
        findings.iter().map(|f| text[f.span.clone()].to_owned()).collect()
    }

    #[test]
    fn names_words_and_templates_are_no_secrets() {
        for text in [
            "token = NL80211_ATTR_KEY_DATA",
            "api_key: xmlSecGnuTLSAppKeyLoad",
            "secret \"db-password-x5n07\" not found",
            "SET_TOKEN: \"auth/SET_TOKEN_V2\"",
            "key = f\"{prefix}:{user_id}:{md5}\"",
            ":type secret: :py:data:`int32_or_more`",
            "password: 'Lösenordsbekräftelse'",
            "password = evp_pkey",
            "PurchaseToken: eyJ2IjoiMSIsInMiOjEs¦ImMiOi...",
            "const isHex = (key) => /^[0-9a-fA-F]+$/.test(key);",
            "$password = $_POST['password2'];",
            "password_encryption = scram-sha-256",
            "\"willow-auth\": [\"falcon-auth@1.2.4\", \"\", {}]",
            "\"token\": \"\\u30d1\\u30b9\\u30ef\\u30fc\\u30c9\"",
            "let key = vec![0u8; 32];",
            "#define OBJ_pkcs9_challengePassword             OBJ_pkcs9,7L",
            "PK11SlotInfo *key  pkcs11Slot_of_token",
            "runs faster than equivalent two-pass memchr2+SWAR code",
            "void add(Node<PassCtorTy> *list) { list_1a->head = 0; }",
            "kpasswd\t\t464/tcp",
            "match asteriskAuth \"^\\(permit\\|deny\\)\\s*=\\s*\\d\\{1,3}\\.\\d\\{1,3}\\.\\d\\{1,3}/\\d\\{1,3}$\"",
            "#define SN_singlePass_stdDH_sha1kdf_scheme \"singlePass-stdDH-sha1kdf-scheme\"",
            "publicKey: MFkwEwYHKoZIzj0CAQYI¦KoZIzj0DAQcDQgAEmxvQ2Zk8vQ2mXbR7tLwPzN5sYcJ9hKdG",
            "const ALPHABET_KEY = \"hijklmnopuvwDEFqrABCxyzsHIJGPQRSTUVWXYZKLMNOgabctdfe\"",
        ] {
            assert_eq!(found(text), [""; 0], "in {text:?}");
        }
    }

    #[test]
    fn keys_of_another_sort_and_the_hashes_behind_them_are_no_secrets() {
        for text in [
            "Cache restored from key: Linux-cargo-a0ea4a71b67d0b668f1c84cd69008237c6b40011",
            "\"AWS::KMS::ReplicaKey\": \"903f43e74c8d8853\"",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-Wau¦W44",
            "gpg: using RSA key 0A9B83E4FC0A024BA591A5CFB2ABA085B4EA6071",
            "checksum/secret: 0fbeb087feae4e09ea2c90ccefdbb66ae5502a2f400db53b5daa33d7b507aa11",
            "lock token c6ea9340-c6ae-4fc6-a5aa-fa47b43c3a16 acquired",
            "\"NextToken\": \"q8Zr2Wm4Tx6Lk9¦Pb3Nv8Yd5Kj7Hs1Fg6Qw\"",
            "key=order:2312177b2f04bd35aca23f8302febc30 ttl=30",
        ] {
            assert_eq!(found(text), [""; 0], "in {text:?}");
        }
    }

    #[test]
    fn a_telling_name_makes_a_hash_a_secret() {
        for name in ["S3_SECRET_KEY", "api_key", "registry_token", "hashSecret", "X-Api-Key", "using key"] {
            let hex = "5640611df1485a¦167406de5c4d015787";
            assert_eq!(found(&format!("{name}: {hex}")), [hex.replace('¦', "")], "behind {name}");
        }
    }

    #[test]
    fn passwords_that_people_choose_are_found() {
        for value in [
            "Sum¦mer91!",
            "lantern-¦orbit-maple71",
            "h4Zk9¦pQmW2s",
            "]35d/¦pB9Fo9wJ",
            "a0b2595686c9¦1477263906976819ca07",
            "8841759d2603¦4417290683552746",
            "VU^j@I!¦3.*5igTjs",
            "hx7pZ9E?on¦Uugc$0yY.h",
        ] {
            assert_eq!(found(&format!("password: '{value}'")), [value.replace('¦', "")]);
        }
    }
}
