-- The whole first schema. Squashed until the first release; afterwards migrations are append-only.
-- Names: tables plural, `_id`, `_at` (timestamptz), `_on` (date), `is_…`; constraints that forms translate are named.

create extension if not exists unaccent;
create extension if not exists pg_trgm;

-- Search folds case and accents the same way everywhere; `unaccent` itself is not immutable.
create function folded(words text) returns text
    language sql immutable strict parallel safe
    as $$ select lower(public.unaccent('public.unaccent'::regdictionary, words)) $$;

-- ---------------------------------------------------------------- reference data (loaded from files at start)

create table reference_files (
    name        text primary key,
    fingerprint text not null,
    loaded_at   timestamptz not null
);

create table communes (
    insee        text primary key check (insee ~ '^[0-9AB]{5}$'),
    name         text not null,
    department   text not null,
    postal_codes text[] not null,
    population   integer,
    epci         text,
    latitude     double precision,
    longitude    double precision,
    check ((latitude is null) = (longitude is null))
);
create index communes_name_idx on communes (folded(name) text_pattern_ops);
create index communes_postal_codes_idx on communes using gin (postal_codes);

create table naf_codes (
    code  text primary key,
    label text not null
);

create table waste_codes (
    code         text primary key check (code ~ '^[0-9]{6}$'),
    label        text not null,
    is_hazardous boolean not null
);

create table flow_categories (
    code       text primary key check (code ~ '^[A-Z]{3}-[0-9]{2}$'),
    family     text not null,
    label      text not null,
    unit       text not null,
    is_retired boolean not null default false
);

create table motives (
    code       text primary key,
    family     text not null,
    label      text not null,
    is_retired boolean not null default false
);

-- ---------------------------------------------------------------- territories and organisations

create table territories (
    id                uuid primary key,
    name              text not null constraint territories_name_key unique check (btrim(name) <> ''),
    is_demo           boolean not null default false,
    freshness_months  integer not null default 24 check (freshness_months between 1 and 120),
    latitude          double precision not null check (latitude between -90 and 90),
    longitude         double precision not null check (longitude between -180 and 180),
    establishments    integer check (establishments > 0),
    -- Whether its advisors may keep visits in their browser where there is no network.
    allows_offline    boolean not null default false,
    -- By how much, in percent, a category that the committee chose goes up in the queue.
    priority_weight   integer not null default 25 constraint territories_priority_weight check (priority_weight between 0 and 200),
    -- What an hour of an agent costs, where no expense of a programme says it.
    hour_cost_eur     double precision constraint territories_hour_cost check (hour_cost_eur > 0),
    -- The page that anybody may read, and whether search engines may list it.
    is_public         boolean not null default false,
    is_indexed        boolean not null default false,
    version           integer not null default 1,
    created_at        timestamptz not null
);

create table territory_communes (
    territory_id uuid not null references territories on delete cascade,
    insee        text not null references communes,
    primary key (territory_id, insee)
);

create table activity_zones (
    id           uuid primary key,
    territory_id uuid not null references territories,
    name         text not null check (btrim(name) <> ''),
    insee        text references communes,
    latitude     double precision not null,
    longitude    double precision not null,
    constraint activity_zones_name_key unique (territory_id, name)
);

create type organisation_kind as enum ('cci', 'cma', 'local_authority', 'club', 'funder', 'company', 'other');

create table organisations (
    id         uuid primary key,
    name       text not null constraint organisations_name_key unique check (btrim(name) <> ''),
    kind       organisation_kind not null,
    version    integer not null default 1,
    created_at timestamptz not null
);

-- ---------------------------------------------------------------- accounts

create type role as enum ('admin', 'pilot', 'advisor', 'partner', 'committee', 'company');

create table users (
    id              uuid primary key,
    email           text not null constraint users_email_key unique check (email = lower(email) and email like '%_@_%'),
    name            text not null check (btrim(name) <> ''),
    organisation_id uuid references organisations,
    specialities    text[] not null default '{}',
    password_hash   text,
    suspended_at    timestamptz,
    version         integer not null default 1,
    created_at      timestamptz not null
);

create table companies (
    id           uuid primary key,
    territory_id uuid not null references territories,
    siren        text check (siren ~ '^[0-9]{9}$'),
    name         text not null check (btrim(name) <> ''),
    created_at   timestamptz not null,
    constraint companies_siren_key unique (territory_id, siren),
    unique (id, territory_id)
);
create index companies_territory_idx on companies (territory_id);

-- Roles are a set. An administrator's holds everywhere; a company's is bound to one company.
create table user_roles (
    id           uuid primary key,
    user_id      uuid not null references users on delete cascade,
    role         role not null,
    territory_id uuid references territories,
    company_id   uuid references companies,
    constraint user_roles_place check ((role = 'admin') = (territory_id is null)),
    constraint user_roles_company check ((role = 'company') = (company_id is not null)),
    constraint user_roles_key unique nulls not distinct (user_id, role, territory_id, company_id)
);
create index user_roles_user_idx on user_roles (user_id);

create table sessions (
    token_hash   bytea primary key check (octet_length(token_hash) = 32),
    user_id      uuid not null references users on delete cascade,
    territory_id uuid references territories,
    created_at   timestamptz not null,
    seen_at      timestamptz not null,
    address      text not null,
    agent        text not null
);
create index sessions_user_idx on sessions (user_id);

