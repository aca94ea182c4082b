//! What is typed on the feasibility sheet, as text, and how it is read.

use crate::kernel::{format_number, parse_decimal};
use crate::nomenclature::regulation::Point;
use crate::platform::web::{Errors, optional};
use crate::synergies::model::{Axis, Checked, Grade, Grid, NotFeasible, Readiness, Wanted};
use crate::synergies::store::study::{Answer, Known, Sheet, Study};
use crate::synergies::typed::Typed;

/// What was typed, by name: `technical`, `technical_comment`, `point_icpe`, `giver_gain`…
#[derive(Debug, Default, Clone, serde::Deserialize)]
pub(in crate::synergies) struct StudyForm {
    #[serde(flatten)]
    pub(super) typed: Typed,
}

const LONGEST: usize = 2_000;
const TOO_LONG: &str = "Raccourcissez ce texte\u{a0}: 2\u{a0}000 caractères au plus.";

pub(super) fn comment_of(axis: Axis) -> String {
    format!("{}_comment", axis.code())
}
pub(super) fn answer_to(point: &Point) -> String {
    format!("point_{}", point.code)
}
pub(super) fn note_on(point: &Point) -> String {
    format!("note_{}", point.code)
}

/// A number, and where it comes from: the names of both fields.
const MONEY: [(&str, &str); 3] = [
    ("investment", "investment_source"),
    ("giver_gain", "giver_source"),
    ("receiver_gain", "receiver_source"),
];

impl StudyForm {
    pub(super) fn of(sheet: &Sheet) -> Self {
        let mut typed = Typed::default();
        for (axis, grade, comment) in &sheet.grid {
            typed.set(axis.code().to_owned(), grade.code().to_owned());
            typed.set(comment_of(*axis), comment.clone().unwrap_or_default());
        }
        for answer in &sheet.answers {
            typed.set(format!("point_{}", answer.point), answer.answer.code().to_owned());
            typed.set(
                format!("note_{}", answer.point),
                answer.note.clone().unwrap_or_default(),
            );
        }
        let study = &sheet.study;
        if let Some(readiness) = study.readiness {
            typed.set("readiness".to_owned(), readiness.code().to_owned());
        }
        for ((number, source), known) in MONEY
            .iter()
            .zip([&study.investment, &study.giver, &study.receiver])
        {
            if let Some(known) = known {
                let digits = format_number(known.value, 2)
                    .replace('\u{a0}', "")
                    .replace('−', "-");
                typed.set((*number).to_owned(), digits);
                typed.set((*source).to_owned(), known.source.clone());
            }
        }
        Self { typed }
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.typed.get(name)
    }

    /// The fields of a sheet that raises those points, with the name by which a conflict calls them.
    pub(super) fn names(points: &[&Point]) -> Vec<(String, String)> {
        let mut names = Vec::new();
        for axis in Axis::ALL {
            names.push((axis.code().to_owned(), axis.label().to_owned()));
            names.push((comment_of(*axis), format!("{}, commentaire", axis.label())));
        }
        for point in points {
            names.push((answer_to(point), point.title.clone()));
            names.push((note_on(point), format!("{}, note", point.title)));
        }
        for ((number, source), label) in MONEY.iter().zip([
            "Investissement",
            "Gain du donneur ou du groupe",
            "Gain du receveur",
        ]) {
            names.push(((*number).to_owned(), label.to_owned()));
            names.push(((*source).to_owned(), format!("{label}, source")));
        }
        names.push(("readiness".to_owned(), "Maturité".to_owned()));
        names
    }

    /// A remark without the judgement it explains would be lost.
    fn orphans(&self, points: &[&Point], errors: &mut Errors) {
        let is_blank = |name: &str| self.get(name).trim().is_empty();
        for axis in Axis::ALL {
            if Grade::parse(self.get(axis.code())).is_none() && !is_blank(&comment_of(*axis)) {
                errors.add(
                    axis.code(),
                    "Jugez cet axe («\u{a0}à vérifier\u{a0}» convient), ou effacez son commentaire.",
                );
            }
        }
        for point in points {
            if Checked::parse(self.get(&answer_to(point))).is_none() && !is_blank(&note_on(point)) {
                errors.add(
                    answer_to(point),
                    "Répondez à ce point («\u{a0}à vérifier\u{a0}» convient), ou effacez sa note.",
                );
            }
        }
        for (number, source) in MONEY {
            if is_blank(number) && !is_blank(source) {
                errors.add(
                    number,
                    "Indiquez le chiffre dont vous donnez la source, ou effacez la source.",
                );
            }
        }
    }

    /// Everything that is on the sheet, judged or not.
    pub(super) fn read(&self, points: &[&Point]) -> Result<Sheet, Errors> {
        let mut errors = Errors::default();
        for (name, text) in self.typed.iter() {
            if text.chars().count() > LONGEST {
                errors.add(name.clone(), TOO_LONG);
            }
        }
        self.orphans(points, &mut errors);
        let grid = Axis::ALL.iter().filter_map(|axis| {
            let grade = Grade::parse(self.get(axis.code()))?;
            Some((*axis, grade, optional(self.get(&comment_of(*axis)))))
        });
        let answers = points.iter().filter_map(|point| {
            let answer = Checked::parse(self.get(&answer_to(point)))?;
            let note = optional(self.get(&note_on(point)));
            Some(Answer {
                point: point.code.clone(),
                answer,
                note,
            })
        });
        let [investment, giver, receiver] = MONEY.map(|names| self.known(&mut errors, names));
        let sheet = Sheet {
            grid: grid.collect(),
            answers: in_order(answers.collect()),
            study: Study {
                readiness: Readiness::parse(self.get("readiness")),
                investment,
                giver,
                receiver,
            },
        };
        if errors.is_empty() { Ok(sheet) } else { Err(errors) }
    }

