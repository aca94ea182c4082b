//! Assembles the application: routes, menu, jobs, layers.

use crate::platform::App;
use crate::platform::access::Role;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::db::System;
use crate::platform::jobs::Registry;
use crate::platform::web::{self, Menu, MenuItem, MenuSection, MenuSource, Routes, Viewer};
use crate::{accounts, exchange, territories};
use std::sync::Arc;

/// Every URL of the application.
pub fn routes() -> Routes {
    accounts::routes()
        .merge(territories::routes())
        .merge(exchange::routes())
}

/// Every kind of background work.
pub fn jobs() -> Registry {
    Registry::default()
}

pub fn build(db: Db, config: Config) -> App {
    App::new(db, config, menu_source())
}

/// Brings every reference list of the database up to date with the files of this version.
///
/// # Errors
/// When the database refuses.
pub async fn sync_reference(system: &System) -> anyhow::Result<()> {
    territories::sync_reference(system).await
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
    let is_staff = roles
        .iter()
        .any(|r| matches!(r, Role::Admin | Role::Pilot | Role::Advisor));
    let mut menu = Menu {
        searchable: is_staff,
        ..Menu::default()
    };
    if roles.contains(&Role::Admin) {
        let items = vec![item(
            &viewer,
            accounts::paths::ACCOUNT,
            "Mon compte",
            "circle-user",
        )];
        menu.sections.push(MenuSection {
            title: Some("Administration"),
            items,
        });
    }
    Ok(menu)
}

/// An entry, current when the page is at or under it.
fn item(viewer: &Viewer, href: &'static str, label: &'static str, icon: &'static str) -> MenuItem {
    let current = if href == "/" {
        viewer.path == "/"
    } else {
        viewer.path.starts_with(href)
    };
    MenuItem {
        href,
        label,
        icon,
        count: None,
        hot: false,
        current,
    }
}
