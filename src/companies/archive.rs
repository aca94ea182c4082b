//! Screen: withdrawing an establishment (it closed, or was recorded by mistake), and putting it back.

use super::{Establishment, paths, show::store as sheet, store};
use crate::kernel::ids::EstablishmentId;
use crate::platform::access::Staff;
use crate::platform::web::{Done, OptionExt, Page, Path, Result, filters};
use askama::Template;

#[derive(Template)]
#[template(path = "companies/archive.html")]
struct Archive {
    establishment: Establishment,
    counts: sheet::Counts,
}

pub(super) async fn ask(me: Staff, Path(id): Path<EstablishmentId>) -> Result<Page<impl Template>> {
    let mut db = me.read().await?;
    let establishment = store::find(&mut db, &me.scope()?, id).await?.or_not_found()?;
    let counts = sheet::counts(&mut db, &me.scope()?, id).await?;
    Ok(Page(Archive {
        establishment,
        counts,
    }))
}

pub(super) async fn archive(me: Staff, Path(id): Path<EstablishmentId>) -> Result<Done> {
    let scope = me.scope()?;
    let establishment = store::find(&mut *me.read().await?, &scope, id)
        .await?
        .or_not_found()?;
    me.transact(async |tx| -> Result<()> {
        store::archive(tx, &scope, &establishment).await?;
        tx.nothing_to_record();
        Ok(())
    })
    .await?;
    Ok(me.done(
        format!("{} est retirée des entreprises.", establishment.name),
        paths::LIST,
    ))
}

pub(super) async fn restore(me: Staff, Path(id): Path<EstablishmentId>) -> Result<Done> {
    let scope = me.scope()?;
    let name = me
        .transact(async |tx| -> Result<Option<String>> {
            let name = store::restore(tx, &scope, id).await?;
            tx.nothing_to_record();
            Ok(name)
        })
        .await?
        .or_not_found()?;
    Ok(me.done(
        format!("{name} est de nouveau parmi les entreprises."),
        paths::show(&id),
    ))
}
