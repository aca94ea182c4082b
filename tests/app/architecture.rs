//! Who may depend on whom, checked on the source itself.

use std::fs;
use std::path::{Path, PathBuf};

/// Lowest first. Modules of one floor do not see each other.
const FLOORS: &[&[&str]] = &[
    &["kernel", "nomenclature"],
    &["engine", "platform"],
    &["territories"],
    &["lists"],
    &["accounts"],
    &["comments"],
    &["companies", "programmes"],
    &["flows"],
    &["visits", "workshops"],
    &["synergies"],
    &["portal", "indicators", "prospects", "neighbours"],
    &["administration", "dashboards", "exchange"],
    &["reports"],
    &["app", "cli"],
];

/// `nomenclature` reads the words of `kernel`.
const NEIGHBOURS: &[(&str, &str)] = &[("nomenclature", "kernel"), ("cli", "app")];

const PURE: &[&str] = &["kernel", "nomenclature", "engine"];
const IMPURE_WORDS: &[&str] = &[
    "axum",
    "askama",
    "tokio",
    "std::fs",
    "std::env",
    "reqwest",
    "sqlx::query",
    "tracing",
    "HashMap",
    "HashSet",
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

struct Source {
    path: String,
    module: String,
    /// Without comments and test modules.
    code: String,
}

fn project() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&root)
        .into_iter()
        .map(|path| {
            let short = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            let module = short
                .split('/')
                .next()
                .unwrap()
                .trim_end_matches(".rs")
                .to_owned();
            let whole = fs::read_to_string(&path).unwrap();
            let code = whole.split("#[cfg(test)]").next().unwrap();
            let code = code
                .lines()
                .filter(|l| !l.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            Source {
                path: short,
                module,
                code,
            }
        })
        .filter(|source| source.module != "lib" && source.module != "main")
        .collect()
}

/// Top modules named as `crate::x` or inside `use crate::{x::…, y}`.
fn named(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0_i32;
            let mut word = String::new();
            let mut reading = true;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        names.push(std::mem::take(&mut word));
                        reading = true;
                    }
                    ':' if depth == 0 => reading = false,
                    c if depth == 0 && reading && (c.is_alphanumeric() || c == '_') => word.push(c),
                    _ => {}
                }
            }
            names.push(word);
        } else {
            names.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn modules_name_only_lower_floors() {
    let mut faults = Vec::new();
    for source in project() {
        let Some(here) = floor(&source.module) else {
            faults.push(format!("src/{} stands on no floor", source.path));
            continue;
        };
        for name in named(&source.code) {
            let allowed = name == source.module
                || name.chars().next().is_some_and(char::is_uppercase)
                || floor(&name).is_none_or(|there| there < here)
                || NEIGHBOURS.contains(&(source.module.as_str(), name.as_str()));
            if !allowed {
                faults.push(format!("src/{} uses {name}", source.path));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn pure_modules_stay_pure() {
    let mut faults = Vec::new();
    for source in project() {
        let is_model = source.path.ends_with("/model.rs");
        if !PURE.contains(&source.module.as_str()) && !is_model {
            continue;
        }
        for word in IMPURE_WORDS {
            let allowed = source.path == "kernel/clock.rs" && *word == "std::env";
            if source.code.contains(word) && !allowed {
                faults.push(format!("src/{} says {word}", source.path));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn sql_lives_in_stores() {
    let starts = [
        "query!(",
        "query_as!(",
        "query_scalar!(",
        "QueryBuilder::",
        "raw_sql(",
    ];
    let exceptions = ["platform/db/mod.rs", "cli/start.rs"];
    let faults: Vec<_> = project()
        .into_iter()
        .filter(|s| !s.path.ends_with("store.rs") && !s.path.contains("/store/"))
        .filter(|s| !exceptions.contains(&s.path.as_str()))
        .filter(|s| starts.iter().any(|start| s.code.contains(start)))
        .map(|s| s.path)
        .collect();
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn a_screen_is_never_used_by_another_feature() {
    let features: Vec<_> = FLOORS[2..9].iter().flat_map(|floor| floor.iter()).collect();
    let mut faults = Vec::new();
    for source in project() {
        for feature in &features {
            if source.module == **feature || matches!(source.module.as_str(), "app" | "cli") {
                continue;
            }
            for (at, _) in source.code.match_indices(&format!("{feature}::")) {
                let before = source.code[..at].chars().last();
                if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                    continue;
                }
                let rest = &source.code[at + feature.len() + 2..];
                let next: String = rest
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                let is_type = next.chars().next().is_some_and(char::is_uppercase);
                let open = [
                    "model",
                    "store",
                    "search",
                    "paths",
                    "consent",
                    "catalogue",
                    "outlines",
                    "changes",
                    "letters",
                    "words",
                ];
                if !next.is_empty() && !is_type && !open.contains(&next.as_str()) {
                    faults.push(format!("src/{} uses {feature}::{next}", source.path));
                }
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}
