//! Compiles `crates/rules/data` into the table that the library carries. Wrong rules stop the build here.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/data");
    println!("cargo::rerun-if-changed={}", data.display());
    let table = match rules::load_folder(&data).and_then(|files| rules::compile(&files)) {
        Ok(table) => table,
        Err(errors) => {
            errors.iter().for_each(|e| println!("cargo::error={e}"));
            return ExitCode::FAILURE;
        }
    };
    let words = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/identifiers.txt");
    println!("cargo::rerun-if-changed={}", words.display());
    let out = std::env::var_os("OUT_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    let written = std::fs::write(out.join("rules.bin"), table)
        .and_then(|()| std::fs::read_to_string(&words))
        .and_then(|text| std::fs::write(out.join("pairs.bin"), letter_pairs(&text)));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error=writing the compiled tables: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How usual each pair of characters is in names that people write, against chance: log2 of the ratio, in eighths.
///
/// Row and column are printable ASCII less 0x20; row 0 (the blank) stands for the start of a name.
fn letter_pairs(text: &str) -> Vec<u8> {
    const N: usize = 96;
    let mut count = vec![0f64; N * N];
    for line in text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
        let (name, weight) = line.split_once(' ').map_or((line, 1.0), |(n, w)| (n, w.parse().unwrap_or(1.0)));
        let mut last = 0;
        for byte in name.bytes().filter(u8::is_ascii_graphic) {
            count[last * N + usize::from(byte - 0x20)] += f64::ln_1p(weight);
            last = usize::from(byte - 0x20);
        }
    }
    let mut table = vec![0u8; N * N];
    for row in 0..N {
        let sum: f64 = count[row * N..(row + 1) * N].iter().sum();
        for column in 0..N {
            // One imagined pair for every two columns keeps the unseen finite; chance is one of 64.
            let share = (count[row * N + column] + 0.05) / (sum + 0.05 * N as f64);
            let score = (share * 64.0).log2() * 8.0;
            table[row * N + column] = score.clamp(-64.0, 48.0) as i8 as u8;
        }
    }
    table
}
