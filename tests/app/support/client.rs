//! A browser without a screen: keeps cookies, follows nothing, reads by CSS selector.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use maillage::kernel::ids::UserId;
use scraper::{Html, Selector};
use std::cell::RefCell;
use std::collections::BTreeMap;
use tower::ServiceExt;

pub(crate) struct Client {
    router: axum::Router,
    cookies: RefCell<BTreeMap<String, String>>,
    /// Who is signed in.
    pub(crate) user: UserId,
}

impl Client {
    pub(super) fn new(router: axum::Router, token: Option<&str>, user: UserId) -> Self {
        let cookies = token
            .map(|t| ("maillage".to_owned(), t.to_owned()))
            .into_iter()
            .collect();
        Self {
            router,
            cookies: RefCell::new(cookies),
            user,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let encoded: Vec<_> = fields
            .iter()
            .map(|(k, v)| format!("{}={}", percent(k), percent(v)))
            .collect();
        let body = Body::from(encoded.join("&"));
        self.send(
            Method::POST,
            path,
            Some("application/x-www-form-urlencoded"),
            body,
        )
        .await
    }

    /// Posts files as a browser does.
    pub(crate) async fn upload(&self, path: &str, files: &[(&str, &str, Vec<u8>)]) -> Reply {
        const LINE: &str = "----essai";
        let mut body = Vec::new();
        for (field, name, content) in files {
            body.extend_from_slice(
                format!(
                    "--{LINE}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
                     Content-Type: application/octet-stream\r\n\r\n"
                )
                .as_bytes(),
            );
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{LINE}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={LINE}");
        self.send(Method::POST, path, Some(&kind), Body::from(body)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, kind: Option<&str>, body: Body) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "maillage.test");
        let cookies: Vec<_> = self
            .cookies
            .borrow()
            .iter()
            .map(|(k, v)| format!("{k}={v}"))
            .collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if let Some(kind) = kind {
            request = request
                .header(header::CONTENT_TYPE, kind)
                .header("sec-fetch-site", "same-origin");
        }
        self.call(request.body(body).unwrap()).await
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies
                    .borrow_mut()
                    .insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Reply {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    pub(crate) fn html(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// Where a redirection leads.
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |v| v.to_str().unwrap())
    }

    /// The text of the first match, white space collapsed; empty when there is none.
    pub(crate) fn text(&self, selector: &str) -> String {
        self.texts(selector).into_iter().next().unwrap_or_default()
    }

    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.html());
        let selector = Selector::parse(selector).unwrap();
        page.select(&selector)
            .map(|e| {
                e.text()
                    .collect::<String>()
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    }

    pub(crate) fn attr(&self, selector: &str, name: &str) -> Option<String> {
        let page = Html::parse_document(&self.html());
        let element = page.select(&Selector::parse(selector).unwrap()).next()?;
        element.value().attr(name).map(str::to_owned)
    }

    /// What a browser would post of the first such form: values typed, chosen, ticked or hidden.
    pub(crate) fn fields(&self, form: &str) -> Vec<(String, String)> {
        let page = Html::parse_document(&self.html());
        let form = page
            .select(&Selector::parse(form).unwrap())
            .find(|form| form.select(&Selector::parse("[name]").unwrap()).next().is_some());
        let controls = Selector::parse("input[name], select[name], textarea[name]").unwrap();
        let chosen = Selector::parse("option[selected]").unwrap();
        let Some(form) = form else { return Vec::new() };
        form.select(&controls)
            .filter_map(|control| {
                let element = control.value();
                let name = element.attr("name")?.to_owned();
                let is_box = matches!(element.attr("type"), Some("checkbox" | "radio"));
                if is_box && element.attr("checked").is_none() {
                    return None;
                }
                let value = match element.name() {
                    "textarea" => control.text().collect(),
                    "select" => {
                        let option = control.select(&chosen).next();
                        option
                            .and_then(|o| o.value().attr("value"))
                            .unwrap_or_default()
                            .to_owned()
                    }
                    _ => element.attr("value").unwrap_or_default().to_owned(),
                };
                Some((name, value))
            })
            .collect()
    }

    pub(crate) fn has(&self, selector: &str) -> bool {
        !self.texts(selector).is_empty()
    }

    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text("main"));
        self
    }
}
