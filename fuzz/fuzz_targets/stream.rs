//! A text in pieces of any size gives what it gives in one piece, and what comes out gives itself.
//!
//! The first byte says how many bytes behind it are sizes of pieces; the rest is the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scrub::{Mask, Scanner, Stream};

thread_local! {
    static SCANNER: Scanner<'static> = {
        let scanner = Scanner::builtin().expect("the table is whole");
        let found = scanner.findings(b"DB_PASSWORD=v7Lq2!xRt8").expect("a short text");
        assert!(!found.is_empty(), "a scanner that finds nothing keeps every promise");
        scanner
    };
}

fn streamed<'p>(scanner: &Scanner<'_>, pieces: impl Iterator<Item = &'p [u8]>) -> Option<Vec<u8>> {
    let mask = Mask::new(*scanner.table());
    let mut stream = Stream::new(scanner, &mask);
    let mut out = Vec::new();
    for piece in pieces {
        stream.push(piece, &mut out, None).ok()?;
    }
    stream.finish(&mut out, None).ok()?;
    Some(out)
}

fn pieces<'p>(text: &'p [u8], sizes: &'p [u8]) -> impl Iterator<Item = &'p [u8]> {
    let mut rest = text;
    let mut sizes = sizes.iter().cycle();
    std::iter::from_fn(move || {
        let size = rest.len().min(usize::from(*sizes.next()?).max(1));
        let (piece, behind) = rest.split_at(size);
        rest = behind;
        (size > 0).then_some(piece)
    })
}

fuzz_target!(|data: &[u8]| {
    let Some((count, data)) = data.split_first() else { return };
    let count = usize::from(count % 8 + 1);
    if data.len() < count {
        return;
    }
    let (sizes, text) = data.split_at(count);
    SCANNER.with(|scanner| {
        let Some(whole) = streamed(scanner, std::iter::once(text)) else { return };
        let Some(cut) = streamed(scanner, pieces(text, sizes)) else { return };
        assert!(cut == whole, "\nwhole {}\ncut   {}", String::from_utf8_lossy(&whole), String::from_utf8_lossy(&cut));
        let Some(again) = streamed(scanner, pieces(&whole, sizes)) else { return };
        assert!(
            again == whole,
            "\nonce  {}\ntwice {}",
            String::from_utf8_lossy(&whole),
            String::from_utf8_lossy(&again)
        );
    });
});
