//! Screen: the sheet of an establishment: who it is, where, whom to call, what it gives and takes,
//! when it was visited, what came of it. See the module's doc of [`crate::companies`] for why it
//! reads tables of higher floors.

pub(super) mod sheet;
pub(super) mod store;

use super::contacts::{Contact, store as contacts};
use super::questions::{self, Question};
use super::{Establishment, list, paths, search, store as companies, suggest::naf_title};
use crate::comments::{Subject, Thread};
use crate::kernel::ids::EstablishmentId;
use crate::kernel::{Direction, Siret, Unit, format_number};
use crate::nomenclature::{Catalogue, Family, FlowCode, naf};
use crate::platform::App;
use crate::platform::access::Staff;
use crate::platform::journal::{self, store::Line};
use crate::platform::web::{OptionExt, Page, Path, Result, filters};
use askama::Template;
use axum::extract::State;
use chrono::NaiveDate;

/// The flows of one family, or those still to classify.
struct Group {
    family: Option<Family>,
    flows: Vec<store::FlowRow>,
}

/// The synergies in one state.
struct Step {
    label: &'static str,
    css: &'static str,
    synergies: Vec<store::SynergyRow>,
}

#[derive(Template)]
#[template(path = "companies/show.html")]
struct Show {
    establishment: Establishment,
    names: store::Names,
    siblings: Vec<store::Sibling>,
    contacts: Vec<Contact>,
    groups: Vec<Group>,
    presumed: Vec<store::PresumedRow>,
    awaited: Vec<Question>,
    address: String,
    flows: i64,
    inbound: i64,
    stale: i64,
    fresh_since: NaiveDate,
    visits: Vec<store::VisitRow>,
    steps: Vec<Step>,
    synergies: i64,
    thread: Thread,
    history: Vec<Line>,
    map: Option<(String, String)>,
}

pub(super) async fn show(
    me: Staff,
    State(app): State<App>,
    Path(id): Path<EstablishmentId>,
) -> Result<Page<impl Template>> {
    Ok(Page(load(&me, &app, id).await?))
}

async fn load(me: &Staff, app: &App, id: EstablishmentId) -> Result<Show> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let establishment = companies::find(&mut db, &scope, id).await?.or_not_found()?;
    let names = store::names(&mut db, &scope, id).await?.or_not_found()?;
    let flows = store::flows(&mut db, &scope, id).await?;
    let synergies = store::synergies(&mut db, &scope, id).await?;
    drop(db);
    let awaited = questions::of_establishment(me, id).await?;
    let thread = Thread::load(me, Subject::Establishment(id)).await?;
    let mut db = me.read().await?;
    let fresh_since = search::fresh_since(me.today(), names.freshness_months);
    Ok(Show {
        siblings: store::siblings(&mut db, &scope, id).await?,
        contacts: contacts::of_establishment(&mut db, &scope, id).await?,
        flows: tally(&flows, |_| true),
        inbound: tally(&flows, |flow| flow.direction == Direction::Inbound),
        stale: tally(&flows, |flow| flow.known_on < fresh_since),
        groups: by_family(flows),
        presumed: store::presumed(&mut db, &scope, id).await?,
        awaited,
        thread,
        address: paths::show(&id),
        fresh_since,
        visits: store::visits(&mut db, &scope, id).await?,
        synergies: tally(&synergies, |_| true),
        steps: by_state(synergies),
        history: journal::store::about(&mut db, id.uuid(), 8).await?,
        map: map(app, &establishment),
        names,
        establishment,
    })
}

fn tally<T>(rows: &[T], counts: impl Fn(&T) -> bool) -> i64 {
    i64::try_from(rows.iter().filter(|row| counts(row)).count()).unwrap_or(i64::MAX)
}

/// Rows come sorted by category, so by family.
fn by_family(flows: Vec<store::FlowRow>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for flow in flows {
        let family = flow.code().map(FlowCode::family);
        match groups.last_mut().filter(|group| group.family == family) {
            Some(group) => group.flows.push(flow),
            None => groups.push(Group {
                family,
                flows: vec![flow],
            }),
        }
    }
    // The families' own order; what is to classify last.
    groups.sort_by_key(|group| (group.family.is_none(), group.family));
    groups
}

fn by_state(synergies: Vec<store::SynergyRow>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for synergy in synergies {
        let (label, css) = state_words(&synergy.state);
        match steps.last_mut().filter(|step| step.label == label) {
            Some(step) => step.synergies.push(synergy),
            None => steps.push(Step {
                label,
                css,
                synergies: vec![synergy],
            }),
        }
    }
    steps
}

/// The words of a synergy's state, and the badge they wear.
fn state_words(state: &str) -> (&'static str, &'static str) {
    match state {
        "durable" => ("pérenne", "ok"),
        "realised" => ("réalisée", "ok"),
        "implementing" => ("en mise en place", "info"),
        "studied" => ("étudiée", "info"),
        "agreed" => ("accord des deux parties", "info"),
        "contact_proposed" => ("mise en relation proposée", "info"),
        "prevalidated" => ("pré-validée", "info"),
        "under_review" => ("en étude", "info"),
        "proposed" => ("à étudier", "hot"),
        "asleep" => ("en sommeil", ""),
        "interrupted" => ("interrompue", "warn"),
        "abandoned" => ("abandonnée", ""),
        "rejected" => ("écartée", ""),
        _ => ("autre", ""),
    }
}

