//! The filters of the queue, as they stand in the address: shared by the list, the sheet of one
//! synergy (for its neighbours) and the acts (for where to go next).

use super::basket::Basket;
use super::model::{Kind, State};
use super::paths;
use super::store::queue::{Assigned, Due, Offered, Wanted};
use crate::accounts::store::Colleague;
use crate::kernel::ids::{SynergyId, UserId};
use crate::nomenclature::Family;
use crate::platform::web::encoded;
use chrono::{Days, NaiveDate, Weekday};
use serde::Deserialize;

/// What may be asked of the next action.
pub(super) const DUE: [(&str, &str); 4] = [
    ("en-retard", "Action en retard"),
    ("semaine", "Action à faire cette semaine"),
    ("moi", "Action à faire par moi"),
    ("aucune", "Sans prochaine action"),
];

const TABLE: &str = "tableau";

/// What stands in the address, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Filters {
    #[serde(rename = "corbeille")]
    pub(super) basket: String,
    #[serde(rename = "famille")]
    pub(super) family: String,
    #[serde(rename = "categorie")]
    pub(super) category: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(rename = "priorite")]
    pub(super) priority: String,
    #[serde(rename = "attribution")]
    pub(super) assigned: String,
    #[serde(rename = "score")]
    pub(super) min_score: String,
    /// A compatibility rule, or the category of proposals without one.
    #[serde(rename = "regle")]
    pub(super) rule: String,
    pub(super) commune: String,
    /// Without a move for so many days.
    #[serde(rename = "immobile")]
    pub(super) still: String,
    /// Of the next action: late, this week, mine, none.
    #[serde(rename = "action")]
    pub(super) due: String,
    #[serde(rename = "tri")]
    pub(super) order: String,
    /// `tableau`: rows and columns, rather than the queue beside the chosen proposal.
    #[serde(rename = "forme")]
    pub(super) layout: String,
    #[serde(rename = "colonnes")]
    pub(super) columns: Vec<String>,
    #[serde(rename = "q")]
    pub(super) text: String,
    pub(super) page: String,
    /// The line whose detail is shown beside the list.
    #[serde(rename = "choisie")]
    pub(super) chosen: String,
    /// `liste` when an act comes from the list, which it then goes back to.
    #[serde(rename = "vue")]
    pub(super) view: String,
}

/// A filter in force, and the address without it.
pub(super) struct Chip {
    pub(super) label: String,
    pub(super) href: String,
}

impl Filters {
    /// What somebody follows in a basket, as a table; what stands still of it, or what of it is late.
    pub(super) fn of_advisor(user: UserId, basket: Basket, (still, is_late): (i32, bool)) -> Self {
        Self {
            basket: basket.code().to_owned(),
            assigned: user.to_string(),
            still: if still > 0 {
                still.to_string()
            } else {
                String::new()
            },
            due: if is_late { DUE[0].0 } else { "" }.to_owned(),
            layout: TABLE.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn basket(&self) -> Basket {
        Basket::ALL
            .into_iter()
            .chain([Basket::Open])
            .find(|basket| basket.code() == self.basket)
            .unwrap_or_default()
    }

    pub(super) fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, 10_000)
    }

    pub(super) fn chosen(&self) -> Option<SynergyId> {
        self.chosen.parse().ok()
    }

    pub(super) fn is_read_in_list(&self) -> bool {
        self.view == "liste"
    }

    pub(super) fn is_table(&self) -> bool {
        self.layout == TABLE
    }

    /// A filter that cannot be read is no filter.
    pub(super) fn wanted(&self, me: UserId, today: NaiveDate) -> Wanted {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Wanted {
            states: self.basket().states().to_vec(),
            family: Family::find(&self.family).map(|family| family.code().to_owned()),
            category: given(&self.category),
            kind: Kind::parse(&self.kind),
            only_priorities: self.priority == "oui",
            assigned: match self.assigned.as_str() {
                "moi" => Assigned::With(me, today),
                "personne" => Assigned::Nobody,
                other => other.parse().map_or(Assigned::Whoever, Assigned::To),
            },
            min_score: crate::kernel::parse_decimal(&self.min_score).ok(),
            rule: given(&self.rule),
            insee: given(&self.commune),
            text: given(&self.text),
            due: self.due(me, today),
            sort: self.sort(),
            still_since: self
                .still
                .trim()
                .parse()
                .ok()
                .and_then(|days| today.checked_sub_days(Days::new(days))),
        }
    }

    fn due(&self, me: UserId, today: NaiveDate) -> Due {
        match self.due.as_str() {
            "en-retard" => Due::Between(None, today - Days::new(1)),
            "semaine" => Due::Between(Some(today), today.week(Weekday::Mon).last_day()),
            "moi" => Due::By(me, today),
            "aucune" => Due::Nothing,
            _ => Due::Whatever,
        }
    }

