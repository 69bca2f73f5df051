//! Values that point at a secret or at something else: variables, paths, addresses, code, dates, checksums.

use crate::assign::{Slot, Tie};

/// What a reference to a secret store, a variable or a template begins with. Matched in any case.
const POINTERS: &[&[u8]] = &[
    b"${",
    b"$(",
    b"{{",
    b"{%",
    b"<",
    b"%(",
    b"%{",
    b"#{",
    b"[[",
    b"!",
    b"op://",
    b"vault:",
    b"ref+",
    b"arn:",
    b"env:",
    b"file:",
    b"secrets.",
    b"secret.",
    b"process.env",
    b"import.meta",
    b"os.environ",
    b"os.getenv",
    b"env.",
    b"env[",
    b"env(",
    b"var.",
    b"local.",
    b"data.",
    b"self.",
    b"this.",
    b"config.",
    b"settings.",
    b"params.",
    b"args.",
    b"options.",
    b"opts.",
    b"req.",
    b"request.",
    b"ctx.",
    b"sha256:",
    b"sha512-",
    b"sha384-",
    b"sha1-",
    b"sha256-",
    b"md5:",
    b"sha1:",
    b"projects/",
    b"ssh-",
    b"ecdsa-",
    b"http://",
    b"https://",
    b"data:",
    b"application/",
    b"text/",
    b"urn:",
    b"git@",
    b"registry+",
    b"--",
    b"&",
    b"@",
];

/// Values that are settings.
const SETTINGS: &[&[u8]] = &[
    b"true",
    b"false",
    b"null",
    b"none",
    b"nil",
    b"string",
    b"bearer",
    b"basic",
    b"required",
    b"optional",
    b"disabled",
    b"enabled",
    b"default",
    b"password",
    b"secret",
    b"token",
    b"passwd",
    b"client_secret_basic",
    b"client_secret_post",
    b"client_secret_jwt",
    b"utf-8",
    b"x-amz-security-token",
];

/// Whether a value is a pointer, a path, a setting, a number, a date or a piece of code.
pub(crate) fn is_reference(text: &[u8], slot: &Slot) -> bool {
    let value = &text[slot.span.clone()];
    let quoted = matches!(slot.tie, Tie::Quoted);
    let starts =
        |words: &[&[u8]]| words.iter().any(|w| value.get(..w.len()).is_some_and(|head| head.eq_ignore_ascii_case(w)));
    starts(POINTERS) && !(value[0] == b'!' || value[0] == b'@' || value[0] == b'&' || value[0] == b'<')
        || starts(POINTERS) && !quoted
        || is_variable(value)
        || SETTINGS.iter().any(|s| value.eq_ignore_ascii_case(s))
        || is_path(value)
        || is_number_or_date(value)
        || value.windows(3).any(|w| w == b"://")
        || value.windows(2).any(|w| w == b"${" || w == b"{{" || w == b"$(")
        || memchr::memmem::find(value, b"::").is_some() && super::randomness::against_chance(value) < 40.0
        || !quoted && (is_code(text, slot) || value[0] == b':')
        || is_code_in_quotes(value) && !is_drawn_from_marks(value)
        || is_in_another_language(value)
        || is_package(value)
}

/// Letters that ASCII does not have, plain or as `\u30d1`, and no digits: a translation ("Lösenordsbekräftelse").
fn is_in_another_language(value: &[u8]) -> bool {
    let mut rest = value;
    let (mut foreign, mut digits) = (!value.is_ascii(), false);
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'\\', [b'u', a, b, c, d, after @ ..]) if [a, b, c, d].iter().all(|b| b.is_ascii_hexdigit()) => {
                foreign = true;
                rest = after;
            }
            (b, _) => digits |= b.is_ascii_digit(),
        }
    }
    foreign && !digits
}

