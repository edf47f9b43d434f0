//! The binary: hands the arguments to the library.

/// Linting and firing make and drop many small things on several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    hookctl::cli::run(std::env::args_os())
}