    /// The same list in another order, from its first page.
    pub(super) fn sorted_href(&self, order: &str) -> String {
        let other = Self {
            order: order.to_owned(),
            ..self.clone()
        };
        other.list_href()
    }

    /// The same list as a table, or as a queue.
    pub(super) fn laid_out(&self, as_table: bool) -> String {
        let layout = if as_table { TABLE } else { "" }.to_owned();
        Self {
            layout,
            ..self.clone()
        }
        .list_href()
    }

    /// Filters in force, by their names in the address; the basket is not one.
    fn in_force(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("famille", self.family.as_str()),
            ("categorie", &self.category),
            ("type", &self.kind),
            ("priorite", &self.priority),
            ("attribution", &self.assigned),
            ("score", &self.min_score),
            ("regle", &self.rule),
            ("commune", &self.commune),
            ("immobile", &self.still),
            ("action", &self.due),
            ("q", &self.text),
        ];
        all.into_iter()
            .filter(|(_, value)| !value.trim().is_empty())
            .collect()
    }

    pub(super) fn is_active(&self) -> bool {
        !self.in_force().is_empty()
    }

    fn query(&self, basket: Basket, leaving_out: &str, more: &[(&str, &str)]) -> String {
        let columns = self.columns().word();
        let mut pairs = vec![("corbeille", basket.code()), ("tri", &self.order)];
        if self.is_table() {
            pairs.extend([("forme", TABLE), ("colonnes", &columns)]);
        }
        pairs.extend(
            self.in_force()
                .into_iter()
                .filter(|(name, _)| *name != leaving_out),
        );
        pairs.extend(more);
        encoded(&pairs)
    }

    /// What the address says beside the columns, to be kept by a form that chooses them.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let all = [("corbeille", self.basket().code()), ("tri", &self.order)];
        let all = all.into_iter().chain([("forme", self.layout.as_str())]);
        all.chain(self.in_force())
            .map(|(name, value)| (name, value.to_owned()))
            .collect()
    }

    /// The same list at `path`, with these columns.
    pub(super) fn table_at(&self, path: &str, columns: &str) -> String {
        let more = [("colonnes", columns)];
        let bare = Self {
            layout: String::new(),
            ..self.clone()
        };
        format!("{path}?{}", bare.query(self.basket(), "", &more))
    }

    fn list(&self, leaving_out: &str, more: &[(&str, &str)]) -> String {
        format!("{}?{}", paths::LIST, self.query(self.basket(), leaving_out, more))
    }

    /// The same filters in another basket.
    pub(super) fn basket_href(&self, basket: Basket) -> String {
        format!("{}?{}", paths::LIST, self.query(basket, "", &[]))
    }

    pub(super) fn list_href(&self) -> String {
        self.list("", &[])
    }

    /// What a saved view keeps of it: bare for the basket that the list opens with.
    pub(super) fn view_address(&self) -> String {
        let address = self.list_href();
        let bare = format!("{}?corbeille={}", paths::LIST, Basket::default().code());
        if address == bare {
            paths::LIST.to_owned()
        } else {
            address
        }
    }

    pub(super) fn reset_href(&self) -> String {
        let bare = Self {
            basket: self.basket.clone(),
            layout: self.layout.clone(),
            columns: self.columns.clone(),
            order: self.order.clone(),
            ..Self::default()
        };
        bare.list_href()
    }

    /// Ends where the page number goes.
    pub(super) fn page_base(&self) -> String {
        format!("{}&page=", self.list_href())
    }

    pub(super) fn chosen_href(&self, id: &SynergyId) -> String {
        self.chosen_at(self.page(), &id.to_string())
    }

    /// When the last line of a page is gone.
    pub(super) fn page_before(&self) -> String {
        self.chosen_at(self.page() - 1, &self.chosen)
    }

    fn chosen_at(&self, page: i64, id: &str) -> String {
        let page = page.to_string();
        let more = [("choisie", id), ("page", page.as_str())];
        let more: Vec<_> = more
            .into_iter()
            .filter(|(name, value)| !value.is_empty() && (*name, *value) != ("page", "1"))
            .collect();
        self.list("", &more)
    }

    /// The sheet of a synergy, or an act on it, that remembers the list it comes from.
    pub(super) fn carry(&self, path: &str) -> String {
        let page = self.page().to_string();
        let mut more = Vec::new();
        if self.is_read_in_list() {
            more.push(("vue", "liste"));
            if page != "1" {
                more.push(("page", &page));
            }
        }
        format!("{path}?{}", self.query(self.basket(), "", &more))
    }

    /// Where to look at a synergy, in the way the list is being read.
    pub(super) fn look_at(&self, id: &SynergyId) -> String {
        if self.is_read_in_list() {
            self.chosen_href(id)
        } else {
            self.carry(&paths::show(id))
        }
    }

    /// The same, in the basket where a synergy of that state is.
    pub(super) fn follow(&self, id: &SynergyId, state: State) -> String {
        let there = Self {
            basket: Basket::of(state).code().to_owned(),
            page: String::new(),
            ..self.clone()
        };
        there.look_at(id)
    }

    pub(super) fn chips(&self, offered: &Offered, colleagues: &[Colleague]) -> Vec<Chip> {
        let named = |list: &[(String, String)], code: &str| {
            list.iter()
                .find(|(known, _)| known == code)
                .map_or_else(|| code.to_owned(), |(_, label)| label.clone())
        };
        self.in_force()
            .into_iter()
            .map(|(name, value)| {
                let label = match name {
                    "famille" => Family::find(value)
                        .map_or("Famille inconnue", Family::label)
                        .to_owned(),
                    "categorie" => format!("{value} {}", named(&offered.categories, value)),
                    "type" => Kind::parse(value).map_or("Type inconnu", Kind::label).to_owned(),
                    "priorite" => "Priorités du COPIL".to_owned(),
                    "attribution" => assigned_words(value, colleagues),
                    "score" => format!("Score ≥ {value}"),
                    "regle" => format!("Règle {value}"),
                    "action" => DUE
                        .iter()
                        .find(|(code, _)| *code == value)
                        .map_or("Action inconnue", |(_, label)| label)
                        .to_owned(),
                    "immobile" => format!("Sans mouvement depuis {value} jours"),
                    "commune" => named(&offered.communes, value),
                    _ => format!("«\u{a0}{value}\u{a0}»"),
                };
                Chip {
                    label,
                    href: self.list(name, &[]),
                }
            })
            .collect()
    }
}

