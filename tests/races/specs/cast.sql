-- What the specs stand on: one sample that the product made, its people, and the statements of its use cases.
-- The functions send what SQLAlchemy sends for the Python functions that they are called like, in that order, and
-- decide on what was read before (race.status, race.number), as Python does: whether that is still true when they
-- write is what the guards are for. Runs in a database of its own, where the placeholders have been filled in.

CREATE TABLE person AS SELECT * FROM (VALUES :people) people (name, id);

CREATE VIEW subject AS
    SELECT s.*, t.document_id, (
        SELECT max(r.id) FROM revisions r WHERE r.sample_id = s.id AND r.number = s.revision_count
    ) AS revision_id
    FROM samples s JOIN tasks t ON t.id = s.task_id WHERE s.id = :sample;

CREATE TABLE kept_samples AS TABLE samples;
CREATE TABLE kept_slots AS TABLE slots;
CREATE TABLE kept_drafts AS TABLE drafts;
CREATE TABLE kept_draft_saves AS TABLE draft_saves;
CREATE TABLE kept_revisions AS TABLE revisions;
CREATE TABLE kept_reviews AS TABLE reviews;
CREATE TABLE kept_likeness_bands AS TABLE likeness_bands;
CREATE TABLE kept_events AS TABLE events;
CREATE TABLE kept_text_reports AS TABLE text_reports;
CREATE TABLE kept_idempotency_keys AS TABLE idempotency_keys;

-- Each permutation begins with the rows as the product left them; the guards look away while they are put back.
CREATE FUNCTION begin_anew() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
    columns text;
    names text[] := ARRAY['slots', 'samples', 'drafts', 'draft_saves', 'revisions', 'likeness_bands', 'reviews',
        'events', 'text_reports', 'idempotency_keys'];
BEGIN
    FOREACH name IN ARRAY names LOOP EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', name); END LOOP;
    FOR place IN REVERSE cardinality(names) .. 1 LOOP EXECUTE format('DELETE FROM %I', names[place]); END LOOP;
    FOREACH name IN ARRAY names LOOP
        -- What the database computes itself cannot be put back.
        SELECT string_agg(quote_ident(column_name), ', ') INTO columns FROM information_schema.columns
            WHERE table_schema = current_schema AND table_name = name AND is_generated = 'NEVER';
        EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM kept_%I', name, columns, columns, name);
    END LOOP;
    FOREACH name IN ARRAY names LOOP EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', name); END LOOP;
END $$;

CREATE FUNCTION person_id(wanted text) RETURNS bigint LANGUAGE sql AS $$
    SELECT id FROM person WHERE name = wanted
$$;

-- moves.move with audit.record
CREATE FUNCTION move(who text, act text, status_before text, status_after text, more jsonb DEFAULT '{}')
RETURNS void LANGUAGE sql AS $$
    INSERT INTO events (at, actor_id, actor_name, verb, project_id, subject_type, subject_id, before, after,
        comment, details)
    SELECT clock_timestamp(), person_id(who), who, 'sample.' || act, project_id, 'sample', id, status_before,
        status_after, '', more FROM subject;
    UPDATE samples SET status = status_after, updated_at = clock_timestamp() WHERE id = (SELECT id FROM subject);
$$;

