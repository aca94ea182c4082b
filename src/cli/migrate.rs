//! `maillage migrate`.

use super::start::Started;
use crate::platform::config::Config;
use std::io::Write;

pub(super) async fn run(config: Config, out: &mut impl Write) -> anyhow::Result<()> {
    let started = Started::open(config).await?;
    started.migrate().await?;
    writeln!(out, "La base et les listes de référence sont à jour.")?;
    started.close().await
}
