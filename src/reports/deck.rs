//! Document: the committee's slides, one idea per page, to be projected.

use super::parts::{decision_table, s};
use super::report::Report;
use crate::dashboards::model::cut::Cut;
use crate::platform::access::Observer;
use crate::platform::pdf::{Block, Bullet, Document, Format, Words};
use crate::platform::web::filters::long_day;
use crate::platform::web::{Query, Result};
use crate::programmes::model::MeetingKind;
use axum::response::Response;

/// What a slide holds.
const DECISIONS: usize = 7;
const LINES: usize = 9;

pub(super) async fn pdf(me: Observer, Query(cut): Query<Cut>) -> Result<Response> {
    let report = Report::load(&me, &cut).await?;
    let document = Document {
        format: Format::Slides,
        title: format!("Comité de pilotage, {}", report.set.contract.territory),
        about: "Diaporama du comité de pilotage, sans nom d’entreprise".to_owned(),
        header: report.header(),
        footer: report.footer(me.now()),
        blocks: report.slides(),
    };
    let name = format!("copil-{}", report.set.contract.on);
    Ok(document.answer(&name).await?)
}

fn slide(text: impl Into<String>, under: impl Into<String>) -> Block {
    Block::Title {
        text: text.into(),
        under: under.into(),
    }
}

impl Report {
    fn slides(&self) -> Vec<Block> {
        let mut blocks = self.opening();
        blocks.extend(self.contract_slide());
        blocks.extend(self.curve_slide());
        blocks.extend(self.funnel_slide());
        blocks.extend(self.map_slide());
        blocks.extend(self.priority_slides());
        blocks.extend(self.money_slide());
        blocks.extend(self.evaluation_slide());
        blocks.extend(self.decision_slide());
        blocks.extend(self.method_slide());
        blocks
    }

    fn opening(&self) -> Vec<Block> {
        let name = self
            .set
            .contract
            .programme
            .as_ref()
            .map_or("Écologie industrielle et territoriale", |p| p.name.as_str());
        let mut facts = vec![(
            "Territoire".to_owned(),
            Words::default().strong(self.set.contract.territory.clone()),
        )];
        if let Some(programme) = &self.set.contract.programme {
            let period = format!(
                "du {} au {}",
                long_day(programme.starts_on),
                long_day(programme.ends_on)
            );
            facts.push(("Démarche".to_owned(), period.into()));
        }
        facts.push((
            "Données".to_owned(),
            format!("au {}", long_day(self.set.contract.on)).into(),
        ));
        let next = self.steering.meetings.iter().rfind(|row| {
            row.meeting.kind == MeetingKind::Steering
                && row.meeting.held_on >= self.today
                && !row.meeting.is_held
        });
        if let Some(next) = next {
            facts.push(("Comité".to_owned(), long_day(next.meeting.held_on).into()));
        }
        let mut points = Vec::new();
        let (reached, aimed) = self.reached();
        if aimed > 0 {
            points.push(format!(
                "{reached} objectif{} atteint{} sur {aimed} chiffrés",
                s(reached),
                s(reached)
            ));
        }
        points.push(format!(
            "{}, parmi {} flux recensés",
            self.funnel_title(),
            self.set.flows()
        ));
        if let Some(maturity) = self.maturity() {
            points.push(format!("Maturité de la démarche\u{a0}: {maturity}"));
        }
        let open = self.open_decisions().len();
        points.push(match open {
            0 => "Aucune décision en attente".to_owned(),
            n => format!("{n} décision{} à mener", s(n)),
        });
        let point = |words: String| (Bullet::Dot, Words::from(words));
        vec![
            slide(name, "Comité de pilotage"),
            Block::Facts(facts),
            Block::Heading("L’essentiel".to_owned()),
            Block::List(points.into_iter().map(point).collect()),
        ]
    }

    fn contract_slide(&self) -> Vec<Block> {
        let (reached, aimed) = self.reached();
        let title = match aimed {
            0 => "Ce qui est compté".to_owned(),
            _ => format!(
                "{reached} objectif{} atteint{} sur {aimed}",
                s(reached),
                s(reached)
            ),
        };
        vec![
            slide(
                title,
                format!("Indicateurs du contrat au {}", long_day(self.set.contract.on)),
            ),
            self.contract(),
        ]
    }

