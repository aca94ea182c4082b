//! The acts of the life cycle that are one button: launching, losing and finding the companies' trace.

use super::acts::seen;
use super::filters::Filters;
use super::model::Step;
use super::show::ActForm;
use super::store::{self, Synergy};
use crate::kernel::clock;
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::web::{Done, Form, OptionExt, Path, Query, Result};

/// The study is conclusive: the companies prepare the exchange.
pub(super) async fn implement(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<ActForm>,
) -> Result<Done> {
    let scope = me.scope()?;
    let synergy = me
        .transact(async |tx| -> Result<Synergy> {
            Ok(store::advance_seen(tx, &scope, id, seen(&form.version), Step::Implement).await?)
        })
        .await?;
    let message = "La mise en œuvre est lancée. Notez le premier échange dès qu’il a lieu.";
    Ok(me.done(message, filters.follow(&id, synergy.state)))
}

/// The companies no longer answer: it is said, instead of being counted as a refusal.
pub(super) async fn silence(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<ActForm>,
) -> Result<Done> {
    let scope = me.scope()?;
    let known = store::find(&mut *me.read().await?, &scope, id)
        .await?
        .or_not_found()?;
    let days = (me.today() - clock::day(known.state_since)).num_days();
    let synergy = me
        .transact(async |tx| -> Result<Synergy> {
            let step = Step::Silence { days };
            Ok(store::advance_seen(tx, &scope, id, seen(&form.version), step).await?)
        })
        .await?;
    let message =
        "C’est noté\u{a0}: sans nouvelles. Aucun message ne part\u{a0}; une réponse la fera revenir.";
    Ok(me.done(message, filters.follow(&id, synergy.state)))
}

/// They answered again.
pub(super) async fn hear(
    me: Staff,
    Path(id): Path<SynergyId>,
    Query(filters): Query<Filters>,
    Form(form): Form<ActForm>,
) -> Result<Done> {
    let scope = me.scope()?;
    let synergy = me
        .transact(async |tx| -> Result<Synergy> {
            Ok(store::hear_again(tx, &scope, id, seen(&form.version)).await?)
        })
        .await?;
    let message = format!("La synergie reprend\u{a0}: {}.", synergy.state.label());
    Ok(me.done(message, filters.follow(&id, synergy.state)))
}
