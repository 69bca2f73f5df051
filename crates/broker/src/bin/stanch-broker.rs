//! The executable; see the library.

fn main() -> std::process::ExitCode {
    broker::run(std::env::args_os())
}
