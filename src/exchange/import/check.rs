//! Judges the lines of the two files against what the territory holds. The same judgement serves the
//! report, the application of an import and the imports that nobody confirms.

use super::flow::{self, Place};
use super::model::{Judged, Outcome, Write};
use super::places::Places;
use super::site;
use super::store;
use crate::companies::Establishment;
use crate::exchange::lines::{Change, FLOW_COLUMNS, FlowLine, SITE_COLUMNS, SiteLine, changes};
use crate::exchange::network::{FlowRow, RawRow, Refusal, SiteRow, Table};
use crate::exchange::store::{self as known_store, KnownFlow, KnownSite, NaturalKey};
use crate::flows::Flow;
use crate::kernel::ids::{EstablishmentId, FlowId, TerritoryId};
use crate::kernel::{Direction, fold};
use crate::nomenclature::{Catalogue, Guess, WasteCode};
use crate::platform::access::Scope;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Lines looked at together: one look at the database for all of them.
pub(super) const CHUNK: usize = 500;

const NAMESAKE: &str = "Un établissement de ce nom existe déjà sous une autre référence\u{a0}: vérifiez que ce n’est pas le même.";
const TWIN: &str = "Cet établissement a déjà un flux de même sens et de même libellé, sans référence\u{a0}: vérifiez que ce n’est pas le même.";

/// What the lines already judged leave to know. Establishments come before flows.
pub(super) struct Checker {
    territory: TerritoryId,
    today: NaiveDate,
    places: Places,
    /// What the territory's establishments are called.
    names: BTreeSet<String>,
    /// By the reference that the file gives them.
    sites: BTreeMap<String, Target>,
    sirets: BTreeMap<String, usize>,
    known_sites: BTreeMap<EstablishmentId, usize>,
    flow_references: BTreeMap<String, usize>,
    known_flows: BTreeSet<FlowId>,
    guesses: BTreeMap<(String, Option<WasteCode>, Direction), Option<Guess>>,
}

/// An establishment that a flow may name.
#[derive(Debug, Clone)]
struct Target {
    id: EstablishmentId,
    /// What its lines call it.
    reference: String,
    name: String,
    line: usize,
}

impl Checker {
    pub(super) async fn new(db: &mut PgConnection, scope: &Scope, today: NaiveDate) -> sqlx::Result<Self> {
        Ok(Self {
            territory: scope.territory(),
            today,
            places: store::places(db, scope).await?,
            names: store::names(db, scope)
                .await?
                .iter()
                .map(|name| fold(name))
                .collect(),
            sites: BTreeMap::new(),
            sirets: BTreeMap::new(),
            known_sites: BTreeMap::new(),
            flow_references: BTreeMap::new(),
            known_flows: BTreeSet::new(),
            guesses: BTreeMap::new(),
        })
    }

    /// Judges lines of `etablissements`.
    pub(super) async fn sites(
        &mut self,
        db: &mut PgConnection,
        scope: &Scope,
        rows: Vec<RawRow>,
    ) -> sqlx::Result<Vec<(Judged, Write<Establishment>)>> {
        let read: Vec<_> = rows.iter().map(RawRow::site).collect();
        let references: Vec<_> = read.iter().flatten().map(|row| row.reference.clone()).collect();
        let sirets: Vec<_> = read.iter().flatten().filter_map(|row| row.siret).collect();
        let sirets: Vec<_> = sirets.iter().map(|siret| siret.as_str().to_owned()).collect();
        let known = known_store::known_sites(db, scope, &references, &sirets).await?;
        Ok(rows
            .into_iter()
            .zip(read)
            .map(|(raw, row)| match self.site(&raw, row, &known) {
                Ok((judged, write)) => (judged, write),
                Err(reason) => (Judged::refused(Table::Sites, raw, reason), Write::Nothing),
            })
            .collect())
    }

    fn site(
        &mut self,
        raw: &RawRow,
        row: Result<SiteRow, Refusal>,
        known: &[KnownSite],
    ) -> Result<(Judged, Write<Establishment>), String> {
        let row = row.map_err(|refusal| sentence(&refusal))?;
        if let Some(first) = self.sites.get(&row.reference) {
            return Err(format!(
                "La référence «\u{a0}{}\u{a0}» est déjà à la ligne {}.",
                row.reference, first.line
            ));
        }
        let siret = row.siret.map(|siret| siret.as_str().to_owned());
        if let Some(line) = siret.as_ref().and_then(|siret| self.sirets.get(siret)) {
            return Err(format!("Ce SIRET est déjà à la ligne {line}."));
        }
        let before = only_site(&row, siret.as_deref(), known)?;
        if let Some(line) = before.and_then(|line| self.known_sites.get(&line.site.id)) {
            return Err(format!("Cet établissement est déjà à la ligne {line}."));
        }
        let (after, mut remarks) = site::overlay(raw, &row, before, self.territory, &self.places);
        if before.is_none() && self.names.contains(&fold(&row.name)) {
            remarks.push(NAMESAKE.to_owned());
        }
        let target = Target {
            id: after.site.id,
            reference: after.reference(),
            name: after.site.name.clone(),
            line: raw.line,
        };
        if let Some(siret) = siret {
            self.sirets.insert(siret.clone(), raw.line);
            self.sites.entry(siret).or_insert_with(|| target.clone());
        }
        self.sites.insert(row.reference.clone(), target);
        if before.is_some() {
            self.known_sites.insert(after.site.id, raw.line);
        }
        let differences = before.map(|before| changes(SITE_COLUMNS, before, &after));
        let judged = Judged {
            table: Table::Sites,
            row: raw.clone(),
            outcome: outcome(differences.as_deref()),
            title: after.site.name.clone(),
            changes: differences.unwrap_or_default(),
            remarks,
        };
        let write = write(judged.outcome, before.map(|line| line.site.clone()), after.site);
        Ok((judged, write))
    }

