//! Which column is where: the first line of a table against its format.

use std::collections::BTreeMap;

use super::{Column, NetworkError};
use crate::kernel::fold;

/// Ranks of the known columns.
#[derive(Debug)]
pub(super) struct Columns {
    ranks: BTreeMap<&'static str, usize>,
    pub ignored: Vec<String>,
}

impl Columns {
    pub(super) fn of(header: &[String], format: &[Column]) -> Result<Self, NetworkError> {
        let mut columns = Self {
            ranks: BTreeMap::new(),
            ignored: Vec::new(),
        };
        for (rank, title) in header.iter().enumerate().filter(|(_, title)| !title.is_empty()) {
            let title_folded = fold(title);
            let known = |name: &str| fold(name) == title_folded;
            match format
                .iter()
                .find(|column| known(column.name) || column.also.iter().any(|name| known(name)))
            {
                Some(column) if columns.ranks.insert(column.name, rank).is_some() => {
                    return Err(NetworkError::TwiceTheColumn(column.name));
                }
                Some(_) => {}
                None => columns.ignored.push(title.clone()),
            }
        }
        match format
            .iter()
            .find(|column| column.required && !columns.ranks.contains_key(column.name))
        {
            Some(missing) => Err(NetworkError::MissingColumn(missing.name)),
            None => Ok(columns),
        }
    }

    /// The cells that hold something, with their columns.
    pub(super) fn texts<'a>(&'a self, cells: &'a [String]) -> impl Iterator<Item = (&'static str, &'a str)> {
        let known = self.ranks.iter();
        known
            .filter_map(|(name, rank)| Some((*name, cells.get(*rank)?.as_str())))
            .filter(|(_, text)| !text.is_empty())
    }
}
