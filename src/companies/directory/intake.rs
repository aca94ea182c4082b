//! Screen and job: the administrator gives an extract of the national directory.

use super::sirene::{self, Chunk, Unfit, Wanted};
use super::store::{self, Extent};
use crate::companies::paths;
use crate::kernel::ids::{SireneFileId, TerritoryId};
use crate::platform::access::Administrator;
use crate::platform::db::System;
use crate::platform::jobs::store::{JobRow, JobState};
use crate::platform::jobs::{self, Context, Job};
use crate::platform::journal::Event;
use crate::platform::web::{Errors, Page, Result, base_name, filters};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Multipart;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io::{Cursor, Read, Seek};
use std::ops::ControlFlow;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

#[derive(Debug, Serialize, Deserialize)]
pub struct TakeSirene {
    /// The establishments first: they say which legal units are kept.
    files: Vec<SireneFileId>,
}

impl Job for TakeSirene {
    const NAME: &'static str = "sirene";
    const LABEL: &'static str = "Lecture d’un extrait Sirene";

    fn unique_key(&self) -> Option<String> {
        let files: Vec<String> = self.files.iter().map(SireneFileId::to_string).collect();
        Some(format!("{}:{}", Self::NAME, files.join("+")))
    }
    fn territory(&self) -> Option<TerritoryId> {
        None
    }
}

#[derive(Template)]
#[template(path = "companies/directory.html")]
struct DirectoryPage {
    errors: Errors,
    departments: String,
    extent: Extent,
    /// The last file, while it is read or when it was refused.
    last: Option<JobRow>,
}

impl DirectoryPage {
    fn is_busy(&self) -> bool {
        let waits = |job: &JobRow| matches!(job.state, JobState::Queued | JobState::Running);
        self.last.as_ref().is_some_and(waits)
    }
    fn percent(&self) -> u8 {
        let last = self.last.as_ref();
        last.and_then(|job| u8::try_from(job.progress).ok())
            .unwrap_or_default()
    }
    fn said(&self) -> &str {
        let last = self.last.as_ref();
        last.and_then(|job| job.message.as_deref())
            .unwrap_or("En attente…")
    }
    fn has_failed(&self) -> bool {
        self.last
            .as_ref()
            .is_some_and(|job| job.state == JobState::Failed)
    }
}

pub(in crate::companies) async fn show(me: Administrator) -> Result<Response> {
    page(&me, Errors::default(), String::new()).await
}

async fn page(me: &Administrator, errors: Errors, departments: String) -> Result<Response> {
    let mut db = me.read().await?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = DirectoryPage {
        errors,
        departments,
        extent: store::extent(&mut db).await?,
        last: jobs::store::last_named(&mut db, TakeSirene::NAME).await?,
    };
    Ok((status, Page(page)).into_response())
}

