//! Read models of the administrator's screens; writing accounts is `accounts::store`.

mod journal;
mod people;
mod tasks;

pub(super) use journal::{JournalFilter, JournalLine, lines};
pub(super) use people::{
    CompanyRow, Held, PeopleFilter, Person, PersonRow, companies, companies_called, people, person,
    search_companies, snapshot,
};
pub(super) use tasks::{TaskRow, failed, tasks};
