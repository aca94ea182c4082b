//! A proposal with a treatment in between, with the names the engine does not know.

use super::pair::{GainRow, gain};
use super::{SiteView, site};
use crate::engine::{Ask, Relay};
use crate::kernel::format_km;
use crate::synergies::model::Side;
use crate::synergies::store::show::MemberRow;

pub(in crate::synergies) struct RelayView {
    pub(in crate::synergies) out: Option<SiteView>,
    /// None while the processor is to be found.
    pub(in crate::synergies) processor: Option<SiteView>,
    pub(in crate::synergies) into: Option<SiteView>,
    pub(in crate::synergies) first: String,
    pub(in crate::synergies) second: String,
    pub(in crate::synergies) treatment: String,
    pub(in crate::synergies) output: String,
    pub(in crate::synergies) strengths: Vec<String>,
    pub(in crate::synergies) weaknesses: Vec<String>,
    pub(in crate::synergies) asks: Vec<String>,
    pub(in crate::synergies) gains: Vec<GainRow>,
    pub(in crate::synergies) parts: Vec<(&'static str, Option<u8>)>,
}

impl RelayView {
    pub(super) fn new(relay: &Relay, members: &[MemberRow]) -> Self {
        let member = |side| members.iter().find(|m| m.side == side);
        let (giver, receiver) = (member(Side::Outbound), member(Side::Inbound));
        let name = |member: Option<&MemberRow>, role: &str| {
            member.map_or_else(|| role.to_owned(), |m| m.name.clone())
        };
        let distance = |value: Option<f64>| value.map_or_else(|| "distance inconnue".to_owned(), format_km);
        Self {
            out: giver.map(site),
            processor: member(Side::Relay).map(site),
            into: receiver.map(site),
            first: distance(relay.first_km),
            second: distance(relay.second_km),
            treatment: relay.treatment.clone(),
            output: relay.output.clone(),
            strengths: relay.explanation.strengths.clone(),
            weaknesses: relay.explanation.weaknesses.clone(),
            asks: relay.explanation.to_ask.iter().map(Ask::sentence).collect(),
            gains: vec![
                gain(name(giver, "Donneur"), relay.giver_gain.as_ref(), "€", 0),
                gain(name(receiver, "Receveur"), relay.receiver_gain.as_ref(), "€", 0),
                gain("Coût du traitement".to_owned(), relay.cost.as_ref(), "€", 0),
                gain("CO₂ évité, net".to_owned(), relay.tco2e.as_ref(), "t", 1),
            ],
            parts: relay
                .explanation
                .parts
                .iter()
                .map(|part| {
                    let value = part.value.map(|value| super::whole(value * 100.0));
                    (part.name.label(), value)
                })
                .collect(),
        }
    }
}
