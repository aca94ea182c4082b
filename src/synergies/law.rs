//! What the law has to know of a synergy, and what keeps its companies apart until it is checked. Pure.

use super::model::{Checked, Kind, Side};
use super::store::show::MemberRow;
use super::store::study::Answer;
use crate::nomenclature::regulation::{Exchange, Point};
use crate::nomenclature::{Catalogue, FlowCode, WasteCode};

/// What the flows and the receiver tell of the exchange, for the law.
pub(super) fn exchange(kind: Kind, members: &[MemberRow]) -> Exchange {
    let code = |m: &MemberRow| m.waste_code.as_deref().and_then(WasteCode::find);
    let giver = members.iter().find(|m| m.side == Side::Outbound);
    // With a treatment in between, it is the processor that takes the waste.
    let processor = members.iter().find(|m| m.side == Side::Relay);
    let receiver = processor.or_else(|| members.iter().find(|m| m.side == Side::Inbound));
    let usually_waste = |m: &MemberRow| {
        let category = m.category.as_deref().and_then(FlowCode::find);
        category.is_some_and(|code| !Catalogue::embedded().category(code).waste_codes.is_empty())
    };
    Exchange {
        categories: members.iter().filter_map(|m| m.category.clone()).collect(),
        is_hazardous: members.iter().filter_map(code).any(|code| code.hazardous()),
        is_waste: kind == Kind::Substitution
            && giver.is_some_and(|giver| code(giver).is_some() || usually_waste(giver)),
        to_operator: receiver
            .and_then(|m| m.naf.as_deref())
            .is_some_and(|naf| naf.starts_with("38")),
    }
}

/// What the flow raises, somebody left to be checked, and no introduction may go before.
pub(super) fn open(kind: Kind, members: &[MemberRow], answers: &[Answer]) -> Vec<&'static Point> {
    let is_open = |point: &&Point| {
        let answer = answers.iter().find(|answer| answer.point == point.code);
        answer.is_some_and(|answer| answer.answer == Checked::ToCheck)
    };
    let points = exchange(kind, members).points().into_iter();
    points.filter(|point| point.blocks).filter(is_open).collect()
}

/// « Statut du flux », « Déchet dangereux »: the titles, in a sentence.
pub(super) fn titles(points: &[&Point]) -> String {
    let titles: Vec<_> = points.iter().map(|point| point.title.as_str()).collect();
    titles.join("\u{202f}; ")
}
