//! What the deduction presumes of an establishment, offered in its diagnostic to confirm or to dismiss.

use crate::kernel::Direction;
use crate::kernel::ids::EstablishmentId;
use crate::nomenclature::FlowCode;
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::journal::Event;
use sqlx::PgConnection;

/// More would be a questionnaire.
const MOST: i64 = 8;

/// A flow that the establishment probably has.
pub(in crate::visits) struct Presumed {
    pub(in crate::visits) code: FlowCode,
    pub(in crate::visits) direction: Direction,
    pub(in crate::visits) probability: f64,
    pub(in crate::visits) low: Option<f64>,
    pub(in crate::visits) central: Option<f64>,
    pub(in crate::visits) high: Option<f64>,
    pub(in crate::visits) why: String,
}

/// What is presumed of an establishment and that nobody recorded yet, the most probable first.
pub(in crate::visits) async fn presumed(
    db: &mut PgConnection,
    scope: &Scope,
    id: EstablishmentId,
) -> sqlx::Result<Vec<Presumed>> {
    let rows = sqlx::query!(
        r#"select p.category, p.direction as "direction: Direction", p.probability, p.low, p.central, p.high, p.why
           from presumed_flows p join establishments e on e.id = p.establishment_id
           where p.establishment_id = $1 and e.territory_id = any($2)
             and not exists (select from flows f where f.establishment_id = p.establishment_id and f.category = p.category
                             and f.direction = p.direction and f.deleted_at is null)
           order by p.probability desc, p.category, p.direction limit $3"#,
        id.uuid(),
        scope.territories(),
        MOST
    )
    .fetch_all(db)
    .await?;
    let known = rows.into_iter().filter_map(|row| {
        Some(Presumed {
            code: FlowCode::find(&row.category)?,
            direction: row.direction,
            probability: row.probability,
            low: row.low,
            central: row.central,
            high: row.high,
            why: row.why,
        })
    });
    Ok(known.collect())
}

/// It is no longer presumed: it was recorded, or dismissed.
pub async fn settle(
    tx: &mut Tx,
    scope: &Scope,
    (id, code, direction): (EstablishmentId, FlowCode, Direction),
) -> sqlx::Result<bool> {
    let gone = sqlx::query!(
        "delete from presumed_flows p using establishments e
         where p.establishment_id = $1 and p.category = $2 and p.direction = $3 and e.id = p.establishment_id and e.territory_id = any($4)",
        id.uuid(),
        code.as_str(),
        direction as Direction,
        scope.territories()
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected() > 0)
}

/// « Ce n’est pas le cas ici »: remembered by the next deductions. Gives `false` when it was not presumed.
pub async fn dismiss(
    tx: &mut Tx,
    scope: &Scope,
    line: (EstablishmentId, FlowCode, Direction),
) -> sqlx::Result<bool> {
    if !settle(tx, scope, line).await? {
        tx.nothing_to_record();
        return Ok(false);
    }
    let (id, code, direction) = line;
    let now = tx.now();
    sqlx::query!(
        "insert into presumed_dismissals (establishment_id, category, direction, dismissed_at) values ($1, $2, $3, $4) on conflict do nothing",
        id.uuid(),
        code.as_str(),
        direction as Direction,
        now
    )
    .execute(&mut **tx)
    .await?;
    let words = format!("flux présumé écarté\u{a0}: {}", crate::visits::model::label(code));
    tx.record(Event::on("establishment", id, words).within(scope.territory()))
        .await?;
    Ok(true)
}