-- reviews.service.decide, with the status that workflow.decide gave
CREATE FUNCTION decide_as(who text, act text, status_after text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE review bigint;
BEGIN
    IF current_setting('race.status') <> 'submitted' THEN RETURN 'wrong_status'; END IF;
    INSERT INTO reviews (revision_id, reviewer_id, action, reason)
        SELECT revision_id, person_id(who), act, 'Because.' FROM subject RETURNING id INTO review;
    PERFORM move(who, act, 'submitted', status_after, jsonb_build_object('revision', 1, 'review', review));
    IF status_after = 'rejected' THEN
        UPDATE slots SET state = 'free', lease_expires_at = NULL WHERE id = (SELECT slot_id FROM subject);
    END IF;
    RETURN 'done';
END $$;

-- the same for an approval of two: reviews.queries.count_approvals before it
CREATE FUNCTION approve_as(who text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE given bigint;
BEGIN
    SELECT count(*) INTO given FROM reviews
        WHERE revision_id = (SELECT revision_id FROM subject) AND action = 'approve' AND undone_at IS NULL;
    RETURN decide_as(who, 'approve', CASE WHEN given + 1 < 2 THEN 'submitted' ELSE 'approved' END);
END $$;

-- reviews.service.undo: refused by queries.find_undoable where somebody has acted since
CREATE FUNCTION undo_as(who text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE mine bigint;
BEGIN
    SELECT id INTO mine FROM reviews WHERE reviewer_id = person_id(who) AND undone_at IS NULL
        AND id = (SELECT (details ->> 'review')::bigint FROM events
            WHERE subject_type = 'sample' AND subject_id = (SELECT id FROM subject) ORDER BY id DESC LIMIT 1);
    IF mine IS NULL THEN RETURN 'undo_refused'; END IF;
    UPDATE reviews SET undone_at = clock_timestamp() WHERE id = mine;
    PERFORM move(who, 'undo', current_setting('race.status'), 'submitted',
        jsonb_build_object('revision', 1, 'review', mine));
    RETURN 'done';
END $$;

-- submission.recall: the status, then leases.take, which keeps the place under a lease
CREATE FUNCTION recall_as(who text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('race.status') <> 'submitted' THEN RETURN 'wrong_status'; END IF;
    PERFORM move(who, 'recall', 'submitted', 'draft');
    PERFORM FROM tasks WHERE id = (SELECT task_id FROM subject) FOR UPDATE;
    UPDATE slots SET state = 'writing', lease_expires_at = clock_timestamp() + interval '1 hour'
        WHERE id = (SELECT slot_id FROM subject);
    RETURN 'done';
END $$;

-- submission.submit: leases.take, revisions.add_revision, moves.move
CREATE FUNCTION submit_as(who text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('race.status') <> 'draft' THEN RETURN 'already submitted'; END IF;
    PERFORM FROM tasks WHERE id = (SELECT task_id FROM subject) FOR UPDATE;
    UPDATE slots SET state = 'held', lease_expires_at = NULL WHERE id = (SELECT slot_id FROM subject);
    INSERT INTO revisions (sample_id, number, author_id, draft_number, output, evidence, clauses, output_sha256,
        contract_sha256, phrasing_sha256, guidelines_version, clause_set_version, policy_version, attested_at)
    SELECT s.id, 1, s.annotator_id, d.number, d.output, d.evidence, d.clauses,
        sha256(convert_to(d.output, 'UTF8')), x.sha256, sha256(convert_to(p.text, 'UTF8')), 1, 1, 1, now()
    FROM subject s JOIN drafts d ON d.sample_id = s.id JOIN tasks t ON t.id = s.task_id
        JOIN document_texts x ON x.id = t.text_id JOIN phrasings p ON p.id = t.phrasing_id;
    INSERT INTO events (at, actor_id, actor_name, verb, project_id, subject_type, subject_id, before, after,
        comment, details)
    SELECT clock_timestamp(), annotator_id, who, 'sample.submit', project_id, 'sample', id, 'draft', 'submitted',
        '', '{"revision": 1}' FROM subject;
    UPDATE samples SET revision_count = 1, status = 'submitted', submitted_at = clock_timestamp()
        WHERE id = (SELECT id FROM subject);
    RETURN 'done';
END $$;

-- writing.save_draft on a page that knows draft number 1, by another page than the last one
CREATE FUNCTION save_as(who text, typed text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('race.number') <> '1' THEN
        INSERT INTO draft_saves (sample_id, based_on, editor, author_id, output, evidence, clauses)
            SELECT id, 1, typed, person_id(who), typed, '[]', '{}' FROM subject;
        RETURN 'stale_draft';
    END IF;
    INSERT INTO draft_saves (sample_id, number, editor, author_id, output, evidence, clauses, saved_at)
        SELECT sample_id, number, editor, author_id, output, evidence, clauses, saved_at FROM drafts
        WHERE sample_id = (SELECT id FROM subject);
    UPDATE drafts SET number = 2, output = typed, editor = typed, author_id = person_id(who)
        WHERE sample_id = (SELECT id FROM subject);
    RETURN 'done';
END $$;
