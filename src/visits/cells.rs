//! The cells of a diagnostic: how a row of the grid reads, which of its cells cannot be understood,
//! and what to do with a value that was typed over another. Pure.

use crate::flows::{Certainty, Entry, Flow, FlowForm};
use crate::kernel::{Direction, Measure};
use crate::nomenclature::{Catalogue, FlowCode};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The columns of the grid, in the order of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Direction,
    Label,
    Category,
    Quantity,
    Certainty,
    Outlet,
}

impl Field {
    pub(super) const ALL: [Self; 6] = [
        Self::Direction,
        Self::Label,
        Self::Category,
        Self::Quantity,
        Self::Certainty,
        Self::Outlet,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Direction => "direction",
            Self::Label => "label",
            Self::Category => "category",
            Self::Quantity => "quantity",
            Self::Certainty => "certainty",
            Self::Outlet => "outlet",
        }
    }
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Direction => "Sens",
            Self::Label => "Flux",
            Self::Category => "Catégorie",
            Self::Quantity => "Quantité",
            Self::Certainty => "Origine",
            Self::Outlet => "Exutoire ou fournisseur",
        }
    }
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// The cell that a refusal of the flow's form is about.
    fn refused_by(name: &str) -> Self {
        match name {
            "unit" | "period" => Self::Quantity,
            name => Self::parse(name).unwrap_or(Self::Label),
        }
    }

    pub(super) fn of(self, row: &FlowForm) -> &str {
        match self {
            Self::Direction => &row.direction,
            Self::Label => &row.label,
            Self::Category => &row.category,
            Self::Quantity => &row.quantity,
            Self::Certainty => &row.certainty,
            Self::Outlet => &row.outlet,
        }
    }

    pub(super) fn set(self, row: &mut FlowForm, typed: &str) {
        let cell = match self {
            Self::Direction => &mut row.direction,
            Self::Label => &mut row.label,
            Self::Category => &mut row.category,
            Self::Quantity => &mut row.quantity,
            Self::Certainty => &mut row.certainty,
            Self::Outlet => &mut row.outlet,
        };
        typed.clone_into(cell);
    }

    /// Whether what cannot be understood must be corrected before the visit is validated. A quantity that
    /// begins with a number is kept in its words, and simply not estimated.
    pub(super) fn holds_back(self, typed: &str) -> bool {
        self != Self::Quantity || !Measure::begins_in(typed)
    }

    /// A value as a person reads it.
    pub(super) fn shown(self, typed: &str) -> String {
        let words = match self {
            Self::Direction => Direction::parse(typed).ok().map(|d| d.label().to_owned()),
            Self::Certainty => Certainty::parse(typed).map(|c| c.label().to_owned()),
            Self::Category => FlowCode::find(typed)
                .map(|code| format!("{code} {}", Catalogue::embedded().category(code).label)),
            Self::Label | Self::Quantity | Self::Outlet => None,
        };
        words.unwrap_or_else(|| if typed.is_empty() { "vide" } else { typed }.to_owned())
    }
}

/// The row of a flow: its quantity says number, unit and period in one cell.
pub(super) fn row_of(flow: &Flow) -> FlowForm {
    FlowForm {
        quantity: flow.measure().map_or_else(String::new, |measure| measure.cell()),
        unit: String::new(),
        period: String::new(),
        category_typed: String::new(),
        ..FlowForm::of(flow)
    }
}

/// A row nobody typed in.
pub(super) fn blank_row(direction: Direction, visit_on: NaiveDate) -> FlowForm {
    FlowForm {
        period: String::new(),
        ..FlowForm::blank(direction.word(), visit_on)
    }
}

/// What a row says, once read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Digest {
    /// None while the row has no name.
    pub(super) entry: Option<Entry>,
    /// A sentence by the cell that cannot be understood.
    pub(super) refused: BTreeMap<Field, String>,
}

/// Reads a row. A cell that cannot be understood is left as it was `before`, so that one mistake
/// holds back nothing else.
pub(super) fn digest(row: &FlowForm, before: &FlowForm) -> Digest {
    let mut kept = row.clone();
    let mut refused: BTreeMap<Field, String> = BTreeMap::new();
    loop {
        let errors = match kept.parse() {
            Ok(entry) => {
                return Digest {
                    entry: Some(entry),
                    refused,
                };
            }
            Err(errors) => errors,
        };
        for (name, sentence) in errors.summary() {
            let field = Field::refused_by(&name);
            if refused.insert(field, sentence).is_some() {
                return Digest { entry: None, refused };
            }
            field.set(&mut kept, field.of(before));
        }
    }
}

/// A value typed in a cell, as a page sends it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub(super) struct Patch {
    pub(super) row: Uuid,
    pub(super) field: String,
    pub(super) value: String,
    /// What the cell held when the page last heard of it.
    pub(super) base: String,
    pub(super) seq: i64,
}

/// The last write of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LastWrite {
    pub(super) typed: String,
    pub(super) client: Uuid,
    pub(super) seq: i64,
}

/// What becomes of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Write,
    /// A later patch of the same page already arrived.
    Late,
    /// Somebody else wrote something else meanwhile.
    Clash,
}

