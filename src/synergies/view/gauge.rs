//! The critical mass of a group: what is committed, interested and hoped for, against the threshold.

use super::amount;
use super::drawing::{anchor, px};
use super::group::counts;
use crate::engine::Group;
use crate::kernel::format_number;
use crate::synergies::mass::Sums;
use crate::synergies::model::MemberState;
use crate::synergies::store::show::MemberRow;

const WIDTH: f64 = 662.0;

pub(in crate::synergies) struct Gauge {
    pub(in crate::synergies) title: String,
    pub(in crate::synergies) segments: Vec<Segment>,
    /// Place, anchor, words.
    pub(in crate::synergies) threshold: Option<(String, &'static str, String)>,
    /// Texts under the bar: place, anchor, words.
    pub(in crate::synergies) ticks: Vec<(String, &'static str, String)>,
}

pub(in crate::synergies) struct Segment {
    pub(in crate::synergies) x: String,
    pub(in crate::synergies) width: String,
    /// Empty for what is only hoped for: hatched.
    pub(in crate::synergies) css: &'static str,
    pub(in crate::synergies) title: String,
}

/// Nothing when no member gave a quantity.
pub(super) fn gauge(group: &Group, members: &[MemberRow], unit: &str) -> Option<Gauge> {
    let sums = Sums::of(members.iter().map(|m| (m.state, m.quantity)));
    if sums.total() <= 0.0 {
        return None;
    }
    let mass = group.critical_mass.map(|mass| (mass, amount(mass, unit)));
    let scale = WIDTH / (sums.total().max(group.critical_mass.unwrap_or(0.0)) * 1.15);
    let goal = mass
        .as_ref()
        .map(|(_, words)| format!(", pour un seuil de {words} par an"))
        .unwrap_or_default();
    Some(Gauge {
        title: format!(
            "{} engagés, {} intéressés, {} pressentis{goal}.",
            amount(sums.committed, unit),
            amount(sums.interested, unit),
            amount(sums.hoped, unit)
        ),
        segments: segments(members, unit, scale),
        threshold: mass.map(|(mass, words)| {
            let x = mass * scale;
            (
                px(x),
                anchor(x, WIDTH, 80.0),
                format!("Masse critique\u{a0}: {words}"),
            )
        }),
        ticks: ticks(sums, scale),
    })
}

fn segments(members: &[MemberRow], unit: &str, scale: f64) -> Vec<Segment> {
    let mut at = 0.0;
    let mut segments = Vec::new();
    for member in members.iter().filter(|m| counts(m)) {
        let Some(quantity) = member.quantity.filter(|quantity| *quantity > 0.0) else {
            continue;
        };
        let width = quantity * scale;
        segments.push(Segment {
            x: px(at),
            width: px((width - 2.0).max(1.0)),
            css: match member.state {
                MemberState::Committed => "s-blue",
                MemberState::Interested => "s-blue2",
                MemberState::Prospective | MemberState::Withdrawn => "",
            },
            title: format!("{}\u{a0}: {}", member.name, amount(quantity, unit)),
        });
        at += width;
    }
    segments
}

fn ticks(sums: Sums, scale: f64) -> Vec<(String, &'static str, String)> {
    let plain = |value: f64| format_number(value, usize::from(value < 20.0));
    let agreed = sums.committed + sums.interested;
    let mut ticks = vec![("0".to_owned(), "start", "0".to_owned())];
    if sums.committed > 0.0 {
        ticks.push((
            px(sums.committed * scale),
            "middle",
            format!("engagés\u{a0}: {}", plain(sums.committed)),
        ));
    }
    if sums.interested > 0.0 {
        ticks.push((px(agreed * scale), "middle", plain(agreed)));
    }
    if sums.hoped > 0.0 {
        let words = if agreed > 0.0 {
            "avec les pressentis"
        } else {
            "pressentis"
        };
        ticks.push((
            px(sums.total() * scale),
            "end",
            format!("{words}\u{a0}: {}", plain(sums.total())),
        ));
    }
    ticks
}
