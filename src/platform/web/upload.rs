//! Files sent by a form.

use super::AppError;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;

/// The last part of what the browser calls a file, short enough to be shown; nothing for the empty file
/// that a browser sends for a field left alone.
pub fn base_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let name: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    Some(name).filter(|name| !name.is_empty())
}

impl From<MultipartError> for AppError {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::TooLarge;
        }
        Self::BadRequest(
            "L’envoi est incomplet\u{a0}: la connexion a été coupée. Envoyez le fichier à nouveau."
                .to_owned(),
        )
    }
}
