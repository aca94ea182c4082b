//! `cargo bench --bench import`: how long an import of many flows takes and how much memory, through
//! the router and the jobs; and what the files made to break a reader cost before they are refused.
//!
//! Each figure is that of a process of its own: the highest memory of a process never goes down.

mod bombs;

#[path = "../engine/measure.rs"]
#[expect(
    dead_code,
    reason = "shared with the bench of the engine, which uses more of it"
)]
mod measure;

use anyhow::Context as _;
use axum::body::Body;
use axum::http::{Request, header};
use clap::Parser;
use maillage::accounts::{Email, store as accounts};
use maillage::app;
use maillage::exchange::tabular::{self, Limits};
use maillage::kernel::clock::Clock;
use maillage::kernel::ids::{ImportId, TerritoryId, UserId};
use maillage::platform::App;
use maillage::platform::access::{self, Role};
use maillage::platform::config::Config;
use maillage::platform::db::Db;
use maillage::platform::jobs;
use maillage::platform::journal::Event;
use maillage::territories::store::{self as territories, Territory};
use measure::{measured, megabytes};
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;
use std::time::Instant;
use tower::ServiceExt;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
    /// Flows of the import
    #[arg(long, default_value_t = 100_000)]
    flows: usize,
    /// One bomb only, in this very process
    #[arg(long)]
    bomb: Option<usize>,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let settings = Settings::parse();
    let mut out = std::io::stdout();
    if let Some(rank) = settings.bomb {
        return Ok(writeln!(out, "{}", refused(rank)?)?);
    }
    writeln!(
        out,
        "| fichier piégé | octets | refusé parce que | secondes | Mio |\n| --- | ---: | --- | ---: | ---: |"
    )?;
    for rank in 0..bombs::ALL.len() {
        let child = std::process::Command::new(std::env::current_exe()?)
            .args(["--bomb", &rank.to_string()])
            .output()?;
        write!(out, "{}", String::from_utf8_lossy(&child.stdout))?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    writeln!(out, "\n{}", runtime.block_on(import(settings))?)?;
    Ok(())
}

/// Reads a bomb as an upload is read; gives the line of the table.
fn refused(rank: usize) -> anyhow::Result<String> {
    let (name, make) = bombs::ALL.get(rank).context("no such bomb")?;
    let path = std::env::temp_dir().join(format!("bombe-{}-{rank}", std::process::id()));
    // Made by another process, so that its making does not count in the memory.
    let content = match std::env::var_os("BOMB_FILE") {
        Some(made) => std::fs::read(made)?,
        None => {
            std::fs::write(&path, make())?;
            let child = std::process::Command::new(std::env::current_exe()?)
                .args(["--bomb", &rank.to_string()])
                .env("BOMB_FILE", &path)
                .output()?;
            std::fs::remove_file(&path)?;
            return Ok(String::from_utf8_lossy(&child.stdout).trim().to_owned());
        }
    };
    let (read, cost) = measured(|| {
        let mut rows = 0_usize;
        tabular::read(Cursor::new(&content), &Limits::UPLOAD, &mut |_| {
            rows += 1;
            ControlFlow::Continue(())
        })
        .map(|()| rows)
    });
    let said = match read {
        Ok(rows) => format!("(lu : {rows} lignes)"),
        Err(error) => error.to_string(),
    };
    Ok(format!(
        "| {name} | {} | {said} | {:.2} | {:.0} |",
        content.len(),
        cost.seconds,
        megabytes("VmHWM")
    ))
}