    /// Judges lines of `flux`.
    pub(super) async fn flows(
        &mut self,
        db: &mut PgConnection,
        scope: &Scope,
        rows: Vec<RawRow>,
    ) -> sqlx::Result<Vec<(Judged, Write<Flow>)>> {
        let read: Vec<_> = rows.iter().map(RawRow::flow).collect();
        self.find_targets(db, scope, &read).await?;
        let references: Vec<_> = rows
            .iter()
            .filter_map(|raw| raw.get("reference"))
            .map(str::to_owned)
            .collect();
        let keys: BTreeSet<_> = read
            .iter()
            .flatten()
            .filter_map(|row| self.natural_key(row))
            .collect();
        let mut known = known_store::known_flows(db, scope, &references, &keys).await?;
        Ok(rows
            .into_iter()
            .zip(read)
            .map(|(raw, row)| match self.flow(&raw, row, &mut known) {
                Ok((judged, write)) => (judged, write),
                Err(reason) => (Judged::refused(Table::Flows, raw, reason), Write::Nothing),
            })
            .collect())
    }

    /// Looks in the territory for the establishments that the file of establishments did not name.
    async fn find_targets(
        &mut self,
        db: &mut PgConnection,
        scope: &Scope,
        rows: &[Result<FlowRow, Refusal>],
    ) -> sqlx::Result<()> {
        let wanted = rows.iter().flatten().map(|row| row.establishment.clone());
        let missing: BTreeSet<_> = wanted.filter(|name| !self.sites.contains_key(name)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<_> = missing.into_iter().collect();
        for known in known_store::known_sites(db, scope, &missing, &missing).await? {
            if known.archived {
                continue;
            }
            let site = &known.line.site;
            let names = [
                site.reference.clone(),
                Some(site.id.to_string()),
                site.siret.clone(),
            ];
            for name in names.into_iter().flatten() {
                self.sites.entry(name).or_insert_with(|| Target {
                    id: site.id,
                    reference: known.line.reference(),
                    name: site.name.clone(),
                    line: 0,
                });
            }
        }
        Ok(())
    }

    fn natural_key(&self, row: &FlowRow) -> Option<NaturalKey> {
        Some(NaturalKey {
            establishment: self.sites.get(&row.establishment)?.id,
            direction: row.direction,
            label: row.label.clone(),
        })
    }

    fn flow(
        &mut self,
        raw: &RawRow,
        row: Result<FlowRow, Refusal>,
        known: &mut Vec<KnownFlow>,
    ) -> Result<(Judged, Write<Flow>), String> {
        let row = row.map_err(|refusal| sentence(&refusal))?;
        let Some(target) = self.sites.get(&row.establishment).cloned() else {
            return Err(format!(
                "Aucun établissement ne porte la référence «\u{a0}{}\u{a0}», ni dans le fichier ni dans le territoire.",
                row.establishment
            ));
        };
        let reference = raw.get("reference");
        if let Some(line) = reference.and_then(|reference| self.flow_references.get(reference)) {
            return Err(format!("Cette référence est déjà à la ligne {line}."));
        }
        let before = self.known_flow(reference, &row, &target, known)?;
        let guess = match (&row.code, before.as_ref().and_then(|flow| flow.category.as_ref())) {
            (None, None) => self.guess(&row),
            _ => None,
        };
        let place = Place {
            territory: self.territory,
            establishment: target.id,
            today: self.today,
        };
        let (after, mut remarks) = flow::overlay(raw, &row, before.as_ref(), &place, guess.as_ref())?;
        if before.is_none() && self.twin(&row, &target, known).is_some() {
            remarks.push(TWIN.to_owned());
        }
        reference.map(|reference| self.flow_references.insert(reference.to_owned(), raw.line));
        if let Some(before) = &before {
            self.known_flows.insert(before.id);
        }
        let line = |flow: &Flow| FlowLine {
            flow: flow.clone(),
            establishment: target.reference.clone(),
            establishment_name: target.name.clone(),
        };
        let mut after = line(&after);
        let before = before.as_ref().map(line);
        let mut differences = before
            .as_ref()
            .map(|before| changes(FLOW_COLUMNS, before, &after));
        // What a file changes, it has seen: on its own date, or today.
        if differences.as_ref().is_some_and(|d| !d.is_empty()) && raw.get("date_observation").is_none() {
            after.flow.observed_on = self.today;
            differences = before
                .as_ref()
                .map(|before| changes(FLOW_COLUMNS, before, &after));
        }
        let judged = Judged {
            table: Table::Flows,
            row: raw.clone(),
            outcome: outcome(differences.as_deref()),
            title: format!("{} — {}", after.flow.label, target.name),
            changes: differences.unwrap_or_default(),
            remarks,
        };
        let write = write(judged.outcome, before.map(|line| line.flow), after.flow);
        Ok((judged, write))
    }

    /// The flow of that reference; without one, the next flow of the same establishment, way and label
    /// that no line has taken.
    fn known_flow(
        &self,
        reference: Option<&str>,
        row: &FlowRow,
        target: &Target,
        known: &mut Vec<KnownFlow>,
    ) -> Result<Option<Flow>, String> {
        let Some(reference) = reference else {
            let place = self.twin(row, target, known);
            return Ok(place.map(|place| known.remove(place).line.flow));
        };
        let named = |other: &&KnownFlow| {
            other.line.flow.reference.as_deref() == Some(reference)
                || other.line.flow.id.to_string() == reference
        };
        let Some(found) = known.iter().find(named) else {
            return Ok(None);
        };
        if found.deleted {
            return Err("Un flux supprimé porte cette référence\u{a0}: changez-la.".to_owned());
        }
        if found.line.flow.establishment_id != target.id {
            return Err(format!(
                "Cette référence est celle d’un flux d’un autre établissement que {}.",
                target.name
            ));
        }
        if self.known_flows.contains(&found.line.flow.id) {
            return Err("Ce flux est déjà sur une ligne précédente.".to_owned());
        }
        Ok(Some(found.line.flow.clone()))
    }

    /// Where the first flow without a reference, of that establishment, way and label, is in the list.
    fn twin(&self, row: &FlowRow, target: &Target, known: &[KnownFlow]) -> Option<usize> {
        let label = fold(&row.label);
        known.iter().position(|other| {
            let flow = &other.line.flow;
            flow.reference.is_none()
                && !other.deleted
                && flow.establishment_id == target.id
                && flow.direction == row.direction
                && fold(&flow.label) == label
                && !self.known_flows.contains(&flow.id)
        })
    }

    fn guess(&mut self, row: &FlowRow) -> Option<Guess> {
        let key = (fold(&row.label), row.waste_code, row.direction);
        self.guesses
            .entry(key)
            .or_insert_with(|| {
                let guesses = Catalogue::embedded().classify(&row.label, row.waste_code, Some(row.direction));
                guesses.into_iter().next()
            })
            .clone()
    }
}

/// The one establishment that a line means, if the territory has it.
fn only_site<'a>(
    row: &SiteRow,
    siret: Option<&str>,
    known: &'a [KnownSite],
) -> Result<Option<&'a SiteLine>, String> {
    let named = known.iter().find(|other| {
        let site = &other.line.site;
        site.reference.as_deref() == Some(&row.reference) || site.id.to_string() == row.reference
    });
    let numbered = siret.and_then(|siret| {
        known
            .iter()
            .find(|other| other.line.site.siret.as_deref() == Some(siret))
    });
    let found = match (named, numbered) {
        (Some(a), Some(b)) if a.line.site.id != b.line.site.id => {
            return Err(format!(
                "Cette référence est celle de {}, ce SIRET celui de {}.",
                a.line.site.name, b.line.site.name
            ));
        }
        (Some(found), _) | (None, Some(found)) => found,
        (None, None) => return Ok(None),
    };
    if found.archived {
        return Err(format!(
            "{} est archivé\u{a0}: rétablissez-le d’abord.",
            found.line.site.name
        ));
    }
    Ok(Some(&found.line))
}

fn outcome(differences: Option<&[Change]>) -> Outcome {
    match differences {
        None => Outcome::Created,
        Some([]) => Outcome::Unchanged,
        Some(_) => Outcome::Updated,
    }
}

fn write<T>(outcome: Outcome, before: Option<T>, after: T) -> Write<T> {
    match (outcome, before) {
        (Outcome::Created, _) => Write::Insert(after),
        (Outcome::Updated, Some(before)) => Write::Update { before, after },
        (Outcome::Updated | Outcome::Unchanged | Outcome::Refused, _) => Write::Nothing,
    }
}

fn sentence(refusal: &Refusal) -> String {
    match refusal.column {
        Some(column) => format!("Colonne «\u{a0}{column}\u{a0}»\u{a0}: {}", refusal.reason),
        None => refusal.reason.clone(),
    }
}
