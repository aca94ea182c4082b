//! `make bench-pages`: how fast pages are on a generated territory, beside the barest page of the same stack in
//! the same run: one indexed query of 50 rows by sqlx, written by askama, answered by axum.
//!
//! Machines are noisy: compare the ratios of one run. One client at a time says how long the server takes;
//! sixteen say how much it bears, the clients taking their part of the same processors.

#![expect(
    clippy::disallowed_methods,
    reason = "a bare page has no actor, and the generated rows are in no schema that the macros know"
)]

mod floor;

use anyhow::Context as _;
use axum::body::Body;
use axum::http::{Request, header};
use clap::Parser;
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use maillage::app;
use maillage::dashboards;
use maillage::kernel::clock::Clock;
use maillage::kernel::ids::TerritoryId;
use maillage::platform::config::Config;
use maillage::platform::db::Db;
use maillage::platform::web::server;
use sqlx::{Connection as _, PgConnection};
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
    #[arg(long, default_value_t = 100_000)]
    flows: usize,
    #[arg(long, default_value_t = 1_000)]
    synergies: usize,
    /// Requests one after the other
    #[arg(long, default_value_t = 300)]
    requests: usize,
    /// Seconds under load
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
}

/// Who reads, and what. `{site}` is one of the establishments.
const PAGES: [(&str, &str); 11] = [
    ("bench-8", "/tableau-de-bord"),
    ("bench-8", "/tableau-de-bord/flux"),
    ("bench-8", "/tableau-de-bord/carte"),
    ("bench-8", "/tableau-de-bord/synergies"),
    ("bench-8", "/tableau-de-bord/activite"),
    ("bench-0", "/"),
    ("bench-0", "/synergies"),
    ("bench-0", "/entreprises/{site}"),
    ("bench-0", "/entreprises"),
    ("bench-0", "/flux"),
    ("bench-0", "/visites"),
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = Settings::parse();
    let url = settings
        .config
        .database_url
        .clone()
        .context("DATABASE_URL manque")?;
    let app = app::build(
        Db::connect(&url, Clock::default()).await?,
        settings.config.clone(),
    );
    app.migrate().await?;
    app::sync_reference(&app.system("mesure")).await?;
    let mut db = PgConnection::connect(&url).await?;
    furnish(&mut db, &settings).await?;
    let id = |kind: &str| format!("select md5('bench-{kind}-14')::uuid::text");
    let site: String = sqlx::query_scalar(sqlx::AssertSqlSafe(id("site")))
        .fetch_one(&mut db)
        .await?;
    let territory: String = sqlx::query_scalar("select md5('bench-territory-0')::uuid::text")
        .fetch_one(&mut db)
        .await?;
    let territory: TerritoryId = territory.parse()?;
    dashboards::sum_up(&app.system("mesure"), territory).await?;

    let stop = CancellationToken::new();
    let floor = listen(floor::router(&url, territory).await?, &stop).await?;
    let server = listen(app::router(&app), &stop).await?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{} flux, {} synergies ; {} requêtes une à une, puis {} clients pendant {} s.\n\n\
         | page | ko | p50 ms | p99 ms | requêtes/s | p50 ms | p99 ms | requêtes/s ÷ plancher |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        settings.flows, settings.synergies, settings.requests, settings.clients, settings.seconds
    )?;
    let base = Target::new(floor, "", "/").measured(&settings).await?;
    writeln!(out, "{}", base.row("plancher", &base))?;
    for (token, page) in PAGES {
        let target = Target::new(server, token, &page.replace("{site}", &site));
        writeln!(out, "{}", target.measured(&settings).await?.row(page, &base))?;
    }
    let public = Target::new(server, "", &format!("/public/{territory}"));
    writeln!(
        out,
        "{}",
        public.measured(&settings).await?.row("/public/{id}", &base)
    )?;
    writeln!(
        out,
        "\nMémoire du processus, clients compris : {:.0} Mo.",
        memory()
    )?;
    stop.cancel();
    Ok(())
}

