//! An establishment and a flow as one line of a file: the columns of the exports, which are those
//! that an import reads back and compares. Depends on the models of companies and flows.

mod flows;
mod sites;

pub use flows::{FLOW_COLUMNS, FlowLine, form_word};
pub use sites::{SITE_COLUMNS, SiteLine};

use super::cell::{Column, Role};
use serde::{Deserialize, Serialize};

/// A value that an import changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub column: String,
    pub before: String,
    pub after: String,
}

/// What differs between two states of a line, among the columns that an import reads.
pub fn changes<R>(columns: &[Column<R>], before: &R, after: &R) -> Vec<Change> {
    columns
        .iter()
        .filter(|column| column.role == Role::Imported)
        .filter_map(|column| {
            let (before, after) = ((column.value)(before).plain(), (column.value)(after).plain());
            (before != after).then(|| Change {
                column: column.title.to_owned(),
                before,
                after,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{FLOW_COLUMNS, SITE_COLUMNS};
    use crate::exchange::cell::Role;
    use crate::exchange::network::Table;

    #[test]
    fn an_import_knows_every_column_that_it_reads_back_and_no_other() {
        let sites = SITE_COLUMNS
            .iter()
            .map(|column| (Table::Sites, column.title, column.role));
        let flows = FLOW_COLUMNS
            .iter()
            .map(|column| (Table::Flows, column.title, column.role));
        for (table, title, role) in sites.chain(flows) {
            let is_read = table.columns().any(|known| known == title);
            assert_eq!(is_read, role == Role::Imported, "{table} {title}");
        }
    }
}
