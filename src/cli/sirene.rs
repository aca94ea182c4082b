//! `maillage sirene`: the national files of the directory, too large for a page, read line by line.

use super::start::Started;
use crate::companies::directory::intake::{self, Pouring};
use crate::platform::config::Config;
use anyhow::Context as _;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(super) struct Args {
    /// `StockEtablissement` puis `StockUniteLegale`, .csv ou .zip
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Départements gardés en entier, en plus des communes des territoires
    #[arg(long = "departement")]
    departments: Vec<String>,
}

pub(super) async fn run(config: Config, args: Args, out: &mut impl Write) -> anyhow::Result<()> {
    let started = Started::open(config).await?;
    started.migrate().await?;
    let system = started.app.system("lecture de Sirene");
    for path in &args.files {
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| name.clone())?;
        let wanted = intake::wanted(&system, args.departments.iter().cloned().collect()).await?;
        let mut pouring = Pouring::start(BufReader::new(file), u64::MAX, wanted);
        let (mut said, mut kept) = (-1, 0);
        while let Some(told) = pouring.next(&system).await.with_context(|| name.clone())? {
            kept = told.1;
            if told.0 > said {
                said = told.0;
                writeln!(out, "{name} : {said} %, {kept} lignes gardées")?;
            }
        }
        writeln!(out, "{name} : {kept} lignes gardées.")?;
    }
    started.close().await
}
