//! `maillage routes`: from any URL to its code.

use crate::app;
use std::io::Write;

pub(super) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    for route in app::routes().table() {
        writeln!(out, "{route}")?;
    }
    Ok(())
}
