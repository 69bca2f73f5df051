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
    let out = std::env::var_os("OUT_DIR").map(std::path::PathBuf::from).unwrap_or_default();
    let written = std::fs::write(out.join("rules.bin"), table)
        .and_then(|()| std::fs::write(out.join("pairs.bin"), rules::Usual::measured().against_chance()));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error=writing the compiled tables: {error}");
            ExitCode::FAILURE
        }
    }
}
