//! Where an address is, by a geocoder that answers like the Géoplateforme's.

use crate::kernel::Position;
use crate::platform::outside::{self, Unreachable};
use serde::Deserialize;
use tokio::time::Instant;

/// Below, the street was not found: the commune says as much.
const SURE: f64 = 0.5;

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    features: Vec<Feature>,
}

#[derive(Debug, Deserialize)]
struct Feature {
    geometry: Geometry,
    #[serde(default)]
    properties: Properties,
}

#[derive(Debug, Deserialize)]
struct Geometry {
    /// Longitude first.
    coordinates: [f64; 2],
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Properties {
    score: f64,
    citycode: Option<String>,
    /// The whole address, then its parts.
    label: String,
    name: String,
    postcode: String,
    city: String,
}

/// An address as a form may take it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::companies) struct Address {
    /// « 4 Rue du Moulin 41100 Vendôme ».
    pub(in crate::companies) whole: String,
    /// « 4 Rue du Moulin ».
    pub(in crate::companies) street: String,
    /// « 41100 Vendôme ».
    pub(in crate::companies) city: String,
}

/// The addresses that begin like this, in that commune when it is known.
///
/// # Errors
/// When the geocoder does not answer in time.
pub(super) async fn complete(
    base: &str,
    (typed, insee): (&str, Option<&str>),
    deadline: Instant,
) -> Result<Vec<Address>, Unreachable> {
    let mut parameters = vec![("q", typed), ("limit", "6"), ("autocomplete", "1")];
    parameters.extend(insee.map(|insee| ("citycode", insee)));
    let answer: Answer = outside::ask((base, "/search"), &parameters, deadline).await?;
    let named = answer.features.into_iter().map(|feature| feature.properties);
    let named = named.filter(|found| !found.name.is_empty());
    Ok(named
        .map(|found| Address {
            city: format!("{} {}", found.postcode, found.city).trim().to_owned(),
            whole: found.label,
            street: found.name,
        })
        .collect())
}

/// The place of an address, when it is found in that commune with some certainty.
///
/// # Errors
/// When the geocoder does not answer in time.
pub(super) async fn locate(
    base: &str,
    (address, insee): (&str, Option<&str>),
    deadline: Instant,
) -> Result<Option<Position>, Unreachable> {
    let mut parameters = vec![("q", address), ("limit", "1")];
    parameters.extend(insee.map(|insee| ("citycode", insee)));
    let answer: Answer = outside::ask((base, "/search"), &parameters, deadline).await?;
    let best = answer.features.into_iter().next().filter(|feature| {
        let city = feature.properties.citycode.as_deref();
        feature.properties.score >= SURE && (insee.is_none() || city.is_none() || city == insee)
    });
    Ok(best.and_then(|feature| {
        let [lon, lat] = feature.geometry.coordinates;
        Position::new(lat, lon).ok()
    }))
}
