//! The `maillage` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    maillage::cli::main()
}
