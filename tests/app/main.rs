//! The tests of the whole application, in one binary: the real router, the real database, a real
//! browser.

#![expect(clippy::unwrap_used, reason = "tests may panic")]
#![expect(clippy::too_many_lines, reason = "a test reads as one story")]

mod access;
mod accounts;
mod administration;
mod architecture;
mod boards;
mod browser;
mod by_hand;
mod canary;
mod companies;
mod contact;
mod dashboards;
mod directory;
mod documents;
mod entry;
mod exchange;
mod factors;
mod flows;
mod groups;
mod inbox;
mod indicators;
mod lists;
mod mail;
mod neighbours;
mod portal;
mod programmes;
mod prospects;
mod publication;
mod quality;
mod relays;
mod schema;
mod support;
mod synergies;
mod synergies_life;
mod visits;
mod vocabulary;
mod why;
mod workshops;