/// What the form sends.
#[derive(Default)]
struct Sent {
    departments: String,
    files: Vec<(&'static str, String, Bytes)>,
}

impl Sent {
    async fn receive(mut form: Multipart) -> Result<Self> {
        let mut sent = Self::default();
        while let Some(field) = form.next_field().await? {
            let name = match field.name() {
                Some("sites") => "sites",
                Some("units") => "units",
                Some("departments") => {
                    sent.departments = field.text().await?;
                    continue;
                }
                _ => continue,
            };
            if let Some(file) = field.file_name().and_then(base_name) {
                sent.files.push((name, file, field.bytes().await?));
            }
        }
        // The establishments say which legal units are kept.
        sent.files.sort_by_key(|(name, ..)| *name != "sites");
        Ok(sent)
    }
}

/// « 41, 37 »: two digits, 2A and 2B, three overseas.
fn departments(typed: &str) -> Option<BTreeSet<String>> {
    let is_one = |code: &str| {
        (2..=3).contains(&code.len()) && code.chars().all(|c| c.is_ascii_digit() || matches!(c, 'A' | 'B'))
    };
    let words = typed.split([',', ';', ' ']).filter(|word| !word.is_empty());
    words
        .map(|word| Some(word.to_uppercase()).filter(|code| is_one(code)))
        .collect()
}

pub(in crate::companies) async fn submit(me: Administrator, form: Multipart) -> Result<Response> {
    let sent = Sent::receive(form).await?;
    let mut errors = Errors::default();
    if sent.files.is_empty() {
        errors.add("sites", "Choisissez un fichier StockEtablissement, .csv ou .zip.");
    }
    let chosen = departments(&sent.departments);
    if chosen.is_none() {
        errors.add(
            "departments",
            "Écrivez des numéros de département, par exemple 41, 37.",
        );
    }
    let looked = tokio::task::spawn_blocking(move || {
        let unfit = unfit(&sent.files);
        (sent, unfit)
    });
    let (sent, unfit) = looked.await.map_err(anyhow::Error::from)?;
    for (field, sentence) in unfit {
        errors.add(field, sentence);
    }
    let (true, Some(departments)) = (errors.is_empty(), chosen) else {
        return page(&me, errors, sent.departments).await;
    };
    me.transact(async |tx| -> Result<()> {
        let wanted = Wanted {
            communes: store::communes(tx).await?.into_iter().collect(),
            departments,
        };
        let mut files = Vec::new();
        for (_, name, content) in &sent.files {
            let file = SireneFileId::fresh();
            store::keep_file(tx, file, (name, content), &wanted).await?;
            tx.record(Event::on("sirene_file", file, "extrait Sirene envoyé"))
                .await?;
            files.push(file);
        }
        Ok(jobs::enqueue(tx, &TakeSirene { files }).await?)
    })
    .await?;
    Ok(me
        .done("L’extrait est en cours de lecture.", paths::DIRECTORY)
        .into_response())
}

/// What is wrong with the beginning of each file, by its field.
fn unfit(files: &[(&'static str, String, Bytes)]) -> Vec<(&'static str, String)> {
    let wanted = Wanted::default();
    let mut looked = |_: Chunk, _: i32| ControlFlow::Break(());
    let judged = files.iter().filter_map(|(field, name, content)| {
        let content = Cursor::new(content.clone());
        let unfit = sirene::read(content, sirene::UPLOADED, &wanted, &mut looked).err()?;
        Some((*field, format!("«\u{a0}{name}\u{a0}»\u{a0}: {unfit}")))
    });
    judged.collect()
}

/// # Errors
/// Those of the database, and a file that is not what it should be.
pub async fn take_sirene(job: TakeSirene, context: Context) -> anyhow::Result<()> {
    for file in job.files {
        take_file(file, &context).await?;
    }
    Ok(())
}

async fn take_file(id: SireneFileId, context: &Context) -> anyhow::Result<()> {
    let file = store::file(&mut *context.system.read().await?, id).await?;
    let Some(file) = file else { return Ok(()) };
    let content = Cursor::new(file.content);
    let mut pouring = Pouring::start(content, sirene::UPLOADED, file.wanted.0);
    while let Some((percent, kept)) = pouring.next(&context.system).await? {
        let words = format!("{}\u{a0}: {kept} lignes gardées", file.name);
        context.progress(percent, &words).await?;
    }
    context
        .system
        .transact(async |tx| -> anyhow::Result<()> {
            store::forget_file(tx, id).await?;
            tx.nothing_to_record();
            Ok(())
        })
        .await
}

/// An extract being read on a thread of its own, and kept chunk by chunk.
pub struct Pouring {
    chunks: Receiver<(Chunk, i32)>,
    reading: JoinHandle<Result<(), Unfit>>,
    kept: usize,
}

impl Pouring {
    /// Reads at most `limit` bytes once unpacked.
    pub fn start(source: impl Read + Seek + Send + 'static, limit: u64, wanted: Wanted) -> Self {
        let (sender, chunks) = tokio::sync::mpsc::channel(2);
        let reading = tokio::task::spawn_blocking(move || {
            sirene::read(source, limit, &wanted, &mut |chunk, percent| match sender
                .blocking_send((chunk, percent))
            {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            })
        });
        Self {
            chunks,
            reading,
            kept: 0,
        }
    }

    /// Keeps the next lines; gives how much is read, in percent, and how many lines are kept so far.
    ///
    /// # Errors
    /// Those of the database, and a file that is not what it should be.
    pub async fn next(&mut self, system: &System) -> anyhow::Result<Option<(i32, usize)>> {
        let Some((chunk, percent)) = self.chunks.recv().await else {
            (&mut self.reading).await??;
            return Ok(None);
        };
        self.kept += system
            .transact(async |tx| -> anyhow::Result<usize> {
                tx.nothing_to_record();
                Ok(match &chunk {
                    Chunk::Sites(sites) => {
                        store::keep_sites(tx, sites).await?;
                        sites.len()
                    }
                    Chunk::Units(units) => {
                        store::keep_units(tx, units).await?;
                        units.len()
                    }
                })
            })
            .await?;
        Ok(Some((percent, self.kept)))
    }
}

/// What the communes of all territories and these departments want.
///
/// # Errors
/// Those of the database.
pub async fn wanted(system: &System, departments: BTreeSet<String>) -> sqlx::Result<Wanted> {
    Ok(Wanted {
        communes: store::communes(&mut *system.read().await?)
            .await?
            .into_iter()
            .collect(),
        departments,
    })
}
