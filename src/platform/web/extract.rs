//! Our extractors: a path that does not parse is a page that does not exist; a form or a query that
//! does not parse gets our page.

#![expect(
    clippy::disallowed_types,
    reason = "the one place where axum's own extractors are wrapped"
)]

use super::AppError;
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use axum_extra::extract::{FormRejection, QueryRejection};
use std::convert::Infallible;
use std::net::SocketAddr;

#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(AppError))]
pub struct Path<T>(pub T);

#[derive(FromRequestParts)]
#[from_request(via(axum_extra::extract::Query), rejection(AppError))]
pub struct Query<T>(pub T);

#[derive(FromRequest)]
#[from_request(via(axum_extra::extract::Form), rejection(AppError))]
pub struct Form<T>(pub T);

impl From<PathRejection> for AppError {
    fn from(_: PathRejection) -> Self {
        Self::NotFound
    }
}

impl From<QueryRejection> for AppError {
    fn from(_: QueryRejection) -> Self {
        Self::BadRequest("L’adresse de cette page contient un filtre illisible.".to_owned())
    }
}

impl From<FormRejection> for AppError {
    fn from(_: FormRejection) -> Self {
        Self::BadRequest("Le formulaire reçu est incomplet. Revenez en arrière et recommencez.".to_owned())
    }
}

/// Where the request comes from.
pub struct ClientAddress(pub String);

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip().to_string());
        Ok(Self(address.unwrap_or_else(|| "local".to_owned())))
    }
}

/// The browser, as it calls itself.
pub struct UserAgent(pub String);

impl<S: Sync> FromRequestParts<S> for UserAgent {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("inconnu");
        Ok(Self(agent.to_owned()))
    }
}
