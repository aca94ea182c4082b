//! Many pages on one diagnostic, over real HTTP: a seed decides who types what and when; answers get lost,
//! requests are sent twice, clashes are settled one way or the other. The journal then tells the
//! whole story, and two things are checked on it: no acknowledged value is missing, and none went
//! over a value that its page had not seen.
//!
//! `ENTRY_INTERLEAVINGS=10000 ENTRY_SEED=7` for more of them; see `make bench-entry`.

use crate::support::{Client, TestApp, make};
use axum::http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use maillage::kernel::Direction;
use maillage::kernel::ids::FlowId;
use maillage::platform::access::Role;
use maillage::platform::web::server;
use maillage::visits::{VisitStatus, paths};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

type Http = legacy::Client<legacy::connect::HttpConnector, Full<axum::body::Bytes>>;
type Key = (Uuid, &'static str);

/// One page: what it believes every cell to hold, and how it writes.
struct Page {
    rank: usize,
    http: Http,
    url: String,
    cookie: String,
    client: Uuid,
    seq: i64,
    bases: BTreeMap<Key, String>,
    /// Sent, and never heard of again: sent once more, with whatever was typed since.
    lost: Vec<Value>,
    rng: StdRng,
    /// Values that the server said it saved.
    acknowledged: Vec<(Key, String)>,
    clashes: u64,
}

/// What a value was typed over, each time it was sent, and by which page.
#[derive(Clone)]
struct Typed {
    bases: BTreeSet<String>,
    client: Uuid,
}

type Said = BTreeMap<String, Typed>;

fn say(said: &mut Said, value: &str, base: &str, client: Uuid) {
    let typed = said.entry(value.to_owned()).or_insert_with(|| Typed {
        bases: BTreeSet::new(),
        client,
    });
    typed.bases.insert(base.to_owned());
}

impl Page {
    /// Sends, and once more when the server was just closing the idle connection, as a browser does.
    async fn post(&self, cells: &[Value]) -> (StatusCode, Value) {
        let body = json!({ "client": self.client, "cells": cells }).to_string();
        let request = || {
            Request::post(&self.url)
                .header("content-type", "application/json")
                .header("sec-fetch-site", "same-origin")
                .header("cookie", &self.cookie)
                .body(Full::from(body.clone()))
                .unwrap()
        };
        let reply = match self.http.request(request()).await {
            Ok(reply) => reply,
            Err(_) => self.http.request(request()).await.unwrap(),
        };
        let status = reply.status();
        let bytes = reply.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    fn patch(&mut self, key: Key, value: &str) -> Value {
        self.seq += 1;
        json!({ "row": key.0, "field": key.1, "base": self.bases[&key], "value": value, "seq": self.seq })
    }

    /// One turn: a cell or several, sometimes twice, sometimes without hearing the answer.
    async fn turn(&mut self, keys: &[Key], round: usize, typed: &mut Said) {
        let mut cells = std::mem::take(&mut self.lost);
        let mut sent: Vec<(Key, String)> = Vec::new();
        for _ in 0..self.rng.random_range(1..=2) {
            let key = keys[self.rng.random_range(0..keys.len())];
            if sent.iter().any(|(known, _)| *known == key) {
                continue;
            }
            let value = format!("v{round} de {} {}", self.rank, self.seq + 1);
            say(typed, &value, &self.bases[&key], self.client);
            cells.retain(|cell| cell["row"] != key.0.to_string() || cell["field"] != key.1);
            cells.push(self.patch(key, &value));
            sent.push((key, value));
        }
        if self.rng.random_bool(0.15) {
            let (first, second) = tokio::join!(self.post(&cells), self.post(&cells));
            assert!(
                first.0.as_u16() < 500 && second.0.as_u16() < 500,
                "{first:?} {second:?}"
            );
            self.hear(second, &cells, typed);
        } else if self.rng.random_bool(0.15) {
            let unheard = self.post(&cells).await;
            assert!(unheard.0.as_u16() < 500, "{unheard:?}");
            self.lost = cells;
        } else {
            let reply = self.post(&cells).await;
            self.hear(reply, &cells, typed);
        }
    }

    fn hear(&mut self, (status, answer): (StatusCode, Value), cells: &[Value], typed: &mut Said) {
        assert!(status == 200 || status == 409, "{status} {answer}");
        assert_eq!(status == 409, !answer["clashes"].as_array().unwrap().is_empty());
        let clashing: BTreeSet<_> = answer["clashes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|clash| {
                (
                    clash["row"].as_str().unwrap().to_owned(),
                    clash["field"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        let keys: Vec<Key> = self.bases.keys().copied().collect();
        for key in keys {
            let place = (key.0.to_string(), key.1.to_owned());
            if clashing.contains(&place) {
                continue;
            }
            let row = answer["rows"]
                .as_array()
                .unwrap()
                .iter()
                .find(|row| row["id"] == place.0);
            let stored = row.map_or(&answer["answers"][key.1], |row| &row["cells"][key.1]);
            let is_answer = row.is_none() && answer["answers"].get(key.1).is_some();
            if row.is_some() || is_answer {
                self.bases
                    .insert(key, stored.as_str().unwrap_or_default().to_owned());
            }
            let mine = cells
                .iter()
                .find(|cell| cell["row"] == place.0 && cell["field"] == place.1);
            if let Some(mine) = mine {
                self.acknowledged
                    .push((key, mine["value"].as_str().unwrap().to_owned()));
            }
        }
        let clashes = answer["clashes"].as_array().unwrap().clone();
        self.clashes += clashes.len() as u64;
        for clash in clashes {
            let key = *self
                .bases
                .keys()
                .find(|key| clash["row"] == key.0.to_string() && clash["field"] == key.1)
                .unwrap();
            for value in ["stored", "mine_shown", "stored_shown", "original_shown"] {
                assert!(clash[value].is_string(), "{clash}");
            }
            self.bases
                .insert(key, clash["stored"].as_str().unwrap().to_owned());
            // « Je garde la mienne », next time this page speaks; else the other value is taken.
            if self.rng.random_bool(0.5) {
                let value = clash["mine_shown"].as_str().unwrap().to_owned();
                say(typed, &value, &self.bases[&key], self.client);
                let cell = self.patch(key, &value);
                self.lost.push(cell);
            }
        }
    }
}

fn setting(name: &str, otherwise: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
        .unwrap_or(otherwise)
}

async fn pages(test: &TestApp, count: usize, url: &str, seed: u64, keys: &[Key]) -> Vec<Page> {
    let mut pages = Vec::new();
    for rank in 0..count {
        let person: Client = test.as_(Role::Advisor).await;
        pages.push(Page {
            rank,
            http: legacy::Client::builder(TokioExecutor::new()).build_http(),
            url: url.to_owned(),
            cookie: format!("maillage={}", person.cookie("maillage").unwrap()),
            client: FlowId::fresh().uuid(),
            seq: 0,
            bases: keys.iter().map(|key| (*key, String::new())).collect(),
            lost: Vec::new(),
            rng: StdRng::seed_from_u64(seed * 1_000 + rank as u64),
            acknowledged: Vec::new(),
            clashes: 0,
        });
    }
    pages
}

/// Every value each cell had, in order, as the journal tells it.
async fn history(test: &TestApp, keys: &[Key], visit: Uuid) -> BTreeMap<Key, Vec<String>> {
    use sqlx::Row;
    let mut history = BTreeMap::new();
    for key in keys {
        let (row, field) = key;
        let query = if *row == visit && *field != "notes" {
            let title = if *field == "irritant" {
                "Irritant"
            } else {
                "Coup de cœur"
            };
            format!(
                "select after #>> '{{}}' as value from journal where subject_id = '{row}' and action = 'réponse notée : {title}' order by id"
            )
        } else {
            format!(
                "select coalesce(after ->> '{field}', '') as value from journal where subject_id = '{row}' and after ? '{field}' order by id"
            )
        };
        let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(query))
            .fetch_all(&test.database.pool)
            .await
            .unwrap();
        let mut values: Vec<String> = vec![String::new()];
        for row in rows {
            let value: String = row.get(0);
            if values.last() != Some(&value) {
                values.push(value);
            }
        }
        history.insert(*key, values);
    }
    history
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_and_nothing_is_overwritten_unseen() {
    let rounds = setting("ENTRY_INTERLEAVINGS", 150);
    let seed = setting("ENTRY_SEED", 1) as u64;
    let test = TestApp::start().await;
    let me = test.as_(Role::Advisor).await;
    let site = make::establishment(&test, test.territory, "Cartonnerie d’essai").await;
    let visit = make::visit(&test, &site, VisitStatus::Done, vec![me.user]).await;
    let mut keys: Vec<Key> = vec![
        (visit.id.uuid(), "irritant"),
        (visit.id.uuid(), "coup_de_coeur"),
        (visit.id.uuid(), "notes"),
    ];
    for label in ["Cartons", "Palettes bois"] {
        let flow = make::flow(&test, &site, Direction::Outbound, "MAT-26", (label, 3.0, "t")).await;
        keys.extend([(flow.id.uuid(), "outlet")]);
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}{}",
        listener.local_addr().unwrap(),
        paths::autosave(&visit.id)
    );
    let stop = CancellationToken::new();
    tokio::spawn(server::serve(listener, test.router.clone(), stop.clone()));

    let mut rng = StdRng::seed_from_u64(seed);
    let mut crowd = pages(&test, 8, &url, seed, &keys).await;
    let mut typed: Said = BTreeMap::new();
    for round in 0..rounds {
        let active = rng.random_range(2..=crowd.len());
        let mut turns = JoinSet::new();
        for mut page in crowd.drain(..active) {
            let keys = keys.clone();
            turns.spawn(async move {
                let mut typed = BTreeMap::new();
                page.turn(&keys, round, &mut typed).await;
                (page, typed)
            });
        }
        for (page, heard) in turns.join_all().await {
            crowd.push(page);
            for (value, again) in heard {
                for base in &again.bases {
                    say(&mut typed, &value, base, again.client);
                }
            }
        }
        crowd.sort_by_key(|page| page.rank);
    }
    stop.cancel();

    let history = history(&test, &keys, visit.id.uuid()).await;
    let clashes: u64 = crowd.iter().map(|page| page.clashes).sum();
    let mut overwritten = Vec::new();
    for (key, values) in &history {
        for step in values.windows(2) {
            let [before, after] = step else { continue };
            let writer = &typed[after];
            let was_mine = typed
                .get(before)
                .is_some_and(|other| other.client == writer.client);
            if !writer.bases.contains(before) && !was_mine {
                overwritten.push((key, before, after, writer.bases.clone()));
            }
        }
    }
    let acknowledged: Vec<_> = crowd.iter().flat_map(|page| &page.acknowledged).collect();
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|(key, value)| !history[key].contains(value))
        .collect();
    println!(
        "{rounds} interleavings of 2 to 8 pages (seed {seed}): {} values acknowledged, {clashes} clashes given back, {} lost, {} overwritten unseen",
        acknowledged.len(),
        lost.len(),
        overwritten.len()
    );
    assert!(lost.is_empty(), "{lost:?}");
    assert!(overwritten.is_empty(), "{overwritten:?}");
    assert!(clashes > 0, "the pages never met");
}
