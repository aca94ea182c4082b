//! A few journeys in a real browser: what needs one, and what is worth seeing whole.

mod boards;
mod capture;
mod entry;
mod journey;
mod offline;
mod public;
mod story;
mod triage;