fn assigned_words(value: &str, colleagues: &[Colleague]) -> String {
    match value {
        "moi" => "Mes synergies".to_owned(),
        "personne" => "Sans conseiller".to_owned(),
        other => colleagues
            .iter()
            .find(|colleague| colleague.id.to_string() == other)
            .map_or_else(
                || "Un autre conseiller".to_owned(),
                |colleague| colleague.name.clone(),
            ),
    }
}

#[cfg(test)]
mod tests {
    use super::Filters;
    use crate::kernel::ids::{SynergyId, UserId};
    use crate::synergies::model::State;
    use chrono::NaiveDate;

    #[test]
    fn addresses_keep_the_filters_and_chips_leave_one_out() {
        let filters = Filters {
            kind: "mutualisation".to_owned(),
            text: "carton & bois".to_owned(),
            ..Filters::default()
        };
        assert_eq!(
            filters.list_href(),
            "/synergies?corbeille=a-etudier&type=mutualisation&q=carton%20%26%20bois"
        );
        let chips = filters.chips(&super::Offered::default(), &[]);
        assert_eq!(chips[1].label, "«\u{a0}carton & bois\u{a0}»");
        assert_eq!(chips[1].href, "/synergies?corbeille=a-etudier&type=mutualisation");
        assert!(filters.is_active());
        assert_eq!(filters.page_base(), format!("{}&page=", filters.list_href()));
        let table = Filters {
            order: "-score".to_owned(),
            layout: "tableau".to_owned(),
            columns: vec!["score,motif".to_owned()],
            ..Filters::default()
        };
        assert_eq!(
            table.list_href(),
            "/synergies?corbeille=a-etudier&tri=-score&forme=tableau&colonnes=score,motif"
        );
        assert_eq!(table.laid_out(false), "/synergies?corbeille=a-etudier&tri=-score");
        assert_eq!(
            table.table_at("/x", "score"),
            "/x?corbeille=a-etudier&tri=-score&colonnes=score"
        );
    }

    #[test]
    fn acts_go_back_to_the_way_the_list_is_read() {
        let id = SynergyId::fresh();
        let sheet = Filters::default();
        assert_eq!(sheet.look_at(&id), format!("/synergies/{id}?corbeille=a-etudier"));
        let list = Filters {
            view: "liste".to_owned(),
            ..Filters::default()
        };
        assert_eq!(
            list.follow(&id, State::UnderReview),
            format!("/synergies?corbeille=en-cours&choisie={id}")
        );
        assert_eq!(
            list.wanted(UserId::fresh(), NaiveDate::from_ymd_opt(2026, 11, 30).unwrap())
                .states,
            [State::Proposed]
        );
        let second = Filters {
            page: "2".to_owned(),
            ..list
        };
        assert_eq!(second.carry("/x"), "/x?corbeille=a-etudier&vue=liste&page=2");
        assert_eq!(
            second.look_at(&id),
            format!("/synergies?corbeille=a-etudier&choisie={id}&page=2")
        );
        assert_eq!(second.page_before(), "/synergies?corbeille=a-etudier");
    }
}
