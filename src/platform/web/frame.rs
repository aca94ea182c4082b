//! The frame around every page: loads the session once, lets the handler answer with a bare
//! template, then renders it with the menu, the territory and the waiting message.

use super::{AppError, errors, flash};
use crate::platform::App;
use crate::platform::access::{Scope, Session, TerritoryRef, Token, store};
use crate::platform::db::{Db, Read};
use crate::platform::journal::initials;
use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;

/// What every page's frame needs; no page struct carries it.
pub struct Shell {
    pub user: Option<ShellUser>,
    pub territory: Option<String>,
    pub territories: Vec<TerritoryChoice>,
    pub menu: Vec<MenuSection>,
    pub tabbar: Vec<MenuItem>,
    pub searchable: bool,
    pub demo: bool,
    pub flash: Vec<String>,
    pub path: String,
    pub template: &'static str,
}

pub struct ShellUser {
    pub name: String,
    pub initials: String,
}

/// Another territory to open.
pub struct TerritoryChoice {
    pub id: String,
    pub name: String,
}

#[derive(Debug, Clone, Default)]
pub struct MenuSection {
    pub title: Option<&'static str>,
    pub items: Vec<MenuItem>,
}

#[derive(Debug, Clone)]
pub struct MenuItem {
    pub href: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
    pub count: Option<i64>,
    /// Somebody is waited for.
    pub hot: bool,
    pub current: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Menu {
    pub sections: Vec<MenuSection>,
    /// Five at most, for narrow screens.
    pub tabbar: Vec<MenuItem>,
    pub searchable: bool,
}

/// What the menu may depend on.
pub struct Viewer {
    db: Db,
    session: Arc<Session>,
    pub path: String,
    query: String,
}

impl Viewer {
    pub fn session(&self) -> &Session {
        &self.session
    }
    /// Whether the address has that pair, as it is written.
    pub fn asks(&self, pair: &str) -> bool {
        self.query.split('&').any(|said| said == pair)
    }
    /// The rows this person may touch, when one of the staff.
    pub fn scope(&self) -> Option<Scope> {
        crate::platform::access::scope_of(&self.session)
    }
    pub async fn read(&self) -> sqlx::Result<Read> {
        self.db.read().await
    }
}

type MenuFuture = Pin<Box<dyn Future<Output = sqlx::Result<Menu>> + Send>>;
/// Given by `app`: the menu of the person looking.
pub type MenuSource = Arc<dyn Fn(Viewer) -> MenuFuture + Send + Sync>;

type Render = dyn Fn(&Shell) -> askama::Result<String> + Send + Sync;

#[derive(Clone)]
struct Pending {
    render: Arc<Render>,
    template: &'static str,
}

/// A handler's answer: a template, framed later.
pub struct Page<T>(pub T);

impl<T: Template + Send + Sync + 'static> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        let template = self.0;
        let render = move |shell: &Shell| {
            let value: (&str, &dyn Any) = ("shell", shell);
            template.render_with_values(&value)
        };
        let mut response = Response::new(Body::empty());
        let pending = Pending {
            render: Arc::new(render),
            template: std::any::type_name::<T>(),
        };
        response.extensions_mut().insert(pending);
        response
    }
}

/// The middleware.
pub(super) async fn frame(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let message = flash::waiting(request.headers());
    let (session, mut response) = match load_session(&app, request.headers()).await {
        Ok(session) => {
            let session = session.map(Arc::new);
            if let Some(session) = &session {
                request.extensions_mut().insert(Arc::clone(session));
            }
            (session, next.run(request).await)
        }
        Err(error) => (None, AppError::from(error).into_response()),
    };
    let bare =
        response.extensions().get::<Pending>().is_none() && !response.headers().contains_key(CONTENT_TYPE);
    if (bare || is_plain_text(&response))
        && let Some(dressed) = errors::dressed(response.status())
    {
        response = dressed;
    }
    let Some(pending) = response.extensions_mut().remove::<Pending>() else {
        return response;
    };
    let shell = shell(&app, session, &uri, message.clone(), pending.template).await;
    match (pending.render)(&shell) {
        Ok(html) => framed(&response, html, message.is_some()),
        Err(error) => {
            tracing::error!(template = pending.template, %error, "page.not_rendered");
            axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn is_plain_text(response: &Response) -> bool {
    response.status().is_client_error()
        && response
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|v| v.as_bytes().starts_with(b"text/plain"))
}

fn framed(bare: &Response, html: String, message_shown: bool) -> Response {
    let mut page = Html(html).into_response();
    *page.status_mut() = bare.status();
    for (name, value) in bare.headers() {
        if name != CONTENT_TYPE && name != axum::http::header::CONTENT_LENGTH {
            page.headers_mut().append(name, value.clone());
        }
    }
    if message_shown {
        flash::forget(page.headers_mut());
    }
    page
}

async fn load_session(app: &App, headers: &HeaderMap) -> sqlx::Result<Option<Session>> {
    let Some(token) = CookieJar::from_headers(headers)
        .get(cookie_name(app))
        .map(|c| Token::from_text(c.value()))
    else {
        return Ok(None);
    };
    let mut db = app.db.read().await?;
    store::session(&mut db, &token, app.clock().now()).await
}

fn cookie_name(app: &App) -> &'static str {
    if app.config.secure_cookies {
        "__Host-maillage"
    } else {
        "maillage"
    }
}

fn session_cookie(app: &App, token: &Token) -> Cookie<'static> {
    let mut cookie = Cookie::new(cookie_name(app), token.reveal().to_owned());
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_secure(app.config.secure_cookies);
    cookie.set_same_site(SameSite::Lax);
    cookie
}

/// Puts the session's cookie on a response, or takes it away.
pub fn set_session(app: &App, mut response: Response, token: Option<&Token>) -> Response {
    let cookie = match token {
        Some(token) => session_cookie(app, token).to_string(),
        None => {
            let secure = if app.config.secure_cookies { "; Secure" } else { "" };
            format!(
                "{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}",
                cookie_name(app)
            )
        }
    };
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

async fn shell(
    app: &App,
    session: Option<Arc<Session>>,
    uri: &Uri,
    message: Option<String>,
    template: &'static str,
) -> Shell {
    let mut shell = Shell {
        user: None,
        territory: None,
        territories: Vec::new(),
        menu: Vec::new(),
        tabbar: Vec::new(),
        searchable: false,
        demo: false,
        flash: message.into_iter().collect(),
        path: uri.path().to_owned(),
        template,
    };
    let Some(session) = session else { return shell };
    shell.user = Some(ShellUser {
        name: session.name.clone(),
        initials: initials(&session.name),
    });
    if let Some(current) = session.territory() {
        shell.territory = Some(current.name.clone());
        shell.demo = current.is_demo;
        shell.territories = session
            .territories
            .iter()
            .filter(|t| t.id != current.id)
            .map(choice)
            .collect();
    }
    let viewer = Viewer {
        db: app.db.clone(),
        session,
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
    };
    match (app.menu)(viewer).await {
        Ok(menu) => {
            shell.menu = menu.sections;
            shell.tabbar = menu.tabbar;
            shell.searchable = menu.searchable;
        }
        Err(error) => tracing::warn!(%error, "menu.not_loaded"),
    }
    shell
}

fn choice(territory: &TerritoryRef) -> TerritoryChoice {
    TerritoryChoice {
        id: territory.id.to_string(),
        name: territory.name.clone(),
    }
}
