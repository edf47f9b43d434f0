//! The binary: hands the arguments to the library.

fn main() -> std::process::ExitCode {
    hookctl::cli::run(std::env::args_os())
}
