use super::lines::{FlowLine, SiteLine};
use crate::companies::{Establishment, Headcount, PositionSource};
use crate::flows::{Certainty, Flow, FlowSource, Visibility};
use crate::kernel::ids::{CompanyId, EstablishmentId, FlowId, TerritoryId, VisitId, ZoneId};
use crate::kernel::{Direction, Period};
use crate::platform::access::{CompanyScope, Scope};
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// An establishment of the territory, and whether it is put away.
pub(super) struct KnownSite {
    pub(super) line: SiteLine,
    pub(super) archived: bool,
}

/// A row as the database gives it.
struct SiteRecord {
    id: EstablishmentId,
    company_id: CompanyId,
    territory_id: TerritoryId,
    name: String,
    reference: Option<String>,
    siret: Option<String>,
    naf: Option<String>,
    activity: Option<String>,
    headcount: Option<Headcount>,
    address: Option<String>,
    postal_code: Option<String>,
    insee: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    position_source: Option<PositionSource>,
    zone_id: Option<ZoneId>,
    charter_signed_on: Option<NaiveDate>,
    notes: Option<String>,
    version: i32,
    archived: bool,
    commune: Option<String>,
    zone: Option<String>,
}

impl From<SiteRecord> for KnownSite {
    fn from(row: SiteRecord) -> Self {
        Self {
            archived: row.archived,
            line: SiteLine {
                commune: row.commune,
                zone: row.zone,
                site: Establishment {
                    id: row.id,
                    company_id: row.company_id,
                    territory_id: row.territory_id,
                    name: row.name,
                    reference: row.reference,
                    siret: row.siret,
                    naf: row.naf,
                    activity: row.activity,
                    headcount: row.headcount,
                    address: row.address,
                    postal_code: row.postal_code,
                    insee: row.insee,
                    latitude: row.latitude,
                    longitude: row.longitude,
                    position_source: row.position_source,
                    zone_id: row.zone_id,
                    charter_signed_on: row.charter_signed_on,
                    notes: row.notes,
                    version: row.version,
                },
            },
        }
    }
}

/// Establishments as lines, in the order given.
pub(super) async fn site_lines(
    db: &mut PgConnection,
    scope: &Scope,
    ids: &[EstablishmentId],
) -> sqlx::Result<Vec<SiteLine>> {
    let rows = sqlx::query_as!(
        SiteRecord,
        r#"select e.id as "id: EstablishmentId", e.company_id as "company_id: CompanyId",
                  e.territory_id as "territory_id: TerritoryId", e.name, e.reference, e.siret, e.naf, e.activity,
                  e.headcount as "headcount: Headcount", e.address, e.postal_code, e.insee, e.latitude, e.longitude,
                  e.position_source as "position_source: PositionSource", e.zone_id as "zone_id: ZoneId",
                  e.charter_signed_on, e.notes, e.version, e.archived_at is not null as "archived!",
                  c.name as "commune?", z.name as "zone?"
           from unnest($2::uuid[]) with ordinality as wanted (id, rank) join establishments e on e.id = wanted.id
           left join communes c on c.insee = e.insee left join activity_zones z on z.id = e.zone_id
           where e.territory_id = $1 and e.archived_at is null order by wanted.rank"#,
        scope.territory().uuid(),
        &ids.iter().map(|id| id.uuid()).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| KnownSite::from(row).line).collect())
}

/// Establishments by reference, identifier or SIRET, those put away too.
pub(super) async fn known_sites(
    db: &mut PgConnection,
    scope: &Scope,
    references: &[String],
    sirets: &[String],
) -> sqlx::Result<Vec<KnownSite>> {
    let ids: Vec<_> = references
        .iter()
        .filter_map(|text| text.parse::<EstablishmentId>().ok())
        .collect();
    let rows = sqlx::query_as!(
        SiteRecord,
        r#"select e.id as "id: EstablishmentId", e.company_id as "company_id: CompanyId",
                  e.territory_id as "territory_id: TerritoryId", e.name, e.reference, e.siret, e.naf, e.activity,
                  e.headcount as "headcount: Headcount", e.address, e.postal_code, e.insee, e.latitude, e.longitude,
                  e.position_source as "position_source: PositionSource", e.zone_id as "zone_id: ZoneId",
                  e.charter_signed_on, e.notes, e.version, e.archived_at is not null as "archived!",
                  c.name as "commune?", z.name as "zone?"
           from establishments e left join communes c on c.insee = e.insee left join activity_zones z on z.id = e.zone_id
           where e.territory_id = $1 and (e.reference = any($2) or e.siret = any($3) or e.id = any($4))
           order by e.id"#,
        scope.territory().uuid(),
        references,
        sirets,
        &ids.into_iter().map(EstablishmentId::uuid).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(KnownSite::from).collect())
}

/// A flow of the territory, and whether it is deleted.
pub(super) struct KnownFlow {
    pub(super) line: FlowLine,
    pub(super) deleted: bool,
}

