//! The one error that leaves handlers, and its pages: a sentence in French and a way out.

use super::{Errors, Page, escaped};
use crate::platform::access::password::HashError;
use crate::platform::db::Unjournalled;
use askama::Template;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

pub type Result<T, E = AppError> = std::result::Result<T, E>;

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    #[error("not found")]
    NotFound,
    #[error("forbidden")]
    Forbidden,
    /// Nobody is signed in; come back to `next` afterwards.
    #[error("sign in first")]
    SignIn { next: String },
    /// The thing changed meanwhile, or its state does not allow it.
    #[error("conflict: {0}")]
    Conflict(String),
    /// The page of a step that is no longer to be taken: what happened, who and when, and where to go on.
    #[error("past: {message}")]
    Past {
        message: String,
        last: Option<String>,
        href: String,
        label: String,
    },
    #[error("bad request: {0}")]
    BadRequest(String),
    #[error("the file is too large")]
    TooLarge,
    #[error("too many requests, retry in {0} s")]
    TooMany(i64),
    /// A field was refused by the database; handlers that show a form catch it.
    #[error("refused")]
    Refused(Errors),
    #[error("database unavailable")]
    Unavailable,
    #[error(transparent)]
    Internal(anyhow::Error),
}

impl AppError {
    pub(in crate::platform) fn sign_in(parts: &Parts) -> Self {
        let next = if parts.method == Method::GET {
            parts
                .uri
                .path_and_query()
                .map_or_else(|| "/".to_owned(), |p| p.as_str().to_owned())
        } else {
            referer_path(parts).unwrap_or_else(|| "/".to_owned())
        };
        Self::SignIn { next }
    }

    /// Turns a violated constraint into a sentence by the field, and leaves other errors as they are.
    #[must_use]
    pub fn on_constraint(self, constraint: &str, field: &'static str, sentence: &str) -> Self {
        let Self::Internal(error) = self else { return self };
        let violated = error
            .downcast_ref::<sqlx::Error>()
            .and_then(|e| e.as_database_error());
        if violated.and_then(|e| e.constraint()) == Some(constraint) {
            Self::Refused(Errors::one(field, sentence))
        } else {
            Self::Internal(error)
        }
    }
}

fn referer_path(parts: &Parts) -> Option<String> {
    let referer: axum::http::Uri = parts.headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    Some(referer.path_and_query()?.as_str().to_owned())
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(
            error,
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_)
        ) {
            Self::Unavailable
        } else {
            Self::Internal(error.into())
        }
    }
}

impl From<Unjournalled> for AppError {
    fn from(error: Unjournalled) -> Self {
        Self::Internal(error.into())
    }
}

impl From<anyhow::Error> for AppError {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

impl From<HashError> for AppError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::TooMany(2),
            HashError::Failed(reason) => Self::Internal(anyhow::anyhow!(reason)),
        }
    }
}

pub trait OptionExt<T> {
    /// What is not there, or may not be seen, does not exist.
    ///
    /// # Errors
    /// [`AppError::NotFound`] on `None`.
    fn or_not_found(self) -> Result<T>;
}

impl<T> OptionExt<T> for Option<T> {
    fn or_not_found(self) -> Result<T> {
        self.ok_or(AppError::NotFound)
    }
}

#[derive(Template)]
#[template(path = "errors/not_found.html")]
struct NotFoundPage;

#[derive(Template)]
#[template(path = "errors/forbidden.html")]
struct ForbiddenPage;

#[derive(Template)]
#[template(path = "errors/conflict.html")]
struct ConflictPage {
    message: String,
}

#[derive(Template)]
#[template(path = "errors/past.html")]
struct PastPage {
    message: String,
    last: Option<String>,
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "errors/bad_request.html")]
struct BadRequestPage {
    message: String,
}

#[derive(Template)]
#[template(path = "errors/too_many.html")]
struct TooManyPage;

#[derive(Template)]
#[template(path = "errors/unavailable.html")]
struct UnavailablePage;

#[derive(Template)]
#[template(path = "errors/internal.html")]
struct InternalPage {
    request_id: String,
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, Page(NotFoundPage)).into_response(),
            Self::Forbidden => (StatusCode::FORBIDDEN, Page(ForbiddenPage)).into_response(),
            Self::SignIn { next } => sign_in_redirect(&next),
            Self::Conflict(message) => (StatusCode::CONFLICT, Page(ConflictPage { message })).into_response(),
            Self::Past {
                message,
                last,
                href,
                label,
            } => {
                let page = PastPage {
                    message,
                    last,
                    href,
                    label,
                };
                (StatusCode::CONFLICT, Page(page)).into_response()
            }
            Self::BadRequest(message) => {
                (StatusCode::BAD_REQUEST, Page(BadRequestPage { message })).into_response()
            }
            Self::TooLarge => too_large(),
            Self::TooMany(seconds) => {
                let page = (StatusCode::TOO_MANY_REQUESTS, Page(TooManyPage));
                retry_after(page.into_response(), seconds)
            }
            Self::Refused(errors) => {
                let message = errors
                    .summary()
                    .into_iter()
                    .map(|(_, sentence)| sentence)
                    .collect::<Vec<_>>();
                let page = BadRequestPage {
                    message: message.join(" "),
                };
                (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response()
            }
            Self::Unavailable => retry_after(
                (StatusCode::SERVICE_UNAVAILABLE, Page(UnavailablePage)).into_response(),
                5,
            ),
            Self::Internal(error) => internal(&error),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "names a request in the logs, not an entity"
)]
fn internal(error: &anyhow::Error) -> Response {
    let request_id = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
    tracing::error!(request_id, error = format!("{error:#}"), "request.failed");
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        Page(InternalPage { request_id }),
    )
        .into_response()
}

fn too_large() -> Response {
    let message = "Ce que vous envoyez dépasse 10 Mo. Réduisez le fichier ou envoyez-le en plusieurs fois.";
    (
        StatusCode::PAYLOAD_TOO_LARGE,
        Page(BadRequestPage {
            message: message.to_owned(),
        }),
    )
        .into_response()
}

fn sign_in_redirect(next: &str) -> Response {
    let query = if next == "/" {
        String::new()
    } else {
        format!("?next={}", escaped(next))
    };
    Redirect::to(&format!("/connexion{query}")).into_response()
}

fn retry_after(mut response: Response, seconds: i64) -> Response {
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Dresses bare error answers of the layers below (CSRF, size, time, panic, unknown URL).
pub(super) fn dressed(status: StatusCode) -> Option<Response> {
    let error = match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => AppError::NotFound,
        StatusCode::FORBIDDEN => AppError::BadRequest(
            "Ce formulaire vient d’un autre site : rien n’a été enregistré. Ouvrez la page dans Maillage et recommencez."
                .to_owned(),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => AppError::Unavailable,
        StatusCode::INTERNAL_SERVER_ERROR => AppError::Internal(anyhow::anyhow!("a handler panicked")),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            AppError::BadRequest("Cette demande est illisible.".to_owned())
        }
        _ => return None,
    };
    let mut response = error.into_response();
    *response.status_mut() = status;
    response.headers_mut().remove(LOCATION);
    Some(response)
}
