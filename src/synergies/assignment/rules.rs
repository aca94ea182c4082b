//! Screen: which kind of advisor a proposal is for. The first rule that fits says it.

use super::model::{Rule, Shape};
use super::store;
use crate::accounts::Speciality;
use crate::nomenclature::{Catalogue, Family, FlowCode, naf};
use crate::platform::access::Manager;
use crate::platform::web::{AppError, Choice, Done, Errors, Form, Page, Result};
use crate::synergies::paths;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub(in crate::synergies) struct RuleForm {
    shape: String,
    family: String,
    category: String,
    section: String,
    speciality: String,
}

impl RuleForm {
    fn parse(&self) -> Result<Rule, Errors> {
        let mut errors = Errors::default();
        let shape = known(&mut errors, "shape", &self.shape, Shape::parse);
        let family = known(&mut errors, "family", &self.family, Family::find);
        let category = known(&mut errors, "category", &self.category, FlowCode::find);
        let section = known(&mut errors, "section", &self.section, |code| {
            sections().contains(&code).then(|| code.to_owned())
        });
        let speciality = Speciality::parse(&self.speciality);
        if speciality.is_none() {
            errors.add("speciality", "Choisissez une spécialité.");
        }
        match speciality {
            Some(speciality) if errors.is_empty() => Ok(Rule {
                shape,
                family,
                category,
                section,
                speciality,
            }),
            _ => Err(errors),
        }
    }
}

/// A criterion left blank holds for all; one that is not in its list is refused.
fn known<T>(
    errors: &mut Errors,
    field: &'static str,
    typed: &str,
    find: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let found = find(typed);
    if found.is_none() && !typed.is_empty() {
        errors.add(field, "Choisissez dans la liste, ou laissez vide.");
    }
    found
}

/// The letters of the NAF that firms visited may have.
fn sections() -> [&'static str; 10] {
    ["A", "C", "D", "E", "F", "G", "H", "I", "N", "S"]
}

#[derive(Template)]
#[template(path = "synergies/assignment_rules.html")]
struct Rules {
    rules: Vec<Rule>,
    /// Whom each speciality has: « personne » is worth knowing.
    holders: Vec<(&'static str, String)>,
    form: RuleForm,
    errors: Errors,
}

impl Rules {
    fn shapes(&self) -> Vec<Choice> {
        Choice::pairs(Shape::ALL.map(|shape| (shape.code(), shape.label())))
    }
    fn families(&self) -> Vec<Choice> {
        Choice::pairs(Family::ALL.iter().map(|family| (family.code(), family.label())))
    }
    fn categories(&self) -> Vec<Choice> {
        let all = Catalogue::embedded().categories().iter();
        all.map(|category| {
            let code = category.code.to_string();
            Choice::new(code.clone(), format!("{code} {}", category.label))
        })
        .collect()
    }
    fn sections(&self) -> Vec<Choice> {
        let label = |code| naf::section_label(code).unwrap_or(code);
        Choice::pairs(sections().map(|code| (code, label(code))))
    }
    fn specialities(&self) -> Vec<Choice> {
        Choice::pairs(Speciality::ALL.map(|one| (one.code(), one.label())))
    }
}

async fn page(me: &Manager, form: RuleForm, errors: Errors) -> Result<Response> {
    let scope = me.scope()?;
    let mut db = me.read().await?;
    let loads = store::loads(&mut db, &scope, me.today(), 0).await?;
    let holders = Speciality::ALL.map(|speciality| {
        let able = loads.iter().filter(|load| load.known().contains(&speciality));
        let names: Vec<_> = able.map(|load| load.name.as_str()).collect();
        (speciality.label(), names.join(", "))
    });
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = Rules {
        rules: store::rules(&mut db, &scope).await?,
        holders: holders.into(),
        form,
        errors,
    };
    Ok((status, Page(page)).into_response())
}

pub(in crate::synergies) async fn show(me: Manager) -> Result<Response> {
    page(&me, RuleForm::default(), Errors::default()).await
}

pub(in crate::synergies) async fn add(me: Manager, Form(form): Form<RuleForm>) -> Result<Response> {
    let rule = match form.parse() {
        Ok(rule) => rule,
        Err(errors) => return page(&me, form, errors).await,
    };
    change(&me, |rules| {
        // Before « toutes les autres », which would hide it.
        if !rules.contains(&rule) {
            let catches_all = |known: &Rule| known.words() == "toutes les autres";
            let end = rules.iter().position(catches_all).unwrap_or(rules.len());
            rules.insert(end, rule);
        }
        Ok(())
    })
    .await?;
    Ok(me.done("La règle est ajoutée.", paths::RULES).into_response())
}

/// What to do with the rule of that rank, which the page showed in those words.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::synergies) struct MoveForm {
    rank: String,
    rule: String,
    act: String,
}

pub(in crate::synergies) async fn arrange(me: Manager, Form(form): Form<MoveForm>) -> Result<Done> {
    let rank: Option<usize> = form.rank.parse().ok();
    change(&me, |rules| {
        let there = rank.filter(|rank| rules.get(*rank).is_some_and(|rule| rule.sentence() == form.rule));
        let Some(rank) = there else {
            let sentence = "Un collègue vient de changer ces règles\u{a0}: relisez-les, puis recommencez.";
            return Err(AppError::Conflict(sentence.to_owned()));
        };
        match form.act.as_str() {
            "monter" if rank > 0 => rules.swap(rank, rank - 1),
            "retirer" if rules.len() > 1 => {
                rules.remove(rank);
            }
            _ => {}
        }
        Ok(())
    })
    .await?;
    Ok(me.done("Les règles sont enregistrées.", paths::RULES))
}

/// One change after the other, each on the rules as they stand.
async fn change(me: &Manager, edit: impl FnOnce(&mut Vec<Rule>) -> Result<()> + Send) -> Result<()> {
    let scope = me.scope()?;
    me.transact(async |tx| -> Result<()> {
        store::hold_rules(tx, &scope).await?;
        let mut rules = store::rules(tx, &scope).await?;
        edit(&mut rules)?;
        Ok(store::save_rules(tx, &scope, &rules).await?)
    })
    .await
}
