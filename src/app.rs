//! Assembles the application: routes, menu, jobs, layers.

use crate::platform::access::{Role, Session};
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::jobs::Registry;
use crate::platform::web::{self, Menu, MenuItem, MenuSection, MenuSource, Routes, Viewer};
use crate::platform::App;
use crate::{accounts, dashboards, portal, programmes, territories};
use std::sync::Arc;

/// Every URL of the application.
pub fn routes() -> Routes {
    accounts::routes()
        .merge(territories::routes())
        .merge(programmes::routes())
        .merge(portal::routes())
        .merge(dashboards::routes())
}

/// Every kind of background work.
pub fn jobs() -> Registry {
    Registry::default()
}

pub fn build(db: Db, config: Config) -> App {
    App::new(db, config, menu_source())
}

pub fn router(app: &App) -> axum::Router {
    web::dress(routes(), app.clone())
}

fn menu_source() -> MenuSource {
    Arc::new(|viewer| Box::pin(menu(viewer)))
}

/// The menu of whoever is looking: one short list per kind of reader.
async fn menu(viewer: Viewer) -> sqlx::Result<Menu> {
    let roles = viewer.session().roles();
    let is_staff = roles.iter().any(|r| matches!(r, Role::Admin | Role::Pilot | Role::Advisor));
    let mut menu = Menu { searchable: is_staff, ..Menu::default() };
    if roles.contains(&Role::Admin) {
        menu.sections.push(MenuSection { title: Some("Administration"), items: Vec::new() });
    }
    Ok(menu)
}

/// An entry, current when the page is at or under it.
fn item(viewer: &Viewer, href: &'static str, label: &'static str, icon: &'static str) -> MenuItem {
    let current = if href == "/" { viewer.path == "/" } else { viewer.path.starts_with(href) };
    MenuItem { href, label, icon, count: None, hot: false, current }
}

#[expect(dead_code, reason = "used by the menu as features arrive")]
fn sketch(session: &Session, viewer: &Viewer) -> (usize, MenuItem) {
    (session.grants().len(), item(viewer, "/", "Accueil", "house"))
}
