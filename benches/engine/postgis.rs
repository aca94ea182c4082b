//! The plain version of the task in `PostGIS`, written the best way found, on the same files.
//!
//! For every outbound flow, the ten best inbound flows of the same category on another site, within a
//! radius, with a common month: 0.45 × (1 − distance ÷ radius) + 0.35 × smaller ÷ larger quantity + 0.2 ×
//! common months ÷ longest. Unlogged tables in Lambert-93, clustered, an index on category and geometry; two
//! sessions share the work in two exact passes, a small disc giving the tenth score, hence a radius that
//! bounds the second. Groups are `ST_ClusterDBSCAN` by category and direction.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context;
use maillage::kernel::Months;
use maillage::nomenclature::Catalogue;

use crate::measure::seconds_of;
use crate::plain::radius_km;

/// Seconds.
pub(crate) struct Figures {
    pub(crate) query: f64,
    /// Of processor, on both sessions; nothing where the server does not tell.
    pub(crate) cpu: Option<f64>,
    /// Partners found by all that was asked.
    pub(crate) answers: usize,
    pub(crate) clusters: f64,
    /// Only some outbound flows were answered, and the rest reckoned from them.
    pub(crate) sampled: bool,
}

/// Nothing, with a word, when the database has no `PostGIS`.
pub(crate) fn figures(dir: &Path, url: &str, sample: usize) -> anyhow::Result<Option<Figures>> {
    let extensions = "create extension if not exists postgis; create extension if not exists btree_gist";
    if let Err(error) = psql(url, extensions, None) {
        use std::io::Write as _;
        writeln!(
            std::io::stderr(),
            "PostGIS absent, comparaison laissée de côté : {error:#}"
        )?;
        return Ok(None);
    }
    load(dir, url)?;
    let outbound: usize = psql(url, "select count(*) from b_out", None)?.trim().parse()?;
    let step = outbound.checked_div(sample).unwrap_or(1).max(1);
    let since = Instant::now();
    let (answers, spent) = std::thread::scope(|scope| -> anyhow::Result<_> {
        let sessions = [0, 1].map(|half| scope.spawn(move || half_session(url, step, half)));
        let (mut answers, mut spent) = (0, Some(0.0));
        for session in sessions {
            let (counted, cpu) = session.join().ok().context("a session stopped")??;
            answers += counted;
            spent = spent.zip(cpu).map(|(spent, cpu)| spent + cpu);
        }
        Ok((answers, spent))
    })?;
    let seconds = since.elapsed().as_secs_f64();
    let answered = outbound.div_ceil(step).max(1);
    let since = Instant::now();
    psql(
        url,
        "select count(*) from (select st_clusterdbscan(g, 10000, 3) over (partition by code) c from (select g, code from b_out union all select g, 'i' || code from b_in) f) z where c is not null",
        None,
    )?;
    let clusters = since.elapsed().as_secs_f64();
    psql(url, "drop table b_site, b_flow, b_radius, b_out, b_in", None)?;
    let whole = count(outbound) / count(answered);
    Ok(Some(Figures {
        query: seconds * whole,
        cpu: spent.map(|cpu| cpu * whole),
        answers,
        clusters,
        sampled: step > 1,
    }))
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

fn load(dir: &Path, url: &str) -> anyhow::Result<()> {
    psql(
        url,
        "drop table if exists b_site, b_flow, b_radius, b_out, b_in;
         create unlogged table b_site(ref text, lat float8, lon float8);
         create unlogged table b_flow(ref text, site text, dir text, code text, qty float8, months int);
         create unlogged table b_radius(code text primary key, r float8)",
        None,
    )?;
    let mut radii = String::new();
    for category in Catalogue::embedded().categories() {
        let radius = radius_km(category) * 1_000.0;
        writeln!(radii, "{},{radius}", category.code)?;
    }
    let sites = columns(&dir.join("etablissements.csv"), |row| {
        format!("{},{},{}", &row[0], &row[8], &row[9])
    })?;
    let flows = columns(&dir.join("flux.csv"), |row| {
        let months = Months::parse(&row[9]).unwrap_or(Months::ALL).bits();
        format!(
            "{},{},{},{},{},{months}",
            &row[0], &row[1], &row[2], &row[4], &row[6]
        )
    })?;
    for (table, rows) in [("b_radius", radii), ("b_site", sites), ("b_flow", flows)] {
        psql(url, &format!("copy {table} from stdin csv"), Some(rows))?;
    }
    for (direction, table) in [("sortant", "b_out"), ("entrant", "b_in")] {
        psql(
            url,
            &format!(
                "create unlogged table {table} as
                   select f.ref, f.site, f.code, f.qty, f.months m, length(replace(f.months::bit(12)::text, '0', '')) nm, r.r,
                          st_transform(st_setsrid(st_makepoint(s.lon, s.lat), 4326), 2154) g
                   from b_flow f join b_site s on s.ref = f.site join b_radius r using (code)
                   where f.dir = '{direction}' order by f.code, st_geohash(st_makepoint(s.lon, s.lat));
                 alter table {table} add column n serial, add column x float8, add column y float8;
                 update {table} set x = st_x(g), y = st_y(g);
                 create index on {table} using gist (code, g)"
            ),
            None,
        )?;
        psql(url, &format!("vacuum analyze {table}"), None)?;
    }
    Ok(())
}

fn columns(path: &Path, line: impl Fn(&csv::StringRecord) -> String) -> anyhow::Result<String> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_path(path)?;
    let mut lines = String::new();
    for row in reader.records() {
        lines.push_str(&line(&row?));
        lines.push('\n');
    }
    Ok(lines)
}

