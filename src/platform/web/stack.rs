//! The layers around the routes, outermost first: security headers, traces, compression, frame,
//! panics, time, cross-site writes, size.

use super::{Routes, assets, frame};
use crate::platform::App;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

/// Nothing larger is read, imports included.
pub(super) const MAX_BODY: usize = 10 * 1024 * 1024;

/// The whole application, ready to serve.
#[expect(
    clippy::disallowed_methods,
    reason = "static files and health checks are outside the guarded routes"
)]
pub fn dress(routes: Routes, app: App) -> Router {
    let policy = security_policy(app.config.tile_origin().as_deref());
    let pages = routes
        .into_router()
        .layer(axum::extract::DefaultBodyLimit::max(MAX_BODY))
        .layer(CsrfLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            Duration::from_secs(30),
        ))
        .layer(CatchPanicLayer::custom(|_| {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }))
        .layer(middleware::from_fn_with_state(app.clone(), frame::frame))
        .layer(header(CACHE_CONTROL, HeaderValue::from_static("no-store")));
    let health = Router::new()
        .route("/sante", axum::routing::get(|| async { "ok" }))
        .route("/pret", axum::routing::get(ready))
        .route("/static/{*name}", axum::routing::get(assets::serve));
    pages
        .merge(health)
        .with_state(app)
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(trace))
        .layer(header(CONTENT_SECURITY_POLICY, policy))
        .layer(header(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(header(REFERRER_POLICY, HeaderValue::from_static("same-origin")))
        .layer(header(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        ))
        .layer(header(
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("geolocation=(), camera=(), microphone=()"),
        ))
        .layer(header(
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ))
}

fn header(name: HeaderName, value: HeaderValue) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, value)
}

/// Everything from ourselves, map tiles from the configured server; nothing inline.
fn security_policy(tiles: Option<&str>) -> HeaderValue {
    let tiles = tiles.map(|origin| format!(" {origin}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{tiles}; font-src 'self'; \
         connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or_else(|_| {
        HeaderValue::from_static("default-src 'none'; script-src 'self'; style-src 'self'")
    })
}

/// Ready when the database answers.
async fn ready(axum::extract::State(app): axum::extract::State<App>) -> StatusCode {
    match app.db.read().await {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// One line per request: method, matched route, status, milliseconds. Never the query, never a name.
async fn trace(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<axum::extract::MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let started = std::time::Instant::now();
    let response = next.run(request).await;
    let (status, elapsed_ms) = (response.status().as_u16(), started.elapsed().as_millis());
    tracing::debug!(%method, route, status, elapsed_ms, "request.served");
    response
}