/// Compares a patch with what is stored. `same` says whether two texts mean the same.
pub(super) fn judge(
    patch: &Patch,
    client: Uuid,
    stored: &str,
    last: Option<&LastWrite>,
    same: impl Fn(&str, &str) -> bool,
) -> Verdict {
    let mine = last.filter(|last| last.client == client);
    if mine.is_some_and(|last| last.seq > patch.seq) {
        return Verdict::Late;
    }
    let is_mine = mine.is_some_and(|last| same(&last.typed, stored));
    if is_mine || same(stored, &patch.base) || same(stored, &patch.value) {
        Verdict::Write
    } else {
        Verdict::Clash
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, LastWrite, Patch, Verdict, blank_row, digest, judge};
    use crate::kernel::Direction;
    use chrono::NaiveDate;
    use uuid::Uuid;

    fn row(label: &str, quantity: &str) -> crate::flows::FlowForm {
        let day = NaiveDate::from_ymd_opt(2026, 11, 17).expect("a day");
        let mut row = blank_row(Direction::Outbound, day);
        Field::Label.set(&mut row, label);
        Field::Quantity.set(&mut row, quantity);
        row
    }

    #[test]
    fn a_mistake_in_a_cell_holds_back_nothing_else() {
        let read = digest(&row("Cartons", "beaucoup"), &row("", ""));
        let entry = read.entry.expect("a name and a direction make a flow");
        assert_eq!((entry.label.as_str(), entry.measure), ("Cartons", None));
        assert_eq!(read.refused.keys().collect::<Vec<_>>(), [&Field::Quantity]);
        let before = digest(&row("Cartons", "beaucoup"), &row("Cartons", "12 t/an"));
        assert!(before.entry.is_some_and(|entry| entry.measure.is_some()));
    }

    #[test]
    fn a_row_without_a_name_waits() {
        let read = digest(&row("", "12 t/an"), &row("", ""));
        assert!(read.entry.is_none() && read.refused.contains_key(&Field::Label));
        // Erasing a name keeps the flow as it was.
        let erased = digest(&row("", "12 t/an"), &row("Cartons", ""));
        assert!(erased.entry.is_some_and(|entry| entry.label == "Cartons"));
        assert!(erased.refused.contains_key(&Field::Label));
    }

    #[test]
    fn a_number_without_unit_takes_the_category_s() {
        assert!(
            digest(&row("Chutes de carton", "12"), &row("", ""))
                .refused
                .is_empty()
        );
        assert!(
            digest(&row("Zzyzx", "12"), &row("", ""))
                .refused
                .contains_key(&Field::Quantity)
        );
    }

    #[test]
    fn a_quantity_that_begins_with_a_number_holds_nothing_back() {
        for kept in ["40 par tournée", "12 brouettes", "une dizaine", "3 à 4 t"] {
            assert!(!Field::Quantity.holds_back(kept), "{kept}");
        }
        assert!(Field::Quantity.holds_back("beaucoup"));
        assert!(Field::Label.holds_back("12"));
    }

    #[test]
    fn every_cell_is_found_by_its_name() {
        for field in Field::ALL {
            assert_eq!(Field::parse(field.name()), Some(field));
            let mut typed = row("", "");
            field.set(&mut typed, "x");
            assert_eq!(field.of(&typed), "x");
        }
        assert_eq!(Field::parse("version"), None);
    }

    const ME: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn verdict(base: &str, value: &str, seq: i64, stored: &str, last: Option<(Uuid, i64, &str)>) -> Verdict {
        let patch = Patch {
            row: Uuid::nil(),
            field: "outlet".to_owned(),
            value: value.to_owned(),
            base: base.to_owned(),
            seq,
        };
        let last = last.map(|(client, seq, typed)| LastWrite {
            typed: typed.to_owned(),
            client,
            seq,
        });
        judge(&patch, ME, stored, last.as_ref(), |a, b| a == b)
    }

    #[test]
    fn only_somebody_else_s_different_value_clashes() {
        assert_eq!(verdict("a", "b", 1, "a", None), Verdict::Write);
        assert_eq!(verdict("a", "b", 1, "b", Some((OTHER, 9, "b"))), Verdict::Write);
        assert_eq!(verdict("a", "b", 1, "c", Some((OTHER, 9, "c"))), Verdict::Clash);
        assert_eq!(verdict("a", "b", 1, "c", None), Verdict::Clash);
    }

    #[test]
    fn a_page_knows_its_own_writes() {
        // The answer to « b » was lost; « c » follows, from the same base.
        assert_eq!(verdict("a", "c", 2, "b", Some((ME, 1, "b"))), Verdict::Write);
        // « b » arrives again after « c ».
        assert_eq!(verdict("a", "b", 1, "c", Some((ME, 2, "c"))), Verdict::Late);
        // Sent twice.
        assert_eq!(verdict("a", "b", 1, "b", Some((ME, 1, "b"))), Verdict::Write);
        // Mine, but changed since by another way.
        assert_eq!(verdict("a", "c", 2, "d", Some((ME, 1, "b"))), Verdict::Clash);
    }
}
