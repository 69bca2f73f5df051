//! The executable; see the library.

fn main() -> std::process::ExitCode {
    wrap::run(std::env::args_os())
}
