//! A search by SIRET, SIREN or name: what is followed here, then the extract, then the public service.

use super::geocoder::{self, Address};
use super::model::Listed;
use super::service;
use super::store::{self, Ours};
use crate::kernel::{Position, Siret};
use crate::platform::access::Staff;
use crate::platform::config::Config;
use crate::platform::outside;
use crate::platform::web::Result;
use std::collections::BTreeSet;
use tokio::time::Instant;

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

/// No connection is held while the public service answers.
pub(in crate::companies) async fn search(me: &Staff, config: &Config, typed: &str) -> Result<Found> {
    search_until(me, config, typed, outside::deadline()).await
}

async fn search_until(me: &Staff, config: &Config, typed: &str, deadline: Instant) -> Result<Found> {
    let scope = me.scope()?;
    let digits = digits(typed);
    let mut db = me.read().await?;
    let ours = store::ours(&mut db, &scope, digits.as_deref(), typed).await?;
    let mut listed = store::search(&mut db, &scope, digits.as_deref(), typed).await?;
    drop(db);
    let mut notice = None;
    if let Some(base) = config.company_service.as_deref().filter(|_| listed.is_empty()) {
        match service::search(base, digits.as_deref().unwrap_or(typed), deadline).await {
            Ok(found) => listed = found,
            Err(_) => notice = Some(SILENT),
        }
    }
    let known: BTreeSet<&str> = ours.iter().filter_map(|site| site.siret.as_deref()).collect();
    listed.retain(|site| !known.contains(site.siret.as_str()));
    Ok(Found { ours, listed, notice })
}

/// The establishment that was chosen.
pub(in crate::companies) enum Chosen {
    /// With where it is: as the directory says, else where the geocoder finds its address. Nothing when
    /// neither knows, and the commune serves.
    Listed(Box<Listed>, Option<Position>),
    /// It is already followed.
    Ours,
    /// The directory does not give it any more, or does not answer.
    Lost,
}

pub(in crate::companies) async fn choose(me: &Staff, config: &Config, siret: &Siret) -> Result<Chosen> {
    let deadline = outside::deadline();
    let found = search_until(me, config, siret.as_str(), deadline).await?;
    let mut listed = found.listed.into_iter();
    if let Some(site) = listed.find(|site| site.siret == siret.as_str()) {
        let position = position(config, &site, deadline).await;
        return Ok(Chosen::Listed(Box::new(site), position));
    }
    let is_ours = |site: &Ours| site.siret.as_deref() == Some(siret.as_str());
    Ok(if found.ours.iter().any(is_ours) {
        Chosen::Ours
    } else {
        Chosen::Lost
    })
}

async fn position(config: &Config, site: &Listed, deadline: Instant) -> Option<Position> {
    if site.position.is_some() {
        return site.position;
    }
    site.address.as_ref()?;
    locate_until(config, (&site.place(), site.insee.as_deref()), deadline).await
}

/// Where an address is, when a geocoder is set and finds it in that commune.
pub(in crate::companies) async fn locate(
    config: &Config,
    address: &str,
    insee: Option<&str>,
) -> Option<Position> {
    locate_until(config, (address, insee), outside::deadline()).await
}

async fn locate_until(config: &Config, place: (&str, Option<&str>), deadline: Instant) -> Option<Position> {
    let base = config.geocoder.as_deref()?;
    geocoder::locate(base, place, deadline).await.unwrap_or_default()
}

/// The addresses that begin like this; none without a geocoder, or when it does not answer.
pub(in crate::companies) async fn addresses(
    config: &Config,
    typed: &str,
    insee: Option<&str>,
) -> Vec<Address> {
    let Some(base) = config.geocoder.as_deref() else {
        return Vec::new();
    };
    let found = geocoder::complete(base, (typed, insee), outside::deadline()).await;
    found.unwrap_or_default()
}
