//! What a company asks for in its space, and an advisor decides: a correction of its flows, the erasure
//! of its data. Pure.

use crate::flows::{Certainty, Flow, FlowSource};
use crate::kernel::Measure;
use crate::kernel::ids::{CorrectionId, EstablishmentId, FlowId, TerritoryId};
use crate::kernel::words::words;
use crate::kernel::{Direction, Period, Unit, format_number};
use chrono::NaiveDate;

words! {
    /// Where a correction stands.
    CorrectionState "correction_state" {
        Pending "pending" "à l’étude",
        Accepted "accepted" "acceptée",
        Refused "refused" "refusée",
    }
}

impl CorrectionState {
    pub fn css(self) -> &'static str {
        match self {
            Self::Pending => "hot",
            Self::Accepted => "ok",
            Self::Refused => "",
        }
    }
}

/// What a correction is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    Flow(FlowId),
    Missing { label: String, direction: Direction },
}

/// A correction, as a company asks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub id: CorrectionId,
    pub subject: Subject,
    pub measure: Option<Measure>,
    pub is_gone: bool,
    pub comment: Option<String>,
}

/// « 3,2 t par mois »; none when nobody knows.
pub(super) fn amount(quantity: Option<f64>, unit: Option<&str>, period: Option<Period>) -> Option<String> {
    let unit = Unit::find(unit?)?;
    Some(format!(
        "{}\u{a0}{} {}",
        format_number(quantity?, 2),
        unit.symbol(),
        period?.label()
    ))
}

/// The flow once corrected: what the company says is declared, as of that day.
pub(super) fn corrected(flow: &Flow, measure: Option<Measure>, on: NaiveDate) -> Flow {
    let mut after = flow.clone();
    if let Some(measure) = measure {
        after.quantity = Some(measure.quantity);
        after.unit = Some(measure.unit.code().to_owned());
        after.period = Some(measure.period);
        after.certainty = Certainty::Declared;
    }
    after.confirmed_on = Some(on);
    after.normalise();
    after
}

/// A flow that nobody had recorded, to be classified by the advisor.
pub(super) fn discovered(
    of: (TerritoryId, EstablishmentId),
    (label, direction): (String, Direction),
    measure: Option<Measure>,
    on: NaiveDate,
) -> Flow {
    Flow {
        quantity: measure.map(|m| m.quantity),
        unit: measure.map(|m| m.unit.code().to_owned()),
        period: measure.map(|m| m.period),
        source: FlowSource::Portal,
        ..Flow::told(of, direction, label, on)
    }
}
