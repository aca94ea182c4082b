//! `maillage serve`: HTTP, jobs and, without `DATABASE_URL`, the private PostgreSQL.

use super::demo;
use super::start::Started;
use crate::app;
use crate::platform::config::Config;
use crate::platform::{jobs, mail, web::server};
use anyhow::Context;
use std::io::Write;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Charge la démonstration si la base est vide
    #[arg(long)]
    pub(super) demo: bool,
}

pub(super) async fn run(config: Config, args: Args, out: &mut impl Write) -> anyhow::Result<()> {
    let listener = TcpListener::bind(&config.listen)
        .await
        .with_context(|| format!("impossible d’écouter sur {}", config.listen))?;
    let address = listener.local_addr()?;
    let started = Started::open(config).await?;
    started.migrate().await?;
    offer_demo(&started, args.demo, out).await?;
    mail::wake(&started.app.system("démarrage")).await?;
    app::plan_daily(&started.app.system("démarrage")).await?;
    writeln!(out, "Maillage écoute sur http://{address}")?;
    out.flush()?;

    let stop = CancellationToken::new();
    let router = app::router(&started.app);
    let http = tokio::spawn(server::serve(listener, router, stop.clone()));
    let runner = jobs::Runner {
        app: started.app.clone(),
        registry: app::jobs(),
        alone: started.is_embedded(),
    };
    let background = tokio::spawn(runner.run_until(stop.clone()));
    told_to_stop().await?;
    writeln!(out, "Arrêt demandé : les requêtes en cours se terminent.")?;
    stop.cancel();
    let finished = async {
        let both = tokio::join!(http, background);
        drop(both);
    };
    tokio::select! {
        () = finished => {}
        () = tokio::time::sleep(Duration::from_secs(30)) => {}
        second = told_to_stop() => second?,
    }
    started.close().await
}

/// On an empty base: loads the demonstration when asked, else says how to begin.
async fn offer_demo(started: &Started, wanted: bool, out: &mut impl Write) -> anyhow::Result<()> {
    if crate::accounts::store::any(&mut *started.app.system("démarrage").read().await?).await? {
        return Ok(());
    }
    if wanted {
        writeln!(out, "Base vide : chargement de la démonstration…")?;
        return demo::load(started, out).await;
    }
    writeln!(
        out,
        "La base est vide. Pour la démonstration : « maillage demo »."
    )?;
    writeln!(
        out,
        "Pour commencer pour de bon : « maillage user create --role admin --email … --name … »."
    )?;
    Ok(())
}

async fn told_to_stop() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
