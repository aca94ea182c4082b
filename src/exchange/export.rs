//! Exports: the lists of establishments and of flows as files, with the very filters of the screens.

use super::files::{self, About, Kind};
use super::lines::{FLOW_COLUMNS, SITE_COLUMNS};
use super::store;
use crate::companies::search::{Filter as SiteFilter, Query as SiteQuery, fresh_since, store as site_search};
use crate::flows::search::{ListQuery as FlowQuery, TO_CLASSIFY, TO_CONFIRM, stale_before};
use crate::flows::store::Slice;
use crate::kernel::ids::FlowId;
use crate::platform::access::Staff;
use crate::platform::web::{OptionExt, Query, Result, filters};
use crate::territories::{self, store::Territory};
use crate::{companies, nomenclature};
use axum::response::Response;
use serde::de::DeserializeOwned;
use sqlx::PgConnection;

/// A list that is given as a file, in either kind.
pub(super) trait ListFile: 'static {
    type Query: DeserializeOwned + Send + Sync;
    fn write(me: &Staff, query: &Self::Query, kind: Kind) -> impl Future<Output = Result<Response>> + Send;
}

pub(super) async fn csv<F: ListFile>(me: Staff, Query(query): Query<F::Query>) -> Result<Response> {
    F::write(&me, &query, Kind::Csv).await
}

pub(super) async fn xlsx<F: ListFile>(me: Staff, Query(query): Query<F::Query>) -> Result<Response> {
    F::write(&me, &query, Kind::Xlsx).await
}

pub(super) struct Sites;
pub(super) struct Flows;

impl ListFile for Sites {
    type Query = SiteQuery;
    async fn write(me: &Staff, query: &SiteQuery, kind: Kind) -> Result<Response> {
        let scope = me.scope()?;
        let mut db = me.read().await?;
        let territory = territory(me, &mut db).await?;
        let since = fresh_since(me.today(), territory.freshness_months);
        let filter = SiteFilter::from_query(query, since);
        let ids = site_search::matching(&mut db, &scope, &filter).await?;
        let rows = store::site_lines(&mut db, &scope, &ids).await?;
        let mut words = site_words(&mut db, me, query, &filter).await?;
        drop(db);
        words.push(("Établissements".to_owned(), rows.len().to_string()));
        let about = about(me, &territory, words);
        let content = in_the_background(move || match kind {
            Kind::Csv => Ok(files::csv(SITE_COLUMNS, &rows)),
            Kind::Xlsx => files::xlsx("etablissements", SITE_COLUMNS, &rows, &about),
        })
        .await?;
        Ok(files::attachment(
            "etablissements",
            Some(me.today()),
            kind,
            content,
        ))
    }
}

impl ListFile for Flows {
    type Query = FlowQuery;
    async fn write(me: &Staff, query: &FlowQuery, kind: Kind) -> Result<Response> {
        let scope = me.scope()?;
        let mut db = me.read().await?;
        let territory = territory(me, &mut db).await?;
        let filter = query.filter(stale_before(me.today(), territory.freshness_months));
        let (sort, descending) = query.sort();
        let whole = Slice {
            sort,
            descending,
            limit: i64::MAX,
            offset: 0,
        };
        let listed = crate::flows::store::list(&mut db, &scope, &filter, whole).await?;
        let ids: Vec<FlowId> = listed.iter().map(|row| row.id).collect();
        let rows = store::flow_lines(&mut db, &scope, &ids).await?;
        let mut words = flow_words(&mut db, me, query).await?;
        drop(db);
        words.push(("Flux".to_owned(), rows.len().to_string()));
        let about = about(me, &territory, words);
        let content = in_the_background(move || match kind {
            Kind::Csv => Ok(files::csv(FLOW_COLUMNS, &rows)),
            Kind::Xlsx => files::xlsx("flux", FLOW_COLUMNS, &rows, &about),
        })
        .await?;
        Ok(files::attachment("flux", Some(me.today()), kind, content))
    }
}