/// `left-pad@1.3.0`: a package and its version.
fn is_package(value: &[u8]) -> bool {
    let Some(at) = value.iter().rposition(|b| *b == b'@').filter(|at| *at > 0) else { return false };
    let (name, version) = (&value[..at], &value[at + 1..]);
    let in_version = |b: &u8| b.is_ascii_digit() || *b == b'.';
    name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/' | b'@'))
        && version.first().is_some_and(u8::is_ascii_digit)
        && version.iter().filter(|b| **b == b'.').count() >= 2
        && version.iter().take_while(|b| in_version(b)).count() >= 5
}

/// `$NAME`, `%NAME%`, `:name`, `$1`.
fn is_variable(value: &[u8]) -> bool {
    let name = |name: &[u8]| {
        !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_') && {
            let upper = name.iter().filter(|b| b.is_ascii_uppercase()).count();
            let lower = name.iter().filter(|b| b.is_ascii_lowercase()).count();
            let digits = name.len() - upper - lower - name.iter().filter(|b| **b == b'_').count();
            digits <= 1 && (upper == 0 || lower == 0) || name.contains(&b'_')
        }
    };
    match value {
        [b'$', b'1', b'$', ..] => false, // a crypt hash
        [b'$', rest @ ..] => name(rest),
        [b'%', rest @ .., b'%'] => name(rest),
        [b':', rest @ ..] => name(rest),
        _ => false,
    }
}

/// Several parts joined by slashes, most of them words; or a drive, a home, a relative path; or a file's name.
fn is_path(value: &[u8]) -> bool {
    let rooted = [&b"/"[..], b"./", b"../", b"~/", b".\\", b"\\\\"].iter().any(|r| value.starts_with(r))
        || value.get(1..3) == Some(b":\\");
    let parts = value.split(|b| *b == b'/').filter(|p| !p.is_empty());
    let (mut all, mut wordy) = (0, 0);
    for part in parts {
        all += 1;
        wordy += usize::from(super::randomness::is_wordy(part) || part.iter().all(u8::is_ascii_digit));
    }
    rooted && wordy * 2 >= all && wordy > 0 || all >= 2 && wordy == all || is_file_name(value)
}

fn is_file_name(value: &[u8]) -> bool {
    const ENDINGS: &[&[u8]] = &[
        b".pem",
        b".key",
        b".crt",
        b".cer",
        b".json",
        b".yaml",
        b".yml",
        b".toml",
        b".txt",
        b".env",
        b".js",
        b".ts",
        b".tsx",
        b".jsx",
        b".mjs",
        b".py",
        b".rs",
        b".go",
        b".java",
        b".rb",
        b".php",
        b".c",
        b".h",
        b".cpp",
        b".md",
        b".html",
        b".css",
        b".sh",
        b".xml",
        b".png",
        b".svg",
        b".jpg",
        b".lock",
        b".conf",
        b".cfg",
        b".ini",
        b".pub",
        b".jks",
        b".p12",
        b".pfx",
        b".log",
        b".com",
        b".org",
        b".net",
        b".io",
        b".dev",
        b".example",
        b".local",
        b".so",
        b".exe",
        b".zip",
        b".gz",
    ];
    let lower = value.to_ascii_lowercase();
    ENDINGS.iter().any(|e| lower.ends_with(e))
        && !value.iter().any(|b| matches!(b, b'=' | b'+' | b'!' | b'#' | b'?' | b'^' | b'&'))
}