/// Fills the base once: the same territory serves again.
async fn furnish(db: &mut PgConnection, settings: &Settings) -> anyhow::Result<()> {
    let known: bool =
        sqlx::query_scalar("select exists (select from territories where name = 'Mesure des pages')")
            .fetch_one(&mut *db)
            .await?;
    if !known {
        let script = include_str!("territory.sql")
            .replace(":flows", &settings.flows.to_string())
            .replace(":synergies", &settings.synergies.to_string());
        sqlx::raw_sql(sqlx::AssertSqlSafe(script))
            .execute(&mut *db)
            .await?;
        sqlx::raw_sql("vacuum analyze").execute(db).await?;
    }
    Ok(())
}

async fn listen(router: axum::Router, stop: &CancellationToken) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(server::serve(listener, router, stop.clone()));
    Ok(address)
}

/// A page that somebody asks for.
#[derive(Clone)]
struct Target {
    address: SocketAddr,
    cookie: String,
    path: String,
}

/// What asking for it gave.
struct Figures {
    bytes: usize,
    alone: Vec<Duration>,
    together: Vec<Duration>,
    per_second: f64,
}

impl Target {
    fn new(address: SocketAddr, token: &str, path: &str) -> Self {
        Self {
            address,
            cookie: format!("__Host-maillage={token}"),
            path: path.to_owned(),
        }
    }

    async fn measured(&self, settings: &Settings) -> anyhow::Result<Figures> {
        let (mut client, mut bytes) = (self.connect().await?, 0);
        for _ in 0..20 {
            bytes = self.ask(&mut client).await?;
        }
        let mut alone = Vec::new();
        for _ in 0..settings.requests {
            let since = Instant::now();
            self.ask(&mut client).await?;
            alone.push(since.elapsed());
        }
        let since = Instant::now();
        let until = since + Duration::from_secs(settings.seconds);
        let clients: Vec<_> = (0..settings.clients)
            .map(|_| tokio::spawn(self.clone().ask_until(until)))
            .collect();
        let mut together = Vec::new();
        for client in clients {
            together.extend(client.await??);
        }
        let per_second = f64::from(u32::try_from(together.len())?) / since.elapsed().as_secs_f64();
        alone.sort_unstable();
        together.sort_unstable();
        Ok(Figures {
            bytes,
            alone,
            together,
            per_second,
        })
    }

    async fn ask_until(self, until: Instant) -> anyhow::Result<Vec<Duration>> {
        let mut client = self.connect().await?;
        let mut times = Vec::new();
        while Instant::now() < until {
            let since = Instant::now();
            self.ask(&mut client).await?;
            times.push(since.elapsed());
        }
        Ok(times)
    }

    async fn connect(&self) -> anyhow::Result<hyper::client::conn::http1::SendRequest<Body>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    async fn ask(&self, client: &mut hyper::client::conn::http1::SendRequest<Body>) -> anyhow::Result<usize> {
        let request = Request::get(&self.path)
            .header(header::HOST, "maillage.test")
            .header(header::COOKIE, &self.cookie)
            .body(Body::empty())?;
        client.ready().await?;
        let answer = client.send_request(request).await?;
        anyhow::ensure!(
            answer.status().is_success(),
            "{} : {}",
            self.path,
            answer.status()
        );
        Ok(answer.into_body().collect().await?.to_bytes().len())
    }
}

impl Figures {
    fn row(&self, name: &str, floor: &Self) -> String {
        let mut row = format!("| {name} | {}", self.bytes / 1_000);
        for (times, rate) in [(&self.alone, Some(self.per_second)), (&self.together, None)] {
            let _ = write!(row, " | {:.1} | {:.1}", share(times, 50), share(times, 99));
            if let Some(rate) = rate {
                let _ = write!(row, " | {rate:.0}");
            }
        }
        let _ = write!(row, " | {:.2} |", self.per_second / floor.per_second);
        row
    }
}

/// Milliseconds under which so many of a hundred stay.
fn share(times: &[Duration], percent: usize) -> f64 {
    let rank = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(rank).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1_024.0
}
