# Two commands to know: `make run` and `make test`. Each installs what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.SILENT:

.PHONY: help run demo test fmt lint tests quality sqlx bench bench-pages bench-entry bench-import

help:
	echo "make run    installe ce qui manque, compile et lance Maillage, avec sa démonstration si la base est vide"
	echo "make demo   ajoute la démonstration à la base"
	echo "make test   toutes les vérifications, comme l’intégration continue"
	echo "make lint   mise en forme, règles et fraîcheur de .sqlx, sans les essais"
	echo "make tests  les essais seuls"
	echo "make quality  ce que valent le classement et les propositions sur des données mises de côté"
	echo "make bench  mesure le moteur sur des territoires engendrés, à côté de PostGIS (SAMPLE=20000 pour n’en mesurer qu’une partie)"
	echo "make bench-pages   mesure les pages à 100 000 flux et 1 000 synergies, à côté d’une page nue"
	echo "make bench-entry   dix mille saisies simultanées d’un même diagnostic (ENTRY_INTERLEAVINGS, ENTRY_SEED)"
	echo "make bench-import  fichiers piégés, puis import de cent mille flux : secondes et mémoire"
	echo "make sqlx   rafraîchit .sqlx après un changement de requête ou de migration"

# In release: the first build takes a few minutes, and the matching engine is worth it.
run:
	[ -n "$${DATABASE_URL:-}" ] || .ci/install postgresql
	cargo build --release --locked
	exec .ci/with-settings target/release/maillage serve --demo

demo:
	[ -n "$${DATABASE_URL:-}" ] || .ci/install postgresql
	cargo build --release --locked
	exec .ci/with-settings target/release/maillage demo

# Cheapest first. The tests come last: their summary is what one reads.
test: lint tests

fmt:
	cargo fmt

lint:
	cargo fmt --check
	.ci/install postgresql
	.ci/sqlx --check
	cargo doc --quiet --no-deps --document-private-items --locked
	if cargo deny --version >/dev/null 2>&1; then
	    cargo deny --config .deny.toml check bans licenses sources
	else
	    echo "cargo-deny absent : licences des dépendances non vérifiées"
	fi

tests:
	.ci/install postgresql chromium
	case $$(.ci/postgres-bindir) in "$$PWD"/.pgsql/*) export PG_BINDIR=$$(.ci/postgres-bindir) ;; esac
	cargo test --locked --doc --quiet
	if cargo nextest --version >/dev/null 2>&1; then
	    cargo nextest run --locked --profile "$$([ -n "$${CI:-}" ] && echo ci || echo default)"
	else
	    cargo test --locked --lib --bins --tests
	fi

# Figures only: the tests print them and hold their floors.
quality:
	cargo test --locked --quiet --test app -- --nocapture --test-threads=1 quality:: | grep -E '^(Labels|Kalundborg|test result)'

sqlx:
	.ci/install postgresql
	.ci/sqlx

# On the database of BENCH_DATABASE_URL, else on a server of its own that goes away with the run.
bench:
	.ci/install postgresql postgis
	.ci/with-postgis cargo bench --locked --bench engine -- $(SIZES)

# Pages of a generated territory, beside the barest page of the same stack.
bench-pages:
	.ci/install postgresql
	.ci/with-postgis bash -c 'DATABASE_URL=$$BENCH_DATABASE_URL cargo bench --locked --bench pages'

# Many pages on one diagnostic at once, over HTTP: nothing lost, nothing overwritten unseen.
bench-entry:
	.ci/install postgresql
	ENTRY_INTERLEAVINGS=$${ENTRY_INTERLEAVINGS:-10000} cargo test --locked --test app interleavings -- --nocapture

# What files made to break a reader cost before they are refused; an import of 100,000 flows.
bench-import:
	.ci/install postgresql
	.ci/with-postgis sh -c 'DATABASE_URL="$$BENCH_DATABASE_URL" cargo bench --locked --bench import'
