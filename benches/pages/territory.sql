-- A territory of :flows flows and :synergies synergies, with an advisor and a committee of its own. The same
-- rows on every machine: whatever varies follows from the rank of the row. Places and nomenclature are the real
-- ones; every name is a placeholder.

create function pg_temp.id(kind text, rank bigint) returns uuid language sql immutable as
    $$ select md5('bench-' || kind || '-' || rank)::uuid $$;
create function pg_temp.draw(kind text, rank bigint, below bigint) returns bigint language sql immutable as
    $$ select (hashtextextended(kind, rank) & 9223372036854775807) % below $$;

insert into territories (id, name, is_demo, is_public, latitude, longitude, establishments, created_at)
values (pg_temp.id('territory', 0), 'Mesure des pages', true, true, 47.79, 1.07, 2 * :flows / 14, now());
insert into territory_communes (territory_id, insee)
select pg_temp.id('territory', 0), insee from communes where department = '41' and latitude is not null;

insert into activity_zones (id, territory_id, name, latitude, longitude)
select pg_temp.id('zone', z), pg_temp.id('territory', 0), 'Zone ' || z, 47.5 + z % 7 * 0.08, 0.8 + z % 6 * 0.1 from generate_series(0, 39) z;

insert into organisations (id, name, kind, created_at)
select pg_temp.id('organisation', o), 'Organisation de mesure ' || o, 'cci', now() from generate_series(0, 2) o;
insert into users (id, email, name, organisation_id, created_at)
select pg_temp.id('user', u), 'mesure-' || u || '@exemple.fr', 'Mesure ' || u, pg_temp.id('organisation', u % 3), now() from generate_series(0, 8) u;
insert into user_roles (id, user_id, role, territory_id)
select pg_temp.id('role', u), pg_temp.id('user', u), (case when u = 8 then 'committee' when u = 7 then 'pilot' else 'advisor' end)::role, pg_temp.id('territory', 0)
from generate_series(0, 8) u;

insert into companies (id, territory_id, name, created_at)
select pg_temp.id('company', c), pg_temp.id('territory', 0), 'Société ' || c, now() from generate_series(0, :flows / 14 * 6 / 7) c;

create temp table places as select row_number() over (order by insee) - 1 as rank, insee, latitude, longitude from communes where department = '41' and latitude is not null;
create temp table trades as select row_number() over (order by code) - 1 as rank, code from naf_codes;
create temp table kinds as select row_number() over (order by md5(code)) - 1 as rank, code, unit from flow_categories where not is_retired;

-- A tenth of the communes has half of the sites.
insert into establishments (id, company_id, territory_id, name, naf, headcount, insee, latitude, longitude, position_source, zone_id, created_at, updated_at, archived_at)
select pg_temp.id('site', s), pg_temp.id('company', s % (:flows / 14 * 6 / 7)), pg_temp.id('territory', 0), 'Site ' || s, t.code,
       (array['h1_2', 'h6_9', 'h20_49', 'h100_199']::headcount_band[])[1 + s % 4], p.insee,
       p.latitude + pg_temp.draw('lat', s, 200) * 0.0001, p.longitude + pg_temp.draw('lon', s, 200) * 0.0001, 'manual',
       case when pg_temp.draw('zone', s, 3) < 2 then pg_temp.id('zone', pg_temp.draw('which', s, 40)) end,
       now() - interval '900 days', now(), case when s % 50 = 49 then now() - interval '100 days' end
from generate_series(0, :flows / 14) s
join places p on p.rank = case when s % 2 = 0 then pg_temp.draw('commune', s, 27) else pg_temp.draw('commune', s, (select count(*) from places)) end
join trades t on t.rank = pg_temp.draw('naf', s, (select count(*) from trades));

-- One validated visit a site over three years, and some to come.
insert into visits (id, territory_id, establishment_id, status, visit_on, duration_minutes, created_at, validated_at)
select pg_temp.id('visit', s), pg_temp.id('territory', 0), pg_temp.id('site', s), (case when s % 12 = 0 then 'planned' else 'validated' end)::visit_status,
       current_date + case when s % 12 = 0 then pg_temp.draw('day', s, 60)::int else -pg_temp.draw('day', s, 1100)::int end, 90, now(),
       case when s % 12 > 0 then now() end
from generate_series(0, :flows / 14) s;
insert into visit_advisors (visit_id, user_id)
select pg_temp.id('visit', s), pg_temp.id('user', pg_temp.draw('advisor', s, 7)) from generate_series(0, :flows / 14) s;

-- Popularity falls as the rank of the category rises; a fifth was confirmed since, a sixth came by import.
insert into flows (id, territory_id, establishment_id, visit_id, reference, direction, category, label, quantity, unit, period, annual_quantity,
                   outlet, annual_cost_eur, visibility, source, observed_on, confirmed_on, created_at, updated_at, deleted_at)
