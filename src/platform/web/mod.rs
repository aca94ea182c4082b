//! Pages and forms: guarded routes, the frame around every page, errors, French formats, static
//! files and the HTTP server itself.

pub mod assets;
pub mod charts;
pub mod columns;
mod errors;
mod extract;
pub mod filters;
mod flash;
mod forms;
mod frame;
mod kept;
mod merge;
mod routes;
pub mod server;
mod stack;
mod upload;

pub use assets::asset;
pub use columns::{Chosen, Column, Picker};
pub use errors::{AppError, OptionExt, Result};
pub use extract::{ClientAddress, Form, Path, Query, UserAgent};
pub use flash::Done;
pub use forms::{Choice, Errors, checked, clean, optional};
pub use frame::{
    Menu, MenuItem, MenuSection, MenuSource, Page, Shell, ShellUser, TerritoryChoice, Viewer, set_session,
};
pub use kept::{kept_for, wiped, wiped_unless_of};
pub use merge::{Clash, Merge, merged_set};
pub use routes::{Route, Routes, encoded, escaped, fill};
pub use stack::dress;
pub use upload::base_name;