/// The one point, and what lies under it.
fn map(app: &App, e: &Establishment) -> Option<(String, String)> {
    let position = e.position()?;
    let point = serde_json::json!([{ "lat": position.lat(), "lon": position.lon(), "label": e.name }]);
    Some((point.to_string(), list::map_background(app)))
}

/// What a telephone understands.
fn dialled(number: &str) -> String {
    number
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect()
}

impl Show {
    fn siret(&self) -> Option<String> {
        let siret = self.establishment.siret.as_deref()?;
        Some(Siret::parse(siret).map_or_else(|_| siret.to_owned(), |s| s.to_string()))
    }
    fn activity(&self) -> Option<String> {
        self.establishment
            .naf
            .as_deref()
            .and_then(naf::find)
            .map(naf_title)
    }
    /// The line under the name.
    fn summary(&self) -> String {
        let e = &self.establishment;
        let siret = self.siret().map(|siret| format!("SIRET {siret}"));
        let band = e.headcount.map(|band| band.label().to_owned());
        let parts = [
            siret,
            e.naf.clone(),
            band,
            self.names.zone.clone().or_else(|| self.names.commune.clone()),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
    fn is_stale(&self, flow: &store::FlowRow) -> bool {
        flow.known_on < self.fresh_since
    }
}

impl store::FlowRow {
    fn code(&self) -> Option<FlowCode> {
        FlowCode::find(self.category.as_deref()?)
    }
    /// The category's name, unless the flow is called the same.
    fn category_label(&self) -> Option<&'static str> {
        let label = Catalogue::embedded().category(self.code()?).label.as_str();
        (label != self.label).then_some(label)
    }
    /// « 38,4 t/an », else what was said (« 3 bennes par mois »); none when not estimated.
    fn amount(&self) -> Option<String> {
        let decimals = |value: f64| if value >= 100.0 { 0 } else { 2 };
        if let (Some(annual), Some(code)) = (self.annual_quantity, self.code()) {
            let unit = Catalogue::embedded().category(code).unit;
            let each_year = if self.period == Some(crate::kernel::Period::Once) {
                ", une fois"
            } else {
                "/an"
            };
            return Some(format!(
                "{}\u{a0}{}{each_year}",
                format_number(annual, decimals(annual)),
                unit.symbol()
            ));
        }
        let quantity = self.quantity?;
        let unit = Unit::find(self.unit.as_deref()?)?;
        let period = self.period.map(|p| format!(" {}", p.label())).unwrap_or_default();
        Some(format!(
            "{}\u{a0}{}{period}",
            format_number(quantity, decimals(quantity)),
            unit.symbol()
        ))
    }
}

impl store::PresumedRow {
    fn href(&self, of: &EstablishmentId) -> String {
        paths::presumed(of, &self.category, self.direction)
    }
    fn dismissal(&self, of: &EstablishmentId) -> String {
        paths::presumed_dismissal(of, &self.category, self.direction)
    }
    fn code(&self) -> Option<FlowCode> {
        FlowCode::find(&self.category)
    }
    fn label(&self) -> &str {
        self.code().map_or(self.category.as_str(), |code| {
            Catalogue::embedded().category(code).label.as_str()
        })
    }
    fn css(&self) -> &'static str {
        self.code().map_or("", |code| code.family().css())
    }
    fn percent(&self) -> String {
        format!("{}\u{a0}%", format_number(self.probability * 100.0, 0))
    }
    /// « 5 à 45 t/an »: an order of magnitude.
    fn span(&self) -> Option<String> {
        let (low, high) = self.low.zip(self.high)?;
        let unit = Catalogue::embedded().category(self.code()?).unit;
        let decimals = match high {
            high if high >= 20.0 => 0,
            high if high >= 2.0 => 1,
            _ => 2,
        };
        Some(format!(
            "{} à {}\u{a0}{}/an",
            format_number(low, decimals),
            format_number(high, decimals),
            unit.symbol()
        ))
    }
}

impl store::VisitRow {
    /// The words of a visit's status, and the badge they wear.
    fn status_words(&self) -> (&'static str, &'static str) {
        match self.status.as_str() {
            "planned" => ("prévue", "info"),
            "done" => ("à valider", "hot"),
            "validated" => ("validée", "ok"),
            _ => ("annulée", ""),
        }
    }
}

impl store::SynergyRow {
    fn code(&self) -> String {
        crate::kernel::synergy_code(self.kind == "mutualisation", self.number)
    }
    fn kind_words(&self) -> &'static str {
        match self.kind.as_str() {
            "substitution" => "Substitution",
            "sharing" => "Partage",
            _ => "Mutualisation",
        }
    }
}
