//! « À confirmer avec l’entreprise »: flows that its activity lets us presume, offered in the diagnostic.
//! Confirming types a row like any other; dismissing is remembered by the next deductions.

use super::cells::{Field, Patch, blank_row};
use super::model::{chance_words, label, span_words, two_figures};
use super::store;
use super::store::presumed::Presumed;
use crate::companies::changes::SitesChanged;
use crate::flows::Certainty;
use crate::kernel::Direction;
use crate::kernel::ids::VisitId;
use crate::nomenclature::{Catalogue, FlowCode};
use crate::platform::access::{Scope, Staff};
use crate::platform::jobs;
use crate::platform::web::{OptionExt, Result};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// One of them, as the page offers it.
pub(super) struct Offer {
    /// The row that it becomes: confirmed twice, it is there once.
    pub(super) row: Uuid,
    of: Presumed,
}

impl Offer {
    pub(super) fn label(&self) -> &'static str {
        label(self.of.code)
    }
    pub(super) fn code(&self) -> &'static str {
        self.of.code.as_str()
    }
    pub(super) fn family(&self) -> &'static str {
        self.of.code.family().css()
    }
    pub(super) fn is_outbound(&self) -> bool {
        self.of.direction == Direction::Outbound
    }
    pub(super) fn direction(&self) -> &'static str {
        self.of.direction.word()
    }
    pub(super) fn certainty(&self) -> &'static str {
        Certainty::OrderOfMagnitude.code()
    }
    /// « probable · entre 20 et 180 t par an ».
    pub(super) fn words(&self) -> String {
        let span = span_words(self.of.code, self.of.low.zip(self.of.high));
        let parts = [Some(chance_words(self.of.probability).to_owned()), span];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }
    pub(super) fn why(&self) -> &str {
        &self.of.why
    }
    /// « 63 t/an », to be corrected by whoever knows.
    pub(super) fn quantity(&self) -> String {
        quantity(&self.of)
    }
    pub(super) fn confirm(&self) -> String {
        format!("confirmer:{}:{}:{}", self.row, self.of.code, self.direction())
    }
    pub(super) fn dismiss(&self) -> String {
        format!("ecarter:{}:{}", self.of.code, self.direction())
    }
}

fn quantity(of: &Presumed) -> String {
    let unit = Catalogue::embedded().category(of.code).unit.symbol();
    let central = of.central.map(two_figures);
    central.map_or_else(String::new, |central| format!("{central} {unit}/an"))
}

/// How many times one may be confirmed and deleted in a visit.
const MOST_TURNS: u8 = 20;

/// The same for everybody who opens the visit: two people who confirm it make one flow.
fn row_of(visit: VisitId, of: &Presumed, turn: u8) -> Uuid {
    let words = format!("presumed:{visit}:{}:{}:{turn}", of.code, of.direction.word());
    let digest: [u8; 32] = Sha256::digest(words).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// What is presumed and not recorded, for a visit that records.
pub(super) async fn offers(me: &Staff, visit: &super::Visit) -> Result<Vec<Offer>> {
    if visit.status != super::VisitStatus::Done {
        return Ok(Vec::new());
    }
    let found =
        store::presumed::presumed(&mut *me.read().await?, &me.scope()?, visit.establishment_id).await?;
    let mut offers: Vec<Offer> = found
        .into_iter()
        .map(|of| Offer {
            row: row_of(visit.id, &of, 0),
            of,
        })
        .collect();
    // One that was confirmed and then deleted becomes another row.
    for turn in 1..=MOST_TURNS {
        let rows: Vec<Uuid> = offers.iter().map(|offer| offer.row).collect();
        let taken =
            store::entry::rows_elsewhere(&mut *me.read().await?, visit.establishment_id, &rows).await?;
        if taken.is_empty() {
            break;
        }
        for offer in offers.iter_mut().filter(|offer| taken.contains(&offer.row)) {
            offer.row = row_of(visit.id, &offer.of, turn);
        }
    }
    Ok(offers)
}

/// The cells that confirming one types.
pub(super) async fn confirmed(
    me: &Staff,
    visit: &super::Visit,
    (row, code, direction): (Uuid, FlowCode, Direction),
) -> Result<Vec<Patch>> {
    let found =
        store::presumed::presumed(&mut *me.read().await?, &me.scope()?, visit.establishment_id).await?;
    let quantity = found
        .iter()
        .find(|one| one.code == code && one.direction == direction)
        .map(quantity)
        .unwrap_or_default();
    let blank = blank_row(Direction::Outbound, visit.visit_on);
    let said = [
        (Field::Direction, direction.word().to_owned()),
        (Field::Label, label(code).to_owned()),
        (Field::Category, code.to_string()),
        (Field::Quantity, quantity),
        (Field::Certainty, Certainty::OrderOfMagnitude.code().to_owned()),
    ];
    let said = said.into_iter().zip(1..);
    let differs = |((field, value), _): &((Field, String), i64)| field.of(&blank) != value;
    Ok(said
        .filter(differs)
        .map(|((field, value), seq)| Patch {
            row,
            field: field.name().to_owned(),
            value,
            base: field.of(&blank).to_owned(),
            seq,
        })
        .collect())
}

/// « Ce n’est pas le cas ici »; gives the name of what is no longer presumed.
pub(super) async fn dismissed(
    me: &Staff,
    scope: &Scope,
    id: VisitId,
    (code, direction): (FlowCode, Direction),
) -> Result<String> {
    me.transact(async |tx| -> Result<()> {
        let visit = store::find(tx, scope, id).await?.or_not_found()?;
        let line = (visit.establishment_id, code, direction);
        if store::presumed::dismiss(tx, scope, line).await? {
            let territory = visit.territory_id;
            jobs::enqueue(tx, &SitesChanged { territory }).await?;
        }
        Ok(())
    })
    .await?;
    Ok(label(code).to_owned())
}
