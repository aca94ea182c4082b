//! Screen: send the files of an import.

use super::columns::{self, Part};
use super::model::State;
use super::read::{self, Fault, Upload};
use super::report::grouped;
use super::store::{self, Import};
use super::work::ReadImport;
use crate::exchange::network::{Format, Table};
use crate::exchange::paths;
use crate::kernel::ids::ImportId;
use crate::platform::access::Staff;
use crate::platform::jobs;
use crate::platform::web::{Errors, Page, Result, base_name, filters};
use askama::Template;
use axum::extract::Multipart;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

#[derive(Template)]
#[template(path = "exchange/upload.html")]
struct UploadPage {
    /// Of the import to come: sent twice, it is made once.
    id: String,
    errors: Errors,
    imports: Vec<Import>,
    site_columns: String,
    flow_columns: String,
    register_columns: String,
}

pub(in crate::exchange) async fn show(me: Staff) -> Result<Response> {
    page(&me, Errors::default(), StatusCode::OK).await
}

async fn page(me: &Staff, errors: Errors, status: StatusCode) -> Result<Response> {
    let scope = me.scope()?;
    let imports = store::latest(&mut *me.read().await?, &scope).await?;
    let columns = |table: Table| table.columns().collect::<Vec<_>>().join(", ");
    let register = Format::Register.fields().map(|(name, _)| name);
    let page = UploadPage {
        id: ImportId::fresh().to_string(),
        errors,
        imports,
        site_columns: columns(Table::Sites),
        flow_columns: columns(Table::Flows),
        register_columns: register.collect::<Vec<_>>().join(", "),
    };
    Ok((status, Page(page)).into_response())
}

/// What the form sends.
struct Sent {
    id: ImportId,
    uploads: Vec<Upload>,
}

impl Sent {
    async fn receive(mut form: Multipart) -> Result<Self> {
        let mut sent = Self {
            id: ImportId::fresh(),
            uploads: Vec::new(),
        };
        while let Some(field) = form.next_field().await? {
            let (field_name, format) = match field.name() {
                Some("sites") => ("sites", Format::Sites),
                Some("flows") => ("flows", Format::Flows),
                Some("id") => {
                    let text = field.text().await?;
                    sent.id = text.parse().unwrap_or(sent.id);
                    continue;
                }
                _ => continue,
            };
            let Some(name) = field.file_name().and_then(base_name) else {
                continue;
            };
            let content = field.bytes().await?;
            sent.uploads.push(Upload {
                field: field_name,
                format,
                name,
                content,
            });
        }
        Ok(sent)
    }
}

pub(in crate::exchange) async fn submit(me: Staff, form: Multipart) -> Result<Response> {
    let sent = Sent::receive(form).await?;
    if sent.uploads.is_empty() {
        let errors = Errors::one("sites", "Choisissez au moins un fichier, .csv ou .xlsx.");
        return page(&me, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    match keep(&me, sent).await? {
        Ok(id) => Ok(Redirect::to(&paths::report(&id)).into_response()),
        Err(fault) => {
            let errors = Errors::one(fault.field, fault.sentence);
            page(&me, errors, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// Keeps the files, and has them read at once when their columns are known.
async fn keep(me: &Staff, sent: Sent) -> Result<Result<ImportId, Fault>> {
    let scope = me.scope()?;
    let (id, uploads) = (sent.id, sent.uploads);
    let looked = tokio::task::spawn_blocking(move || read::parts(&uploads).map(|parts| (uploads, parts)));
    let (uploads, mut parts) = match looked.await.map_err(anyhow::Error::from)? {
        Ok(found) => found,
        Err(fault) => return Ok(Err(fault)),
    };
    me.transact(async |tx| -> Result<()> {
        tx.nothing_to_record();
        for part in &mut parts {
            if !part.is_settled() {
                store::recall(tx, &scope, part).await?;
            }
        }
        columns::ask_of_twins(&mut parts);
        let is_new = store::insert(tx, &scope, (id, me.user()), &uploads, &parts).await?;
        store::forget_old(tx, &scope).await?;
        if is_new && parts.iter().all(Part::is_settled) {
            let territory = scope.territory();
            jobs::enqueue(tx, &ReadImport { id, territory }).await?;
        }
        Ok(())
    })
    .await?;
    Ok(Ok(id))
}

impl Import {
    pub(super) fn badge(&self) -> &'static str {
        match self.state {
            State::Mapping | State::Checked => "hot",
            State::Reading | State::Applying => "info",
            State::Applied => "ok",
            State::Abandoned => "",
            State::Failed => "bad",
        }
    }
    fn written_count(&self) -> String {
        grouped(self.report.written())
    }

    fn refused_count(&self) -> String {
        grouped(self.refused())
    }
}
