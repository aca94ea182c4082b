//! The only way to mount a URL: [`Routes`] demands a handler whose first argument is an actor, and
//! keeps the table of what it mounted.

use crate::platform::App;
use crate::platform::access::{Access, Guarded};
use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodRouter};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use std::fmt;

/// One line of the table: what, where, who, and the handler's path in the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub access: Access,
    pub handler: &'static str,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let handler = self.handler.trim_start_matches("maillage::");
        write!(
            f,
            "{:<5} {:<46} {:<40} {handler}",
            self.method,
            self.path,
            self.access.to_string()
        )
    }
}

#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    table: Vec<Route>,
}

#[expect(clippy::disallowed_methods, reason = "the one place where routes are made")]
impl Routes {
    pub fn get<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: Guarded + 'static,
    {
        self.add(
            Method::GET,
            path,
            T::ACCESS,
            std::any::type_name::<H>(),
            routing::get(handler),
        )
    }

    pub fn post<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: Guarded + 'static,
    {
        self.add(
            Method::POST,
            path,
            T::ACCESS,
            std::any::type_name::<H>(),
            routing::post(handler),
        )
    }

    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    fn add(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        handler: &'static str,
        route: MethodRouter<App>,
    ) -> Self {
        self.table.push(Route {
            method,
            path,
            access,
            handler,
        });
        self.router = self.router.route(path, route);
        self
    }

    pub fn table(&self) -> &[Route] {
        &self.table
    }
    pub(super) fn into_router(self) -> Router<App> {
        self.router
    }
}

/// The query string of these pairs, empty values left out.
pub fn encoded(pairs: &[(&str, &str)]) -> String {
    let set = pairs.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = set
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    pairs.join("&")
}

/// What stays as it is in an address beside letters and digits.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/')
    .remove(b',');

/// A text as the value of a parameter or as a part of an address.
pub fn escaped(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, PLAIN)
}

/// Puts a value in the one placeholder of a path pattern.
pub fn fill(pattern: &str, value: impl fmt::Display) -> String {
    match (pattern.find('{'), pattern.find('}')) {
        (Some(open), Some(close)) => format!("{}{value}{}", &pattern[..open], &pattern[close + 1..]),
        _ => pattern.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn fill_replaces_the_placeholder() {
        assert_eq!(fill("/synergies/{id}/rejet", 12), "/synergies/12/rejet");
        assert_eq!(fill("/synergies", 12), "/synergies");
    }
}
