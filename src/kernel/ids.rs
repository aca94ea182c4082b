//! One identifier type per entity, so that two cannot be swapped. Version 7, hence sortable by creation.

use std::fmt;
use std::str::FromStr;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A new identifier, never given before.
            #[expect(clippy::disallowed_methods, reason = "the one place where identifiers are born")]
            pub fn fresh() -> Self {
                Self(uuid::Uuid::now_v7())
            }
            pub fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }
        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }
        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    TerritoryId;
    OrganisationId;
    UserId;
    CompanyId;
    EstablishmentId;
    ContactId;
    ZoneId;
    VisitId;
    FlowId;
    LocalWordId;
    SynergyId;
    CommentId;
    AbsenceId;
    HandoverId;
    FileId;
    WorkTimeId;
    FactorSetId;
    ProgrammeId;
    TaskId;
    PartnerId;
    CommitmentId;
    FundingLineId;
    ExpenseId;
    MeetingId;
    DecisionId;
    OutreachId;
    EvaluationId;
    OwnIndicatorId;
    WorkshopId;
    GuestId;
    IdeaId;
    CompanyIdeaId;
    ActionId;
    ImportId;
    ViewId;
    BatchId;
    SireneFileId;
    JobId;
    LetterId;
    CorrectionId;
    ErasureId;
    AgreementId;
    BorderMatchId;
}
