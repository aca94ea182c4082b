//! Screen: send the files of an import.

use super::model::State;
use super::read::Upload;
use super::report::grouped;
use super::store::{self, Import};
use super::write::{self, Refused};
use crate::exchange::network::Table;
use crate::exchange::paths;
use crate::kernel::ids::ImportId;
use crate::platform::access::Staff;
use crate::platform::journal::Event;
use crate::platform::web::{AppError, Errors, Page, Result, filters};
use askama::Template;
use axum::extract::Multipart;
use axum::extract::multipart::MultipartError;
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
}

pub(in crate::exchange) async fn show(me: Staff) -> Result<Response> {
    page(&me, Errors::default(), StatusCode::OK).await
}

async fn page(me: &Staff, errors: Errors, status: StatusCode) -> Result<Response> {
    let scope = me.scope()?;
    let imports = store::latest(&mut *me.read().await?, &scope).await?;
    let columns = |table: Table| table.columns().collect::<Vec<_>>().join(", ");
    let page = UploadPage {
        id: ImportId::fresh().to_string(),
        errors,
        imports,
        site_columns: columns(Table::Sites),
        flow_columns: columns(Table::Flows),
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
        while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
            let table = match field.name() {
                Some("sites") => Table::Sites,
                Some("flows") => Table::Flows,
                Some("id") => {
                    let text = field.text().await.map_err(|error| unreadable(&error))?;
                    sent.id = text.parse().unwrap_or(sent.id);
                    continue;
                }
                _ => continue,
            };
            // A browser sends a nameless empty file for a field left alone.
            let Some(name) = field.file_name().filter(|name| !name.is_empty()).map(base_name) else {
                continue;
            };
            let content = field.bytes().await.map_err(|error| unreadable(&error))?;
            sent.uploads.push(Upload {
                field: match table {
                    Table::Sites => "sites",
                    Table::Flows => "flows",
                },
                table,
                name,
                content,
            });
        }
        Ok(sent)
    }
}

/// The last part of what the browser calls the file, short enough to be shown.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    last.chars().filter(|c| !c.is_control()).take(120).collect()
}

fn unreadable(error: &MultipartError) -> AppError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return AppError::TooLarge;
    }
    AppError::BadRequest(
        "L’envoi est incomplet\u{a0}: la connexion a été coupée. Envoyez le fichier à nouveau.".to_owned(),
    )
}

pub(in crate::exchange) async fn submit(me: Staff, form: Multipart) -> Result<Response> {
    let scope = me.scope()?;
    let sent = Sent::receive(form).await?;
    if sent.uploads.is_empty() {
        let errors = Errors::one("sites", "Choisissez au moins un fichier, .csv ou .xlsx.");
        return page(&me, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let id = sent.id;
    let names: Vec<_> = sent.uploads.iter().map(|upload| upload.name.clone()).collect();
    let staged = me
        .transact(async |tx| -> Result<(), Refused> {
            if !store::insert(tx, &scope, (id, me.user()), &names).await? {
                tx.nothing_to_record();
                return Ok(());
            }
            store::forget_old(tx, &scope).await?;
            Box::pin(write::stage(tx, &scope, id, sent.uploads)).await?;
            tx.record(Event::on("import", id, "fichier vérifié avant import").within(scope.territory()))
                .await?;
            Ok(())
        })
        .await;
    let errors = match staged {
        Ok(_) => return Ok(Redirect::to(&paths::report(&id)).into_response()),
        Err(Refused::File(fault)) => Errors::one(fault.field, fault.sentence),
        Err(Refused::App(error)) => return Err(error),
        Err(refused) => return Err(AppError::Internal(refused.into())),
    };
    page(&me, errors, StatusCode::UNPROCESSABLE_ENTITY).await
}

impl Import {
    pub(super) fn badge(&self) -> &'static str {
        match self.state {
            State::Checked => "hot",
            State::Applied => "ok",
            State::Abandoned => "",
        }
    }
    fn written_count(&self) -> String {
        grouped(self.report.written())
    }

    fn refused_count(&self) -> String {
        grouped(self.refused())
    }
}
