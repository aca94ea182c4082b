//! Who studies what: rules that name the kind of advisor a proposal is for, what each advisor has in
//! hand, absences, and giving away all that one holds.

pub(super) mod model;
pub(super) mod rules;
pub(super) mod store;
pub(super) mod suggestion;
pub(super) mod team;
