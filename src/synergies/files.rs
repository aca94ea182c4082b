//! Screen: the documents of a synergy (quotes, analyses, invoices): attached, read, withdrawn.

use super::acts;
use super::file_kind::FileKind;
use super::filters::Filters;
use super::paths;
use super::store::files::{self, Attached, Content};
use super::view::Detail;
use crate::kernel::format_number;
use crate::kernel::ids::{FileId, SynergyId};
use crate::platform::access::Staff;
use crate::platform::web::{
    AppError, Done, Errors, OptionExt, Page, Path, Result, base_name, escaped, filters,
};
use askama::Template;
use axum::extract::Multipart;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "synergies/files.html")]
struct Files {
    detail: Detail,
    files: Vec<Attached>,
    errors: Errors,
}

impl Files {
    /// « 312 ko », « 1,4 Mo ».
    fn size(&self, file: &Attached) -> String {
        let kilobytes = f64::from(file.size) / 1_000.0;
        if kilobytes < 1_000.0 {
            format!("{}\u{a0}ko", format_number(kilobytes.max(1.0), 0))
        } else {
            format!("{}\u{a0}Mo", format_number(kilobytes / 1_000.0, 1))
        }
    }
}

async fn page(me: &Staff, id: SynergyId, errors: Errors) -> Result<Response> {
    let detail = acts::detail(me, &Filters::default(), id).await?;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let files = files::list(&mut *me.read().await?, id).await?;
    let page = Files {
        detail,
        files,
        errors,
    };
    Ok((status, Page(page)).into_response())
}

pub(super) async fn show(me: Staff, Path(id): Path<SynergyId>) -> Result<Response> {
    page(&me, id, Errors::default()).await
}

/// The first file of the form, when it is one that may be attached.
async fn receive(mut form: Multipart) -> Result<Option<Content>> {
    while let Some(field) = form.next_field().await? {
        let Some(name) = field.file_name().and_then(base_name) else {
            continue;
        };
        let content = field.bytes().await?;
        return Ok(FileKind::of(&name, &content).map(|kind| Content {
            name,
            media_type: kind.media_type().to_owned(),
            content: content.to_vec(),
        }));
    }
    Ok(None)
}

pub(super) async fn attach(me: Staff, Path(id): Path<SynergyId>, form: Multipart) -> Result<Response> {
    // Outside the scope the synergy does not exist, before anything is said of the file.
    acts::detail(&me, &Filters::default(), id).await?;
    let Some(file) = receive(form).await? else {
        let sentence = "Choisissez un PDF, une image (PNG, JPEG), un document ou un tableau (.docx, .odt, .xlsx, .ods, .csv, .txt).";
        return page(&me, id, Errors::one("file", sentence)).await;
    };
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> { Ok(files::attach(tx, &scope, id, &file).await?) })
        .await?;
    Ok(me.done("La pièce est jointe.", paths::files(&id)).into_response())
}

/// Saved by the browser, never shown in the page's own origin.
pub(super) async fn download(me: Staff, Path(id): Path<FileId>) -> Result<Response> {
    let file = files::read(&mut *me.read().await?, &me.scope()?, id)
        .await?
        .or_not_found()?;
    let disposition = format!("attachment; filename*=UTF-8''{}", escaped(&file.name));
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_str(&file.media_type)
                .unwrap_or(HeaderValue::from_static("application/octet-stream")),
        ),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment")),
        ),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((StatusCode::OK, headers, file.content).into_response())
}

pub(super) async fn withdraw(me: Staff, Path(id): Path<FileId>) -> Result<Done> {
    let scope = me.scope()?;
    let synergy = me
        .transact(async |tx| -> Result<Option<SynergyId>> { Ok(files::remove(tx, &scope, id).await?) })
        .await
        .map_err(kept_as_evidence)?
        .or_not_found()?;
    Ok(me.done("La pièce est retirée.", paths::files(&synergy)))
}

fn kept_as_evidence(error: AppError) -> AppError {
    let sentence =
        "Cette pièce est la preuve d’une année relevée\u{a0}: donnez-lui d’abord une autre preuve.";
    let error = error.on_constraint("synergy_years_file", "file", sentence);
    if matches!(error, AppError::Refused(_)) {
        return AppError::Conflict(sentence.to_owned());
    }
    error
}