/// A row as the database gives it.
struct FlowRecord {
    id: FlowId,
    territory_id: TerritoryId,
    establishment_id: EstablishmentId,
    visit_id: Option<VisitId>,
    reference: Option<String>,
    direction: Direction,
    category: Option<String>,
    label: String,
    quantity: Option<f64>,
    unit: Option<String>,
    period: Option<Period>,
    annual_quantity: Option<f64>,
    certainty: Certainty,
    months: i32,
    form: Option<String>,
    quality: Option<String>,
    temperature_c: Option<f64>,
    food_grade: Option<bool>,
    outlet: Option<String>,
    annual_cost_eur: Option<f64>,
    contract_end_on: Option<NaiveDate>,
    waste_code: Option<String>,
    visibility: Visibility,
    source: FlowSource,
    observed_on: NaiveDate,
    confirmed_on: Option<NaiveDate>,
    version: i32,
    deleted: bool,
    establishment: String,
    establishment_name: String,
}

impl From<FlowRecord> for KnownFlow {
    fn from(row: FlowRecord) -> Self {
        Self {
            deleted: row.deleted,
            line: FlowLine {
                establishment: row.establishment,
                establishment_name: row.establishment_name,
                flow: Flow {
                    id: row.id,
                    territory_id: row.territory_id,
                    establishment_id: row.establishment_id,
                    visit_id: row.visit_id,
                    reference: row.reference,
                    direction: row.direction,
                    category: row.category,
                    label: row.label,
                    quantity: row.quantity,
                    unit: row.unit,
                    period: row.period,
                    annual_quantity: row.annual_quantity,
                    certainty: row.certainty,
                    months: row.months,
                    form: row.form,
                    quality: row.quality,
                    temperature_c: row.temperature_c,
                    food_grade: row.food_grade,
                    outlet: row.outlet,
                    annual_cost_eur: row.annual_cost_eur,
                    contract_end_on: row.contract_end_on,
                    waste_code: row.waste_code,
                    visibility: row.visibility,
                    source: row.source,
                    observed_on: row.observed_on,
                    confirmed_on: row.confirmed_on,
                    version: row.version,
                },
            },
        }
    }
}

/// Flows as lines, in the order given.
pub(super) async fn flow_lines(
    db: &mut PgConnection,
    scope: &Scope,
    ids: &[FlowId],
) -> sqlx::Result<Vec<FlowLine>> {
    let rows = sqlx::query_as!(
        FlowRecord,
        r#"select f.id as "id: FlowId", f.territory_id as "territory_id: TerritoryId",
                  f.establishment_id as "establishment_id: EstablishmentId", f.visit_id as "visit_id: VisitId", f.reference,
                  f.direction as "direction: Direction", f.category, f.label, f.quantity, f.unit, f.period as "period: Period",
                  f.annual_quantity, f.certainty as "certainty: Certainty", f.months, f.form, f.quality, f.temperature_c,
                  f.food_grade, f.outlet, f.annual_cost_eur, f.contract_end_on, f.waste_code,
                  f.visibility as "visibility: Visibility", f.source as "source: FlowSource", f.observed_on, f.confirmed_on,
                  f.version, f.deleted_at is not null as "deleted!",
                  coalesce(e.reference, e.id::text) as "establishment!", e.name as "establishment_name"
           from unnest($2::uuid[]) with ordinality as wanted (id, rank) join flows f on f.id = wanted.id
           join establishments e on e.id = f.establishment_id
           where f.territory_id = $1 and f.deleted_at is null order by wanted.rank"#,
        scope.territory().uuid(),
        &ids.iter().map(|id| id.uuid()).collect::<Vec<_>>()
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| KnownFlow::from(row).line).collect())
}

/// What stands for a flow that has no reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NaturalKey {
    pub(super) establishment: EstablishmentId,
    pub(super) direction: Direction,
    pub(super) label: String,
}

/// Flows by reference or identifier, the deleted ones too, and those without a reference that have one
/// of these keys; oldest first.
pub(super) async fn known_flows(
    db: &mut PgConnection,
    scope: &Scope,
    references: &[String],
    keys: &BTreeSet<NaturalKey>,
) -> sqlx::Result<Vec<KnownFlow>> {
    let ids: Vec<_> = references
        .iter()
        .filter_map(|text| text.parse::<FlowId>().ok())
        .collect();
    let rows = sqlx::query_as!(
        FlowRecord,
        r#"select f.id as "id: FlowId", f.territory_id as "territory_id: TerritoryId",
                  f.establishment_id as "establishment_id: EstablishmentId", f.visit_id as "visit_id: VisitId", f.reference,
                  f.direction as "direction: Direction", f.category, f.label, f.quantity, f.unit, f.period as "period: Period",
                  f.annual_quantity, f.certainty as "certainty: Certainty", f.months, f.form, f.quality, f.temperature_c,
                  f.food_grade, f.outlet, f.annual_cost_eur, f.contract_end_on, f.waste_code,
                  f.visibility as "visibility: Visibility", f.source as "source: FlowSource", f.observed_on, f.confirmed_on,
                  f.version, f.deleted_at is not null as "deleted!",
                  coalesce(e.reference, e.id::text) as "establishment!", e.name as "establishment_name"
           from flows f join establishments e on e.id = f.establishment_id
           where f.id in (
               select id from flows where territory_id = $1 and reference = any($2)
               union select id from flows where territory_id = $1 and id = any($3)
               union select known.id
                   from unnest($4::uuid[], $5::text[], $6::text[]) k (establishment_id, direction, label)
                   join flows known on known.establishment_id = k.establishment_id and known.territory_id = $1
                        and known.reference is null and known.deleted_at is null
                        and known.direction = k.direction::flow_direction and folded(known.label) = folded(k.label))
           order by f.id"#,
        scope.territory().uuid(),
        references,
        &ids.into_iter().map(FlowId::uuid).collect::<Vec<_>>(),
        &keys.iter().map(|key| key.establishment.uuid()).collect::<Vec<_>>(),
        &keys.iter().map(|key| direction_word(key.direction).to_owned()).collect::<Vec<_>>(),
        &keys.iter().map(|key| key.label.clone()).collect::<Vec<_>>(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(KnownFlow::from).collect())
}

fn direction_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Outbound => "outbound",
        Direction::Inbound => "inbound",
    }
}

