//! The calendar by quarter, as the founding document draws it, with what is done.

use super::{Programme, Task};
use crate::platform::web::filters::long_day;
use chrono::{Datelike, Months, NaiveDate};

/// The table of the calendar: quarters across, tasks down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub quarters: Vec<Quarter>,
    pub rows: Vec<Row>,
}

/// Three months, counted from the start of the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quarter {
    /// Of the programme, from 1.
    pub year: usize,
    /// Of the year, from 1.
    pub rank: usize,
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
}

/// One task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub task: Task,
    /// One per quarter.
    pub cells: Vec<Cell>,
}

/// What a task is in a quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    Nothing,
    Planned,
    /// Begun, not over.
    Partly,
    Done,
}

impl Cell {
    pub fn label(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Planned => "prévu",
            Self::Partly => "en cours",
            Self::Done => "fait",
        }
    }
    pub fn css(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Planned => "plan",
            Self::Partly => "part",
            Self::Done => "done",
        }
    }
}

/// No calendar is longer: ten years.
const LONGEST: usize = 40;

impl Calendar {
    pub fn of(programme: &Programme, tasks: &[Task]) -> Self {
        let start = programme.starts_on.with_day(1).unwrap_or(programme.starts_on);
        let ends_on = tasks
            .iter()
            .map(|task| task.ends_on)
            .fold(programme.ends_on, NaiveDate::max);
        let mut quarters = Vec::new();
        let mut from = start;
        while from <= ends_on && quarters.len() < LONGEST {
            let Some(to) = from.checked_add_months(Months::new(3)) else {
                break;
            };
            let rank = quarters.len();
            quarters.push(Quarter {
                year: rank / 4 + 1,
                rank: rank % 4 + 1,
                from,
                to,
            });
            from = to;
        }
        let rows = tasks
            .iter()
            .map(|task| Row {
                cells: quarters.iter().map(|quarter| quarter.cell(task)).collect(),
                task: task.clone(),
            })
            .collect();
        Self { quarters, rows }
    }

    /// The years of the programme with how many quarters each has, for the head of the table.
    pub fn years(&self) -> Vec<(usize, usize)> {
        let mut years: Vec<(usize, usize)> = Vec::new();
        for quarter in &self.quarters {
            match years.last_mut() {
                Some((year, count)) if *year == quarter.year => *count += 1,
                _ => years.push((quarter.year, 1)),
            }
        }
        years
    }
}

impl Quarter {
    fn cell(&self, task: &Task) -> Cell {
        if task.starts_on >= self.to || task.ends_on < self.from {
            return Cell::Nothing;
        }
        let last = self.to.pred_opt().unwrap_or(self.to).min(task.ends_on);
        match task.done_until {
            Some(done) if done >= last => Cell::Done,
            Some(done) if done >= self.from => Cell::Partly,
            Some(_) | None => Cell::Planned,
        }
    }

    pub fn holds(&self, day: &NaiveDate) -> bool {
        self.from <= *day && *day < self.to
    }

    /// « du 1er avril 2018 au 30 juin 2018 ».
    pub fn words(&self) -> String {
        let last = self.to.pred_opt().unwrap_or(self.to);
        format!("du {} au {}", long_day(self.from), long_day(last))
    }
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Cell};
    use crate::kernel::ids::{ProgrammeId, TaskId, TerritoryId};
    use crate::programmes::model::{Programme, Task};
    use chrono::NaiveDate;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn quarters_follow_the_programme_and_cells_say_what_is_done() {
        let programme = Programme {
            id: ProgrammeId::fresh(),
            territory_id: TerritoryId::fresh(),
            name: "Essai".to_owned(),
            starts_on: day(2018, 4, 1),
            ends_on: day(2019, 6, 30),
            version: 1,
        };
        let task = Task {
            id: TaskId::fresh(),
            title: "Collecte".to_owned(),
            starts_on: day(2018, 7, 1),
            ends_on: day(2019, 3, 31),
            done_until: Some(day(2018, 11, 15)),
            rank: 1,
            version: 1,
        };
        let calendar = Calendar::of(&programme, &[task]);
        assert_eq!(calendar.years(), [(1, 4), (2, 1)]);
        assert_eq!(calendar.quarters[0].words(), "du 1er avril 2018 au 30 juin 2018");
        assert_eq!(
            calendar.rows[0].cells,
            [
                Cell::Nothing,
                Cell::Done,
                Cell::Partly,
                Cell::Planned,
                Cell::Nothing
            ]
        );
        assert!(calendar.quarters[2].holds(&day(2018, 12, 31)));
    }
}
