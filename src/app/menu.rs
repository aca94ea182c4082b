//! The menu of whoever is looking: one short list per kind of reader.

use crate::platform::access::{Role, Scope};
use crate::platform::web::{Menu, MenuItem, MenuSection, MenuSource, Viewer};
use crate::{
    administration, companies, dashboards, exchange, flows, indicators, neighbours, portal, programmes,
    prospects, reports, synergies, territories, visits, workshops,
};
use std::sync::Arc;

pub(super) fn source() -> MenuSource {
    Arc::new(|viewer| Box::pin(menu(viewer)))
}

async fn menu(viewer: Viewer) -> sqlx::Result<Menu> {
    let roles = viewer.session().roles();
    let staff = roles
        .iter()
        .any(|r| matches!(r, Role::Admin | Role::Pilot | Role::Advisor));
    let mut menu = Menu {
        searchable: staff && viewer.scope().is_some(),
        ..Menu::default()
    };
    if let Some(scope) = viewer.scope().filter(|_| staff) {
        field(&viewer, &mut menu);
        study(&viewer, &scope, &mut menu).await?;
    }
    if roles.iter().any(|role| *role != Role::Company) && viewer.session().territory().is_some() {
        let mut items = vec![
            item(
                &viewer,
                dashboards::paths::BOARD,
                "Tableau de bord",
                "chart-no-axes-column",
            ),
            item(&viewer, programmes::paths::SHOW, "Démarche", "flag"),
            evaluation(&viewer),
            item(&viewer, reports::paths::LIST, "Rapports", "file-text"),
        ];
        if roles.iter().any(|role| matches!(role, Role::Admin | Role::Pilot)) {
            items.push(item(&viewer, administration::paths::TEAM, "Équipe", "users"));
            items.push(item(
                &viewer,
                dashboards::paths::PUBLICATION,
                "Page publique",
                "globe",
            ));
        }
        if !staff {
            menu.tabbar.extend(items.iter().cloned());
        }
        menu.sections.push(MenuSection {
            title: staff.then_some("Pilotage"),
            items,
        });
    }
    if roles.contains(&Role::Company) {
        let data = item(&viewer, portal::paths::DATA, "Mes données", "shield");
        let mut space = item(&viewer, portal::paths::SPACE, "Mon espace", "house");
        space.current &= !data.current;
        let items = vec![space, data];
        menu.sections.push(MenuSection { title: None, items });
    }
    if roles.contains(&Role::Admin) {
        instance(&viewer, &mut menu);
    }
    Ok(menu)
}

/// One entry for the three lists of indicators.
fn evaluation(viewer: &Viewer) -> MenuItem {
    let mut entry = item(viewer, indicators::paths::LIST, "Évaluation", "gauge");
    let others = [indicators::paths::CONTRACT, indicators::paths::REFERENCE];
    entry.current |= others.iter().any(|path| viewer.path.starts_with(path));
    entry
}

/// What administrators keep.
fn instance(viewer: &Viewer, menu: &mut Menu) {
    let items = vec![
        item(viewer, administration::paths::USERS, "Utilisateurs", "user-check"),
        item(
            viewer,
            territories::paths::ORGANISATIONS,
            "Organisations",
            "building",
        ),
        item(viewer, territories::paths::TERRITORIES, "Territoires", "map"),
        item(viewer, companies::paths::DIRECTORY, "Annuaire", "book-open"),
        item(viewer, administration::paths::TASKS, "Tâches", "clock"),
        item(viewer, administration::paths::MAIL, "Courrier", "mail"),
        item(viewer, administration::paths::JOURNAL, "Journal", "history"),
    ];
    menu.sections.push(MenuSection {
        title: Some("Administration"),
        items,
    });
}

/// What advisors work with.
fn field(viewer: &Viewer, menu: &mut Menu) {
    let home = item(viewer, dashboards::paths::HOME, "Accueil", "house");
    let visits = item(viewer, visits::paths::LIST, "Visites", "clipboard-list");
    menu.tabbar.extend([home.clone(), visits.clone()]);
    menu.sections.push(MenuSection {
        title: None,
        items: vec![home],
    });
    menu.sections.push(MenuSection {
        title: Some("Terrain"),
        items: vec![
            item(viewer, companies::paths::LIST, "Entreprises", "building-2"),
            visits,
            item(viewer, prospects::paths::VISITS, "Qui visiter", "route"),
            item(viewer, workshops::paths::LIST, "Ateliers", "presentation"),
            item(viewer, flows::paths::LIST, "Flux", "layers"),
            item(viewer, exchange::paths::IMPORT, "Importer", "upload"),
        ],
    });
}

/// What waits for a decision.
async fn study(viewer: &Viewer, scope: &Scope, menu: &mut Menu) -> sqlx::Result<()> {
    let mut db = viewer.read().await?;
    let (to_study, groups) = synergies::store::menu_counts(&mut db, scope).await?;
    let asked = portal::store::requests::pending(&mut db, scope).await?;
    drop(db);
    let mut queue = item(viewer, synergies::paths::LIST, "À étudier", "inbox");
    queue.count = Some(to_study);
    queue.hot = to_study > 0;
    let mut grouped = item(viewer, synergies::paths::GROUPS, "Groupes", "users");
    grouped.count = Some(groups);
    let mut desk = item(viewer, portal::paths::DESK, "Demandes", "message-square-text");
    desk.count = Some(asked).filter(|asked| *asked > 0);
    desk.hot = asked > 0;
    let what_if = item(
        viewer,
        synergies::paths::SIMULATION,
        "Et si…",
        "sliders-horizontal",
    );
    let factors = item(viewer, synergies::paths::FACTORS, "Facteurs", "euro");
    // Their addresses begin with that of the queue, whatever its basket.
    let elsewhere = what_if.current || factors.current;
    grouped.current = queue.current && !elsewhere && viewer.asks(synergies::paths::OF_GROUPS);
    queue.current &= !elsewhere && !grouped.current;
    menu.tabbar.push(queue.clone());
    menu.sections.push(MenuSection {
        title: Some("Synergies"),
        items: vec![
            queue,
            grouped,
            item(viewer, prospects::paths::MISSING, "Qui manque", "target"),
            item(viewer, neighbours::paths::MATCHES, "Voisins", "map"),
            desk,
            what_if,
            factors,
        ],
    });
    Ok(())
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
