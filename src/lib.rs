//! Maillage, in floor order: a module names only what stands below it.

pub mod kernel;
pub mod nomenclature;

pub mod engine;
pub mod platform;

pub mod territories;

pub mod lists;

pub mod accounts;

pub mod comments;

pub mod companies;
pub mod programmes;

pub mod flows;

pub mod visits;
pub mod workshops;

pub mod synergies;

pub mod indicators;
pub mod neighbours;
pub mod portal;
pub mod prospects;

pub mod administration;
pub mod dashboards;
pub mod exchange;

pub mod reports;

pub mod app;
pub mod cli;