select pg_temp.id('flow', f), pg_temp.id('territory', 0), pg_temp.id('site', f % (:flows / 14)),
       case when f % 6 > 0 and v.status = 'validated' then v.id end, 'F' || f, (case when pg_temp.draw('way', f, 100) < 42 then 'outbound' else 'inbound' end)::flow_direction,
       k.code, 'Flux ' || k.code || ' n° ' || f, case when f % 4 > 0 then 1 + pg_temp.draw('quantity', f, 900) end,
       case when f % 4 > 0 then k.unit end, (case when f % 4 > 0 then 'year' end)::flow_period, case when f % 4 > 0 then 1 + pg_temp.draw('quantity', f, 900) end,
       case when pg_temp.draw('outlet', f, 3) > 0 then (array['Benne ', 'Recyclage ', 'Reprise par ', 'Incinération ', 'Prestataire ', 'Chez '])[1 + f % 6] || pg_temp.draw('words', f, 300) end,
       case when f % 5 = 0 then pg_temp.draw('cost', f, 9000) end, (array['internal', 'anonymised', 'shareable']::visibility[])[1 + f % 3],
       (case when f % 6 > 0 then 'visit' else 'import' end)::flow_source,
       case when f % 6 > 0 and v.status = 'validated' then v.visit_on else current_date - 30 * (1 + pg_temp.draw('batch', f, 30)::int) end,
       case when f % (:flows / 14) % 5 = 0 then current_date - pg_temp.draw('confirmed', f % (:flows / 14), 300)::int end,
       now() - interval '600 days', now(), case when f % 40 = 39 then now() - interval '50 days' end
from generate_series(0, :flows - 1) f
join visits v on v.id = pg_temp.id('visit', f % (:flows / 14))
join kinds k on k.rank = pg_temp.draw('first', f, 1 + pg_temp.draw('kind', f, (select count(*) from kinds)));

insert into priorities (territory_id, category, rank, decided_on)
select pg_temp.id('territory', 0), code, rank, current_date from kinds where rank < 7;

-- Two in five wait to be studied, one in ten is in place.
insert into synergies (id, territory_id, number, key, kind, origin, state, category, title, score, confidence, distance_km, priority, explanation,
                       fingerprint, params_version, realised_on, motive, wake_on, is_current, assigned_to, decided_at, proposed_at, updated_at, state_since)
select pg_temp.id('synergy', s), pg_temp.id('territory', 0), s + 1, 'bench-' || s, (case when s % 9 = 0 then 'mutualisation' else 'substitution' end)::synergy_kind, 'engine',
       drawn.state, f.category, 'Synergie ' || s, 40 + pg_temp.draw('score', s, 60), 0.7, 3, pg_temp.draw('priority', s, 1000), '{}', 'f', 'v',
       case when drawn.state in ('realised', 'durable') then current_date - pg_temp.draw('since', s, 700)::int end,
       case when drawn.state = 'rejected' then (select min(code) from motives) end, case when drawn.state = 'asleep' then current_date + 60 end,
       s % 30 > 0, case when drawn.state <> 'proposed' then pg_temp.id('user', s % 7) end,
       case when drawn.state <> 'proposed' then now() - interval '30 days' end, now() - interval '1 day' * (200 + pg_temp.draw('proposed', s, 800)), now(), now() - interval '20 days'
from generate_series(0, :synergies - 1) s
cross join lateral (select (array['proposed', 'proposed', 'proposed', 'proposed', 'under_review', 'prevalidated', 'agreed', 'realised', 'rejected', 'asleep']::synergy_state[])[1 + s % 10] as state) drawn
join flows f on f.id = pg_temp.id('flow', s * 7);
insert into synergy_members (synergy_id, establishment_id, flow_id, side)
select pg_temp.id('synergy', s), f.establishment_id, f.id, case when m = 0 then 'outbound' else 'inbound' end::member_side
from generate_series(0, :synergies - 1) s cross join generate_series(0, 1) m join flows f on f.id = pg_temp.id('flow', s * 7 + m * 3);
insert into synergy_results (synergy_id, origin, diverted_t, energy_mwh, avoided_tco2e, savings_eur)
select id, 'estimated', 10 + number % 90, number % 40, number % 20, 1000 + number from synergies
where territory_id = pg_temp.id('territory', 0) and state in ('realised', 'durable');

-- The steps that the journal dates, then what people did to the inventory.
insert into journal (at, user_id, author, territory_id, subject, subject_id, action, after)
select s.proposed_at + interval '9 days' * step.rank, pg_temp.id('user', s.number % 7), 'mesure', s.territory_id, 'synergy', s.id, 'étape', jsonb_build_object('state', step.state)
from synergies s
cross join lateral (values (1, 'under_review'), (2, 'prevalidated'), (3, 'contact_proposed'), (4, 'agreed'), (5, 'realised')) step (rank, state)
where s.territory_id = pg_temp.id('territory', 0) and s.state not in ('proposed', 'rejected', 'asleep')
  and step.rank <= case s.state when 'under_review' then 1 when 'prevalidated' then 2 when 'agreed' then 4 else 5 end;
insert into journal (at, user_id, author, territory_id, subject, subject_id, action)
select f.created_at, pg_temp.id('user', 0), 'mesure', f.territory_id, 'flow', f.id, 'flux ajouté' from flows f where f.territory_id = pg_temp.id('territory', 0);

insert into programmes (id, territory_id, name, starts_on, ends_on)
values (pg_temp.id('programme', 0), pg_temp.id('territory', 0), 'Démarche de mesure', current_date - 1100, current_date + 700);
insert into programme_targets (programme_id, indicator, due_on, value)
select pg_temp.id('programme', 0), code, current_date + 365, 1000 from unnest(array['A01', 'B08', 'A17', 'B16', 'B19', 'C12']) code;
insert into sessions (token_hash, user_id, territory_id, created_at, seen_at, address, agent)
select sha256(convert_to('bench-' || u, 'UTF8')), pg_temp.id('user', u), pg_temp.id('territory', 0), now(), now(), 'mesure', 'mesure' from unnest(array[0, 7, 8]) u;