    /// A figure that replaces the engine's says where it comes from.
    fn known(&self, errors: &mut Errors, (number, source): (&'static str, &'static str)) -> Option<Known> {
        let typed = self.get(number).trim();
        if typed.is_empty() {
            return None;
        }
        let value = match typed.strip_prefix(['-', '−']).filter(|_| number != "investment") {
            Some(rest) => errors.take(number, parse_decimal(rest)).map(|value| -value),
            None => errors.take(number, parse_decimal(typed)),
        };
        let origin = optional(self.get(source));
        if origin.is_none() {
            errors.add(
                source,
                "Dites d’où vient ce chiffre\u{a0}: devis, facture, entretien avec l’entreprise.",
            );
        }
        Some(Known {
            value: value?,
            source: origin?,
        })
    }
}

/// How a value of the sheet reads: the label of a choice, else what was typed.
pub(super) fn reading(value: &str) -> String {
    let label = Grade::parse(value)
        .map(Grade::label)
        .or_else(|| Checked::parse(value).map(Checked::label))
        .or_else(|| Readiness::parse(value).map(Readiness::label));
    label.unwrap_or(value).to_owned()
}

/// The study may be closed: six axes judged, none blocking, and the law really looked at.
pub(super) fn complete(sheet: &Sheet, points: &[&Point]) -> Result<Grid, Errors> {
    let mut errors = Errors::default();
    let judged = |axis: Axis| sheet.grid.iter().find(|(known, ..)| *known == axis);
    let open = points.iter().find(|point| {
        let answer = sheet.answers.iter().find(|answer| answer.point == point.code);
        answer.is_none_or(|answer| answer.answer == Checked::ToCheck)
    });
    if let (Some((_, Grade::Green, _)), Some(point)) = (judged(Axis::Regulatory), open) {
        let sentence = format!(
            "Un contrôle reste à faire («\u{a0}{}\u{a0}»)\u{a0}: cet axe ne peut pas encore être acquis.",
            point.title
        );
        errors.add(Axis::Regulatory.code(), sentence);
    }
    let lines = Axis::ALL.iter().map(|axis| {
        let known = judged(*axis);
        let grade = known.map(|(_, grade, _)| *grade);
        (*axis, grade, known.and_then(|(_, _, comment)| comment.clone()))
    });
    match Grid::new(Wanted::All, lines.collect()) {
        Ok(grid) if errors.is_empty() => Ok(grid),
        Ok(_) => Err(errors),
        Err(refused) => {
            for refusal in refused {
                errors.add(NotFeasible::axis(refusal).code(), refusal.to_string());
            }
            Err(errors)
        }
    }
}

/// As the database gives them back, so that an unchanged sheet is known as such.
fn in_order(mut answers: Vec<Answer>) -> Vec<Answer> {
    answers.sort_by(|a, b| a.point.cmp(&b.point));
    answers
}

#[cfg(test)]
mod tests {
    use super::{StudyForm, complete};
    use crate::nomenclature::regulation::Exchange;

    fn typed(fields: &[(&str, &str)]) -> StudyForm {
        let mut form = StudyForm::default();
        for (name, value) in fields {
            form.typed.set(*name, *value);
        }
        form
    }

    const GREEN: [(&str, &str); 6] = [
        ("technical", "green"),
        ("economic", "green"),
        ("regulatory", "green"),
        ("organisational", "green"),
        ("geographic", "green"),
        ("social", "green"),
    ];

    #[test]
    fn a_study_is_over_when_six_axes_are_judged_and_none_blocks() {
        let sheet = typed(&GREEN).read(&[]).unwrap();
        assert!(complete(&sheet, &[]).is_ok());
        let mut fields = GREEN;
        fields[4].1 = "red";
        fields[5].1 = "";
        let errors = complete(&typed(&fields).read(&[]).unwrap(), &[]).unwrap_err();
        assert!(errors.has("social") && errors.has("geographic"));
        assert_eq!(errors.summary().len(), 2);
    }

    #[test]
    fn the_law_is_not_settled_while_a_point_is_to_be_checked() {
        let points = Exchange::default().points();
        let sheet = typed(&GREEN).read(&points).unwrap();
        assert!(complete(&sheet, &points).unwrap_err().has("regulatory"));
        let mut fields = GREEN.to_vec();
        fields.push(("point_insurance", "checked"));
        assert!(complete(&typed(&fields).read(&points).unwrap(), &points).is_ok());
        let mut fields = GREEN.to_vec();
        fields[2].1 = "orange";
        assert!(complete(&typed(&fields).read(&points).unwrap(), &points).is_ok());
    }

    #[test]
    fn a_figure_says_where_it_comes_from_and_reads_back() {
        let errors = typed(&[("giver_gain", "1 200"), ("investment", "-3")])
            .read(&[])
            .unwrap_err();
        assert!(errors.has("giver_source") && errors.has("investment"));
        let sheet = typed(&[("giver_gain", "-1 200,5"), ("giver_source", "Facture")])
            .read(&[])
            .unwrap();
        assert_eq!(StudyForm::of(&sheet).read(&[]).unwrap(), sheet);
    }

    #[test]
    fn nothing_typed_is_dropped_in_silence() {
        let points = Exchange::default().points();
        let errors = typed(&[
            ("social_comment", "Syndicat à voir"),
            ("note_insurance", "Courtier appelé"),
            ("investment_source", "Devis"),
        ])
        .read(&points)
        .unwrap_err();
        assert!(errors.has("social") && errors.has("point_insurance") && errors.has("investment"));
    }
}