pub(super) async fn zone_name(
    db: &mut PgConnection,
    scope: &Scope,
    zone: ZoneId,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select name from activity_zones where id = $1 and territory_id = $2",
        zone.uuid(),
        scope.territory().uuid()
    )
    .fetch_optional(db)
    .await
}

/// Everything that is kept of a company, itself excepted what others wrote for themselves: the notes of
/// advisors may speak of somebody else.
pub(super) async fn whole_company(
    db: &mut PgConnection,
    scope: &CompanyScope,
) -> sqlx::Result<serde_json::Value> {
    sqlx::query_scalar!(
        r#"select jsonb_build_object(
             'entreprises', (select jsonb_agg(jsonb_build_object('nom', name, 'siren', siren)) from companies where id = any($1)),
             'etablissements', (select jsonb_agg(jsonb_build_object('nom', name, 'siret', siret, 'naf', naf, 'activite', activity,
                 'effectif', headcount, 'adresse', address, 'code_postal', postal_code, 'commune', insee, 'latitude', latitude,
                 'longitude', longitude, 'charte_signee_le', charter_signed_on)) from establishments where company_id = any($1)),
             'contacts', (select jsonb_agg(jsonb_build_object('nom', c.name, 'fonction', c.job_title, 'courriel', c.email,
                 'telephone', c.phone, 'informe_le', c.informed_on))
                 from contacts c join establishments e on e.id = c.establishment_id where e.company_id = any($1)),
             'comptes', (select jsonb_agg(jsonb_build_object('nom', u.name, 'courriel', u.email, 'cree_le', u.created_at))
                 from users u join user_roles r on r.user_id = u.id where r.company_id = any($1)),
             'visites', (select jsonb_agg(jsonb_build_object('date', v.visit_on, 'rencontre', v.contact_met, 'etat', v.status))
                 from visits v join establishments e on e.id = v.establishment_id where e.company_id = any($1)),
             'flux', (select jsonb_agg(jsonb_build_object('etablissement', e.name, 'libelle', f.label, 'sens', f.direction,
                 'categorie', f.category, 'quantite', f.quantity, 'unite', f.unit, 'periode', f.period, 'origine', f.certainty,
                 'qualite', f.quality, 'exutoire', f.outlet, 'cout_annuel_eur', f.annual_cost_eur, 'fin_de_contrat', f.contract_end_on,
                 'code_dechet', f.waste_code, 'visibilite', f.visibility, 'releve_le', f.observed_on, 'confirme_le', f.confirmed_on))
                 from flows f join establishments e on e.id = f.establishment_id where e.company_id = any($1) and f.deleted_at is null),
             'reponses', (select jsonb_agg(jsonb_build_object('reponse', w.word, 'moyen', w.channel, 'personne', w.person,
                 'motif', w.motive, 'commentaire', w.comment, 'le', w.said_at)) from synergy_consents w where w.company_id = any($1)),
             'corrections', (select jsonb_agg(jsonb_build_object('quantite', k.quantity, 'unite', k.unit, 'periode', k.period,
                 'commentaire', k.comment, 'etat', k.state, 'reponse', k.answer, 'le', k.asked_at))
                 from flow_corrections k join establishments e on e.id = k.establishment_id where e.company_id = any($1)),
             'idees', (select jsonb_agg(jsonb_build_object('idee', i.what, 'avec_qui', i.partner, 'etat', i.state, 'reponse', i.answer,
                 'le', i.asked_at)) from company_ideas i join establishments e on e.id = i.establishment_id where e.company_id = any($1)),
             'avis', (select jsonb_agg(jsonb_build_object('note', o.mark, 'commentaire', o.comment, 'le', o.given_at))
                 from satisfactions o where o.company_id = any($1)),
             'demandes_d_effacement', (select jsonb_agg(jsonb_build_object('le', r.asked_at, 'commentaire', r.comment, 'reponse', r.answer))
                 from erasure_requests r where r.company_id = any($1))) as "data!""#,
        scope.companies()
    )
    .fetch_one(db)
    .await
}