fn half_of_the_task(step: usize, half: usize) -> String {
    let km = "sqrt((o.x - i.x) ^ 2 + (o.y - i.y) ^ 2)";
    let score = format!(
        "(0.45 * (1 - {km} / o.r) + 0.35 * least(o.qty, i.qty) / greatest(o.qty, i.qty, 1e-9)
          + 0.2 * length(replace((o.m & i.m)::bit(12)::text, '0', '')) / greatest(o.nm, i.nm, 1))"
    );
    let meets = "i.code = o.code and i.site <> o.site and (o.m & i.m) <> 0";
    let near = format!(
        "select min(s) s, count(*) c from (select {score} s from b_in i where {meets} and i.g && st_expand(o.g, o.r * 0.12)
         and {km} <= o.r order by 1 desc limit 10) z"
    );
    let radius = "(case when k.c = 10 then least(o.r, o.r * (1 - (k.s - 0.55) / 0.45) + 0.01) else o.r end)";
    format!(
        "select count(*) from (select * from b_out where n % {step} = 0 and (n / {step}) % 2 = {half}) o
         cross join lateral ({near}) k
         cross join lateral (select i.ref, {score} s from b_in i where {meets} and i.g && st_expand(o.g, {radius})
                             and {km} <= o.r order by 2 desc, 1 limit 10) t"
    )
}

/// How many partners a half finds, and the seconds of processor of its session.
fn half_session(url: &str, step: usize, half: usize) -> anyhow::Result<(usize, Option<f64>)> {
    let alone = "set max_parallel_workers_per_gather = 0";
    let spent =
        "select case when has_function_privilege('pg_read_file(text, bigint, bigint, boolean)', 'execute')
                        then pg_read_file('/proc/self/stat', 0, 1000, true) end";
    let said = session(url, &[alone, &half_of_the_task(step, half), spent], None)?;
    let (answers, stat) = said.split_once('\n').context("two answers")?;
    Ok((
        answers.trim().parse()?,
        Some(seconds_of(stat)).filter(|cpu| *cpu > 0.0),
    ))
}

fn psql(url: &str, sql: &str, input: Option<String>) -> anyhow::Result<String> {
    session(url, &[sql], input)
}

fn session(url: &str, statements: &[&str], input: Option<String>) -> anyhow::Result<String> {
    use std::io::Write as _;
    let mut psql = Command::new("psql")
        .args([url, "-qAtX", "-v", "ON_ERROR_STOP=1"])
        .args(statements.iter().flat_map(|sql| ["-c", sql]))
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("psql")?;
    if let (Some(mut pipe), Some(input)) = (psql.stdin.take(), input) {
        pipe.write_all(input.as_bytes())?;
    }
    let output = psql.wait_with_output()?;
    anyhow::ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
