//! Static files: read from the disk in debug builds, embedded in release ones; cached for good
//! under a fingerprinted address.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::sync::OnceLock;

#[derive(rust_embed::RustEmbed)]
#[folder = "static/"]
struct Files;

/// The one script that may work behind pages, and only behind those of visits.
const WORKER: &str = "offline.js";
const WORKER_SCOPE: HeaderName = HeaderName::from_static("service-worker-allowed");

/// The address of a file of `static/`, changing with its content.
pub fn asset(name: &str) -> String {
    let fingerprint = if cfg!(debug_assertions) {
        fingerprint(name)
    } else {
        static KNOWN: OnceLock<BTreeMap<String, String>> = OnceLock::new();
        let known = KNOWN.get_or_init(|| {
            Files::iter()
                .map(|file| (file.to_string(), fingerprint(&file)))
                .collect()
        });
        known.get(name).cloned().unwrap_or_default()
    };
    format!("/static/{name}?v={fingerprint}")
}

fn fingerprint(name: &str) -> String {
    Files::get(name)
        .map(|file| {
            file.metadata
                .sha256_hash()
                .iter()
                .take(4)
                .map(|b| format!("{b:02x}"))
                .collect()
        })
        .unwrap_or_default()
}

#[expect(
    clippy::disallowed_types,
    reason = "static files are outside the guarded routes"
)]
pub(super) async fn serve(axum::extract::Path(name): axum::extract::Path<String>) -> Response {
    let Some(file) = Files::get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let cache = if cfg!(debug_assertions) {
        "no-cache"
    } else {
        "public, max-age=31536000, immutable"
    };
    let mut response = (
        [
            (CONTENT_TYPE, media_type(&name)),
            (CACHE_CONTROL, cache),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        file.data,
    )
        .into_response();
    if name == WORKER {
        response
            .headers_mut()
            .insert(WORKER_SCOPE, HeaderValue::from_static("/visites"));
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "geojson" | "json" => "application/json",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
