//! `maillage doctor`: says what works, one line each.

use super::start::Started;
use crate::nomenclature::Catalogue;
use crate::platform::config::Config;
use crate::platform::journal::Event;
use crate::platform::mail::Post;
use crate::territories;
use std::io::Write;

pub(super) async fn run(config: Config, out: &mut impl Write) -> anyhow::Result<()> {
    let started = Started::open(config).await?;
    let kind = if started.is_embedded() {
        "embarquée"
    } else {
        "serveur"
    };
    writeln!(out, "base de données   répond ({kind})")?;
    let pending = started.app.pending_migrations().await?;
    writeln!(
        out,
        "migrations        {}",
        if pending == 0 {
            "à jour".to_owned()
        } else {
            format!("{pending} à appliquer : « maillage migrate »")
        }
    )?;
    if pending == 0 {
        let system = started.app.system("vérification");
        system
            .transact(async |tx| -> anyhow::Result<()> {
                tx.record(Event::on(
                    "instance",
                    uuid::Uuid::nil(),
                    "vérification de l’écriture",
                ))
                .await?;
                Ok(())
            })
            .await?;
        writeln!(out, "écriture          possible")?;
        let territories = territories::store::all(&mut *system.read().await?).await?;
        writeln!(out, "territoires       {}", territories.len())?;
    }
    writeln!(out, "courrier          {}", mail_words(&started.app.config).await)?;
    writeln!(
        out,
        "nomenclature      {} sous-familles, {} règles",
        Catalogue::embedded().categories().len(),
        Catalogue::embedded().rules().len()
    )?;
    started.close().await
}

/// How letters leave, and whether the server answers.
async fn mail_words(config: &Config) -> String {
    let post = Post::of(config);
    let Post::Open(smtp) = &post else {
        return post.words();
    };
    match smtp.check().await {
        Ok(()) => post.words(),
        Err(error) => format!("{} Il ne répond pas\u{a0}: {error:#}", post.words()),
    }
}
