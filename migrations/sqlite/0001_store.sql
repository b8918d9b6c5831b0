-- Projects, runs and what belongs to them. Read by every page; history itself is in 0002.

CREATE TABLE project (
    id              INTEGER PRIMARY KEY,
    name            TEXT    NOT NULL UNIQUE,
    description     TEXT,
    created_ms      INTEGER NOT NULL,
    activity_ms     INTEGER NOT NULL,
    runs_made       INTEGER NOT NULL DEFAULT 0          -- numbers are never reused, also after a deletion
) STRICT;

CREATE TABLE run (
    id                  INTEGER PRIMARY KEY,
    code                TEXT    NOT NULL UNIQUE,        -- the id that clients make
    project_id          INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    name                TEXT    NOT NULL,
    state               TEXT    NOT NULL CHECK (state IN ('running', 'finished', 'failed', 'killed')),
    group_name          TEXT,
    job_type            TEXT,
    notes               TEXT,
    color               INTEGER NOT NULL,
    number              INTEGER NOT NULL,
    parent              TEXT,
    created_ms          INTEGER NOT NULL,
    started_ms          INTEGER NOT NULL,
    finished_ms         INTEGER,
    heartbeat_ms        INTEGER NOT NULL,
    last_step           INTEGER,
    row_count           INTEGER NOT NULL DEFAULT 0,
    point_count         INTEGER NOT NULL DEFAULT 0,
    config              TEXT,                           -- nested, as given
    summary_values      TEXT,                           -- set explicitly
    tags                TEXT    NOT NULL DEFAULT '[]',
    findings            TEXT,
    report              TEXT,
    exit_code           INTEGER,
    idempotency_key     TEXT,
    log_lines           INTEGER NOT NULL DEFAULT 0,
    summarised_batch    INTEGER NOT NULL DEFAULT 0,     -- counts and summaries hold every batch up to this one
    folded_batch        INTEGER NOT NULL DEFAULT 0,     -- chunks hold every batch up to this one
    version             INTEGER NOT NULL DEFAULT 0      -- grows with every change of what is shown
) STRICT;

CREATE INDEX run_by_project_created ON run (project_id, created_ms, id);
CREATE INDEX run_by_project_name ON run (project_id, name);
CREATE INDEX run_by_project_state ON run (project_id, state);

CREATE TABLE run_tag (
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    tag         TEXT    NOT NULL,
    PRIMARY KEY (run_id, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_tag_by_tag ON run_tag (tag, run_id);

-- One process's life in a run. Points of older attempts at steps >= resume_step are hidden.
CREATE TABLE attempt (
    run_id          INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number          INTEGER NOT NULL,
    started_ms      INTEGER NOT NULL,
    resume_step     INTEGER,
    host            TEXT,
    idempotency_key TEXT,
    PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

-- Dotted keys of configs and explicit summaries: one name for each project, so that filters compare numbers.
CREATE TABLE config_key (
    id          INTEGER PRIMARY KEY,
    project_id  INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    kind        TEXT    NOT NULL CHECK (kind IN ('config', 'summary')),
    name        TEXT    NOT NULL,
    UNIQUE (project_id, kind, name)
) STRICT;

-- A filter on one key reads one contiguous range.
CREATE TABLE config_value (
    key_id      INTEGER NOT NULL REFERENCES config_key (id) ON DELETE CASCADE,
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number      REAL,                                   -- the value as a number, if it is one
    text        TEXT    NOT NULL,                       -- and as text, always
    PRIMARY KEY (key_id, run_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX config_value_by_run ON config_value (run_id);
CREATE INDEX config_value_by_number ON config_value (key_id, number) WHERE number IS NOT NULL;
CREATE INDEX config_value_by_text ON config_value (key_id, text);

CREATE TABLE metric_name (
    id          INTEGER PRIMARY KEY,
    project_id  INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    UNIQUE (project_id, name)
) STRICT;

-- One series: a metric of one run, with the summary that lists show without touching history.
CREATE TABLE metric (
    id                  INTEGER PRIMARY KEY,
    run_id              INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name_id             INTEGER NOT NULL REFERENCES metric_name (id) ON DELETE CASCADE,
    last                REAL,                           -- NULL stands for NaN in these
    min                 REAL,
    max                 REAL,
    sum                 REAL    NOT NULL DEFAULT 0,     -- of the finite ones
    count               INTEGER NOT NULL DEFAULT 0,     -- all points
    nan                 INTEGER NOT NULL DEFAULT 0,
    positive_infinity   INTEGER NOT NULL DEFAULT 0,
    negative_infinity   INTEGER NOT NULL DEFAULT 0,
    first_step          INTEGER NOT NULL DEFAULT 0,
    last_step           INTEGER NOT NULL DEFAULT 0,
    last_attempt        INTEGER NOT NULL DEFAULT 0,     -- with last_step: a later place is a new point, not a repeated one
    UNIQUE (run_id, name_id)
) STRICT;

CREATE INDEX metric_by_name ON metric (name_id, run_id);

-- What a metric means, from most general to most particular: project globs, then a run's own words.
CREATE TABLE metric_definition (
    project_id  INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    metric      TEXT    NOT NULL,                       -- a name or a glob
    goal        TEXT    CHECK (goal IN ('minimize', 'maximize')),
    summary     TEXT,
    step_metric TEXT,
    PRIMARY KEY (project_id, metric, run_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX metric_definition_by_run ON metric_definition (run_id);

-- The highest sequence of each writer: a repeated batch changes nothing, a gap is refused.
CREATE TABLE writer (
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    sequence    INTEGER NOT NULL,
    PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE histogram (
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    step        INTEGER NOT NULL,
    attempt     INTEGER NOT NULL,
    time_us     INTEGER NOT NULL,
    bins        BLOB    NOT NULL,                       -- docs/formats/histogram.md
    PRIMARY KEY (run_id, name, step, attempt)
) STRICT, WITHOUT ROWID;

CREATE TABLE log_line (
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,                       -- from 0, in the order of arrival
    time_us     INTEGER NOT NULL,
    stream      TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    id          INTEGER PRIMARY KEY,
    run_id      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    step        INTEGER,
    time_us     INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    text        TEXT,
    level       TEXT
) STRICT;

CREATE INDEX event_by_run ON event (run_id, time_us);

-- Which stored file belongs to which step; the file itself may still be on its way.
CREATE TABLE media (
    id              INTEGER PRIMARY KEY,
    run_id          INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    name            TEXT    NOT NULL,
    step            INTEGER NOT NULL,
    time_us         INTEGER NOT NULL,
    kind            TEXT    NOT NULL,
    digest          TEXT    NOT NULL,
    size            INTEGER NOT NULL,
    content_type    TEXT    NOT NULL,
    caption         TEXT
) STRICT;

CREATE INDEX media_by_run ON media (run_id, name, step);

CREATE TABLE api_key (
    id              TEXT    PRIMARY KEY,
    name            TEXT    NOT NULL,
    scope           TEXT    NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    prefix          TEXT    NOT NULL,
    hash            BLOB    NOT NULL UNIQUE,            -- SHA-256 of the key; the key itself is nowhere
    created_ms      INTEGER NOT NULL,
    expires_ms      INTEGER,
    last_used_ms    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE view (
    project_id  INTEGER NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    id          TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    shared      INTEGER NOT NULL CHECK (shared IN (0, 1)),
    state       TEXT    NOT NULL,
    updated_ms  INTEGER NOT NULL,
    PRIMARY KEY (project_id, id)
) STRICT, WITHOUT ROWID;
