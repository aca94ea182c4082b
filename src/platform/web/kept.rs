//! A browser that keeps pages for where there is no network says for whom: when somebody else signs
//! in there, everything kept is wiped before their first page. The scripts wipe too; this does not
//! depend on them.

use crate::kernel::ids::UserId;
use crate::platform::App;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

const NAME: &str = "maillage-hors-connexion";
const CLEAR: HeaderName = HeaderName::from_static("clear-site-data");

/// Notes that this browser keeps pages for that person, until they sign out.
pub fn kept_for(app: &App, mut response: Response, user: UserId) -> Response {
    let cookie = Cookie::build((NAME, user.to_string()))
        .path("/")
        .http_only(true)
        .secure(app.config.secure_cookies)
        .same_site(SameSite::Lax)
        .permanent();
    put(&mut response, &cookie.build().to_string());
    response
}

/// Wipes what the browser keeps, unless it is that person's own.
pub fn wiped_unless_of(headers: &HeaderMap, response: Response, user: UserId) -> Response {
    let jar = CookieJar::from_headers(headers);
    match jar.get(NAME) {
        Some(owner) if owner.value() != user.to_string() => wiped(response),
        _ => response,
    }
}

/// Wipes what the browser keeps: pages, what waits to be sent, and whose it was.
pub fn wiped(mut response: Response) -> Response {
    let all = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert(CLEAR, all);
    put(
        &mut response,
        &format!("{NAME}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"),
    );
    response
}

fn put(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}
