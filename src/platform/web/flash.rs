//! A message shown once on the next page, carried by a short-lived cookie.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

pub(super) const NAME: &str = "maillage-message";

/// What was done, and where to go now (303).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    message: String,
    href: String,
}

impl Done {
    pub(in crate::platform) fn new(message: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            href: href.into(),
        }
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        let mut response = Redirect::to(&self.href).into_response();
        let encoded: String = self.message.bytes().map(|b| format!("{b:02x}")).collect();
        let cookie = Cookie::build((NAME, encoded))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .build();
        if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
            response.headers_mut().append(SET_COOKIE, value);
        }
        response
    }
}

/// The message waiting, if any.
pub(super) fn waiting(headers: &HeaderMap) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    let encoded = jar.get(NAME)?.value().to_owned();
    let bytes: Option<Vec<u8>> = encoded
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    String::from_utf8(bytes?)
        .ok()
        .filter(|message| !message.is_empty())
}

/// Forgets the message that this page shows.
pub(super) fn forget(headers: &mut HeaderMap) {
    let value = HeaderValue::from_static("maillage-message=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    headers.append(SET_COOKIE, value);
}
