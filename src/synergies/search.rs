//! What the list of synergies may show and by what it sorts. Its screens and its files ask the same, so
//! that they show the same set; the filters themselves are in `filters`.

pub use super::filters::Filters;
pub use super::store::queue::{QueueRow, Sort};

use super::model::Kind;
use super::narrow;
use super::store::{self, queue};
use super::view;
use crate::kernel::format_km;
use crate::lists::MOST;
use crate::platform::access::Staff;
use crate::platform::web::columns::columns;
use crate::platform::web::{Chosen, Result};

columns! {
    /// Beside the title.
    pub Column {
        Code "numero" "Numéro" false,
        Kind "type" "Type" false,
        Companies "entreprises" "Entreprises" true,
        State "etat" "État" true,
        Score "score" "Score" true,
        Confidence "fiabilite" "Fiabilité" false,
        Category "categorie" "Catégorie" false,
        Place "distance" "Distance" true,
        Advisor "conseiller" "Conseiller" true,
        Next "action" "Prochaine action" true,
        Due "echeance" "Échéance" true,
        Since "depuis" "Dans cet état depuis" false,
        Proposed "proposee" "Proposée le" false,
        Motive "motif" "Motif" false,
        Wake "reveil" "Réveil" false,
    }
}

impl Column {
    pub(super) fn is_numeric(self) -> bool {
        matches!(self, Self::Score | Self::Place)
    }

    /// By what it sorts, if it does.
    pub(super) fn sort(self) -> Option<Sort> {
        match self {
            Self::Code => Some(Sort::Number),
            Self::State => Some(Sort::State),
            Self::Score => Some(Sort::Score),
            Self::Category => Some(Sort::Category),
            Self::Place => Some(Sort::Distance),
            Self::Advisor => Some(Sort::Advisor),
            Self::Due => Some(Sort::Due),
            Self::Since => Some(Sort::Since),
            Self::Proposed => Some(Sort::Proposed),
            Self::Kind | Self::Companies | Self::Confidence | Self::Next | Self::Motive | Self::Wake => None,
        }
    }
}

impl Sort {
    const ALL: [Self; 11] = [
        Self::Worth,
        Self::Due,
        Self::Score,
        Self::Title,
        Self::Number,
        Self::Distance,
        Self::State,
        Self::Advisor,
        Self::Since,
        Self::Proposed,
        Self::Category,
    ];

    /// The word of the address.
    pub fn word(self) -> &'static str {
        match self {
            Self::Worth => "",
            Self::Due => "echeance",
            Self::Score => "score",
            Self::Title => "titre",
            Self::Number => "numero",
            Self::Distance => "distance",
            Self::State => "etat",
            Self::Advisor => "conseiller",
            Self::Since => "depuis",
            Self::Proposed => "proposee",
            Self::Category => "categorie",
        }
    }

    /// What a first click asks: the best score first, anything else from its beginning.
    pub(super) fn first(self) -> String {
        let mark = if self == Self::Score { "-" } else { "" };
        format!("{mark}{}", self.word())
    }
}

impl Filters {
    /// By what, and whether backwards.
    pub fn sort(&self) -> (Sort, bool) {
        let (backwards, key) = match self.order.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, self.order.as_str()),
        };
        let asked = Sort::ALL.into_iter().find(|sort| sort.word() == key);
        asked.map_or((Sort::Worth, false), |sort| (sort, backwards))
    }

    pub fn columns(&self) -> Chosen<Column> {
        Chosen::read(&self.columns)
    }
}

impl QueueRow {
    pub fn code(&self) -> String {
        store::code(self.kind, self.number)
    }

    pub fn who(&self) -> String {
        view::who(self.kind, &self.names)
    }

    pub fn place(&self) -> String {
        match (self.kind, &self.zone, self.distance_km) {
            (Kind::Mutualisation, Some(zone), _) => zone.clone(),
            (Kind::Mutualisation, None, Some(radius)) => format!("rayon de {}", format_km(radius)),
            (Kind::Substitution | Kind::Sharing, _, Some(distance)) => format_km(distance),
            (_, _, None) => "distance inconnue".to_owned(),
        }
    }
}

/// Which rows of the list.
#[derive(Debug, Clone, Copy)]
pub enum Rows {
    All,
    /// As many as one act takes.
    First,
}

/// The rows that the filters keep, in their order.
///
/// # Errors
/// Those of the database.
pub async fn rows(me: &Staff, filters: &Filters, rows: Rows) -> Result<Vec<QueueRow>> {
    let size = match rows {
        Rows::All => i64::MAX,
        Rows::First => i64::try_from(MOST).unwrap_or(i64::MAX),
    };
    let wanted = filters.wanted(me.user(), me.today());
    let slice = queue::Slice::Page { size, before: 0 };
    Ok(queue::list(&mut *me.read().await?, &me.scope()?, &wanted, slice).await?)
}

/// The basket and the filters in force, in words.
///
/// # Errors
/// Those of the database.
pub async fn words(me: &Staff, filters: &Filters) -> Result<(String, Vec<String>)> {
    let above = narrow::Above::load(me, filters).await?;
    let chips = above.chips.into_iter().map(|chip| chip.label);
    Ok((filters.basket().title().to_owned(), chips.collect()))
}
