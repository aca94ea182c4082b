//! What is said in a workshop joins the queue: an idea becomes a proposal to study, or makes the one that
//! already joins the same flows stronger. Runs as a job after each capture; twice does no harm.

use super::matching::by_hand;
use super::model::{Origin, Side, Step, StepKind};
use super::proposal::pair_title;
use super::store::{self, NewMember, NewSynergy, ideas as known};
use crate::flows;
use crate::kernel::ids::{EstablishmentId, SynergyId};
use crate::platform::access::Scope;
use crate::platform::db::Tx;
use crate::platform::jobs;
use crate::platform::journal::Event;
use crate::workshops::IdeasCaptured;
use crate::workshops::store::ideas::{self, Idea};

/// Answers [`IdeasCaptured`].
///
/// # Errors
/// Those of the database.
pub async fn run(job: IdeasCaptured, context: jobs::Context) -> anyhow::Result<()> {
    let scope = Scope::of_system(&context.system, job.territory);
    context
        .system
        .transact(async |tx| -> anyhow::Result<()> {
            // Two advisors, or a search, never number or match at once.
            store::hold_numbers(tx, job.territory).await?;
            tx.nothing_to_record();
            let Some((title, _)) = ideas::title(tx, job.workshop).await? else {
                return Ok(());
            };
            let mut said = ideas::of_workshop(tx, &scope, job.workshop).await?;
            said.reverse();
            for idea in &said {
                match idea.synergy {
                    Some(synergy) if idea.is_undone => {
                        if idea.is_reinforcement {
                            restore(tx, &scope, &title, (synergy, idea)).await?;
                        } else if !known::passed_on(tx, synergy, idea.id).await? {
                            store::matching::retire(tx, synergy).await?;
                        }
                        ideas::settle(tx, idea.id, None, false).await?;
                    }
                    None if !idea.is_undone => join(tx, &scope, &title, idea).await?,
                    Some(_) | None => {}
                }
            }
            Ok(())
        })
        .await
}

async fn join(tx: &mut Tx, scope: &Scope, title: &str, idea: &Idea) -> anyhow::Result<()> {
    if let Some(synergy) = known::same(tx, scope, idea).await? {
        known::wake(tx, synergy).await?;
        come_back(tx, scope, title, synergy).await?;
        let words = format!("reprise en atelier («\u{a0}{title}\u{a0}»)\u{a0}: renforcée");
        tx.record(Event::on("synergy", synergy, words).within(scope.territory()))
            .await?;
        ideas::settle(tx, idea.id, Some(synergy), true).await?;
        return Ok(());
    }
    let new = proposal(tx, scope, title, idea).await?;
    if store::insert(tx, scope, &new).await? {
        ideas::settle(tx, idea.id, Some(new.id), false).await?;
    }
    Ok(())
}

/// What was set aside, or sleeps, is proposed again: two companies talked about it.
async fn come_back(tx: &mut Tx, scope: &Scope, title: &str, id: SynergyId) -> anyhow::Result<()> {
    let found = store::find(tx, scope, id).await?;
    if found.is_some_and(|synergy| synergy.state.allows(StepKind::Return)) {
        let changed = vec![format!(
            "Les entreprises en ont parlé pendant l’atelier «\u{a0}{title}\u{a0}»."
        )];
        known::keep_refusal(tx, id).await?;
        store::advance(tx, scope, id, Step::Return { changed }).await?;
    }
    Ok(())
}

/// What the idea had lifted comes back with it.
async fn restore(
    tx: &mut Tx,
    scope: &Scope,
    title: &str,
    (synergy, idea): (SynergyId, &Idea),
) -> anyhow::Result<()> {
    let Some(step) = known::refusal_to_restore(tx, synergy, idea.id).await? else {
        return Ok(());
    };
    let words = format!("l’idée de l’atelier «\u{a0}{title}\u{a0}» est retirée");
    tx.record(Event::on("synergy", synergy, words).within(scope.territory()))
        .await?;
    store::advance(tx, scope, synergy, step).await?;
    known::as_it_was(tx, synergy).await?;
    Ok(())
}

/// Under the key that the engine would give, so that a later search explains it instead of repeating it.
async fn proposal(tx: &mut Tx, scope: &Scope, title: &str, idea: &Idea) -> anyhow::Result<NewSynergy> {
    let need = flows::store::find(tx, scope, idea.taker_flow).await?;
    let words = need
        .as_ref()
        .map_or(idea.label.as_str(), |flow| flow.label.as_str());
    let kind = by_hand::kind(idea.category.as_deref());
    let note = format!("Idée notée pendant l’atelier «\u{a0}{title}\u{a0}».");
    let mut new = NewSynergy::by_hand(kind, Origin::Workshop, pair_title(&idea.label, words), note);
    new.key = by_hand::key(idea.giver_flow, idea.taker_flow);
    new.category.clone_from(&idea.category);
    new.distance_km = known::distance(tx, idea.giver_id, idea.taker_id).await?;
    let member = |establishment: EstablishmentId, flow, side| NewMember {
        establishment,
        flow: Some(flow),
        side,
        annual_quantity: None,
    };
    new.members = vec![
        member(idea.giver_id, idea.giver_flow, Side::Outbound),
        member(idea.taker_id, idea.taker_flow, Side::Inbound),
    ];
    Ok(new)
}
