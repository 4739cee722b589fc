//! The program `dreamwright`.

use clap::Parser;
use dreamwright::cli::Arguments;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match dreamwright::cli::run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            eprintln!("dreamwright: {refusal}");
            ExitCode::from(refusal.exit_code())
        }
    }
}