    fn curve_slide(&self) -> Vec<Block> {
        if self.curves.is_empty() {
            return Vec::new();
        }
        let columns = self.curves.iter().map(|curve| {
            let told: Vec<_> = curve
                .done
                .iter()
                .map(|mark| format!("{:.0}\u{a0}: {}", mark.at, mark.label))
                .collect();
            let chart = Block::Curve {
                said: format!("{}, année après année. {}.", curve.title, told.join("\u{202f}; ")),
                done: curve.done.clone(),
                aimed: curve.aimed.clone(),
            };
            (1.0, vec![Block::Subheading(curve.title.to_owned()), chart])
        });
        vec![
            slide(
                "Année après année",
                "Trait plein\u{a0}: réalisé. Tirets\u{a0}: objectifs du contrat.",
            ),
            Block::Columns(columns.collect()),
        ]
    }

    fn funnel_slide(&self) -> Vec<Block> {
        let reading = vec![
            Block::Text(Words::default().strong(self.set.flows()).then(" flux recensés chez les entreprises visitées.")),
            Block::Text(self.precision()),
            Block::Soft(
                "Chaque synergie compte à toutes les étapes qu’elle a atteintes, même si elle s’est arrêtée ensuite.".to_owned(),
            ),
        ];
        vec![
            slide(
                self.funnel_title(),
                format!("Du flux à la synergie, au {}", long_day(self.today)),
            ),
            Block::Columns(vec![(1.9, vec![self.funnel()]), (1.0, reading)]),
        ]
    }

    fn map_slide(&self) -> Vec<Block> {
        let Some(map) = self.map() else {
            return Vec::new();
        };
        let legend = Block::Soft(
            "Plus la commune est foncée, plus elle compte d’entreprises dont les flux sont recensés. En blanc\u{a0}: un ou deux, non montré.".to_owned(),
        );
        vec![
            slide(
                "Où les flux sont connus",
                "Entreprises avec au moins un flux recensé, par commune",
            ),
            Block::Columns(vec![(1.5, vec![map]), (1.0, vec![self.commune_table(6), legend])]),
        ]
    }

    fn priority_slides(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        if !self.set.priorities.is_empty() {
            let count = self.set.priorities.len();
            blocks.push(slide(
                format!("{count} flux prioritaire{}", s(count)),
                "Choisis par le comité. Sans solution\u{a0}: aucun flux de la catégorie dans une synergie réalisée.",
            ));
            blocks.push(self.priority_table());
        }
        if !self.set.lacking.is_empty() {
            blocks.push(slide(
                "Ce qui manque au territoire",
                "Types d’entreprise qui donneraient un partenaire à des flux qui n’en ont pas",
            ));
            blocks.push(self.lacking_table());
        }
        blocks
    }

    fn money_slide(&self) -> Vec<Block> {
        if self.steering.plan.total == 0 {
            return Vec::new();
        }
        let title = match self.spent_share() {
            Some(share) => format!("{:.0}\u{a0}% du plan de financement est dépensé", share * 100.0),
            None => "Le budget de la démarche".to_owned(),
        };
        let mut blocks = vec![slide(title, format!("Dépenses au {}", long_day(self.today)))];
        blocks.extend(self.money_bar());
        blocks.push(Block::Facts(self.money()));
        blocks
    }

    fn evaluation_slide(&self) -> Vec<Block> {
        let Some((radar, judged)) = self.radar().zip(self.judged.as_ref()) else {
            return Vec::new();
        };
        let year = judged.evaluation.year;
        let title = match self.maturity() {
            Some(maturity) => format!("Maturité\u{a0}: {maturity}"),
            None => format!("Évaluation {year}"),
        };
        let under = format!(
            "Évaluation {year}, {}, scores de 0 à 100",
            judged.evaluation.state.label()
        );
        let scores = vec![self.score_table()];
        vec![
            slide(title, under),
            Block::Columns(vec![(1.3, vec![radar]), (1.0, scores)]),
        ]
    }

    fn decision_slide(&self) -> Vec<Block> {
        let open = self.open_decisions();
        if open.is_empty() {
            return vec![
                slide("Décisions à prendre", "Aucune décision n’est en attente"),
                Block::Ruled(LINES),
            ];
        }
        let shown = &open[..open.len().min(DECISIONS)];
        let left = open.len() - shown.len();
        let mut blocks = vec![
            slide(
                format!("{} décision{} à mener", open.len(), s(open.len())),
                "Les plus proches d’abord",
            ),
            decision_table(shown),
        ];
        if left > 0 {
            blocks.push(Block::Soft(format!(
                "Et {left} autre{} dans l’application.",
                s(left)
            )));
        }
        blocks
    }

    fn method_slide(&self) -> Vec<Block> {
        vec![slide("Définitions et méthode", ""), self.definitions()]
    }
}
