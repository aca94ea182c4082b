//! Document: the sheet of a synergy for the advisors of the territory, names included. What a company may
//! read of the same synergy is another document, in its own space.

use super::acts;
use super::filters::Filters;
use super::store;
use super::view::{self, Detail, GainRow, GroupView, HandView, Moment, PairView, RelayView, Shape, SiteView};
use crate::kernel::ids::SynergyId;
use crate::platform::access::Staff;
use crate::platform::journal;
use crate::platform::pdf::{Block, Bullet, Cell, Column, Document, End, Format, Table, Words, edited};
use crate::platform::web::{Path, Result};
use axum::response::Response;

const HISTORY: i64 = 12;

pub(super) async fn pdf(me: Staff, Path(id): Path<SynergyId>) -> Result<Response> {
    let detail = acts::detail(&me, &Filters::default(), id).await?;
    let mut db = me.read().await?;
    let grid = store::show::grid(&mut db, id).await?;
    let lines = journal::store::about(&mut db, id.uuid(), HISTORY).await?;
    drop(db);
    let mut blocks = heading(&detail);
    blocks.extend(match &detail.shape {
        Shape::Pair(pair) => of_pair(&detail, pair),
        Shape::Relay(relay) => of_relay(&detail, relay),
        Shape::Group(group) => of_group(group),
        Shape::Hand(hand) => of_hand(hand),
    });
    blocks.push(Block::Heading("Faisabilité".to_owned()));
    blocks.push(Block::Table(feasibility(&view::grades(&grid))));
    blocks.push(Block::Heading("Historique".to_owned()));
    blocks.push(Block::List(view::timeline(&lines).iter().map(moment).collect()));
    blocks.push(Block::Heading("À noter".to_owned()));
    blocks.push(Block::Ruled(4));
    let document = Document {
        format: Format::Sheet,
        title: format!("{}, {}", detail.code, detail.synergy.title),
        about: "Fiche d’une synergie, pour les conseillers du territoire".to_owned(),
        header: format!(
            "Fiche synergie {} · réservée aux conseillers du territoire",
            detail.code
        ),
        footer: format!(
            "{} Gains calculés avec les facteurs du territoire et les quantités relevées\u{202f}: bas, central, haut, à vérifier avec les entreprises.",
            edited(me.now())
        ),
        blocks,
    };
    Ok(document.answer(&format!("fiche-{}", detail.code)).await?)
}

fn heading(detail: &Detail) -> Vec<Block> {
    let synergy = &detail.synergy;
    let under = format!(
        "{} · {} · {} · {}",
        detail.code,
        detail.who,
        detail.distance(),
        synergy.state.label()
    );
    let mut facts = Vec::new();
    if let Some(family) = &detail.family {
        facts.push((
            "Flux".to_owned(),
            Words::from(format!("{} {}", family.code, family.label)),
        ));
    }
    if let Some(score) = detail.score {
        let words = format!("{score} sur 100, confiance {} sur 4", detail.dots);
        facts.push(("Score".to_owned(), words.into()));
    }
    if synergy.is_priority {
        facts.push(("Priorité".to_owned(), "priorité du comité de pilotage".into()));
    }
    if !detail.life.sentence.is_empty() {
        facts.push(("Où elle en est".to_owned(), detail.life.sentence.as_str().into()));
    }
    vec![
        Block::Title {
            text: synergy.title.clone(),
            under,
        },
        Block::Facts(facts),
    ]
}

fn end(role: &str, site: Option<&SiteView>) -> End {
    site.map_or_else(
        || End {
            role: role.to_owned(),
            name: "à trouver".to_owned(),
            detail: String::new(),
        },
        |site| End {
            role: role.to_owned(),
            name: site.name.clone(),
            detail: site.detail.clone(),
        },
    )
}

fn reasons<'a>(strengths: &'a [String], weaknesses: &'a [String]) -> Vec<Block> {
    let bullets = |bullet, all: &'a [String]| all.iter().map(move |one| (bullet, Words::from(one.as_str())));
    let items: Vec<_> = bullets(Bullet::For, strengths)
        .chain(bullets(Bullet::Against, weaknesses))
        .collect();
    if items.is_empty() {
        return Vec::new();
    }
    vec![
        Block::Heading("Pourquoi cette proposition".to_owned()),
        Block::List(items),
    ]
}

fn questions(regulatory: Option<&str>, asks: &[String]) -> Vec<Block> {
    let check = regulatory.map(|question| format!("Contrôle réglementaire à faire. {question}"));
    let items: Vec<_> = check
        .into_iter()
        .chain(asks.iter().cloned())
        .map(|one| (Bullet::Ask, Words::from(one)))
        .collect();
    if items.is_empty() {
        return Vec::new();
    }
    vec![
        Block::Heading("À demander lors de l’appel".to_owned()),
        Block::List(items),
    ]
}

fn gains(rows: &[GainRow]) -> Table {
    let row = |gain: &GainRow| {
        let mut cells = vec![Cell::text(gain.label.clone())];
        match &gain.figures {
            Some([low, central, high]) => cells.extend([
                Cell::text(low.clone()),
                Cell::strong(central.clone()),
                Cell::text(high.clone()),
                Cell::Soft(gain.origin_words().to_owned()),
            ]),
            None => cells.extend(["", "non estimé", "", ""].map(|words| Cell::Soft(words.to_owned()))),
        }
        cells
    };
    Table {
        columns: vec![
            Column::words("Par an"),
            Column::number("Bas"),
            Column::number("Central"),
            Column::number("Haut"),
            Column::words("Origine"),
        ],
        rows: rows.iter().map(row).collect(),
        ..Table::default()
    }
}

