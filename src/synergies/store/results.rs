use crate::flows::Certainty;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use crate::synergies::model::Treatment;
use sqlx::PgConnection;

/// What a synergy in place brings each year; what is not known stays absent.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Results {
    pub origin: Certainty,
    pub diverted_t: Option<f64>,
    pub energy_mwh: Option<f64>,
    pub water_m3: Option<f64>,
    pub avoided_tco2e: Option<f64>,
    pub savings_eur: Option<f64>,
    pub jobs_fte: Option<f64>,
    /// Tonnes concerned, and what becomes of them before and after.
    pub handled_t: Option<f64>,
    pub treated_before: Option<Treatment>,
    pub treated_after: Option<Treatment>,
    pub virgin_t: Option<f64>,
    pub freight_tkm: Option<f64>,
    pub car_km: Option<f64>,
    pub local_sales_eur: Option<f64>,
    pub investment_eur: Option<f64>,
    pub shared_jobs_fte: Option<f64>,
    pub trained_people: Option<i32>,
    pub new_activities: Option<i32>,
}

impl Results {
    /// Nothing known yet, from that kind of source.
    pub const fn unknown(origin: Certainty) -> Self {
        Self {
            origin,
            diverted_t: None,
            energy_mwh: None,
            water_m3: None,
            avoided_tco2e: None,
            savings_eur: None,
            jobs_fte: None,
            handled_t: None,
            treated_before: None,
            treated_after: None,
            virgin_t: None,
            freight_tkm: None,
            car_km: None,
            local_sales_eur: None,
            investment_eur: None,
            shared_jobs_fte: None,
            trained_people: None,
            new_activities: None,
        }
    }
}

/// The results of a synergy, when some are recorded.
pub async fn results(db: &mut PgConnection, scope: &Scope, id: SynergyId) -> sqlx::Result<Option<Results>> {
    sqlx::query_as!(
        Results,
        r#"select r.origin as "origin: Certainty", r.diverted_t, r.energy_mwh, r.water_m3, r.avoided_tco2e, r.savings_eur,
                  r.jobs_fte, r.handled_t, r.treated_before as "treated_before: Treatment", r.treated_after as "treated_after: Treatment",
                  r.virgin_t, r.freight_tkm, r.car_km, r.local_sales_eur, r.investment_eur, r.shared_jobs_fte,
                  r.trained_people, r.new_activities
           from synergy_results r join synergies s on s.id = r.synergy_id
           where s.id = $1 and s.territory_id = any($2)"#,
        id.uuid(),
        scope.territories()
    )
    .fetch_optional(db)
    .await
}

/// Records or corrects the results; gives `false` outside the scope.
#[expect(
    clippy::cognitive_complexity,
    reason = "one statement with many columns, each checked by a macro"
)]
pub async fn set_results(tx: &mut Tx, scope: &Scope, id: SynergyId, results: &Results) -> sqlx::Result<bool> {
    let saved = sqlx::query!(
        "insert into synergy_results (synergy_id, origin, diverted_t, energy_mwh, water_m3, avoided_tco2e, savings_eur, jobs_fte,
                handled_t, treated_before, treated_after, virgin_t, freight_tkm, car_km, local_sales_eur, investment_eur,
                shared_jobs_fte, trained_people, new_activities)
         select s.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20
         from synergies s where s.id = $1 and s.territory_id = any($2)
         on conflict (synergy_id) do update set origin = excluded.origin, diverted_t = excluded.diverted_t,
                energy_mwh = excluded.energy_mwh, water_m3 = excluded.water_m3, avoided_tco2e = excluded.avoided_tco2e,
                savings_eur = excluded.savings_eur, jobs_fte = excluded.jobs_fte, handled_t = excluded.handled_t,
                treated_before = excluded.treated_before, treated_after = excluded.treated_after, virgin_t = excluded.virgin_t,
                freight_tkm = excluded.freight_tkm, car_km = excluded.car_km, local_sales_eur = excluded.local_sales_eur,
                investment_eur = excluded.investment_eur, shared_jobs_fte = excluded.shared_jobs_fte,
                trained_people = excluded.trained_people, new_activities = excluded.new_activities",
        id.uuid(),
        scope.territories(),
        results.origin as Certainty,
        results.diverted_t,
        results.energy_mwh,
        results.water_m3,
        results.avoided_tco2e,
        results.savings_eur,
        results.jobs_fte,
        results.handled_t,
        results.treated_before as Option<Treatment>,
        results.treated_after as Option<Treatment>,
        results.virgin_t,
        results.freight_tkm,
        results.car_km,
        results.local_sales_eur,
        results.investment_eur,
        results.shared_jobs_fte,
        results.trained_people,
        results.new_activities
    )
    .execute(&mut **tx)
    .await?;
    if saved.rows_affected() == 0 {
        tx.nothing_to_record();
        return Ok(false);
    }
    tx.record(
        Event::on("synergy", id, "résultats relevés")
            .within(scope.territory())
            .after(results),
    )
    .await?;
    Ok(true)
}
