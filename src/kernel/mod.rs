//! Words shared by every module: identities, time, places, quantities, text.
//!
//! The lowest floor, with the nomenclature. Pure: no web framework, no runtime, no file, no SQL
//! text; a type may only say how the database names it.

pub mod clock;
pub mod day;
pub mod direction;
pub mod hour;
pub mod ical;
pub mod ids;
pub mod measure;
pub mod minutes;
pub mod months;
pub mod number;
pub mod period;
pub mod position;
pub mod quantity;
pub mod siret;
pub mod text;
pub mod unit;
pub mod words;

pub use day::{NotADay, next_day, parse_day, typed_day};
pub use direction::Direction;
pub use hour::{hour, parse_hour};
pub use measure::Measure;
pub use minutes::{NoDuration, format_minutes, parse_minutes};
pub use months::Months;
pub use number::{NotANumber, format_euros, format_km, format_number, parse_decimal, synergy_code};
pub use period::Period;
pub use position::Position;
pub use quantity::{Density, annual};
pub use siret::{Siren, Siret};
pub use text::fold;
pub use unit::Unit;
