//! Edits of the board: a flow put or taken away, a site put. Shelves follow, numbers stay.
//!
//! A key keeps its number for ever, so that a flow taken away and put back is the same to whoever
//! remembers it. What is added gets the next numbers, out of the order of the keys: the order of an answer
//! is that of the keys, never of the numbers.

use std::collections::BTreeMap;

use super::column::{Held, number};
use super::facts::{Flow, Key, Site};
use super::prepare::Board;
use super::shelves::{Place, Shelves, entry, places};
use crate::kernel::Direction;

/// Numbers of what edits have added, by key; what comes before them is in the order of the keys.
#[derive(Debug, Default)]
pub(super) struct Added {
    first_site: usize,
    first_flow: usize,
    sites: BTreeMap<Key, usize>,
    flows: BTreeMap<Key, usize>,
}

impl Added {
    pub(super) fn after(sites: usize, flows: usize) -> Self {
        Self {
            first_site: sites,
            first_flow: flows,
            ..Self::default()
        }
    }
}

impl Board<'_> {
    /// The number of a flow, there or taken away.
    pub(super) fn known_number(&self, flow: &Key) -> Option<usize> {
        let first = &self.flows[..self.added.first_flow.min(self.flows.len())];
        let found = first.binary_search_by(|held| held.key.cmp(flow)).ok();
        found.or_else(|| self.added.flows.get(flow).copied())
    }

    pub(super) fn site_number(&self, site: &Key) -> Option<usize> {
        let first = &self.sites[..self.added.first_site];
        let found = first.binary_search_by(|held| held.key.cmp(site)).ok();
        found.or_else(|| self.added.sites.get(site).copied())
    }

    /// Files the inbound flows by label too, whatever the outbound ones become.
    pub(super) fn file_by_label(&mut self) {
        self.into = Shelves::of(self, Direction::Inbound, true, &|_| 0.0);
    }

    /// Files the outbound flows, which only edits look for, with the score from which another partner
    /// interests each.
    pub(super) fn file_outbound(&mut self, floor: &(dyn Fn(usize) -> f32 + Sync)) {
        self.out = Shelves::of(self, Direction::Outbound, true, floor);
    }

    /// Puts a flow on a known site, where nothing stands under its number; gives the number.
    pub(super) fn put_flow(&mut self, flow: Flow, site: usize) -> usize {
        let read = self.read(&flow, number(site));
        let known = self.known_number(&flow.key);
        let id = known.unwrap_or(self.flows.len());
        if known.is_some() {
            self.reads[id] = read;
            self.flows[id] = Held::Own(Box::new(flow));
        } else {
            self.added.flows.insert(flow.key.clone(), id);
            self.reads.push(read);
            self.flows.push(Held::Own(Box::new(flow)));
        }
        self.by_site[site].push(number(id));
        id
    }

    /// Takes a flow away.
    pub(super) fn drop_flow(&mut self, id: usize) {
        let site = self.item(id).site;
        self.by_site[site].retain(|flow| *flow as usize != id);
        self.reads[id].gone = true;
    }

    /// Puts a site, new or changed; its flows must not be filed meanwhile.
    pub(super) fn put_site(&mut self, site: Site) -> usize {
        let place = self.locate(&site);
        if let Some(id) = self.site_number(&site.key) {
            self.places[id] = place;
            self.sites[id] = Held::Own(Box::new(site));
            return id;
        }
        let id = self.sites.len();
        self.added.sites.insert(site.key.clone(), id);
        self.places.push(place);
        self.sites.push(Held::Own(Box::new(site)));
        self.by_site.push(Vec::new());
        id
    }

    /// Files a flow, with the score from which another partner interests it.
    pub(super) fn file(&mut self, id: usize, floor: f32) {
        for (place, entry) in self.standing(id, floor) {
            let side = self.side_of(id);
            side.add(place, entry);
        }
    }

    /// Takes a flow off its shelves.
    pub(super) fn unfile(&mut self, id: usize) {
        for (place, entry) in self.standing(id, 0.0) {
            let side = self.side_of(id);
            side.remove(place, &entry);
        }
    }

    /// Changes the score from which another partner interests a filed flow.
    pub(super) fn refile(&mut self, id: usize, floor: f32) {
        for (place, entry) in self.standing(id, floor) {
            let side = self.side_of(id);
            side.replace(place, entry);
        }
    }

    fn side_of(&mut self, id: usize) -> &mut Shelves {
        match self.item(id).flow.direction {
            Direction::Outbound => &mut self.out,
            Direction::Inbound => &mut self.into,
        }
    }

    fn standing(&self, id: usize, floor: f32) -> Vec<(Place, super::summary::Entry)> {
        let item = self.item(id);
        let places = places(self, &item, true).into_iter();
        places
            .map(|place| {
                let entry = entry(self, &item, place, floor);
                (place, entry)
            })
            .collect()
    }
}