/// Sends, reads and applies a file of flows; gives times and memory.
async fn import(settings: Settings) -> anyhow::Result<String> {
    let url = settings
        .config
        .database_url
        .clone()
        .context("DATABASE_URL manque")?;
    let app = app::build(Db::connect(&url, Clock::default()).await?, settings.config);
    app.migrate().await?;
    app::sync_reference(&app.system("mesure")).await?;
    let cookie = furnish(&app).await?;
    let base = megabytes("VmHWM");
    let mut report = String::new();
    let started = Instant::now();
    let sites: String = (0..1_000)
        .map(|n| format!("S{n};Entreprise fictive {n};Vendôme\n"))
        .collect();
    send(
        &app,
        &cookie,
        "sites",
        &format!("reference;nom;commune\n{sites}"),
        &mut report,
    )
    .await?;
    let mut flows = String::from("reference;etablissement;sens;libelle;quantite;unite;code_dechet\n");
    for n in 0..settings.flows {
        let way = if n % 2 == 0 { "sortant" } else { "entrant" };
        writeln!(
            flows,
            "F{n};S{};{way};Cartons lot {};{};t;15 01 01",
            n % 1_000,
            n % 200,
            n % 90 + 1
        )?;
    }
    for _ in 0..2 {
        send(&app, &cookie, "flows", &flows, &mut report).await?;
    }
    write!(
        report,
        "Mémoire au repos {base:.0} Mio, au plus haut {:.0} Mio ; en tout {:.0} s.",
        megabytes("VmHWM"),
        started.elapsed().as_secs_f64()
    )?;
    Ok(report)
}

/// A territory with an advisor signed in.
async fn furnish(app: &App) -> anyhow::Result<String> {
    let territory = Territory {
        id: TerritoryId::fresh(),
        name: format!("Mesure {}", TerritoryId::fresh()),
        is_demo: true,
        freshness_months: 24,
        latitude: 47.79,
        longitude: 1.07,
        establishments: None,
        allows_offline: false,
        version: 1,
    };
    let user = accounts::NewUser {
        id: UserId::fresh(),
        email: Email::parse(&format!("{}@exemple.fr", UserId::fresh())).map_err(anyhow::Error::msg)?,
        name: "Mesure".to_owned(),
        organisation: None,
        specialities: Vec::new(),
        password_hash: None,
    };
    let token = app
        .system("mesure")
        .transact(async |tx| -> anyhow::Result<access::Token> {
            territories::insert(tx, &territory, &["41269".to_owned()]).await?;
            accounts::insert(tx, &user).await?;
            accounts::grant(tx, user.id, Role::Advisor, Some(territory.id), None).await?;
            tx.record(Event::on("territory", territory.id, "mesure")).await?;
            Ok(access::store::open_session(tx, user.id, "mesure", "mesure").await?)
        })
        .await?;
    Ok(format!("__Host-maillage={}", token.reveal()))
}

async fn send(app: &App, cookie: &str, field: &str, file: &str, report: &mut String) -> anyhow::Result<()> {
    let id = ImportId::fresh();
    let body = format!(
        "--L\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n{id}\r\n--L\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"f.csv\"\r\n\r\n{file}\r\n--L--\r\n"
    );
    let lines = file.lines().count() - 1;
    let size = file.len();
    let mut times = Vec::new();
    for (path, kind, body) in [
        ("/import".to_owned(), "multipart/form-data; boundary=L", body),
        (
            format!("/import/{id}/application"),
            "application/x-www-form-urlencoded",
            String::new(),
        ),
    ] {
        // The searches and the sums that the last act asked for are another work.
        while jobs::run_next(app, &app::jobs()).await? {}
        let started = Instant::now();
        let request = Request::post(path)
            .header(header::HOST, "maillage.test")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, kind)
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))?;
        let answer = app::router(app).oneshot(request).await?;
        anyhow::ensure!(answer.status().is_redirection(), "{}", answer.status());
        let answered = started.elapsed().as_secs_f64();
        jobs::run_next(app, &app::jobs()).await?;
        times.push((answered, started.elapsed().as_secs_f64()));
    }
    writeln!(
        report,
        "{lines} lignes ({:.1} Mo) : réponse en {:.2} s, lues en {:.1} s, écrites en {:.1} s ; mémoire au plus haut {:.0} Mio.",
        f64::from(u32::try_from(size)?) / 1e6,
        times[0].0,
        times[0].1,
        times[1].1,
        megabytes("VmHWM")
    )?;
    Ok(())
}
