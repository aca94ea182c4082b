//! A search by SIRET, SIREN or name: what is followed here, then the extract, then the public service.

use super::model::Listed;
use super::store::{self, Ours};
use super::{geocoder, service};
use crate::kernel::{Position, Siret};
use crate::platform::access::Scope;
use crate::platform::config::Config;
use sqlx::PgConnection;
use std::collections::BTreeSet;

const SILENT: &str = "L’annuaire public ne répond pas pour l’instant\u{a0}: la recherche s’arrête à l’extrait. Vous pouvez remplir le formulaire à la main.";

pub(in crate::companies) struct Found {
    pub(in crate::companies) ours: Vec<Ours>,
    pub(in crate::companies) listed: Vec<Listed>,
    /// What did not work.
    pub(in crate::companies) notice: Option<&'static str>,
}

impl Found {
    pub(in crate::companies) fn is_empty(&self) -> bool {
        self.ours.is_empty() && self.listed.is_empty()
    }
}

/// The beginning of a SIREN or SIRET, when only digits were typed.
fn digits(typed: &str) -> Option<String> {
    let compact: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let is_number = (9..=14).contains(&compact.len()) && compact.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(compact)
}

pub(in crate::companies) async fn search(
    db: &mut PgConnection,
    scope: &Scope,
    config: &Config,
    typed: &str,
) -> sqlx::Result<Found> {
    let digits = digits(typed);
    let ours = store::ours(db, scope, digits.as_deref(), typed).await?;
    let mut listed = store::search(db, scope, digits.as_deref(), typed).await?;
    let mut notice = None;
    if let Some(base) = config.company_service.as_deref().filter(|_| listed.is_empty()) {
        match service::search(base, digits.as_deref().unwrap_or(typed)).await {
            Ok(found) => listed = found,
            Err(_) => notice = Some(SILENT),
        }
    }
    let known: BTreeSet<&str> = ours.iter().filter_map(|site| site.siret.as_deref()).collect();
    listed.retain(|site| !known.contains(site.siret.as_str()));
    Ok(Found { ours, listed, notice })
}

/// The establishment that was chosen.
pub(in crate::companies) async fn find(
    db: &mut PgConnection,
    scope: &Scope,
    config: &Config,
    siret: &Siret,
) -> sqlx::Result<Option<Listed>> {
    let found = search(db, scope, config, siret.as_str()).await?;
    let mut listed = found.listed.into_iter();
    Ok(listed.find(|site| site.siret == siret.as_str()))
}

/// Where it is: as the directory says, else where the geocoder finds its address. Nothing when neither
/// knows, and the commune serves.
pub(in crate::companies) async fn position(config: &Config, site: &Listed) -> Option<Position> {
    if site.position.is_some() {
        return site.position;
    }
    let base = config.geocoder.as_deref()?;
    site.address.as_ref()?;
    geocoder::locate(base, &site.place(), site.insee.as_deref())
        .await
        .unwrap_or_default()
}