/// Writing many cells takes long enough to keep others waiting.
pub(super) async fn in_the_background<E>(
    work: impl FnOnce() -> Result<Vec<u8>, E> + Send + 'static,
) -> Result<Vec<u8>>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    let content = done.map_err(anyhow::Error::from)?;
    Ok(content.map_err(anyhow::Error::from)?)
}

pub(super) async fn territory(me: &Staff, db: &mut PgConnection) -> Result<Territory> {
    territories::store::find(db, me.scope()?.territory())
        .await?
        .or_not_found()
}

pub(super) fn about(me: &Staff, territory: &Territory, words: Vec<(String, String)>) -> About {
    let mut lines = vec![
        ("Territoire".to_owned(), territory.name.clone()),
        ("Exporté le".to_owned(), filters::long_day(me.today())),
    ];
    if territory.is_demo {
        lines.push(("Attention".to_owned(), "Données fictives".to_owned()));
    }
    if words.len() == 1 {
        lines.push(("Filtres".to_owned(), "aucun\u{a0}: la liste entière".to_owned()));
    }
    lines.extend(words);
    About { lines, at: me.now() }
}

/// Which filters are in force, in words.
pub(super) type Words = Vec<(String, String)>;

pub(super) fn said(words: &mut Words, name: &str, value: Option<String>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        words.push((format!("Filtre\u{a0}: {name}"), value));
    }
}

pub(super) async fn site_words(
    db: &mut PgConnection,
    me: &Staff,
    query: &SiteQuery,
    filter: &SiteFilter,
) -> Result<Words> {
    let mut words = Words::new();
    said(&mut words, "mots", Some(query.q.trim().to_owned()));
    said(
        &mut words,
        "commune",
        commune(db, filter.commune.as_deref()).await?,
    );
    let zone = match filter.zone {
        Some(zone) => store::zone_name(db, &me.scope()?, zone).await?,
        None => None,
    };
    said(&mut words, "zone d’activités", zone);
    said(
        &mut words,
        "activité",
        filter.activity.map(|naf| format!("{} {}", naf.code, naf.label)),
    );
    said(
        &mut words,
        "famille de flux",
        filter.family.map(|family| family.label().to_owned()),
    );
    said(
        &mut words,
        "état",
        filter.stale_before.map(|_| "flux à confirmer".to_owned()),
    );
    Ok(words)
}

pub(super) async fn flow_words(db: &mut PgConnection, me: &Staff, query: &FlowQuery) -> Result<Words> {
    let filter = query.filter(Some(me.today()));
    let mut words = Words::new();
    said(&mut words, "mots", filter.words);
    let family = filter.family.as_deref().and_then(nomenclature::Family::find);
    said(
        &mut words,
        "famille",
        family.map(|family| family.label().to_owned()),
    );
    said(&mut words, "catégorie", filter.category);
    said(
        &mut words,
        "sens",
        filter.direction.map(|direction| direction.word().to_owned()),
    );
    let state = match query.etat.as_str() {
        TO_CLASSIFY => Some("à classer".to_owned()),
        TO_CONFIRM => Some("à confirmer".to_owned()),
        _ => None,
    };
    said(&mut words, "état", state);
    said(&mut words, "commune", commune(db, filter.insee.as_deref()).await?);
    let establishment = match filter.establishment {
        Some(id) => companies::store::find(db, &me.scope()?, id)
            .await?
            .map(|site| site.name),
        None => None,
    };
    said(&mut words, "établissement", establishment);
    Ok(words)
}

async fn commune(db: &mut PgConnection, insee: Option<&str>) -> Result<Option<String>> {
    let Some(insee) = insee else { return Ok(None) };
    let found = territories::store::find_commune(db, insee).await?;
    Ok(Some(
        found.map_or_else(|| insee.to_owned(), |commune| commune.name),
    ))
}
