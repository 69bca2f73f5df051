//! The parts of the matcher by themselves: `cargo bench -p stanch-bench`, or with a part of a name behind it.
//!
//! To compare two states of the code, keep the executable of each and run them in turn; see CONTRIBUTING.md.

use bench::speed::source::Source;
use bench::speed::{events, plant, text};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use scrub::json::Document;
use scrub::{Mask, Scanner, Stream};

fn main() {
    divan::main();
}

const KB: usize = 1_000;
const MB: usize = 1_000_000;
/// How far planted secrets are apart.
const DISTANCE: usize = 10 * KB;

fn source(length: usize) -> Vec<u8> {
    Source::of_length(length).expect("the sources of the crates in Cargo.lock").text
}

fn scanner() -> Scanner<'static> {
    Scanner::builtin().expect("the rules of this build")
}

fn scan(bencher: Bencher<'_, '_>, text: &[u8]) {
    let scanner = scanner();
    bencher.counter(BytesCount::of_slice(text)).bench_local(|| scanner.findings(black_box(text)));
}

/// Text in, findings out.
mod findings {
    use super::*;

    #[divan::bench(args = [KB, 10 * KB, MB])]
    fn clean_source(bencher: Bencher<'_, '_>, length: usize) {
        scan(bencher, &source(length));
    }

    #[divan::bench]
    fn source_with_a_secret_every_10_kb(bencher: Bencher<'_, '_>) {
        scan(bencher, &plant::plant(&source(MB), DISTANCE).text);
    }

    #[divan::bench]
    fn log(bencher: Bencher<'_, '_>) {
        scan(bencher, text::log(MB).as_bytes());
    }

    #[divan::bench]
    fn base64(bencher: Bencher<'_, '_>) {
        scan(bencher, text::base64(MB).as_bytes());
    }

    #[divan::bench]
    fn one_line(bencher: Bencher<'_, '_>) {
        let mut line = source(MB);
        line.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
        scan(bencher, &line);
    }

    /// A rule that has not fired yet: its automaton is verified on the way.
    #[divan::bench]
    fn first_use_of_a_rule(bencher: Bencher<'_, '_>) {
        let line = plant::plant(&b"\n".repeat(DISTANCE), DISTANCE).text.split_off(DISTANCE);
        bencher.with_inputs(scanner).bench_local_values(|scanner| scanner.findings(black_box(&line)).map(|f| f.len()));
    }

    #[divan::bench]
    fn later_use_of_a_rule(bencher: Bencher<'_, '_>) {
        scan(bencher, &plant::plant(&b"\n".repeat(DISTANCE), DISTANCE).text.split_off(DISTANCE));
    }
}

/// What a hook does with an event once it has read it.
mod json {
    use super::*;

    fn redact(bencher: Bencher<'_, '_>, json: &str) {
        let scanner = scanner();
        let mask = Mask::new(*scanner.table());
        bencher.counter(BytesCount::of_str(json)).bench_local(|| {
            let document = Document::read(black_box(json)).expect("JSON");
            let findings = document.findings(&scanner).expect("a text that can be searched");
            document.masked(&mask, &findings)
        });
    }

    #[divan::bench(args = [KB, 10 * KB])]
    fn clean_event(bencher: Bencher<'_, '_>, size: usize) {
        redact(bencher, &event(size, false));
    }

    #[divan::bench(args = [KB, 10 * KB])]
    fn event_with_a_secret(bencher: Bencher<'_, '_>, size: usize) {
        redact(bencher, &event(size, true));
    }

    #[divan::bench]
    fn json_in_json(bencher: Bencher<'_, '_>) {
        redact(bencher, &text::json_in_json(MB));
    }

    fn event(size: usize, secret: bool) -> String {
        let mut events = events::all(&[size]).expect("the sources of the crates in Cargo.lock").into_iter();
        events.find(|event| event.secret.is_some() == secret).expect("an event of each sort").json
    }
}

/// `stanch redact` without its input and output.
mod stream {
    use super::*;

    const PIECE: usize = 64 << 10;

    fn redact(bencher: Bencher<'_, '_>, text: &[u8]) {
        let scanner = scanner();
        let mask = Mask::new(*scanner.table());
        let mut out = Vec::with_capacity(2 * PIECE);
        bencher.counter(BytesCount::of_slice(text)).bench_local(|| {
            let mut stream = Stream::new(&scanner, &mask);
            for piece in black_box(text).chunks(PIECE) {
                stream.push(piece, &mut out, None).expect("a text that can be searched");
                out.clear();
            }
            stream.finish(&mut out, None).expect("a text that can be searched");
            out.clear();
        });
    }

    #[divan::bench]
    fn clean_source(bencher: Bencher<'_, '_>) {
        redact(bencher, &source(MB));
    }

    #[divan::bench]
    fn source_with_a_secret_every_10_kb(bencher: Bencher<'_, '_>) {
        redact(bencher, &plant::plant(&source(MB), DISTANCE).text);
    }
}
