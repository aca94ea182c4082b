//! A visit that has just taken place and is being recorded: two flows noted, the others still presumed.

use crate::companies::Establishment;
use crate::flows::{FlowForm, FlowSource, Place, store as flows};
use crate::kernel::Direction;
use crate::kernel::ids::{FlowId, UserId, VisitId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::visits::{Visit, VisitStatus, store as visits};
use chrono::NaiveDate;

const NOTED: [(Direction, &str, &str); 2] = [
    (Direction::Outbound, "Chutes d’acier de découpe", "4 t/mois"),
    (Direction::Inbound, "Gaz de soudage en bouteilles", ""),
];

pub(super) async fn begin(
    tx: &mut Tx,
    scope: &Scope,
    establishment: &Establishment,
    advisor: UserId,
    held_on: NaiveDate,
) -> anyhow::Result<()> {
    let visit = Visit {
        id: VisitId::fresh(),
        territory_id: establishment.territory_id,
        establishment_id: establishment.id,
        status: VisitStatus::Done,
        visit_on: held_on,
        begins_at: None,
        duration_minutes: None,
        contact_met: Some("Gérante".to_owned()),
        notes: None,
        advisors: vec![advisor],
        version: 1,
    };
    visits::insert(tx, scope, &visit).await?;
    for (direction, label, quantity) in NOTED {
        let form = FlowForm {
            label: label.to_owned(),
            quantity: quantity.to_owned(),
            ..FlowForm::blank(direction.word(), held_on)
        };
        let entry = form
            .parse()
            .map_err(|errors| anyhow::anyhow!("{:?}", errors.summary()))?;
        let flow = entry.into_flow(Place {
            id: FlowId::fresh(),
            territory: visit.territory_id,
            establishment: visit.establishment_id,
            visit: Some(visit.id),
            source: FlowSource::Visit,
        });
        flows::insert(tx, scope, &flow).await?;
    }
    Ok(())
}