create table invitations (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    user_id    uuid not null references users on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index invitations_user_idx on invitations (user_id);

-- Token buckets shared by all instances: one row per account tried, one per address.
create table throttles (
    key        text primary key,
    failures   integer not null,
    last_at    timestamptz not null,
    blocked_until timestamptz
);

-- ---------------------------------------------------------------- journal (audit and timeline) and jobs

create table journal (
    id           bigint generated always as identity primary key,
    at           timestamptz not null,
    user_id      uuid references users,
    author       text not null,
    territory_id uuid references territories,
    subject      text not null,
    subject_id   uuid not null,
    action       text not null,
    before       jsonb,
    after        jsonb,
    comment      text
);
create index journal_subject_idx on journal (subject_id, id);
create index journal_territory_idx on journal (territory_id, id desc);
-- The steps of synergies, which every delay and every count of activity reads.
create index journal_states_idx on journal (territory_id, subject_id) where subject = 'synergy' and after ? 'state';

create function refuse_change() returns trigger language plpgsql as $$
begin
    -- The one exception: the words of a person who asked to be erased; the line itself stays.
    if tg_op = 'UPDATE' and current_setting('maillage.erasing', true) = 'on' then
        return null;
    end if;
    raise exception 'the journal is append-only';
end $$;
create trigger journal_append_only before update or delete or truncate on journal
    for each statement execute function refuse_change();

create type job_state as enum ('queued', 'running', 'done', 'failed');

create table jobs (
    id          uuid primary key,
    name        text not null,
    payload     jsonb not null,
    unique_key  text,
    territory_id uuid references territories,
    state       job_state not null default 'queued',
    attempts    integer not null default 0,
    progress    integer not null default 0 check (progress between 0 and 100),
    message     text,
    run_at      timestamptz not null,
    created_at  timestamptz not null,
    started_at  timestamptz,
    finished_at timestamptz
);
-- At most one waiting copy of the same work.
create unique index jobs_unique_key on jobs (unique_key) where state = 'queued' and unique_key is not null;
create index jobs_waiting_idx on jobs (run_at) where state = 'queued';
create index jobs_key_idx on jobs (unique_key) where unique_key is not null;

-- ---------------------------------------------------------------- outgoing mail

create type letter_state as enum ('queued', 'sending', 'sent', 'held', 'dead', 'cancelled');

-- The outbox: filled in the transaction that causes a message, emptied by a job. While a letter is being
-- sent, `due_at` is the end of the sender's lease: after it, a dead sender's letter is taken up again.
create table letters (
    id             uuid primary key,
    topic          text not null check (topic ~ '^[a-z_]+$'),
    user_id        uuid references users on delete set null,
    territory_id   uuid references territories,
    recipient      text not null check (recipient like '%_@_%'),
    recipient_name text not null,
    reply_to       text,
    subject        text not null check (btrim(subject) <> ''),
    body           text not null,
    link_label     text,
    link_path      text,
    is_secret      boolean not null default false,
    is_optional    boolean not null,
    dedupe_key     text constraint letters_dedupe_key unique,
    state          letter_state not null default 'queued',
    attempts       integer not null default 0,
    due_at         timestamptz not null,
    -- After that its link opens nothing: it does not leave any more.
    expires_at     timestamptz,
    -- After that nobody needs it: it does not leave, and says so.
    stale_at       timestamptz,
    failure        text,
    created_at     timestamptz not null,
    settled_at     timestamptz,
    constraint letters_link check (link_path is null or link_label is not null),
    constraint letters_settled check ((state in ('queued', 'sending')) = (settled_at is null))
);
create index letters_due_idx on letters (due_at) where state in ('queued', 'sending');
create index letters_created_idx on letters (created_at desc);

-- Kinds of messages that somebody does not want.
create table letter_refusals (
    user_id uuid not null references users on delete cascade,
    topic   text not null,
    primary key (user_id, topic)
);

-- ---------------------------------------------------------------- establishments

create type headcount_band as enum ('none', 'h1_2', 'h3_5', 'h6_9', 'h10_19', 'h20_49', 'h50_99', 'h100_199', 'h200_249', 'h250_499', 'h500_more');
create type position_source as enum ('commune', 'zone', 'address', 'import', 'manual');

create table establishments (
    id                uuid primary key,
    company_id        uuid not null,
    territory_id      uuid not null references territories,
    name              text not null check (btrim(name) <> ''),
    folded_name       text not null generated always as (folded(name)) stored,
    reference         text,
    siret             text constraint establishments_siret_format check (siret ~ '^[0-9]{14}$'),
    naf               text references naf_codes,
    activity          text,
    headcount         headcount_band,
    address           text,
    postal_code       text,
    insee             text references communes,
    latitude          double precision check (latitude between -90 and 90),
    longitude         double precision check (longitude between -180 and 180),
    position_source   position_source,
    zone_id           uuid references activity_zones,
    charter_signed_on date,
    notes             text,
    version           integer not null default 1,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    archived_at       timestamptz,
    constraint establishments_position check ((latitude is null) = (longitude is null) and (latitude is null) = (position_source is null)),
    constraint establishments_siret_key unique (territory_id, siret),
    constraint establishments_reference_key unique (territory_id, reference),
    unique (id, territory_id),
    foreign key (company_id, territory_id) references companies (id, territory_id)
);
create index establishments_territory_idx on establishments (territory_id, folded_name, id) where archived_at is null;
create index establishments_company_idx on establishments (company_id);
create index establishments_name_idx on establishments using gin (folded_name gin_trgm_ops);

create table contacts (
    id               uuid primary key,
    establishment_id uuid not null references establishments on delete cascade,
    name             text not null check (btrim(name) <> ''),
    job_title        text,
    email            text,
    phone            text,
    informed_on      date,
    version          integer not null default 1,
    created_at       timestamptz not null
);
create index contacts_establishment_idx on contacts (establishment_id);

-- ---------------------------------------------------------------- directory (Sirene)

-- Establishments that may be looked up, of the communes and departments that the administrator keeps.
create table sirene_sites (
    siret         text primary key check (siret ~ '^[0-9]{14}$'),
    siren         text not null check (siren ~ '^[0-9]{9}$'),
    name          text,
    naf           text,
    headcount     text,
    address       text,
    postal_code   text,
    insee         text not null,
    is_closed     boolean not null,
    is_diffusible boolean not null,
    read_at       timestamptz not null,
    constraint sirene_sites_hidden check (is_diffusible or (name is null and address is null))
);
create index sirene_sites_siren_idx on sirene_sites (siren);

create table sirene_units (
    siren text primary key check (siren ~ '^[0-9]{9}$'),
    name  text
);

-- Files that wait to be read.
create table sirene_files (
    id         uuid primary key,
    name       text not null,
    content    bytea not null,
    wanted     jsonb not null,
    created_at timestamptz not null
);

-- ---------------------------------------------------------------- visits and flows

create type visit_status as enum ('planned', 'done', 'validated', 'cancelled');

create table visits (
    id               uuid primary key,
    territory_id     uuid not null,
    establishment_id uuid not null,
    status           visit_status not null default 'planned',
    visit_on         date not null,
    begins_at        time,
    duration_minutes integer check (duration_minutes between 1 and 1440),
    contact_met      text,
    notes            text,
    version          integer not null default 1,
    created_at       timestamptz not null,
    validated_at     timestamptz,
    constraint visits_validated check ((status = 'validated') = (validated_at is not null)),
    foreign key (establishment_id, territory_id) references establishments (id, territory_id)
);
create index visits_establishment_idx on visits (establishment_id);
create index visits_territory_idx on visits (territory_id, visit_on);

-- A visit's people; several advisors may go together.
create table visit_advisors (
    visit_id uuid not null references visits on delete cascade,
    user_id  uuid not null references users,
    primary key (visit_id, user_id)
);
create index visit_advisors_user_idx on visit_advisors (user_id);

create type flow_direction as enum ('outbound', 'inbound');
create type flow_period as enum ('day', 'week', 'month', 'quarter', 'half_year', 'year', 'once');
create type certainty as enum ('measured', 'declared', 'estimated', 'order_of_magnitude');
create type visibility as enum ('internal', 'anonymised', 'shareable');
create type flow_source as enum ('visit', 'import', 'workshop', 'portal', 'advisor');

create table flows (
    id               uuid primary key,
    territory_id     uuid not null,
    establishment_id uuid not null,
    visit_id         uuid references visits,
    reference        text,
    direction        flow_direction not null,
    category         text references flow_categories,
    label            text not null check (btrim(label) <> ''),
    quantity         double precision check (quantity >= 0),
    unit             text,
    period           flow_period,
    annual_quantity  double precision check (annual_quantity >= 0),
    certainty        certainty not null default 'estimated',
    months           integer not null default 4095 check (months between 1 and 4095),
    form             text,
    quality          text,
    temperature_c    double precision,
    food_grade       boolean,
    outlet           text,
    annual_cost_eur  double precision check (annual_cost_eur >= 0),
    contract_end_on  date,
    waste_code       text references waste_codes,
    visibility       visibility not null default 'internal',
    source           flow_source not null,
    observed_on      date not null,
    confirmed_on     date,
    known_on         date not null generated always as (greatest(observed_on, confirmed_on)) stored,
    folded_label     text not null generated always as (folded(label)) stored,
    version          integer not null default 1,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    deleted_at       timestamptz,
    constraint flows_quantity check ((quantity is null) = (unit is null) and (quantity is null) = (period is null)),
    constraint flows_reference_key unique (territory_id, reference),
    foreign key (establishment_id, territory_id) references establishments (id, territory_id)
);
create index flows_visit_idx on flows (visit_id) where deleted_at is null;
create index flows_establishment_idx on flows (establishment_id) where deleted_at is null;
create index flows_territory_idx on flows (territory_id, category) where deleted_at is null;
create index flows_known_idx on flows (territory_id, known_on, establishment_id) where deleted_at is null;
create index flows_label_idx on flows using gin (folded_label gin_trgm_ops);

-- What the filters of the list keep; null says nothing. One place for the list, its count and its files.
create function flows_listed(territory uuid, words text, family text, category text, direction flow_direction,
                             unclassified boolean, stale_before date, insee text, establishment uuid, zone uuid)
returns table (id uuid, category text, annual_quantity double precision, known_on date, folded_label text, folded_name text)
    language sql stable
    as $$ select f.id, f.category, f.annual_quantity, f.known_on, f.folded_label, e.folded_name
          from public.flows f join public.establishments e on e.id = f.establishment_id
          where f.territory_id = $1 and f.deleted_at is null and e.territory_id = $1 and e.archived_at is null
            and ($2 is null or f.folded_label like '%' || public.folded($2) || '%' or e.folded_name like '%' || public.folded($2) || '%')
            and ($3 is null or f.category like $3 || '-%')
            and ($4 is null or f.category = $4)
            and ($5 is null or f.direction = $5)
            and (not $6 or f.category is null)
            and ($7 is null or f.known_on < $7)
            and ($8 is null or e.insee = $8)
            and ($9 is null or f.establishment_id = $9)
            and ($10 is null or e.zone_id = $10) $$;

-- Words of a territory that the nomenclature lacks: proposed by a choice of category, decided by a manager.
create type local_word_state as enum ('proposed', 'accepted', 'refused');

create table local_words (
    id           uuid primary key,
    territory_id uuid not null references territories,
    label        text not null check (btrim(label) <> ''),
    category     text not null references flow_categories,
    state        local_word_state not null default 'proposed',
    uses         integer not null default 0 check (uses >= 0),
    proposed_by  uuid references users,
    proposed_at  timestamptz not null,
    decided_at   timestamptz,
    constraint local_words_decided check ((state = 'proposed') = (decided_at is null))
);
create unique index local_words_key on local_words (territory_id, folded(label), category);
create unique index local_words_accepted_key on local_words (territory_id, folded(label)) where state = 'accepted';

-- The last thing typed in each cell of a diagnostic, and by which open page. A page that sends again
-- recognises its own write; what could not be read, or has no name yet, waits here instead of being lost.
create table visit_cells (
    visit_id   uuid not null references visits on delete cascade,
    row_id     uuid not null,   -- a flow, begun or recorded; the visit itself for its questionnaire
    field      text not null,
    typed      text not null,
    is_pending boolean not null,
    client_id  uuid not null,
    seq        bigint not null check (seq >= 0),
    user_id    uuid not null references users,
    typed_at   timestamptz not null,
    primary key (visit_id, row_id, field)
);

-- What was answered during a visit; the questions are a catalogue of the code.
create table visit_answers (
    visit_id    uuid not null references visits on delete cascade,
    question    text not null,
    answer      text not null constraint visit_answers_answer check (btrim(answer) <> ''),
    answered_at timestamptz not null,
    primary key (visit_id, question)
);

-- Who has a diagnostic open, to tell the others; a line older than a minute or two means nobody.
create table visit_presence (
    visit_id uuid not null references visits on delete cascade,
    user_id  uuid not null references users,
    seen_at  timestamptz not null,
    primary key (visit_id, user_id)
);

-- The inventory as it was when a visit was validated: the dated version that the next one is compared with.
create table visit_flows (
    visit_id        uuid not null references visits on delete cascade,
    flow_id         uuid not null references flows on delete cascade,
    direction       flow_direction not null,
    category        text references flow_categories,
    label           text not null,
    quantity        double precision,
    unit            text,
    period          flow_period,
    annual_quantity double precision,
    certainty       certainty not null,
    outlet          text,
    primary key (visit_id, flow_id)
);
create index visit_flows_flow_idx on visit_flows (flow_id);

-- ---------------------------------------------------------------- lists

create type list_kind as enum ('establishments', 'flows', 'visits', 'synergies');

-- What one person, or the territory, keeps of a list: its query string.
create table saved_views (
    id           uuid primary key,
    territory_id uuid not null references territories,
    owner_id     uuid not null references users,
    list         list_kind not null,
    name         text not null check (btrim(name) <> ''),
    query        text not null,
    is_shared    boolean not null,
    created_at   timestamptz not null,
    deleted_at   timestamptz
);
create index saved_views_list_idx on saved_views (territory_id, list) where deleted_at is null;
create index saved_views_owner_idx on saved_views (owner_id);

-- One act on many rows, with what undoing needs; forgotten after thirty days.
create table batches (
    id           uuid primary key,
    territory_id uuid not null references territories,
    user_id      uuid not null references users on delete cascade,
    list         list_kind not null,
    act          text not null,
    words        text not null,
    made_at      timestamptz not null,
    undone_at    timestamptz,
    -- Rows that had changed since, and stayed.
    left_count   integer not null default 0
);
create index batches_made_idx on batches (made_at);
create index batches_territory_idx on batches (territory_id);
create index batches_user_idx on batches (user_id);

create table batch_rows (
    batch_id uuid not null references batches on delete cascade,
    row_id   uuid not null,
    rank     bigint not null,
    label    text not null,
    before   jsonb,
    version  integer,
    refusal  text,
    primary key (batch_id, row_id),
    constraint batch_rows_fate check ((version is null) <> (refusal is null))
);

-- ---------------------------------------------------------------- synergies

create type synergy_kind as enum ('substitution', 'sharing', 'mutualisation');
create type synergy_origin as enum ('engine', 'workshop', 'advisor', 'company');
create type synergy_state as enum ('proposed', 'under_review', 'prevalidated', 'contact_proposed', 'agreed', 'studied', 'implementing', 'realised', 'durable', 'rejected', 'asleep', 'silent', 'abandoned', 'interrupted', 'duplicate');

-- Somebody works on it; the companies may be silent. Inlined by the planner, so that indexes on the state serve.
create function is_followed(state synergy_state) returns boolean language sql immutable parallel safe
    as $$ select state in ('under_review', 'prevalidated', 'contact_proposed', 'agreed', 'studied', 'implementing', 'silent') $$;

-- Work goes on, from the study to the first exchange.
create function is_moving(state synergy_state) returns boolean language sql immutable parallel safe
    as $$ select state in ('under_review', 'prevalidated', 'contact_proposed', 'agreed', 'studied', 'implementing') $$;

-- Proposed, not settled with the companies yet: what a workshop may bring together.
create function is_to_settle(state synergy_state) returns boolean language sql immutable parallel safe
    as $$ select state in ('proposed', 'under_review', 'prevalidated', 'contact_proposed') $$;

create type member_side as enum ('outbound', 'relay', 'inbound', 'member');
create type member_state as enum ('prospective', 'interested', 'committed', 'withdrawn');
create type feasibility_axis as enum ('technical', 'economic', 'regulatory', 'organisational', 'geographic', 'social');
create type feasibility_grade as enum ('green', 'orange', 'red');

create table synergies (
    id             uuid primary key,
    territory_id   uuid not null references territories,
    number         integer not null,
    key            text not null,
    kind           synergy_kind not null,
    origin         synergy_origin not null,
    state          synergy_state not null default 'proposed',
    category       text references flow_categories,
    title          text not null,
    score          double precision check (score between 0 and 100),
    confidence     double precision check (confidence between 0 and 1),
    distance_km    double precision,
    -- Order of the queue: score x chance of being accepted x value; null for an idea nobody computed.
    priority       double precision,
    explanation    jsonb not null,
    fingerprint    text not null,
    params_version text not null,
    is_current     boolean not null default true,
    -- An advisor chose the members of this group: a search keeps them.
    is_fixed       boolean not null default false,
    assigned_to    uuid references users,
    motive         text references motives,
    motive_comment text,
    rejected_facts jsonb,
    wake_on        date,
    realised_on    date,
    -- The synergy that is kept when this one is the same idea.
    duplicate_of   uuid references synergies,
    -- Where it was when the companies gave no more news.
    silent_from    synergy_state,
    -- When its state changed last: a search that refreshes a proposal does not move it.
    state_since    timestamptz not null,
    -- When reviewers accepted or refused it last; null while they have not.
    decided_at     timestamptz,
    version        integer not null default 1,
    proposed_at    timestamptz not null,
    updated_at     timestamptz not null,
    constraint synergies_number_key unique (territory_id, number),
    constraint synergies_key_key unique (territory_id, key),
    constraint synergies_motive check (state not in ('rejected', 'abandoned', 'interrupted') or motive is not null),
    constraint synergies_duplicate check ((state = 'duplicate') = (duplicate_of is not null) and duplicate_of <> id),
    constraint synergies_silent check (silent_from is null or state = 'silent'),
    constraint synergies_wake check ((state = 'asleep') = (wake_on is not null)),
    constraint synergies_realised check (state not in ('realised', 'durable', 'interrupted') or realised_on is not null)
);
create index synergies_queue_idx on synergies (territory_id, state, priority desc);
create index synergies_assigned_idx on synergies (assigned_to) where assigned_to is not null;

-- A duplicate's other one is of the same territory and is kept: of two made duplicates of each other at the
-- same time, the second waits for the first, then is refused.
create function refuse_lost_synergy() returns trigger language plpgsql as $$
begin
    perform from synergies k where k.id = new.duplicate_of and k.territory_id = new.territory_id and k.duplicate_of is null for share;
    if not found then
        raise exception 'the other synergy is not kept' using errcode = 'check_violation', constraint = 'synergies_kept';
    end if;
    return new;
end $$;
create trigger synergies_kept before insert or update of duplicate_of on synergies
    for each row when (new.duplicate_of is not null) execute function refuse_lost_synergy();

-- Who was reminded of a synergy standing still, after how many days, since which move: so that a morning
-- missed is made up for, and no level is said twice.
create table synergy_reminders (
    synergy_id  uuid not null references synergies on delete cascade,
    audience    text not null check (audience in ('advisor', 'companies')),
    still_since timestamptz not null,
    days        integer not null check (days > 0),
    sent_at     timestamptz not null,
    primary key (synergy_id, audience, still_since, days)
);

create table synergy_members (
    synergy_id       uuid not null references synergies on delete cascade,
    establishment_id uuid not null references establishments,
    flow_id          uuid references flows,
    side             member_side not null,
    state            member_state not null default 'prospective',
    annual_quantity  double precision,
    primary key (synergy_id, establishment_id, side)
);
create index synergy_members_establishment_idx on synergy_members (establishment_id);
create index synergy_members_flow_idx on synergy_members (flow_id);

-- The days of a synergy's steps, by the journal. One realised before it was recorded went through every
-- step at the latest that day; where the journal says nothing, the last change stands for it.
create view synergy_dates as
select s.id as synergy_id, s.territory_id,
       least(dated.proposed_on, s.realised_on) as proposed_on,
       least(case when s.state <> 'proposed' then coalesce(told.examined_on, dated.changed_on) end, s.realised_on) as examined_on,
       least(coalesce(told.prevalidated_on,
             case when s.state in ('prevalidated', 'contact_proposed', 'agreed', 'studied', 'implementing') then dated.changed_on end),
             s.realised_on) as prevalidated_on,
       told.prevalidated_on as told_on,
       least(coalesce(told.agreed_on, case when s.state in ('agreed', 'studied', 'implementing') then dated.changed_on end),
             s.realised_on) as agreed_on,
       case when s.state in ('durable', 'interrupted') then
            coalesce(told.durable_on, case when s.state = 'durable' then greatest(dated.changed_on, s.realised_on) end) end as durable_on,
       case when s.state = 'interrupted' then coalesce(told.interrupted_on, greatest(dated.changed_on, s.realised_on)) end as interrupted_on
from synergies s
cross join lateral (select (s.proposed_at at time zone 'Europe/Paris')::date as proposed_on,
                           (s.state_since at time zone 'Europe/Paris')::date as changed_on) dated
left join (
    select step.territory_id, step.subject_id,
           min(step.on_day) filter (where step.state <> 'proposed') as examined_on,
           min(step.on_day) filter (where step.state = 'prevalidated') as prevalidated_on,
           min(step.on_day) filter (where step.state in ('agreed', 'studied', 'implementing')) as agreed_on,
           min(step.on_day) filter (where step.state = 'durable') as durable_on,
           max(step.on_day) filter (where step.state = 'interrupted') as interrupted_on
    from (select j.territory_id, j.subject_id, j.after ->> 'state' as state, (j.at at time zone 'Europe/Paris')::date as on_day
          from journal j where j.subject = 'synergy' and j.after ? 'state' and not j.after ? 'member') step
    group by step.territory_id, step.subject_id
) told on told.territory_id = s.territory_id and told.subject_id = s.id;

-- What the staff of the territory say to each other; companies and the committee never read it.
create table comments (
    id               uuid primary key,
    territory_id     uuid not null references territories,
    synergy_id       uuid references synergies on delete cascade,
    establishment_id uuid references establishments on delete cascade,
    flow_id          uuid references flows on delete cascade,
    author_id        uuid not null references users,
    body             text not null check (btrim(body) <> ''),
    written_at       timestamptz not null,
    edited_at        timestamptz,
    constraint comments_subject check (num_nonnulls(synergy_id, establishment_id, flow_id) = 1)
);
create index comments_synergy_idx on comments (synergy_id, written_at);
create index comments_establishment_idx on comments (establishment_id, written_at);
create index comments_flow_idx on comments (flow_id, written_at);

create table mentions (
    comment_id uuid not null references comments on delete cascade,
    user_id    uuid not null references users on delete cascade,
    read_at    timestamptz,
    primary key (comment_id, user_id)
);
create index mentions_user_idx on mentions (user_id) where read_at is null;

-- What an idea of a workshop lifted: the refusal, or the sleep, of a proposal that companies talked about again. It
-- comes back when no idea supports the proposal any more, unless somebody moved it meanwhile.
create table lifted_refusals (
    synergy_id     uuid primary key references synergies on delete cascade,
    state          synergy_state not null check (state in ('rejected', 'asleep')),
    motive         text references motives,
    motive_comment text,
    rejected_facts jsonb,
    wake_on        date,
    decided_at     timestamptz,
    proposed_at    timestamptz not null,
    -- Of the synergy once it was lifted.
    version        integer not null
);

-- Which kind of advisor a proposal is for, by criteria that must all fit; the first rule wins.
create table assignment_rules (
    territory_id uuid not null references territories,
    rank         integer not null,
    shape        text check (shape in ('new_activity', 'substitution', 'sharing', 'mutualisation')),
    family       text,
    category     text references flow_categories,
    section      text check (section ~ '^[A-U]$'),
    speciality   text not null,
    primary key (territory_id, rank)
);

-- Days when somebody is not there, and who stands in.
create table absences (
    id           uuid primary key,
    territory_id uuid not null references territories,
    user_id      uuid not null references users on delete cascade,
    starts_on    date not null,
    ends_on      date not null,
    replaced_by  uuid references users on delete set null,
    constraint absences_days check (ends_on >= starts_on),
    constraint absences_other check (replaced_by <> user_id)
);
create index absences_user_idx on absences (user_id, ends_on);

-- Who does somebody's work on a day: whoever stands in for them, else they themselves.
create function acting(who uuid, place uuid, on_day date) returns uuid language sql stable
    as $$ select coalesce((select a.replaced_by from absences a join users r on r.id = a.replaced_by and r.suspended_at is null
                           where a.user_id = who and a.territory_id = place and on_day between a.starts_on and a.ends_on
                           order by a.starts_on limit 1), who) $$;

-- Everything open that one advisor held, given to another in one act that can be undone.
create table handovers (
    id           uuid primary key,
    territory_id uuid not null references territories,
    giver_id     uuid not null references users,
    taker_id     uuid not null references users,
    made_by      uuid references users,
    made_at      timestamptz not null,
    undone_at    timestamptz,
    constraint handovers_two check (giver_id <> taker_id)
);
create index handovers_territory_idx on handovers (territory_id, made_at desc);

create table handover_synergies (
    handover_id uuid not null references handovers on delete cascade,
    synergy_id  uuid not null references synergies on delete cascade,
    primary key (handover_id, synergy_id)
);

create table feasibility_checks (
    synergy_id uuid not null references synergies on delete cascade,
    axis       feasibility_axis not null,
    grade      feasibility_grade not null,
    comment    text,
    primary key (synergy_id, axis)
);

create type readiness as enum ('idea', 'data', 'trial', 'ready');

-- What the study found beside its axes; a figure always says where it comes from.
create table synergy_studies (
    synergy_id        uuid primary key references synergies on delete cascade,
    readiness         readiness,
    investment_eur    double precision check (investment_eur >= 0),
    investment_source text,
    giver_gain_eur    double precision,
    giver_source      text,
    receiver_gain_eur double precision,
    receiver_source   text,
    constraint synergy_studies_sources check ((investment_eur is null) = (investment_source is null)
        and (giver_gain_eur is null) = (giver_source is null) and (receiver_gain_eur is null) = (receiver_source is null))
);

create type regulatory_answer as enum ('to_check', 'checked', 'not_applicable');

-- What was found on the points of law that the flow raises; their list is a file of the code.
create table regulatory_checks (
    synergy_id uuid not null references synergies on delete cascade,
    point      text not null check (btrim(point) <> ''),
    answer     regulatory_answer not null,
    note       text,
    primary key (synergy_id, point)
);

create table synergy_files (
    id         uuid primary key,
    synergy_id uuid not null references synergies on delete cascade,
    name       text not null check (btrim(name) <> ''),
    media_type text not null,
    content    bytea not null check (octet_length(content) between 1 and 10485760),
    added_by   uuid not null references users,
    added_at   timestamptz not null
);
create index synergy_files_synergy_idx on synergy_files (synergy_id);

-- What becomes of a material, the worst first.
create type treatment as enum ('disposal', 'energy', 'recycling', 'reuse', 'prevention');

-- A territory's own factors. A set is never changed: a new version replaces it.
create table factor_sets (
    id           uuid primary key,
    territory_id uuid not null references territories,
    version      integer not null check (version > 0),
    note         text,
    created_by   uuid references users,
    created_at   timestamptz not null,
    constraint factor_sets_version_key unique (territory_id, version)
);

create table factor_values (
    set_id  uuid not null references factor_sets on delete cascade,
    factor  text not null check (btrim(factor) <> ''),
    low     double precision not null,
    central double precision not null,
    high    double precision not null,
    source  text not null check (btrim(source) <> ''),
    primary key (set_id, factor),
    constraint factor_values_order check (0 <= low and low <= central and central <= high)
);

-- What a realised synergy brings each year. Unknown stays null: never zero.
create table synergy_results (
    synergy_id     uuid primary key references synergies on delete cascade,
    origin         certainty not null,
    diverted_t     double precision check (diverted_t >= 0),
    energy_mwh     double precision check (energy_mwh >= 0),
    water_m3       double precision check (water_m3 >= 0),
    avoided_tco2e  double precision,
    savings_eur    double precision,
    jobs_fte       double precision check (jobs_fte >= 0),
    handled_t      double precision check (handled_t >= 0),
    treated_before treatment,
    treated_after  treatment,
    virgin_t       double precision check (virgin_t >= 0),
    freight_tkm    double precision check (freight_tkm >= 0),
    car_km         double precision check (car_km >= 0),
    local_sales_eur double precision check (local_sales_eur >= 0),
    investment_eur double precision check (investment_eur >= 0),
    shared_jobs_fte double precision check (shared_jobs_fte >= 0),
    trained_people integer check (trained_people >= 0),
    new_activities integer check (new_activities >= 0)
);

create type yield_measure as enum ('diverted_t', 'energy_mwh', 'water_m3', 'other');

-- What the exchanges of one year really were, with the evidence. What it does not tell stays as estimated.
create table synergy_years (
    synergy_id        uuid not null references synergies on delete cascade,
    year              integer not null check (year between 1990 and 2100),
    measure           yield_measure not null,
    quantity          double precision not null check (quantity >= 0),
    other_unit        text check (btrim(other_unit) <> ''),
    origin            certainty not null check (origin in ('measured', 'declared')),
    evidence          text check (btrim(evidence) <> ''),
    file_id           uuid constraint synergy_years_file references synergy_files,
    dated_on          date not null,
    giver_gain_eur    double precision,
    giver_source      text,
    receiver_gain_eur double precision,
    receiver_source   text,
    avoided_tco2e     double precision,
    jobs_fte          double precision check (jobs_fte >= 0),
    recorded_by       uuid references users,
    recorded_at       timestamptz not null,
    primary key (synergy_id, year),
    constraint synergy_years_unit check ((measure = 'other') = (other_unit is not null)),
    constraint synergy_years_evidence check (evidence is not null or file_id is not null),
    constraint synergy_years_sources check ((giver_gain_eur is null) = (giver_source is null)
        and (receiver_gain_eur is null) = (receiver_source is null))
);
create index synergy_years_file_idx on synergy_years (file_id) where file_id is not null;

-- What a synergy brings each year, from a day on: as estimated, then as each year told it once it was over. Whoever
-- reads it for a day takes the last row that begins by then. As sure as its least sure part; a gain told for one
-- side only leaves the estimate of both.
create view synergy_effects as
select s.id as synergy_id, y.since, greatest(r.origin, y.origin) as origin,
       case when y.measure = 'diverted_t' then y.quantity else r.diverted_t end as diverted_t,
       case when y.measure = 'energy_mwh' then y.quantity else r.energy_mwh end as energy_mwh,
       case when y.measure = 'water_m3' then y.quantity else r.water_m3 end as water_m3,
       coalesce(y.avoided_tco2e, r.avoided_tco2e) as avoided_tco2e,
       case when num_nonnulls(y.giver_gain_eur, y.receiver_gain_eur) = 2
              or num_nonnulls(y.giver_gain_eur, y.receiver_gain_eur) = 1 and (s.kind = 'mutualisation' or r.savings_eur is null)
            then coalesce(y.giver_gain_eur, 0) + coalesce(y.receiver_gain_eur, 0) else r.savings_eur end as savings_eur,
       coalesce(y.jobs_fte, r.jobs_fte) as jobs_fte,
       r.handled_t, r.treated_before, r.treated_after, r.virgin_t, r.freight_tkm, r.car_km, r.local_sales_eur,
       r.investment_eur, r.shared_jobs_fte, r.trained_people, r.new_activities
from synergies s
left join synergy_results r on r.synergy_id = s.id
cross join lateral (
    select date '0001-01-01' as since, (null::synergy_years).*
    union all
    select make_date(t.year + 1, 1, 1), t.* from synergy_years t where t.synergy_id = s.id
) y
where r.synergy_id is not null or y.year is not null;

-- The time that agents spend on a synergy, act by act.
create table work_times (
    id         uuid primary key,
    synergy_id uuid not null references synergies on delete cascade,
    user_id    uuid not null references users,
    minutes    integer not null check (minutes between 1 and 1440),
    what       text not null check (btrim(what) <> ''),
    spent_on   date not null,
    noted_at   timestamptz not null
);
create index work_times_synergy_idx on work_times (synergy_id, spent_on);

create type consent_word as enum ('agreed', 'later', 'declined', 'withdrawn');
create type consent_channel as enum ('portal', 'phone', 'meeting', 'email', 'paper');

-- A company's last word on a synergy: who said it, when, how. What it said before is in the journal.
create table synergy_consents (
    synergy_id  uuid not null references synergies on delete cascade,
    company_id  uuid not null references companies,
    word        consent_word not null,
    channel     consent_channel not null,
    person      text not null check (btrim(person) <> ''),
    motive      text references motives,
    comment     text,
    recorded_by uuid references users,
    said_at     timestamptz not null,
    primary key (synergy_id, company_id)
);

-- The message that names companies to each other; from `sent_at` on, words cannot be taken back.
create table introductions (
    synergy_id uuid primary key references synergies on delete cascade,
    subject    text not null check (btrim(subject) <> ''),
    body       text not null check (btrim(body) <> ''),
    recipients text[] not null,
    version    integer not null default 1,
    written_at timestamptz not null,
    sent_at    timestamptz,
    sent_by    uuid references users,
    constraint introductions_sent check (sent_by is null or sent_at is not null)
);

create table synergy_meetings (
    synergy_id  uuid primary key references synergies on delete cascade,
    held_on     date not null,
    hour        text,
    place       text not null check (btrim(place) <> ''),
    attendees   text
);

-- ---------------------------------------------------------------- what companies ask in their space

create type correction_state as enum ('pending', 'accepted', 'refused');

-- A company says that one of its flows is not what is recorded, or that one is missing.
create table flow_corrections (
    id               uuid primary key,
    territory_id     uuid not null,
    establishment_id uuid not null,
    flow_id          uuid references flows,
    label            text,
    direction        flow_direction,
    quantity         double precision check (quantity >= 0),
    unit             text,
    period           flow_period,
    is_gone          boolean not null,
    comment          text,
    state            correction_state not null default 'pending',
    answer           text,
    asked_by         uuid references users,
    asked_at         timestamptz not null,
    decided_by       uuid references users,
    decided_at       timestamptz,
    constraint flow_corrections_subject check ((flow_id is null) = (label is not null and direction is not null)),
    constraint flow_corrections_quantity check ((quantity is null) = (unit is null) and (quantity is null) = (period is null)),
    constraint flow_corrections_decided check ((state = 'pending') = (decided_at is null)),
    foreign key (establishment_id, territory_id) references establishments (id, territory_id)
);
create index flow_corrections_territory_idx on flow_corrections (territory_id, state, asked_at desc);
create index flow_corrections_establishment_idx on flow_corrections (establishment_id);

create type idea_state as enum ('pending', 'followed', 'declined');

-- A company has an idea about one of its flows. An advisor makes a synergy of it, or answers why not.
create table company_ideas (
    id               uuid primary key,
    territory_id     uuid not null,
    establishment_id uuid not null,
    flow_id          uuid not null references flows,
    what             text not null check (btrim(what) <> ''),
    partner          text,
    state            idea_state not null default 'pending',
    synergy_id       uuid references synergies on delete set null,
    answer           text,
    asked_by         uuid references users,
    asked_at         timestamptz not null,
    decided_by       uuid references users,
    decided_at       timestamptz,
    constraint company_ideas_decided check ((state = 'pending') = (decided_at is null)),
    constraint company_ideas_declined check (state <> 'declined' or answer is not null),
    foreign key (establishment_id, territory_id) references establishments (id, territory_id)
);
create index company_ideas_territory_idx on company_ideas (territory_id, state, asked_at desc);
create index company_ideas_establishment_idx on company_ideas (establishment_id);

-- Hides words wherever they are written: in every column that holds text. Accounts and contacts are erased by
-- themselves: somebody else may bear the same name there.
create function hide_words(words text[], mark text) returns void language plpgsql as $$
declare
    place record;
    word text;
begin
    delete from throttles where exists (select from unnest(words) w (word) where strpos(key, w.word) > 0);
    for place in
        select c.table_name, c.column_name, c.udt_name from information_schema.columns c
          join information_schema.tables t using (table_schema, table_name)
        where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
          and c.udt_name in ('text', '_text', 'varchar', 'jsonb')
          and c.table_name not in ('users', 'contacts', 'throttles', '_sqlx_migrations')
    loop
        foreach word in array words loop
            execute format('update %I set %I = replace(%I::text, $1, $2)::%s where strpos(%I::text, $1) > 0',
                           place.table_name, place.column_name, place.column_name,
                           case place.udt_name when '_text' then 'text[]' else place.udt_name end, place.column_name)
            using word, mark;
        end loop;
    end loop;
end $$;

create table erasure_requests (
    id           uuid primary key,
    company_id   uuid not null,
    territory_id uuid not null,
    asked_by     uuid references users,
    asked_at     timestamptz not null,
    comment      text,
    answer       text,
    answered_by  uuid references users,
    answered_at  timestamptz,
    constraint erasure_requests_answered check ((answer is null) = (answered_at is null)),
    foreign key (company_id, territory_id) references companies (id, territory_id)
);
create unique index erasure_requests_waiting_key on erasure_requests (company_id) where answered_at is null;
create index erasure_requests_territory_idx on erasure_requests (territory_id, asked_at desc);

-- Whether an introduction was useful to a company: 1 useless to 4 very useful.
create table satisfactions (
    synergy_id uuid not null references synergies on delete cascade,
    company_id uuid not null references companies,
    mark       smallint not null check (mark between 1 and 4),
    comment    text,
    may_quote  boolean not null,
    given_by   uuid references users,
    given_at   timestamptz not null,
    primary key (synergy_id, company_id)
);

-- ---------------------------------------------------------------- public page

-- What a realised synergy says of itself in public; shown once every company in it agreed.
create table publications (
    synergy_id uuid primary key references synergies on delete cascade,
    title      text not null constraint publications_title check (btrim(title) <> ''),
    story      text not null constraint publications_story check (btrim(story) <> ''),
    written_at timestamptz not null
);

create table publication_consents (
    synergy_id  uuid not null references publications on delete cascade,
    company_id  uuid not null references companies on delete cascade,
    person      text not null constraint publication_consents_person check (btrim(person) <> ''),
    said_on     date not null,
    recorded_by uuid references users,
    primary key (synergy_id, company_id)
);

-- ---------------------------------------------------------------- neighbouring territories

-- Two territories open families of flows to each other, while both pilots agree.
create table territory_agreements (
    id          uuid primary key,
    asker_id    uuid not null references territories on delete cascade,
    other_id    uuid not null references territories on delete cascade,
    families    text[] not null constraint territory_agreements_families check (cardinality(families) > 0),
    starts_on   date not null,
    ends_on     date,
    asked_at    timestamptz not null,
    accepted_at timestamptz,
    ended_at    timestamptz,
    constraint territory_agreements_two check (asker_id <> other_id),
    constraint territory_agreements_dates check (ends_on is null or starts_on <= ends_on)
);
create unique index territory_agreements_pair_key on territory_agreements (least(asker_id, other_id), greatest(asker_id, other_id)) where ended_at is null;

create type border_word as enum ('waiting', 'agreed', 'declined');

-- A flow of one territory that answers a flow of another, and what each side said of it.
create table border_matches (
    id               uuid primary key,
    out_territory_id uuid not null references territories on delete cascade,
    out_flow_id      uuid not null references flows on delete cascade,
    in_territory_id  uuid not null references territories on delete cascade,
    in_flow_id       uuid not null references flows on delete cascade,
    score            double precision not null check (score between 0 and 100),
    distance_km      double precision,
    is_current       boolean not null default true,
    out_word         border_word not null default 'waiting',
    out_said_by      uuid references users,
    in_word          border_word not null default 'waiting',
    in_said_by       uuid references users,
    found_at         timestamptz not null,
    constraint border_matches_flows_key unique (out_flow_id, in_flow_id),
    constraint border_matches_two check (out_territory_id <> in_territory_id)
);
create index border_matches_out_idx on border_matches (out_territory_id);
create index border_matches_in_idx on border_matches (in_territory_id);
create index border_matches_in_flow_idx on border_matches (in_flow_id);

-- ---------------------------------------------------------------- prospects

-- What the deduction says of establishments not visited yet: rewritten by each run, apart from `flows`.
create table presumed_flows (
    establishment_id uuid not null references establishments on delete cascade,
    category         text not null references flow_categories,
    direction        flow_direction not null,
    probability      double precision not null check (probability between 0 and 1),
    low              double precision,
    central          double precision,
    high             double precision,
    why              text not null,
    primary key (establishment_id, category, direction),
    constraint presumed_flows_range check ((low is null) = (central is null) and (low is null) = (high is null)
        and (low is null or (0 <= low and low <= central and central <= high)))
);

-- « Ce n'est pas le cas ici »: kept from run to run.
create table presumed_dismissals (
    establishment_id uuid not null references establishments on delete cascade,
    category         text not null references flow_categories,
    direction        flow_direction not null,
    dismissed_at     timestamptz not null,
    primary key (establishment_id, category, direction)
);

-- Expected value of the visit of each establishment not visited yet.
create table visit_prospects (
    establishment_id uuid primary key references establishments on delete cascade,
    territory_id     uuid not null references territories,
    points           double precision not null check (points >= 0),
    synergies        double precision not null check (synergies >= 0),
    gain_eur         double precision,
    leads            jsonb not null
);
create index visit_prospects_rank_idx on visit_prospects (territory_id, points desc);

-- Kinds of partner that would unlock flows without a solution. The columns are what may be shown without names.
create table missing_partners (
    territory_id  uuid not null references territories,
    category      text not null references flow_categories,
    direction     flow_direction not null,
    position      integer not null,
    sites         bigint not null check (sites > 0),
    quantity      double precision,
    largest_share double precision check (largest_share between 0 and 1),
    value_eur     double precision,
    details       jsonb not null,
    primary key (territory_id, category, direction)
);

-- ---------------------------------------------------------------- programmes, workshops

create table programmes (
    id           uuid primary key,
    territory_id uuid not null references territories,
    name         text not null,
    starts_on    date not null,
    ends_on      date not null,
    version      integer not null default 1,
    check (starts_on < ends_on)
);
create index programmes_territory_idx on programmes (territory_id);

create table programme_targets (
    programme_id  uuid not null references programmes on delete cascade,
    indicator     text not null,
    due_on        date not null,
    value         double precision,
    is_baseline   boolean not null default false,
    primary key (programme_id, indicator, due_on)
);

create table funding_lines (
    id           uuid primary key,
    programme_id uuid not null references programmes on delete cascade,
    phase        text not null,
    funder       text not null,
    is_external  boolean not null,
    period       text not null,
    starts_on    date not null,
    ends_on      date not null,
    is_acquired  boolean not null,
    amount_eur   integer not null check (amount_eur >= 0),
    version      integer not null default 1,
    check (starts_on <= ends_on)
);
create index funding_lines_programme_idx on funding_lines (programme_id);

create type commitment_state as enum ('acquired', 'under_way', 'in_discussion', 'to_discuss');

create table commitments (
    id           uuid primary key,
    programme_id uuid not null references programmes on delete cascade,
    partner      text not null,
    what         text not null,
    period       text not null,
    state        commitment_state not null,
    next_step    text,
    version      integer not null default 1
);
create index commitments_programme_idx on commitments (programme_id);

-- The lines of the calendar: what is planned, and up to when it is done.
create table programme_tasks (
    id           uuid primary key,
    programme_id uuid not null references programmes on delete cascade,
    title        text not null check (btrim(title) <> ''),
    starts_on    date not null,
    ends_on      date not null,
    done_until   date,
    rank         integer not null default 0,
    version      integer not null default 1,
    check (starts_on <= ends_on)
);
create index programme_tasks_programme_idx on programme_tasks (programme_id);

create type partner_kind as enum ('company', 'local_authority', 'chamber', 'club', 'education', 'agriculture', 'funder', 'other');

create table partners (
    id              uuid primary key,
    programme_id    uuid not null references programmes on delete cascade,
    name            text not null check (btrim(name) <> ''),
    kind            partner_kind not null,
    is_on_committee boolean not null,
    version         integer not null default 1,
    constraint partners_name_key unique (programme_id, name)
);

create type meeting_kind as enum ('steering', 'technical');

create table meetings (
    id           uuid primary key,
    programme_id uuid not null references programmes on delete cascade,
    kind         meeting_kind not null,
    held_on      date not null,
    is_held      boolean not null,
    agenda       text not null,
    version      integer not null default 1
);
create index meetings_programme_idx on meetings (programme_id, held_on);

-- Who was invited, and who came.
create table meeting_attendances (
    meeting_id uuid not null references meetings on delete cascade,
    partner_id uuid not null references partners on delete cascade,
    is_present boolean not null,
    primary key (meeting_id, partner_id)
);
create index meeting_attendances_partner_idx on meeting_attendances (partner_id);

create type decision_state as enum ('to_do', 'under_way', 'done', 'dropped');

-- What a meeting decided, as an action that somebody does.
create table decisions (
    id         uuid primary key,
    meeting_id uuid not null references meetings on delete cascade,
    what       text not null check (btrim(what) <> ''),
    owner      text,
    due_on     date,
    state      decision_state not null,
    version    integer not null default 1
);
create index decisions_meeting_idx on decisions (meeting_id);

create type outreach_kind as enum ('communication', 'exchange');

-- What made the programme known, and what was shared with other territories.
create table outreach (
    id           uuid primary key,
    programme_id uuid not null references programmes on delete cascade,
    kind         outreach_kind not null,
    title        text not null check (btrim(title) <> ''),
    held_on      date not null,
    detail       text,
    version      integer not null default 1
);
create index outreach_programme_idx on outreach (programme_id, held_on);

create type expense_kind as enum ('staff_time', 'travel', 'operations', 'other');

create table expenses (
    id           uuid primary key,
    programme_id uuid not null references programmes on delete cascade,
    kind         expense_kind not null,
    payer        text not null check (btrim(payer) <> ''),
    label        text not null check (btrim(label) <> ''),
    spent_on     date not null,
    hours        double precision check (hours >= 0),
    amount_eur   integer not null check (amount_eur >= 0),
    version      integer not null default 1,
    constraint expenses_hours check (hours is null or kind = 'staff_time')
);
create index expenses_programme_idx on expenses (programme_id, spent_on);

-- What an hour of an agent costs in a territory: as its programmes spent it, else as its manager says.
create view hour_costs as
select t.id as territory_id, coalesce(told.cost, t.hour_cost_eur) as cost_eur, told.cost is not null as is_spent
from territories t
left join (select p.territory_id, nullif(sum(e.amount_eur), 0) / nullif(sum(e.hours), 0) as cost
           from expenses e join programmes p on p.id = e.programme_id
           where e.kind = 'staff_time' and e.hours > 0 group by p.territory_id) told on told.territory_id = t.id;

create table priorities (
    territory_id uuid not null references territories on delete cascade,
    category     text not null references flow_categories,
    rank         integer not null,
    decided_on   date not null,
    primary key (territory_id, category)
);

create type workshop_state as enum ('prepared', 'invited', 'held', 'closed');

create table workshops (
    id           uuid primary key,
    territory_id uuid not null references territories,
    title        text not null check (btrim(title) <> ''),
    held_on      date not null,
    begins_at    time not null default '08:30',
    ends_at      time not null default '10:30',
    place        text,
    capacity     integer not null default 28 check (capacity between 2 and 300),
    table_size   integer not null default 7 check (table_size between 2 and 20),
    -- Categories of flows that it is about; none means any.
    categories   text[] not null default '{}',
    -- What the advisor adds to the letter of invitation.
    message      text,
    state        workshop_state not null default 'prepared',
    owner_id     uuid references users,
    -- People who came; counted from the attendance sheet when there is one.
    participants integer not null default 0 check (participants >= 0),
    -- How many days before, by themselves: silent guests are asked again, those who come are reminded. None: never.
    chase_days   integer default 7 check (chase_days between 1 and 30),
    recall_days  integer default 2 check (recall_days between 1 and 30),
    version      integer not null default 1,
    constraint workshops_hours check (begins_at < ends_at)
);
create index workshops_territory_idx on workshops (territory_id, held_on);

create type guest_answer as enum ('waiting', 'yes', 'no');

-- An establishment on the list of a workshop: why it is asked, what it answers, whether it came.
create table workshop_guests (
    id               uuid primary key,
    workshop_id      uuid not null references workshops on delete cascade,
    establishment_id uuid not null references establishments,
    reason           text not null,
    answer           guest_answer not null default 'waiting',
    person           text,
    people           integer not null default 1 check (people between 1 and 4),
    comment          text,
    invited_at       timestamptz,
    reminded_at      timestamptz,
    answered_at      timestamptz,
    is_present       boolean,
    mark             smallint check (mark between 1 and 4),
    mark_comment     text,
    marked_at        timestamptz,
    -- For which day of the workshop those letters were written: another day, another letter.
    chased_for       date,
    recalled_for     date,
    constraint workshop_guests_key unique (workshop_id, establishment_id)
);
create index workshop_guests_establishment_idx on workshop_guests (establishment_id);

-- Links of letters: each opens the answer of one guest, without an account.
create table workshop_links (
    token_hash bytea primary key check (octet_length(token_hash) = 32),
    guest_id   uuid not null references workshop_guests on delete cascade,
    created_at timestamptz not null
);
create index workshop_links_guest_idx on workshop_links (guest_id);

-- Where each person of a guest sits; what a hand moved stays where it was put.
create table workshop_seats (
    guest_id uuid not null references workshop_guests on delete cascade,
    rank     integer not null check (rank between 1 and 4),
    table_no integer not null check (table_no between 1 and 99),
    is_kept  boolean not null default false,
    primary key (guest_id, rank)
);

-- What was said on the day: who can give what to whom. The same idea said again joins the first.
create table workshop_ideas (
    id               uuid primary key,
    workshop_id      uuid not null references workshops on delete cascade,
    giver_id         uuid not null references establishments,
    taker_id         uuid not null references establishments,
    giver_flow       uuid not null references flows,
    taker_flow       uuid not null references flows,
    label            text not null check (btrim(label) <> ''),
    merged_into      uuid references workshop_ideas,
    -- Flows that this idea brought into the inventory: taken back with it.
    made_giver_flow  boolean not null,
    made_taker_flow  boolean not null,
    synergy_id       uuid references synergies on delete set null,
    is_reinforcement boolean not null default false,
    said_by          uuid references users,
    said_at          timestamptz not null,
    undone_at        timestamptz,
    constraint workshop_ideas_two check (giver_id <> taker_id)
);
create index workshop_ideas_workshop_idx on workshop_ideas (workshop_id, said_at desc);

-- What somebody does next and before when: for a synergy, one at a time, or as promised at a workshop. Kept once done.
create table next_actions (
    id               uuid primary key,
    synergy_id       uuid references synergies on delete cascade,
    workshop_id      uuid references workshops on delete cascade,
    establishment_id uuid references establishments,
    what             text not null check (btrim(what) <> ''),
    owner            uuid not null references users,
    due_on           date not null,
    done_on          date,
    constraint next_actions_subject check (num_nonnulls(synergy_id, workshop_id) = 1)
);
create unique index next_actions_synergy_key on next_actions (synergy_id) where done_on is null;
create index next_actions_owner_idx on next_actions (owner, due_on) where done_on is null;
create index next_actions_workshop_idx on next_actions (workshop_id);

-- An advisor's visits and workshops as a calendar that a telephone reads: who has the address reads it.
create table calendar_feeds (
    user_id      uuid primary key references users on delete cascade,
    territory_id uuid not null references territories,
    token_hash   bytea not null constraint calendar_feeds_token_key unique check (octet_length(token_hash) = 32),
    created_at   timestamptz not null
);

-- ---------------------------------------------------------------- indicators

create type evaluation_state as enum ('open', 'closed');

-- One year judged; closing keeps every line of it as it was read that day.
create table evaluations (
    id           uuid primary key,
    territory_id uuid not null references territories,
    year         integer not null check (year between 2000 and 2100),
    state        evaluation_state not null default 'open',
    closed_at    timestamptz,
    closed_by    text,
    frozen       jsonb,
    version      integer not null default 1,
    constraint evaluations_year_key unique (territory_id, year),
    constraint evaluations_frozen check ((state = 'closed') = (frozen is not null) and (frozen is null) = (closed_at is null))
);

-- What people answered; a value beside a computed one carries its justification.
create table evaluation_answers (
    evaluation_id    uuid not null references evaluations on delete cascade,
    indicator        text not null,
    value            double precision,
    is_not_concerned boolean not null,
    justification    text,
    evidence         text,
    version          integer not null default 1,
    primary key (evaluation_id, indicator),
    constraint evaluation_answers_one check (value is null or not is_not_concerned)
);

-- The territory's own wording and bounds, every version kept; the latest is in force.
create table indicator_wordings (
    territory_id uuid not null references territories,
    indicator    text not null,
    version      integer not null,
    title        text not null check (btrim(title) <> ''),
    is_official  boolean not null,
    bound_0      double precision,
    bound_100    double precision,
    written_at   timestamptz not null,
    written_by   text not null,
    primary key (territory_id, indicator, version),
    constraint indicator_wordings_bounds check (num_nonnulls(bound_0, bound_100) <> 1 and (bound_0 is null or bound_0 <> bound_100))
);

-- Indicators that a territory adds to its contract.
create table own_indicators (
    id           uuid primary key,
    territory_id uuid not null references territories,
    code         text not null check (code ~ '^P[0-9]{2}$'),
    title        text not null check (btrim(title) <> ''),
    unit         text not null,
    help         text not null,
    version      integer not null default 1,
    constraint own_indicators_code_key unique (territory_id, code)
);

create table own_indicator_values (
    indicator_id uuid not null references own_indicators on delete cascade,
    counted_on   date not null,
    value        double precision not null,
    primary key (indicator_id, counted_on)
);

-- Territories whose closed evaluations are read by those that show theirs.
create table evaluation_sharing (
    territory_id uuid primary key references territories,
    since        date not null
);

-- What a large inventory adds up to: too long to sum at each reading. All the parts of a territory are of the
-- same moment; a small inventory keeps none.
create table kept_sums (
    territory_id uuid not null references territories on delete cascade,
    part         text not null,
    summed_at    timestamptz not null,
    content      json not null,
    primary key (territory_id, part)
);

-- ---------------------------------------------------------------- imports

-- mapping: somebody must say what the columns are; reading and applying: a job is at work.
create type import_state as enum ('mapping', 'reading', 'checked', 'applying', 'applied', 'abandoned', 'failed');
create type import_table as enum ('sites', 'flows');
create type import_outcome as enum ('created', 'updated', 'unchanged', 'refused');

create table imports (
    id           uuid primary key,
    territory_id uuid not null references territories,
    user_id      uuid not null references users,
    state        import_state not null,
    file_names   text[] not null,
    parts        jsonb not null,               -- the tables found in the files, and what their columns are
    report       jsonb not null,
    is_changed   boolean not null default false, -- the territory moved between the check and the confirmation
    failure      text,
    created_at   timestamptz not null,
    applied_at   timestamptz
);
create index imports_territory_idx on imports (territory_id, created_at desc);

-- The files as they came, until they are read and applied or given up.
create table import_files (
    import_id uuid not null references imports on delete cascade,
    rank      integer not null check (rank >= 0),
    name      text not null,
    content   bytea not null,
    primary key (import_id, rank)
);

-- What the columns of a kind of file are, told once for a territory: one name or null for each title.
create table import_mappings (
    territory_id uuid not null references territories on delete cascade,
    headers_hash bytea not null check (octet_length(headers_hash) = 32),
    format       text not null,
    fields       jsonb not null,
    user_id      uuid not null references users,
    saved_at     timestamptz not null,
    primary key (territory_id, headers_hash)
);

-- One row per line of the files: as written, and as judged when it was checked.
create table import_rows (
    import_id    uuid not null references imports on delete cascade,
    import_table import_table not null,
    line         integer not null,
    cells        jsonb not null,
    outcome      import_outcome not null,
    title        text not null,
    changes      jsonb not null,
    remarks      text[] not null,
    primary key (import_id, import_table, line)
);
create index import_rows_outcome_idx on import_rows (import_id, outcome);