/// Digits with the punctuation of numbers, versions, dates, times and addresses.
fn is_number_or_date(value: &[u8]) -> bool {
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let other = value
        .iter()
        .any(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b':' | b'-' | b'+' | b'/' | b'_' | b',' | b'%')));
    let date = value.len() >= 8
        && value[..4].iter().all(u8::is_ascii_digit)
        && matches!(value[4], b'-' | b'/')
        && value[5..7].iter().all(u8::is_ascii_digit);
    // 0x1f, 3.14f, 10px, 1e9, v1.2.3; not 12345678a
    let unit = letters <= 2 && value.len() - letters <= 6 && value[0].is_ascii_digit();
    // 464/tcp
    let of_protocol =
        value.splitn(2, |b| *b == b'/').map(|p| p.len()).eq([digits, letters]) && digits <= 5 && letters <= 5;
    date || of_protocol && value[0].is_ascii_digit()
        || !other && (letters == 0 && (digits < 9 || digits < value.len()) || unit)
        || value.first() == Some(&b'v')
            && value.get(1).is_some_and(u8::is_ascii_digit)
            && value.contains(&b'.')
            && value.len() < 12
        || value.starts_with(b"0x") && value.len() <= 18 && value[2..].iter().all(u8::is_ascii_hexdigit)
}

/// Bare words with dots, calls, indexes, generics: an expression.
fn is_code(text: &[u8], slot: &Slot) -> bool {
    let value = &text[slot.span.clone()];
    let next = text.get(slot.span.end).copied();
    if matches!(next, Some(b'(' | b'[' | b'{'))
        || value[0] == b'*'
        || value.iter().any(|b| matches!(b, b'(' | b'[' | b'{')) && value.iter().all(|b| *b != b'!' && *b != b'#')
    {
        let opens = value.iter().position(|b| matches!(b, b'(' | b'[' | b'{')).unwrap_or(value.len());
        return value[..opens]
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'&' | b'*' | b'!' | b'-' | b':' | b'$'));
    }
    // `vec![0u8;`: a macro of Rust.
    if let Some(bang) = memchr::memmem::find(value, b"![").or_else(|| memchr::memmem::find(value, b"!("))
        && value[..bang].iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
    {
        return true;
    }
    // a.b.c with wordy parts; `token.value;`
    // `$object->member`
    if value[0] == b'$' && text[slot.span.end - 1..].starts_with(b"->") {
        return true;
    }
    let dotted = value.contains(&b'.') && value.split(|b| *b == b'.').all(super::randomness::is_wordy);
    dotted || value.starts_with(b"-") && value.len() < 12
}

/// Whether a generator of passwords may have made a value that holds a mark of code by accident: long, random, few brackets.
fn is_drawn_from_marks(value: &[u8]) -> bool {
    let brackets = value.iter().filter(|b| b"|[](){}".contains(b)).count();
    !value.iter().any(|b| matches!(b, b' ' | b'\\'))
        && 8 * brackets <= value.len()
        && super::randomness::against_chance(value) >= 55.0
}

/// Quoted text that is a template, a selector or a sentence rather than a value.
fn is_code_in_quotes(value: &[u8]) -> bool {
    let blanks = value.iter().filter(|b| **b == b' ').count();
    blanks >= 1
        || value.windows(2).any(|w| {
            w == b"=>"
                || w == b"[]"
                || w == b"{}"
                || w == b"\\w"
                || w == b"\\d"
                || w == b"\\s"
                || w == b".*"
                || w == b"[^"
                || w == b"/^"
                || w == b"\\["
                || w == b"\\("
        })
        || value.iter().filter(|b| **b == b'|').count() >= 2
        || value.windows(3).any(|w| w[0] == b'[' && w[2] == b'-')
        || is_call(value)
        || is_template(value)
        || value
            .windows(2)
            .enumerate()
            .any(|(i, w)| w == b"%s" && !value.get(i + 2).is_some_and(u8::is_ascii_alphanumeric))
}

/// `{prefix}:{id}`: a name in braces.
fn is_template(value: &[u8]) -> bool {
    let Some(open) = value.iter().position(|b| *b == b'{') else { return false };
    let Some(length) = value[open + 1..].iter().position(|b| *b == b'}') else { return false };
    let name = &value[open + 1..open + 1 + length];
    name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':'))
        && super::randomness::is_wordy(name)
}

/// `settings.password()`: brackets behind a name.
fn is_call(value: &[u8]) -> bool {
    let open = memchr::memmem::find(value, b"()");
    open.is_some_and(|i| value[..i].iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'$')))
}