fn of_pair(detail: &Detail, pair: &PairView) -> Vec<Block> {
    let mut blocks = vec![Block::Link {
        from: end("Donne", pair.out.as_ref()),
        to: end("Reçoit", pair.into.as_ref()),
        between: detail.distance(),
    }];
    let mut strengths = pair.strengths.clone();
    strengths.extend(pair.precedent.clone());
    blocks.extend(reasons(&strengths, &pair.weaknesses));
    blocks.extend(questions(detail.regulatory.as_deref(), &pair.asks));
    blocks.push(Block::Heading("Gains".to_owned()));
    blocks.push(Block::Table(gains(&pair.gains)));
    blocks.push(Block::Text(pair.investment.as_str().into()));
    blocks.push(Block::Subheading("Ce que vaut chaque critère".to_owned()));
    blocks.push(Block::Text(parts(&pair.parts)));
    if !pair.factors.is_empty() {
        let rows = pair.factors.iter().map(|factor| {
            vec![
                Cell::text(factor.label.clone()),
                Cell::text(factor.value.clone()),
                Cell::Soft(factor.source.clone()),
            ]
        });
        blocks.push(Block::Table(Table {
            caption: "Facteurs utilisés".to_owned(),
            columns: ["Facteur", "Valeur", "Source"].map(Column::words).into(),
            rows: rows.collect(),
            has_total: false,
        }));
    }
    blocks
}

fn parts(parts: &[(&'static str, Option<u8>)]) -> Words {
    let said = parts.iter().map(|(label, value)| match value {
        Some(value) => format!("{label}\u{a0}: {value}\u{a0}%"),
        None => format!("{label}\u{a0}: inconnu"),
    });
    said.collect::<Vec<_>>().join(" · ").into()
}

fn of_relay(detail: &Detail, relay: &RelayView) -> Vec<Block> {
    let processor = End {
        detail: relay.treatment.clone(),
        ..end("Traite", relay.processor.as_ref())
    };
    let mut blocks = vec![
        Block::Link {
            from: end("Donne", relay.out.as_ref()),
            to: processor.clone(),
            between: relay.first.clone(),
        },
        Block::Link {
            from: processor,
            to: end("Reçoit", relay.into.as_ref()),
            between: relay.second.clone(),
        },
    ];
    blocks.extend(reasons(&relay.strengths, &relay.weaknesses));
    blocks.extend(questions(detail.regulatory.as_deref(), &relay.asks));
    blocks.push(Block::Heading("Gains et coûts".to_owned()));
    blocks.push(Block::Table(gains(&relay.gains)));
    blocks.push(Block::Subheading("Ce que vaut chaque critère".to_owned()));
    blocks.push(Block::Text(parts(&relay.parts)));
    blocks
}

fn of_group(group: &GroupView) -> Vec<Block> {
    let rows = group.members.iter().map(|member| {
        let quantity = member
            .quantity
            .as_ref()
            .map_or_else(|| Cell::Soft("inconnue".to_owned()), |q| Cell::text(q.clone()));
        vec![
            Cell::strong(member.name.clone()),
            quantity,
            Cell::text(member.contract.words.clone()),
            Cell::text(member.state),
        ]
    });
    let mut blocks = vec![
        Block::Heading("Masse critique".to_owned()),
        Block::Text(group.sentence.as_str().into()),
        Block::Table(Table {
            columns: vec![
                Column::words("Membre"),
                Column::number(format!("{} par an", group.unit)),
                Column::words("Fin de contrat"),
                Column::words("Position"),
            ],
            rows: rows.collect(),
            ..Table::default()
        }),
    ];
    if let Some(calendar) = &group.calendar {
        blocks.push(Block::Soft(format!("Calendrier\u{a0}: {}.", calendar.sentence)));
    }
    blocks.extend(reasons(&group.reasons, &[]));
    blocks.extend(questions(None, &group.asks));
    blocks.push(Block::Heading("Économie du groupe, par an".to_owned()));
    let saving = group.saving.as_ref().map_or_else(
        || "Non estimée\u{a0}: il manque des quantités ou des coûts.".to_owned(),
        |saving| {
            format!(
                "Entre {} et {}, valeur centrale {}. {}",
                saving.low.1, saving.high.1, saving.central.1, saving.share
            )
        },
    );
    blocks.push(Block::Text(saving.into()));
    if let Some(round) = &group.round {
        blocks.push(Block::Text(
            format!(
                "Tournée commune\u{a0}: {} au lieu de {}, {} par an, soit {}, {} et {} épargnés.",
                round.shared, round.separate, round.turns, round.saved_km, round.saved_eur, round.saved_co2
            )
            .into(),
        ));
    }
    blocks.push(Block::Soft(group.evidence.clone()));
    blocks
}

fn of_hand(hand: &HandView) -> Vec<Block> {
    let line = |site: &SiteView| {
        let words = Words::default().strong(site.name.clone());
        (Bullet::Dot, words.then(format!(" {}", site.detail)))
    };
    vec![
        Block::Heading("L’idée".to_owned()),
        Block::Text(hand.note.as_str().into()),
        Block::List(hand.members.iter().map(line).collect()),
    ]
}

fn feasibility(grades: &[view::GradeView]) -> Table {
    let row = |grade: &view::GradeView| {
        vec![
            Cell::text(grade.axis),
            Cell::strong(grade.grade),
            Cell::text(grade.comment.clone()),
        ]
    };
    Table {
        columns: ["Axe", "Avis", "Commentaire"].map(Column::words).into(),
        rows: grades.iter().map(row).collect(),
        ..Table::default()
    }
}

fn moment(moment: &Moment) -> (Bullet, Words) {
    let note = if moment.note.is_empty() {
        String::new()
    } else {
        format!(" · {}", moment.note)
    };
    (Bullet::Dot, Words::from(format!("{}{note}", moment.text)))
}
